"""Recommendations and answers that search finds, with all the rest of what is public (`hled_portal/search.py`)."""

from django.db.models import Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language, in_language
from hled_portal.search import fulltext, text_analysis
from hled_portal.search.fulltext import Where
from hled_portal.search.text_analysis import Excerpt, Query
from initiatives.filters.search_results import RESULT_KINDS as BEFORE
from initiatives.filters.search_results import Finding, Hit
from initiatives.record.register_lookup import Registers
from stakeholders.models import RecommendationRow, Response

from . import published

#: What is found here, after all that the record holds.
RESULT_KINDS = {"recommendation": _("Recommendations"), "answer": _("Answers")}
_ORDER = [*BEFORE, *RESULT_KINDS]


def _rows(query: Query, at: Moment):
    rows = RecommendationRow.objects.filter(fulltext.matching(RecommendationRow, query))
    return published.searchable(rows, at)


def unknown_terms(query: Query, at: Moment) -> list[str]:
    """The terms that no public recommendation or answer holds. One query for each term."""
    terms = ((term, Query(query.text, (term,))) for term in query.terms)
    return [" ".join(term.words) for term, alone in terms if not _rows(alone, at).exists()]


def hits(query: Query, at: Moment, language: str) -> list[Hit]:
    """Each recommendation and answer that holds the query, once. One query."""
    if not query:
        return []
    found: dict[tuple[str, int], Hit] = {}
    named = ("recommendation", "response", "recommendation__key", "response__recommendation_key")
    for row in _rows(query, at).values_list("where", "language", "response__side", *named):
        hit = _hit(row, language)
        there = found.get((hit.kind, hit.edition))
        if there is None or hit.rank < there.rank:
            found[hit.kind, hit.edition] = hit
    return list(found.values())


def _hit(row: tuple, reader: str) -> Hit:
    """`edition` of a hit is the row of the recommendation or of the answer."""
    where, language, side, recommendation, response, key, answered = row
    kind = "answer" if response else "recommendation"
    anchor = f"answer-{side}" if response else ""
    rank = (where, language != reader, 0, _ORDER.index(kind), "", key or answered, 0, anchor)
    return Hit(kind, rank, response or recommendation, anchor, Where(where), language)


def findings(found: list[Hit], query: Query, at: Moment, register: Registers) -> dict[Hit, Finding]:
    """Put hits into words for a reader of that moment. Two queries at most."""
    answers = Response.objects.public(at).in_bulk({hit.edition for hit in found if hit.kind == "answer"})
    own = {hit.edition for hit in found if hit.kind == "recommendation"}
    keys = {row.recommendation_key for row in answers.values()}
    rows = published.public_recommendations(at).filter(Q(pk__in=own) | Q(key__in=keys)) if found else ()
    by_key = {row.key: row for row in rows}
    by_pk = {row.pk: row for row in by_key.values()}
    told = {}
    for hit in found:
        answer = answers.get(hit.edition) if hit.kind == "answer" else None
        row = by_key.get(answer.recommendation_key) if answer else by_pk.get(hit.edition)
        if row is not None and (answer or hit.kind == "recommendation"):
            told[hit] = _finding(hit, row, answer, query, at)
    return told


def _finding(hit: Hit, row, answer: Response | None, query: Query, at: Moment) -> Finding:
    one = published.PublicRecommendation(row, at.day)
    title = text_analysis.marked(one.title, query, active_language())
    if answer:
        kind, detail = _t("Answer"), answer.get_outcome_display()
        excerpt = text_analysis.excerpt(in_language(vars(answer), "words", hit.language), query, hit.language)
        ground = ""
    else:
        kind, detail = _t("Recommendation"), one.state.label
        excerpt = _excerpt(hit, row, query)
        ground = _t("In its author's words; the summary was cleared by both delegations.")
        if row.words_gone:
            ground = _t("The summary was cleared by both delegations; its author's words are no longer published.")
        if row.source_key:
            ground = _t("Entered from a joint text, and cleared by neither government.")
    return Finding(
        kind=kind,
        detail=capfirst(detail),
        path=reverse("recommendation", args=[row.key]),
        anchor=hit.anchor,
        title=title,
        excerpt=excerpt,
        names=[],
        edition=answer,
        ground=ground,
    )


def _excerpt(hit: Hit, row, query: Query) -> Excerpt:
    """The text that holds the most of what was asked for."""
    texts = [(hit.language, in_language(vars(row), "summary", hit.language)), (row.words_language, row.words)]
    found = [text_analysis.excerpt(text, query, language) for language, text in texts]
    return max(found, key=lambda excerpt: len(excerpt.terms))
