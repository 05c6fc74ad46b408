"""Cycles, pillars, workstreams and meetings in the staff site."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from initiatives.models import Attendance, Cycle, Heading, Meeting, Pillar, Workstream

from .base import TRANSLATION, RecordAdmin, bilingual_column
from .fact_admin import CitationInline, date_column
from .fact_summary import BesideMixin
from .inlines import LongPart
from .proposal_page import ProposableAdmin
from .register import AliasInline


@admin.register(Cycle)
class CycleAdmin(RecordAdmin):
    list_display = ("key", bilingual_column("name", _("name")), "begins", "ends")
    search_fields = ("key", "name_en", "name_es")
    fieldsets = ((None, {"fields": ("key", ("name_en", "name_es"), ("begins", "ends"))}), TRANSLATION)


class WorkstreamInline(LongPart):
    model = Workstream
    fields = (("key", "number"), ("name_en", "name_es"), ("original_language", "translation_state"))


@admin.register(Pillar)
class PillarAdmin(ProposableAdmin):
    list_display = ("key", bilingual_column("name", _("name")), "cycle", "number")
    list_filter = ("cycle",)
    list_select_related = ("cycle",)
    search_fields = ("key", "name_en", "name_es", "aliases__text")
    autocomplete_fields = ("cycle",)
    inlines = (WorkstreamInline, AliasInline)
    fieldsets = ((None, {"fields": ("key", "cycle", "number", ("name_en", "name_es"))}), TRANSLATION)


@admin.register(Workstream)
class WorkstreamAdmin(RecordAdmin):
    list_display = ("key", bilingual_column("name", _("name")), "pillar", "number")
    list_filter = ("pillar",)
    list_select_related = ("pillar",)
    search_fields = ("key", "name_en", "name_es")
    autocomplete_fields = ("pillar",)
    fieldsets = ((None, {"fields": ("key", "pillar", "number", ("name_en", "name_es"))}), TRANSLATION)


class HeadingInline(LongPart):
    model = Heading
    autocomplete_fields = ("pillar", "workstream")
    fields = (
        "order",
        ("pillar", "workstream"),
        ("text_en", "text_es"),
        ("introduction_en", "introduction_es"),
        ("original_language", "translation_state"),
    )


class AttendanceInline(LongPart):
    model = Attendance
    autocomplete_fields = ("organization",)
    fields = ("order", "delegation", "person", ("office_en", "office_es"), "organization")


@admin.register(Meeting)
class MeetingAdmin(BesideMixin, ProposableAdmin):
    list_display = ("key", bilingual_column("name", _("name")), "kind", date_column, "mode", "place", "cycle")
    list_filter = ("kind", "cycle")
    list_select_related = ("place", "cycle")
    search_fields = ("key", "name_en", "name_es")
    autocomplete_fields = ("cycle", "place")
    inlines = (HeadingInline, AttendanceInline)
    fieldsets = (
        (None, {"fields": ("key", "cycle", "kind", ("name_en", "name_es"), "mode", "place")}),
        (_("Date"), {"fields": ("date_edtf", ("date_wording_en", "date_wording_es"))}),
        TRANSLATION,
    )


@admin.register(Heading)
class HeadingAdmin(RecordAdmin):
    set_once = ("meeting",)
    list_display = ("meeting", "order", bilingual_column("text", _("text")), "pillar", "workstream")
    list_filter = ("meeting",)
    list_select_related = ("meeting", "pillar", "workstream")
    search_fields = ("meeting__key", "text_en", "text_es")
    autocomplete_fields = ("meeting", "pillar", "workstream")
    fields = ("meeting", *HeadingInline.fields)


@admin.register(Attendance)
class AttendanceAdmin(RecordAdmin):
    set_once = ("meeting",)
    list_display = ("meeting", "order", "delegation", "person", bilingual_column("office", _("position held")))
    list_filter = ("meeting", "delegation")
    list_select_related = ("meeting",)
    search_fields = ("meeting__key", "person", "office_en", "office_es")
    autocomplete_fields = ("meeting", "organization")
    inlines = (CitationInline,)
    fields = ("meeting", *AttendanceInline.fields)
