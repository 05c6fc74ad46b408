"""Facts as rows, and what belongs to each: changes of its date, readings, who took part, citations."""

import datetime
from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import LANGUAGES
from initiatives.content import snapshot_content
from initiatives.models import Edition
from initiatives.vocabulary import choices
from initiatives.vocabulary.actions import Modality
from initiatives.vocabulary.fact_status import FactStatus
from initiatives.wording import sentences

from . import columns as c
from .context import ExportContext
from .field_columns import field_values, with_fields
from .table import EditionTable

#: Kinds of texts that hold facts.
SUBJECTS = ("initiative", "meeting")
_FACT = c.text("fact", _("key of the item, never reused in its initiative or meeting"))
_ORDER = c.integer("order", _("order"))
#: The statuses that the table names; the others follow from the modality and the reason of the end.
UNDECIDED = (FactStatus.DATE_PASSED, FactStatus.OUTCOME_NOT_PUBLISHED)


def _sources(row: dict) -> list[str]:
    return sorted({citation["source"] for citation in row["citations"]})


# Facts


def _facts(edition: Edition, context: ExportContext) -> Iterator[dict]:
    for fact in edition.data["facts"]:
        changes = fact["date_changes"]
        status = context.fact_status(edition, fact)
        first = changes[0]["old_edtf"] if changes else fact["date_edtf"]
        yield field_values("fact", fact, context) | {
            "fact": fact["key"],
            "order": fact["order"],
            "title_en": edition.title_en,
            "title_es": edition.title_es,
            **{f"sentence_{language}": sentences.sentence(fact, context.names, language) for language in LANGUAGES},
            **{f"who_acts_{language}": sentences.who_acts(fact, context.names, language) for language in LANGUAGES},
            **context.date("first_date", first, None if changes else fact),
            "first_modality": changes[0]["old_modality"] if changes else fact["modality"],
            "past_its_date": status if status in UNDECIDED else "",
            "last_mentioned": next(iter(snapshot_content.mention_days(fact, context.source_days)), None),
            **context.places(fact["places"]),
            "part_of": fact["of"] or "",
            "sources": _sources(fact),
            "address": context.address(edition.subject_kind, edition.subject_key, fact["key"]),
        }


FACTS = EditionTable(
    name="facts",
    title=_("Milestones and figures"),
    about=_("One row for each dated or measured item of an initiative or meeting."),
    subjects=SUBJECTS,
    identity=("subject", "key", "fact"),
    columns=with_fields(
        "fact",
        _FACT,
        _ORDER,
        "kind",
        *c.bilingual_columns("title", _("title of the initiative or name of the meeting")),
        *c.bilingual_columns("sentence", _("the item as a sentence")),
        *c.bilingual_columns("who_acts", _("organizations that act; empty if the source names none")),
        "side",
        "action",
        "object",
        "modality",
        "relation",
        "date",
        "date_inferred",
        *c.date("first_date", _("first published date")),
        c.code("first_modality", _("type of the first published date"), Modality),
        c.code(
            "past_its_date",
            _("whether the expected date has passed with no update published"),
            c.Members(*UNDECIDED),
        ),
        c.day("last_mentioned", _("date of the most recent source that mentions the item")),
        "duration",
        *c.places(),
        c.text("part_of", _("key of the item it is a figure of or part of")),
        "mode",
        "series_position",
        "series_size",
        "series_rhythm",
        "end_reason",
        "end",
        "end_text",
        "measure",
        "unit",
        "currency",
        "original_language",
        "translation_state",
        c.keys_column("sources", _("keys of the sources cited")),
        c.text("address", _("place on the page that always shows this same data, in the language of the web address")),
    ),
    short_columns=(
        "title_{}",
        "kind",
        "who_acts_{}",
        "sentence_{}",
        "modality",
        "past_its_date",
        "last_mentioned",
        "date_text",
        "date_earliest",
        "date_latest",
        "first_date_text",
        "place_names_{}",
        "sources",
        "key",
        "fact",
        "address",
    ),
    make=_facts,
)


# Changes of dates


def _date_changes(edition: Edition, context: ExportContext) -> Iterator[dict]:
    for fact in edition.data["facts"]:
        for change in fact["date_changes"]:
            slipped, exact = edtf_dates.days_slipped(change["old_edtf"], change["new_edtf"]) or (None, None)
            same = ("order", "reason", "old_modality", "new_modality", "text_en", "text_es")
            yield {name: change[name] for name in same} | {
                "fact": fact["key"],
                "changed_on": datetime.date.fromisoformat(change["changed_on"]),
                **context.date("old_date", change["old_edtf"]),
                **context.date("new_date", change["new_edtf"]),
                "days_slipped": slipped,
                "days_exact": exact,
            }


DATE_CHANGES = EditionTable(
    name="date-changes",
    title=_("Date changes"),
    about=_("One row for each date change of an item: old date, new date and reason."),
    subjects=SUBJECTS,
    identity=("subject", "key", "fact", "order"),
    columns=[
        _FACT,
        _ORDER,
        c.day("changed_on", _("date of the change")),
        c.code("reason", _("reason for the change"), choices.DateChangeReason),
        *c.date("old_date", _("old date")),
        c.code("old_modality", _("type of the old date"), Modality),
        *c.date("new_date", _("new date")),
        c.code("new_modality", _("type of the new date"), Modality),
        c.integer(
            "days_slipped",
            _("days between the latest possible old date and the latest possible new date; negative if earlier"),
        ),
        c.boolean("days_exact", _("whether both dates are exact; if not, the number of days is approximate")),
        *c.bilingual_columns("text", _("explanation")),
    ],
    make=_date_changes,
)


# Readings


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _readings(edition: Edition, context: ExportContext) -> Iterator[dict]:
    for fact in edition.data["facts"]:
        for reading in fact["readings"]:
            body = reading["reporting_body"]
            same = ("order", "status", "qualifier", "as_of_inferred", "period_inferred", "duration")
            yield {name: reading[name] for name in same} | {
                "fact": fact["key"],
                "figure_en": fact["object_en"],
                "figure_es": fact["object_es"],
                **{name: fact[name] for name in ("measure", "unit_en", "unit_es", "currency")},
                **{name: _decimal(reading.get(name)) for name in ("value", "value_to", "out_of")},
                "every": reading.get("every", ""),
                **context.date("value_as_of", reading["as_of_edtf"]),
                **context.date("period", reading["period_edtf"]),
                **context.places(reading["places"]),
                "reporting_body": body or "",
                **context.named("reporting_body_name", "organization", body),
                "paid_by": reading.get("paid_by") or "",
                "sources": _sources(reading),
            }


READINGS = EditionTable(
    name="readings",
    title=_("Reported values"),
    about=_(
        "One row for each value of a figure, as reported by one body for one date. Do not add up "
        "amounts with different measures or currencies."
    ),
    subjects=SUBJECTS,
    identity=("subject", "key", "fact", "order"),
    columns=[
        _FACT,
        _ORDER,
        *c.bilingual_columns("figure", _("measure of the figure")),
        c.code("status", _("whether the value is actual, a baseline or a target"), choices.ReadingStatus),
        c.code("measure", _("measure of a figure"), choices.Measure),
        c.number("value", _("value, not rounded; empty if unknown")),
        c.code("qualifier", _("the word before the number in the source"), choices.Qualifier),
        c.number("value_to", _("upper end of a range; empty for a single value")),
        c.number("out_of", _("the total that the value is a part of, as 6 in “5 of 6”")),
        c.text("every", _("how often the value recurs, in ISO 8601: P1Y for “3 a year”")),
        *c.bilingual_columns("unit", _("unit of a figure")),
        c.code("currency", _("currency (ISO 4217); empty if the source does not state it"), choices.Currency),
        *c.date("value_as_of", _("as-of date of the value")),
        c.boolean("as_of_inferred", _("whether that date was taken from the date of the source itself")),
        *c.date("period", _("period covered by the value")),
        c.boolean("period_inferred", _("whether the period was inferred")),
        c.text("duration", _("duration covered, in ISO 8601")),
        *c.places(),
        c.text("reporting_body", _("key of the reporting body")),
        *c.bilingual_columns("reporting_body_name", _("name of the reporting body")),
        c.text("paid_by", _("key of the organization that pays this share of a shared cost")),
        c.keys_column("sources", _("keys of the sources cited")),
    ],
    make=_readings,
)


# Who took part


def _participation(edition: Edition, context: ExportContext) -> Iterator[dict]:
    data = edition.data
    for fact, rows in [("", data.get("participations", ()))] + [(f["key"], f["participations"]) for f in data["facts"]]:
        for row in rows:
            same = {name: row[name] for name in ("order", "role", "unnamed_en", "unnamed_es")}
            named = context.named("organization_name", "organization", row["organization"])
            yield same | {"fact": fact, "organization": row["organization"] or ""} | named


PARTICIPATION = EditionTable(
    name="participation",
    title=_("Roles"),
    about=_("The role of each organization in an initiative or in one of its items."),
    subjects=SUBJECTS,
    identity=("subject", "key", "fact", "order"),
    columns=[
        c.text("fact", _("key of the item; empty if the role is in the initiative itself")),
        _ORDER,
        c.code("role", _("role"), choices.Role),
        c.text("organization", _("key of the organization; empty for an unnamed group")),
        *c.bilingual_columns("organization_name", _("name of the organization on that date")),
        *c.bilingual_columns("unnamed", _("description of an unnamed group")),
    ],
    make=_participation,
)


# Citations


def _citations(edition: Edition, context: ExportContext) -> Iterator[dict]:
    data = edition.data
    yield from _cited(data.get("citations", ()))
    for attendance in data.get("attendances", ()):
        yield from _cited(attendance["citations"], attendance=attendance["order"])
    for fact in data["facts"]:
        yield from _cited(fact["citations"], fact=fact["key"])
        for reading in fact["readings"]:
            yield from _cited(reading["citations"], fact=fact["key"], reading=reading["order"])


def _cited(citations: list[dict], **where) -> Iterator[dict]:
    for row in citations:
        same = {name: row[name] for name in ("order", "source", "locator", "heading_order")}
        yield {"fact": "", "reading": None, "attendance": None} | where | same | {"heading": row["heading"] or ""}


CITATIONS = EditionTable(
    name="citations",
    title=_("Citations"),
    about=_("Source references for each initiative, item, reported value or attendee."),
    subjects=SUBJECTS,
    identity=(),
    columns=[
        c.text("fact", _("key of the item; empty if the citation is for an initiative itself or an attendee")),
        c.integer("reading", _("position of the reported value; empty if not applicable")),
        c.integer("attendance", _("position of the attendee; empty if not applicable")),
        _ORDER,
        c.text("source", _("key of the source")),
        c.text("locator", _("location in the source")),
        c.text("heading", _("meeting and position of the fact sheet heading it appears under")),
        c.integer("heading_order", _("position of the item under that heading")),
    ],
    make=_citations,
)
