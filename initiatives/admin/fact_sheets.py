"""Fact sheets in the staff site: the draft in both languages side by side, its files, and the texts to be approved."""

from dataclasses import dataclass, field

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from hled_portal.admin.signed_text_admin import SignedAdmin
from hled_portal.admin.site import admin_page
from hled_portal.i18n.bilingual import LANGUAGES, active_language
from hled_portal.publishing.signed_text import State
from initiatives.factsheets import editing, files, gaps, notes
from initiatives.factsheets.draft import read_fact_sheet
from initiatives.models import Edition, FactSheet, FactSheetDraft, Initiative

#: Paragraphs on a page of the draft: their fields stay far below the number that Django takes in one form.
PARAGRAPHS_PER_PAGE = 60
#: Gaps of each kind that are listed; as they are filled, the others follow.
GAPS_PER_KIND = 50


@admin.register(FactSheet)
class FactSheetAdmin(SignedAdmin):
    list_filter = ("state", "basis")
    search_fields = ("meeting_key", "digest")

    def previews(self, text):
        key, labels = text.meeting_key, {"en": _("English"), "es": _("Spanish")}
        return [
            (
                f"{labels[language]} ({form.upper()})",
                f"{_file_address(key, language, form)}?text={text.pk}",
            )
            for language in LANGUAGES
            for form in files.FILE_FORMS
        ]

    def propose_address(self, request, text):
        if not request.user.has_perm("initiatives.propose_factsheet"):
            return ""
        return reverse("admin:hled_portal_fact_sheet", args=[text.meeting_key])


def _file_address(key: str, language: str, form: str) -> str:
    return reverse("admin:hled_portal_fact_sheet_file", args=[key, language, form])


@dataclass
class Group:
    """Sentences of one paragraph, in both languages."""

    #: The key of an initiative, or `editing.INTRODUCTION`.
    key: str
    title: str
    heading: str
    en: list[editing.Line] = field(default_factory=list)
    es: list[editing.Line] = field(default_factory=list)


def _meeting(request, key: str) -> Edition:
    """The meeting, public or approved by both. Raises PermissionDenied, Http404."""
    user = request.user
    if not (user.has_perm("initiatives.view_factsheet") and (user.delegation or user.audits)):
        raise PermissionDenied
    rows = Edition.objects.of_kind("meeting").filter(subject_key=key)
    meeting = rows.filter(Q(state=State.CLEARED) | Q(state=State.PUBLISHED)).order_by("-pk").first()
    if meeting is None:
        raise Http404
    return meeting


@admin_page("fact-sheets/<slug:key>/", "hled_portal_fact_sheet")
@require_http_methods(["GET", "HEAD", "POST"])
def fact_sheet(request, key: str):
    """The draft of a meeting's fact sheet: words, updates from the records, gaps, and its proposal."""
    meeting = _meeting(request, key)
    if request.method == "POST":
        try:
            if done := _change(request, meeting):
                return HttpResponseRedirect(done)
        except ValidationError as refused:
            for reason in refused.messages:
                messages.error(request, reason)
    draft = FactSheetDraft.objects.filter(meeting_key=key).select_related("changed_by").first()
    records = editing.records_for_staff(meeting)
    current = editing.drafted(records)
    may_edit = request.user.has_perm("initiatives.propose_factsheet") and bool(request.user.delegation)
    content = draft.content if draft else current
    groups = _groups(content, current, _typed(request) if draft else {})
    page = Paginator(groups, PARAGRAPHS_PER_PAGE).get_page(request.POST.get("page") or request.GET.get("p"))
    context = admin.site.each_context(request) | {
        "title": _t("Fact sheet: %(title)s") % {"title": meeting.title},
        "meeting": meeting,
        "draft": draft,
        "may_edit": may_edit,
        "page": page,
        "others": [number for number in page.paginator.page_range if abs(number - page.number) == 1],
        "titles": notes.record_titles(records, active_language()),
        "gaps": _by_kind(gaps.find_gaps(records, active_language())),
        "initiatives": dict(Initiative.objects.values_list("key", "pk")),
        "forms": files.FILE_FORMS,
        "languages": LANGUAGES,
        "texts": FactSheet.objects.filter(meeting_key=key).order_by("-pk")[:5],
    }
    return TemplateResponse(request, "admin/fact_sheet.html", context)


def _change(request, meeting: Edition) -> str:
    """Do what the button says; the address to go on to. Raises Refused."""
    data, here = request.POST, request.get_full_path()
    if "start" in data:
        editing.start_draft(meeting, request.user)
        return here
    revision = data.get("revision", "")
    if "propose" in data:
        made = editing.propose_fact_sheet(meeting, request.user, revision, data.get("reason", ""))
        messages.success(request, _t("Proposed for approval: %(texts)s.") % {"texts": made.caption})
        return reverse("admin:initiatives_factsheet_change", args=[made.pk])
    texts = _typed(request)
    editing.save_draft(meeting, request.user, revision, texts, set(data.getlist("accept")), set(data.getlist("add")))
    messages.success(request, _t("The fact sheet draft was saved."))
    return here


def _typed(request) -> dict[str, str]:
    return {name.removeprefix("text-"): value for name, value in request.POST.items() if name.startswith("text-")}


def _groups(content: dict, current: dict, typed: dict[str, str]) -> list[Group]:
    """The draft by paragraph, with what was typed and not saved."""
    merged = editing.merge(content, current, set(), None)
    titles = _titles(merged[active_language()])
    groups: dict[str, Group] = {}
    for language, rows in editing.compare_lines(content, current).items():
        for place, line in rows:
            heading, title = titles.get(place, ("", ""))
            group = groups.setdefault(place, Group(place, title, heading))
            shown = line if line.name not in typed else editing.with_text(line, typed[line.name])
            getattr(group, language).append(shown)
    return list(groups.values())


def _by_kind(rows: list[gaps.Gap]) -> list[tuple[gaps.GapKind, int, list[gaps.Gap]]]:
    """The gaps of each kind: how many, and the first of them."""
    kinds: dict[gaps.GapKind, list[gaps.Gap]] = {}
    for row in rows:
        kinds.setdefault(row.kind, []).append(row)
    return [(kind, len(own), own[:GAPS_PER_KIND]) for kind, own in kinds.items()]


def _titles(sheet: dict) -> dict[str, tuple[str, str]]:
    """Heading and title by place."""
    titles = {editing.INTRODUCTION: ("", _t("introduction").capitalize())}
    for section in sheet["sections"]:
        waiting = list(section["items"])
        while waiting:
            item = waiting.pop(0)
            titles.setdefault(item["initiative"], (section["heading"], item["title"]))
            waiting = item["parts"] + waiting
    return titles


@admin_page("fact-sheets/<slug:key>/<slug:language>.<slug:form>", "hled_portal_fact_sheet_file")
@require_safe
def fact_sheet_file(request, key: str, language: str, form: str):
    """The draft, or with `?text=` a proposed text, as a file; marked as not approved unless it is public."""
    meeting = _meeting(request, key)
    if language not in LANGUAGES or form not in files.FILE_FORMS:
        raise Http404
    if "text" in request.GET:
        rows = FactSheet.objects.filter(meeting_key=key)
        text = rows.filter(pk=request.GET["text"]).first() if request.GET["text"].isdecimal() else None
        if text is None:
            raise Http404
        data, notice = text.data["languages"][language], text.state not in (State.PUBLISHED, State.SUPERSEDED)
    else:
        draft = FactSheetDraft.objects.filter(meeting_key=key).first()
        content = draft.content if draft else editing.drafted(editing.records_for_staff(meeting))
        data, notice = editing.published_form(content[language]), True
    sheet = read_fact_sheet(data)
    return _file_response(files.render(sheet, form, notice, request.GET.get("paper", "letter")), key, language, form)


def _file_response(content: bytes, key: str, language: str, form: str) -> HttpResponse:
    name = f"{key}-fact-sheet-{language}.{form}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return HttpResponse(content, content_type=files.CONTENT_TYPES[form], headers=headers)
