"""Progress by pillar at a moment of the record, worked out of public editions alone.

Each initiative counts once, at whatever depth; a milestone counts in its own pillar. How each figure is
calculated is explained on the page of measures.
"""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from django.db.models import Count, Max, Min, Q

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language, in_language
from hled_portal.publishing import kept_results, prepared_queries
from initiatives.charts import bars
from initiatives.content import snapshot_content
from initiatives.models import Edition, Entry
from initiatives.models.querysets import entry_conditions
from initiatives.vocabulary.choices import STAGE_COUNT_LABELS, Stage
from initiatives.vocabulary.fact_status import FactStatus, is_cycle_over
from initiatives.vocabulary.promise_result import PROMISES_DUE, PROMISES_MET, PromiseResult

from .name_lookup import RecordDays, public_edition, public_of_kinds

#: So many of the items past their date, and of those expected next, are listed; a link leads to the others.
MAX_PAST, MAX_NEXT = 10, 5


@dataclass
class Milestones:
    """How many milestones had each result."""

    results: Counter = field(default_factory=Counter)

    @property
    def due(self) -> int:
        """Promised for a date that has passed."""
        return sum(self.results[result] for result in PROMISES_DUE)

    @property
    def met(self) -> int:
        """Of those due, published as met."""
        return sum(self.results[result] for result in PROMISES_MET)

    @property
    def open(self) -> int:
        return self.results[PromiseResult.OPEN]

    @property
    def first_published_when_met(self) -> int:
        return self.results[PromiseResult.FIRST_PUBLISHED_MET]

    @property
    def met_counts(self) -> list[tuple[str, str, int]]:
        """Value, label and count of each way of being met that occurs."""
        return [(result.value, result.label, self.results[result]) for result in PROMISES_MET if self.results[result]]


@dataclass
class PillarProgress:
    """What one pillar's public editions add up to on one day; lists are the first in the order of dates."""

    pillar: Edition
    stages: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Stage.values, 0))
    milestones: Milestones = field(default_factory=Milestones)
    statuses: Counter = field(default_factory=Counter)
    #: The first and the last days on which what is due was promised; with a None where that is not known.
    promised: set[datetime.date | None] = field(default_factory=set)
    past_their_date: list[Entry] = field(default_factory=list)
    next: list[Entry] = field(default_factory=list)
    last_reported: datetime.date | None = None
    bases: Counter = field(default_factory=Counter)

    @property
    def key(self) -> str:
        return self.pillar.subject_key

    @property
    def number(self) -> int:
        return self.pillar.data["number"]

    @property
    def cycle(self) -> dict:
        return self.pillar.data["cycle"]

    @property
    def record_days(self) -> RecordDays | None:
        return RecordDays(self.last_reported, self.last_reported) if self.last_reported else None

    @property
    def initiatives(self) -> int:
        return sum(self.stages.values())

    @property
    def stage_counts(self) -> list[tuple[str, str, int]]:
        """Value, label of a count, and count of each stage."""
        return [(stage.value, STAGE_COUNT_LABELS[stage], self.stages[stage.value]) for stage in Stage]

    @property
    def stage_segments(self) -> list:
        """The bar of stages, as wide as the pillar's own initiatives."""
        return bars.stacked_bar(self.stage_counts, self.initiatives)

    def is_over(self, day: datetime.date) -> bool:
        """True when the cycle of the pillar had ended before that day."""
        return is_cycle_over(snapshot_content.cycle_ends({"pillar": self.key}, [self.pillar.data]), day)

    def add_items(self, status: str, result: str, number: int, days: set[datetime.date | None]) -> None:
        """Count so many items; `days`: the first and the last on which they were promised."""
        self.milestones.results[result] += number
        self.statuses[status] += number
        if result in PROMISES_DUE:
            self.promised |= days


@dataclass
class CycleProgress:
    """The pillars of one cycle together. Counts of two cycles are never added up."""

    pillars: list[PillarProgress]
    at: Moment

    @property
    def cycle(self) -> dict:
        return self.pillars[0].cycle

    @property
    def name(self) -> str:
        return in_language(self.cycle, "name")

    @property
    def bases(self) -> Counter:
        return sum((pillar.bases for pillar in self.pillars), Counter())

    @property
    def milestones(self) -> Milestones:
        return Milestones(sum((pillar.milestones.results for pillar in self.pillars), Counter()))

    @property
    def statuses(self) -> Counter:
        return sum((pillar.statuses for pillar in self.pillars), Counter())

    @cached_property
    def past_their_date(self) -> list[Entry]:
        """The oldest. One query."""
        return items_past_their_date(self.pillars, self.at)

    @cached_property
    def next(self) -> list[Entry]:
        """What is expected by a last day, the nearest. One query."""
        return items_expected(self.pillars, self.at)

    @property
    def promised_in(self) -> str:
        """The month, in words, in which all that is due was promised; empty where the promises have several."""
        days = set().union(*(pillar.promised for pillar in self.pillars))
        months = {day and f"{day:%Y-%m}" for day in days}
        return edtf_dates.to_text(months.pop(), active_language()) if len(months) == 1 and None not in months else ""


def progress_by_cycle(at: Moment) -> list[CycleProgress]:
    """Each public cycle, the newest first."""
    pillars = progress_by_pillar(at)
    groups = groupby(pillars, key=lambda pillar: pillar.cycle["key"])
    return [CycleProgress(list(group), at) for _key, group in groups]


def progress_by_pillar(at: Moment) -> list[PillarProgress]:
    """The counts of each public pillar, the newest cycle first. Three queries."""
    pillars = _count(public_of_kinds(at, "pillar"), at)
    return sorted(pillars, key=lambda p: (p.cycle["begins"], p.cycle["key"], -p.number), reverse=True)


@dataclass(frozen=True)
class WithoutPillar:
    """How many initiatives stand under no pillar, and how many of their items have a date that passed."""

    initiatives: int
    past: int


@kept_results.keep(in_language=False)
def without_pillar(at: Moment) -> WithoutPillar:
    """What the counts of pillars leave out. Two queries, one where there is none."""
    editions = Edition.objects.public(at).initiatives().in_pillar("").order_by()
    if not (count := editions.count()):
        return WithoutPillar(0, 0)
    entries = Entry.objects.filter(entry_conditions(at.day, ())[FactStatus.DATE_PASSED], edition__in=editions)
    return WithoutPillar(count, entries.count())


def pillar_progress(key: str, at: Moment) -> PillarProgress | None:
    """The counts of one public pillar, or None. Three queries."""
    return next(iter(_count([pillar] if (pillar := public_edition("pillar", key, at)) else [], at)), None)


def with_items(progress: PillarProgress, at: Moment) -> PillarProgress:
    """With the first items past their date and the next. Two queries at most."""
    progress.past_their_date = items_past_their_date([progress], at)
    progress.next = items_expected([progress], at)
    return progress


def _count(pillars: list[Edition], at: Moment) -> list[PillarProgress]:
    by_pillar = {pillar.subject_key: PillarProgress(pillar) for pillar in pillars}
    for key, stage, basis, number, reported in _stage_rows(at, tuple(by_pillar)):
        progress = by_pillar[key]
        progress.stages[stage] += number
        progress.bases[basis] += number
        if reported and (progress.last_reported is None or reported > progress.last_reported):
            progress.last_reported = reported
    for key, status, result, number, first, last, unknown in _result_rows(at, *_keys(by_pillar.values(), at)):
        by_pillar[key].add_items(status, result, number, {first, last} | ({None} if unknown else set()))
    return list(by_pillar.values())


def _keys(pillars: Iterable[PillarProgress], at: Moment) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys of all of them, and of those whose cycle was over."""
    over = {progress.key: progress.is_over(at.day) for progress in pillars}
    return tuple(over), tuple(key for key, is_over in over.items() if is_over)


@kept_results.keep(in_language=False)
def _stage_rows(at: Moment, keys: tuple[str, ...]) -> list[tuple]:
    return prepared_queries.fetch(_stages, at=at, keys=keys)


@kept_results.keep(in_language=False)
def _result_rows(at: Moment, keys: tuple[str, ...], closed: tuple[str, ...]) -> list[tuple]:
    return prepared_queries.fetch(_results, at=at, keys=keys, closed=closed)


def _initiatives(at: Moment, keys):
    return Edition.objects.public(at).initiatives().filter(pillar_key__in=keys).order_by()


def _stages(at: Moment, keys):
    rows = _initiatives(at, keys).values_list("pillar_key", "stage", "basis")
    return rows.annotate(number=Count("pk"), reported=Max("last_reported"))


def _results(at: Moment, keys, closed):
    """How many items have each status and result, and when they were promised as far as that is known."""
    entries = Entry.objects.filter(edition__in=_initiatives(at, keys)).with_result(at.day, closed).order_by()
    promised_when_unknown = ~Q(edition__number=1) | Q(edition__last_reported=None)
    return (
        entries.exclude(status=None)
        .values_list("edition__pillar_key", "status", "result")
        .annotate(
            number=Count("pk"),
            first=Min("edition__last_reported"),
            last=Max("edition__last_reported"),
            unknown=Count("pk", filter=promised_when_unknown),
        )
    )


def items_past_their_date(pillars: list[PillarProgress], at: Moment) -> list[Entry]:
    """The oldest that these pillars have. One query, none where there are none."""
    return _items(pillars, at, FactStatus.DATE_PASSED, MAX_PAST)


def items_expected(pillars: list[PillarProgress], at: Moment) -> list[Entry]:
    """The nearest with a last day. One query, none where nothing is expected."""
    return _items(pillars, at, FactStatus.EXPECTED, MAX_NEXT)


def _items(pillars: list[PillarProgress], at: Moment, status: FactStatus, at_most: int) -> list[Entry]:
    if not any(progress.statuses[status] for progress in pillars):
        return []
    return _item_rows(at, status, at_most, *_keys(pillars, at))


@kept_results.keep()
def _item_rows(at: Moment, status: FactStatus, at_most: int, keys: tuple[str, ...], closed: tuple[str, ...]):
    return prepared_queries.fetch(_first_of_status, status, at_most, at=at, keys=keys, closed=closed)


def _first_of_status(status: FactStatus, at_most: int, at: Moment, keys, closed):
    entries = Entry.objects.filter(edition__in=_initiatives(at, keys), latest__isnull=False)
    entries = entries.filter(entry_conditions(at.day, closed)[status]).by_date()
    return entries.select_related("edition").defer("edition__content")[:at_most]
