"""The page of one consultation: its question, its dates and its results."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.record.pillars import Pillars
from stakeholders.public import consultations, published, statistics

CONSULTATION_ROWS_PER_PAGE = 25


@require_safe
def consultation(request, key):
    at = as_of.from_request(request)
    call = consultations.one(key, at)
    if call is None:
        markers = consultations.withdrawn(key, at)
        if not markers:
            raise Http404
        return render(request, "stakeholders/consultation_gone.html", {"markers": markers}, status=410)
    pillars = Pillars(at)
    rows = (
        published.public_recommendations(at).filter(consultation_key=key).with_askers().order_by("-received_on", "key")
    )
    page = Paginator(rows, CONSULTATION_ROWS_PER_PAGE).get_page(request.GET.get("page", ""))
    context = {
        "day": at.day,
        "call": call,
        "about": consultations.about(call, pillars.labels),
        "meeting": consultations.meeting(call, at),
        "statistics": statistics.build_statistics(at, pillars, consultation_key=key),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "recommendations": published.with_responses(page.object_list, at),
        "pillars": pillars,
    }
    return render(request, "stakeholders/consultation.html", context)
