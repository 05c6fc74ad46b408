"""Killed after any of its statements, a release, an import and a backup leave nothing half done.

One process for each database and action: it forks, and each child is killed a few statements later than the last one,
until one comes to its end. `make attack` kills after every statement, and plays a larger release, import and backup.
"""

import datetime
import json
import os

import pyrage
import pytest
from django.db import connection
from django.utils import timezone

from hled_portal.background.jobs import JobRun
from hled_portal.publishing import release_plans
from hled_portal.tests import factories as make
from hled_portal.tests.processes import database_url, finish, keep_figures, starter
from initiatives.imports import file_tables, import_jobs
from initiatives.models import Fact

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
#: Rows, and how much further each child gets than the one before: by one statement, and by a share of those so far.
SIZES = [(12, 0), (200, 20)] if os.environ.get("ATTACK") else [(12, 4)]
SCRIPT = """
import json, os, signal
from django.db import connection, connections
from hled_portal.background.jobs import JobRun
{setup}
def killed_after(statements):
    connections.close_all()
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    left = [statements]
    def count(execute, *arguments):
        result = execute(*arguments)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    try:
        connection.ensure_connection()
        with connection.execute_wrapper(count):
            act()
        os._exit(0)
    finally:
        os._exit(1)
statements, status = 1, signal.SIGKILL
while status == signal.SIGKILL:
    status = killed_after(statements)
    print(json.dumps([status, state()]))
    statements += 1 + (statements // {share} if {share} else 0)
"""
RELEASE = """
from hled_portal.models import Publication, Release
from hled_portal.publishing import release_plans
from initiatives.models import Edition
public = Edition.objects.filter(state="published")
act = lambda: release_plans.publish_due_plans(JobRun())
state = lambda: [Publication.objects.count(), Release.objects.count(), public.count()]
"""
IMPORT = """
from hled_portal.models import Mail
from initiatives.imports import import_jobs
from initiatives.models import Fact, FileJob
act = lambda: import_jobs.run_open_jobs(JobRun())
state = lambda: [Fact.objects.count(), Fact.history.count(), Mail.objects.count(), FileJob.objects.get().state]
"""
BACKUP = """
from pathlib import Path
from django.core.management import call_command
from hled_portal.background import backup
path, key = Path({path!r}), {key!r}
act = lambda: call_command("backup", str(path), verbosity=0, stdout=open(os.devnull, "w"))
def state():
    if path.read_bytes() == b"of yesterday":
        return "old"
    with backup.opened_archive(path, key) as archive:
        return "new" if backup.verify_archive(archive)["rows"]["hled_portal.user"] == 5 else "wrong"
"""


@pytest.fixture(params=SIZES)
def size(request):
    return request.param


@pytest.fixture
def rows(size):
    return size[0]


@pytest.fixture
def play(tmp_path, size):
    """What the system is after each child of such a process, the last of which came to its end."""

    def play(action: str, setup: str, **environment) -> list:
        with starter(DATABASE_URL=database_url(tmp_path), DEBUG="1", EMAIL_URL="dummymail://", **environment) as start:
            script = SCRIPT.format(setup=setup, share=size[1])
            code, said = finish(start("shell", "--verbosity", "0", "--no-imports", "-c", script), 1200)
        assert code == 0, said
        outcomes = [json.loads(line) for line in said.splitlines() if line.startswith("[")]
        keep_figures(
            storm="killed processes",
            database=connection.vendor,
            action=action,
            rows=size[0],
            killed=len(outcomes) - 1,
        )
        assert [status for status, _state in outcomes] == [9] * (len(outcomes) - 1) + [0], said
        assert len(outcomes) > 8
        return [state for _status, state in outcomes]

    return play


def each_once(states: list) -> list:
    """In the order in which they came, without what came again at once."""
    return [state for number, state in enumerate(states) if number == 0 or states[number - 1] != state]


def test_a_release_that_is_killed_is_nothing_or_whole(play, rows):
    cast = make.make_cast()
    plan = release_plans.make(cast.luis, "Spring", at=timezone.now() + datetime.timedelta(days=1))
    release_plans.add_texts(plan, [make.make_cleared(cast, f"topic-{number}") for number in range(rows)], cast.luis)
    type(plan).objects.update(at=timezone.now() - datetime.timedelta(minutes=1))
    plan.refresh_from_db()
    for officer in (cast.luis, cast.carl):
        release_plans.agree_to_plan(plan, officer, release_plans.plan_digest(plan))
    assert each_once(play("release", RELEASE)) == [[0, 0, 0], [rows, 1, rows]]


def test_an_import_that_is_killed_is_nothing_or_whole(play, rows, settings):
    settings.FILE_ROWS_AT_ONCE = 3
    ana = make.make_user("ana", "editor", email="ana@example.org")
    make.make_initiative()
    cells = {"subject": "initiative/otay-mesa-ii", "kind": "milestone", "side": "MX", "action": "begin"}
    cells |= {"modality": "expected", "object_en": "works", "object_es": "obras"}
    data = json.dumps([cells | {"key": f"works-{number}"} for number in range(rows)]).encode()
    job = import_jobs.receive(ana, file_tables.import_table(Fact), "facts.json", data)
    import_jobs.run_open_jobs(JobRun())
    job.refresh_from_db()
    import_jobs.confirm_import(job, ana, job.digest)
    before, after = each_once(play("import", IMPORT, FILE_ROWS_AT_ONCE="3"))
    assert before == [0, 0, 1, "writing"]
    assert after == [rows, rows, 2, "written"]


def test_a_backup_that_is_killed_leaves_the_former_one_or_a_whole_one(play, rows, tmp_path):
    make.make_cast()
    for number in range(rows):
        make.make_topic(f"topic-{number}")
    key, path = pyrage.x25519.Identity.generate(), tmp_path / "archive.age"
    path.write_bytes(b"of yesterday")
    environment = {"BACKUP_RECIPIENT": str(key.to_public()), "MEDIA_ROOT": str(tmp_path / "media")}
    states = play("backup", BACKUP.format(path=str(path), key=str(key)), **environment)
    assert each_once(states) == ["old", "new"]
    assert sorted(found.name for found in tmp_path.iterdir() if found.name.startswith("archive")) == ["archive.age"]
