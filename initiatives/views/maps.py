"""The map of the border and of other places."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal import moments

from .. import maps, record
from ..filters import InitiativeFilter
from ..forms import PillarForm
from ..models import Edition


@require_safe
def places_map(request):
    at = moments.asked(request)
    chosen = InitiativeFilter(request.GET, at)
    withdrawn = Edition.objects.withdrawn(at).filter(subject_kind__in=["initiative", "place"])
    context = {
        "day": at.day,
        "filter": chosen,
        "form": PillarForm(request.GET, chosen.frame.labels),
        "maps": maps.maps(at, chosen.qs),
        "goes_up_to": record.goes_up_to(at),
        "markers": record.markers(withdrawn),
    }
    return render(request, "initiatives/map.html", context)
