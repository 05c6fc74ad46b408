"""Responses for a subject without a public text at the requested moment."""

from django.http import Http404
from django.shortcuts import render

from hled_portal.dates.as_of import Moment
from hled_portal.publishing.published_querysets import IN_TIME
from initiatives.models import Edition
from initiatives.record import name_lookup


def absent(request, kind: str, key: str, at: Moment):
    """Gone where the newest edition of that moment was withdrawn; else not yet public, or never (Http404)."""
    withdrawn = Edition.objects.withdrawn(at).filter(subject_kind=kind, subject_key=key)
    if markers := name_lookup.withdrawal_markers(withdrawn):
        return gone_page(request, markers)
    released = Edition.objects.of_kind(kind).filter(subject_key=key, number__isnull=False).order_by(*IN_TIME)
    first = released.defer("content").first()
    if first is None:
        raise Http404
    return not_yet(request, at, first)


def not_yet(request, at: Moment, first: Edition):
    """The page of a text that counts from a later day."""
    context = {"day": at.day, "first": first}
    return render(request, "initiatives/not_yet.html", context, status=404)


def gone_page(request, markers: list[name_lookup.Marker]):
    """The page of a withdrawn text: its marker, none of its words."""
    return render(request, "initiatives/gone.html", {"markers": markers}, status=410)
