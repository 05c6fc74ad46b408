"""What each subject's frozen content holds; the shape is described by `schema/edition-1.json`.

A side's fact that is not marked ready goes in as it was last published, or not at all: half-done work of one side
neither rides along with a proposal nor blocks it.
"""

from decimal import Decimal

from hled_portal.i18n.delegations import Side
from initiatives.models import Initiative, Meeting, Organization, Pillar, Place, Source, Topic

FACT = (
    "key kind order side action object_en object_es modality relation date_edtf date_wording_en date_wording_es "
    "date_inferred duration mode series_position series_size series_rhythm end_edtf end_reason end_text_en "
    "end_text_es measure unit_en unit_es currency original_language translation_state"
).split()
READING = "order status qualifier as_of_edtf as_of_inferred period_edtf period_inferred duration".split()
DATE_CHANGE = "order old_edtf old_modality new_edtf new_modality reason text_en text_es".split()
NAME_COLUMNS = ("name_en", "name_es")
ORGANIZATION_NAME = [*NAME_COLUMNS, *"order article_en article_es acronym_en acronym_es since_edtf until_edtf".split()]
DATE = ("date_edtf", "date_wording_en", "date_wording_es")


def _columns(row, names) -> dict:
    return {name: getattr(row, name) for name in names}


def _key(row) -> str | None:
    return row.key if row is not None else None


def _keys(rows) -> list[str]:
    return sorted(row.key for row in rows.all())


def _number(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _participations(rows) -> list[dict]:
    return [
        _columns(row, ("order", "role", "unnamed_en", "unnamed_es")) | {"organization": _key(row.organization)}
        for row in rows.select_related("organization").order_by("order")
    ]


def _citations(rows) -> list[dict]:
    found = rows.select_related("source", "heading__meeting").order_by("order")
    return [
        _columns(row, ("order", "locator", "heading_order"))
        | {"source": row.source.key}
        | {"heading": f"{row.heading.meeting.key}/{row.heading.order}" if row.heading else None}
        for row in found
    ]


def _reading(row) -> dict:
    return _columns(row, READING) | {
        "value": _number(row.value),
        "places": _keys(row.places),
        "reporting_body": _key(row.reporting_body),
        "citations": _citations(row.citations),
    }


def _date_change(row) -> dict:
    return _columns(row, DATE_CHANGE) | {"changed_on": row.changed_on.isoformat()}


def _fact(row) -> dict:
    return _columns(row, FACT) | {
        "places": _keys(row.places),
        "of": _key(row.of),
        "participations": _participations(row.participations),
        "citations": _citations(row.citations),
        "date_changes": [_date_change(change) for change in row.date_changes.order_by("order")],
        "readings": [_reading(reading) for reading in row.readings.order_by("order")],
    }


def _facts(subject, published: dict[str, dict]) -> list[dict]:
    """`published`: the facts of the published edition, by key."""
    rows = {row.key: row for row in subject.facts.select_related("of").order_by("order", "key")}
    found = {}
    for key, row in rows.items():
        if _is_settled(row):
            found[key] = _fact(row)
        elif key in published:
            found[key] = published[key]
    return [fact for fact in found.values() if _parent_is_included(fact, found)]


def _parent_is_included(fact: dict, found: dict[str, dict]) -> bool:
    """A figure of an event that is held back is held back with it."""
    return fact["of"] is None or (fact["of"] in found and _parent_is_included(found[fact["of"]], found))


def _is_settled(fact) -> bool:
    """A joint fact has no draft; a side's is settled once its side marked it ready."""
    return fact.ready or fact.side == Side.JOINT


def settled_facts(subject):
    """The facts that a proposal takes as they stand."""
    rows = subject.facts.prefetch_related("date_changes", "participations__organization__names")
    return [fact for fact in rows if _is_settled(fact)]


def _initiative(row: Initiative, published: dict[str, dict]) -> dict:
    texts = "key title_en title_es summary_en summary_es stage confidence original_language translation_state"
    return _columns(row, texts.split()) | {
        "pillar": row.pillar.key,
        "workstream": _key(row.workstream),
        "parent": _key(row.parent),
        "replaced_by": _key(row.replaced_by),
        "initiative_kind": row.kind,
        "places": _keys(row.places),
        "topics": _keys(row.topics),
        "participations": _participations(row.participations),
        "links": [
            _columns(link, ("order", "kind", "unnamed_en", "unnamed_es"))
            | {"initiative": _key(link.to_initiative), "organization": _key(link.to_organization)}
            for link in row.links.order_by("order")
        ],
        "reporting_duties": [
            {"organization": duty.organization.key, "every": duty.every}
            for duty in row.reporting_duties.order_by("organization__key")
        ],
        "citations": _citations(row.citations),
        "facts": _facts(row, published),
    }


def _pillar(row: Pillar, _published) -> dict:
    days = {"begins": row.cycle.begins.isoformat(), "ends": row.cycle.ends.isoformat() if row.cycle.ends else None}
    workstreams = row.workstreams.order_by("number")
    return _columns(row, ("key", "number", *NAME_COLUMNS)) | {
        "cycle": _columns(row.cycle, ("key", *NAME_COLUMNS)) | days,
        "workstreams": [_columns(workstream, ("key", "number", *NAME_COLUMNS)) for workstream in workstreams],
        "aliases": _aliases(row),
    }


def _meeting(row: Meeting, published: dict[str, dict]) -> dict:
    headings = row.headings.select_related("pillar", "workstream").order_by("order")
    return _columns(row, ("key", "mode", *NAME_COLUMNS, *DATE)) | {
        "cycle": row.cycle.key,
        "meeting_kind": row.kind,
        "place": _key(row.place),
        "attendances": [
            _columns(attendance, ("order", "delegation", "person", "office_en", "office_es"))
            | {"organization": attendance.organization.key, "citations": _citations(attendance.citations)}
            for attendance in row.attendances.order_by("order")
        ],
        "headings": [
            _columns(heading, ("order", "text_en", "text_es", "introduction_en", "introduction_es"))
            | {"pillar": _key(heading.pillar), "workstream": _key(heading.workstream)}
            for heading in headings
        ],
        "facts": _facts(row, published),
    }


def _aliases(row) -> list[dict]:
    return [_columns(alias, ("text", "language")) for alias in row.aliases.order_by("language", "text")]


def _organization(row: Organization, _published) -> dict:
    return _columns(row, ("key", "country", "ended_edtf")) | {
        "organization_kind": row.kind,
        "parent": _key(row.parent),
        "replaced_by": _key(row.replaced_by),
        "names": [_columns(name, ORGANIZATION_NAME) for name in row.names.order_by("order")],
        "aliases": _aliases(row),
        "successors": sorted(row.successions.values_list("successor__key", flat=True)),
    }


def _place(row: Place, _published) -> dict:
    return _columns(row, ("key", "country", *NAME_COLUMNS)) | {
        "place_kind": row.kind,
        "parent": _key(row.parent),
        "replaced_by": _key(row.replaced_by),
        "latitude": _number(row.latitude),
        "longitude": _number(row.longitude),
        "aliases": _aliases(row),
    }


def _topic(row: Topic, _published) -> dict:
    return _columns(row, ("key", *NAME_COLUMNS)) | {"replaced_by": _key(row.replaced_by)}


def _source(row: Source, _published) -> dict:
    return _columns(row, ("key", "language", "address", *NAME_COLUMNS, *DATE)) | {
        "source_kind": row.kind,
        "meeting": _key(row.meeting),
        "replaced_by": _key(row.replaced_by),
    }


FREEZERS = {
    "initiative": _initiative,
    "pillar": _pillar,
    "meeting": _meeting,
    "organization": _organization,
    "place": _place,
    "topic": _topic,
    "source": _source,
}


def subject_rows(subject):
    """Every row of the subject that carries texts in both languages."""
    if isinstance(subject, Organization):
        yield from subject.names.all()
        return
    yield subject
    if isinstance(subject, Pillar):
        yield subject.cycle
        yield from subject.workstreams.all()
    if isinstance(subject, Meeting):
        yield from subject.headings.all()
    if isinstance(subject, Initiative):
        yield from subject.links.all()
        yield from subject.participations.all()
    if isinstance(subject, Initiative | Meeting):
        for fact in settled_facts(subject):
            yield fact
            yield from fact.date_changes.all()
            yield from fact.participations.all()
