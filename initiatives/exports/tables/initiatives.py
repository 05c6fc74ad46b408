"""Initiatives, their links and responsibilities as rows."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from hled_portal.dates import edtf_dates
from initiatives.models import Edition
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.choices import LinkKind
from initiatives.vocabulary.fact_status import FactStatus

from . import columns as c
from .context import ExportContext
from .field_columns import field_values, with_fields
from .table import EditionTable


def _initiative(edition: Edition, context: ExportContext) -> Iterator[dict]:
    data = edition.data
    pillar = context.contents.get(("pillar", data["pillar"]))
    workstreams = {item["key"]: item for item in pillar["workstreams"]} if pillar else {}
    workstream = workstreams.get(data["workstream"], {"name_en": "", "name_es": ""})
    yield field_values("initiative", data, context) | {
        "pillar_number": pillar["number"] if pillar else None,
        "workstream_name_en": workstream["name_en"],
        "workstream_name_es": workstream["name_es"],
        **context.named("pillar_name", "pillar", data["pillar"]),
        **context.places(data["places"]),
        **_topics(data, context),
        **_counts(edition, context),
        "last_reported": edition.last_reported,
        "sources": sorted({citation["source"] for citation in data["citations"]}),
        "digest": edition.digest,
        "address": context.address("initiative", edition.subject_key),
    }


def _topics(data: dict, context: ExportContext) -> dict:
    names = [context.named("name", "topic", key) for key in data["topics"]]
    words = {f"topic_names_{language}": [name[f"name_{language}"] for name in names] for language in ("en", "es")}
    return {"topics": data["topics"]} | words


def _counts(edition: Edition, context: ExportContext) -> dict:
    """What the page of an initiative counts of it, and its next date."""
    statuses = [(fact, context.fact_status(edition, fact)) for fact in edition.data["facts"]]
    milestones = [status for fact, status in statuses if fact["kind"] == FactKind.MILESTONE]
    expected = [fact["date_edtf"] for fact, status in statuses if status == FactStatus.EXPECTED]
    ahead = [(latest, edtf) for edtf in expected if (latest := edtf_dates.bounds(edtf)[1])]
    return {
        "facts": len(statuses),
        "milestones": len(milestones),
        "milestones_met": milestones.count(FactStatus.DONE),
        "past_its_date": sum(status == FactStatus.DATE_PASSED for _fact, status in statuses),
        **context.date("next_date", min(ahead, default=(None, ""))[1]),
    }


INITIATIVES = EditionTable(
    name="initiatives",
    title=_("Initiatives"),
    about=_("One row for each initiative of the selection, as its edition of the day says."),
    subjects=("initiative",),
    identity=("key",),
    columns=with_fields(
        "initiative",
        "title",
        "summary",
        "kind",
        "stage",
        "confidence",
        "pillar",
        c.integer("pillar_number", _("number of the pillar in its cycle")),
        *c.bilingual_columns("pillar_name", _("name of the pillar")),
        "workstream",
        *c.bilingual_columns("workstream_name", _("name of the workstream")),
        "parent",
        "replaced_by",
        *c.places(),
        c.keys_column("topics", _("keys of its topics")),
        *c.bilingual_columns("topic_names", _("names of its topics"), "list"),
        c.integer("facts", _("how many facts it has, of every kind")),
        c.integer("milestones", _("how many of them are milestones")),
        c.integer("milestones_met", _("how many milestones have happened")),
        c.integer("past_its_date", _("facts whose expected date has passed, with nothing published since")),
        *c.date("next_date", _("nearest expected date that has not passed")),
        c.day("last_reported", _("day of the newest public text that is cited for it")),
        "original_language",
        "translation_state",
        c.keys_column("sources", _("keys of the sources cited for it as a whole")),
        c.text("digest", _("SHA-256 of the signed content of the edition")),
        c.text("address", _("page with this same record for ever, in the language of the address")),
    ),
    make=_initiative,
)


def _links(edition: Edition, context: ExportContext) -> Iterator[dict]:
    for link in edition.data["links"]:
        if link["initiative"] and not context.public_initiative(link["initiative"]):
            continue
        same = {name: link[name] for name in ("order", "kind", "unnamed_en", "unnamed_es")}
        yield same | {"initiative": link["initiative"] or "", "organization": link["organization"] or ""}


LINKS = EditionTable(
    name="links",
    title=_("Links"),
    about=_("Ties of an initiative with another, with a named programme or with something unnamed."),
    subjects=("initiative",),
    identity=("key", "order"),
    columns=[
        c.integer("order", _("order")),
        c.code("kind", _("kind of tie"), LinkKind),
        c.text("initiative", _("key of the other initiative")),
        c.text("organization", _("key of the programme or body")),
        *c.bilingual_columns("unnamed", _("what is tied and has no entry of its own")),
    ],
    make=_links,
)


def _duties(edition: Edition, context: ExportContext) -> Iterator[dict]:
    for duty in edition.data["reporting_duties"]:
        named = context.named("organization_name", "organization", duty["organization"])
        yield {"organization": duty["organization"], "every": duty["every"]} | named


DUTIES = EditionTable(
    name="reporting-duties",
    title=_("Reporting duties"),
    about=_("Who reports on an initiative, and how often."),
    subjects=("initiative",),
    identity=("key", "organization"),
    columns=[
        c.text("organization", _("key of the body")),
        *c.bilingual_columns("organization_name", _("name of the body")),
        c.text("every", _("how often, as an ISO 8601 duration")),
    ],
    make=_duties,
)
