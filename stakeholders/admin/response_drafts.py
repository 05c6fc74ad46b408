"""Writing answers, and proposing them: what would be frozen is shown first, and only that is proposed."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.admin.input_hardening import is_primary_key
from initiatives.admin.base import TRANSLATION
from initiatives.admin.inlines import RecordForm
from stakeholders.models import ResponseDraft
from stakeholders.models.concerns import open_concerns
from stakeholders.triage import access, responses

from .base import ProposalVerbs, ProposingAdmin


class DraftForm(RecordForm):
    """An answer; what is not filled in yet is asked for when it is proposed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("text_en", "text_es"):
            if name in self.fields:
                self.fields[name].widget = forms.Textarea({"rows": 12, "cols": 90})
                self.fields[name].help_text = _t("The full response, as it will be published.")


@admin.register(ResponseDraft)
class ResponseDraftAdmin(ProposingAdmin):
    """A joint answer is written by both delegations; that of one by that one, and read by the other once shared."""

    form = DraftForm
    list_display = ("answered", "side", "outcome", "shared")
    list_filter = ("side", "outcome")
    list_select_related = ("recommendation",)
    search_fields = ("recommendation__key", "text_en", "text_es")
    readonly_fields = ("answered", "side")
    autocomplete_fields = ("initiatives",)
    set_once = ()
    proposals = ProposalVerbs(
        responses.freeze,
        responses.published,
        responses.open_proposal,
        responses.proposal_refusals,
        responses.propose,
    )
    saved_message = _("The response was saved as a draft.")
    propose_title = _("Propose the response for approval")
    fieldsets = (
        (None, {"fields": (("answered", "side"), "outcome", "text_en", "text_es", "initiatives")}),
        (_("The other delegation"), {"fields": ("shared",)}),
        TRANSLATION,
    )

    @admin.display(description=_("recommendation"), ordering="recommendation__key")
    def answered(self, row):
        return row.recommendation.label

    def get_queryset(self, request):
        readable = access.drafts(request.user).values("pk")
        return super().get_queryset(request).filter(pk__in=readable)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        draft = (
            self.get_queryset(request).filter(pk=object_id).first() if is_primary_key(self.model, object_id) else None
        )
        values = {"key": draft.recommendation.label, "side": draft.get_side_display()} if draft else {}
        names = (
            {"title": _t("Response to recommendation %(key)s: %(side)s") % values, "subtitle": None} if draft else {}
        )
        return super().change_view(request, object_id, form_url, names | (extra_context or {}))

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or access.writes_draft(request.user, obj))

    def get_fieldsets(self, request, obj=None):
        """A joint answer is seen by both anyway."""
        fieldsets = super().get_fieldsets(request, obj)
        return [each for each in fieldsets if obj is None or obj.side != "joint" or "shared" not in each[1]["fields"]]

    def changed_parts(self, old, new):
        return responses.parts(old, new, responses.linked_titles([new, *([old] if old else [])]))

    def concerns(self, request, row):
        return open_concerns(row.recommendation.key, request.user.delegation)
