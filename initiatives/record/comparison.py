"""What changed in the record between two moments: each initiative that came, went or changed, and what moved in it."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language, in_language
from initiatives.content import diff, snapshot_content
from initiatives.models import Edition, Entry
from initiatives.vocabulary.choices import Confidence, Stage, SubjectKind

from . import fact_changes, name_lookup
from .pillars import Pillars

#: Subjects whose changes are shown field by field; new entries of the register are not shown.
OTHERS = ("pillar", "meeting", "organization", "place", "topic", "source")
NEW_TEXT_KINDS = ("pillar", "meeting")


@dataclass(frozen=True)
class Before:
    """What an initiative was: stage and confidence then and now, where they differ."""

    stage: tuple[str, str] | None
    confidence: tuple[str, str] | None


@dataclass(frozen=True)
class Changed:
    """An initiative that both moments know, in two editions. `merged_into`: key and title of what took its place."""

    old: Edition
    new: Edition
    before: Before
    movements: fact_changes.FactChanges
    merged_into: tuple[str, str] | None

    @property
    def finished(self) -> bool:
        return self.new.stage == Stage.COMPLETED != self.old.stage

    @property
    def otherwise(self) -> bool:
        """Whether no list has it: only its page of differences shows the change."""
        movements = vars(self.movements).values()
        return not (any(movements) or self.before.stage or self.before.confidence or self.merged_into)


@dataclass(frozen=True)
class Other:
    """A pillar, a meeting or an entry of the register that changed; `parts` is empty for a new one."""

    edition: Edition
    parts: list[diff.ChangedPart] = field(default_factory=list)


#: Key and name of each section, in order.
SECTIONS = {
    "new": _("New initiatives"),
    "again": _("Published again after being withdrawn"),
    "finished": _("Completed initiatives"),
    "staged": _("Other status changes"),
    "confidence": _("Changes in delivery outlook"),
    "merged": _("Merged into other initiatives"),
    "moved": _("Date changes"),
    "met": _("Milestones met since then"),
    "held": _("Other events that took place"),
    "measured": _("Changed figures"),
    "facts_new": _("New items in existing initiatives"),
    "facts_gone": _("Items that did not happen or were removed, and why"),
    "changed": _("Initiatives with a new version"),
    "others": _("Pillars, meetings, organizations, places, topics and sources"),
}


MOVEMENTS = ("moved", "met", "held", "measured", "new", "gone")


def _section(name: str) -> str:
    return f"facts_{name}" if name in ("new", "gone") else name


@dataclass(frozen=True)
class CountLine:
    """How many rows a section has."""

    key: str
    label: str
    count: int


@dataclass
class Comparison:
    """Two moments of the record, side by side."""

    earlier: Moment
    later: Moment
    new: list[Edition]
    again: list[Edition]
    changed: list[Changed]
    others: list[Other]
    markers: list[name_lookup.Marker]
    passed: list[Entry]

    @cached_property
    def lists(self) -> dict[str, list]:
        """Initiatives by what moved in them."""
        sections = {_section(name): [row for row in self.changed if getattr(row.movements, name)] for name in MOVEMENTS}
        return {
            "finished": [row for row in self.changed if row.finished],
            "staged": [row for row in self.changed if row.before.stage and not row.finished],
            "confidence": [row for row in self.changed if row.before.confidence],
            "merged": [row for row in self.changed if row.merged_into],
            "otherwise": [row for row in self.changed if row.otherwise],
            **sections,
        }

    @property
    def summary(self) -> list[CountLine]:
        """A line for each section; facts and figures count one by one, initiatives otherwise."""
        counts = {"new": self.new, "again": self.again, "changed": self.changed, "others": self.others, **self.lists}
        counts = {key: len(rows) for key, rows in counts.items()}
        for name in MOVEMENTS:
            counts[_section(name)] = sum(len(getattr(row.movements, name)) for row in self.changed)
        return [CountLine(key, label, counts[key]) for key, label in SECTIONS.items()]

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.again or self.changed or self.others)


def compare_moments(earlier: Moment, later: Moment) -> Comparison:
    """What changed from the one moment to the other. Eight queries, nine where a text was withdrawn."""
    then, now = (_public(at) for at in (earlier, later))
    old = _editions([pk for subject, pk in then.items() if now.get(subject, pk) != pk])
    new = _editions([pk for subject, pk in now.items() if then.get(subject, pk) != pk])
    came = Edition.objects.defer("content").filter(pk__in=[now[subject] for subject in now if subject not in then])
    names = name_lookup.lookup_names(_subjects([*old.values(), *new.values()]), later)
    markers = _markers(earlier, later)
    withdrawn = {(marker.kind, marker.key) for marker in markers}
    came = sorted(came, key=_in_order)
    initiatives = [row for row in came if row.subject_kind == SubjectKind.INITIATIVE]
    changed = sorted((row for row in new.values() if row.subject_kind == SubjectKind.INITIATIVE), key=_in_order)
    return Comparison(
        earlier=earlier,
        later=later,
        new=[row for row in initiatives if _subject(row) not in withdrawn],
        again=[row for row in initiatives if _subject(row) in withdrawn],
        changed=[_changed(old[_subject(row)], row, names) for row in changed],
        others=[Other(row) for row in came if row.subject_kind in NEW_TEXT_KINDS] + _others(old, new, names),
        markers=markers,
        passed=_dates_passed(earlier, later),
    )


def _dates_passed(earlier: Moment, later: Moment) -> list[Entry]:
    """What was expected by a day between the two, with no outcome published at the later one. Two queries."""
    entries = Entry.objects.filter(edition__in=Edition.objects.public(later).initiatives(), latest__gte=earlier.day)
    passed = entries.date_passed(later.day, Pillars(later).closed).by_date()
    return list(passed.select_related("edition").defer("edition__content"))


def _editions(pks: list[int]) -> dict[tuple[str, str], Edition]:
    return {_subject(edition): edition for edition in Edition.objects.filter(pk__in=pks)}


def _markers(earlier: Moment, later: Moment) -> list[name_lookup.Marker]:
    """What was withdrawn of either moment."""
    either = [Edition.objects.withdrawn(at).values("pk") for at in (earlier, later)]
    editions = Edition.objects.filter(Q(pk__in=either[0]) | Q(pk__in=either[1])).with_followed_from()
    return name_lookup.withdrawal_markers(editions.defer("content"))


def _public(at: Moment) -> dict[tuple[str, str], int]:
    """The edition of each subject at a moment. One query."""
    rows = Edition.objects.public(at).order_by().values_list("subject_kind", "subject_key", "pk")
    return {(kind, key): pk for kind, key, pk in rows}


def _subject(edition: Edition) -> tuple[str, str]:
    return edition.subject_kind, edition.subject_key


def _in_order(edition: Edition) -> tuple:
    """By pillar and title."""
    return edition.pillar_key, edition.title, edition.subject_key


def _subjects(editions: list[Edition]) -> set[tuple[str, str]]:
    subjects: set[tuple[str, str]] = set()
    for edition in editions:
        data = edition.data
        replaced = {("initiative", data["replaced_by"])} if data.get("replaced_by") else set()
        is_compared = edition.subject_kind in OTHERS
        subjects |= diff.referenced_subjects(data) if is_compared else snapshot_content.needed(data) | replaced
    return subjects


def _changed(old: Edition, new: Edition, names: name_lookup.Register) -> Changed:
    language = active_language()
    target = new.data["replaced_by"]
    title = in_language(names.contents.get(("initiative", target), {}), "title", language) or target
    return Changed(
        old=old,
        new=new,
        before=Before(
            _pair(old.stage, new.stage, Stage),
            _pair(old.confidence, new.confidence, Confidence),
        ),
        movements=fact_changes.compare_facts(old.data, new.data, names.names, language),
        merged_into=(target, title) if target and target != old.data["replaced_by"] else None,
    )


def _pair(old: str, new: str, choices) -> tuple[str, str] | None:
    return (choices(old).label, choices(new).label) if old != new else None


def _others(old: dict, new: dict, names: name_lookup.Register) -> list[Other]:
    rows = sorted((row for subject, row in new.items() if subject[0] in OTHERS), key=lambda row: row.title)
    language = active_language()
    others = [
        Other(row, diff.compare_contents(old[_subject(row)].data, row.data, names.names, language)) for row in rows
    ]
    return sorted((row for row in others if row.parts), key=lambda row: OTHERS.index(row.edition.subject_kind))
