"""How recommendations are heard, in figures: received, answered, waiting, and how long it takes.

A median over the answered ones alone would look better the more letters lie: those still waiting count at their
present age, so that the published figures can only grow while they wait.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hled_portal.dates.as_of import Moment
from initiatives.charts.bars import Segment, stacked_bar
from initiatives.record.pillars import Pillars
from stakeholders.vocabulary import Sector, SenderCountry

from . import published, submission_totals
from .submission_totals import SubmissionTotals


@dataclass(frozen=True)
class Wait:
    """One recommendation: the days until its first answer, or its present age while it waits."""

    days: int
    answered: bool
    pillar: str
    sector: str
    country: str


@dataclass(frozen=True)
class StatisticsLine:
    """The figures of one group of recommendations."""

    key: str
    label: str
    waits: list[Wait]

    @property
    def received(self) -> int:
        return len(self.waits)

    @property
    def answered(self) -> int:
        return sum(wait.answered for wait in self.waits)

    @property
    def waiting(self) -> int:
        return self.received - self.answered

    @property
    def longest(self) -> int | None:
        """The age in days of the oldest one without an answer."""
        return max((wait.days for wait in self.waits if not wait.answered), default=None)

    @property
    def median(self) -> int | None:
        """Days, those still waiting at their present age; half days are rounded up."""
        return int(median(wait.days for wait in self.waits) + 0.5) if self.waits else None

    @property
    def at_least(self) -> bool:
        """Whether the median can still grow: one that waits is not older than it."""
        return any(not wait.answered and wait.days <= self.median for wait in self.waits)


@dataclass(frozen=True)
class StatisticsTable:
    """The figures by one thing. `name` is that of the filter of the list that gives each line."""

    name: str
    title: str
    heading: str
    lines: list[StatisticsLine]

    def bars(self) -> list[tuple[StatisticsLine, list[Segment]]]:
        """Each line with its bar: answered and waiting, to one scale."""
        longest = max((line.received for line in self.lines), default=1)
        return [(line, _bar(line, longest)) for line in self.lines]


@dataclass(frozen=True)
class Statistics:
    """The figures of all that is public at a moment. `day` is the one at which ages are counted.

    `submissions` counts all that came in, published or not.
    """

    day: datetime.date
    whole: StatisticsLine
    tables: list[StatisticsTable]
    submissions: SubmissionTotals | None = None

    def bar(self) -> list[Segment]:
        return _bar(self.whole, self.whole.received or 1)


def _bar(line: StatisticsLine, longest: int) -> list[Segment]:
    parts = [("met", _("response published"), line.answered), ("unmet", _("awaiting a response"), line.waiting)]
    return stacked_bar(parts, longest)


def build_statistics(at: Moment, pillars: Pillars, **columns) -> Statistics:
    """The figures, of all or of those with these columns. Two queries, one more for the names of pillars.

    What was entered from a joint text has no known day of arrival, and is left out.
    """
    names = ("received_on", "answered_on", "pillar_key", "of_sector", "of_country")
    rows = (
        published.public_recommendations(at)
        .filter(source_key="", **columns)
        .order_by("received_on", "key")
        .values_list(*names)
    )
    waits = [_wait(at.day, *row) for row in rows]
    nothing = capfirst(_("not stated"))
    tables = [
        StatisticsTable(
            "pillar", _("By pillar"), _("Pillar"), _lines(waits, "pillar", [*pillars.labels.items(), ("", nothing)])
        ),
        StatisticsTable(
            "sector", _("By sector"), _("Sector"), _lines(waits, "sector", [*Sector.choices, ("", nothing)])
        ),
        StatisticsTable(
            "country", _("By country"), _("Country"), _lines(waits, "country", [*SenderCountry.choices, ("", nothing)])
        ),
    ]
    submissions = submission_totals.count(at, columns.get("consultation_key", ""))
    return Statistics(at.day, StatisticsLine("", _("All recommendations"), waits), tables, submissions)


def _wait(day: datetime.date, received, answered, pillar: str, sector: str, country: str) -> Wait:
    days = ((answered or day) - received).days
    return Wait(max(days, 0), answered is not None, pillar, sector, country)


def _lines(waits: list[Wait], name: str, choices: Iterable[tuple[str, str]]) -> list[StatisticsLine]:
    """The groups that hold something, in the order of their list."""
    labels = dict(choices)
    groups: dict[str, list[Wait]] = {}
    for wait in waits:
        key = getattr(wait, name)
        groups.setdefault(key if key in labels else "", []).append(wait)
    return [StatisticsLine(key, capfirst(str(labels[key])), groups[key]) for key in labels if key in groups]
