"""What is done with many recommendations at once, from their list or from that of the submissions that include them."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hled_portal.i18n.delegations import Side
from stakeholders.models import LONGEST_POINT, Recommendation, Tag
from stakeholders.triage import campaigns, moves, responses
from stakeholders.vocabulary import Outcome


def colleagues(user):
    """Recommendations officers of the user's delegation."""
    rows = get_user_model().objects.filter(delegation=user.delegation, is_active=True, groups__name="recommendations")
    return rows.order_by("username").distinct()


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(label=_("assigned to"), queryset=None, required=False, empty_label=_("nobody"))

    def __init__(self, data, user):
        super().__init__(data)
        self.fields["to"].queryset = colleagues(user)

    def apply(self, rows, user) -> None:
        moves.assign_all(rows, user, self.cleaned_data["to"])


class TagForm(forms.Form):
    tags = forms.ModelMultipleChoiceField(
        label=_("tags"), queryset=Tag.objects.all(), widget=forms.CheckboxSelectMultiple, to_field_name="key"
    )

    def __init__(self, data, user):
        super().__init__(data)

    def apply(self, rows, user) -> None:
        moves.add_tags(rows, user, list(self.cleaned_data["tags"]))


class SameResponseForm(forms.Form):
    """One response for many recommendations."""

    side = forms.ChoiceField(label=_("responding delegation"))
    outcome = forms.ChoiceField(label=_("outcome"), choices=[("", "–"), *Outcome.choices])
    text_en = forms.CharField(
        label=_("text (English)"), max_length=LONGEST_POINT, widget=forms.Textarea({"rows": 6, "cols": 80})
    )
    text_es = forms.CharField(
        label=_("text (Spanish)"), max_length=LONGEST_POINT, widget=forms.Textarea({"rows": 6, "cols": 80})
    )
    confirmed_translation = forms.BooleanField(label=_("I confirm that both texts say the same"))

    def __init__(self, data, user):
        super().__init__(data)
        self.fields["side"].choices = [(side, Side(side).label) for side in (Side.JOINT, user.delegation)]

    def apply(self, rows, user) -> None:
        columns = {name: self.cleaned_data[name] for name in ("outcome", "text_en", "text_es")}
        columns["original_language"] = "es" if user.delegation == "MX" else "en"
        responses.propose_for_many(rows, user, self.cleaned_data["side"], columns)


class BulkActionsMixin:
    """Actions of a list; each asks first, in a page that names what it would change."""

    actions = ("assign_many", "tag_many", "respond_to_many")

    def recommendations_of(self, queryset) -> list[Recommendation]:
        return list(queryset.order_by("pk"))

    @admin.action(description=_("Assign"), permissions=["change"])
    def assign_many(self, request, queryset):
        return self._act_on_many(request, queryset, AssignForm, "assign_many", _t("Assign"))

    @admin.action(description=_("Tag"), permissions=["change"])
    def tag_many(self, request, queryset):
        return self._act_on_many(request, queryset, TagForm, "tag_many", _t("Tag"))

    @admin.action(description=_("Respond to all with one response"), permissions=["change"])
    def respond_to_many(self, request, queryset):
        title = _t("Respond to all with one response")
        done = self._act_on_many(request, queryset, SameResponseForm, "respond_to_many", title)
        return done or HttpResponseRedirect(reverse("admin:stakeholders_response_changelist"))

    def _act_on_many(self, request, queryset, form_class, action: str, title: str):
        """The page that asks, until it is filled in; then None. All is done or nothing."""
        chosen, rows = list(queryset.order_by("pk")[: campaigns.MAX_LETTERS + 1]), self.recommendations_of(queryset)
        if not rows or len(chosen) > campaigns.MAX_LETTERS:
            reason = _t("Select up to %(most)s submissions at a time.") % {"most": campaigns.MAX_LETTERS}
            reason = reason if rows else _t("The selection has no recommendations yet. Accept the points first.")
            self.message_user(request, reason, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        form = form_class(request.POST if "confirmed" in request.POST else None, request.user)
        if form.is_valid():
            try:
                with transaction.atomic():
                    form.apply(rows, request.user)
            except ValidationError as refused:
                for reason in refused.messages:
                    form.add_error(None, reason)
            else:
                message = ngettext(
                    "%(n)d recommendation was changed.", "%(n)d recommendations were changed.", len(rows)
                )
                self.message_user(request, message % {"n": len(rows)}, messages.SUCCESS)
                return None
        return self.respond(request, "bulk", title, form=form, rows=rows, chosen=chosen, action=action)
