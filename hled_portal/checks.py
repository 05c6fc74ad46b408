"""What `manage.py check --database default` and `migrate` say of the database itself."""

from django.core import checks
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from hled_portal.publishing import triggers
from hled_portal.search import search_indexes

PACKAGES = ("hled_portal", "initiatives", "stakeholders")


@checks.register(checks.Tags.database)
def check_migrations(databases=None, **kwargs):
    """Refuse a database that `migrate` would fail on halfway."""
    return list(filter(None, (_outdated(connections[alias]) for alias in databases or ())))


@checks.register(checks.Tags.database)
def check_triggers(databases=None, **kwargs):
    """Name each missing trigger or index. Warnings, not errors: `migrate`, which mends it, runs the checks first."""
    found = []
    for alias in databases or ():
        connection = connections[alias]
        if _outdated(connection):  # Nothing mends this one.
            continue
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
            for name in search_indexes.missing(connection)
        ]
    return found


def _outdated(connection) -> checks.Error | None:
    """The error of a database from before the migrations were made one for each app."""
    if not MigrationRecorder(connection).has_table():
        return None
    applied = MigrationRecorder.Migration.objects.using(connection.alias).filter(app__in=PACKAGES)
    names = list(applied.values_list("app", "name"))
    if not names or any(name == "0001_initial" for _app, name in names):
        return None
    app, name = sorted(names)[0]
    if connection.vendor == "sqlite":
        path = connection.settings_dict["NAME"]
        again = f"remove {path} (with {path}-wal and {path}-shm where they are)"
    else:
        again = "name an empty database in DATABASE_URL"
    return checks.Error(
        f"The database “{connection.alias}” was made by an earlier development version of the portal: it has the "
        f"migration {app}.{name}, which is gone. It cannot be brought up to date.",
        hint=f"To keep its record, first run “manage.py export_dialogue DIRECTORY” with the checkout that made it. "
        f"Then {again}, run “make run”, and load what was exported with “manage.py load_dialogue DIRECTORY”. "
        "Accounts, letters and followers are not in the export.",
        id="hled_portal.E001",
    )
