"""How many submissions came in and what became of them: the numbers alone, of all of them, published or not.

No code for the public reads a submission. `stakeholders/letters/count_submissions.py` counts; the app sets it.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from hled_portal.dates.as_of import Moment


@dataclass(frozen=True)
class SubmissionTotals:
    """Of all submissions received up to the end of a day. `longest_wait`: days of the oldest without a response."""

    day: datetime.date
    received: int
    unread: int
    answered: int
    waiting: int
    longest_wait: int | None
    unpublished: int


Counter = Callable[[datetime.date, str], dict]
_counters: list[Counter] = []


def register_counter(counter: Counter) -> None:
    _counters[:] = [counter]


def count(at: Moment, consultation_key: str = "") -> SubmissionTotals | None:
    """The totals, of all or of one consultation, up to the last day that is over: pages stay as they are for a day."""
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    day = min(at.day, yesterday)
    return SubmissionTotals(day=day, **_counters[0](day, consultation_key)) if _counters else None
