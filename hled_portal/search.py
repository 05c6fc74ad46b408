"""Search over everything public: what each room of the portal finds, in one list."""

from dataclasses import dataclass

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from initiatives import finding, record, registers
from initiatives.models import Edition
from stakeholders import found as recommendations
from stakeholders import published

from . import moments
from .bilingual import active_language
from .stems import Query

#: Rooms that find. Each gives `KINDS`, `hits(query, at, language)`, `findings(hits, query, at, register)` and
#: `unknown(query, at)`; the hits of all are sorted together by `rank`: where the words stand, whether in the other
#: language, and so on.
SOURCES = (finding, recommendations)
PER_PAGE = 20


@dataclass(frozen=True)
class Kind:
    """One kind of results; `key` is empty for all of them."""

    key: str
    name: str
    count: int


@require_safe
def search(request):
    at = moments.asked(request)
    kind = request.GET.get("kind", "")
    if kind and not any(kind in source.KINDS for source in SOURCES):
        raise BadRequest(_("“%(text)s” is no kind of results.") % {"text": kind})
    context = {"day": at.day, "text": request.GET.get("q", "").strip(), "kind": kind, "goes_up_to": None}
    if context["text"]:
        context |= _answer(context["text"], kind, request.GET.get("page"), at)
    return render(request, "search.html", context)


def _answer(text: str, kind: str, number: str | None, at: moments.Moment) -> dict:
    """What the page tells of a query: one page of what was found, and how much of each kind there is."""
    register = registers.at_moment(at)
    query = finding.asked(text, register)
    found = [(hit, source) for source in SOURCES for hit in source.hits(query, at, active_language())]
    found.sort(key=lambda pair: pair[0].rank)
    page = Paginator([pair for pair in found if kind in ("", pair[0].kind)], PER_PAGE).get_page(number)
    return {
        "query": query,
        "kinds": _kinds([hit.kind for hit, _source in found]),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "findings": _findings(page.object_list, query, at, register),
        "unknown": _unknown(query, at) if not found else [],
        "goes_up_to": record.goes_up_to(at),
        "markers": [
            *record.markers(Edition.objects.withdrawn(at).filter(subject_kind__in=finding.KINDS)),
            *published.withdrawn(at),
        ],
    }


def _unknown(query: Query, at: moments.Moment) -> list[str]:
    """The terms that nothing public holds."""
    missing = [source.unknown(query, at) for source in SOURCES]
    return [term for term in missing[0] if all(term in other for other in missing)]


def _kinds(found: list[str]) -> list[Kind]:
    names = {key: name for source in SOURCES for key, name in source.KINDS.items()}
    some = [Kind(key, name, found.count(key)) for key, name in names.items() if key in found]
    return [Kind("", _("All"), len(found)), *some]


def _findings(pairs: list, query: Query, at: moments.Moment, register: registers.Registers) -> list:
    """The hits of a page in words, in their order; without one that was withdrawn a moment ago."""
    told: dict = {}
    for source in SOURCES:
        told |= source.findings([hit for hit, of in pairs if of is source], query, at, register)
    return [told[hit] for hit, _source in pairs if hit in told]
