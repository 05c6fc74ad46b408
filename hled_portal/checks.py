"""What `manage.py check --database default` says of the database itself."""

from django.core import checks
from django.db import connections

from .triggers import missing


@checks.register(checks.Tags.database)
def check_triggers(databases=None, **kwargs):
    """Name each missing trigger. A warning, not an error: `migrate`, which mends it, runs the checks first."""
    found = []
    for alias in databases or ():
        connection = connections[alias]
        found += [
            checks.Warning(
                f"The database “{alias}” lacks the trigger {name}, or has another one under this name.",
                hint="Run “manage.py migrate”: it puts every trigger up again.",
                id="hled_portal.W001",
            )
            for name in missing(connection)
        ]
    return found
