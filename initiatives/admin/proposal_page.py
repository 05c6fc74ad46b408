"""Proposing in the staff site: what would be frozen is shown first, and only what was shown is proposed."""

from dataclasses import dataclass

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.admin.input_hardening import is_primary_key
from initiatives.editions import proposal_review, proposing
from initiatives.editions.proposal_validation import Refusal
from initiatives.models import Edition
from initiatives.visibility import owning_fact

from .base import RecordAdmin
from .translation_page import AgreeingMixin

#: Kinds of subjects with a public page under their own key.
PUBLIC_PAGES = {"initiative", "meeting", "organization", "place"}


@dataclass(frozen=True)
class RefusalWithLink:
    """A refusal with the address of the form that corrects it, if any."""

    message: str
    href: str


class ProposableAdmin(AgreeingMixin, RecordAdmin):
    """A table whose rows are subjects of editions."""

    actions = ("propose",)

    def has_propose_permission(self, request, obj=None):
        return request.user.has_perm("initiatives.propose_edition")

    def get_urls(self):
        view = self.admin_site.admin_view(self.propose_view)
        name = f"initiatives_{self.opts.model_name}_propose"
        return [path("<str:object_id>/propose/", view, name=name), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        tools = {"may_propose": self.has_propose_permission(request), "public_address": self._public(object_id)}
        return super().change_view(request, object_id, form_url, tools | (extra_context or {}))

    def _public(self, object_id) -> str:
        """The public page of the subject, if any."""
        keys = (
            self.model.objects.filter(pk=object_id)
            if is_primary_key(self.model, object_id)
            else self.model.objects.none()
        )
        key = keys.values_list("key", flat=True).first()
        published = Edition.objects.published().filter(subject_kind=self.opts.model_name, subject_key=key)
        if self.opts.model_name not in PUBLIC_PAGES or not published.exists():
            return ""
        return reverse(self.opts.model_name, args=[key])

    def propose_view(self, request, object_id):
        """Show what would be proposed; on a post, propose just that."""
        if not (self.has_view_permission(request) and self.has_propose_permission(request)):
            raise PermissionDenied
        subject = (
            self.get_queryset(request).filter(pk=object_id).first() if is_primary_key(self.model, object_id) else None
        )
        if subject is None:
            raise Http404
        if request.method == "POST":
            made = self._propose(request, subject)
            if made:
                return HttpResponseRedirect(_text_url(made[0]))
        return self._ask(request, [subject])

    @admin.action(description=_("Propose for approval"), permissions=["propose"])
    def propose(self, request, queryset):
        """One page shows everything that would be proposed; then each subject is proposed as it was shown."""
        subjects = list(queryset.order_by("key"))
        if "confirmed" not in request.POST:
            return self._ask(request, subjects)
        left = [subject for subject in subjects if not self._propose(request, subject)]
        return self._ask(request, left) if left else None

    def _propose(self, request, subject) -> list:
        """The texts that were proposed; none, with a message, where it was refused."""
        key = subject.key
        reason, draft_digest = (request.POST.get(f"{name}_{key}", "") for name in ("reason", "seen"))
        try:
            made = proposing.propose(self.opts.model_name, key, request.user, reason, draft_digest)
        except ValidationError as refused:
            for message in refused.messages:
                self.message_user(request, f"{key}: {message}", messages.ERROR)
            return []
        names = ", ".join(edition.name for edition in made)
        self.message_user(request, _t("Proposed for approval: %(texts)s.") % {"texts": names}, messages.SUCCESS)
        return made

    def _ask(self, request, subjects):
        rows = []
        for subject in subjects:
            proposal = proposal_review.proposal(self.opts.model_name, subject.key, request.user)
            rows.append(
                {
                    "subject": subject,
                    "proposal": proposal,
                    "refusals": [_refusal_with_link(refusal, subject) for refusal in proposal.refusals],
                    "translations": self.translations_address(subject)
                    if any(refusal.column == "translation_state" for refusal in proposal.refusals)
                    else "",
                    "held_back": [(fact, _form(fact)) for fact in proposal.held_back],
                    "reason": request.POST.get(f"reason_{subject.key}", ""),
                    "waiting_page": _text_url(proposal.waiting) if proposal.waiting else "",
                }
            )
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "media": self.media,
            "title": _t("Propose for approval"),
            "rows": rows,
            "many": len(rows) > 1 or "confirmed" in request.POST or "action" in request.POST,
            "possible": any(not row["refusals"] for row in rows),
        }
        return TemplateResponse(request, "admin/propose.html", context)


def _text_url(text) -> str:
    return reverse("admin:initiatives_edition_change", args=[text.pk])


def _refusal_with_link(refusal: Refusal, subject) -> RefusalWithLink:
    return RefusalWithLink(refusal.message, _form(refusal.row or subject, refusal.column))


def _form(row, column: str = "") -> str:
    """The form of a row, at the field; that of the fact or the subject where the row has none of its own."""
    for each in (row, owning_fact(row)):
        if each is None:
            continue
        try:
            address = reverse(f"admin:initiatives_{each._meta.model_name}_change", args=[each.pk])
        except NoReverseMatch:
            continue
        at_field = column and each is row and column in {field.name for field in each._meta.concrete_fields}
        return f"{address}#id_{column}" if at_field else address
    return ""
