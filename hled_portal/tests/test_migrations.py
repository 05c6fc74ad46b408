"""The migrations, from an empty database on, make what the models say.

All other tests run on tables that are made from the models.
"""

from collections import defaultdict
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from hled_portal.publishing import triggers
from hled_portal.search import search_indexes

from .processes import database_url, finish, starter

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
EMPTY = "portal_from_zero"
OUR_TABLES = ("hled_portal_", "initiatives_", "stakeholders_")


@contextmanager
def empty_database(folder):
    """The address of a database without tables, and a connection to it."""
    if connection.vendor == "postgresql":
        url, name = urlsplit(database_url(folder))._replace(path=f"/{EMPTY}").geturl(), EMPTY
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {EMPTY}")
    else:
        name = str(folder / f"{EMPTY}.sqlite3")
        url = f"sqlite:///{name}"
    other = connection.copy()
    other.settings_dict["NAME"] = name
    try:
        yield url, other
    finally:
        other.close()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {EMPTY}")


def statements(of) -> dict[str, list[tuple]]:
    """What made each table, on SQLite: of tables that are the same to the letter no more is asked, which takes long."""
    if of.vendor != "sqlite":
        return {}
    found = defaultdict(list)
    for table, sql in rows(of, "SELECT tbl_name, coalesce(sql, '') FROM sqlite_master"):
        found[table].append(sql)
    return found


def schema(of, tables) -> dict[str, tuple]:
    """Columns and constraints by table. Of a check the database gives its columns alone."""
    found = {}
    with of.cursor() as cursor:
        for table in tables:
            columns = {
                column.name: (column.type_code, column.null_ok, column.display_size, column.collation)
                for column in of.introspection.get_table_description(cursor, table)
            }
            constraints = [
                # SQLite counts foreign keys and what has no name in the order of the columns.
                ("" if name.startswith(("fk_", "__unnamed")) else name, str({**each, "definition": None}))
                for name, each in of.introspection.get_constraints(cursor, table).items()
            ]
            found[table] = columns, sorted(constraints)
    return found


def rows(of, query: str) -> list[tuple]:
    with of.cursor() as cursor:
        cursor.execute(query)
        return sorted(cursor.fetchall())


#: What the roles may do is put up after migrations.
ROLES = """
SELECT g.name, p.codename FROM auth_group g
JOIN auth_group_permissions gp ON gp.group_id = g.id JOIN auth_permission p ON p.id = gp.permission_id
"""


def test_migrations_from_zero_make_what_the_models_say(tmp_path, settings):
    with empty_database(tmp_path) as (url, migrated):
        with starter(DATABASE_URL=url, DEBUG="1") as start:
            code, words = finish(start("migrate", "--verbosity", "0"), 300)
        assert code == 0, words
        settings.MIGRATION_MODULES = {}
        applied = rows(migrated, "SELECT app, name FROM django_migrations")
        assert applied == sorted(MigrationLoader(None).disk_migrations)
        names, wanted_names = (
            set(of.introspection.table_names()) - {"django_migrations"} for of in (migrated, connection)
        )
        assert sorted(names) == sorted(wanted_names)
        # Django's own tables come from its migrations, under other names of constraints.
        ours = {table for table in names if table.startswith(OUR_TABLES)}
        assert len(ours) > 100
        made, wanted = statements(migrated), statements(connection)
        asked = [table for table in ours if not made or made[table] != wanted[table]]
        made, wanted = schema(migrated, asked), schema(connection, asked)
        assert {table: (made[table], wanted[table]) for table in asked if made[table] != wanted[table]} == {}
        assert triggers.missing(migrated) == []
        assert search_indexes.missing(migrated) == []
        assert rows(migrated, ROLES) == rows(connection, ROLES) != []
