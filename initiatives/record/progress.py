"""Progress by pillar at a moment of the record, worked out of public editions alone.

Each initiative counts once, at whatever depth; a milestone counts in its own pillar. How each figure is
calculated is explained on the page of measures.
"""

import datetime
from collections import Counter
from dataclasses import dataclass, field

from hled_portal.dates.as_of import Moment
from initiatives.content import snapshot_content
from initiatives.models import Edition, Entry
from initiatives.vocabulary.actions import Modality
from initiatives.vocabulary.choices import STAGE_COUNT_LABELS, Stage
from initiatives.vocabulary.fact_status import FactStatus, fact_status, is_cycle_over

#: A plan makes nothing due.
PROMISED = (Modality.EXPECTED, Modality.COMMITTED, Modality.DEADLINE)
NEXT = 5
STAGES = Stage.choices


@dataclass
class Milestones:
    """Milestones met of milestones due: by the present dates, and by the first published ones."""

    met: int = 0
    due: int = 0
    met_by_first: int = 0
    due_by_first: int = 0
    first_published_when_met: int = 0

    def add(self, entry: Entry, day: datetime.date, cycle_over: bool) -> None:
        """Count one milestone; after the end of its cycle one whose outcome was not published does not count."""
        status = entry.status_on(day, cycle_over=cycle_over)
        if status == FactStatus.OUTCOME_NOT_PUBLISHED:
            return
        met = status == FactStatus.DONE
        self.met += met
        self.due += met or (status == FactStatus.DATE_PASSED and entry.modality in PROMISED)
        if self._was_due_first(entry, day):
            self.due_by_first += 1
            self.met_by_first += met
        self.first_published_when_met += met and entry.first_modality == Modality.HAPPENED

    @staticmethod
    def _was_due_first(entry: Entry, day: datetime.date) -> bool:
        """Whether the first published date has passed."""
        first = fact_status(
            modality=entry.first_modality, ended=entry.ended, earliest=None, latest=entry.first_latest, day=day
        )
        return first == FactStatus.DATE_PASSED and entry.first_modality in PROMISED


@dataclass
class PillarProgress:
    """What one pillar's public editions add up to on one day."""

    pillar: Edition
    stages: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Stage.values, 0))
    milestones: Milestones = field(default_factory=Milestones)
    past_their_date: list[Entry] = field(default_factory=list)
    outcome_not_published: list[Entry] = field(default_factory=list)
    ahead: list[Entry] = field(default_factory=list)
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

    def is_over(self, day: datetime.date) -> bool:
        """True when the cycle of the pillar had ended before that day."""
        return is_cycle_over(snapshot_content.cycle_ends({"pillar": self.key}, [self.pillar.data]), day)


def progress_by_pillar(at: Moment, cycle: str | None = None) -> list[PillarProgress]:
    """Progress of each public pillar, the newest cycle first. Four queries, whatever the record holds."""
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
    _add_entries(by_pillar, initiatives, at.day)
    return sorted(by_pillar.values(), key=lambda p: (-int(p.cycle["begins"][:4]), p.number))


def pillar_progress(key: str, at: Moment) -> PillarProgress | None:
    """Progress of one public pillar, or None."""
    pillar = Edition.objects.public(at).of_kind("pillar").filter(subject_key=key).first()
    if pillar is None:
        return None
    return next(p for p in progress_by_pillar(at, pillar.cycle_key) if p.key == key)


def _add_entries(by_pillar: dict[str, PillarProgress], initiatives, day: datetime.date) -> None:
    entries = Entry.objects.filter(edition__in=initiatives).select_related("edition").defer("edition__content")
    for entry in entries.milestones():
        progress = by_pillar[entry.edition.pillar_key]
        progress.milestones.add(entry, day, progress.is_over(day))
    closed = [key for key, progress in by_pillar.items() if progress.is_over(day)]
    for entry in entries.awaited().with_status(day, closed):
        progress = by_pillar[entry.edition.pillar_key]
        if entry.status == FactStatus.DATE_PASSED:
            progress.past_their_date.append(entry)
        elif entry.status == FactStatus.OUTCOME_NOT_PUBLISHED:
            progress.outcome_not_published.append(entry)
        elif entry.latest is not None:
            progress.ahead.append(entry)


def newest_source_day(pillar_progress: list[PillarProgress]) -> datetime.date | None:
    """The day of the last text in the record."""
    return max((progress.last_reported for progress in pillar_progress if progress.last_reported), default=None)


@dataclass
class Totals:
    """What all pillars shown add up to, and the longest bars of the charts."""

    stages: list[int]
    initiatives: int
    met: int
    due: int
    met_by_first: int
    due_by_first: int
    first_published_when_met: int
    past_their_date: int
    cleared: int
    from_joint_texts: int
    most_initiatives: int
    most_due: int


def totals(pillar_progress: list[PillarProgress]) -> Totals:
    """Add up pillars; each initiative and milestone is in one pillar only."""
    milestones = [progress.milestones for progress in pillar_progress]
    return Totals(
        stages=[sum(progress.stages[value] for progress in pillar_progress) for value in Stage.values],
        initiatives=sum(progress.initiatives for progress in pillar_progress),
        met=sum(m.met for m in milestones),
        due=sum(m.due for m in milestones),
        met_by_first=sum(m.met_by_first for m in milestones),
        due_by_first=sum(m.due_by_first for m in milestones),
        first_published_when_met=sum(m.first_published_when_met for m in milestones),
        past_their_date=sum(len(progress.past_their_date) for progress in pillar_progress),
        cleared=sum(progress.bases["keys"] for progress in pillar_progress),
        from_joint_texts=sum(progress.bases["joint_text"] for progress in pillar_progress),
        most_initiatives=max((progress.initiatives for progress in pillar_progress), default=0),
        most_due=max((m.due for m in milestones), default=0),
    )
