"""Operations of the first migrations."""

from itertools import groupby

from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation


class CreateModels(Operation):
    """Creates models one after the other, and has Django work out all of them once.

    After each operation Django works out every related model anew, which took eight of the ten seconds of `migrate`.
    """

    def __init__(self, operations: list[CreateModel]):
        self.operations = operations

    def state_forwards(self, app_label, state):
        vars(state).pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return "; ".join(operation.describe() for operation in self.operations)


def together(operations: list[Operation]) -> list[Operation]:
    """These operations, in which models that are created one after the other are created together."""
    found = []
    for is_creation, some in groupby(operations, lambda operation: isinstance(operation, CreateModel)):
        group = list(some)
        found += [CreateModels(group)] if is_creation else group
    return found
