"""Check constraints of a table, worked out in Python: thousands of rows are validated without a query for each rule.

The database asks them again when a row is saved. A condition that this module cannot read is asked of the database, as
`full_clean` does.
"""

import operator
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, F, Model, Q

_COMPARED = {"exact": operator.eq, "lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}


class UnknownCondition(Exception):
    """A condition that only a database can answer."""


def broken(row: Model) -> list[str]:
    """The messages of the check constraints that the row breaks."""
    found = []
    for constraint in row._meta.constraints:
        if not isinstance(constraint, CheckConstraint):
            continue
        try:
            holds = met(constraint.condition, lambda name: _value(row, name))
        except UnknownCondition:
            holds = _applies(constraint, row)
        if holds is False:
            found.append(constraint.get_violation_error_message())
    return found


def met(condition: Q, value_of: Callable[[str], object]) -> bool | None:
    """Whether the condition is met, as SQL sees it: None where it cannot be told because a value is missing."""
    found = [
        met(child, value_of) if isinstance(child, Q) else _compare(child, value_of) for child in condition.children
    ]
    if condition.connector == Q.AND:
        result = False if False in found else None if None in found else True
    elif condition.connector == Q.OR:
        result = True if True in found else None if None in found else False
    else:
        raise UnknownCondition(condition.connector)
    return result if not condition.negated or result is None else not result


def _compare(child, value_of) -> bool | None:
    if not isinstance(child, tuple):
        raise UnknownCondition(child)
    (name, wanted) = child
    name, _mark, how = name.partition("__")
    value, how = value_of(name), how or "exact"
    if how == "exact" and wanted is None:
        how, wanted = "isnull", True  # Django reads `column=None` so.
    if isinstance(wanted, F):
        wanted = value_of(wanted.name)
    elif hasattr(wanted, "resolve_expression"):
        raise UnknownCondition(wanted)
    if how == "isnull":
        return (value is None) == wanted
    if how not in (*_COMPARED, "in", "range"):
        raise UnknownCondition(how)
    if value is None or wanted is None:
        return None
    if how == "in":
        return value in list(wanted)
    if how == "range":
        return wanted[0] <= value <= wanted[1]
    return _COMPARED[how](value, wanted)


def _value(row: Model, name: str):
    try:
        return getattr(row, row._meta.get_field(name).attname)
    except LookupError:
        raise UnknownCondition(name) from None


def _applies(constraint: CheckConstraint, row: Model) -> bool:
    try:
        constraint.validate(type(row), row)
    except ValidationError:
        return False
    return True
