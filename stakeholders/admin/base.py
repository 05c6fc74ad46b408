"""What the admins of letters share: recommendations officers of the delegations see them, nobody else."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _t

from hled_portal.admin.input_hardening import SafeAdmin, is_primary_key
from hled_portal.publishing.canonical_json import digest
from hled_portal.publishing.signed_text import Signed
from initiatives.admin.edit_conflicts import LockedObjectMixin
from initiatives.admin.inlines import RecordForm, VersionTokenMixin
from initiatives.admin.translations import confirm_form_translation
from initiatives.content.diff import ChangedPart
from stakeholders.triage import access, deletion


def submitted_version(request, name: str = "version") -> str | None:
    """The version token that the page brought back."""
    return request.POST.get(name)


class TypedData(dict):
    """What was typed into the forms of a page, to be shown again; nothing where nothing was."""

    def __init__(self, data=None):
        super().__init__(data.items() if data is not None else ())

    def __missing__(self, name):
        return ""


#: Fields in which people write at length; what is refused of them is shown again, whatever form is still there.
_LONG_TEXT_FIELDS = ("note", "reason", "answer", "summary_en", "summary_es")


def _typed_texts(typed: TypedData | None) -> list[str]:
    return [typed[name] for name in _LONG_TEXT_FIELDS if typed and typed[name].strip()]


class LettersAdmin(SafeAdmin):
    """A table that only recommendations officers see. Verbs change rows; some can be deleted (`DeletableMixin`).

    Browsers cache nothing of it. The history shows each delegation what its own people did.
    """

    actions = None
    change_list_template = "admin/stakeholders/list.html"
    list_per_page = 50

    def has_module_permission(self, request):
        return access.can_read_letters(request.user)

    def has_view_permission(self, request, obj=None):
        return access.can_read_letters(request.user)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return access.can_triage(request.user)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows if access.can_read_letters(request.user) else rows.none()

    def get_row(self, request, object_id, change: bool = False):
        """The row, for who may see it, or with `change` for who may change it. Raises PermissionDenied, Http404."""
        if not (self.has_change_permission(request) if change else self.has_view_permission(request)):
            raise PermissionDenied
        row = self.get_queryset(request).filter(pk=object_id).first() if is_primary_key(self.model, object_id) else None
        if row is None:
            raise Http404
        return row

    def change_url(self, row) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def respond(self, request, template: str, title: str, **context):
        context |= {
            "opts": self.opts,
            "media": self.media,
            "title": title,
            "typed_texts": _typed_texts(context.get("typed")),
        }
        context = self.admin_site.each_context(request) | context
        answer = TemplateResponse(request, f"admin/stakeholders/{template}.html", context)
        answer.headers["Cache-Control"] = "no-store, private"
        return answer

    def verb_view(self, request, object_id, verb: str):
        """Do what a form of the page of a row asks for; a refusal is shown there, with what was typed."""
        row = self.get_row(request, object_id, change=True)
        if request.method != "POST":
            return HttpResponseRedirect(self.change_url(row))
        try:
            message = self.verbs[verb](self, request, row)
        except ValidationError as refused:
            for reason in refused.messages:
                self.message_user(request, reason, messages.ERROR)
            return self.row_page(request, self.get_row(request, object_id), request.POST)
        if isinstance(message, HttpResponse):
            return message
        self.message_user(request, message, messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(row))

    def history_view(self, request, object_id, extra_context=None):
        self.get_row(request, unquote(object_id))
        entries = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(self.model),
            object_id=unquote(object_id),
            user__delegation=request.user.delegation,
        )
        page = Paginator(entries.select_related("user").order_by("-action_time"), 100)
        shown = page.get_page(request.GET.get("p"))
        more = {"action_list": shown, "page_range": page.get_elided_page_range(shown.number)}
        return super().history_view(request, object_id, more | (extra_context or {}))


class WrittenAdmin(LockedObjectMixin, VersionTokenMixin, LettersAdmin):
    """A table whose rows are written by hand, by both delegations."""

    form = RecordForm
    set_once: tuple[str, ...] = ("key",)

    def has_add_permission(self, request):
        return access.can_triage(request.user)

    def get_readonly_fields(self, request, obj=None):
        return (*super().get_readonly_fields(request, obj), *(self.set_once if obj else ()))

    def save_model(self, request, obj, form, change):
        confirm_form_translation(form)
        super().save_model(request, obj, form, change)


class DeletableMixin:
    """Rows that are deleted by who may edit them, unless `triage/deletion.py` says why not."""

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)

    def get_deleted_objects(self, objs, request):
        return [str(row) for row in objs], {}, set(), [line for row in objs for line in deletion.deletion_refusals(row)]

    def delete_model(self, request, obj):
        deletion.delete_row(obj)


@dataclass(frozen=True)
class ProposalVerbs:
    """How rows of a table become signed texts."""

    freeze: Callable
    published: Callable
    open_proposal: Callable
    refusals: Callable
    propose: Callable


class ProposingAdmin(DeletableMixin, WrittenAdmin):
    """Rows that become signed texts: what would be frozen is shown first, and only that is proposed."""

    proposals: ProposalVerbs
    change_form_template = "admin/stakeholders/draft.html"
    saved_message = ""
    propose_title = ""

    def changed_parts(self, old: dict | None, new: dict) -> list[ChangedPart]:
        raise NotImplementedError

    def concerns(self, request, row):
        """What senders raised and nobody has settled; a hook."""
        return

    def get_urls(self):
        view = self.admin_site.admin_view(self.propose_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_propose"
        return [path("<str:object_id>/propose/", view, name=name), *super().get_urls()]

    def propose_url(self, row) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_propose", args=[row.pk])

    def response_add(self, request, obj, post_url_continue=None):
        return self.response_change(request, obj)

    def response_change(self, request, obj):
        if "_propose" in request.POST:
            return HttpResponseRedirect(self.propose_url(obj))
        self.message_user(request, self.saved_message, messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(obj))

    def propose_view(self, request, object_id):
        """Show what would be frozen; on a post, propose just that."""
        row = self.get_row(request, object_id, change=True)
        if request.method == "POST":
            posted = request.POST
            try:
                made = self.proposals.propose(row, request.user, posted.get("reason", ""), posted.get("seen", ""))
            except ValidationError as refused:
                for reason in refused.messages:
                    self.message_user(request, reason, messages.ERROR)
            else:
                self.log_change(request, row, _t("Proposed for approval."))
                values = _t("Proposed for approval: %(texts)s.") % {"texts": made.caption}
                self.message_user(request, values, messages.SUCCESS)
                return HttpResponseRedirect(signed_text_url(made))
        content, published = self.proposals.freeze(row), self.proposals.published(row)
        waiting = self.proposals.open_proposal(row)
        return self.respond(
            request,
            "propose_text",
            self.propose_title,
            row=row,
            back=self.change_url(row),
            parts=self.changed_parts(published.data if published else None, json.loads(content)),
            published=published,
            waiting=waiting,
            waiting_url=signed_text_url(waiting) if waiting else "",
            needs_reason=bool(waiting and (waiting.us_digest or waiting.mx_digest)),
            concerns=self.concerns(request, row),
            refusals=self.proposals.refusals(row, request.user),
            seen=digest(content),
            reason=request.POST.get("reason", ""),
        )


def signed_text_url(text) -> str:
    return reverse(f"admin:{text._meta.app_label}_{text._meta.model_name}_change", args=[text.pk])


@dataclass(frozen=True)
class ComparedText:
    """A text against the published one, and against what the delegation approved last."""

    text: Signed
    published: Signed | None
    parts: list[ChangedPart]
    keyed: Signed | None = None
    since_keyed: list[ChangedPart] | None = None


def compare_text(text: Signed, earlier: list, delegation: str, parts: Callable) -> ComparedText:
    """`earlier` are the texts of the same subject before it, the newest first."""
    published = next((each for each in earlier if each.number and each.state != "withdrawn"), None)
    column = f"{delegation.lower()}_digest"
    keyed = next((each for each in earlier if delegation and getattr(each, column) and not each.number), None)
    if keyed and published and keyed.pk < published.pk:
        keyed = None
    since = parts(keyed.data, text.data) if keyed else None
    return ComparedText(text, published, parts(published.data if published else None, text.data), keyed, since)
