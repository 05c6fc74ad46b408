"""How complete the record is before a meeting: each gap of each initiative, by the agency that answers for it.

A number of queries that does not grow with the record. What another side has not marked ready is left out.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from hled_portal.dashboard.registry import admin_url
from hled_portal.dates import edtf_dates
from hled_portal.i18n.delegations import Side
from hled_portal.publishing.signed_text import OPEN, State
from initiatives.charts.bars import Segment, stacked_bar
from initiatives.facts import contradictions
from initiatives.models import (
    Citation,
    DateChange,
    Edition,
    Fact,
    Initiative,
    Link,
    Meeting,
    Organization,
    Participation,
    Pillar,
    Reading,
    ReportingDuty,
)
from initiatives.visibility import visible_to
from initiatives.vocabulary.actions import FactKind, Modality
from initiatives.vocabulary.choices import Role, Stage, SubjectKind
from initiatives.vocabulary.fact_status import FactStatus

from .attention import describe_missing_translation


@dataclass(frozen=True)
class Gap:
    """One thing that the record lacks, and the form that mends it. `kind` names it for files."""

    kind: str
    label: str
    href: str
    where: str = ""


@dataclass
class GapRow:
    """An initiative with its gaps; `owes`: this agency has reported nothing since the meeting before."""

    initiative: Initiative
    gaps: list[Gap]
    owes: bool = False

    @property
    def pillar(self) -> Pillar | None:
        return self.initiative.pillar

    @property
    def complete(self) -> bool:
        return not self.gaps


@dataclass
class GapGroup:
    """The initiatives of an agency or of a pillar, and how many of them lack nothing."""

    name: str
    key: str
    rows: list[GapRow] = field(default_factory=list)
    bar: list[Segment] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def complete(self) -> int:
        return sum(row.complete for row in self.rows)

    @property
    def gaps(self) -> int:
        return sum(len(row.gaps) for row in self.rows)

    @property
    def owed(self) -> list[GapRow]:
        return [row for row in self.rows if row.owes]


@dataclass
class Board:
    """The whole page. `meeting`: what the record is to be ready for; `before`: where the period starts."""

    meeting: Meeting | None
    before: Meeting | None
    agencies: list[GapGroup]
    pillars: list[GapGroup]
    total: int = 0
    complete: int = 0

    @property
    def owing(self) -> list[GapGroup]:
        return [agency for agency in self.agencies if agency.owed]


def all_meetings() -> list[Meeting]:
    """Every meeting, the newest first; one without a day before all, as it is to come. One query."""
    meetings = Meeting.objects.select_related("cycle")
    return sorted(meetings, key=lambda meeting: meeting.date_latest or datetime.date.max, reverse=True)


def next_meeting(meetings: list[Meeting], day: datetime.date) -> Meeting | None:
    """The first meeting from that day on."""
    ahead = [meeting for meeting in meetings if meeting.date_latest is None or meeting.date_latest >= day]
    return ahead[-1] if ahead else None


def before(meetings: list[Meeting], meeting: Meeting | None) -> Meeting | None:
    """The meeting before one; before one that is not entered yet, the newest."""
    if meeting is None:
        return meetings[0] if meetings else None
    earlier = meetings[meetings.index(meeting) + 1 :]
    return earlier[0] if earlier else None


def board(
    user, meetings: list[Meeting], meeting: Meeting | None, day: datetime.date, side: str = "", pillar: str = ""
) -> Board:
    """The record as this person may see it, for a meeting; of one delegation's agencies, or of one pillar."""
    since = before(meetings, meeting)
    record = _Record(user, day, since.date_latest if since else None, pillar)
    rows = {initiative.pk: GapRow(initiative, list(record.gaps(initiative))) for initiative in record.initiatives}
    agencies = _agencies(record, rows, side)
    shown: dict[int, GapRow] = {}
    for row in (row for agency in agencies for row in agency.rows):
        shown.setdefault(row.initiative.pk, rows[row.initiative.pk]).owes |= row.owes
    pillars: dict[str, GapGroup] = {}
    for row in shown.values():
        key, name = (row.pillar.key, str(row.pillar)) if row.pillar else ("", _("No pillar named"))
        pillars.setdefault(key, GapGroup(name, key)).rows.append(row)
    by_pillar = [pillars[key] for key in sorted(pillars)]
    for groups in (agencies, by_pillar):
        longest = max((group.count for group in groups), default=1)
        for group in groups:
            parts = [
                ("complete", _("complete"), group.complete),
                ("lacking", _("with gaps"), group.count - group.complete),
            ]
            group.bar = stacked_bar(parts, longest)
    return Board(meeting, since, agencies, by_pillar, len(shown), sum(row.complete for row in shown.values()))


def _agencies(record: "_Record", rows: dict[int, GapRow], side: str) -> list[GapGroup]:
    groups: dict[str, GapGroup] = {}
    for pk, row in rows.items():
        for body, has_duty in record.answering(pk):
            if side and (body is None or body.country != side):
                continue
            group = groups.setdefault(body.key if body else "", GapGroup(str(body) if body else _("No agency"), ""))
            group.key = body.key if body else ""
            owes = has_duty and row.initiative.stage == Stage.UNDER_WAY and not record.has_reported(pk, body)
            group.rows.append(GapRow(row.initiative, row.gaps, owes))
    return sorted(groups.values(), key=lambda group: (group.key == "", group.name))


class _Record:
    """The rows that the board reads, by initiative; a number of queries that does not grow with them."""

    def __init__(self, user, day: datetime.date, since: datetime.date | None, pillar: str):
        self.day, self.since = day, since
        self.may_propose = bool(user.delegation) and user.has_perm("initiatives.propose_edition")
        chosen = Initiative.objects.filter(Q(pillar__key=pillar) if pillar else Q(), replaced_by=None)
        initiatives = chosen.select_related("pillar__cycle").prefetch_related("places")
        self.initiatives = list(initiatives.order_by("pillar", "key"))
        of_them = {"initiative__in": chosen.order_by().values("pk")}
        of_facts = {"fact__initiative__in": chosen.order_by().values("pk")}
        facts = visible_to(user, Fact.objects.filter(**of_them))
        self.facts = _by(facts.order_by("order", "key"), "initiative_id")
        self.readings = _by(visible_to(user, Reading.objects.filter(**of_facts)), "fact_id")
        self.hanging = defaultdict(list)
        for model in (DateChange, Participation):
            for row in visible_to(user, model._default_manager.filter(**of_facts)).select_related("fact"):
                self.hanging[row.fact.initiative_id].append(row)
        own = Participation.objects.filter(**of_them).select_related("organization")
        self.participations = _by(own.prefetch_related("organization__names"), "initiative_id")
        self.links = _by(Link.objects.filter(**of_them), "initiative_id")
        duties = ReportingDuty.objects.filter(**of_them).select_related("organization")
        self.duties = _by(duties.prefetch_related("organization__names"), "initiative_id")
        self.cited = _cited(user)
        self.changed = self._last_changes()
        self.proposed = self._last_proposals()

    def _last_changes(self) -> dict[int, datetime.datetime]:
        """When each initiative, or something settled that is said of it, last changed. Drafts wait for their mark."""
        draft = {"side__in": [Side.US, Side.MX], "ready": False}
        of_draft = {f"fact__{name}": value for name, value in draft.items()}
        last_changes: dict[int, datetime.datetime] = {}
        for rows, path in (
            (Initiative.history.all(), "id"),
            (Link.history.all(), "initiative_id"),
            (Participation.history.filter(initiative__isnull=False), "initiative_id"),
            (Fact.history.exclude(**draft), "initiative_id"),
            (Reading.history.exclude(**of_draft), "fact__initiative_id"),
            (DateChange.history.exclude(**of_draft), "fact__initiative_id"),
            (Participation.history.filter(fact__isnull=False).exclude(**of_draft), "fact__initiative_id"),
        ):
            for pk, at in rows.order_by().values_list(path).annotate(Max("history_date")):
                if pk is not None:
                    last_changes[pk] = max(at, last_changes.get(pk, at))
        return last_changes

    def _last_proposals(self) -> dict[str, datetime.datetime]:
        texts = Edition.objects.filter(subject_kind=SubjectKind.INITIATIVE, state__in=[*OPEN, State.PUBLISHED])
        return dict(texts.order_by().values_list("subject_key").annotate(Max("proposed_at")))

    def answering(self, pk: int) -> list[tuple[Organization | None, bool]]:
        """Agencies with a duty to report; without one, the leads; without either, None. True marks a duty."""
        duties = [(duty.organization, True) for duty in self.duties[pk]]
        return duties or [(body, False) for body in self.leads(pk)] or [(None, False)]

    def leads(self, pk: int) -> list[Organization]:
        rows = self.participations[pk]
        return [row.organization for row in rows if row.role == Role.LEAD and row.organization]

    def has_reported(self, pk: int, body: Organization) -> bool:
        """Whether, since the meeting before, its reading or a fact of its side tells something of this initiative."""
        for fact in self.facts[pk]:
            of_side = fact.side in (body.country, Side.JOINT)
            is_reported = fact.modality in (Modality.HAPPENED, Modality.UNDER_WAY)
            if of_side and is_reported and self._is_new(fact.date_latest):
                return True
            for reading in self.readings[fact.pk]:
                of_body = reading.reporting_body_id == body.pk or (of_side and reading.reporting_body_id is None)
                if of_body and self._is_new(edtf_dates.bounds(reading.as_of_edtf)[1]):
                    return True
        return False

    def _is_new(self, day: datetime.date | None) -> bool:
        return day is not None and (self.since is None or day > self.since)

    # Gaps

    def gaps(self, initiative: Initiative) -> Iterator[Gap]:
        """Everything that an initiative and its related rows lack."""
        page = admin_url("initiatives_initiative_change", initiative.pk)
        pk = initiative.pk
        if not self.leads(pk):
            yield Gap("no_lead", _("no lead"), page)
        if not initiative.places.all():
            yield Gap("no_place", _("no place"), page)
        if ("initiative", pk) not in self.cited and not any(("fact", fact.pk) in self.cited for fact in self.facts[pk]):
            yield Gap("no_source", _("no source"), page)
        for contradiction in contradictions.find_contradictions(initiative, self.facts[pk], self.day):
            yield Gap("stage", contradiction, page)
        if self._is_unproposed(initiative):
            form = admin_url("initiatives_initiative_propose", pk) if self.may_propose else page
            yield Gap("not_proposed", _("not proposed since last change"), form)
        for row in [initiative, *self.links[pk], *self.participations[pk], *self.facts[pk], *self.hanging[pk]]:
            if lacks := describe_missing_translation(row):
                form = admin_url(f"initiatives_{row._meta.model_name}_change", row.pk)
                yield Gap("language", lacks, form, "" if row is initiative else _where(row))
        for fact in self.facts[pk]:
            yield from self._gaps_of_fact(initiative, fact)

    def _is_unproposed(self, initiative: Initiative) -> bool:
        changed, proposed = self.changed.get(initiative.pk), self.proposed.get(initiative.key)
        return proposed is None or (changed is not None and changed > proposed)

    def _gaps_of_fact(self, initiative: Initiative, fact: Fact) -> Iterator[Gap]:
        form = admin_url("initiatives_fact_change", fact.pk)
        where = _where(fact)
        if ("fact", fact.pk) not in self.cited:
            yield Gap("no_source", _("no source"), form, where)
        if fact.kind in (FactKind.MILESTONE, FactKind.EVENT) and not (fact.date_edtf or fact.date_wording):
            yield Gap("no_date", _("no date"), form, where)
        cycle_over = initiative.cycle is not None and initiative.cycle.is_over(self.day)
        if fact.status_on(self.day, cycle_over=cycle_over) == FactStatus.DATE_PASSED:
            yield Gap("past", _("date passed, no update entered"), form, where)
        # A figure of another fact, such as the 160 participants of a forum, is counted once.
        if fact.kind == FactKind.FIGURE and fact.of_id is None and initiative.stage == Stage.UNDER_WAY:
            read = [edtf_dates.bounds(reading.as_of_edtf)[1] for reading in self.readings[fact.pk]]
            if not any(self._is_new(day) for day in read):
                yield Gap("no_reading", _("no reported value since the previous meeting"), form, where)


def _cited(user) -> set[tuple[str, int]]:
    """What cites a source: initiatives, and facts by themselves or by a reading. One query."""
    rows = visible_to(user, Citation.objects.all()).values_list("initiative_id", "fact_id", "reading__fact_id")
    names = ("initiative", "fact", "fact")
    return {(name, pk) for row in rows for name, pk in zip(names, row, strict=True) if pk}


def _by(rows, name: str) -> dict[int, list]:
    grouped = defaultdict(list)
    for row in rows:
        grouped[getattr(row, name)].append(row)
    return grouped


def _where(row) -> str:
    if isinstance(row, Fact):
        return row.object
    return row._meta.verbose_name
