"""The one table of the fields of frozen contents.

From it follow the snapshot (`editions/snapshot.py`), the schema of a field added later (`content_schema.py`), search
(`search_documents.py`), the labels and words of differences (`diff.py`), and the columns and the data dictionary of
downloads (`exports/tables/field_columns.py`). Labels are lazy; words are in the language of a `FieldFormatter`.
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

#: What a content holds where a field is empty, by kind; in contents frozen before a field was added, too.
EMPTY_VALUES = {"flag": False, "integer": None, "number": None, "day": None, "reference": None}
LIST_KINDS = ("references", "rows")


@dataclass(frozen=True)
class Field:
    """A field of a frozen content.

    `kind`: "pair" (texts in both languages, `title_en` and `title_es`), "text", "choice", "date" (EDTF), "duration",
    "day", "flag", "integer", "number", "reference" (the key of a row), "references" (keys), or "rows" (a list that
    `editions/snapshot.py` builds). `column`: the column of the model, where it has another name. `description`: what
    the data dictionary says; without it the tables in `exports/tables/` build the field's columns themselves.
    """

    name: str
    label: object
    kind: str
    words: Callable | None = None
    label_es: object = ""
    column: str = ""
    description: object = None
    choices: type | None = None
    refers_to: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of the content that the field covers."""
        return self._in_languages(self.name)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the model, in the order of `names`."""
        return self._in_languages(self.column or self.name)

    def _in_languages(self, name: str) -> tuple[str, ...]:
        return tuple(f"{name}_{language}" for language in LANGUAGES) if self.kind == "pair" else (name,)

    @property
    def is_list(self) -> bool:
        return self.kind in LIST_KINDS

    def value(self, row: dict, name: str = ""):
        """The value in a content, which may be older than the field."""
        name = name or self.name
        return row[name] if name in row else [] if self.is_list else EMPTY_VALUES.get(self.kind, "")

    def to_text(self, row: dict, formatter: FieldFormatter):
        """The words of a value, or the lines of a list; empty where the field is empty."""
        value = self.value(row)
        if self.is_list:
            return [self.words(formatter, item, row) for item in sorted(value, key=in_order)]
        return "" if value in (None, "", False) else self.words(formatter, value)


def in_order(item) -> tuple:
    """Sort key of the rows of a list."""
    return (item.get("order", 0), canonical(item)) if isinstance(item, dict) else (0, item)


def _pair(name: str, label_en, label_es, description=None) -> Field:
    return Field(name, label_en, "pair", label_es=label_es, description=description)


def _choice(name: str, label, choices, description=None, column: str = "") -> Field:
    def words(_formatter, value):
        return str(dict(choices.choices).get(value, value))

    return Field(name, label, "choice", words, column=column, description=description, choices=choices)


def _date(name: str, label, description=None) -> Field:
    def words(formatter, value):
        return edtf_dates.to_text(value, formatter.language)

    return Field(name, label, "date", words, description=description)


def _duration(name: str, label, description=None) -> Field:
    def words(formatter, value):
        return edtf_dates.duration_to_text(value, formatter.language)

    return Field(name, label, "duration", words, description=description)


def _day(name: str, label) -> Field:
    return Field(name, label, "day", lambda formatter, value: formatter.day(value))


def _flag(name: str, label, description=None) -> Field:
    return Field(name, label, "flag", lambda _formatter, _value: _t("yes"), description=description)


def _plain(name: str, label, kind: str = "text", description=None) -> Field:
    return Field(name, label, kind, lambda _formatter, value: str(value), description=description)


def _reference(name: str, label, refers_to: str, description=None) -> Field:
    def words(formatter, key):
        return formatter.named(refers_to, key)

    return Field(name, label, "reference", words, description=description, refers_to=refers_to)


def _workstream(description=None) -> Field:
    return Field("workstream", _("workstream"), "reference", FieldFormatter.workstream, description=description)


def _references(name: str, label, refers_to: str) -> Field:
    def words(formatter, key, _whole):
        return formatter.named(refers_to, key)

    return Field(name, label, "references", words, refers_to=refers_to)


def _rows(name: str, label, words: Callable) -> Field:
    return Field(name, label, "rows", words)


# The fields of each part of a content, in the order of a difference

_PLACES = _references("places", _("places"), "place")
_PARTICIPATIONS = _rows("participations", _("organizations and roles"), field_formatting.participation)
_CITATIONS = _rows("citations", _("sources"), field_formatting.citation)
_ALIASES = _rows("aliases", _("other names"), field_formatting.alias)
_NAME = _pair("name", _("name (English)"), _("name (Spanish)"))
_LANGUAGE = (
    _choice("original_language", _("original language"), Language, _("language in which the text was written")),
    _choice(
        "translation_state",
        _("translation status"),
        TranslationState,
        _("translation status of the text"),
    ),
)
_DATE = (
    _date("date_edtf", _("date"), _("date")),
    _pair("date_wording", _("date as worded in the source (English)"), _("date as worded in the source (Spanish)")),
)

FIELDS: dict[str, tuple[Field, ...]] = {
    "initiative": (
        _pair("title", _("title (English)"), _("title (Spanish)"), _("title")),
        _pair("summary", _("summary (English)"), _("summary (Spanish)"), _("summary")),
        _choice("stage", _("status"), vocabulary.Stage, _("status, entered by editors and never inferred")),
        _choice(
            "confidence",
            _("delivery outlook"),
            vocabulary.Confidence,
            _("delivery outlook, separate from the status"),
        ),
        _choice("initiative_kind", _("type"), vocabulary.InitiativeKind, _("type of initiative"), "kind"),
        _reference("pillar", _("pillar"), "pillar", _("key of the pillar")),
        _workstream(_("key of the workstream; empty if none")),
        _reference("parent", _("part of"), "initiative", _("key of the initiative it is part of")),
        _reference("replaced_by", _("replaced by"), "initiative", _("key of the initiative that replaced it")),
        _PLACES,
        _references("topics", _("topics"), "topic"),
        _PARTICIPATIONS,
        _rows("links", _("links"), field_formatting.format_link),
        _rows("reporting_duties", _("reporting requirements"), field_formatting.duty),
        _CITATIONS,
        *_LANGUAGE,
    ),
    "fact": (
        _choice("kind", _("type"), FactKind, _("type of item")),
        _choice("side", _("delegation"), Side, _("delegation responsible for the item, not who carries it out")),
        Field(
            "action",
            _("action"),
            "text",
            lambda formatter, key: field_formatting.verb(key, formatter.language),
            description=_("action; empty for a figure or objective"),
        ),
        _pair(
            "object",
            _("description (English)"),
            _("description (Spanish)"),
            _("description: what the action applies to, what a figure counts or what an objective aims for"),
        ),
        *_DATE,
        _choice("modality", _("type of date"), Modality, _("type of date")),
        _choice("relation", _("on, by, since or until"), vocabulary.Relation, _("on, by, since or until that date")),
        _flag("date_inferred", _("date inferred"), _("whether part of the date was inferred")),
        _duration("duration", _("duration"), _("duration in ISO 8601; never converted into an end date")),
        _PLACES,
        Field("of", _("part of"), "reference", lambda formatter, key: formatter.facts.get(key, key)),
        _choice("mode", _("format"), vocabulary.Mode, _("format of an event")),
        _plain("series_position", _("position in the series"), "integer", _("position in a series of events")),
        _plain("series_size", _("number of events in the series"), "integer", _("number of events in the series")),
        _duration("series_rhythm", _("frequency of the series"), _("frequency of the series in ISO 8601")),
        _date("end_edtf", _("closing date"), _("closing date of the milestone")),
        _choice("end_reason", _("reason for closing"), vocabulary.EndReason, _("reason for closing a milestone")),
        _pair(
            "end_text",
            _("explanation of closure (English)"),
            _("explanation of closure (Spanish)"),
            _("explanation of the closure"),
        ),
        _choice("measure", _("measure"), vocabulary.Measure, _("measure of a figure")),
        _pair("unit", _("unit (English)"), _("unit (Spanish)"), _("unit of a figure")),
        _choice(
            "currency",
            _("currency"),
            vocabulary.Currency,
            _("currency (ISO 4217); empty if the source does not state it"),
        ),
        _rows("date_changes", _("date changes"), field_formatting.date_change),
        _rows("readings", _("reported values"), field_formatting.reading),
        _PARTICIPATIONS,
        _CITATIONS,
        *_LANGUAGE,
    ),
    "pillar": (_NAME, _plain("number", _("number"), "integer"), _ALIASES),
    "cycle": (_plain("key", _("key")), _NAME, _day("begins", _("begins")), _day("ends", _("ends"))),
    "workstream": (_NAME, _plain("number", _("number"), "integer")),
    "meeting": (
        _NAME,
        _choice("meeting_kind", _("type"), vocabulary.MeetingKind, column="kind"),
        *_DATE,
        _choice("mode", _("format"), vocabulary.Mode),
        _reference("place", _("place"), "place"),
        Field("cycle", _("cycle"), "reference", lambda _formatter, key: key),
    ),
    "attendance": (
        _plain("person", _("person")),
        _pair("office", _("position held (English)"), _("position held (Spanish)")),
        _reference("organization", _("organization"), "organization"),
        _choice("delegation", _("delegation"), Delegation),
        _CITATIONS,
    ),
    "heading": (
        _pair("text", _("text (English)"), _("text (Spanish)")),
        _pair("introduction", _("introduction (English)"), _("introduction (Spanish)")),
        _reference("pillar", _("pillar"), "pillar"),
        _workstream(),
    ),
    "organization": (
        _choice("organization_kind", _("type"), vocabulary.OrganizationKind, column="kind"),
        _choice("country", _("country"), vocabulary.Country),
        _reference("parent", _("part of"), "organization"),
        _date("ended_edtf", _("closing date")),
        _reference("ended_source", _("source of the closing date"), "source"),
        _rows("successors", _("successors"), lambda formatter, key, _whole: formatter.named("organization", key)),
        _reference("replaced_by", _("replaced by"), "organization"),
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
        _choice("place_kind", _("type"), vocabulary.PlaceKind, column="kind"),
        _choice("country", _("country"), vocabulary.Country),
        _reference("parent", _("located in"), "place"),
        _reference("city", _("city or state"), "place"),
        _plain("latitude", _("latitude"), "number"),
        _plain("longitude", _("longitude"), "number"),
        _reference("replaced_by", _("replaced by"), "place"),
        _ALIASES,
    ),
    "topic": (_NAME, _reference("replaced_by", _("replaced by"), "topic")),
    "source": (
        _NAME,
        _choice("source_kind", _("type"), vocabulary.SourceKind, column="kind"),
        *_DATE,
        _choice("language", _("language"), Language),
        _plain("address", _("address")),
        _pair("issuer", _("issued by (English)"), _("issued by (Spanish)")),
        _flag("in_part", _("entered in part")),
        _reference("meeting", _("meeting"), "meeting"),
        _reference("replaced_by", _("replaced by"), "source"),
    ),
}

#: Lists whose rows have fields of their own: kind of the part, and the key that identifies a row.
CONTENT_PARTS: dict[str, tuple[str, str]] = {
    "facts": ("fact", "key"),
    "workstreams": ("workstream", "key"),
    "attendances": ("attendance", "order"),
    "headings": ("heading", "order"),
    "names": ("name", "order"),
}
LABELS = {
    "facts": _("items"),
    "workstreams": _("workstreams"),
    "attendances": _("attendees"),
    "headings": _("headings"),
    "names": _("names"),
    "workstream": _("workstream"),
    "attendance": _("attendee"),
    "heading": _("heading"),
    "name": _("name"),
    "cycle": _("cycle"),
}
