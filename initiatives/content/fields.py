"""Every field of a frozen content: its label, and its value in words.

Pure, and complete: what the schema knows stands here, so that no change of a text goes untold. A field is a pair of
texts (both languages are told), a value, or a list of lines. Labels are lazy; words are in the language of a `Teller`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import LANGUAGES, Language, TranslationState
from hled_portal.i18n.delegations import Delegation, Side
from hled_portal.publishing.canonical_json import canonical
from initiatives.vocabulary import choices as vocabulary
from initiatives.vocabulary.actions import FactKind, Modality
from initiatives.wording import field_formatting
from initiatives.wording.field_formatting import FieldFormatter


@dataclass(frozen=True)
class Field:
    """`form`: "pair" (texts in both languages), "value" or "lines" (a list of rows, each told in a line)."""

    name: str
    label: object
    words: Callable | None = None
    form: str = "value"
    label_es: object = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of the content that the field covers."""
        return tuple(f"{self.name}_{language}" for language in LANGUAGES) if self.form == "pair" else (self.name,)

    def told(self, row: dict, teller: FieldFormatter):
        """The words of a value, or the lines of a list; empty where there is nothing to tell."""
        value = row[self.name]
        if self.form == "lines":
            return [self.words(teller, item, row) for item in sorted(value, key=in_order)]
        return "" if value in (None, "", False) else self.words(teller, value)


def in_order(item) -> tuple:
    """Where a row of a list stands."""
    return (item.get("order", 0), canonical(item)) if isinstance(item, dict) else (0, item)


def _pair(name: str, label_en, label_es) -> Field:
    return Field(name, label_en, form="pair", label_es=label_es)


def _choice(name: str, label, choices) -> Field:
    return Field(name, label, lambda _teller, value: str(dict(choices.choices).get(value, value)))


def _date(name: str, label) -> Field:
    return Field(name, label, lambda teller, value: edtf_dates.to_text(value, teller.language))


def _duration(name: str, label) -> Field:
    return Field(name, label, lambda teller, value: edtf_dates.duration_to_text(value, teller.language))


def _day(name: str, label) -> Field:
    return Field(name, label, lambda teller, value: teller.day(value))


def _flag(name: str, label) -> Field:
    return Field(name, label, lambda _teller, _value: _t("yes"))


def _plain(name: str, label) -> Field:
    return Field(name, label, lambda _teller, value: str(value))


def _reference_field(name: str, label, kind: str) -> Field:
    return Field(name, label, lambda teller, value: teller.named(kind, value))


def _references_field(name: str, label, kind: str) -> Field:
    return Field(name, label, lambda teller, key, _whole: teller.named(kind, key), "lines")


def _lines(name: str, label, words: Callable) -> Field:
    return Field(name, label, words, "lines")


# The fields of each part of a content, in the order in which readers are told of them

_PLACES = _references_field("places", _("places"), "place")
_PARTICIPATIONS = _lines("participations", _("participations"), field_formatting.participation)
_CITATIONS = _lines("citations", _("sources"), field_formatting.citation)
_ALIASES = _lines("aliases", _("aliases"), field_formatting.alias)
_NAME = _pair("name", _("name (English)"), _("name (Spanish)"))
_LANGUAGE = (
    _choice("original_language", _("original language"), Language),
    _choice("translation_state", _("state of the translation"), TranslationState),
)
_DATE = (
    _date("date_edtf", _("date")),
    _pair("date_wording", _("wording of the date (English)"), _("wording of the date (Spanish)")),
)

FIELDS: dict[str, tuple[Field, ...]] = {
    "initiative": (
        _pair("title", _("title (English)"), _("title (Spanish)")),
        _pair("summary", _("summary (English)"), _("summary (Spanish)")),
        _choice("stage", _("stage"), vocabulary.Stage),
        _choice("confidence", _("delivery confidence"), vocabulary.Confidence),
        _choice("initiative_kind", _("kind"), vocabulary.InitiativeKind),
        _reference_field("pillar", _("pillar"), "pillar"),
        Field("workstream", _("workstream"), FieldFormatter.workstream),
        _reference_field("parent", _("part of"), "initiative"),
        _reference_field("replaced_by", _("replaced by"), "initiative"),
        _PLACES,
        _references_field("topics", _("topics"), "topic"),
        _PARTICIPATIONS,
        _lines("links", _("links"), field_formatting.format_link),
        _lines("reporting_duties", _("reporting duties"), field_formatting.duty),
        _CITATIONS,
        *_LANGUAGE,
    ),
    "fact": (
        _choice("kind", _("kind"), FactKind),
        _choice("side", _("side"), Side),
        Field("action", _("action"), lambda teller, key: field_formatting.verb(key, teller.language)),
        _pair("object", _("object (English)"), _("object (Spanish)")),
        *_DATE,
        _choice("modality", _("modality of the date"), Modality),
        _choice("relation", _("relation to the date"), vocabulary.Relation),
        _flag("date_inferred", _("date inferred")),
        _duration("duration", _("duration")),
        _PLACES,
        Field("of", _("part of"), lambda teller, key: teller.facts.get(key, key)),
        _choice("mode", _("mode"), vocabulary.Mode),
        _plain("series_position", _("position in the series")),
        _plain("series_size", _("size of the series")),
        _duration("series_rhythm", _("rhythm of the series")),
        _date("end_edtf", _("date of the end")),
        _choice("end_reason", _("reason of the end"), vocabulary.EndReason),
        _pair("end_text", _("explanation of the end (English)"), _("explanation of the end (Spanish)")),
        _choice("measure", _("measure"), vocabulary.Measure),
        _pair("unit", _("unit (English)"), _("unit (Spanish)")),
        _choice("currency", _("currency"), vocabulary.Currency),
        _lines("date_changes", _("changes of dates"), field_formatting.date_change),
        _lines("readings", _("readings"), field_formatting.reading),
        _PARTICIPATIONS,
        _CITATIONS,
        *_LANGUAGE,
    ),
    "pillar": (_NAME, _plain("number", _("number")), _ALIASES),
    "cycle": (_plain("key", _("key")), _NAME, _day("begins", _("begins")), _day("ends", _("ends"))),
    "workstream": (_NAME, _plain("number", _("number"))),
    "meeting": (
        _NAME,
        _choice("meeting_kind", _("kind"), vocabulary.MeetingKind),
        *_DATE,
        _choice("mode", _("mode"), vocabulary.Mode),
        _reference_field("place", _("place"), "place"),
        _plain("cycle", _("cycle")),
    ),
    "attendance": (
        _plain("person", _("person")),
        _pair("office", _("office (English)"), _("office (Spanish)")),
        _reference_field("organization", _("organization"), "organization"),
        _choice("delegation", _("delegation"), Delegation),
        _CITATIONS,
    ),
    "heading": (
        _pair("text", _("text (English)"), _("text (Spanish)")),
        _pair("introduction", _("introduction (English)"), _("introduction (Spanish)")),
        _reference_field("pillar", _("pillar"), "pillar"),
        Field("workstream", _("workstream"), FieldFormatter.workstream),
    ),
    "organization": (
        _choice("organization_kind", _("kind"), vocabulary.OrganizationKind),
        _choice("country", _("country"), vocabulary.Country),
        _reference_field("parent", _("part of"), "organization"),
        _date("ended_edtf", _("date of the end")),
        _references_field("successors", _("successors"), "organization"),
        _reference_field("replaced_by", _("replaced by"), "organization"),
        _ALIASES,
    ),
    "name": (
        _NAME,
        _pair("acronym", _("acronym (English)"), _("acronym (Spanish)")),
        _pair("article", _("article (English)"), _("article (Spanish)")),
        _date("since_edtf", _("in use since")),
        _date("until_edtf", _("in use until")),
    ),
    "place": (
        _NAME,
        _choice("place_kind", _("kind"), vocabulary.PlaceKind),
        _choice("country", _("country"), vocabulary.Country),
        _reference_field("parent", _("lies in"), "place"),
        _plain("latitude", _("latitude")),
        _plain("longitude", _("longitude")),
        _reference_field("replaced_by", _("replaced by"), "place"),
        _ALIASES,
    ),
    "topic": (_NAME, _reference_field("replaced_by", _("replaced by"), "topic")),
    "source": (
        _NAME,
        _choice("source_kind", _("kind"), vocabulary.SourceKind),
        *_DATE,
        _choice("language", _("language"), Language),
        _plain("address", _("address")),
        _reference_field("meeting", _("meeting"), "meeting"),
        _reference_field("replaced_by", _("replaced by"), "source"),
    ),
}

#: Lists whose rows are parts of their own: kind of the part, and what tells one row from the others.
CONTENT_PARTS: dict[str, tuple[str, str]] = {
    "facts": ("fact", "key"),
    "workstreams": ("workstream", "key"),
    "attendances": ("attendance", "order"),
    "headings": ("heading", "order"),
    "names": ("name", "order"),
}
LABELS = {
    "facts": _("facts"),
    "workstreams": _("workstreams"),
    "attendances": _("attendances"),
    "headings": _("headings"),
    "names": _("names"),
    "workstream": _("workstream"),
    "attendance": _("attendance"),
    "heading": _("heading"),
    "name": _("name"),
    "cycle": _("cycle"),
}
