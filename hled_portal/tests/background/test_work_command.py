"""`manage.py work` and `manage.py status` as processes: twice at once, told to end, killed, beside a server."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import psutil
import pytest
from django.conf import settings as portal
from django.core.management import call_command

from hled_portal.background import jobs, mail
from hled_portal.models import Mail
from hled_portal.tests.letterbox import mail_server
from hled_portal.tests.processes import database_url, finish, starter, wait_for

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
#: Signals, children and exit codes are the same on each database.
PROCESS_ALONE = pytest.mark.only_on("sqlite")


@pytest.fixture
def smtp(settings):
    with mail_server(settings) as letterbox:
        letterbox.start()
        yield letterbox


@pytest.fixture
def environment(tmp_path, smtp):
    """Ten messages wait in the database of these processes."""
    rows = [
        Mail(event=f"event/{n}", recipient_digest=f"{n}", recipient=f"ana{n}@example.org", message_id=f"<{n}@x>")
        for n in range(10)
    ]
    for row in rows:
        row.language, row.subject, row.body = "en", "News", "Text\n"
    Mail.objects.bulk_create(rows)
    return {"DATABASE_URL": database_url(tmp_path), "EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}", "DEBUG": "1"}


@pytest.fixture
def start(environment):
    with starter(**environment) as start:
        yield start


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_once_does_what_is_due_and_ends(start, smtp):
    code, said = finish(start("work", "--once"))
    assert code == 0, said
    assert "send mail: 10 sent, 0 to be tried again" in said
    assert len(smtp.received) == 10
    code, said = finish(start("status"))
    assert code == 0, said
    assert "mail: 0 waiting" in said


def test_twice_at_once_sends_each_message_once(start, smtp):
    both = [start("work", "--once") for _ in range(2)]
    assert [finish(process)[0] for process in both] == [0, 0]
    assert sorted(to[0] for to, _text in smtp.received) == [f"ana{n}@example.org" for n in range(10)]


@PROCESS_ALONE
def test_a_mail_server_that_is_away_is_told_and_costs_nothing(start, smtp):
    smtp.stop()
    code, said = finish(start("work", "--once"))
    assert (code, "ConnectionRefusedError" in said) == (1, True)
    code, said = finish(start("status"))
    assert code == 1
    assert "OVERDUE  job send mail: last success never, failed" in said
    assert "10 waiting" in said


def test_it_is_killed_while_it_sends_and_the_next_one_goes_on_at_once(start, smtp):
    smtp.seconds = 0.2
    first = start("work")
    wait_for(lambda: len(smtp.received) >= 3)
    first.kill()
    finish(first)
    assert len(smtp.received) < 10
    smtp.seconds = 0
    assert finish(start("work", "--once"))[0] == 0
    assert {to[0] for to, _text in smtp.received} == {f"ana{n}@example.org" for n in range(10)}
    ids = [text.partition("Message-ID: ")[2].partition("\r\n")[0] for _to, text in smtp.received]
    assert len(ids) - len(set(ids)) <= 1  # The one that was under way, recognisable by its ID.


@PROCESS_ALONE
def test_told_to_end_it_ends(start, smtp):
    process = start("work")
    wait_for(lambda: len(smtp.received) == 10)
    process.terminate()
    assert finish(process, 20)[0] == 0


#: Starts the jobs as the server does.
START_JOBS = "from hled_portal.management.commands import serve; serve.start_jobs()"
#: Does not wait for seconds before a worker is replaced.
KEEP_WORKING = """
from django.core.management import call_command
from hled_portal.management.commands import work
work.REST, me = 0.1, os.getpid()
if os.fork() == 0:
    call_command("work", beside=me)
    os._exit(0)
"""


@pytest.fixture
def beside(environment, request):
    """A process that started the jobs, and became another program."""
    script = f"import os, django; django.setup()\n{request.param}\nos.execv('/bin/sleep', ['sleep', '120'])"
    server = subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "hled_portal.settings", "JOBS": "1"},
        cwd=portal.BASE_DIR,
        stderr=subprocess.DEVNULL,
    )
    yield server
    server.kill()
    server.wait()


def family(server) -> list[int]:
    """The process that keeps the jobs and the one that does them, once both are there."""
    found = psutil.Process(server.pid).children(recursive=True)
    return [process.pid for process in found] if len(found) == 2 else []


@PROCESS_ALONE
@pytest.mark.parametrize("beside", [START_JOBS], ids=["jobs"], indirect=True)
def test_beside_a_server_it_works_and_ends_with_it_even_when_that_is_killed(beside, smtp):
    pids = wait_for(lambda: family(beside))
    wait_for(lambda: len(smtp.received) == 10)
    beside.kill()
    beside.wait()
    wait_for(lambda: not any(alive(pid) for pid in pids), 15)


@PROCESS_ALONE
@pytest.mark.parametrize("beside", [KEEP_WORKING], ids=["jobs"], indirect=True)
def test_beside_a_server_a_worker_that_is_killed_is_replaced(beside, smtp):
    keeper, worker = wait_for(lambda: family(beside))
    os.kill(worker, signal.SIGKILL)
    found = wait_for(lambda: worker not in family(beside) and family(beside))
    assert found[0] == keeper


@PROCESS_ALONE
def test_without_jobs_nothing_is_started(settings, monkeypatch, capsys):
    settings.JOBS = False
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(os, "fork", None)
    call_command("work", "--beside", str(os.getpid()))
    assert capsys.readouterr().out == ""


@pytest.mark.only_on("sqlite")
def test_while_a_slow_mail_server_thinks_others_write(start, environment, smtp):
    smtp.seconds = 1.5
    process = start("work", "--once")
    path = environment["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=0.2)) as other:
        wait_for(lambda: smtp.greeted)
        for _ in range(8):
            other.execute("UPDATE hled_portal_jobstate SET error = '' WHERE name = 'nobody'")
            other.commit()
            time.sleep(0.05)
        assert not other.execute("SELECT 1 FROM hled_portal_mail WHERE sent_at IS NOT NULL").fetchone()
    process.kill()
    finish(process)


def test_status_exits_with_1_when_something_is_too_old(capsys, monkeypatch):
    monkeypatch.setattr(jobs, "_registered", {})
    call_command("status")
    assert capsys.readouterr().out.splitlines() == [
        "ok       mail: 0 waiting",
        "ok       personal data: nothing is kept longer than its period",
        f"ok       removals: 0 not yet on the list {portal.REMOVALS_FILE}",
        "ok       backup: last verified never",
    ]
    mail_row = Mail.objects.create(event="x", recipient_digest="x", recipient="ana@example.org", message_id="<x@x>")
    Mail.objects.filter(pk=mail_row.pk).update(queued_at=mail_row.queued_at - 2 * mail.OVERDUE_AFTER)
    with pytest.raises(SystemExit) as ended:
        call_command("status")
    assert ended.value.code == 1
    assert "OVERDUE  mail: 1 waiting, the oldest queued 2 hours ago" in capsys.readouterr().out
