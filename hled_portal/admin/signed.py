"""The desk of signed texts: read what is frozen, set a key, release. One mixin for all that is signed."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .. import clearance
from ..delegations import Delegation
from ..signed import WithdrawalReason
from .safe import ReadOnlyAdmin


def flat(value, path: str = "") -> list[tuple[str, str]]:
    """Every part of a frozen content with its path, such as `facts / 1 / object_en`; empty parts left out."""
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value, 1)
    else:
        return [] if value in ("", None) else [(path, str(value))]
    return [row for name, part in parts for row in flat(part, f"{path} / {name}" if path else str(name))]


class WithdrawalForm(forms.Form):
    """Why a text is taken away from readers, who see the reason in its place."""

    reason = forms.ChoiceField(label=_("reason"), choices=[("", "–"), *WithdrawalReason.choices])
    words_en = forms.CharField(label=_("in words (English)"), max_length=500, required=False, widget=forms.Textarea)
    words_es = forms.CharField(label=_("in words (Spanish)"), max_length=500, required=False, widget=forms.Textarea)

    def clean(self):
        given = super().clean()
        if "reason" in given:
            found = clearance.refusals_of_reason(given["reason"], given.get("words_en", ""), given.get("words_es", ""))
            if found:
                raise ValidationError(found)
        return given


class SignedAdmin(ReadOnlyAdmin):
    """Frozen texts: nothing is edited; keys, releases and withdrawals go through the verbs of `clearance`."""

    list_display = ("name", "number", "state", "basis", "key_us", "key_mx", "author", "proposed_at", "public_from")
    list_filter = ("state", "basis")
    list_select_related = ("author", "us_officer", "mx_officer")
    date_hierarchy = "proposed_at"
    actions = ("set_key", "release", "withdraw")
    readonly_fields = ("frozen",)
    index_fields: tuple[str, ...] = ()

    @admin.display(description=_("text"))
    def name(self, text):
        return text.name

    @admin.display(description=_("key of the United States"), ordering="us_at")
    def key_us(self, text):
        return text.us_officer

    @admin.display(description=_("key of Mexico"), ordering="mx_at")
    def key_mx(self, text):
        return text.mx_officer

    @admin.display(description=_("frozen content"))
    def frozen(self, text):
        rows = format_html_join("", "<tr><th scope='row'>{}</th><td>{}</td></tr>", flat(text.data))
        return format_html("<table>{}</table>", rows)

    def get_fieldsets(self, request, obj=None):
        signed = ("state", "basis", "source_key", "author", "proposed_at", "digest")
        keys = ("us_officer", "us_at", "us_digest", "mx_officer", "mx_at", "mx_digest")
        return (
            (None, {"fields": (*self.model.identity, *self.index_fields, *signed)}),
            (_("Keys"), {"fields": keys}),
            (_("Release"), {"fields": ("number", "public_from", "publication", "release")}),
            (_("Text"), {"fields": ("frozen",)}),
        )

    def _permitted(self, request, verb: str) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}")

    def has_clear_permission(self, request, obj=None):
        return self._permitted(request, "clear")

    def has_release_permission(self, request, obj=None):
        return self._permitted(request, "release")

    @admin.action(description=_("Set my delegation's key"), permissions=["clear"])
    def set_key(self, request, queryset):
        """Show what is to be keyed first; then key each text whose digest was seen."""
        texts = list(queryset.order_by("pk"))
        if "confirmed" not in request.POST:
            return self._ask(request, texts)
        for text in texts:
            try:
                text = clearance.clear(text, request.user, request.POST.get(f"seen_{text.pk}", ""))
            except ValidationError as refused:
                self._tell_refusals(request, refused, text)
            else:
                self.log_change(request, text, _t("Set the key of %(side)s.") % {"side": self._side(request)})
                self.message_user(request, _t("Your key is set on %(text)s.") % {"text": text.name}, messages.SUCCESS)
        return None

    def _ask(self, request, texts):
        rows = [{"text": text, "rows": flat(text.data)} for text in texts]
        return self._page(request, "set_key", title=_t("Set the key of your delegation"), texts=rows)

    def _page(self, request, template: str, **context):
        context |= {"opts": self.opts, "media": self.media, "side": self._side(request)}
        return TemplateResponse(request, f"admin/{template}.html", self.admin_site.each_context(request) | context)

    @staticmethod
    def _side(request) -> str:
        return str(Delegation(request.user.delegation).label) if request.user.delegation else "–"

    @admin.action(description=_("Release together"), permissions=["release"])
    def release(self, request, queryset):
        """Make the selection public under one publication number, or none of it."""
        texts = list(queryset.order_by("pk"))
        try:
            made = clearance.release(texts, request.user)
        except ValidationError as refused:
            self._tell_refusals(request, refused)
            return
        for text in texts:
            self.log_change(request, text, _t("Released under publication %(number)s.") % {"number": made.publication})
        told = ngettext(
            "%(count)d text is public now, under publication %(number)s.",
            "%(count)d texts are public now, under publication %(number)s.",
            len(texts),
        )
        self.message_user(request, told % {"count": len(texts), "number": made.publication}, messages.SUCCESS)

    @admin.action(description=_("Withdraw from readers"), permissions=["clear"])
    def withdraw(self, request, queryset):
        """Ask for the reason first; then take each text away from readers, at once."""
        texts = list(queryset.order_by("pk"))
        form = WithdrawalForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return self._page(request, "withdraw", title=_t("Withdraw from readers"), texts=texts, form=form)
        given = form.cleaned_data
        for text in texts:
            try:
                clearance.withdraw(text, request.user, given["reason"], given["words_en"], given["words_es"])
            except ValidationError as refused:
                self._tell_refusals(request, refused, text)
            else:
                self.log_change(request, text, _t("Withdrawn by %(side)s.") % {"side": self._side(request)})
                self.message_user(request, _t("%(text)s is withdrawn.") % {"text": text.text}, messages.SUCCESS)
        return None

    def _tell_refusals(self, request, refused: ValidationError, text=None) -> None:
        for reason in refused.messages:
            self.message_user(request, f"{text.name}: {reason}" if text else reason, messages.ERROR)
