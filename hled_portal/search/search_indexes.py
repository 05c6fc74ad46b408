"""The indexes of full text, kept by each database beside its tables of rows (`fulltext.py`).

PostgreSQL indexes the column itself (`simple`, GIN). SQLite keeps an FTS5 table (`unicode61`), which triggers fill:
nothing writes a row past the index, a flush of the tests included. All of it is put up after each migration, like
the rules of `triggers.py`, because SQLite loses triggers with every rebuild of a table.
"""

# ruff: noqa: S608 - statements are written from names of tables alone

from django.apps import apps
from django.db import connection as default_connection
from django.db import connections, transaction
from django.db.models.signals import post_migrate, pre_migrate

from .fulltext import Searchable


def install(connection=default_connection) -> None:
    """Put up the index of each table that is there; where it stands as this version writes it, do nothing."""
    for model in _tables(connection):
        if not _absent(model, connection):
            continue
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for statement in [*_taking_down(model, connection.vendor), *_putting_up(model, connection.vendor)]:
                cursor.execute(statement)


def missing(connection) -> list[str]:
    """Names of indexes and triggers that are absent or not as this version writes them."""
    return [name for model in _tables(connection) for name in _absent(model, connection)]


def connect(sender) -> None:
    """Take the triggers down before each migration and put them up after it; called by the app's `ready()`."""
    pre_migrate.connect(remove_before_migrate, sender=sender, dispatch_uid="hled_portal.remove_indexes")
    post_migrate.connect(install_after_migrate, sender=sender, dispatch_uid="hled_portal.install_indexes")


def remove_before_migrate(sender, using, plan=None, **kwargs) -> None:
    connection = connections[using]
    if plan == [] or connection.vendor != "sqlite":
        return  # PostgreSQL keeps an index through every change of its table.
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for model in _tables(connection):
            for statement in _taking_down(model, connection.vendor):
                cursor.execute(statement)


def install_after_migrate(sender, using, **kwargs) -> None:
    install(connections[using])


def _tables(connection) -> list[type[Searchable]]:
    there = set(connection.introspection.table_names())
    models_ = (m for m in apps.get_models() if issubclass(m, Searchable) and m._meta.managed)
    return [model for model in models_ if model._meta.db_table in there]


def _objects(model, vendor: str) -> dict[str, str]:
    """What the database keeps beside the table: name and statement."""
    table = model._meta.db_table
    if vendor != "sqlite":
        name = f"{table}_folded_simple"
        # Without a list of what is to be added later, which every search would read until the table is vacuumed.
        columns = "gin (to_tsvector('simple', folded)) WITH (fastupdate = off)"
        return {name: f'CREATE INDEX "{name}" ON "{table}" USING {columns}'}
    fts = f"{table}_fts"
    add = f'INSERT INTO "{fts}" (rowid, folded) VALUES (NEW.id, NEW.folded);'
    # An FTS5 table without texts of its own must be told what it forgets.
    drop = f'INSERT INTO "{fts}" ("{fts}", rowid, folded) VALUES (\'delete\', OLD.id, OLD.folded);'
    return {
        fts: f'CREATE VIRTUAL TABLE "{fts}" USING fts5(folded, content="{table}", content_rowid="id", '
        f'tokenize="unicode61")',
        f"{fts}_insert": f'CREATE TRIGGER "{fts}_insert" AFTER INSERT ON "{table}" BEGIN {add} END',
        f"{fts}_update": f'CREATE TRIGGER "{fts}_update" AFTER UPDATE ON "{table}" BEGIN {drop} {add} END',
        f"{fts}_delete": f'CREATE TRIGGER "{fts}_delete" AFTER DELETE ON "{table}" BEGIN {drop} END',
    }


def _absent(model, connection) -> list[str]:
    wanted = _objects(model, connection.vendor)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE %s", [f"{model._meta.db_table}_fts%"])
            there = dict(cursor.fetchall())
            return [name for name, statement in wanted.items() if there.get(name) != statement]
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", [model._meta.db_table])
        return sorted(set(wanted) - {name for (name,) in cursor.fetchall()})


def _putting_up(model, vendor: str) -> list[str]:
    fts = f"{model._meta.db_table}_fts"
    rebuild = [f'INSERT INTO "{fts}" ("{fts}") VALUES (\'rebuild\')'] if vendor == "sqlite" else []
    return [*_objects(model, vendor).values(), *rebuild]


def _taking_down(model, vendor: str) -> list[str]:
    kinds = ("TABLE", "TRIGGER", "TRIGGER", "TRIGGER") if vendor == "sqlite" else ("INDEX",)
    found = zip(kinds, _objects(model, vendor), strict=True)
    return [f'DROP {kind} IF EXISTS "{name}"' for kind, name in reversed(list(found))]
