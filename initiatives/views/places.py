"""The list of places, and the page of one: where it lies, and what the record has there."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.record import mentions, name_lookup, place_pages, register_lookup

from .gone import absent


@require_safe
def every_place(request):
    at = as_of.from_request(request)
    context = {
        "day": at.day,
        "gazetteer": place_pages.every_place(register_lookup.at_moment(at), at),
        "goes_up_to": name_lookup.record_days(at),
        "markers": name_lookup.withdrawn_markers(at, "place"),
    }
    return render(request, "initiatives/places.html", context)


@require_safe
def place(request, key):
    at = as_of.from_request(request)
    edition = name_lookup.public_edition("place", key, at)
    if edition is None:
        return absent(request, "place", key, at)
    names = register_lookup.at_moment(at, "pillar", "source")
    keys = names.places.inside([key])
    page = mentions.mentioning_page(at, "place", keys, request.GET.get("page", ""))
    meetings = mentions.public_meeting_editions(at)
    texts = [*page.object_list, *([] if page.has_previous() else meetings)]
    mention = mentions.place_mention(keys)
    context = {
        "day": at.day,
        "edition": edition,
        "place": place_pages.build_place_page(key, names),
        "joint_text": name_lookup.basis_line(edition, names),
        "initiatives": place_pages.located_initiatives(page.object_list, key, keys, names),
        "groups": mentions.facts(texts, mention, names, at.day),
        "readings": mentions.readings(texts, mention, names, at.day),
        "held": [meeting for meeting in meetings if meeting.data["place"] in keys],
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "goes_up_to": name_lookup.record_days(at),
    }
    return render(request, "initiatives/place.html", context)
