"""Cycles, pillars, meetings, organizations, places, topics and sources as rows: the rest of the whole record."""

import datetime
from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import Language
from hled_portal.i18n.delegations import Delegation
from initiatives.models import Edition
from initiatives.vocabulary import choices

from . import columns as c
from .context import ExportContext
from .table import EditionTable

_NAME = c.bilingual_columns("name", _("name"))
_ORDER = c.integer("order", _("order"))
_REPLACED = c.text("replaced_by", _("key of the entry that replaced it"))
_COUNTRY = c.code("country", _("country (ISO 3166-1); empty if not in a single country"), choices.Country)


def _same(row: dict, *names: str) -> dict:
    """Columns that a content holds under the same name; what it leaves empty is empty text."""
    return {name: "" if row[name] is None else row[name] for name in names}


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


# The dialogue


def _pillars(edition: Edition, context: ExportContext) -> Iterator[dict]:
    data = edition.data
    cycle = {f"cycle_{name}": value for name, value in _same(data["cycle"], "name_en", "name_es").items()}
    days = {"cycle_begins": _day(data["cycle"]["begins"]), "cycle_ends": _day(data["cycle"]["ends"])}
    yield _same(data, "number", "name_en", "name_es") | {"cycle": data["cycle"]["key"]} | cycle | days


PILLARS = EditionTable(
    name="pillars",
    title=_("Pillars"),
    about=_("The pillars of each cycle of the dialogue."),
    subjects=("pillar",),
    identity=("key",),
    columns=[
        c.integer("number", _("number in its cycle")),
        *_NAME,
        c.text("cycle", _("key of the cycle, its first year")),
        *c.bilingual_columns("cycle_name", _("name of the cycle")),
        c.day("cycle_begins", _("first day of the cycle")),
        c.day("cycle_ends", _("last day of the cycle; empty if it has not ended")),
    ],
    make=_pillars,
)


def _workstreams(edition: Edition, context: ExportContext) -> Iterator[dict]:
    for row in edition.data["workstreams"]:
        yield _same(row, "number", "name_en", "name_es") | {"workstream": row["key"]}


WORKSTREAMS = EditionTable(
    name="workstreams",
    title=_("Workstreams"),
    about=_("The workstreams of the work plan under each pillar."),
    subjects=("pillar",),
    identity=("workstream",),
    columns=[
        c.text("workstream", _("key of the workstream")),
        c.integer("number", _("number in its pillar")),
        *_NAME,
    ],
    make=_workstreams,
)


def _meetings(edition: Edition, context: ExportContext) -> Iterator[dict]:
    data = edition.data
    date = context.date("date", data["date_edtf"], data)
    yield _same(data, "name_en", "name_es", "mode", "place", "cycle") | {"kind": data["meeting_kind"]} | date


MEETINGS = EditionTable(
    name="meetings",
    title=_("Meetings"),
    about=_(
        "Ministerial meetings and mid-year reviews. Statements about the dialogue as a whole are in the table of items."
    ),
    subjects=("meeting",),
    identity=("key",),
    columns=[
        c.code("kind", _("type of meeting"), choices.MeetingKind),
        *_NAME,
        *c.date("date", _("date")),
        c.code("mode", _("format"), choices.Mode),
        c.text("place", _("key of the place")),
        c.text("cycle", _("key of the cycle, its first year")),
    ],
    make=_meetings,
)


def _attendances(edition: Edition, context: ExportContext) -> Iterator[dict]:
    for row in edition.data["attendances"]:
        same = _same(row, "order", "delegation", "person", "office_en", "office_es", "organization")
        yield same | context.named("organization_name", "organization", row["organization"])


ATTENDANCES = EditionTable(
    name="attendances",
    title=_("Heads of delegation"),
    about=_("Heads of delegation at each meeting, with the position held on that date."),
    subjects=("meeting",),
    identity=("key", "order"),
    columns=[
        _ORDER,
        c.code("delegation", _("delegation"), Delegation),
        c.text("person", _("name of the person")),
        *c.bilingual_columns("office", _("position held on that date")),
        c.text("organization", _("key of the organization")),
        *c.bilingual_columns("organization_name", _("name of the organization on that date")),
    ],
    make=_attendances,
)


def _headings(edition: Edition, context: ExportContext) -> Iterator[dict]:
    names = ("order", "text_en", "text_es", "introduction_en", "introduction_es", "pillar", "workstream")
    for row in edition.data["headings"]:
        yield _same(row, *names)


HEADINGS = EditionTable(
    name="headings",
    title=_("Headings"),
    about=_("The headings of each meeting's fact sheet and its introductions to the pillars."),
    subjects=("meeting",),
    identity=("key", "order"),
    columns=[
        _ORDER,
        *c.bilingual_columns("text", _("heading")),
        *c.bilingual_columns("introduction", _("introduction of the pillar")),
        c.text("pillar", _("key of the pillar")),
        c.text("workstream", _("key of the workstream; empty if none")),
    ],
    make=_headings,
)


# The register


def _organizations(edition: Edition, context: ExportContext) -> Iterator[dict]:
    data = edition.data
    yield _same(data, "country", "parent", "replaced_by") | {
        "kind": data["organization_kind"],
        "name_en": context.names.full(data["key"], "en"),
        "name_es": context.names.full(data["key"], "es"),
        **context.date("ended", data["ended_edtf"]),
        "ended_source": data.get("ended_source") or "",
        "successors": data["successors"],
    }


ORGANIZATIONS = EditionTable(
    name="organizations",
    title=_("Organizations"),
    about=_("Organizations, companies, universities, and named programs, laws and funds."),
    subjects=("organization",),
    identity=("key",),
    columns=[
        c.code("kind", _("type of organization"), choices.OrganizationKind),
        *c.bilingual_columns("name", _("name on that date")),
        _COUNTRY,
        c.text("parent", _("key of the organization it belongs to")),
        *c.date("ended", _("date it ceased to exist")),
        c.text("ended_source", _("key of the source of the closing date")),
        c.keys_column("successors", _("keys of the organizations that succeeded it")),
        _REPLACED,
    ],
    make=_organizations,
)


def _organization_names(edition: Edition, context: ExportContext) -> Iterator[dict]:
    for row in edition.data["names"]:
        since, until = context.date("since", row["since_edtf"]), context.date("until", row["until_edtf"])
        yield _same(row, "order", "name_en", "name_es", "acronym_en", "acronym_es") | since | until


ORGANIZATION_NAMES = EditionTable(
    name="organization-names",
    title=_("Organization names"),
    about=_("All names and acronyms of an organization, with the dates they were in use."),
    subjects=("organization",),
    identity=("key", "order"),
    columns=[
        _ORDER,
        *_NAME,
        *c.bilingual_columns("acronym", _("acronym")),
        *c.date("since", _("date the name came into use")),
        *c.date("until", _("date the name went out of use")),
    ],
    make=_organization_names,
)


def _places(edition: Edition, context: ExportContext) -> Iterator[dict]:
    data = edition.data
    point = {"latitude": _decimal(data["latitude"]), "longitude": _decimal(data["longitude"])}
    yield (
        _same(data, "name_en", "name_es", "country", "parent", "city", "replaced_by")
        | {"kind": data["place_kind"]}
        | point
    )


PLACES = EditionTable(
    name="places",
    title=_("Places"),
    about=_(
        "Countries, states, cities, crossings and ports of entry. The two sides of a crossing are separate places."
    ),
    subjects=("place",),
    identity=("key",),
    columns=[
        c.code("kind", _("type of place"), choices.PlaceKind),
        *_NAME,
        _COUNTRY,
        c.text("parent", _("key of the place it is in")),
        c.text("city", _("key of the city or state it is in, for a place on the border")),
        c.number("latitude", _("latitude in degrees (WGS 84), added by the portal's editors")),
        c.number("longitude", _("longitude in degrees (WGS 84), added by the portal's editors")),
        _REPLACED,
    ],
    make=_places,
)


def _topics(edition: Edition, context: ExportContext) -> Iterator[dict]:
    yield _same(edition.data, "name_en", "name_es", "replaced_by")


TOPICS = EditionTable(
    name="topics",
    title=_("Topics"),
    about=_("The subjects of initiatives."),
    subjects=("topic",),
    identity=("key",),
    columns=[*_NAME, _REPLACED],
    make=_topics,
)


def _sources(edition: Edition, context: ExportContext) -> Iterator[dict]:
    data = edition.data
    date = context.date("date", data["date_edtf"], data)
    same = _same(data, "name_en", "name_es", "language", "address", "meeting", "replaced_by")
    added = {name: data.get(name, "") for name in ("issuer_en", "issuer_es")} | {"in_part": data.get("in_part", False)}
    yield same | added | {"kind": data["source_kind"]} | date


SOURCES_TABLE = EditionTable(
    name="sources",
    title=_("Sources"),
    about=_(
        "The public documents cited in the record. Their texts belong to their authors and are not "
        "covered by this license."
    ),
    subjects=("source",),
    identity=("key",),
    columns=[
        c.code("kind", _("type of source"), choices.SourceKind),
        *_NAME,
        *c.date("date", _("date")),
        c.code("language", _("language of the document"), Language),
        c.text("address", _("address of the document")),
        *c.bilingual_columns("issuer", _("issuer of a document that is not of both governments")),
        c.boolean("in_part", _("whether only a part of the document was available and entered")),
        c.text("meeting", _("key of the meeting it comes from")),
        _REPLACED,
    ],
    make=_sources,
)


def _aliases(edition: Edition, context: ExportContext) -> Iterator[dict]:
    for row in edition.data["aliases"]:
        yield _same(row, "text", "language")


ALIASES = EditionTable(
    name="aliases",
    title=_("Other names"),
    about=_("Other names used for a pillar, organization or place."),
    subjects=("pillar", "organization", "place"),
    identity=("subject", "key", "language", "text"),
    columns=[c.text("text", _("other name")), c.code("language", _("language of that name"), Language)],
    make=_aliases,
)


# Editions


def _editions(edition: Edition, context: ExportContext) -> Iterator[dict]:
    yield {"title_en": edition.title_en, "title_es": edition.title_es, "digest": edition.digest}


EDITIONS = EditionTable(
    name="editions",
    title=_("Versions"),
    about=_(
        "All published texts: one row for the version of each initiative, meeting, pillar and "
        "reference entry on that date."
    ),
    subjects=tuple(choices.SubjectKind.values),
    identity=("subject", "key"),
    columns=[
        *c.bilingual_columns("title", _("title or name")),
        c.text("digest", _("SHA-256 of the approved content of the version")),
    ],
    make=_editions,
)
