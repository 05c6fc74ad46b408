"""Recommendations and responses as search results (`hled_portal/search_pages.py`)."""

import datetime

from django.db import connection
from django.db.models import Case, Count, F, Min, Q, Value, When
from django.db.models.functions import Coalesce, Collate
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import LANGUAGES, active_language, in_language
from hled_portal.publishing import prepared_queries
from hled_portal.search import fulltext, text_analysis
from hled_portal.search.fulltext import Where
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

    def search(
        self, query: Query, at: Moment, language: str, kind: str, limit: int
    ) -> tuple[dict[str, int], list[Hit]]:
        """Two queries at most."""
        if not query:
            return {}, []
        values = arguments(query, at)
        numbers = next(iter(prepared_queries.fetch_raw(_counted, **values)), (0, 0))
        counts = {each: number for each, number in zip(RESULT_KINDS, numbers, strict=True) if number}
        if not counts or kind not in ("", *counts):
            return counts, []
        hits = []
        for row in prepared_queries.fetch_raw(_ranked, language, kind, limit, **values):
            is_answer, recommendation, response, side, key, rank = row
            one = "answer" if is_answer else "recommendation"
            anchor = f"answer-{side}" if is_answer else ""
            where, row_language = fulltext.of_rank(rank, language)
            order = (rank, _ORDER.index(one), key, anchor)
            hits.append(Hit(order, one, response or recommendation, anchor, where, row_language))
        return counts, hits

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


def _counted(**values):
    kinds = {"recommendations": Count("recommendation", distinct=True), "answers": Count("response", distinct=True)}
    return search_rows(**values).order_by().values(one=Value(1)).annotate(**kinds).values_list(*kinds)


def _ranked(language: str, kind: str, limit: int, **values):
    """The best rank of each recommendation and answer."""
    rows = search_rows(**values)
    if kind:
        rows = rows.filter(response__isnull=kind == "recommendation")
    ranks = (
        When(where=where, language=each, then=fulltext.rank(where, other=each != language))
        for where in Where
        for each in LANGUAGES
    )
    key, side = Coalesce("recommendation__key", "response__recommendation_key"), F("response__side")
    if connection.vendor == "postgresql":
        key, side = Collate(key, "C"), Collate(side, "C")
    is_answer = Case(When(response=None, then=0), default=1)
    identity = {"is_answer": is_answer, "side": side, "key": key}
    rows = rows.values("recommendation", "response", **identity).annotate(rank=Min(Case(*ranks)))
    columns = ("is_answer", "recommendation", "response", "side", "key", "rank")
    return rows.order_by("rank", "is_answer", "key", "side").values_list(*columns)[:limit]


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
