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
    about=_("One row for each selected initiative, as of that date."),
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
        c.integer("facts", _("number of items of all types")),
        c.integer("milestones", _("number of milestones")),
        c.integer("milestones_met", _("number of milestones met")),
        c.integer("past_its_date", _("number of items whose expected date has passed with no update published")),
        *c.date("next_date", _("next expected date that has not passed")),
        c.day("last_reported", _("date of the most recent source cited, value reported or item completed")),
        "original_language",
        "translation_state",
        c.keys_column("sources", _("keys of the sources cited for the initiative itself")),
        c.text("digest", _("SHA-256 of the approved content of the version")),
        c.text("address", _("page that always shows this same data, in the language of the web address")),
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
    about=_("Links from an initiative to another initiative, a named program or something without a record."),
    subjects=("initiative",),
    identity=("key", "order"),
    columns=[
        c.integer("order", _("order")),
        c.code("kind", _("type of link"), LinkKind),
        c.text("initiative", _("key of the other initiative")),
        c.text("organization", _("key of the program or organization")),
        *c.bilingual_columns("unnamed", _("name of what is linked, if it has no record of its own")),
    ],
    make=_links,
)


def _duties(edition: Edition, context: ExportContext) -> Iterator[dict]:
    for duty in edition.data["reporting_duties"]:
        named = context.named("organization_name", "organization", duty["organization"])
        yield {"organization": duty["organization"], "every": duty["every"]} | named


DUTIES = EditionTable(
    name="reporting-duties",
    title=_("Reporting requirements"),
    about=_("Reporting requirements of each initiative and their frequency."),
    subjects=("initiative",),
    identity=("key", "organization"),
    columns=[
        c.text("organization", _("key of the organization")),
        *c.bilingual_columns("organization_name", _("name of the organization")),
        c.text("every", _("frequency, as an ISO 8601 duration")),
    ],
    make=_duties,
)
