"""The page of an initiative besides its facts: participants, places, links and editions."""

import datetime
from dataclasses import dataclass

from django.db.models import F

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import in_language
from hled_portal.publishing import kept_results, prepared_queries
from hled_portal.publishing.published_querysets import NEWEST_FIRST
from initiatives.content import snapshot_content
from initiatives.models import Edition
from initiatives.vocabulary.choices import LinkKind, Role

from . import name_lookup


@dataclass(frozen=True)
class Tie:
    """A tie with something else, such as “complements: …”; `key` is empty where there is no page to go to.

    `page` is the name of the URL that takes the key.
    """

    label: str
    name: str
    key: str = ""
    page: str = "initiative"


@dataclass(frozen=True)
class Ties:
    """The public links of an initiative."""

    parent: Edition | None
    replaced_by: Edition | None
    parts: list[Edition]
    links: list[Tie]
    links_here: list[Tie]


def ties(edition: Edition, names: name_lookup.Register, at: Moment) -> Ties:
    """Parent, parts and links of an initiative. Two queries at most."""
    data = edition.data
    targets = {link["initiative"] for link in data["links"]} | {data["parent"], data["replaced_by"]}
    keys = [*sorted(targets - {None}), *_parts(at).get(edition.subject_key, ())]
    rows = prepared_queries.fetch(_initiatives, names.language, at=at, keys=keys) if keys else ()
    editions = {row.subject_key: row for row in rows}
    backward = prepared_queries.fetch(_backward, names.language, at=at, key=edition.subject_key)
    return Ties(
        parent=editions.get(data["parent"]),
        replaced_by=editions.get(data["replaced_by"]),
        parts=[row for row in editions.values() if row.parent_key == edition.subject_key],
        links=[tie for link in data["links"] if (tie := _tie(link, editions, names))],
        links_here=[Tie(LinkKind(row.role).label, row.title, row.subject_key) for row in backward],
    )


@kept_results.keep(name_lookup.MAX_MOMENTS, in_language=False)
def _parts(at: Moment) -> dict[str, list[str]]:
    """The keys of the parts of each initiative that has any: for one alone SQLite would read all that have none."""
    parts: dict[str, list[str]] = {}
    for parent, key in (
        Edition.objects.public(at).initiatives().exclude(parent_key="").values_list("parent_key", "subject_key")
    ):
        parts.setdefault(parent, []).append(key)
    return parts


def _initiatives(language: str, at: Moment, keys):
    named = Edition.objects.public(at).initiatives().filter(subject_key__in=keys)
    return named.defer("content").order_by(f"title_{language}")


def _backward(language: str, at: Moment, key):
    linked = Edition.objects.public(at).initiatives().filter(facets__kind="initiative", facets__key=key)
    return linked.annotate(role=F("facets__role")).defer("content").order_by(f"title_{language}")


def _tie(link: dict, editions: dict[str, Edition], names: name_lookup.Register) -> Tie | None:
    label = LinkKind(link["kind"]).label
    if link["initiative"]:
        target = editions.get(link["initiative"])
        return Tie(label, target.title, target.subject_key) if target else None
    if link["organization"]:
        key = link["organization"]
        return Tie(label, names.organization(key), names.page_key("organization", key), "organization")
    return Tie(label, in_language(link, "unnamed", names.language))


@dataclass(frozen=True)
class Participant:
    """Who has a role in an initiative or a fact, and what became of a body that ended; `key` where it has a page."""

    role: str
    name: str
    afterlife: str = ""
    key: str = ""


def participants(participations: list[dict], names: name_lookup.Register) -> list[Participant]:
    return [
        Participant(
            Role(row["role"]).label,
            names.organization(row["organization"]) if row["organization"] else in_language(row, "unnamed"),
            names.afterlife(row["organization"] or ""),
            names.page_key("organization", row["organization"]),
        )
        for row in participations
    ]


@dataclass(frozen=True)
class PillarPosition:
    """The pillar and workstream of an initiative, without a name where its pillar is not public.

    `cycle_ends` is None while the cycle has no end.
    """

    cycle: str = ""
    number: int = 0
    name: str = ""
    workstream: str = ""
    cycle_ends: datetime.date | None = None


def pillar_position(edition: Edition, names: name_lookup.Register) -> PillarPosition:
    """The place of the initiative in the work plan. No query."""
    data = names.contents.get(("pillar", edition.pillar_key))
    if data is None:
        return PillarPosition()
    workstreams = {item["key"]: in_language(item, "name") for item in data["workstreams"]}
    return PillarPosition(
        cycle=data["cycle"]["key"],
        number=data["number"],
        name=in_language(data, "name"),
        workstream=workstreams.get(edition.workstream_key, ""),
        cycle_ends=snapshot_content.cycle_ends(edition.data, [data]),
    )


@dataclass(frozen=True)
class Duty:
    """Who reports on the initiative, and how often."""

    organization: str
    every: str
    key: str = ""


@dataclass(frozen=True, order=True)
class Where:
    """A place with those it lies in; `key` where it has a page."""

    name: str
    key: str


@dataclass(frozen=True)
class Profile:
    """Who, where and about what."""

    parts: list[Participant]
    places: list[Where]
    topics: list[str]
    duties: list[Duty]
    sources: list[name_lookup.SourceLine]
    names_no_lead: bool


def profile(edition: Edition, names: name_lookup.Register) -> Profile:
    """What the content says of the initiative as a whole, in words. No query."""
    data = edition.data
    places = [*data["places"], *(key for fact in data["facts"] for key in fact["places"])]
    return Profile(
        parts=participants(data["participations"], names),
        places=sorted(
            (Where(names.place(key), names.page_key("place", key)) for key in set(places)), key=lambda where: where.name
        ),
        topics=sorted(names.title("topic", key) for key in data["topics"]),
        duties=[
            Duty(
                names.organization(duty["organization"]),
                edtf_dates.duration_to_text(duty["every"], names.language),
                names.page_key("organization", duty["organization"]),
            )
            for duty in data["reporting_duties"]
        ],
        sources=name_lookup.source_lines(data["citations"], names),
        names_no_lead=not any(
            row["role"] == Role.LEAD for part in (data, *data["facts"]) for row in part["participations"]
        ),
    )


def initiative_editions(key: str, at: Moment) -> list[Edition]:
    """Every edition that the moment knows, the newest first. One query."""
    return prepared_queries.fetch(_known, at=at, key=key)


def _known(at: Moment, key):
    return Edition.objects.initiatives().filter(subject_key=key).known(at).defer("content").order_by(*NEWEST_FIRST)
