"""When the database, the disk or the media folder does not work: reading goes on, the rest is told within seconds."""

import errno
import json
import time

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection
from django.test import Client

from hled_portal.tests import factories as make
from hled_portal.tests.processes import database_url, finish, starter
from hled_portal.web import error_views
from hled_portal.wsgi import WAIT, answer_soon
from stakeholders.tests.letters import test_submission

LOCKED = OperationalError("database is locked")


def failing(error):
    def fail(*_arguments, **_more):
        raise error

    return fail


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("stakeholders.letters.submission.receive", LOCKED),
        ("stakeholders.letters.submission.receive", OperationalError("database or disk is full")),
        ("stakeholders.letters.submission.receive", OSError(errno.ENOSPC, "No space left on device")),
        ("hled_portal.web.rate_limits.too_often", LOCKED),
        ("stakeholders.letters.attachments.keep", PermissionError(errno.EACCES, "Permission denied")),
    ],
)
def test_a_letter_that_cannot_be_stored_is_given_back(monkeypatch, place, error):
    client = Client(raise_request_exception=False)
    monkeypatch.setattr(place, failing(error))
    answer = test_submission.send(client, files=[test_submission.pdf()])
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert "Train more technicians." in page
    assert "not available" in page
    assert "no está disponible" in page
    assert "once" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (LOCKED, 503),
        (OperationalError("no such column: x"), 500),
        (ProgrammingError("x"), 500),
        (OSError(errno.EROFS, "Read-only file system"), 503),
        (ValueError(), 500),
    ],
)
def test_only_an_outage_is_called_one(monkeypatch, error, status):
    monkeypatch.setattr("hled_portal.dates.as_of.from_request", failing(error))
    assert Client(raise_request_exception=False).get("/es/about/").status_code == status


@pytest.mark.django_db
def test_a_signed_in_reader_reads_while_nothing_can_be_written(client, settings, monkeypatch):
    settings.SESSION_IDLE_MINUTES = 60
    client.force_login(make.make_user("ana", "editor"))
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.save", failing(LOCKED))
    with time_machine.travel(time.time() + 120):
        assert client.get("/admin/initiatives/topic/").status_code == 200


@pytest.mark.django_db
def test_no_password_is_shown_again_and_nothing_to_another_site(monkeypatch):
    monkeypatch.setattr("django.contrib.auth.authenticate", failing(LOCKED))
    monkeypatch.setattr("django.contrib.auth.forms.authenticate", failing(LOCKED))
    client = Client(raise_request_exception=False)
    answer = client.post("/en/sign-in/", {"username": "luis", "password": "hidden words"})
    assert answer.status_code == 503
    assert "hidden words" not in answer.content.decode()
    answer = client.post(
        "/en/sign-in/", {"username": "luis", "password": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert "luis" not in answer.content.decode()


def test_requests_wait_for_a_few_seconds_only():
    lite, postgres = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {"timeout": 20}}, {"ENGINE": "postgresql"}
    for database in (lite, postgres):
        answer_soon(database)
    assert lite["OPTIONS"]["timeout"] == postgres["OPTIONS"]["connect_timeout"] == WAIT < 5
    assert postgres["OPTIONS"]["options"] == "-c lock_timeout=3s"
    assert error_views.RETRY_SECONDS <= 15


SERVE = """
import json, os, sys, time
from django.conf import settings
from django.db import close_old_connections, connection
from hled_portal import wsgi
from django.test import Client
from stakeholders.letters import forms, submission
settings.ALLOWED_HOSTS, settings.DEBUG = ["testserver"], False
client, answers = Client(raise_request_exception=False), []
connection.close()
def ask(path, data=None, shown="email"):
    close_old_connections()  # As a server does before each request, which the client of the tests leaves out.
    began = time.monotonic()
    answer = client.post(path, data) if data else client.get(path)
    page = answer.content.decode()
    told = (not data or data[shown] in page) and "not available" in page and "no está disponible" in page
    answers.append([answer.status_code, time.monotonic() - began, told])
reset = lambda name: ask("/en/sign-in/reset/", {{"email": f"{{name}}@example.org"}})
stamp = forms.LetterForm()._signer.sign(str(int(time.time()) - 60))
letter = {filled} | {{"once": submission.new_form_key(), "shown": stamp, "points": "1", "text_1": "Train. " * 1000}}
send = lambda: ask("/en/recommendations/new/", letter, "text_1")
ask("/en/about/")
{lock}
ask("/en/about/")
ask("/en/initiatives/")
reset("luis")
other.rollback()
reset("luis")
{outage}
print(json.dumps(answers))
"""
SQLITE = {
    "lock": """
import sqlite3
options = connection.settings_dict["OPTIONS"]
assert options["timeout"] == wsgi.WAIT
options["timeout"] = 0.5  # Else the test waits as long as a reader.
other = sqlite3.connect(settings.DATABASES["default"]["NAME"])
other.execute("BEGIN IMMEDIATE")
""",
    "outage": """
file = connection.settings_dict["NAME"]
for name in ("/nowhere/portal.sqlite3", file):
    connection.close()
    connection.settings_dict["NAME"] = name
    ask("/en/initiatives/?q=gone")
    reset("ana")
for pages in (1, 1_000_000):  # Full: no fewer pages than there are.
    connection.close()
    options["init_command"] = f"PRAGMA max_page_count = {{pages}};"
    ask("/en/about/")
    send()
""",
}
POSTGRESQL = {
    "lock": """
import psycopg
tables = ", ".join(map(connection.ops.quote_name, connection.introspection.table_names()))
other = psycopg.connect(**{{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}})
other.execute(f"LOCK TABLE {{tables}} IN EXCLUSIVE MODE")
""",
    "outage": """
options = connection.settings_dict["OPTIONS"]
for host in ("/nowhere", options["host"]):
    connection.close()
    options["host"] = host
    ask("/en/initiatives/?q=gone")
    reset("ana")
# Ended by the server while the portal was connected, as in a restart of it.
own = "datname = current_database() AND pid <> pg_backend_pid()"  # Tests beside this one use the same server.
other.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {{own}}")
other.rollback()
ask("/en/initiatives/?q=again")
send()
""",
}
LOCKED_STATUSES, GONE = [200, 200, 200, 503, 302], [503, 503, 200, 302]


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_locked_database_is_read_and_one_that_is_gone_is_told_and_both_recover_by_themselves(tmp_path):
    script, last = (SQLITE, [200, 503, 200, 302]) if connection.vendor == "sqlite" else (POSTGRESQL, [200, 302])
    script = SERVE.format(filled=test_submission.FILLED, **{name: text.format() for name, text in script.items()})
    url = database_url(tmp_path)
    environment = {"DATABASE_URL": url, "DEBUG": "1", "PRIVACY_TEXTS": ",".join(settings.PRIVACY_TEXTS)}
    with starter(**environment) as start:
        connection.close()  # The server ends every one to this database.
        code, said = finish(start("shell", "--verbosity", "0", "--no-imports", "-c", script))
    assert code == 0, said
    answers = json.loads(next(line for line in said.splitlines() if line.startswith("[[")))
    expected = LOCKED_STATUSES + GONE + last
    assert [status for status, _seconds, _told in answers] == expected, said
    assert all(seconds < 5 for _status, seconds, _told in answers[1:]), answers
    assert [told for _status, _seconds, told in answers] == [status == 503 for status in expected]
