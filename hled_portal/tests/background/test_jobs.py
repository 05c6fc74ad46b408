"""Jobs: taken by one process, given back, kept by a lease; and what `status` says of them."""

import datetime
from contextlib import contextmanager

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from hled_portal.background import jobs, status
from hled_portal.models import JobState

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOON = datetime.datetime(2024, 4, 19, 18, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def registry(monkeypatch):
    """No jobs but those of the test."""
    monkeypatch.setattr(jobs, "_registered", {})


@pytest.fixture
def ran(registry):
    """Two jobs that note their runs."""
    ran = []
    jobs.register_job(jobs.Job("letters", MINUTE, lambda turn: ran.append("letters"), order=9))
    jobs.register_job(jobs.Job("releases", 10 * MINUTE, lambda turn: ran.append("releases")))
    return ran


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def state(name="letters") -> JobState:
    return JobState.objects.get(name=name)


def test_jobs_run_when_they_are_due_in_their_order(ran, clock):
    assert jobs.run_due() == jobs.Outcome(failed=False, unfinished=False)
    assert ran == ["releases", "letters"]
    clock.shift(59)
    jobs.run_due()
    assert ran == ["releases", "letters"]
    clock.shift(1)
    jobs.run_due()
    assert ran == ["releases", "letters", "letters"]
    assert (state().succeeded_at, state().due_at) == (NOON + MINUTE, NOON + 2 * MINUTE)


def test_a_timer_of_the_machine_that_calls_each_minute_skips_none(ran, clock):
    jobs.run_due(within=jobs.SLACK)
    clock.shift(1)
    jobs.run_due(within=jobs.SLACK)
    assert ran == ["releases", "letters", "letters"]


def test_a_job_that_another_process_does_is_left_to_it(ran, monkeypatch):
    @contextmanager
    def taken(name):
        yield name != "letters"

    monkeypatch.setattr(jobs, "_lock", taken)
    jobs.run_due()
    assert ran == ["releases"]


def test_a_job_that_another_process_did_while_we_waited_is_not_done_twice(ran, monkeypatch):
    @contextmanager
    def after_the_other(name):
        JobState.objects.create(name=name, due_at=timezone.now() + MINUTE)
        yield True

    monkeypatch.setattr(jobs, "_lock", after_the_other)
    jobs.run_due(patience=1)
    assert ran == []


def test_a_failure_is_noted_told_and_tried_again(ran, clock, caplog):
    def fail(turn):
        raise OSError("the mail server is away")

    jobs.register_job(jobs.Job("releases", datetime.timedelta(seconds=1), fail))
    assert jobs.run_due().failed
    assert ran == ["letters"]
    assert "releases: failed" in caplog.text
    found = state("releases")
    assert (found.failed_at, found.error) == (NOON, "OSError: the mail server is away")
    assert (found.succeeded_at, found.due_at) == (None, NOON + jobs.AFTER_FAILURE)


def test_a_long_job_lets_the_others_have_their_turn_and_goes_on(registry, clock, monkeypatch):
    monkeypatch.setattr(jobs.JobRun.__init__, "__defaults__", (lambda: False, 0))
    jobs.register_job(jobs.Job("letters", 10 * MINUTE, lambda turn: str(turn.should_continue())))
    assert jobs.run_due() == jobs.Outcome(failed=False, unfinished=True)
    assert state().due_at == NOON


def test_a_turn_ends_when_the_process_is_told_to():
    ending = []
    turn = jobs.JobRun(lambda: bool(ending))
    assert turn.should_continue()
    ending.append(True)
    assert not turn.should_continue()
    assert turn.cut


def test_a_process_that_is_to_end_begins_no_job(ran):
    assert not jobs.run_due(ending=lambda: True).failed
    assert ran == []
    assert not JobState.objects.exists()


def test_the_lock_of_a_file_goes_to_one_at_a_time(tmp_path):
    path = str(tmp_path / "send-mail.lock")
    with jobs._file_lock(path) as mine:
        assert mine
        with jobs._file_lock(path) as other:
            assert not other
    with jobs._file_lock(path) as mine:
        assert mine


# Status


def test_status_names_what_never_ran(ran):
    assert [(line.text, line.too_old) for line in jobs.report_jobs()] == [
        ("job releases: never ran", True),
        ("job letters: never ran", True),
    ]


def test_status_names_what_is_too_old_and_what_failed(ran, clock):
    jobs.run_due()
    clock.shift(20 * MINUTE)
    JobState.objects.filter(name="releases").update(failed_at=timezone.now(), error="OSError: no")
    assert [(line.text, line.too_old) for line in jobs.report_jobs()] == [
        ("job releases: last success 20 minutes ago, failed 0 s ago: OSError: no", False),
        ("job letters: last success 20 minutes ago", True),
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s ago"), (61, "1 minute ago"), (3600, "1 hour ago"), (200_000, "2 days ago")],
)
def test_ages_are_told_in_their_largest_unit(seconds, words):
    assert status.ago(NOON - datetime.timedelta(seconds=seconds), NOON) == words


def test_status_names_what_was_begun_and_not_ended(ran, clock):
    jobs.run_due()
    JobState.objects.filter(name="letters").update(started_at=NOON + MINUTE)
    clock.shift(2 * MINUTE)
    assert [line.text for line in jobs.report_jobs()][
        1
    ] == "job letters: last success 2 minutes ago, started 1 minute ago"


def test_every_job_of_the_portal_is_registered():
    assert {"send mail", "sweep mail"} <= {job.name for job in jobs.registered()}


# A clock that jumps


DAY = datetime.timedelta(days=1)


def test_a_clock_that_jumped_ahead_and_back_stops_no_job(ran, clock):
    clock.shift(DAY)
    jobs.run_due()
    clock.shift(-DAY)
    jobs.run_due()
    assert ran == ["releases", "letters"] * 2
    assert (state().succeeded_at, state().due_at) == (NOON, NOON + MINUTE)
    jobs.run_due()
    assert ran == ["releases", "letters"] * 2


def test_a_job_that_failed_while_the_clock_was_ahead_is_tried_again(registry, clock):
    jobs.register_job(jobs.Job("letters", MINUTE, lambda turn: 1 / 0))
    clock.shift(DAY)
    jobs.run_due()
    clock.shift(-DAY)
    jobs.run_due()
    assert state().failed_at == NOON


def test_a_pause_after_a_failure_is_no_jump_of_the_clock(registry, clock):
    runs = []

    def fail(turn):
        runs.append(turn)
        raise OSError("away")

    jobs.register_job(jobs.Job("letters", datetime.timedelta(seconds=1), fail))
    for _second in range(30):
        jobs.run_due()
        clock.shift(1)
    assert len(runs) == 1


def test_status_names_a_success_in_the_future(ran, clock, capsys, monkeypatch):
    monkeypatch.setattr(status, "_sources", {"jobs": jobs.report_jobs})
    clock.shift(DAY)
    jobs.run_due()
    clock.shift(-DAY)
    with pytest.raises(SystemExit):
        call_command("status")
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2
    assert all(line.startswith("OVERDUE") and "last success 1 day in the future" in line for line in told)
    assert jobs.late(timezone.now()) == ["releases", "letters"]
    jobs.run_due()
    assert not any(line.too_old for line in jobs.report_jobs())
    assert jobs.late(timezone.now()) == []


def test_clocks_of_two_machines_that_differ_by_seconds_are_no_fault(ran, clock):
    jobs.run_due()
    clock.shift(-20)
    assert not any(line.too_old for line in jobs.report_jobs())
    assert jobs.late(timezone.now()) == []


def test_ages_in_the_future_are_told():
    assert status.ago(NOON + datetime.timedelta(hours=25), NOON) == "1 day in the future"
