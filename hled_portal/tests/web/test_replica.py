"""Readers' pages from a replica: only from one that has the announced version, and nothing that belongs to a person."""

# ruff: noqa: S608 - names of tables of the test database

import logging
import sqlite3

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client

from hled_portal.publishing import kept_results
from hled_portal.tests import factories as make
from hled_portal.web import replica
from initiatives.editions import joint_texts
from initiatives.models import Citation, Edition, Initiative

#: The copies are files of SQLite.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]
PAGE = "/en/initiatives/{}/"


class _Replica:
    """A copy of the database in a file. Its titles say where they come from."""

    def __init__(self, path):
        self.path = path
        self.copy()

    def copy(self) -> None:
        if connections.databases.get(replica.ALIAS):
            connections[replica.ALIAS].close()
        self.path.unlink(missing_ok=True)
        file = sqlite3.connect(self.path)
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE \"%'")
            for name, sql in cursor.fetchall():
                file.execute(sql)
                cursor.execute(f'SELECT * FROM "{name}"')
                marks = ", ".join("?" * len(cursor.description))
                file.executemany(f'INSERT INTO "{name}" VALUES ({marks})', cursor.fetchall())
        marked = "title_en = 'From the replica', content = replace(content, 'Otay Mesa II', 'From the replica')"
        file.execute(f"UPDATE initiatives_edition SET {marked}")
        file.commit()
        file.close()


@pytest.fixture
def cast():
    return make.make_cast()


@pytest.fixture
def text():
    source = make.make_source(meeting=make.make_meeting())
    Citation.objects.create(initiative=make.make_initiative(), source=source, order=1)
    joint_texts.enter_joint_text(source)
    return Edition.objects.initiatives().get()


@pytest.fixture
def copied(text, tmp_path, settings, monkeypatch):
    options = {"NAME": str(tmp_path / "replica.sqlite3"), "OPTIONS": {"init_command": "PRAGMA query_only=ON;"}}
    monkeypatch.setitem(connections.databases, replica.ALIAS, connections.databases["default"] | options)
    monkeypatch.setattr(replica, "_paused_until", 0.0)
    settings.DATABASE_ROUTERS = ["hled_portal.web.replica.ReplicaRouter"]
    settings.MIDDLEWARE = [
        *configured.MIDDLEWARE,
        "hled_portal.web.http_cache.answer_conditionally",
        "hled_portal.web.replica.read_from_replica",
    ]
    kept_results.forget_results()
    copy = connections[replica.ALIAS]
    # Django allows a test the databases alone that there were when it began.
    monkeypatch.setattr(copy, "ensure_connection", lambda: copy.connection or copy.connect())
    yield _Replica(tmp_path / "replica.sqlite3")
    connections[replica.ALIAS].close()
    del connections[replica.ALIAS]
    kept_results.forget_results()


def is_from_replica(client, path) -> bool:
    kept_results.forget_results()
    answer = client.get(path, follow=True)
    assert answer.status_code == 200, answer.request["PATH_INFO"]
    return b"From the replica" in (answer.getvalue() if answer.streaming else answer.content)


def test_a_page_is_read_from_the_replica_while_that_has_the_announced_version(copied, text, cast):
    page = PAGE.format(text.subject_key)
    for path in (page, "/en/initiatives/", "/en/initiatives.csv", f"/api/v1/initiatives/{text.subject_key}/"):
        assert is_from_replica(Client(), path), path
    assert Edition.objects.get(pk=text.pk).title_en != "From the replica"  # The request is over.
    make.make_published(cast, "second")
    assert not is_from_replica(Client(), page)
    copied.copy()
    assert is_from_replica(Client(), page)


def test_who_is_known_is_answered_by_the_primary(copied, text, cast):
    page, client = PAGE.format(text.subject_key), Client()
    client.force_login(cast.ana)
    assert not is_from_replica(client, page)
    assert not is_from_replica(client, f"/{configured.ADMIN_PATH}")
    assert not is_from_replica(Client(headers={"Cookie": "sessionid=x"}), page)
    answer = Client().get("/en/recommendations/new/")
    assert (answer.status_code, b"From the replica" in answer.content) == (200, False)
    with replica._reading(is_read=True):
        assert Edition.objects.db == replica.ALIAS
        assert (Edition.objects.select_for_update().db, Initiative.objects.db) == ("default", "default")


def test_a_replica_that_fails_is_left_alone_for_a_while(copied, text, caplog):
    connections[replica.ALIAS].close()
    copied.path.unlink()
    with caplog.at_level(logging.WARNING, "hled_portal.web.replica"):
        for _request in range(2):
            assert not is_from_replica(Client(), PAGE.format(text.subject_key))
    assert [row.message for row in caplog.records if "replica" in row.name] == [
        "The replica cannot be read (no such table: hled_portal_publicversion); pages are read from the primary."
    ]


def test_the_check_names_a_replica_that_pages_cannot_be_read_from(copied, capsys):
    call_command("check", databases=["default"])
    assert "W003" not in capsys.readouterr().err
    connections[replica.ALIAS].close()
    copied.path.unlink()
    call_command("check", databases=["default"])
    assert "(hled_portal.W003) The database of REPLICA_URL cannot be read" in capsys.readouterr().err
