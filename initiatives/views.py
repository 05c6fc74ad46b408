"""Public pages of initiatives and pillars."""

import datetime

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from . import meetings as meeting_pages
from . import pillars, profile, progress, record, timeline
from .filters import InitiativeFilter
from .models import Edition

PER_PAGE = 25


@require_safe
def initiatives(request):
    day = record.as_of(request)
    frame = pillars.Pillars(day)
    public = pillars.in_order(Edition.objects.public(day).initiatives())
    chosen = InitiativeFilter(request.GET, public, frame.labels)
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "day": day,
        "filter": chosen,
        "page": page,
        "frame": frame,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "goes_up_to": record.goes_up_to(day),
        "begins": record.begins() if not frame.editions else None,
    }
    return render(request, "initiatives/list.html", context)


@require_safe
def initiative(request, key):
    day = record.as_of(request)
    edition = Edition.objects.public(day).initiatives().filter(subject_key=key).first()
    if edition is None:
        return _absent(request, key, day)
    names = record.register(edition.data, day, ("source", edition.source_key))
    placed = profile.placed(edition, names)
    context = {
        "day": day,
        "edition": edition,
        "placed": placed,
        "ties": profile.ties(edition, names, day),
        "profile": profile.profile(edition, names),
        "timeline": timeline.of(edition.data, names, day, placed.cycle_ends),
        "editions": profile.editions_of(key, day),
        "goes_up_to": record.goes_up_to(day),
    }
    return render(request, "initiatives/initiative.html", context)


def _absent(request, key: str, day: datetime.date):
    """No page: gone where the newest edition of that day was withdrawn, else not found, later or never."""
    released = Edition.objects.initiatives().filter(subject_key=key, number__isnull=False).order_by("number")
    released = list(released.defer("content"))
    if not released:
        raise Http404
    known = [edition for edition in released if edition.public_from <= day]
    if known:
        return _gone(request, known[-1])
    context = {"day": day, "key": key, "public_from": released[0].public_from}
    return render(request, "initiatives/not_yet.html", context, status=404)


def _gone(request, edition: Edition):
    return render(request, "initiatives/gone.html", {"edition": edition}, status=410)


@require_safe
def content(request, key, number):
    """The very bytes that were signed."""
    released = Edition.objects.initiatives().filter(number__isnull=False)
    edition = get_object_or_404(released, subject_key=key, number=number)
    if edition.state == "withdrawn":
        return _gone(request, edition)
    return HttpResponse(edition.content, content_type="application/json", headers={"ETag": f'"{edition.digest}"'})


@require_safe
def pillar(request, cycle, number):
    day = record.as_of(request)
    found = progress.of_pillar(f"{cycle}-{number}", day)
    if found is None:
        raise Http404
    context = {
        "day": day,
        "pillar": found,
        "introduction": pillars.introduction(found.pillar, day),
        "workstreams": pillars.workstreams(found.pillar, day),
        "goes_up_to": found.last_reported,
    }
    return render(request, "initiatives/pillar.html", context)


@require_safe
def newest_pillar(request, number):
    """To the pillar with this number of the newest cycle."""
    found = pillars.Pillars(record.as_of(request)).newest(number)
    if found is None:
        raise Http404
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(reverse("pillar", args=[found.cycle_key, number]) + query)


@require_safe
def meetings(request):
    day = record.as_of(request)
    return render(request, "initiatives/meetings.html", {"day": day, "meetings": meeting_pages.public(day)})


@require_safe
def meeting(request, key):
    day = record.as_of(request)
    edition = get_object_or_404(Edition.objects.public(day).of_kind("meeting"), subject_key=key)
    names = record.register(edition.data, day, ("source", edition.source_key))
    context = {
        "day": day,
        "edition": edition,
        "joint_text": record.source_line(edition.source_key, names) if edition.source_key else None,
        "meeting": meeting_pages.page(edition.data, names),
        "timeline": timeline.of(edition.data, names, day, None),
        "goes_up_to": record.goes_up_to(day),
    }
    return render(request, "initiatives/meeting.html", context)
