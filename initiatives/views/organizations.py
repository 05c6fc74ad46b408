"""The list of organizations, and the page of one: what became of it, and all in which it takes part."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal import moments

from .. import mentions, organizations, record, registers
from ..models import Edition
from .absent import absent


@require_safe
def every_organization(request):
    at = moments.asked(request)
    context = {
        "day": at.day,
        "countries": organizations.by_country(registers.at_moment(at), at),
        "goes_up_to": record.goes_up_to(at),
        "markers": record.markers(Edition.objects.withdrawn(at).of_kind("organization")),
    }
    return render(request, "initiatives/organizations.html", context)


@require_safe
def organization(request, key):
    at = moments.asked(request)
    edition = Edition.objects.public(at).of_kind("organization").filter(subject_key=key).first()
    if edition is None:
        return absent(request, "organization", key, at)
    names = registers.at_moment(at, "pillar", "source")
    keys = names.merged("organization", [key])
    initiatives = mentions.initiatives(at, "organization", keys)
    meetings = mentions.meetings(at)
    mention = mentions.of_organizations(keys)
    context = {
        "day": at.day,
        "edition": edition,
        "organization": organizations.page(key, names),
        "joint_text": record.source_line(edition.source_key, names) if edition.source_key else None,
        "roles": mentions.roles(initiatives, keys),
        "links": mentions.links(initiatives, keys),
        "groups": mentions.facts([*initiatives, *meetings], mention, names, at.day),
        "readings": mentions.readings([*initiatives, *meetings], mention, names, at.day),
        "attended": mentions.attended(meetings, keys),
        "goes_up_to": record.goes_up_to(at),
    }
    return render(request, "initiatives/organization.html", context)
