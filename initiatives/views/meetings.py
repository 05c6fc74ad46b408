"""The list of meetings and the page of one."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.record import meeting_report as reported_facts
from initiatives.record import meetings as meeting_pages
from initiatives.record import name_lookup, timeline
from initiatives.record.pillars import Pillars

from .gone import absent


@require_safe
def meeting_list(request):
    at = as_of.from_request(request)
    context = {
        "day": at.day,
        "meetings": meeting_pages.public_meetings(at),
        "markers": name_lookup.withdrawn_markers(at, "meeting"),
    }
    return render(request, "initiatives/meetings.html", context)


@require_safe
def meeting(request, key):
    at = as_of.from_request(request)
    edition = name_lookup.public_edition("meeting", key, at)
    if edition is None:
        return absent(request, "meeting", key, at)
    names = name_lookup.register_names(edition.data, at, ("source", edition.source_key))
    report = reported_facts.report_page(edition, names, at, request.GET.get("page", ""))
    context = {
        "day": at.day,
        "edition": edition,
        "joint_text": name_lookup.basis_line(edition, names),
        "meeting": meeting_pages.build_meeting_page(edition.data, names),
        "timeline": timeline.build_timeline(
            edition.data, names, at.day, Pillars(at).cycle_ends(edition.data), edition.last_reported
        ),
        "reported": report.headings,
        "page": report.page,
        "pages": report.page.paginator.get_elided_page_range(report.page.number, on_each_side=1),
        "markers": reported_facts.markers_of(edition, at),
        "goes_up_to": name_lookup.record_days(at),
    }
    return render(request, "initiatives/meeting.html", context)
