"""Proposing in the staff site: what would be frozen is shown first, and only what was shown is proposed."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hled_portal.admin import signed_text_page
from hled_portal.admin.input_hardening import is_primary_key
from hled_portal.i18n.delegations import Delegation
from hled_portal.models import StepAction
from hled_portal.publishing.clearance import Refused
from hled_portal.publishing.signed_text import OPEN, State
from initiatives.editions import proposal_review, proposing, translation_confirmation
from initiatives.editions.proposal_validation import Refusal
from initiatives.facts import ready_flag
from initiatives.models import Edition
from initiatives.visibility import may_edit, owning_fact, owning_side

from .base import RecordAdmin
from .translations import AgreeingMixin

#: Texts that a message names; of more it says how many.
TEXTS_NAMED = 5

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
        key = self._key(object_id)
        tools = {"may_propose": self.has_propose_permission(request), "public_address": self._public(key)}
        tools |= self._describe_proposal(key) if request.user.has_perm("initiatives.view_edition") else {}
        return super().change_view(request, object_id, form_url, tools | (extra_context or {}))

    def _key(self, object_id) -> str | None:
        rows = self.model.objects.filter(pk=object_id) if is_primary_key(self.model, object_id) else None
        return rows.values_list("key", flat=True).first() if rows is not None else None

    def _describe_proposal(self, key) -> dict:
        """Where the newest proposal is, with its approvals, and why it was returned. Two queries."""
        texts = Edition.objects.filter(subject_kind=self.opts.model_name, subject_key=key)
        text = texts.select_related("us_officer", "mx_officer", "plan").order_by("-pk").first()
        if text is None or text.state not in (*OPEN, State.RETURNED):
            return {}
        returned = [step for step in proposal_review.steps(text) if step.action == StepAction.RETURNED]
        return {
            "proposal_state": signed_text_page.describe_state(text),
            "proposal_approvals": [each for each in signed_text_page.approvals(text) if each.officer],
            "proposal_returned": returned,
            "proposal_page": _text_url(text),
        }

    def _public(self, key) -> str:
        """The public page of the subject, if any."""
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
        try:
            return self._propose_one(request, subject)
        except Refused as refused:
            self._tell_refused(request, refused)
            return HttpResponseRedirect(reverse(f"admin:initiatives_{self.opts.model_name}_change", args=[object_id]))

    def _propose_one(self, request, subject):
        if request.method == "POST" and self._prepare(request, [subject]):
            made = self._propose(request, [subject])[subject]
            self._tell_proposed(request, made)
            if made:
                return HttpResponseRedirect(_text_url(made[0]))
        if request.method == "POST":
            subject.refresh_from_db()  # With its items as they were just confirmed and included.
        return self._ask(request, [subject])

    @admin.action(description=_("Propose for approval"), permissions=["propose"])
    def propose(self, request, queryset):
        """One page shows everything that would be proposed; then each subject is proposed as it was shown."""
        try:
            return self._propose_chosen(request, list(queryset.order_by("key")))
        except Refused as refused:
            return self._tell_refused(request, refused)

    def _propose_chosen(self, request, subjects):
        if "confirmed" not in request.POST or not self._prepare(request, subjects):
            return self._ask(request, subjects)
        made = self._propose(request, subjects)
        left = [subject for subject in subjects if not made[subject]]
        self._tell_proposed(request, [text for texts in made.values() for text in texts])
        return self._ask(request, left) if left else None

    def _tell_refused(self, request, refused: Refused) -> None:
        """A text that cannot even be shown as it would be frozen."""
        for message in refused.messages:
            self.message_user(request, message, messages.ERROR)

    def _prepare(self, request, subjects) -> bool:
        """Confirm and mark as ready what was chosen; False where the text must be read again before it is proposed."""
        with_entries = {
            (row._meta.model_name, row.key): row
            for subject in subjects
            for row in translation_confirmation.proposed_together(
                subject, proposing.draft(self.opts.model_name, subject.key)
            )
        }
        if not self.agree_chosen(request, with_entries.values()):
            return False
        chosen = [fact for subject in subjects for fact in self._chosen_drafts(request, subject)]
        for fact in chosen:
            ready_flag.mark_ready(fact, request.user)
        if chosen:
            message = ngettext(
                "%(count)d item is now included. Read the text again and propose it.",
                "%(count)d items are now included. Read the text again and propose it.",
                len(chosen),
            )
            self.message_user(request, message % {"count": len(chosen)}, messages.SUCCESS)
        return not chosen

    @staticmethod
    def _chosen_drafts(request, subject) -> list:
        chosen = set(request.POST.getlist("ready"))
        return [fact for fact in proposal_review.held_back(subject, request.user) if str(fact.pk) in chosen]

    def _propose(self, request, subjects) -> dict:
        """The texts that were proposed by subject; none, with a message, where it was refused."""
        by_key = {subject.key: subject for subject in subjects}
        wanted = {key: tuple(request.POST.get(f"{name}_{key}", "") for name in ("reason", "seen")) for key in by_key}
        made = {}
        for key, texts in proposing.propose_many(self.opts.model_name, wanted, request.user):
            subject = by_key[key]
            refused = isinstance(texts, ValidationError)
            made[subject] = [] if refused else texts
            for message in texts.messages if refused else ():
                named = str(subject) in message
                self.message_user(request, message if named else f"{subject}: {message}", messages.ERROR)
        return made

    def _tell_proposed(self, request, texts) -> None:
        """One message after the refusals, however many texts there are."""
        if texts:
            names = ", ".join(text.caption for text in texts[:TEXTS_NAMED])
            if len(texts) > TEXTS_NAMED:
                names = _t("%(texts)s and %(count)d more") % {"texts": names, "count": len(texts) - TEXTS_NAMED}
            self.message_user(request, _t("Proposed for approval: %(texts)s.") % {"texts": names}, messages.SUCCESS)

    def _ask(self, request, subjects):
        rows = [self._row(request, subject) for subject in subjects]
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "media": self.media,
            "title": _t("Propose for approval"),
            "rows": rows,
            "many": len(rows) > 1 or "confirmed" in request.POST or "action" in request.POST,
            "possible": any(not row["refusals"] for row in rows),
            "pending": any(row["pairs"] or row["held_back"] for row in rows),
            "all_chosen": request.GET.get("chosen") == "all",
        }
        return TemplateResponse(request, "admin/propose.html", context)

    def _row(self, request, subject) -> dict:
        """A subject as the page shows it: `refusals` are those that this page cannot correct."""
        proposal = proposal_review.proposal(self.opts.model_name, subject.key, request.user)
        together = translation_confirmation.proposed_together(subject, proposal.draft)
        pairs = translation_confirmation.unconfirmed_pairs(together, request.user)
        back = reverse(f"admin:initiatives_{self.opts.model_name}_propose", args=[subject.pk])
        here = {(type(each.row), each.row.pk) for each in pairs}
        return {
            "subject": subject,
            "proposal": proposal,
            "refusals": [
                _refusal_with_link(refusal, subject, back, request.user)
                for refusal in proposal.refusals
                if refusal.column != "translation_state" or (type(refusal.row), refusal.row.pk) not in here
            ],
            "pairs": pairs,
            "is_first": proposal.published is None and proposal.waiting is None,
            "held_back": [(fact, _form(fact, back)) for fact in proposal.held_back],
            "reason": request.POST.get(f"reason_{subject.key}", ""),
            "waiting_page": _text_url(proposal.waiting) if proposal.waiting else "",
        }


def _text_url(text) -> str:
    return reverse("admin:initiatives_edition_change", args=[text.pk])


def _refusal_with_link(refusal: Refusal, subject, back: str, user) -> RefusalWithLink:
    message, side = refusal.message, owning_side(refusal.row) if refusal.row else None
    if not may_edit(user, side):
        message = _t("%(refusal)s Only the delegation of %(side)s can change it.") % {
            "refusal": message,
            "side": Delegation(side).in_sentence,
        }
    return RefusalWithLink(message, _form(refusal.row or subject, back, refusal.column))


def _form(row, back: str, column: str = "") -> str:
    """The form of a row, at the field, which leads back to the proposal; that of its fact where it has none."""
    for each in (row, owning_fact(row)):
        if each is None:
            continue
        try:
            address = reverse(f"admin:initiatives_{each._meta.model_name}_change", args=[each.pk])
        except NoReverseMatch:
            continue
        at_field = column and each is row and column in {field.name for field in each._meta.concrete_fields}
        address = f"{address}?{urlencode({'back': back})}"
        return f"{address}#id_{column}" if at_field else address
    return ""
