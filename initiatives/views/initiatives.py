"""The list of initiatives and the page of one."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from hled_portal import moments

from .. import due, panel, profile, record, timeline
from ..filters import InitiativeFilter
from ..models import Edition
from .absent import absent, gone

PER_PAGE = 25


@require_safe
def initiatives(request):
    at = moments.asked(request)
    chosen = InitiativeFilter(request.GET, at)
    asked = request.GET.get("page", "")
    page = Paginator(chosen.qs, PER_PAGE).get_page(asked)
    context = {
        "day": at.day,
        "filter": chosen,
        "panel": panel.of(chosen, page.paginator.count),
        "page": page,
        "due": due.of(page.object_list, chosen.frame),
        "no_such_page": asked if asked not in ("", str(page.number)) else "",
        "frame": chosen.frame,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "goes_up_to": record.goes_up_to(at),
        "begins": record.begins() if not chosen.frame.editions else None,
        "markers": record.markers(Edition.objects.withdrawn(at).initiatives()),
    }
    return render(request, "initiatives/list.html", context)


@require_safe
def initiative(request, key):
    at = moments.asked(request)
    edition = Edition.objects.public(at).initiatives().filter(subject_key=key).first()
    if edition is None:
        return absent(request, "initiative", key, at)
    names = record.register(edition.data, at, ("source", edition.source_key))
    placed = profile.placed(edition, names)
    context = {
        "day": at.day,
        "edition": edition,
        "placed": placed,
        "ties": profile.ties(edition, names, at),
        "profile": profile.profile(edition, names),
        "timeline": timeline.of(edition.data, names, at.day, placed.cycle_ends, edition.last_reported),
        "editions": profile.editions_of(key, at),
        "goes_up_to": record.goes_up_to(at),
    }
    return render(request, "initiatives/initiative.html", context)


@require_safe
def content(request, key, number):
    """The very bytes that were signed."""
    released = Edition.objects.initiatives().filter(number__isnull=False).with_followed_from()
    edition = get_object_or_404(released, subject_key=key, number=number)
    if edition.state == "withdrawn":
        return gone(request, record.markers([edition]))
    return HttpResponse(edition.content, content_type="application/json", headers={"ETag": f'"{edition.digest}"'})
