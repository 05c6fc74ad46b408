"""The base of the admins of signed texts: read what is frozen, approve, return, release."""

from dataclasses import replace

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.models import Step, StepAction
from hled_portal.publishing import preview_links, remarks, review_queue
from hled_portal.publishing.preview_pages import has_preview, render_preview
from hled_portal.publishing.signed_text import OPEN, State

from . import signed_text_page as reading
from .input_hardening import ReadOnlyAdmin, is_primary_key
from .review_queue import QueueMixin
from .signed_text_actions import VerbsMixin


class SignedAdmin(QueueMixin, VerbsMixin, ReadOnlyAdmin):
    """Frozen texts: nothing is edited; keys, releases and withdrawals go through the verbs of `clearance`."""

    list_display = ("name", "number", "state", "basis", "key_us", "key_mx", "author", "proposed_at", "public_from")
    list_filter = ("state", "basis")
    list_select_related = ("author", "us_officer", "mx_officer")
    date_hierarchy = "proposed_at"
    change_list_template = "admin/signed_list.html"

    @admin.display(description=_("text"))
    def name(self, text):
        return text.caption

    @admin.display(description=_("approval of the United States"), ordering="us_at")
    def key_us(self, text):
        return text.us_officer

    @admin.display(description=_("approval of Mexico"), ordering="mx_at")
    def key_mx(self, text):
        return text.mx_officer

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        views = [path("queue/", view(self.queue_view), name=f"{name}_queue")]
        for verb in ("key", "return", "take-back", "release", "withdraw"):
            address = f"<str:object_id>/{verb}/"
            views.append(path(address, view(self.verb_view), {"verb": verb}, name=f"{name}_{verb}"))
        views += [
            path("<str:object_id>/preview/<slug:language>/", view(self.preview_view), name=f"{name}_preview"),
            path("<str:object_id>/share/", view(self.share_view), name=f"{name}_share"),
            path("<str:object_id>/share/<int:link>/revoke/", view(self.share_view), name=f"{name}_unshare"),
        ]
        addresses = {"leave": "leave/", "answer": "<int:remark>/answer/", "close": "<int:remark>/close/"}
        for verb, address in addresses.items():
            views.append(
                path(
                    f"<str:object_id>/remarks/{address}",
                    view(self.remark_view),
                    {"verb": verb},
                    name=f"{name}_remark_{verb}",
                )
            )
        return views + super().get_urls()

    # Hooks of a table

    def compared(self, texts, user) -> dict:
        """By row of each text what it changes; nothing where a table has no words for it."""
        return {}

    def earlier_refusals(self, text) -> list[Step]:
        """Why earlier proposals of the same subject came back or were replaced."""
        return []

    def source_title(self, text) -> str:
        """The joint document that the text is based on, if any."""
        return text.source_key

    def previews(self, text) -> list[tuple[str, str]]:
        """Language and address of each preview of the page that readers would see; of what is not public yet."""
        if not has_preview(text):
            return []
        address = f"admin:{self.opts.app_label}_{self.opts.model_name}_preview"
        return [
            (get_language_info(code)["name_local"].capitalize(), reverse(address, args=[text.pk, code]))
            for code in LANGUAGES
        ]

    def preview_context(self, request, text) -> dict:
        """What staff see on a preview beside what everybody would."""
        return {}

    def preview_view(self, request, object_id, language):
        """For staff of the delegations and their auditors."""
        text = self.get_row(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if language not in LANGUAGES or not (request.user.delegation or request.user.audits) or not has_preview(text):
            raise PermissionDenied
        others = [(code, name) for code, name in zip(LANGUAGES, self.previews(text), strict=True)]
        with override(language):
            more = self.preview_context(request, text)
        return render_preview(request, text, language, back=self.change_url(text), others=others, **more)

    # Links for somebody without an account

    def share_view(self, request, object_id, link: int | None = None):
        """Make a link, whose address is shown this once, or revoke one."""
        text = self.get_row(request, object_id)
        if request.method != "POST":
            return HttpResponseRedirect(self.change_url(text))
        try:
            if link is None:
                token = preview_links.make_link(text, request.user, request.POST.get("recipient", ""))
                path = reverse("shared_preview", args=[token])
                response = self.text_page(request, text, new_link=request.build_absolute_uri(path))
                response.headers["Cache-Control"] = "no-store"
                return response
            preview_links.revoke_link(text, link, request.user)
        except ValidationError as refused:
            for reason in refused.messages:
                self.message_user(request, reason, messages.ERROR)
            return self.text_page(request, text)
        self.message_user(request, _t("The preview link was revoked."), messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(text))

    def propose_address(self, request, text) -> str:
        """Where the subject of the text is proposed anew; empty for who does not propose."""
        return ""

    # Remarks on fields

    def remark_view(self, request, object_id, verb: str, remark: int = 0):
        """Leave, answer or close a remark; what was typed is shown again where it is refused."""
        text = self.get_row(request, object_id)
        if request.method != "POST":
            return HttpResponseRedirect(self.change_url(text))
        words = request.POST.get("words", "")
        try:
            if verb == "leave":
                remarks.leave_remark(text, request.user, request.POST.get("field", ""), words)
            elif verb == "answer":
                remarks.answer_remark(text, remark, request.user, words)
            else:
                remarks.close_remark(text, remark, request.user)
        except ValidationError as refused:
            for reason in refused.messages:
                self.message_user(request, reason, messages.ERROR)
            return self.text_page(request, text, typed_remark=request.POST)
        done = {
            "leave": _t("The remark was saved."),
            "answer": _t("The reply was saved."),
            "close": _t("The remark was closed."),
        }
        self.message_user(request, done[verb], messages.SUCCESS)
        return HttpResponseRedirect(f"{self.change_url(text)}#remarks")

    def changelist_view(self, request, extra_context=None):
        more = {"may_clear": self.has_clear_permission(request)}
        return super().changelist_view(request, more | (extra_context or {}))

    # The page of one text

    def get_row(self, request, object_id):
        """The text with its people and its release to come, for who may view it. Raises Http404, PermissionDenied."""
        if not is_primary_key(self.model, object_id):
            raise Http404
        rows = self.get_queryset(request).select_related("author", "us_officer", "mx_officer", "plan", "release")
        text = rows.filter(pk=object_id).first()
        if not self.has_view_permission(request, text):
            raise PermissionDenied
        if text is None:
            raise Http404
        return text

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return self.text_page(request, self.get_row(request, object_id))

    def text_page(self, request, text, typed=None, new_link="", typed_remark=None):
        """The state of the text and what it changes, before what can be done with it."""
        if text.state == State.PROPOSED and self.has_clear_permission(request):
            review_queue.note_opened(text, request.user)
        concerns = text.concerns(request.user) if text.state in OPEN else []
        steps = Step.objects.filter(table=self.model._meta.label_lower, text_pk=text.pk)
        steps = list(steps.select_related("by").order_by("pk"))
        compared = self.compared([text], request.user).get(text.pk)
        fields = reading.remark_fields(compared)
        return self.respond(
            request,
            "signed_text",
            title=text.caption,
            text=text,
            state_description=reading.describe_state(text),
            source_title=self.source_title(text),
            keys=reading.approvals(text),
            compared=compared,
            earlier_refusals=self.earlier_refusals(text),
            steps=steps,
            returned=[step for step in steps if step.action == StepAction.RETURNED],
            concerns=concerns,
            verbs=self._verbs(request, text, typed, bool(concerns)),
            typed=typed,
            previews=self.previews(text),
            links=preview_links.links(text),
            new_link=new_link,
            remarks=reading.describe_remarks(text, fields),
            remark_fields=fields,
            may_remark=not remarks.remark_refusals(text, request.user),
            typed_remark=typed_remark,
            may_share=not preview_links.sharing_refusals(text, request.user),
            propose_address=self.propose_address(request, text),
            bar=self.bar(request, text),
            frozen=reading.flat(text.data),
        )

    def _verbs(self, request, text, typed, has_concerns: bool) -> list[reading.Verb]:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        allowed = reading.verbs(text, request.user, typed, has_concerns=has_concerns)
        return [replace(verb, address=reverse(f"{name}_{verb.name}", args=[text.pk])) for verb in allowed]

    def respond(self, request, template: str, **context):
        context |= {"opts": self.opts, "media": self.media, "side": self._side(request)}
        return TemplateResponse(request, f"admin/{template}.html", self.admin_site.each_context(request) | context)
