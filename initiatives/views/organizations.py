"""The list of organizations, and the page of one: what became of it, and all in which it takes part."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.record import mentions, name_lookup, organizations, register_lookup

from .gone import absent


@require_safe
def every_organization(request):
    at = as_of.from_request(request)
    context = {
        "day": at.day,
        "countries": organizations.by_country(register_lookup.at_moment(at), at),
        "goes_up_to": name_lookup.record_days(at),
        "markers": name_lookup.withdrawn_markers(at, "organization"),
    }
    return render(request, "initiatives/organizations.html", context)


@require_safe
def organization(request, key):
    at = as_of.from_request(request)
    edition = name_lookup.public_edition("organization", key, at)
    if edition is None:
        return absent(request, "organization", key, at)
    names = register_lookup.at_moment(at, "pillar", "source")
    keys = names.merged("organization", [key])
    page = mentions.mentioning_page(at, "organization", keys, request.GET.get("page", ""))
    meetings = mentions.public_meeting_editions(at)
    texts = [*page.object_list, *([] if page.has_previous() else meetings)]
    mention = mentions.organization_mention(keys)
    context = {
        "day": at.day,
        "edition": edition,
        "organization": organizations.build_organization_page(key, names),
        "joint_text": name_lookup.basis_line(edition, names),
        "roles": mentions.roles(page.object_list, keys),
        "links": mentions.links(page.object_list, keys),
        "groups": mentions.facts(texts, mention, names, at.day),
        "readings": mentions.readings(texts, mention, names, at.day),
        "attended": mentions.attended(meetings, keys),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "goes_up_to": name_lookup.record_days(at),
    }
    return render(request, "initiatives/organization.html", context)
