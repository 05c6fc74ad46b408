"""Where the record names an organization or a place: its initiatives, facts, readings and meetings.

Three functions read public editions with their contents; the others work on what they gave.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import in_language
from initiatives.content import snapshot_content
from initiatives.models import Edition, Facet
from initiatives.vocabulary.choices import LinkKind, Role

from . import name_lookup, pillars, timeline

#: A page of an organization or a place tells of so many of its initiatives.
INITIATIVES_ON_A_PAGE = 50


def mentioning_page(at: Moment, kind: str, keys: set[str], number: str) -> Page:
    """A page of the initiatives that name one of these entries of the register. Two queries."""
    page = Paginator(mentioning_initiatives(at, kind, keys), INITIATIVES_ON_A_PAGE).get_page(number)
    page.object_list = list(page.object_list)
    return page


def mentioning_initiatives(at: Moment, kind: str, keys: set[str]) -> QuerySet[Edition]:
    """The public initiatives that name one of these entries of the register, in the order of lists."""
    naming = Facet.objects.filter(edition=OuterRef("pk"), kind=kind, key__in=keys)
    public = Edition.objects.public(at).initiatives().filter(Exists(naming))
    return pillars.in_order(public).defer(None)


def public_meeting_editions(at: Moment) -> list[Edition]:
    """Every public meeting, the newest first. One query."""
    return sorted(Edition.objects.public(at).of_kind("meeting"), key=lambda row: row.subject_key, reverse=True)


@dataclass(frozen=True)
class Mention:
    """What names them: a test of one fact, and of one reading of a figure."""

    in_fact: Callable[[dict], bool]
    in_reading: Callable[[dict], bool]


def organization_mention(keys: set[str]) -> Mention:
    """Facts in which one of these organizations has a role; readings that it reported."""
    return Mention(
        lambda fact: any(part["organization"] in keys for part in fact["participations"]),
        lambda reading: reading["reporting_body"] in keys,
    )


def place_mention(keys: set[str]) -> Mention:
    """Facts and readings at one of these places."""
    return Mention(
        lambda fact: not keys.isdisjoint(fact["places"]), lambda reading: not keys.isdisjoint(reading["places"])
    )


# Facts and readings


@dataclass(frozen=True)
class MentionedFact:
    """A fact with the edition that contains it."""

    edition: Edition
    line: timeline.FactLine


@dataclass(frozen=True)
class MentionedReading:
    edition: Edition
    row: timeline.ReadingRow


@dataclass(frozen=True)
class FactGroup:
    """Facts at the same point of their life: what is to come the soonest first, what is over the newest first."""

    key: str
    title: str
    facts: list[MentionedFact]


def facts(
    editions: Iterable[Edition], mention: Mention, names: name_lookup.Register, day: datetime.date
) -> list[FactGroup]:
    """The facts of these texts that the mention finds, for a reader of that day."""
    by_title: dict[str, list] = {key: [] for key in _titles()}
    pillars_named = [content for (kind, _key), content in names.contents.items() if kind == "pillar"]
    for edition in editions:
        ends = snapshot_content.cycle_ends(edition.data, pillars_named)
        for single in timeline.singly(edition.data, names, day, ends, mention.in_fact):
            by_title[single.group].append((single.moment, edition.title, MentionedFact(edition, single.line)))
    for key in ("done", "ended"):
        by_title[key].sort(key=lambda row: row[:2], reverse=True)
    for key in ("past", "outcome", "ahead", "under_way"):
        by_title[key].sort(key=lambda row: row[:2])
    return [
        FactGroup(key, title, [row[2] for row in by_title[key]]) for key, title in _titles().items() if by_title[key]
    ]


def _titles() -> dict[str, str]:
    return {
        "past": _("Date passed, no update published"),
        "ahead": _("Expected"),
        "under_way": _("In progress"),
        "done": _("Done"),
        "outcome": _("Outcome not published"),
        "ended": _("No longer expected"),
        "objective": _("Objectives"),
    }


def readings(
    editions: Iterable[Edition], mention: Mention, names: name_lookup.Register, day: datetime.date
) -> list[MentionedReading]:
    """The readings that the mention finds, and every reading of a figure that it finds."""
    return [
        MentionedReading(edition, row)
        for edition in editions
        for row in timeline.readings_singly(
            edition.data, names, day, lambda fact, reading: mention.in_fact(fact) or mention.in_reading(reading)
        )
    ]


# Initiatives and meetings of an organization


@dataclass(frozen=True)
class RolePart:
    """An initiative in which an organization has a role; `whole`: in all of it, not only in single facts."""

    edition: Edition
    whole: bool


@dataclass(frozen=True)
class RoleGroup:
    role: str
    label: str
    parts: list[RolePart]


def roles(editions: Iterable[Edition], keys: set[str]) -> list[RoleGroup]:
    """The initiatives by the role that one of these organizations has in them."""
    by_role: dict[str, list[RolePart]] = {role: [] for role in Role.values}
    for edition in editions:
        whole, single = _roles_in(edition.data, keys)
        for role in whole | single:
            by_role[role].append(RolePart(edition, role in whole))
    return [RoleGroup(role, Role(role).label, parts) for role, parts in by_role.items() if parts]


def _roles_in(data: dict, keys: set[str]) -> tuple[set[str], set[str]]:
    """Roles in the initiative as a whole, and in its facts and readings."""
    reports = any(duty["organization"] in keys for duty in data["reporting_duties"])
    whole = {part["role"] for part in data["participations"] if part["organization"] in keys}
    single = {part["role"] for fact in data["facts"] for part in fact["participations"] if part["organization"] in keys}
    readings = (reading for fact in data["facts"] for reading in fact["readings"])
    if any(reading["reporting_body"] in keys for reading in readings):
        single.add(Role.REPORTING_BODY.value)
    return whole | ({Role.REPORTING_BODY.value} if reports else set()), single


@dataclass(frozen=True)
class LinkHere:
    """An initiative that names an organization of kind programme, and how."""

    label: str
    edition: Edition


def links(editions: Iterable[Edition], keys: set[str]) -> list[LinkHere]:
    return [
        LinkHere(LinkKind(link["kind"]).label, edition)
        for edition in editions
        for link in edition.data["links"]
        if link["organization"] in keys
    ]


@dataclass(frozen=True)
class Attended:
    """Who spoke for an organization at a meeting, with the office held on that day."""

    key: str
    meeting: str
    person: str
    office: str


def attended(meetings: Iterable[Edition], keys: set[str]) -> list[Attended]:
    return [
        Attended(meeting.subject_key, meeting.title, row["person"], in_language(row, "office"))
        for meeting in meetings
        for row in meeting.data["attendances"]
        if row["organization"] in keys
    ]
