"""The list of meetings and the page of one."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.models import Edition
from initiatives.record import meeting_report as reported_facts
from initiatives.record import meetings as meeting_pages
from initiatives.record import name_lookup, timeline
from initiatives.record.pillars import Pillars

from .gone import absent


@require_safe
def meetings(request):
    at = as_of.asked(request)
    context = {
        "day": at.day,
        "meetings": meeting_pages.public(at),
        "markers": name_lookup.markers(Edition.objects.withdrawn(at).of_kind("meeting")),
    }
    return render(request, "initiatives/meetings.html", context)


@require_safe
def meeting(request, key):
    at = as_of.asked(request)
    edition = Edition.objects.public(at).of_kind("meeting").filter(subject_key=key).first()
    if edition is None:
        return absent(request, "meeting", key, at)
    names = name_lookup.register(edition.data, at, ("source", edition.source_key))
    context = {
        "day": at.day,
        "edition": edition,
        "joint_text": name_lookup.source_line(edition.source_key, names) if edition.source_key else None,
        "meeting": meeting_pages.page(edition.data, names),
        "timeline": timeline.of(edition.data, names, at.day, Pillars(at).cycle_ends(edition.data)),
        "reported": reported_facts.reported(edition, names, at),
        "markers": reported_facts.markers_of(edition, at),
        "goes_up_to": name_lookup.goes_up_to(at),
    }
    return render(request, "initiatives/meeting.html", context)
