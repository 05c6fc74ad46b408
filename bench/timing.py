"""Processor time of this process and, on PostgreSQL, of the server process that works for it."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from django.db import connection


class Measured(NamedTuple):
    """Median seconds of a job and of its reference."""

    seconds: float
    reference: float

    @property
    def ratio(self) -> float:
        return self.seconds / self.reference


def processor_seconds() -> float:
    return time.process_time() + _database_seconds()


def _database_seconds() -> float:
    if connection.vendor != "postgresql":
        return 0
    connection.ensure_connection()
    schedule = Path("/proc", str(connection.connection.info.backend_pid), "schedstat").read_text(encoding="ascii")
    return int(schedule.split()[0]) / 1e9


def seconds(job: Callable) -> float:
    start = processor_seconds()
    job()
    return processor_seconds() - start


def median_seconds(job: Callable, turns: int) -> float:
    """After a first turn that warms up, which does not count."""
    job()
    return statistics.median(seconds(job) for _turn in range(turns))


def compare_seconds(job: Callable, reference: Callable, turns: int) -> Measured:
    """Both by medians, taken in turns so that a busy moment hits both, after a first turn that warms up."""
    job(), reference()
    pairs = [(seconds(job), seconds(reference)) for _turn in range(turns)]
    return Measured(*map(statistics.median, zip(*pairs, strict=True)))
