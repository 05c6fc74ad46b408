"""Search over everything public: what each room of the portal finds, in one list."""

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
from initiatives.models import Edition
from initiatives.record import name_lookup, register_lookup
from stakeholders.public import published
from stakeholders.public import search_results as recommendations

#: Rooms that find. Each gives `KINDS`, `hits(query, at, language)`, `findings(hits, query, at, register)` and
#: `unknown(query, at)`; the hits of all are sorted together by `rank`: where the words stand, whether in the other
#: language, and so on.
RESULT_SOURCES = (search_results, recommendations)
PER_PAGE = 20


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
    if kind and not any(kind in source.RESULT_KINDS for source in RESULT_SOURCES):
        raise BadRequest(_("“%(text)s” is no kind of results.") % {"text": kind})
    context = {"day": at.day, "text": request.GET.get("q", "").strip(), "kind": kind, "goes_up_to": None}
    if context["text"]:
        context |= _answer(context["text"], kind, request.GET.get("page"), at)
    return render(request, "search.html", context)


def _answer(text: str, kind: str, number: str | None, at: as_of.Moment) -> dict:
    """What the page tells of a query: one page of what was found, and how much of each kind there is."""
    register = register_lookup.at_moment(at)
    query = search_results.parse_query(text, register)
    found = [(hit, source) for source in RESULT_SOURCES for hit in source.hits(query, at, active_language())]
    found.sort(key=lambda pair: pair[0].rank)
    page = Paginator([pair for pair in found if kind in ("", pair[0].kind)], PER_PAGE).get_page(number)
    return {
        "query": query,
        "kinds": _kinds([hit.kind for hit, _source in found]),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "findings": _findings(page.object_list, query, at, register),
        "unknown": _unknown(query, at) if not found else [],
        "goes_up_to": name_lookup.most_recent_source_day(at),
        "markers": [
            *name_lookup.withdrawal_markers(
                Edition.objects.withdrawn(at).filter(subject_kind__in=search_results.RESULT_KINDS)
            ),
            *published.withdrawn(at),
        ],
    }


def _unknown(query: Query, at: as_of.Moment) -> list[str]:
    """The terms that nothing public holds."""
    missing = [source.unknown_terms(query, at) for source in RESULT_SOURCES]
    return [term for term in missing[0] if all(term in other for other in missing)]


def _kinds(found: list[str]) -> list[Kind]:
    names = {key: name for source in RESULT_SOURCES for key, name in source.RESULT_KINDS.items()}
    some = [Kind(key, name, found.count(key)) for key, name in names.items() if key in found]
    return [Kind("", _("All"), len(found)), *some]


def _findings(pairs: list, query: Query, at: as_of.Moment, register: register_lookup.Registers) -> list:
    """The hits of a page in words, in their order; without one that was withdrawn a moment ago."""
    told: dict = {}
    for source in RESULT_SOURCES:
        told |= source.findings([hit for hit, of in pairs if of is source], query, at, register)
    return [told[hit] for hit, _source in pairs if hit in told]
