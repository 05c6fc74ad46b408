"""Pages that need both apps."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.models import Edition
from initiatives.record import name_lookup, progress


@require_safe
def home(request):
    at = as_of.from_request(request)
    pillars = progress.progress_by_pillar(at)
    context = {
        "day": at.day,
        "pillars": pillars,
        "goes_up_to": progress.newest_source_day(pillars),
        "totals": progress.totals(pillars),
        "stages": progress.STAGES,
        "markers": name_lookup.withdrawal_markers(Edition.objects.withdrawn(at).initiatives()),
    }
    return render(request, "home.html", context)
