"""The fact sheet of a meeting: what both delegations approved; with DEBUG the portal's own draft, marked as such."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language
from initiatives.factsheets import files, notes
from initiatives.factsheets.draft import FactSheet, draft_fact_sheet, read_fact_sheet
from initiatives.factsheets.records import gather_records
from initiatives.factsheets.words import NOTICE, WORDS
from initiatives.models import Edition
from initiatives.models import FactSheet as FrozenFactSheet
from initiatives.record import name_lookup

from .gone import absent


def _shown(meeting: Edition, at: Moment) -> tuple[FactSheet | None, FrozenFactSheet | None]:
    """The fact sheet in the language of the page, and the text that it stands in; no text for a draft."""
    language = active_language()
    text = FrozenFactSheet.objects.public(at).filter(meeting_key=meeting.subject_key).first()
    if text is not None:
        return read_fact_sheet(text.data["languages"][language]), text
    withdrawn = FrozenFactSheet.objects.withdrawn(at).filter(meeting_key=meeting.subject_key)
    if not settings.DEBUG or withdrawn.exists():
        return None, None
    return draft_fact_sheet(gather_records(meeting, at), language), None


def _meeting(key: str, at: Moment) -> Edition | None:
    return Edition.objects.public(at).of_kind("meeting").filter(subject_key=key).first()


@require_safe
def fact_sheet(request, key):
    """The page; until a fact sheet is published it links the official text."""
    at = as_of.from_request(request)
    meeting = _meeting(key, at)
    if meeting is None:
        return absent(request, "meeting", key, at)
    sheet, text = _shown(meeting, at)
    names = name_lookup.register_names(meeting.data, at, ("source", meeting.source_key))
    numbers, behind = notes.number_sentences(sheet, _titles(sheet, at)) if sheet else ({}, [])
    context = {
        "numbers": numbers,
        "notes": [(note, [(each, _path(each)) for each in note.references]) for note in behind],
        "day": at.day,
        "meeting": meeting,
        "sheet": sheet,
        "edition": text,
        "context_legend": WORDS[active_language()]["context"],
        "notice": NOTICE[active_language()] if sheet and text is None else "",
        "official": name_lookup.source_line(meeting.source_key, names) if meeting.source_key else None,
        "markers": name_lookup.withdrawal_markers(
            FrozenFactSheet.objects.withdrawn(at).filter(meeting_key=meeting.subject_key)
        ),
        "forms": files.FILE_FORMS,
    }
    response = render(request, "initiatives/fact_sheet.html", context)
    return _mark_draft(response) if context["notice"] else response


def _titles(sheet: FactSheet, at: Moment) -> dict[str, str]:
    """The titles of the meetings and pillars behind the sentences. One query."""
    subjects = notes.subjects_beside_items(sheet)
    rows = Edition.objects.public(at).filter(
        subject_kind__in={kind for kind, _key in subjects}, subject_key__in={key for _kind, key in subjects}
    )
    return {f"{row.subject_kind}/{row.subject_key}": row.title for row in rows}


def _path(reference: notes.Reference) -> str:
    if reference.kind == "pillar":
        cycle, _hyphen, number = reference.key.rpartition("-")
        return reverse("pillar", args=[cycle, number])
    return reverse(reference.kind, args=[reference.key])


@require_safe
def fact_sheet_file(request, key, form):
    """The same as Word, PDF or Markdown, on Letter or with `?paper=a4`. Raises Http404 where none is published."""
    at = as_of.from_request(request)
    meeting = _meeting(key, at)
    sheet, text = _shown(meeting, at) if meeting else (None, None)
    if sheet is None:
        raise Http404
    content = files.render(sheet, form, text is None, request.GET.get("paper", "letter"))
    response = HttpResponse(content, content_type=files.CONTENT_TYPES[form])
    name = f"{key}-fact-sheet-{get_language()[:2]}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response if text else _mark_draft(response)


def _mark_draft(response: HttpResponse) -> HttpResponse:
    """No robot and no cache keeps what nobody approved."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response
