"""Activities of IATI 2.03: the development work of the dialogue, for those who follow it across publishers.

What each element says, and what this record says that the standard cannot, is in docs/standards.md. Nothing is
stated that the record does not state: what is left out is named in a description of type 4 (other).
"""

from xml.etree import ElementTree

from django.utils.translation import gettext as _

from hled_portal.dates.as_of import Moment
from hled_portal.files.download_writers import printable
from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.web import license
from initiatives.exports.tables.context import ExportContext
from initiatives.exports.tables.table import grounds, withdrawn_rows
from initiatives.models import Edition
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.choices import Measure, OrganizationKind, Qualifier, Role, Stage
from initiatives.wording.sentences import sentence

from . import standards

#: What the record says beyond the standard is in elements of this namespace, which readers of IATI ignore.
OURS = "urn:x-hled:record:1"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

STATUS = {
    Stage.PLANNED: "1",
    Stage.UNDER_WAY: "2",
    Stage.COMPLETED: "4",
    Stage.CANCELLED: "5",
    Stage.SUSPENDED: "6",
}
#: A host, a partner, a supporter, a participant or a recipient has no code.
IATI_ROLES = {Role.FUNDER: "1", Role.LEAD: "2", Role.IMPLEMENTER: "4"}
ORGANIZATION_TYPES = {
    OrganizationKind.MINISTRY: "10",
    OrganizationKind.AGENCY: "10",
    OrganizationKind.EMBASSY: "10",
    OrganizationKind.INTERNATIONAL: "40",
    OrganizationKind.COMPANY: "70",
    OrganizationKind.UNIVERSITY: "80",
}
OTHER_ORGANIZATION = "90"
#: No code of the standard's list: the day from which the text counts, and neither first nor last of the activity.
PUBLIC_FROM = "x-public-from"
OWN_VOCABULARY, ISO_COUNTRY = "99", "A4"
UNIT, PERCENTAGE = "1", "2"
WEB_PAGE = "A12"

ElementTree.register_namespace("hled", OURS)


def build_iati(context: ExportContext) -> bytes | None:
    """The file of a moment; None where the record holds no development work then, for the standard asks for one."""
    editions = {edition.subject_key: edition for edition in standards.development(context)}
    stated = {
        key: edition for key, edition in editions.items() if _participants(edition) and edition.data["stage"] in STATUS
    }
    if not stated:
        return None
    root = ElementTree.Element("iati-activities", {"version": "2.03"})
    root.extend(_activity(edition, context, stated) for edition in stated.values())
    ours = _ours(
        root,
        "record",
        {"as-of": context.at.day.isoformat(), "publication": str(context.at.publication), "licence": license.ADDRESS},
    )
    for key in editions.keys() - stated.keys():
        _narratives(
            _ours(ours, "left-out", {"key": key}), standards.both(lambda _lang, key=key: _why_left_out(editions[key]))
        )
    for marker in withdrawn_rows(context, ("initiative",)):
        _withdrawn(ours, marker)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def has_activities(at: Moment) -> bool:
    """Whether the file of a moment has an activity. One query, which reads contents up to the first."""
    rows = standards.not_works(at).order_by("subject_key").iterator(chunk_size=50)
    return any(standards.is_development(row) and _participants(row) and row.data["stage"] in STATUS for row in rows)


def _why_left_out(edition: Edition) -> str:
    if not _participants(edition):
        return _("It names no funder, lead or implementer; IATI requires at least one.")
    return _("Its source does not state its status; IATI requires one.")


def _participants(edition: Edition) -> list[dict]:
    return [row for row in edition.data["participations"] if row["role"] in IATI_ROLES]


def _activity(edition: Edition, context: ExportContext, stated: dict[str, Edition]) -> ElementTree.Element:
    """One activity, its elements in the order that the standard asks for."""
    activity = ElementTree.Element(
        "iati-activity", {"last-updated-datetime": standards.released(edition), XML_LANG: "en"}
    )
    _sub(activity, "iati-identifier").text = standards.identifier(edition.subject_key)
    _publisher(activity)
    _narratives(_sub(activity, "title"), standards.bilingual_texts(edition.data, "title"))
    _descriptions(activity, edition, context)
    _organizations(activity, edition, context)
    _sub(activity, "activity-status", {"code": STATUS[edition.data["stage"]]})
    _sub(activity, "activity-date", {"type": PUBLIC_FROM, "iso-date": edition.public_from.isoformat()})
    _places(activity, edition.data, context)
    _topics(activity, edition.data, context)
    _commitments(activity, edition.data, context)
    _pages(activity, edition, context)
    _related(activity, edition, stated)
    for fact in edition.data["facts"]:
        if fact["kind"] == FactKind.FIGURE and fact["readings"]:
            _result(activity, fact, context)
    _beyond(activity, edition, context)
    return activity


def _sub(parent, tag: str, attributes: dict | None = None) -> ElementTree.Element:
    return ElementTree.SubElement(parent, tag, attributes or {})


def _ours(parent, tag: str, attributes: dict) -> ElementTree.Element:
    return ElementTree.SubElement(parent, f"{{{OURS}}}{tag}", attributes)


def _narratives(parent, texts: dict[str, str], tag: str = "narrative") -> None:
    """The text in both languages; once where they are the same."""
    _sub(parent, tag).text = texts["en"]
    if texts["es"] != texts["en"]:
        _sub(parent, tag, {XML_LANG: "es"}).text = texts["es"]


def _publisher(activity) -> None:
    """The portal, a secondary publisher of what both governments published."""
    attributes = {"ref": standards.PREFIX, "type": OTHER_ORGANIZATION, "secondary-reporter": "1"}
    _narratives(_sub(activity, "reporting-org", attributes), standards.publisher())


def _descriptions(activity, edition: Edition, context: ExportContext) -> None:
    data = edition.data
    general = (
        standards.bilingual_texts(data, "summary") if data["summary_en"] else standards.bilingual_texts(data, "title")
    )
    _narratives(_sub(activity, "description", {"type": "1"}), general)
    for fact in data["facts"]:
        if fact["kind"] == FactKind.OBJECTIVE:
            _narratives(_sub(activity, "description", {"type": "2"}), standards.bilingual_texts(fact, "object"))
    for note in _notes(edition, context):
        _narratives(_sub(activity, "description", {"type": "4"}), note)


def _notes(edition: Edition, context: ExportContext) -> list[dict[str, str]]:
    """On what ground the text is public, and what it says that the standard cannot."""
    data = edition.data
    notes = [
        standards.bilingual_texts(grounds(edition, context), "basis_text"),
        standards.both(
            lambda lang: _(
                "Dates in the record are for items, not for whole initiatives, so no start or end "
                "date of the activity is given. The date of type x-public-from is the date from "
                "which this text applies."
            )
        ),
    ]
    if any(fact["action"] for fact in data["facts"]):
        notes.append(
            standards.both(
                lambda lang: _(
                    "IATI has no field for the dated items of an initiative. Each is in an hled:fact "
                    "element, as a sentence and with its date in EDTF."
                )
            )
        )
    notes += [_role_without_code(row, context) for row in data["participations"] if row["role"] not in IATI_ROLES]
    money = [fact for fact in data["facts"] if standards.is_money(fact) and not fact["currency"]]
    return notes + [standards.without_currency(fact) for fact in money]


def _role_without_code(row: dict, context: ExportContext) -> dict[str, str]:
    name = standards.party_name(row, context)
    return standards.both(lambda lang: f"{str(Role(row['role']).label).capitalize()}: {name[lang]}.")


def _organizations(activity, edition: Edition, context: ExportContext) -> None:
    for row in _participants(edition):
        attributes, key = {"role": IATI_ROLES[row["role"]]}, row["organization"]
        kind = context.contents.get(("organization", key), {}).get("organization_kind")
        if kind in ORGANIZATION_TYPES:
            attributes["type"] = ORGANIZATION_TYPES[kind]
        if key:
            attributes["ref"] = standards.organization_identifier(key)
        _narratives(_sub(activity, "participating-org", attributes), standards.party_name(row, context))


def _places(activity, data: dict, context: ExportContext) -> None:
    """Where it is. Which country benefits the record does not say: there is no recipient country."""
    for key in data["places"]:
        place = context.contents.get(("place", key))
        location = _sub(activity, "location", {"ref": key})
        if place is None:
            continue
        _narratives(_sub(location, "name"), standards.bilingual_texts(place, "name"))
        if place["country"]:
            _sub(location, "administrative", {"vocabulary": ISO_COUNTRY, "code": place["country"], "level": "0"})
        if spot := standards.spot(place):
            point = _sub(location, "point", {"srsName": "http://www.opengis.net/def/crs/EPSG/0/4326"})
            _sub(point, "pos").text = " ".join(spot)


def _topics(activity, data: dict, context: ExportContext) -> None:
    for key in data["topics"]:
        sector = _sub(activity, "sector", {"vocabulary": OWN_VOCABULARY, "code": key})
        if name := context.contents.get(("topic", key)):
            _narratives(sector, standards.bilingual_texts(name, "name"))


def _commitments(activity, data: dict, context: ExportContext) -> None:
    """Committed amounts: a transaction needs an exact amount, its currency and its day."""
    facts = {fact["key"]: fact for fact in data["facts"]}
    for fact in data["facts"]:
        day = standards.exact_day(facts[fact["of"]]["date_edtf"]) if fact["of"] else None
        if fact["measure"] != Measure.COMMITTED or not fact["currency"] or not day:
            continue
        for reading in fact["readings"]:
            if reading["status"] == "actual" and reading["qualifier"] == Qualifier.EXACTLY and reading["value"]:
                transaction = _sub(activity, "transaction", {"ref": f"{fact['key']}-{reading['order']}"})
                _sub(transaction, "transaction-type", {"code": "2"})
                _sub(transaction, "transaction-date", {"iso-date": day})
                value = _sub(transaction, "value", {"currency": fact["currency"], "value-date": day})
                value.text = reading["value"]
                _narratives(_sub(transaction, "description"), standards.bilingual_texts(fact, "object"))


def _pages(activity, edition: Edition, context: ExportContext) -> None:
    """The permanent address of the initiative in each language."""
    addresses = standards.both(lambda lang: context.address("initiative", edition.subject_key))
    for language in LANGUAGES:
        link = _sub(activity, "document-link", {"format": "text/html", "url": addresses[language]})
        _narratives(_sub(link, "title"), standards.bilingual_texts(edition.data, "title"))
        _sub(link, "category", {"code": WEB_PAGE})
        _sub(link, "language", {"code": language})


def _related(activity, edition: Edition, stated: dict[str, Edition]) -> None:
    """The initiative above this one and those below it, where they are in the file."""
    if (parent := edition.data["parent"]) in stated:
        _sub(activity, "related-activity", {"ref": standards.identifier(parent), "type": "1"})
    for key, other in stated.items():
        if other.data["parent"] == edition.subject_key:
            _sub(activity, "related-activity", {"ref": standards.identifier(key), "type": "2"})


def _result(activity, fact: dict, context: ExportContext) -> None:
    """A figure, its readings in words: qualifiers, months and inferred days have no place in a period."""
    result = _sub(activity, "result", {"type": "9"})
    _narratives(_sub(result, "title"), standards.bilingual_texts(fact, "object"))
    share = fact["measure"] in (Measure.PHYSICAL_PROGRESS, Measure.DESIGN_STAGE)
    indicator = _sub(result, "indicator", {"measure": PERCENTAGE if share else UNIT})
    _narratives(_sub(indicator, "title"), standards.bilingual_texts(fact, "object"))
    _narratives(_sub(indicator, "description"), standards.reading_lines(fact, context))


# Beyond the standard


def _beyond(activity, edition: Edition, context: ExportContext) -> None:
    """Which edition this is, and each dated fact as a sentence with its date in EDTF."""
    ground = grounds(edition, context)
    attributes = {"number": str(edition.number), "digest": edition.digest, "basis": edition.basis}
    attributes |= {"publication": str(edition.publication), "public-from": edition.public_from.isoformat()}
    if ground["joint_text"]:
        attributes["joint-text"] = ground["joint_text"]
    _ours(activity, "edition", attributes)
    for fact in edition.data["facts"]:
        if fact["action"]:
            values = {name: fact[name] for name in ("key", "kind", "side", "modality")} | {"edtf": fact["date_edtf"]}
            words = {lang: printable(sentence(fact, context.names, lang)) for lang in LANGUAGES}
            _narratives(_ours(activity, "fact", values), words, f"{{{OURS}}}narrative")


def _withdrawn(parent, marker: dict) -> None:
    """What stays of a withdrawn edition: never its words."""
    days = {name.replace("_", "-"): marker[name].isoformat() for name in ("public_from", "public_until")}
    element = _ours(parent, "withdrawn", {"key": marker["key"], "edition": str(marker["edition"])} | days)
    for name in ("by", "reason", "words"):
        _narratives(
            _ours(element, name, {}), standards.bilingual_texts(marker, f"withdrawn_{name}"), f"{{{OURS}}}narrative"
        )
