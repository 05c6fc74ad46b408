"""Recommendations and responses as search results (`hled_portal/search_pages.py`)."""

import datetime
from collections.abc import Iterable

from django.db.models import Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language, in_language
from hled_portal.publishing import prepared_queries
from hled_portal.search import text_analysis
from hled_portal.search.text_analysis import Excerpt, Query
from initiatives.filters.search_results import RESULT_KINDS as RECORD_KINDS
from initiatives.filters.search_results import Hit, ResultSource, SearchResult, arguments
from initiatives.record.register_lookup import Registers
from stakeholders.models import Response

from . import published
from .filters import search_rows

#: Kinds of results, after those of the record.
RESULT_KINDS = {"recommendation": _("Recommendations"), "answer": _("Responses")}
_ORDER = [*RECORD_KINDS, *RESULT_KINDS]


class RecommendationResults(ResultSource):
    """Recommendations and their responses. `edition` of a hit is the row of either."""

    kinds = RESULT_KINDS

    def rows(self, expressions: list[str], at: Moment, now: datetime.datetime):
        return search_rows(expressions, at, now)

    def matching(self, query: Query, at: Moment, language: str) -> Iterable[Hit]:
        for row in prepared_queries.fetch_raw(_matching, **arguments(query, at)):
            where, row_language, side, recommendation, response, key, answered_key = row
            kind = "answer" if response else "recommendation"
            anchor = f"answer-{side}" if response else ""
            rank = (where, row_language != language, 0, _ORDER.index(kind), key or answered_key, anchor)
            yield Hit(rank, kind, response or recommendation, anchor, where, row_language)

    def results(self, hits: list[Hit], query: Query, at: Moment, register: Registers) -> dict[Hit, SearchResult]:
        """Two queries at most."""
        answers = {hit.edition for hit in hits if hit.kind == "answer"}
        responses = Response.objects.public(at).in_bulk(answers) if answers else {}
        own = {hit.edition for hit in hits if hit.kind == "recommendation"}
        keys = {row.recommendation_key for row in responses.values()}
        rows = published.public_recommendations(at).filter(Q(pk__in=own) | Q(key__in=keys)) if hits else ()
        by_key = {row.key: row for row in rows}
        by_pk = {row.pk: row for row in by_key.values()}
        results = {}
        for hit in hits:
            response = responses.get(hit.edition) if hit.kind == "answer" else None
            row = by_key.get(response.recommendation_key) if response else by_pk.get(hit.edition)
            if row is not None and (response or hit.kind == "recommendation"):
                results[hit] = _result(hit, row, response, query, at)
        return results


def _matching(**values):
    columns = ("where", "language", "response__side", "recommendation", "response", "recommendation__key")
    return search_rows(**values).values_list(*columns, "response__recommendation_key")


def _result(hit: Hit, row, response: Response | None, query: Query, at: Moment) -> SearchResult:
    one = published.PublicRecommendation(row, at.day)
    title = text_analysis.marked(one.title, query, active_language())
    if response:
        kind, detail = _t("Response"), response.get_outcome_display()
        excerpt = text_analysis.excerpt(in_language(vars(response), "words", hit.language), query, hit.language)
        ground = ""
    else:
        kind, detail = _t("Recommendation"), one.state.label
        excerpt = _excerpt(hit, row, query)
        ground = _t("In the author's words. The summary was approved by both delegations.")
        if row.words_gone:
            ground = _t("Both delegations approved the summary. The author's words are no longer published.")
        if row.source_key:
            ground = ""
    return SearchResult(
        kind=kind,
        detail=capfirst(detail),
        path=reverse("recommendation", args=[row.key]),
        anchor=hit.anchor,
        title=title,
        excerpt=excerpt,
        names=[],
        edition=response or row,
        ground=ground,
    )


def _excerpt(hit: Hit, row, query: Query) -> Excerpt:
    """The text that holds most of the words."""
    texts = [(hit.language, in_language(vars(row), "summary", hit.language)), (row.words_language, row.words)]
    excerpts = [text_analysis.excerpt(text, query, language) for language, text in texts]
    return max(excerpts, key=lambda excerpt: len(excerpt.terms))
