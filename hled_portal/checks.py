"""What `manage.py check --database default` says of the database itself."""

from django.core import checks
from django.db import connections

from . import indexing, triggers


@checks.register(checks.Tags.database)
def check_triggers(databases=None, **kwargs):
    """Name each missing trigger or index. Warnings, not errors: `migrate`, which mends it, runs the checks first."""
    found = []
    for alias in databases or ():
        connection = connections[alias]
        found += [
            checks.Warning(
                f"The database “{alias}” lacks the trigger {name}, or has another one under this name.",
                hint="Run “manage.py migrate”: it puts every trigger up again.",
                id="hled_portal.W001",
            )
            for name in triggers.missing(connection)
        ]
        found += [
            checks.Warning(
                f"The database “{alias}” lacks {name} of the search, or has another one under this name.",
                hint="Run “manage.py migrate”: it puts the index of the search up again.",
                id="hled_portal.W002",
            )
            for name in indexing.missing(connection)
        ]
    return found
