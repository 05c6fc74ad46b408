"""Timed releases by `manage.py work` as a process: at the minute, whole or not at all, once; told when they fail."""

import datetime
import sqlite3
from contextlib import closing

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from hled_portal.models import ReleasePlan, User
from hled_portal.publishing import release_plans
from hled_portal.tests.factories import make_cast, make_cleared, make_edition
from hled_portal.tests.processes import database_url, finish, starter

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
GO_OUT = (
    "from hled_portal.publishing import release_plans as r; from hled_portal.models import ReleasePlan as P\n"
    "try: r.publish(P.objects.get(name='due')); print('WENT OUT')\n"
    "except r.Refused as refused: print('REFUSED', refused.messages)"
)


def make_plan(cast, name: str, *texts, minutes: int) -> ReleasePlan:
    at = timezone.now() + datetime.timedelta(minutes=minutes)
    plan = ReleasePlan.objects.create(name=name, at=at, created_by=cast.carl)
    release_plans.add_texts(plan, list(texts), cast.carl)
    for officer in (cast.luis, cast.carl):
        release_plans.agree_to_plan(plan, officer, release_plans.plan_digest(plan))
    return plan


@pytest.fixture
def plans(tmp_path):
    """A plan that is due, one for later, and one that is due and lacks a key."""
    cast = make_cast()
    User.objects.filter(pk=cast.luis.pk).update(email="luis@example.org")
    make_plan(cast, "due", *(make_cleared(cast, f"due-{n}") for n in range(20)), minutes=-1)
    make_plan(cast, "later", make_cleared(cast, "later"), minutes=1)
    make_plan(cast, "lacking", make_cleared(cast, "whole"), make_edition(cast.ana, "lacking"), minutes=-2)


@pytest.fixture
def environment(plans, tmp_path):
    return {"DATABASE_URL": database_url(tmp_path), "EMAIL_URL": "dummymail://", "DEBUG": "1"}


@pytest.fixture
def start(environment):
    with starter(**environment) as start:
        yield start


@pytest.fixture
def ask(environment):
    """Rows of the database of these processes."""

    def ask(sql: str) -> list[tuple]:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        with closing(sqlite3.connect(environment["DATABASE_URL"].removeprefix("sqlite:///"))) as copy:
            return copy.execute(sql).fetchall()

    return ask


PUBLISHED = "SELECT subject_key FROM initiatives_edition WHERE state = 'published' ORDER BY subject_key"


def test_work_releases_at_the_minute_whole_or_not_at_all_and_once(start, ask):
    both = [start("work", "--once") for _ in range(2)]
    for process in both:
        code, said = finish(process)
        assert code == 0, said
    assert [key for (key,) in ask(PUBLISHED)] == sorted(f"due-{n}" for n in range(20))
    assert ask("SELECT count(*), min(number), max(number) FROM hled_portal_publication") == [(20, 1, 1)]
    failed = ask("SELECT name FROM hled_portal_releaseplan WHERE failed_at IS NOT NULL")
    assert failed == [("lacking",)]
    steps = ask("SELECT action FROM hled_portal_step WHERE action = 'failed'")
    assert len(steps) == 1
    events = ask("SELECT event FROM hled_portal_mail WHERE event LIKE 'steps/%'")
    assert len(events) == 1
    code, said = finish(start("status"))
    assert code == 1
    assert "OVERDUE  release plan" in said
    assert "publication failed" in said


@pytest.mark.usefixtures("plans")
def test_a_plan_that_nobody_released_is_told_by_status(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("status")
    assert ended.value.code == 1
    assert capsys.readouterr().out.count("was due") == 2


@pytest.mark.attack
def test_two_who_release_at_the_same_moment_release_once(start, ask):
    both = [start("shell", "-c", GO_OUT) for _ in range(2)]
    said = "".join(finish(process)[1] for process in both)
    assert (said.count("WENT OUT"), said.count("This release has already been published.")) == (1, 1), said
    assert ask("SELECT count(*), max(number) FROM hled_portal_publication") == [(20, 1)]
    assert ask("SELECT count(*) FROM hled_portal_release") == [(1,)]
