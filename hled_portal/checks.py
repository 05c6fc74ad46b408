"""System checks of the database itself, run by `manage.py check --database default` and `migrate`."""

from django.core import checks
from django.db import Error, connections
from django.db.migrations.recorder import MigrationRecorder

from hled_portal.models import Publication
from hled_portal.publishing import timed_changes, triggers
from hled_portal.search import search_indexes
from hled_portal.web import replica

PACKAGES = ("hled_portal", "initiatives", "stakeholders")


@checks.register(checks.Tags.database)
def check_migrations(databases=None, **kwargs):
    """Refuse a database that `migrate` would fail on halfway."""
    return list(filter(None, (_outdated(connections[alias]) for alias in databases or ())))


@checks.register(checks.Tags.database)
def check_triggers(databases=None, **kwargs):
    """Name each missing trigger or index. Warnings, not errors: `migrate`, which repairs it, runs the checks first."""
    found = []
    for alias in databases or ():
        connection = connections[alias]
        if _outdated(connection):  # Cannot be repaired.
            continue
        found += [
            checks.Warning(
                f"The trigger {name} is missing from the database “{alias}” or differs from the expected one.",
                hint="Run “manage.py migrate” to install all triggers again.",
                id="hled_portal.W001",
            )
            for name in triggers.missing(connection)
        ]
        found += [
            checks.Warning(
                f"{name} of the search index is missing from the database “{alias}” or differs from the expected one.",
                hint="Run “manage.py migrate” to install the search index again.",
                id="hled_portal.W002",
            )
            for name in search_indexes.missing(connection)
        ]
    return found


@checks.register(checks.Tags.database)
def check_replica(databases=None, **kwargs):
    """Warn of a replica that readers' pages could never be read from."""
    if not databases or replica.ALIAS not in connections.settings:
        return []
    try:
        head = timed_changes.version_of(replica.ALIAS).partition(" ")[2]
        text = "" if _is_of_this_log(head) else "holds another record than DATABASE_URL"
    except Error as error:
        text = f"cannot be read ({str(error).strip()})"
    hint = "Pages are read from the primary until then."
    return [checks.Warning(f"The database of REPLICA_URL {text}.", hint=hint, id="hled_portal.W003")] if text else []


def _is_of_this_log(head: str) -> bool:
    return Publication.objects.filter(hash=head).exists() if head else not Publication.objects.exists()


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
        again = f"delete {path} (and {path}-wal and {path}-shm if they exist)"
    else:
        again = "set DATABASE_URL to an empty database"
    return checks.Error(
        f"The database “{connection.alias}” was created by an earlier development version of the portal: it has the "
        f"migration {app}.{name}, which no longer exists. It cannot be migrated.",
        hint=f"To keep its data, first run “manage.py export_dialogue DIRECTORY” with the checkout that created it. "
        f"Then {again}, run “make run”, and load the exported files with “manage.py load_dialogue DIRECTORY”. "
        "Accounts, submissions and subscriptions are not in the export.",
        id="hled_portal.E001",
    )
