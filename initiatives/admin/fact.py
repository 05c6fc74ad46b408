"""Facts at the desk: each has its own form, changed by the side that keeps it."""

from django.contrib import admin, messages
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.delegations import Side

from ..actions import FactKind
from ..models import Citation, DateChange, Fact, Participation, Reading
from ..sides import may_keep
from .base import TRANSLATION, RecordAdmin, RevisionForm, pair
from .sides import LongPart, Part, PartMixin

#: Beyond so many readings the page of a figure lists them: Django refuses a form of more than 1,000 fields.
READINGS_IN_FORM = 40


class ListPart(PartMixin, admin.TabularInline):
    """Rows to be read, with a link to the page of each."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class FactList(ListPart):
    """The facts of an initiative or of a meeting; they are written on pages of their own."""

    model = Fact
    fields = readonly_fields = ("key", "kind", "order", "side", "action", "object_en", "date_edtf", "modality", "ready")
    ordering = ("order", "key")


class ParticipationInline(Part):
    model = Participation
    fields = ("order", "role", "organization", "unnamed_en", "unnamed_es", "original_language", "translation_state")
    autocomplete_fields = ("organization",)


class CitationInline(Part):
    model = Citation
    fields = ("order", "source", "locator", "heading", "heading_order")
    autocomplete_fields = ("source", "heading")


class ReadingInline(LongPart):
    model = Reading
    autocomplete_fields = ("places", "reporting_body")
    fields = (
        ("order", "status", "qualifier", "value"),
        ("as_of_edtf", "as_of_inferred"),
        ("period_edtf", "period_inferred", "duration"),
        "places",
        "reporting_body",
    )


class ReadingList(ListPart):
    model = Reading
    fields = readonly_fields = ("order", "status", "qualifier", "value", "as_of_edtf")


class DateChangeInline(LongPart):
    model = DateChange
    readonly_fields = ("changed_by",)
    fields = (
        ("order", "reason", "changed_on", "changed_by"),
        ("old_edtf", "old_modality"),
        ("new_edtf", "new_modality"),
        ("text_en", "text_es"),
        ("original_language", "translation_state"),
    )


class SideChoices:
    """A fact is entered for one's own delegation or for both."""

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "side":
            kept = [choice for choice in Side.choices if may_keep(request.user, choice[0])]
            kwargs["choices"] = [("", "---------"), *kept]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


@admin.register(Fact)
class FactAdmin(SideChoices, RecordAdmin):
    form = RevisionForm
    set_once = ("key", "initiative", "meeting")
    list_display = ("key", "subject", "kind", "side", pair("object", _("object")), "date_edtf", "modality", "ready")
    list_filter = ("kind", "side", "modality", "ready", "end_reason")
    list_select_related = ("initiative", "meeting")
    search_fields = ("key", "initiative__key", "meeting__key", "object_en", "object_es")
    autocomplete_fields = ("initiative", "meeting", "of", "places")
    fieldsets = (
        (None, {"fields": ("initiative", "meeting", "key", "kind", "order", "side", "ready", "seen_revision")}),
        (_("What"), {"fields": ("action", ("object_en", "object_es"), "of", "places")}),
        (
            _("When"),
            {
                "fields": (
                    ("date_edtf", "modality", "relation", "date_inferred"),
                    ("date_wording_en", "date_wording_es"),
                    "duration",
                )
            },
        ),
        (_("Event"), {"fields": ("mode", ("series_position", "series_size", "series_rhythm"))}),
        (_("End of a milestone"), {"fields": (("end_edtf", "end_reason"), ("end_text_en", "end_text_es"))}),
        (_("Figure"), {"fields": ("measure", ("unit_en", "unit_es"), "currency")}),
        TRANSLATION,
    )

    @admin.display(description=_("subject"), ordering="initiative__key")
    def subject(self, fact):
        return fact.subject.key

    def get_inlines(self, request, obj):
        """Readings hang on figures; dates change once a fact is there."""
        parts = [ParticipationInline, CitationInline]
        if obj is None:
            return parts
        if obj.kind != FactKind.FIGURE:
            return [DateChangeInline, *parts]
        return [ReadingInline if obj.readings.count() <= READINGS_IN_FORM else ReadingList, *parts]

    def save_formset(self, request, form, formset, change):
        if formset.model is DateChange:
            for part in formset.forms:
                if part.has_changed() and part.instance.changed_by_id is None:
                    part.instance.changed_by = request.user
        super().save_formset(request, form, formset, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        changed = form.has_changed() or any(formset.has_changed() for formset in formsets)
        fact = form.instance
        if change and changed and fact.side != Side.JOINT and fact.ready and "ready" not in form.changed_data:
            fact.ready = False
            fact.save(update_fields=["ready"])
            told = _t("The fact changed: it is proposed again once your delegation marks it ready.")
            self.message_user(request, told, messages.WARNING)


@admin.register(Reading)
class ReadingAdmin(RecordAdmin):
    set_once = ("fact",)
    list_display = ("fact", "order", "status", "qualifier", "value", "as_of_edtf", "reporting_body")
    list_filter = ("status", "qualifier")
    list_select_related = ("fact",)
    search_fields = ("fact__key", "fact__initiative__key")
    autocomplete_fields = ("fact", "places", "reporting_body")
    fields = ("fact", *ReadingInline.fields)
    inlines = (CitationInline,)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("reporting_body__names")


@admin.register(DateChange)
class DateChangeAdmin(RecordAdmin):
    set_once = ("fact",)
    list_display = ("fact", "order", "old_edtf", "new_edtf", "reason", "changed_on", "changed_by")
    list_filter = ("reason",)
    list_select_related = ("fact", "changed_by")
    search_fields = ("fact__key", "fact__initiative__key")
    autocomplete_fields = ("fact",)
    readonly_fields = ("changed_by",)
    fields = ("fact", *DateChangeInline.fields)

    def save_model(self, request, obj, form, change):
        obj.changed_by = obj.changed_by or request.user
        super().save_model(request, obj, form, change)


@admin.register(Participation)
class ParticipationAdmin(RecordAdmin):
    set_once = ("initiative", "fact")
    list_display = ("initiative", "fact", "order", "role", "organization", "unnamed_en")
    list_filter = ("role",)
    list_select_related = ("initiative", "fact")
    search_fields = ("initiative__key", "fact__key", "organization__key", "unnamed_en", "unnamed_es")
    autocomplete_fields = ("initiative", "fact", "organization")
    fields = ("initiative", "fact", *ParticipationInline.fields)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("organization__names")


@admin.register(Citation)
class CitationAdmin(RecordAdmin):
    set_once = ("initiative", "fact", "reading", "attendance")
    list_display = ("initiative", "fact", "reading", "attendance", "order", "source", "locator")
    list_filter = ("source",)
    list_select_related = ("initiative", "fact", "reading", "attendance", "source")
    search_fields = ("initiative__key", "fact__key", "source__key", "locator")
    autocomplete_fields = ("initiative", "fact", "reading", "attendance", "source", "heading")
    fields = ("initiative", "fact", "reading", "attendance", *CitationInline.fields)
