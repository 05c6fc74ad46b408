"""Search over everything public: the results of both apps in one list."""

from dataclasses import dataclass

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from hled_portal.i18n.bilingual import active_language
from hled_portal.search.text_analysis import Query
from initiatives.filters import search_results
from initiatives.filters.search_results import Hit, SearchResult
from initiatives.record import name_lookup, register_lookup
from stakeholders.public import published
from stakeholders.public.search_results import RecommendationResults

#: Hits of all sources are sorted together by their rank: where the words are, whether in the other language, and so on.
RESULT_SOURCES = (search_results.RecordResults(), RecommendationResults())
PER_PAGE = 20
#: More than there are: what is read of the hits is limited by a number that the database accepts.
MAX_PAGE = 1_000_000


@dataclass(frozen=True)
class Kind:
    """One kind of results; `key` is empty for all of them."""

    key: str
    name: str
    count: int


@require_safe
def search(request):
    at = as_of.from_request(request)
    kind = request.GET.get("kind", "")
    if kind and not any(kind in source.kinds for source in RESULT_SOURCES):
        raise BadRequest(_("“%(text)s” is not a type of result.") % {"text": kind})
    context = {"day": at.day, "text": request.GET.get("q", "").strip(), "kind": kind, "goes_up_to": None}
    if context["text"]:
        context |= _search(context["text"], kind, request.GET.get("page"), at)
    return render(request, "search.html", context)


def _search(text: str, kind: str, number: str | None, at: as_of.Moment) -> dict:
    """One page of the results of a query, and how many of each kind there are."""
    register = register_lookup.at_moment(at, "source")
    query = search_results.parse_query(text, register)
    counts, pairs = {}, []
    for source in RESULT_SOURCES:
        of_kinds, hits = source.search(query, at, active_language(), kind, _last_hit(number))
        counts |= of_kinds
        pairs += [(hit, source) for hit in hits]
    pairs.sort(key=lambda pair: pair[0])
    total = counts.get(kind, 0) if kind else sum(counts.values())
    page = Paginator(range(total), PER_PAGE).get_page(number)
    shown = pairs[page.start_index() - 1 : page.end_index()] if total else []
    return {
        "query": query,
        "kinds": _kinds(counts),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "results": _results(shown, query, at, register),
        "unknown": _unknown(query, at) if not counts else [],
        "goes_up_to": name_lookup.record_days(at),
        "markers": [
            *name_lookup.withdrawn_markers(at, *search_results.RESULT_KINDS),
            *published.withdrawn(at),
        ],
    }


def _last_hit(number: str | None) -> int:
    """How many hits must be read to show a page; all of them for a number that stands for the last page."""
    try:
        page = int(number or 1)
    except ValueError:
        page = 1
    return PER_PAGE * page if 0 < page <= MAX_PAGE else PER_PAGE * MAX_PAGE


def _unknown(query: Query, at: as_of.Moment) -> list[str]:
    """The terms that nothing public holds."""
    missing = [source.unknown_terms(query, at) for source in RESULT_SOURCES]
    return [term for term in missing[0] if all(term in other for other in missing)]


def _kinds(counts: dict[str, int]) -> list[Kind]:
    names = {key: name for source in RESULT_SOURCES for key, name in source.kinds.items()}
    some = [Kind(key, name, counts[key]) for key, name in names.items() if key in counts]
    return [Kind("", _("All"), sum(counts.values())), *some]


def _results(pairs: list, query: Query, at: as_of.Moment, register: register_lookup.Registers) -> list[SearchResult]:
    """The results of a page in their order, without one that was withdrawn a moment ago."""
    results: dict[Hit, SearchResult] = {}
    for source in RESULT_SOURCES:
        results |= source.results([hit for hit, origin in pairs if origin is source], query, at, register)
    return [results[hit] for hit, _source in pairs if hit in results]
