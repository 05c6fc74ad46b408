"""What runs later: named jobs, each with its rhythm, done by `manage.py work`.

An app registers its jobs in `ready()`. One process at a time does a job, under a lock that goes with the process,
however that ends: what a killed one left undone, the next one takes up at once. No transaction is open meanwhile, so
that no writer waits; each job takes its own rows in short transactions, and doing it twice does no harm.
"""

import datetime
import fcntl
import logging
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from hled_portal.models import JobState
from hled_portal.security.log_redaction import redact

from . import status

#: Seconds that one job may take while others are due; it goes on where it was after them.
SLICE = 20
#: A job that failed waits at least so long.
AFTER_FAILURE = datetime.timedelta(minutes=1)
#: `work --once`, which a timer of the machine may call each minute, takes what is due within this time too.
SLACK = datetime.timedelta(minutes=1)
#: So much the clocks of the machines that share a database may differ.
CLOCK_DIFFERENCE = datetime.timedelta(minutes=1)
#: The first half of the advisory locks on PostgreSQL; any number that nothing else in the database uses.
LOCKS = 0x48_4C_45_44

logger = logging.getLogger(__name__)


class JobRun:
    """One run of one job by this process. `cut`: it was told to stop before it was done."""

    def __init__(self, ending: Callable[[], bool] = lambda: False, seconds: float = SLICE):
        self.ending, self.until, self.cut = ending, time.monotonic() + seconds, False

    def should_continue(self) -> bool:
        """Asked between rows: False once this process is to end, or others are to have their turn."""
        self.cut = self.ending() or time.monotonic() >= self.until
        return not self.cut


@dataclass(frozen=True)
class Job:
    """`do(run)` may return a line for the log. It asks `run.should_continue()` between rows, in short transactions.

    Jobs of a higher `order` run after the others: mail goes last, so that one pass sends what the others queued.
    """

    name: str
    every: datetime.timedelta
    do: Callable[[JobRun], str | None]
    order: int = 0

    @property
    def too_old(self) -> datetime.timedelta:
        """The age of the last success from which on something is wrong."""
        return max(3 * self.every, datetime.timedelta(minutes=15))

    @property
    def longest_wait(self) -> datetime.timedelta:
        """No job is due later than this from now: a time beyond was written while the clock was ahead.

        The clocks of two machines may differ by a little.
        """
        return max(self.every, AFTER_FAILURE) + CLOCK_DIFFERENCE


@dataclass
class Outcome:
    """What came of a pass over all jobs; `unfinished`: some have more to do at once."""

    failed: bool = False
    unfinished: bool = False


_registered: dict[str, Job] = {}


def register_job(job: Job) -> None:
    """Make a job known; called from `ready()`. The same name again replaces it."""
    _registered[job.name] = job


def registered() -> list[Job]:
    return sorted(_registered.values(), key=lambda job: (job.order, job.name))


def run_due(
    ending: Callable[[], bool] = lambda: False, within: datetime.timedelta = datetime.timedelta(), patience: float = 0
) -> Outcome:
    """Run each job that is due within a time. One that another process does is waited for with patience, in seconds."""
    outcome = Outcome()
    for job in registered():
        if ending():
            break
        if _is_due(job, within):
            with _alone(job, patience) as alone:
                if alone and _is_due(job, within):
                    _run(job, JobRun(ending), outcome)
    return outcome


def _is_due(job: Job, within: datetime.timedelta) -> bool:
    due_at = JobState.objects.filter(name=job.name).values_list("due_at", flat=True).first()
    now = timezone.now()
    return due_at is None or due_at <= now + within or due_at > now + job.longest_wait


def _run(job: Job, turn: JobRun, outcome: Outcome) -> None:
    started = timezone.now()
    JobState.objects.update_or_create(name=job.name, defaults={"started_at": started, "due_at": started})
    state = JobState.objects.filter(name=job.name)
    try:
        told = job.do(turn)
    except Exception as error:
        logger.exception("%s: failed", job.name)
        now = timezone.now()
        reason = redact(f"{type(error).__name__}: {error}")[:2000]
        state.update(due_at=now + max(job.every, AFTER_FAILURE), failed_at=now, error=reason)
        outcome.failed = True
        return
    if told:
        logger.info("%s: %s", job.name, told)
    outcome.unfinished |= turn.cut
    state.update(due_at=started if turn.cut else started + job.every, succeeded_at=timezone.now())


# One process at a time


@contextmanager
def _alone(job: Job, patience: float) -> Iterator[bool]:
    """Whether this process alone has the job now."""
    until = time.monotonic() + patience
    while True:
        with _lock(job.name) as locked:
            if locked or time.monotonic() >= until:
                yield locked
                return
        time.sleep(0.2)


def _lock(name: str):
    if connection.vendor == "postgresql":
        return _advisory_lock(zlib.crc32(name.encode()) - 2**31)
    if connection.is_in_memory_db():  # Of tests: no other process sees it.
        return _no_lock()
    return _file_lock(f"{connection.settings_dict['NAME']}-{name.replace(' ', '-')}.lock")


@contextmanager
def _advisory_lock(number: int) -> Iterator[bool]:
    """PostgreSQL gives an advisory lock back when the connection ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, number])
        locked = cursor.fetchone()[0]
    try:
        yield locked
    finally:
        if locked:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, number])


@contextmanager
def _file_lock(path: str) -> Iterator[bool]:
    """The system gives the lock of a file back when the process ends. The file stays; removing it would race."""
    with open(path, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def _no_lock() -> Iterator[bool]:
    yield True


# Status


def report_jobs() -> Iterator[status.StatusLine]:
    """A line for each job: last success, what is under way, last failure."""
    now = timezone.now()
    states = {state.name: state for state in JobState.objects.all()}
    for job in registered():
        state = states.get(job.name)
        yield _line(job, state, now) if state else status.StatusLine(f"job {job.name}: never ran", too_old=True)


def late(now: datetime.datetime) -> list[str]:
    """Names of the jobs whose last success is too old or in the future, or that never ran. One query."""
    done = last_successes()
    return [job.name for job in registered() if _is_late(job, done[job.name], now)]


def last_successes() -> dict[str, datetime.datetime | None]:
    """The last success of each job, None for one that never ran. One query."""
    done = dict(JobState.objects.values_list("name", "succeeded_at"))
    return {job.name: done.get(job.name) for job in registered()}


def _is_late(job: Job, succeeded_at: datetime.datetime | None, now: datetime.datetime) -> bool:
    return succeeded_at is None or not -CLOCK_DIFFERENCE <= now - succeeded_at <= job.too_old


def _line(job: Job, state: JobState, now: datetime.datetime) -> status.StatusLine:
    parts = [f"last success {status.ago(state.succeeded_at, now)}"]
    ended = max(filter(None, (state.succeeded_at, state.failed_at)), default=None)
    if ended is None or ended < state.started_at:
        parts.append(f"started {status.ago(state.started_at, now)}")
    if state.failed_at and state.failed_at == ended:
        parts.append(f"failed {status.ago(state.failed_at, now)}: {state.error}")
    return status.StatusLine(f"job {job.name}: {', '.join(parts)}", _is_late(job, state.succeeded_at, now))
