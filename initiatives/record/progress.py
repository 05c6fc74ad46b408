"""Progress by pillar at a moment of the record, worked out of public editions alone.

Each initiative counts once, at whatever depth; a milestone counts in its own pillar. How each figure is
calculated is explained on the page of measures.
"""

import datetime
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language, in_language
from initiatives.charts import bars
from initiatives.content import snapshot_content
from initiatives.models import Edition, Entry
from initiatives.vocabulary.choices import STAGE_COUNT_LABELS, Stage
from initiatives.vocabulary.fact_status import FactStatus, is_cycle_over
from initiatives.vocabulary.promise_result import PROMISES_DUE, PROMISES_MET, PromiseResult

NEXT = 5


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
    """What one pillar's public editions add up to on one day; lists are in the order of dates."""

    pillar: Edition
    stages: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Stage.values, 0))
    milestones: Milestones = field(default_factory=Milestones)
    due: list[Entry] = field(default_factory=list)
    past_their_date: list[Entry] = field(default_factory=list)
    outcome_not_published: list[Entry] = field(default_factory=list)
    ahead: list[Entry] = field(default_factory=list)
    without_last_day: list[Entry] = field(default_factory=list)
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
    def next(self) -> list[Entry]:
        """The facts expected soonest."""
        return self.ahead[:NEXT]

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

    def add_entry(self, entry: Entry) -> None:
        """Count an entry that has a `status` and a `result`."""
        self.milestones.results[entry.result] += 1
        if entry.result in PROMISES_DUE:
            self.due.append(entry)
        if entry.status == FactStatus.DATE_PASSED:
            self.past_their_date.append(entry)
        elif entry.status == FactStatus.OUTCOME_NOT_PUBLISHED:
            self.outcome_not_published.append(entry)
        elif entry.status == FactStatus.EXPECTED:
            (self.ahead if entry.latest else self.without_last_day).append(entry)


@dataclass
class CycleProgress:
    """The pillars of one cycle together. Counts of two cycles are never added up."""

    pillars: list[PillarProgress]

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
    def past_their_date(self) -> list[Entry]:
        """The oldest first."""
        return _by_last_day(entry for pillar in self.pillars for entry in pillar.past_their_date)

    @property
    def outcome_not_published(self) -> list[Entry]:
        return [entry for pillar in self.pillars for entry in pillar.outcome_not_published]

    @property
    def expected(self) -> list[Entry]:
        return self.ahead + [entry for pillar in self.pillars for entry in pillar.without_last_day]

    @property
    def ahead(self) -> list[Entry]:
        """What is expected by a last day, the nearest first."""
        return _by_last_day(entry for pillar in self.pillars for entry in pillar.ahead)

    @property
    def last_reported(self) -> datetime.date | None:
        return newest_source_day(self.pillars)

    @property
    def promised_in(self) -> str:
        """The month, in words, in which all that is due was promised; empty where the promises have several."""
        due = [entry for pillar in self.pillars for entry in pillar.due]
        months = {f"{entry.edition.last_reported:%Y-%m}" if _is_first(entry.edition) else "" for entry in due}
        return edtf_dates.to_text(months.pop(), active_language()) if len(months) == 1 else ""


def _is_first(edition: Edition) -> bool:
    return edition.number == 1 and edition.last_reported is not None


def _by_last_day(entries) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.latest, entry.edition.subject_key, entry.order))


def progress_by_cycle(at: Moment) -> list[CycleProgress]:
    """Each public cycle, the newest first."""
    pillars = progress_by_pillar(at)
    return [CycleProgress(list(group)) for _key, group in groupby(pillars, key=lambda pillar: pillar.cycle["key"])]


def progress_by_pillar(at: Moment, cycle: str | None = None) -> list[PillarProgress]:
    """Progress of each public pillar, the newest cycle first. Three queries, whatever the record holds."""
    pillars = Edition.objects.public(at).of_kind("pillar")
    if cycle is not None:
        pillars = pillars.filter(cycle_key=cycle)
    by_pillar = {pillar.subject_key: PillarProgress(pillar) for pillar in pillars}
    initiatives = Edition.objects.public(at).initiatives().filter(pillar_key__in=by_pillar)
    for key, stage, basis, reported in initiatives.values_list("pillar_key", "stage", "basis", "last_reported"):
        progress = by_pillar[key]
        progress.stages[stage] += 1
        progress.bases[basis] += 1
        if reported and (progress.last_reported is None or reported > progress.last_reported):
            progress.last_reported = reported
    closed = [key for key, progress in by_pillar.items() if progress.is_over(at.day)]
    entries = Entry.objects.filter(edition__in=initiatives).with_result(at.day, closed).exclude(status=None).by_date()
    for entry in entries.select_related("edition").defer("edition__content"):
        by_pillar[entry.edition.pillar_key].add_entry(entry)
    return sorted(by_pillar.values(), key=lambda p: (p.cycle["begins"], p.cycle["key"], -p.number), reverse=True)


def pillar_progress(key: str, at: Moment) -> PillarProgress | None:
    """Progress of one public pillar, or None."""
    pillar = Edition.objects.public(at).of_kind("pillar").filter(subject_key=key).first()
    if pillar is None:
        return None
    return next(p for p in progress_by_pillar(at, pillar.cycle_key) if p.key == key)


def newest_source_day(pillar_progress: list[PillarProgress]) -> datetime.date | None:
    """The day of the last text in the record."""
    return max((progress.last_reported for progress in pillar_progress if progress.last_reported), default=None)
