"""Lanes of a timeline: dated facts as signs over their spans, none of them on another. Geometry as text."""

import datetime
from dataclasses import dataclass

from django.utils.text import capfirst

from initiatives.vocabulary.fact_status import FactStatus

from .scales import Days, percent

#: Pixels: half a sign, from one level of signs to the next, and the lane above and below them.
SIGN, LEVEL, LANE_PADDING = 7, 20, 13
#: The part of the narrowest lane, a phone's, that a sign covers.
MIN_GAP = 0.06


#: What a text reports as done or going on was so by its own day.
_REPORTED = (FactStatus.DONE, FactStatus.UNDER_WAY)


@dataclass(frozen=True)
class Dated:
    """A fact with its earliest and latest day, one of which may be open.

    `date` and `words`: short and full text; `first` is the latest day of its first published date. `not_after` is the
    day of the text that reports it: what is done was so by then, and what goes on with an open end went on until then.
    """

    earliest: datetime.date | None
    latest: datetime.date | None
    status: FactStatus
    date: str
    words: str
    first: datetime.date | None = None
    not_after: datetime.date | None = None

    @property
    def last(self) -> datetime.date | None:
        """The latest day that is possible."""
        if self.latest is None and self.status == FactStatus.UNDER_WAY and self.not_after and self.earliest:
            return max(self.earliest, self.not_after)
        if self.latest is None or self.not_after is None or self.status not in _REPORTED:
            return self.latest
        return max(min(self.latest, self.not_after), self.earliest or datetime.date.min)

    @property
    def day(self) -> datetime.date:
        """The day of its sign: the latest, which decides what is past; the earliest where the end is open."""
        return self.last or self.earliest


@dataclass(frozen=True)
class Sign:
    """The sign of a fact. `x` and the span are percentages of the lane, `y` is in pixels.

    `tail`: the side on which the date is open, or goes on beyond the chart; `moved_from` where the date was first.
    """

    status: FactStatus
    words: str
    x: str
    y: str
    span_x: str = ""
    span_width: str = ""
    tail: str = ""
    moved_from: str = ""


@dataclass(frozen=True)
class Lane:
    """Signs and the height of their lane in pixels; `words` describes their dates and positions."""

    signs: list[Sign]
    height: str
    words: str


def lane(facts: list[Dated], days: Days) -> Lane:
    """One lane of the facts that touch these days, in the order of their dates."""
    shown = sorted((fact for fact in facts if touches(fact, days)), key=lambda fact: (fact.day, fact.status))
    ends: list[float] = []  # where each level is taken up to
    signs = []
    for fact in shown:
        left, right = _extent(fact, days)
        level = next((n for n, end in enumerate(ends) if end <= left), len(ends))
        ends[level : level + 1] = [right]
        signs.append(_sign(fact, days, LANE_PADDING + level * LEVEL))
    height = 2 * LANE_PADDING + LEVEL * max(len(ends) - 1, 0)
    words = "; ".join(f"{fact.status.label}: {fact.date}" for fact in shown)
    return Lane(signs, str(height), capfirst(words))


def touches(fact: Dated, days: Days) -> bool:
    if fact.earliest is None or fact.last is None:
        return days.holds(fact.day)
    return fact.earliest <= days.last and fact.last >= days.first


def _extent(fact: Dated, days: Days) -> tuple[float, float]:
    """From where to where it takes its level: span, sign and tails."""
    at = days.middle(fact.day)
    start = days.share(fact.earliest) if fact.earliest else at - MIN_GAP / 2
    first = days.middle(fact.first) if fact.first else at
    return min(start, first, at - MIN_GAP / 2), max(first, at + MIN_GAP / 2)


def _sign(fact: Dated, days: Days, y: int) -> Sign:
    span = {}
    if fact.earliest and fact.last and fact.earliest != fact.last:
        start, end = days.share(fact.earliest), days.share(fact.last, end=True)
        span = {"span_x": percent(start), "span_width": percent(end - start)}
    return Sign(
        status=fact.status,
        words=fact.words,
        x=percent(days.middle(fact.day)),
        y=str(y),
        tail=_tail(fact, days),
        moved_from=percent(days.middle(fact.first)) if fact.first and fact.first != fact.latest else "",
        **span,
    )


def _tail(fact: Dated, days: Days) -> str:
    if fact.earliest is None or fact.earliest < days.first:
        return "before"
    return "after" if fact.latest is None or fact.last > days.last else ""
