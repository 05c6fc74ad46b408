"""Progress by pillar at a moment of the record, worked out of public editions alone.

Each initiative counts once, at whatever depth; a milestone counts in its own pillar. How each figure is
calculated is explained on the page of measures.
"""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Count, Max, QuerySet

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language, in_language
from initiatives.content import snapshot_content
from initiatives.models import Edition, Entry
from initiatives.vocabulary.choices import STAGE_COUNT_LABELS, Stage
from initiatives.vocabulary.fact_status import FactStatus, is_cycle_over
from initiatives.vocabulary.promise_result import PROMISES_DUE, PROMISES_MET, PromiseResult


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


class DatedItems:
    """Items by their status, as rows that are read where a page shows them; the numbers of all are known before.

    Rows have a `status` and a `result`, and stand in the order of dates.
    """

    entries: QuerySet[Entry]
    statuses: Counter

    def with_status(self, status: FactStatus) -> QuerySet[Entry]:
        return self.entries.filter(status=status)

    @property
    def past_their_date(self) -> QuerySet[Entry]:
        """The oldest first."""
        return self.with_status(FactStatus.DATE_PASSED)

    @property
    def outcome_not_published(self) -> QuerySet[Entry]:
        return self.with_status(FactStatus.OUTCOME_NOT_PUBLISHED)

    @property
    def expected(self) -> QuerySet[Entry]:
        return self.with_status(FactStatus.EXPECTED)

    @property
    def ahead(self) -> QuerySet[Entry]:
        """What is expected by a last day, the nearest first."""
        return self.expected.filter(latest__isnull=False)

    @property
    def past_count(self) -> int:
        return self.statuses[FactStatus.DATE_PASSED]

    @property
    def outcome_count(self) -> int:
        return self.statuses[FactStatus.OUTCOME_NOT_PUBLISHED]

    @property
    def expected_count(self) -> int:
        return self.statuses[FactStatus.EXPECTED]


@dataclass
class PillarProgress(DatedItems):
    """What one pillar's public editions add up to on one day."""

    pillar: Edition
    entries: QuerySet[Entry] = field(default_factory=Entry.objects.none)
    stages: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Stage.values, 0))
    milestones: Milestones = field(default_factory=Milestones)
    statuses: Counter = field(default_factory=Counter)
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
    def initiatives(self) -> int:
        return sum(self.stages.values())

    @property
    def stage_counts(self) -> list[tuple[str, str, int]]:
        """Value, label of a count, and count of each stage."""
        return [(stage.value, STAGE_COUNT_LABELS[stage], self.stages[stage.value]) for stage in Stage]

    def is_over(self, day: datetime.date) -> bool:
        """True when the cycle of the pillar had ended before that day."""
        return is_cycle_over(snapshot_content.cycle_ends({"pillar": self.key}, [self.pillar.data]), day)


@dataclass
class CycleProgress(DatedItems):
    """The pillars of one cycle together. Counts of two cycles are never added up."""

    pillars: list[PillarProgress]
    entries: QuerySet[Entry]

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

    @property
    def last_reported(self) -> datetime.date | None:
        return newest_source_day(self.pillars)

    @property
    def promised_in(self) -> str:
        """The month, in words, in which all that is due was promised; empty where the promises have several."""
        due = self.entries.filter(result__in=PROMISES_DUE).order_by()
        texts = due.values_list("edition__number", "edition__last_reported").distinct()
        months = {f"{day:%Y-%m}" if number == 1 and day else "" for number, day in texts}
        return edtf_dates.to_text(months.pop(), active_language()) if len(months) == 1 else ""


def progress_by_cycle(at: Moment) -> list[CycleProgress]:
    """Each public cycle, the newest first."""
    pillars, entries = _progress(at)
    cycles = [list(group) for _key, group in groupby(pillars, key=lambda pillar: pillar.cycle["key"])]
    return [CycleProgress(group, _of_pillars(entries, group)) for group in cycles]


def _of_pillars(entries: QuerySet[Entry], pillars: Iterable[PillarProgress]) -> QuerySet[Entry]:
    return entries.filter(edition__pillar_key__in=[pillar.key for pillar in pillars])


def progress_by_pillar(at: Moment, cycle: str | None = None) -> list[PillarProgress]:
    """Progress of each public pillar, the newest cycle first. Three queries, whatever the record holds."""
    return _progress(at, cycle)[0]


def _progress(at: Moment, cycle: str | None = None) -> tuple[list[PillarProgress], QuerySet[Entry]]:
    pillars = Edition.objects.public(at).of_kind("pillar")
    if cycle is not None:
        pillars = pillars.filter(cycle_key=cycle)
    by_pillar = {pillar.subject_key: PillarProgress(pillar) for pillar in pillars}
    initiatives = Edition.objects.public(at).initiatives().filter(pillar_key__in=by_pillar).order_by()
    groups = initiatives.values_list("pillar_key", "stage", "basis").annotate(Count("pk"), Max("last_reported"))
    for key, stage, basis, number, reported in groups:
        progress = by_pillar[key]
        progress.stages[stage] += number
        progress.bases[basis] += number
        progress.last_reported = max(filter(None, (progress.last_reported, reported)), default=None)
    closed = [key for key, progress in by_pillar.items() if progress.is_over(at.day)]
    entries = Entry.objects.filter(edition__in=initiatives).with_result(at.day, closed).exclude(status=None)
    groups = entries.order_by().values_list("edition__pillar_key", "status", "result").annotate(Count("pk"))
    for key, status, result, number in groups:
        by_pillar[key].statuses[status] += number
        by_pillar[key].milestones.results[result] += number
    rows = entries.by_date().select_related("edition").defer("edition__content")
    for progress in by_pillar.values():
        progress.entries = _of_pillars(rows, [progress])
    newest_first = sorted(
        by_pillar.values(), key=lambda p: (p.cycle["begins"], p.cycle["key"], -p.number), reverse=True
    )
    return newest_first, rows


def pillar_progress(key: str, at: Moment) -> PillarProgress | None:
    """Progress of one public pillar, or None."""
    pillar = Edition.objects.public(at).of_kind("pillar").filter(subject_key=key).first()
    if pillar is None:
        return None
    return next(p for p in progress_by_pillar(at, pillar.cycle_key) if p.key == key)


def newest_source_day(pillar_progress: list[PillarProgress]) -> datetime.date | None:
    """The day of the last text in the record."""
    return max((progress.last_reported for progress in pillar_progress if progress.last_reported), default=None)
