"""Pages that need both apps."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.record import name_lookup, progress, upcoming


@require_safe
def home(request):
    at = as_of.from_request(request)
    current, *earlier = progress.progress_by_cycle(at) or [None]
    context = {
        "day": at.day,
        "current": current,
        "goes_up_to": name_lookup.record_days(at) if current else None,
        "past": current.past_their_date if current else [],
        "next": current.next if current else [],
        "meetings": upcoming.meetings_ahead(at)[:1],
        "earlier": earlier,
        "without_pillar": progress.without_pillar(at) if current else None,
        "markers": name_lookup.withdrawn_markers(at, "initiative"),
    }
    return render(request, "home.html", context)
