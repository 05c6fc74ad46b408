"""The map of the border and of other places."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.filters.initiative_filters import InitiativeFilter
from initiatives.filters.period_forms import PillarForm
from initiatives.models import Edition
from initiatives.record import name_lookup, place_maps


@require_safe
def places_map(request):
    at = as_of.from_request(request)
    chosen = InitiativeFilter(request.GET, at)
    withdrawn = Edition.objects.withdrawn(at).filter(subject_kind__in=["initiative", "place"])
    context = {
        "day": at.day,
        "filter": chosen,
        "form": PillarForm(request.GET, chosen.pillars.labels),
        "maps": place_maps.maps(at, chosen.qs),
        "goes_up_to": name_lookup.record_days(at),
        "markers": name_lookup.withdrawal_markers(withdrawn),
    }
    return render(request, "initiatives/map.html", context)
