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
    initiatives = mentions.mentioning_initiatives(at, "place", keys)
    meetings = mentions.public_meeting_editions(at)
    mention = mentions.place_mention(keys)
    context = {
        "day": at.day,
        "edition": edition,
        "place": place_pages.build_place_page(key, names),
        "joint_text": name_lookup.basis_line(edition, names),
        "initiatives": place_pages.located_initiatives(initiatives, key, keys, names),
        "groups": mentions.facts([*initiatives, *meetings], mention, names, at.day),
        "readings": mentions.readings([*initiatives, *meetings], mention, names, at.day),
        "held": [meeting for meeting in meetings if meeting.data["place"] in keys],
        "goes_up_to": name_lookup.record_days(at),
    }
    return render(request, "initiatives/place.html", context)
