"""Admins of consultations, areas of recommendations, tags and campaigns."""

from django.contrib import admin
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.dates import timezones
from hled_portal.publishing.clearance import public_change
from initiatives.admin.base import TRANSLATION
from stakeholders.models import Area, Campaign, Consultation, Tag

from .base import WrittenAdmin


@admin.register(Consultation)
class ConsultationAdmin(WrittenAdmin):
    """Calls for input. A change is seen by readers at once, where the call is public."""

    list_display = ("key", "title", "opens", "closes", "status", "number_of_letters")
    search_fields = ("key", "title_en", "title_es")
    autocomplete_fields = ("meeting", "pillars", "areas")
    fieldsets = (
        (None, {"fields": ("key", "title_en", "title_es", "text_en", "text_es")}),
        (_("Date"), {"fields": (("opens", "closes"), "ends", "published_at")}),
        (_("Subject"), {"fields": ("meeting", "pillars", "areas")}),
        TRANSLATION,
    )
    readonly_fields = ("ends",)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in ("text_en", "text_es"):
            field.help_text = _("State the question, whom it is for and its purpose. Shown on the consultation's page.")
        if db_field.name == "published_at":
            field.help_text = _("Date when it becomes public. If empty, it is not public.")
            for widget, label in zip(field.widget.widgets, (_("Date"), _("Time")), strict=True):
                widget.attrs["aria-label"] = label
        return field

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(letters_count=Count("letters"))

    @admin.display(description=_("closes on"))
    def ends(self, row):
        return timezones.to_text(row.closes_at) if row.pk and row.closes_at else "–"

    @admin.display(description=_("status"))
    def status(self, row):
        now = timezone.now()
        if row.published_at is None or row.published_at > now:
            return _t("not public")
        if row.opens_at > now:
            return _t("not yet open")
        return _t("closed") if row.closes_at and row.closes_at <= now else _t("open")

    @admin.display(description=_("submissions"), ordering="letters_count")
    def number_of_letters(self, row):
        return row.letters_count

    def save_model(self, request, obj, form, change):
        with public_change():
            super().save_model(request, obj, form, change)


@admin.register(Area)
class AreaAdmin(WrittenAdmin):
    list_display = ("key", "name", "order", "source_key")
    search_fields = ("key", "name_en", "name_es")
    fieldsets = ((None, {"fields": ("key", "name_en", "name_es", "order", "source_key")}), TRANSLATION)


class _NamedAdmin(WrittenAdmin):
    list_display = ("key", "name", "number_of_recommendations")
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
