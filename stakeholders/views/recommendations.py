"""What the public reads of recommendations: the way in, the list, one of them, and what became of them."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from hled_portal.i18n.bilingual import active_language
from hled_portal.web.context_processors import HTML_LANGUAGES
from initiatives.record import name_lookup
from initiatives.record.pillars import Pillars
from stakeholders.models import Response
from stakeholders.public import consultations, facet_panel, published, statistics
from stakeholders.public.filters import RecommendationFilter
from stakeholders.vocabulary import Outcome, Sector, SenderCountry

RECOMMENDATIONS_PER_PAGE = 25


@require_safe
def recommendations_overview(request):
    """The way in: which consultations there are, how to take part, and how letters are heard."""
    at = as_of.from_request(request)
    context = {
        "day": at.day,
        "calls": consultations.public_consultations(at),
        "statistics": statistics.build_statistics(at, Pillars(at)),
    }
    return render(request, "stakeholders/recommendations.html", context)


@require_safe
def recommendation_list(request):
    at = as_of.from_request(request)
    selection = RecommendationFilter(request.GET, at)
    page = Paginator(selection.ids, RECOMMENDATIONS_PER_PAGE).get_page(request.GET.get("page", ""))
    page.object_list = selection.rows(page.object_list)
    context = {
        "day": at.day,
        "filter": selection,
        "panel": facet_panel.RecommendationPanel(selection, page.paginator.count),
        "page": page,
        "recommendations": published.with_responses(page.object_list, at),
        "pillars": selection.pillars,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "no_such_page": _unknown_page(request, page),
    }
    return render(request, "stakeholders/recommendation_list.html", context)


def _unknown_page(request, page) -> str:
    number = request.GET.get("page", "")
    return number if number not in ("", str(page.number)) else ""


@require_safe
def recommendation(request, key):
    at = as_of.from_request(request)
    row = published.public_recommendations(at).with_askers().with_sender().filter(key=key).first()
    if row is None:
        return _absent(request, key, at)
    public = published.with_responses([row], at)[0]
    pillars = Pillars(at)
    source = {("source", row.source_key)} if row.source_key else set()
    context = {
        "day": at.day,
        "one": public,
        "row": row,
        "words_lang": HTML_LANGUAGES.get(row.words_language, ""),
        "sector": Sector(row.of_sector).label if row.of_sector else "",
        "country": SenderCountry(row.of_country).label if row.of_country else "",
        "own_language": row.words_language == active_language(),
        "pillar": pillars.editions.get(row.pillar_key),
        "pillar_label": pillars.labels.get(row.pillar_key, ""),
        "call": consultations.one(row.consultation_key, at) if row.consultation_key else None,
        "source": name_lookup.source_line(row.source_key, name_lookup.lookup_names(source, at)) if source else None,
    }
    return render(request, "stakeholders/recommendation.html", context)


def _absent(request, key: str, at: as_of.Moment):
    """Gone where it was public and is no more; not there where it became so later, or never."""
    gone = published.gone(key, at)
    if gone is not None:
        return _gone(request, gone)
    row = published.public_recommendations(as_of.now()).filter(key=key).first()
    if row is None:
        raise Http404
    return render(request, "stakeholders/recommendation_not_yet.html", {"row": row}, status=404)


def _gone(request, gone: published.Gone):
    return render(request, "stakeholders/recommendation_gone.html", {"gone": gone}, status=410)


@require_safe
def answer_content(request, key, side, number):
    """The very bytes that were signed, while the recommendation is public; its marker once it is not."""
    gone = published.gone(key, as_of.now())
    if gone is not None:
        return _gone(request, gone)
    get_object_or_404(published.public_recommendations(as_of.now()), key=key)
    released = Response.objects.filter(number__isnull=False).with_followed_from()
    answer = get_object_or_404(released, recommendation_key=key, side=side, number=number)
    if answer.state == "withdrawn":
        markers = name_lookup.withdrawal_markers([answer])
        return render(request, "stakeholders/answer_gone.html", {"markers": markers, "key": key}, status=410)
    return HttpResponse(answer.content, content_type="application/json", headers={"ETag": f'"{answer.digest}"'})


@require_safe
def you_said_we_did(request):
    at = as_of.from_request(request)
    pillars = Pillars(at)
    answered = published.public_recommendations(at).filter(answered_on__isnull=False).order_by("-answered_on", "key")
    counts = published.outcomes(at)
    page = Paginator(answered.with_askers(), RECOMMENDATIONS_PER_PAGE).get_page(request.GET.get("page", ""))
    context = {
        "day": at.day,
        "page": page,
        "recommendations": published.with_responses(page.object_list, at),
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "no_such_page": _unknown_page(request, page),
        "outcomes": [(outcome, counts.get(outcome, 0)) for outcome in Outcome],
        "statistics": statistics.build_statistics(at, pillars),
        "pillars": pillars,
        "markers": published.withdrawn(at),
    }
    return render(request, "stakeholders/you_said_we_did.html", context)
