"""The list of meetings and the page of one."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal import moments

from .. import meetings as meeting_pages
from .. import record, timeline
from .. import reported as reported_facts
from ..models import Edition
from ..pillars import Pillars
from .absent import absent


@require_safe
def meetings(request):
    at = moments.asked(request)
    context = {
        "day": at.day,
        "meetings": meeting_pages.public(at),
        "markers": record.markers(Edition.objects.withdrawn(at).of_kind("meeting")),
    }
    return render(request, "initiatives/meetings.html", context)


@require_safe
def meeting(request, key):
    at = moments.asked(request)
    edition = Edition.objects.public(at).of_kind("meeting").filter(subject_key=key).first()
    if edition is None:
        return absent(request, "meeting", key, at)
    names = record.register(edition.data, at, ("source", edition.source_key))
    context = {
        "day": at.day,
        "edition": edition,
        "joint_text": record.source_line(edition.source_key, names) if edition.source_key else None,
        "meeting": meeting_pages.page(edition.data, names),
        "timeline": timeline.of(edition.data, names, at.day, Pillars(at).cycle_ends(edition.data)),
        "reported": reported_facts.reported(edition, names, at),
        "markers": reported_facts.markers_of(edition, at),
        "goes_up_to": record.goes_up_to(at),
    }
    return render(request, "initiatives/meeting.html", context)
