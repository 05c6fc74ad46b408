"""Builds the frozen content of each subject from its rows: the fields of `content/fields.py`, and the lists of rows.

The schema is `schema/edition-1.json`. A side's fact that is not marked ready is included as last published, or not at
all, so that unfinished work of one side is neither published with a proposal nor blocks it.
"""

import datetime
from decimal import Decimal

from django.db.models import prefetch_related_objects

from hled_portal.i18n.delegations import Side
from initiatives.content.fields import FIELDS
from initiatives.models import Initiative, Meeting, Organization, Pillar, Place, Source, Topic

READING = "order status qualifier as_of_edtf as_of_inferred period_edtf period_inferred duration".split()
DATE_CHANGE = "order old_edtf old_modality new_edtf new_modality reason text_en text_es".split()


def _columns(row, names) -> dict:
    return {name: getattr(row, name) for name in names}


def _fields(kind: str, row) -> dict:
    """The fields of the kind, as `FIELDS` lists them."""
    content = {}
    for field in FIELDS[kind]:
        freeze = ROWS[field.name] if field.kind == "rows" else None
        for name, column in zip(field.names, field.columns, strict=True):
            content[name] = freeze(row) if freeze else FREEZE.get(field.kind, _same)(getattr(row, column))
    return content


def _same(value):
    return value


def _key(row) -> str | None:
    return row.key if row is not None else None


def _keys(rows) -> list[str]:
    return sorted(row.key for row in rows.all())


def _number(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _day(value: datetime.date | None) -> str | None:
    return None if value is None else value.isoformat()


def _in_order(rows) -> list:
    return sorted(rows.all(), key=lambda row: row.order)


def _participations(rows) -> list[dict]:
    return [
        _columns(row, ("order", "role", "unnamed_en", "unnamed_es")) | {"organization": _key(row.organization)}
        for row in _in_order(rows)
    ]


def _citations(rows) -> list[dict]:
    return [
        _columns(row, ("order", "locator", "heading_order"))
        | {"source": row.source.key}
        | {"heading": f"{row.heading.meeting.key}/{row.heading.order}" if row.heading else None}
        for row in _in_order(rows)
    ]


def _reading(row) -> dict:
    return _columns(row, READING) | {
        "value": _number(row.value),
        "places": _keys(row.places),
        "reporting_body": _key(row.reporting_body),
        "citations": _citations(row.citations),
        **_only_given(
            value_to=_number(row.value_to), out_of=_number(row.out_of), every=row.every, paid_by=_key(row.paid_by)
        ),
    }


def _only_given(**columns) -> dict:
    """Columns that came later than the first contents, so that a content without any of them keeps its hash."""
    return columns if any(columns.values()) else {}


def _date_change(row) -> dict:
    return _columns(row, DATE_CHANGE) | {"changed_on": row.changed_on.isoformat()}


def _aliases(row) -> list[dict]:
    aliases = sorted(row.aliases.all(), key=lambda alias: (alias.language, alias.text))
    return [_columns(alias, ("text", "language")) for alias in aliases]


def _links(row: Initiative) -> list[dict]:
    return [
        _columns(link, ("order", "kind", "unnamed_en", "unnamed_es"))
        | {"initiative": _key(link.to_initiative), "organization": _key(link.to_organization)}
        for link in _in_order(row.links)
    ]


def _reporting_duties(row: Initiative) -> list[dict]:
    return [
        {"organization": duty.organization.key, "every": duty.every}
        for duty in sorted(row.reporting_duties.all(), key=lambda duty: duty.organization.key)
    ]


#: How a value of a column is frozen, by the kind of its field; as it is, where the kind is not listed.
FREEZE = {"reference": _key, "references": _keys, "number": _number, "day": _day}
#: The fields of kind "rows".
ROWS = {
    "aliases": _aliases,
    "citations": lambda row: _citations(row.citations),
    "date_changes": lambda fact: [_date_change(change) for change in _in_order(fact.date_changes)],
    "links": _links,
    "participations": lambda row: _participations(row.participations),
    "readings": lambda fact: [_reading(reading) for reading in _in_order(fact.readings)],
    "reporting_duties": _reporting_duties,
    "successors": lambda row: sorted(each.successor.key for each in row.successions.all()),
}


#: The rows that a field of kind "rows" reads.
_ROW_LOOKUPS = {
    "aliases": ("aliases",),
    "citations": ("citations__source", "citations__heading__meeting"),
    "date_changes": ("date_changes",),
    "links": ("links__to_initiative", "links__to_organization"),
    "participations": ("participations__organization__names",),
    "readings": (
        "readings__places",
        "readings__reporting_body",
        "readings__paid_by",
        "readings__citations__source",
        "readings__citations__heading__meeting",
    ),
    "reporting_duties": ("reporting_duties__organization",),
    "successors": ("successions__successor",),
}
#: The parts of a subject, and the kind of their fields.
_PARTS = {
    "initiative": {"facts": "fact"},
    "meeting": {"facts": "fact", "attendances": "attendance", "headings": "heading"},
    "organization": {"names": "name"},
    "pillar": {"cycle": "cycle", "workstreams": "workstream"},
}


def _lookups(kind: str, prefix: str = "") -> list[str]:
    lookups = []
    for field in FIELDS[kind]:
        if field.kind in ("reference", "references"):
            lookups += field.columns
        lookups += _ROW_LOOKUPS[field.name] if field.kind == "rows" else ()
    for part, of_part in _PARTS.get(kind, {}).items():
        lookups += [part, *_lookups(of_part, f"{part}__")]
    return [f"{prefix}{lookup}" for lookup in lookups]


def load_related(kind: str, rows: list) -> None:
    """Read what freezing these subjects reads, in as many queries for many as for one; not again what is there."""
    prefetch_related_objects(rows, *_lookups(kind))


# Subjects and their parts


def _fact(row) -> dict:
    return _columns(row, ("key", "order")) | _fields("fact", row)


def _facts(subject, published: dict[str, dict]) -> list[dict]:
    """`published`: the facts of the published edition, by key."""
    rows = {row.key: row for row in sorted(subject.facts.all(), key=lambda fact: (fact.order, fact.key))}
    facts = {}
    for key, row in rows.items():
        if _is_settled(row):
            facts[key] = _fact(row)
        elif key in published:
            facts[key] = published[key]
    return [fact for fact in facts.values() if _parent_is_included(fact, facts)]


def _parent_is_included(fact: dict, facts: dict[str, dict]) -> bool:
    """A figure of an event that is left out is left out too."""
    return fact["of"] is None or (fact["of"] in facts and _parent_is_included(facts[fact["of"]], facts))


def _is_settled(fact) -> bool:
    """A joint fact has no draft; a side's is settled once its side marked it ready."""
    return fact.ready or fact.side == Side.JOINT


def settled_facts(subject):
    """The facts that a proposal includes in their present state."""
    prefetch_related_objects([subject], "facts__date_changes", "facts__participations__organization__names")
    return [fact for fact in subject.facts.all() if _is_settled(fact)]


def _initiative(row: Initiative, published: dict[str, dict]) -> dict:
    return {"key": row.key, **_fields("initiative", row), "facts": _facts(row, published)}


def _pillar(row: Pillar, _published) -> dict:
    workstreams = sorted(row.workstreams.all(), key=lambda each: each.number)
    return {
        "key": row.key,
        **_fields("pillar", row),
        "cycle": _fields("cycle", row.cycle),
        "workstreams": [{"key": each.key, **_fields("workstream", each)} for each in workstreams],
    }


def _meeting(row: Meeting, published: dict[str, dict]) -> dict:
    headings, attendances = _in_order(row.headings), _in_order(row.attendances)
    return {
        "key": row.key,
        **_fields("meeting", row),
        "attendances": [{"order": each.order, **_fields("attendance", each)} for each in attendances],
        "headings": [{"order": each.order, **_fields("heading", each)} for each in headings],
        "facts": _facts(row, published),
    }


def _organization(row: Organization, _published) -> dict:
    names = [{"order": name.order, **_fields("name", name)} for name in _in_order(row.names)]
    return {"key": row.key, **_fields("organization", row), "names": names}


def _entry(kind: str, row: Place | Topic | Source) -> dict:
    return {"key": row.key, **_fields(kind, row)}


FREEZERS = {
    "initiative": _initiative,
    "pillar": _pillar,
    "meeting": _meeting,
    "organization": _organization,
    "place": lambda row, _published: _entry("place", row),
    "topic": lambda row, _published: _entry("topic", row),
    "source": lambda row, _published: _entry("source", row),
}


def subject_rows(subject):
    """Every row of the subject that has texts in both languages."""
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
