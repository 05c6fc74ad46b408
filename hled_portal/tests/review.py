"""The review of April 2024 and all shipped texts in the tests: loaded once, then put back row by row as they were.

Loading validates every row and takes many times as long as putting the same rows back. Each table comes back with its
own keys, past the models and through the triggers of the database, which so say once more that it is right. The rows
of a load are kept in a file beside the database of the portal, named by all that they depend on, for the processes that
run the tests side by side and for the next run.
"""

import datetime
import fcntl
import hashlib
import pickle
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

from .plugin import KEPT

REVIEW = settings.BASE_DIR / "initiatives" / "reviews" / "2024-04-19"
DAY = datetime.date(2024, 4, 19)
KEPT_ROWS = settings.BASE_DIR / "var" / "tests"


class Rows(NamedTuple):
    """The rows of a table, with its columns: a migration that SQLite rebuilds a table for may change their order."""

    columns: list[str]
    rows: list[tuple]


def load_review() -> None:
    """Fill the empty record with the review of April 2024, published as of its day."""
    _fill("review")


def _fill(name: str) -> None:
    with transaction.atomic():
        for table, found in _rows(name).items():
            if found.rows:
                put_table_back(table, found)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
                cursor.execute(statement)


@contextmanager
def loaded_review():
    """The review in a transaction that is rolled back: for a fixture of a module."""
    with transaction.atomic():
        load_review()
        yield
        transaction.set_rollback(True)


@contextmanager
def loaded_history():
    """All shipped texts, loaded in the order of their days as `make run` does, in a transaction that is rolled back."""
    with transaction.atomic():
        _fill("history")
        yield
        transaction.set_rollback(True)


@cache
def _rows(name: str) -> dict[str, Rows]:
    """Every row that a true load leaves behind, by table."""
    KEPT_ROWS.mkdir(parents=True, exist_ok=True)
    with (KEPT_ROWS / f"{name}-{connection.vendor}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = KEPT_ROWS / f"{name}-{connection.vendor}-{_digest_of_what_it_depends_on()}.pickle"
        if not kept.exists():
            for old in KEPT_ROWS.glob(f"{name}-{connection.vendor}-*.pickle"):
                old.unlink()
            kept.write_bytes(pickle.dumps(load_truly(name)))
        return pickle.loads(kept.read_bytes())


def load_truly(name: str = "review") -> dict[str, Rows]:
    """Load the review, or the whole history, as the command does, and take the rows away again."""
    with transaction.atomic():
        if name == "review":
            call_command("load_dialogue", REVIEW, publish_as_of=DAY, verbosity=0)
        else:
            call_command("load_history", verbosity=0)
        found = {table: read_table(table) for table in record_tables()}
        transaction.set_rollback(True)
    return found


def _digest_of_what_it_depends_on() -> str:
    """SHA-256 over the software, the versions of its packages and the files of the review."""
    files = [
        path for app in ("hled_portal", "initiatives", "stakeholders") for path in _sources(settings.BASE_DIR / app)
    ]
    found = hashlib.sha256()
    for path in [settings.BASE_DIR / "constraints.txt", *files]:
        found.update(f"{path.relative_to(settings.BASE_DIR)}\n".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _sources(folder: Path) -> list[Path]:
    kinds = {".py", ".csv", ".json"}
    return sorted(path for path in folder.rglob("*") if path.suffix in kinds and "tests" not in path.parts)


def record_tables() -> list[str]:
    """The log comes in the order of its positions, whose trigger asks for it; foreign keys wait for the end."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return sorted({model._meta.db_table for model in models} - KEPT)


def read_table(table: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608
        return Rows([column[0] for column in cursor.description], cursor.fetchall())


def put_table_back(table: str, found: Rows) -> None:
    columns = ", ".join(f'"{name}"' for name in found.columns)
    holes = ", ".join(["%s"] * len(found.columns))
    with connection.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({holes})', found.rows)  # noqa: S608
