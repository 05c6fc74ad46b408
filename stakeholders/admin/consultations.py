"""Admins of consultations, areas of recommendations, tags and campaigns."""

from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.admin.signed_text_admin import SignedAdmin
from hled_portal.dates import timezones
from initiatives.admin.base import TRANSLATION, bilingual_column
from stakeholders.models import Area, Campaign, Consultation, ConsultationEdition, Tag, opening_and_closing
from stakeholders.triage import access, consultations

from .base import ComparedText, DeletableMixin, ProposalVerbs, ProposingAdmin, WrittenAdmin, compare_text


@admin.register(Consultation)
class ConsultationAdmin(ProposingAdmin):
    """Calls for input as officers write them; readers see the version that both delegations approved."""

    proposals = ProposalVerbs(
        consultations.freeze_consultation,
        consultations.published_consultation,
        consultations.open_consultation_proposal,
        consultations.consultation_refusals,
        consultations.propose_consultation,
    )
    saved_message = _("The consultation was saved as a draft.")
    propose_title = _("Propose the consultation for approval")
    list_display = ("key", bilingual_column("title", _("title")), "opens", "closes", "status", "number_of_letters")
    search_fields = ("key", "title_en", "title_es")
    autocomplete_fields = ("meeting", "pillars", "areas")
    fieldsets = (
        (None, {"fields": ("key", "title_en", "title_es", "text_en", "text_es")}),
        (_("Date"), {"fields": (("opens", "closes"), "ends")}),
        (_("Subject"), {"fields": ("meeting", "pillars", "areas")}),
        TRANSLATION,
    )
    readonly_fields = ("ends",)

    def changed_parts(self, old, new):
        return consultations.consultation_parts(old, new)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in ("text_en", "text_es"):
            field.help_text = _("State the question, whom it is for and its purpose. Shown on the consultation's page.")
        return field

    def get_queryset(self, request):
        state = ConsultationEdition.objects.published().filter(consultation_key=OuterRef("key"))
        columns = {f"public_{name}": Subquery(state.values(name)[:1]) for name in ("opens_at", "closes_at")}
        return super().get_queryset(request).annotate(letters_count=Count("letters"), **columns)

    @admin.display(description=_("closes on"))
    def ends(self, row):
        return timezones.to_text(opening_and_closing(row.opens, row.closes)[1]) if row.pk and row.closes else "–"

    @admin.display(description=_("status"))
    def status(self, row):
        """Of the published version."""
        now = timezone.now()
        if row.public_opens_at is None:
            return _t("not public")
        if row.public_opens_at > now:
            return _t("not yet open")
        return _t("closed") if row.public_closes_at and row.public_closes_at <= now else _t("open")

    @admin.display(description=_("submissions"), ordering="letters_count")
    def number_of_letters(self, row):
        return row.letters_count


@admin.register(ConsultationEdition)
class ConsultationEditionAdmin(SignedAdmin):
    search_fields = ("consultation_key", "title_en", "title_es", "digest")

    def compared(self, texts, user):
        """What each changes of the published version. One query for their predecessors."""
        keys = {text.consultation_key for text in texts}
        rows = ConsultationEdition.objects.filter(consultation_key__in=keys).order_by("-pk")
        return {text.pk: _compared(text, rows, user.delegation) for text in texts}

    def propose_address(self, request, text):
        row = Consultation.objects.filter(key=text.consultation_key).first()
        if row is None or not access.can_triage(request.user):
            return ""
        return reverse("admin:stakeholders_consultation_propose", args=[row.pk])


def _compared(text: ConsultationEdition, rows, delegation: str) -> ComparedText:
    same = [row for row in rows if row.consultation_key == text.consultation_key and row.pk < text.pk]
    return compare_text(text, same, delegation, consultations.consultation_parts)


@admin.register(Area)
class AreaAdmin(DeletableMixin, WrittenAdmin):
    list_display = ("key", bilingual_column("name", _("name")), "order", "source_key")
    search_fields = ("key", "name_en", "name_es")
    fieldsets = ((None, {"fields": ("key", "name_en", "name_es", "order", "source_key")}), TRANSLATION)


class _NamedAdmin(DeletableMixin, WrittenAdmin):
    list_display = ("key", bilingual_column("name", _("name")), "number_of_recommendations")
    search_fields = ("key", "name_en", "name_es")
    fieldsets = ((None, {"fields": ("key", "name_en", "name_es")}), TRANSLATION)

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(recommendations_count=Count("recommendations"))

    @admin.display(description=_("recommendations"), ordering="recommendations_count")
    def number_of_recommendations(self, row):
        return row.recommendations_count


@admin.register(Tag)
class TagAdmin(_NamedAdmin):
    pass


@admin.register(Campaign)
class CampaignAdmin(_NamedAdmin):
    list_display = (*_NamedAdmin.list_display, "number_of_letters")

    def get_queryset(self, request):
        letters = Count("recommendations__askings__letter", distinct=True)
        rows = super().get_queryset(request).annotate(letters_count=letters)
        return rows.annotate(recommendations_count=Count("recommendations", distinct=True))

    @admin.display(description=_("submissions"), ordering="letters_count")
    def number_of_letters(self, row):
        return row.letters_count
