"""Initiatives in the staff site."""

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth import get_user_model
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hled_portal.admin.date_fields import read_date_view
from hled_portal.admin.input_hardening import SafeAdmin
from hled_portal.i18n.bilingual import LANGUAGES
from initiatives.facts import contradictions
from initiatives.models import Initiative, Link, ReportingDuty, Staff
from initiatives.vocabulary.choices import Stage

from . import progress_report
from .base import RecordAdmin, bilingual_column
from .fact_admin import CitationInline, ParticipationInline
from .fact_summary import BesideMixin
from .first_items import FIRST_PARTS
from .inlines import KeyedForm, LongPart, RecordInline
from .proposal_page import ProposableAdmin


class StaffChoices:
    """Staff in a plain list: not everybody who edits may look through the accounts."""

    def get_field_queryset(self, db, db_field, request):
        if db_field.remote_field.model is get_user_model():
            return get_user_model().objects.filter(is_staff=True, is_active=True).order_by("username")
        return super().get_field_queryset(db, db_field, request)


class LinkInline(LongPart):
    model = Link
    fk_name = "initiative"
    autocomplete_fields = ("to_initiative", "to_organization")
    fields = (
        ("order", "kind"),
        ("to_initiative", "to_organization"),
        ("unnamed_en", "unnamed_es"),
        ("original_language", "translation_state"),
    )


class ReportingDutyInline(StaffChoices, RecordInline):
    model = ReportingDuty
    autocomplete_fields = ("organization",)
    fields = ("organization", "user", "every")


def with_remaining_columns(model, *fieldsets) -> tuple:
    """The fieldsets, and last the editable columns that none of them names; both languages of a pair on one line."""
    named = set(flatten_fieldsets(fieldsets))
    columns = [*model._meta.fields, *model._meta.many_to_many]
    names = [column.name for column in columns if column.editable and not column.primary_key]
    pairs = {f"{pair}_{language}": pair for pair in model.pairs for language in LANGUAGES}
    rows = [
        tuple(f"{pairs[name]}_{language}" for language in LANGUAGES) if name in pairs else name
        for name in names
        if name not in named
    ]
    return (*fieldsets, (None, {"fields": tuple(dict.fromkeys(rows))})) if rows else fieldsets


@admin.register(Initiative)
class InitiativeAdmin(BesideMixin, ProposableAdmin):
    form = KeyedForm
    list_display = (
        "key",
        bilingual_column("title", _("title")),
        "pillar_key",
        "kind",
        "stage",
        "confidence",
        "progress",
    )
    list_filter = ("pillar", "stage", "confidence", "kind")
    list_select_related = ("pillar",)
    search_fields = ("key", "title_en", "title_es", "summary_en", "summary_es")
    autocomplete_fields = ("pillar", "workstream", "parent", "places", "topics", "replaced_by")
    inlines = (ParticipationInline, LinkInline, ReportingDutyInline, CitationInline)
    fieldsets = with_remaining_columns(
        Initiative,
        (_("Texts"), {"fields": (("title_en", "title_es"), ("summary_en", "summary_es"))}),
        (None, {"fields": (("original_language", "translation_state"),)}),
        (_("Status and classification"), {"fields": (("stage", "kind"), "pillar", ("places", "topics"))}),
        (
            _("More"),
            {"fields": (("key", "confidence"), ("workstream", "parent"), "replaced_by"), "classes": ("collapse",)},
        ),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("pillar__cycle")

    def get_changeform_initial_data(self, request):
        """What is new is planned, unless its editor says otherwise."""
        return {"stage": Stage.PLANNED} | super().get_changeform_initial_data(request)

    def get_inlines(self, request, obj):
        """A new initiative comes with its first items, for whom a delegation can keep them."""
        return FIRST_PARTS if obj is None and request.user.delegation else super().get_inlines(request, obj)

    @admin.display(description=_("pillar"), ordering="pillar__number")
    def pillar_key(self, initiative):
        return initiative.pillar.key if initiative.pillar else "–"

    @admin.display(description=_("progress"))
    def progress(self, initiative):
        return progress_report.link_to(initiative)

    def get_list_display(self, request):
        columns = super().get_list_display(request)
        return [name for name in columns if name != "progress" or progress_report.may_report(request.user)]

    def notes(self, request, initiative, facts):
        return {
            "contradictions": contradictions.find_contradictions(initiative, facts, timezone.localdate()),
            "report_address": progress_report.progress_report_url(initiative)
            if progress_report.may_report(request.user)
            else "",
        }

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("read-date/", view(read_date_view), name="initiatives_typed_date"),
            path("<int:pk>/report/", view(self.report_view), name="initiatives_fact_report"),
            *super().get_urls(),
        ]

    def report_view(self, request, pk):
        return progress_report.progress_report(self, request, pk)


@admin.register(Link)
class LinkAdmin(RecordAdmin):
    set_once = ("initiative",)
    list_display = ("initiative", "order", "kind", "to_initiative", "to_organization", "unnamed_en")
    list_filter = ("kind",)
    list_select_related = ("initiative", "to_initiative")
    search_fields = ("initiative__key", "to_initiative__key", "to_organization__key", "unnamed_en", "unnamed_es")
    autocomplete_fields = ("initiative", "to_initiative", "to_organization")
    fields = ("initiative", *LinkInline.fields)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("to_organization__names")


@admin.register(ReportingDuty)
class ReportingDutyAdmin(StaffChoices, RecordAdmin):
    set_once = ("initiative",)
    list_display = ("initiative", "organization", "user", "every")
    list_select_related = ("initiative", "user")
    search_fields = ("initiative__key", "organization__key")
    autocomplete_fields = ("initiative", "organization")
    fields = ("initiative", *ReportingDutyInline.fields)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("organization__names")


@admin.register(Staff)
class StaffAdmin(StaffChoices, SafeAdmin):
    list_display = ("user", "organization")
    list_select_related = ("user",)
    search_fields = ("user__username", "organization__key")
    autocomplete_fields = ("organization",)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("organization__names")
