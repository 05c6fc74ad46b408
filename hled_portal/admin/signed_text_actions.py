"""What is done with signed texts: one at a time from the page of a text, or many from the list."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hled_portal.accounts import reauthentication
from hled_portal.i18n.delegations import Delegation
from hled_portal.publishing import clearance, releasing, review_queue
from hled_portal.publishing.remarks import open_remarks

from .signed_text_page import ReturnForm, WithdrawalForm


class VerbsMixin:
    """Keys, returns, releases and withdrawals, through the verbs of `clearance`, which says what it refuses."""

    actions = ("set_key", "release", "withdraw")

    def _permitted(self, request, verb: str) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}")

    def has_clear_permission(self, request, obj=None):
        return self._permitted(request, "clear")

    def has_release_permission(self, request, obj=None):
        return self._permitted(request, "release")

    @staticmethod
    def _side(request) -> str:
        return Delegation(request.user.delegation).in_sentence if request.user.delegation else "–"

    # One text

    def verb_view(self, request, object_id, verb):
        """Do what a button of the page of a text asks for; a refusal is shown there, with what was typed."""
        text = self.get_row(request, object_id)
        do = {
            "key": self._key,
            "return": self._return,
            "take-back": self._take_back,
            "release": self._release,
            "withdraw": self._withdraw,
        }[verb]
        if request.method != "POST":
            return HttpResponseRedirect(self.change_url(text))
        following = self.following(request, text)
        form = {"return": ReturnForm, "withdraw": WithdrawalForm}.get(verb)
        form = form(request.POST) if form else None
        if form is not None and not form.is_valid():
            return self.text_page(request, text, form)
        try:
            page = do(request, text, form)
        except ValidationError as refused:
            self._tell_refusals(request, refused, text)
            return self.text_page(request, self.get_row(request, object_id), form)
        return page or HttpResponseRedirect(following or self.change_url(text))

    def _key(self, request, text, _form=None):
        self._tell_approved(request, [self._approve(request, text)])

    def _approve(self, request, text):
        reauthentication.require_recent(request)
        seen, word = (request.POST.get(name, "") for name in (f"seen_{text.pk}", "word"))
        text = clearance.clear(text, request.user, seen, word)
        self.log_change(request, text, _t("Approved by %(side)s.") % {"side": self._side(request)})
        return text

    def _tell_approved(self, request, texts):
        """One message, however many texts there are."""
        names = {"count": len(texts), "text": texts[0].caption if len(texts) == 1 else ""}
        message = ngettext("You approved %(text)s.", "You approved %(count)d texts.", len(texts)) % names
        self.message_user(request, message, messages.SUCCESS)

    def _return(self, request, text, form):
        text = clearance.return_text(text, request.user, form.cleaned_data["comment"])
        self.log_change(request, text, _t("Returned by %(side)s.") % {"side": self._side(request)})
        self.message_user(
            request,
            _t("%(text)s was returned to the delegation that proposed it.") % {"text": text.caption},
            messages.SUCCESS,
        )

    def _take_back(self, request, text, _form):
        text = clearance.take_back(text, request.user)
        self.log_change(request, text, _t("Approval withdrawn by %(side)s.") % {"side": self._side(request)})
        message = _t("Your delegation's approval of %(text)s was withdrawn.") % {"text": text.caption}
        self.message_user(request, message, messages.SUCCESS)

    def _release(self, request, text, _form):
        return self._release_together(request, [text])

    def _withdraw(self, request, text, form):
        given = form.cleaned_data
        releasing.withdraw(text, request.user, given["reason"], given["words_en"], given["words_es"])
        self.log_change(request, text, _t("Withdrawn by %(side)s.") % {"side": self._side(request)})
        self.message_user(request, _t("%(text)s was withdrawn.") % {"text": text.caption}, messages.SUCCESS)

    # Many together

    @admin.action(description=_("Approve for my delegation"), permissions=["clear"])
    def set_key(self, request, queryset):
        """Show what is to be approved, those never opened at the top; then approve each text whose digest was seen."""
        reauthentication.require_recent(request)  # Before the page of the selection, which would be lost after it.
        texts = list(queryset.select_related("author", "plan").order_by("pk"))
        seen = review_queue.opened(self.model, request.user)
        never = [text for text in texts if (text.pk, text.digest) not in seen]
        acknowledged = bool(request.POST.get("acknowledged"))
        unexplained = clearance.unexplained_concerns(texts, request.user, request.POST.get("word", ""))
        if "confirmed" not in request.POST or (never and not acknowledged) or unexplained:
            return self._ask(request, texts, never, confirmed="confirmed" in request.POST)
        done = []
        for text in texts:
            try:
                done.append(self._approve(request, text))
            except ValidationError as refused:
                self._tell_refusals(request, refused, text)
        if done:
            self._tell_approved(request, done)
        back = self.queue_address(request)
        return HttpResponseRedirect(back) if back else None

    def _ask(self, request, texts, never, confirmed: bool):
        comparisons, remarks = self.compared(texts, request.user), open_remarks(texts)
        rows = [
            {
                "text": text,
                "never": text in never,
                "compared": comparisons.get(text.pk),
                "remarks": remarks.get(text.name, ()),
                "reasons": clearance.clear_refusals(text, request.user, text.digest),
            }
            for text in sorted(texts, key=lambda text: (text not in never, text.pk))
        ]
        title = _t("Approve for your delegation")
        concerns = clearance.unexplained_concerns(texts, request.user, "")
        more = {
            "never": never,
            "unacknowledged": confirmed and not request.POST.get("acknowledged"),
            "queue_query": request.POST.get("queue", ""),
        }
        return self.respond(request, "set_key", title=title, texts=rows, concerns=concerns, **more)

    @admin.action(description=_("Publish together"), permissions=["release"])
    def release(self, request, queryset):
        """Show what would become public; then publish the selection under one publication number, or none of it."""
        try:
            return self._release_together(request, list(queryset.order_by("pk")))
        except ValidationError as refused:
            self._tell_refusals(request, refused)

    def _release_together(self, request, texts):
        """The page that asks for a confirmation, until it is given. Raises Refused."""
        reauthentication.require_recent(request)
        reasons = releasing.release_refusals(texts, request.user)
        if reasons:
            raise clearance.Refused(reasons)
        word = request.POST.get("word", "")
        concerns = clearance.unexplained_concerns(texts, request.user, "")
        if "confirmed" not in request.POST or (concerns and not word.strip()):
            return self._confirm_release(request, texts, concerns)
        made = releasing.release(texts, request.user, word)
        for text in texts:
            self.log_change(request, text, _t("Published (publication %(number)s).") % {"number": made.publication})
        message = ngettext(
            "%(count)d text published (publication %(number)s).",
            "%(count)d texts published (publication %(number)s).",
            len(texts),
        )
        self.message_user(request, message % {"count": len(texts), "number": made.publication}, messages.SUCCESS)
        return None

    def _confirm_release(self, request, texts, concerns):
        comparisons = self.compared(texts, request.user)
        rows = [{"text": text, "compared": comparisons.get(text.pk), "previews": self.previews(text)} for text in texts]
        hidden = {"action": "release", "confirmed": "yes"}
        hidden |= {"queue": request.POST["queue"]} if "queue" in request.POST else {}
        return self.respond(
            request,
            "publish",
            title=_t("Publish now"),
            rows=rows,
            hidden=hidden,
            back=self._back_from(texts),
            concerns=concerns,
        )

    def _back_from(self, texts) -> str:
        if len(texts) == 1:
            return self.change_url(texts[0])
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    @admin.action(description=_("Withdraw from publication"), permissions=["clear"])
    def withdraw(self, request, queryset):
        """Ask for the reason first; then take each text away from readers, at once."""
        texts = list(queryset.order_by("pk"))
        form = WithdrawalForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return self.respond(request, "withdraw", title=_t("Withdraw from publication"), texts=texts, form=form)
        for text in texts:
            try:
                self._withdraw(request, text, form)
            except ValidationError as refused:
                self._tell_refusals(request, refused, text)
        return None

    def _tell_refusals(self, request, refused: ValidationError, text=None) -> None:
        for reason in refused.messages:
            named = text is None or text.caption in reason
            self.message_user(request, reason if named else f"{text.caption}: {reason}", messages.ERROR)
