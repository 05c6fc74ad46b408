"""The list of initiatives and the page of one."""

from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.filters import facet_panel
from initiatives.filters.initiative_filters import InitiativeFilter
from initiatives.models import Edition
from initiatives.record import day_choices, due_facts, initiative_profile, name_lookup, timeline
from initiatives.record.pillars import label_without_pillar

from .gone import absent, gone_page

INITIATIVES_PER_PAGE = 25


@dataclass(frozen=True)
class ListGroup:
    """Initiatives of a page under a heading; without one where each names its own pillar."""

    pillar: str
    workstream: str
    editions: list[Edition]


@require_safe
def initiative_list(request):
    at = as_of.from_request(request)
    selection = InitiativeFilter(request.GET, at)
    page_number = request.GET.get("page", "")
    page = Paginator(selection.ids, INITIATIVES_PER_PAGE).get_page(page_number)
    page.object_list = selection.rows(page.object_list)
    context = {
        "day": at.day,
        "filter": selection,
        "panel": facet_panel.InitiativePanel(selection, page.paginator.count),
        "page": page,
        "groups": _groups(page.object_list, selection),
        "due": due_facts.facts_due(page.object_list, selection.pillars),
        "no_such_page": page_number if page_number not in ("", str(page.number)) else "",
        "pillars": selection.pillars,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "goes_up_to": name_lookup.record_days(at),
        "begins": day_choices.first_day() if not selection.pillars.editions else None,
        "markers": name_lookup.withdrawn_markers(at, "initiative"),
    }
    return render(request, "initiatives/list.html", context)


def _groups(editions: list[Edition], selection: InitiativeFilter) -> list[ListGroup]:
    """By pillar and workstream, where they are in that order."""
    if selection.form.cleaned_data.get("sort") not in ("", "pillar"):
        return [ListGroup("", "", editions)]
    pillars = selection.pillars
    return [
        ListGroup(
            pillars.labels.get(pillar, "") if pillar else label_without_pillar(),
            pillars.workstreams.get(workstream, ""),
            list(rows),
        )
        for (pillar, workstream), rows in groupby(editions, lambda row: (row.pillar_key, row.workstream_key))
    ]


@require_safe
def initiative(request, key):
    at = as_of.from_request(request)
    edition = name_lookup.public_edition("initiative", key, at)
    if edition is None:
        return absent(request, "initiative", key, at)
    names = name_lookup.register_names(edition.data, at, ("source", edition.source_key))
    placed = initiative_profile.pillar_position(edition, names)
    context = {
        "day": at.day,
        "edition": edition,
        "placed": placed,
        "ties": initiative_profile.ties(edition, names, at),
        "joint_text": name_lookup.basis_line(edition, names),
        "profile": initiative_profile.profile(edition, names),
        "timeline": timeline.build_timeline(edition.data, names, at.day, placed.cycle_ends, edition.last_reported),
        "editions": initiative_profile.initiative_editions(key, at),
        "goes_up_to": name_lookup.record_days(at),
    }
    return render(request, "initiatives/initiative.html", context)


@require_safe
def content(request, key, number):
    """The very bytes that were signed."""
    released = Edition.objects.initiatives().filter(number__isnull=False).with_followed_from()
    edition = get_object_or_404(released, subject_key=key, number=number)
    if edition.state == "withdrawn":
        return gone_page(request, name_lookup.withdrawal_markers([edition]))
    return HttpResponse(edition.content, content_type="application/json", headers={"ETag": f'"{edition.digest}"'})
