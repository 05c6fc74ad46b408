"""Pages that need both apps."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from initiatives import progress, record
from initiatives.models import Edition

from . import moments


@require_safe
def home(request):
    at = moments.asked(request)
    pillars = progress.of_pillars(at)
    context = {
        "day": at.day,
        "pillars": pillars,
        "goes_up_to": progress.record_goes_up_to(pillars),
        "totals": progress.totals(pillars),
        "stages": progress.STAGES,
        "markers": record.markers(Edition.objects.withdrawn(at).initiatives()),
    }
    return render(request, "home.html", context)
