"""Milestones of a pillar at its meetings: how many were met of those promised for a date that had passed by then."""

import datetime
from collections import Counter
from dataclasses import dataclass, replace

from django.db.models import Count

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.publishing import kept_results, prepared_queries
from initiatives.models import Edition, Entry

from .pillars import meetings_of_cycle
from .progress import Milestones, PillarProgress

#: The newest meetings are enough: each asks for the record of its own day.
MEETINGS = 6


@dataclass(frozen=True)
class TrendPoint:
    """Milestones on the day of a meeting; the last point, of the reader's own day, has no meeting."""

    meeting: Edition | None
    day: datetime.date
    milestones: Milestones


@dataclass(frozen=True)
class Trend:
    """From meeting to meeting to the reader's day; no points where the record has no earlier day to show."""

    points: list[TrendPoint]

    @property
    def longest(self) -> int:
        """The most milestones that were due on any of the days, and at least one."""
        return max((point.milestones.due for point in self.points), default=0) or 1


def trend(progress: PillarProgress, at: Moment) -> Trend:
    """A query for the meetings, and one for each, six at most."""
    points = []
    for meeting, moment in _meetings(progress, at):
        closed = [progress.key] if progress.is_over(moment.day) else []
        milestones = Milestones(_count(moment, progress.key, tuple(closed)))
        if milestones.due or points:
            points.append(TrendPoint(meeting, moment.day, milestones))
    return Trend([*points, TrendPoint(None, at.day, progress.milestones)] if points else [])


@kept_results.keep(in_language=False)
def _count(at: Moment, key: str, closed: tuple[str, ...]) -> Counter:
    return Counter(dict(prepared_queries.fetch(_results, at=at, key=key, closed=closed)))


def _results(at: Moment, key, closed):
    """How many items of a pillar have each result."""
    editions = Edition.objects.public(at).initiatives().in_pillar(key)
    entries = Entry.objects.filter(edition__in=editions.order_by()).order_by().with_result(at.day, closed)
    return entries.values_list("result").annotate(number=Count("pk"))


def _meetings(progress: PillarProgress, at: Moment) -> list[tuple[Edition, Moment]]:
    """Meetings of the pillar's cycle that were over before the day, in their order."""
    meetings = []
    for meeting in meetings_of_cycle(progress.pillar.cycle_key, at):
        latest = edtf_dates.bounds(meeting.data["date_edtf"])[1]
        if latest is not None and latest < at.day:
            meetings.append((meeting, replace(at, day=latest, asked=True)))
    return sorted(meetings, key=lambda pair: (pair[1].day, pair[0].subject_key))[-MEETINGS:]
