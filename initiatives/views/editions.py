"""The editions of an initiative: their list, the page of one with what changed, and how pages are cited in files."""

import re

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from hled_portal.web import citations
from initiatives.models import Edition
from initiatives.record import edition_history, initiative_profile, name_lookup, timeline

from .gone import absent, gone_page, not_yet

#: Type of each form of a citation.
CITATIONS = {"bib": ("bibtex", "application/x-bibtex"), "ris": ("ris", "application/x-research-info-systems")}


@require_safe
def editions(request, key):
    at = as_of.from_request(request)
    issues = edition_history.issues("initiative", key, at)
    if not issues:
        return absent(request, "initiative", key, at)
    title = next((issue.edition.title for issue in issues if not issue.marker), "")
    return render(request, "initiatives/editions.html", {"key": key, "title": title, "issues": issues})


@require_safe
def edition(request, key, number):
    at = as_of.from_request(request)
    issues = edition_history.issues("initiative", key, at)
    issue = next((issue for issue in issues if issue.number == number), None)
    if issue is None:
        return _unknown(request, key, number, at)
    if issue.marker:
        return gone_page(request, [issue.marker])
    against, error = _against(request.GET.get("against", ""), issue, issues)
    context = _record(issue.edition) | {
        "issue": issue,
        "others": [other for other in issues if other is not issue],
        "against": against,
        "error": error,
        "comparison": edition_history.comparison(issue.edition, against.edition) if against else None,
    }
    return render(request, "initiatives/edition.html", context)


def _record(edition: Edition) -> dict:
    """What the edition says, with the names of the day from which it counted."""
    then = edition_history.edition_moment(edition)
    names = name_lookup.register_names(edition.data, then, ("source", edition.source_key))
    placed = initiative_profile.pillar_position(edition, names)
    return {
        "edition": edition,
        "placed": placed,
        "ties": initiative_profile.ties(edition, names, then),
        "joint_text": name_lookup.basis_line(edition, names),
        "profile": initiative_profile.profile(edition, names),
        "day": then.day,
        "timeline": timeline.build_timeline(edition.data, names, then.day, placed.cycle_ends, edition.last_reported),
        "goes_up_to": name_lookup.record_days(then),
    }


def _against(text: str, issue: edition_history.Issue, issues: list[edition_history.Issue]):
    """The edition to compare with, by default the one before; or an error."""
    readable = {other.number: other for other in issues if other is not issue and not other.marker}
    if not text:
        before = [number for number in readable if number < issue.number]
        return (readable[max(before)], "") if before else (None, "")
    if re.fullmatch("[0-9]{1,9}", text) and int(text) in readable:
        return readable[int(text)], ""
    return None, _("“%(text)s” is not another version that can be shown here.") % {"text": text}


def _unknown(request, key: str, number: int, at: as_of.Moment):
    """An edition that the moment does not know: it counts from a later day, or there is none."""
    later = Edition.objects.initiatives().filter(subject_key=key, number=number).defer("content").first()
    if later is None:
        raise Http404
    return not_yet(request, at, later)


@require_safe
def citation(request, key, form):
    at = as_of.from_request(request)
    row = Edition.objects.public(at).initiatives().filter(subject_key=key).defer("content").first()
    return _file(request, row, form, at) if row else absent(request, "initiative", key, at)


@require_safe
def edition_citation(request, key, number, form):
    released = Edition.objects.initiatives().filter(number__isnull=False).with_followed_from().defer("content")
    row = get_object_or_404(released, subject_key=key, number=number)
    if row.state == "withdrawn":
        return gone_page(request, name_lookup.withdrawal_markers([row]))
    return _file(request, row, form, edition_history.edition_moment(row))


def _file(request, edition: Edition, form: str, at: as_of.Moment) -> HttpResponse:
    """The reference of the page that links to the file."""
    attribute, kind = CITATIONS[form]
    page = request.path.removesuffix(f"cite.{form}")
    note = name_lookup.basis_text(edition, at)
    reference = citations.build_reference(request, edition.title, edition, path=page, note=note)
    name = f'attachment; filename="{reference.key}.{form}"'
    answer = HttpResponse(getattr(reference, attribute), content_type=f"{kind}; charset=utf-8")
    answer.headers["Content-Disposition"] = name
    return answer
