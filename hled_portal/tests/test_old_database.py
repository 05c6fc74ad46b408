"""A database of a development version whose migrations are gone is refused before anything is done to it."""

import sqlite3
from contextlib import closing

import pytest

from .processes import finish, starter

#: As they were named before there was one migration for each app.
OLD = [
    ("contenttypes", "0001_initial"),
    ("hled_portal", "0001_users_and_publications"),
    ("hled_portal", "0002_jobs_and_mail"),
    ("initiatives", "0001_the_record"),
    ("stakeholders", "0001_follow"),
]


NOW = [("contenttypes", "0001_initial"), ("hled_portal", "0001_initial"), ("hled_portal", "0002_later")]


def made(path, migrations):
    """A database that holds the names of its migrations alone."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE django_migrations (id integer PRIMARY KEY, app text, name text, applied text)")
        database.executemany(
            "INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, '2026-01-01')", migrations
        )
        database.commit()
    return path


def tables(path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


@pytest.mark.database
def test_migrate_refuses_it_and_says_how_to_keep_the_record_and_how_to_begin_again(tmp_path):
    old = made(tmp_path / "portal.sqlite3", OLD)
    with starter(DATABASE_URL=f"sqlite:///{old}", DEBUG="1") as start:
        code, said = finish(start("migrate", "--verbosity", "0"))
    assert code == 1
    assert "Traceback" not in said
    assert "W001" not in said  # Missing triggers are no news.
    for words in ("0001_users_and_publications", "export_dialogue", "load_dialogue", f"delete {old}"):
        assert words in said
    assert tables(old) == ["django_migrations"]


@pytest.mark.parametrize("migrations", [[], OLD[:1], NOW])
def test_an_empty_database_and_one_of_now_are_not_refused(tmp_path, migrations):
    path = made(tmp_path / "portal.sqlite3", migrations)
    with starter(DATABASE_URL=f"sqlite:///{path}", DEBUG="1") as start:
        code, said = finish(start("check", "--database", "default"))
    assert (code, "E001" in said) == (0, False), said
