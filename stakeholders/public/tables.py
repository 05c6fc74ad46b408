"""Published recommendations, their answers and the consultations as tables that readers take away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from hled_portal.dates.as_of import instant
from hled_portal.i18n.bilingual import LANGUAGES, Language, in_language
from hled_portal.i18n.delegations import Side
from hled_portal.publishing.signed_text import Basis
from initiatives.exports.tables import ExportContext, ExportTable
from initiatives.exports.tables import columns as c
from initiatives.exports.tables.table import FETCH_ROWS, marker_rows, moment
from stakeholders.models import ConsultationEdition, Response
from stakeholders.vocabulary import CaseState, Outcome, Sector, SenderCountry

from . import consultations, published
from .published import Answer, PublicRecommendation

#: What ends each row: the moment of the record that this is.
MOMENT = [
    c.day("as_of", _("date this table refers to")),
    c.integer("publication", _("number of the latest publication included in this table")),
]


@dataclass(frozen=True, kw_only=True)
class RecommendationTable(ExportTable):
    """`make`: the rows of the selected recommendations."""

    make: Callable[[object, ExportContext], Iterator[dict]]

    @property
    def all_columns(self) -> list[c.Column]:
        return [*self.columns, *MOMENT]

    def rows(self, selected, context: ExportContext) -> Iterator[dict]:
        return self.make(selected, context)

    def marker_rows(self, context: ExportContext) -> list[dict]:
        return withdrawn_response_rows(context)


def in_chunks(selected, context: ExportContext) -> Iterator[PublicRecommendation]:
    """The recommendations in their order; what is restricted meanwhile is left out."""
    order = list(selected.values_list("pk", flat=True))
    for start in range(0, len(order), FETCH_ROWS):
        yield from _fetch_recommendations(order[start : start + FETCH_ROWS], context)


def page_rows(rows, context: ExportContext) -> list[PublicRecommendation]:
    """These recommendations in their order, with all columns of a row. Seven queries at most."""
    return _fetch_recommendations([row.pk for row in rows], context)


def _fetch_recommendations(keys: list[int], context: ExportContext) -> list[PublicRecommendation]:
    rows = published.public_recommendations(context.at).with_askers().with_sender().filter(pk__in=keys)
    by_key = {public.row.pk: public for public in published.with_responses(rows, context.at)}
    return [by_key[pk] for pk in keys if pk in by_key]


def recommendation_row(public: PublicRecommendation, context: ExportContext) -> dict:
    row = public.row
    same = ("key", "summary_en", "summary_es", "received_on", "answer_due")
    outcomes = [answer.response.outcome for answer in public.answers]
    pillar = context.named("pillar_name", "pillar", row.pillar_key)
    linked = {linked.key for answer in public.answers for linked in answer.initiatives}
    return {
        **{name: getattr(row, name) for name in same},
        "text": row.words,
        "language": row.words_language,
        "words_gone": row.words_gone,
        "sector": row.of_sector,
        "country": row.of_country,
        "state": public.state.value,
        "pillar": row.pillar_key if any(pillar.values()) else "",
        **pillar,
        "area": row.area_key,
        "consultation": row.call_key,
        "overdue": public.overdue,
        "answered_on": row.answered_on,
        "days": None if row.source_key else public.age,
        "outcomes": list(dict.fromkeys(outcomes)),
        "initiatives": sorted(linked),
        "asked_by": row.asked_by,
        **{name: getattr(row, name) for name in ("sent_by", "sent_from", "sent_for")},
        "source": row.source_key,
        "address": context.address("recommendation", row.key),
        **moment(context),
    }


def answer_row(answer: Answer, context: ExportContext) -> dict:
    row = answer.response
    return {
        "recommendation": row.recommendation_key,
        "side": row.side,
        "edition": row.number,
        "outcome": row.outcome,
        **{f"words_{language}": in_language(vars(row), "words", language) for language in LANGUAGES},
        "initiatives": [linked.key for linked in answer.initiatives],
        "basis": row.basis,
        "public_from": row.public_from,
        "edition_publication": row.publication,
        "digest": row.digest,
        "address": context.address("recommendation", row.recommendation_key, f"answer-{row.side}"),
        **moment(context),
    }


def call_row(call: consultations.Call, context: ExportContext, received: dict[str, int]) -> dict:
    row = call.row
    same = ("key", "title_en", "title_es", "text_en", "text_es")
    return {
        **{name: row.data[name] for name in same},
        "opens": row.opens,
        "closes": row.closes,
        "closes_at": row.closes_at.isoformat() if row.closes_at else "",
        "open": call.is_open,
        "pillars": row.data["pillars"],
        "areas": [area["key"] for area in row.data["areas"]],
        "published_recommendations": received.get(row.key, 0),
        "address": context.address("consultation", row.key),
        **moment(context),
    }


def public_calls(context: ExportContext):
    """The consultations that are public at the moment of the context."""
    return ConsultationEdition.objects.public(context.at).order_by("-opens", "consultation_key")


def received_by(context: ExportContext) -> dict[str, int]:
    """How many published recommendations each consultation has. One query."""
    counts: dict[str, int] = {}
    for key in published.public_recommendations(context.at).order_by().values_list("consultation_key", flat=True):
        counts[key] = counts.get(key, 0) + 1
    return counts


def _recommendations(selected, context: ExportContext) -> Iterator[dict]:
    return (recommendation_row(public, context) for public in in_chunks(selected, context))


def _answers(selected, context: ExportContext) -> Iterator[dict]:
    return (answer_row(answer, context) for public in in_chunks(selected, context) for answer in public.answers)


def _calls(_selected, context: ExportContext) -> Iterator[dict]:
    yield from call_rows(public_calls(context), context)


def call_rows(rows, context: ExportContext) -> list[dict]:
    """These consultations as rows. Two queries, three with a publication."""
    now, received = instant(context.at), received_by(context)
    return [call_row(consultations.Call(row, now), context, received) for row in rows]


def withdrawn_response_rows(context: ExportContext) -> list[dict]:
    """What stays of withdrawn answers to public recommendations, as columns of `ANSWERS` and of WITHDRAWN."""
    public = published.public_recommendations(context.at).values("key")
    rows = marker_rows(list(Response.objects.withdrawn(context.at).filter(recommendation_key__in=public)))
    for row in rows:
        row["recommendation"], _slash, row["side"] = row.pop("key").rpartition("/")
        del row["subject"]
    return rows


_ADDRESS = c.text("address", _("page that always shows this same data, in the language of the web address"))

RECOMMENDATIONS = RecommendationTable(
    name="recommendations",
    title=_("Recommendations"),
    about=_("One row for each selected recommendation that is published."),
    columns=[
        c.text("key", _("key of the recommendation; it never changes")),
        c.code("state", _("status"), CaseState),
        c.text("text", _("recommendation in the author's words; empty if they are no longer published")),
        c.code("language", _("language of the author's words"), Language),
        c.boolean("words_gone", _("whether the author's words are no longer published")),
        *c.bilingual_columns("summary", _("summary")),
        c.text("pillar", _("key of the pillar")),
        *c.bilingual_columns("pillar_name", _("name of the pillar")),
        c.text("area", _("key of the area of recommendations")),
        c.text("consultation", _("key of the consultation; empty if none")),
        c.code("sector", _("author's sector"), Sector),
        c.code("country", _("author's country"), SenderCountry),
        c.day(
            "received_on",
            _("date the submission arrived; if it comes from a public document, the date of that document"),
        ),
        c.day("answer_due", _("response due date")),
        c.boolean("overdue", _("whether that date has passed without a published response")),
        c.day("answered_on", _("date of the first published response")),
        c.integer("days", _("days until that response; if there is none, days waiting so far")),
        c.keys_column("outcomes", _("outcomes of the published responses")),
        c.keys_column("initiatives", _("keys of the initiatives mentioned in the responses")),
        c.integer("asked_by", _("number of submissions that include it and whose senders consent to publication")),
        c.text("sent_by", _("author's name, with consent")),
        c.text("sent_from", _("author's organization, with consent")),
        c.text("sent_for", _("organization or people the author represents, with consent")),
        c.text("source", _("key of the public document it comes from, if there was no submission")),
        _ADDRESS,
    ],
    make=_recommendations,
    has_markers=False,
)
RESPONSES_TABLE = RecommendationTable(
    name="answers",
    title=_("Responses"),
    about=_("One row for each published response to a selected recommendation, joint or from one delegation."),
    columns=[
        c.text("recommendation", _("key of the recommendation")),
        c.code("side", _("responding government"), Side),
        c.integer("edition", _("version number, counted separately for each response")),
        c.code("outcome", _("outcome"), Outcome),
        *c.bilingual_columns("words", _("text of the response")),
        c.keys_column("initiatives", _("keys of the initiatives mentioned in the response")),
        c.code("basis", _("basis on which the text was published"), Basis),
        c.day("public_from", _("date from which the version applies")),
        c.integer("edition_publication", _("number of the publication in which this portal recorded the version")),
        c.text("digest", _("SHA-256 of the approved content of the version")),
        _ADDRESS,
    ],
    make=_answers,
)
CONSULTATIONS = RecommendationTable(
    name="consultations",
    title=_("Consultations"),
    about=_("One row for each public consultation, regardless of filters."),
    columns=[
        c.text("key", _("key of the consultation; it never changes")),
        *c.bilingual_columns("title", _("title")),
        *c.bilingual_columns("text", _("questions asked")),
        c.day("opens", _("first day")),
        c.day("closes", _("last day; empty if it has no closing date")),
        c.text("closes_at", _("closing time in UTC: midnight in whichever capital is later")),
        c.boolean("open", _("whether it accepts submissions at the time of the table")),
        c.keys_column("pillars", _("keys of the pillars it asks about")),
        c.keys_column("areas", _("keys of the areas it asks about")),
        c.integer("published_recommendations", _("number of its recommendations that are published")),
        _ADDRESS,
    ],
    make=_calls,
    has_markers=False,
)
ALL = {table.name: table for table in (RECOMMENDATIONS, RESPONSES_TABLE, CONSULTATIONS)}
