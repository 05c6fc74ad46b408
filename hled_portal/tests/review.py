"""The review of April 2024 in the tests: loaded once in a process, then put back row by row as it was.

Loading validates every row and takes many times as long as putting the same rows back. Each table comes back with its
own keys, past the models and through the triggers of the database, which so say once more that it is right.
"""

import datetime
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

REVIEW = settings.BASE_DIR / "initiatives" / "reviews" / "2024-04-19"
DAY = datetime.date(2024, 4, 19)
#: Filled by migrations, in every database of the tests already.
KEPT = {"auth_group", "auth_permission", "auth_group_permissions", "django_content_type"}


class Rows(NamedTuple):
    """The rows of a table, with its columns: a migration that SQLite rebuilds a table for may change their order."""

    columns: list[str]
    rows: list[tuple]


def load_review() -> None:
    """Fill the empty record with the review of April 2024, published as of its day."""
    with transaction.atomic():
        for table, found in _rows().items():
            if found.rows:
                _put_back(table, found)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
                cursor.execute(statement)


@contextmanager
def loaded_review():
    """The review in a transaction that is rolled back: for a fixture of a module."""
    with transaction.atomic():
        load_review()
        yield
        transaction.set_rollback(True)


@cache
def _rows() -> dict[str, Rows]:
    """Every row that a true load leaves behind, by table."""
    with transaction.atomic():
        call_command("load_dialogue", REVIEW, publish_as_of=DAY, verbosity=0)
        found = {table: _read(table) for table in _tables()}
        transaction.set_rollback(True)
    return found


def _tables() -> list[str]:
    """The log comes in the order of its positions, whose trigger asks for it; foreign keys wait for the end."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return sorted({model._meta.db_table for model in models} - KEPT)


def _read(table: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608
        return Rows([column[0] for column in cursor.description], cursor.fetchall())


def _put_back(table: str, found: Rows) -> None:
    columns = ", ".join(f'"{name}"' for name in found.columns)
    holes = ", ".join(["%s"] * len(found.columns))
    with connection.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({holes})', found.rows)  # noqa: S608
