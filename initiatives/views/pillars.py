"""The page of a pillar."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.record import milestone_trend as trends
from initiatives.record import name_lookup, pillars, progress

from .gone import absent


@require_safe
def pillar(request, cycle, number):
    at = as_of.from_request(request)
    shown = progress.pillar_progress(f"{cycle}-{number}", at)
    if shown is None:
        return absent(request, "pillar", f"{cycle}-{number}", at)
    context = {
        "day": at.day,
        "pillar": progress.with_items(shown, at),
        "introduction": pillars.introduction(shown.pillar, at),
        "workstreams": pillars.workstreams(shown.pillar, at),
        "trend": trends.trend(shown, at),
        "goes_up_to": shown.record_days,
        "markers": name_lookup.withdrawn_markers(at, "initiative", pillar_key=shown.key),
    }
    return render(request, "initiatives/pillar.html", context)


@require_safe
def newest_pillar(request, number):
    """To the pillar with this number of the newest cycle."""
    edition = pillars.Pillars(as_of.from_request(request)).newest(number)
    if edition is None:
        raise Http404
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(reverse("pillar", args=[edition.cycle_key, number]) + query)


def pillar_paths() -> list[str]:
    """The pages of all pillars that are public now, in the active language."""
    editions = pillars.Pillars(as_of.now()).editions.values()
    return [reverse("pillar", args=[edition.cycle_key, edition.data["number"]]) for edition in editions]
