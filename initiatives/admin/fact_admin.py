"""Facts in the staff site: each has its own form, changed by the side that keeps it."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hled_portal.dates.edtf_dates import to_text
from hled_portal.i18n.bilingual import active_language
from hled_portal.i18n.delegations import Side
from initiatives.facts import date_changes, ready_flag
from initiatives.models import Citation, DateChange, Fact, Participation, Reading
from initiatives.visibility import may_edit
from initiatives.vocabulary.actions import VERBS, FactKind, action_label

from .base import TRANSLATION, RecordAdmin, bilingual_column, warn_about_unmarked_facts
from .fact_form import (
    DATED,
    DateChangePartForm,
    DateChangeRecordForm,
    FactForm,
    JointBox,
    ReadingPartForm,
    ReadingRecordForm,
)
from .inlines import BoundedFormSet, LongPart, PartForm, RecordInline, TableOfParts
from .visibility_mixins import PartMixin

#: Beyond so many readings the page of a figure lists them: each has a page of its own.
READINGS_IN_FORM = 40


class ReadingList(PartMixin, TableOfParts):
    """Readings to be looked at, with a link to the page of each."""

    model = Reading
    formset = BoundedFormSet
    fields = readonly_fields = ("order", "status", "qualifier", "value", "as_of_edtf")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ParticipationInline(LongPart):
    model = Participation
    fields = (
        ("order", "role", "organization"),
        ("unnamed_en", "unnamed_es"),
        ("original_language", "translation_state"),
    )
    autocomplete_fields = ("organization",)


class CitationInline(RecordInline):
    model = Citation
    fields = ("order", "source", "locator", "heading", "heading_order")
    autocomplete_fields = ("source", "heading")


class ReadingInline(LongPart):
    model = Reading
    form = ReadingPartForm
    autocomplete_fields = ("places", "reporting_body", "paid_by")
    fieldsets = (
        (None, {"fields": (("qualifier", "value"), ("as_of_edtf", "reporting_body"), "change_reason")}),
        (
            _("More"),
            {
                "fields": (
                    ("order", "status"),
                    ("value_to", "out_of", "every"),
                    ("period_edtf", "period_inferred", "duration"),
                    ("as_of_inferred", "paid_by", "places"),
                ),
                "classes": ("collapse",),
            },
        ),
    )


class FirstReadingInline(ReadingInline):
    """A figure is entered with its first value."""

    form = PartForm
    fieldsets = (
        (None, {"fields": ReadingInline.fieldsets[0][1]["fields"][:-1]}),
        *ReadingInline.fieldsets[1:],
    )

    extra = max_num = 1
    verbose_name_plural = _("first reported value")


class DateChangeInline(LongPart):
    model = DateChange
    form = DateChangePartForm
    readonly_fields = ("changed_by",)
    fields = (
        ("order", "reason", "changed_on", "changed_by"),
        ("old_edtf", "old_modality"),
        ("new_edtf", "new_modality"),
        ("text_en", "text_es"),
        ("original_language", "translation_state"),
    )


def requested_kind(request, fact) -> str:
    """The kind of the fact, or of the one to be entered, as its address says; "" where that is open."""
    kind = fact.kind if fact else request.GET.get("kind", "")
    return kind if kind in FactKind.values else ""


def action_choices(kind: str) -> list[tuple[str, str]]:
    """The actions that make facts of a kind, or all of them, as the reader calls them."""
    named = ((key, action_label(key)) for key, verb in VERBS.items() if kind in ("", verb.kind))
    return sorted(named, key=lambda row: row[1])


class FactChoices:
    """A fact is entered for one's own delegation or for both, with an action of its kind."""

    kind = ""

    def chosen_kind(self, request) -> str:
        return self.kind

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        kind = self.chosen_kind(request)
        if db_field.name == "side":
            kept = [choice for choice in Side.choices if may_edit(request.user, choice[0])]
            kwargs |= {"choices": kept, "widget": JointBox(request.user.delegation), "label": _("joint item")}
            kwargs["help_text"] = _("Both delegations keep it. Otherwise it belongs to your delegation.")
        if db_field.name == "action":
            kwargs["choices"] = [("", "---------"), *action_choices(kind)]
        if db_field.name == "kind" and kind:
            kwargs["choices"] = [(kind, FactKind(kind).label)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


@admin.display(description=_("date"), ordering="date_latest")
def date_column(row):
    language = active_language()
    return to_text(row.date_edtf, language, getattr(row, f"date_wording_{language}"))


@admin.register(Fact)
class FactAdmin(FactChoices, RecordAdmin):
    form = FactForm
    set_once = ("key", "initiative", "meeting", "kind")
    list_display = (
        "key",
        "subject",
        "kind",
        "side",
        bilingual_column("object", _("description")),
        date_column,
        "modality",
        "ready",
    )
    list_filter = ("kind", "side", "modality", "ready", "end_reason")
    list_select_related = ("initiative", "meeting")
    search_fields = ("key", "initiative__key", "meeting__key", "object_en", "object_es")
    autocomplete_fields = ("initiative", "meeting", "of", "places")
    actions = (*RecordAdmin.actions, "mark_ready", "take_back")

    @admin.display(description=_("initiative or meeting"), ordering="initiative__key")
    def subject(self, fact):
        return fact.subject.key

    def get_fieldsets(self, request, obj=None):
        """What a fact of this kind has; all of it where the kind is still open. What is rare or automatic is folded."""
        kind, writes = requested_kind(request, obj), obj is None or self.has_change_permission(request, obj)
        said_of = [name for name in ("initiative", "meeting") if not obj or getattr(obj, f"{name}_id")]
        if obj is None and any(request.GET.get(name) for name in said_of):
            said_of = [name for name in said_of if request.GET.get(name)]
        has = {each: kind in ("", each) for each in FactKind}
        dated = any(has[each] for each in DATED)
        rows: list = [*said_of, "kind", *(("action",) if dated else ()), ("object_en", "object_es")]
        rows += [("date_edtf", "modality")] if dated else []
        rows += ["change_reason", ("change_text_en", "change_text_es")] if dated and obj and writes else []
        rows += ["measure", ("unit_en", "unit_es")] if has[FactKind.FIGURE] else []
        fieldsets = [(None, {"fields": (*rows, "side", "ready")}), TRANSLATION]
        if has[FactKind.MILESTONE]:
            ended = (("end_edtf", "end_reason"), ("end_text_en", "end_text_es"))
            fieldsets += [(_("Milestone closure"), {"fields": ended, "classes": ("collapse",)})]
        more: list = [("of", "places")]
        more += ["currency"] if has[FactKind.FIGURE] else []
        more += ["mode", ("series_position", "series_size", "series_rhythm")] if has[FactKind.EVENT] else []
        more += [("duration", "date_inferred"), ("date_wording_en", "date_wording_es")] if dated else []
        fieldsets += [(_("More"), {"fields": (*more, ("key", "order")), "classes": ("collapse",)})]
        return self.with_version_token(request, obj, fieldsets)

    def chosen_kind(self, request):
        return requested_kind(request, self._opened(request))

    def get_form(self, request, obj=None, change=False, **kwargs):
        request.fact_opened = obj
        return super().get_form(request, obj, change, **kwargs)

    @staticmethod
    def _opened(request) -> Fact | None:
        return getattr(request, "fact_opened", None)

    def get_changeform_initial_data(self, request):
        return {"side": request.user.delegation} | super().get_changeform_initial_data(request)

    def get_inlines(self, request, obj):
        """Figures have readings; the dates of saved facts have changes."""
        parts = [ParticipationInline, CitationInline]
        if obj is None:
            return [FirstReadingInline, *parts] if requested_kind(request, None) == FactKind.FIGURE else parts
        if obj.kind == FactKind.FIGURE:
            return [ReadingInline if obj.readings.count() <= READINGS_IN_FORM else ReadingList, *parts]
        return [DateChangeInline, *parts] if obj.kind in DATED else parts

    def save_formset(self, request, form, formset, change):
        if formset.model is DateChange:
            for part in formset.forms:
                if part.has_changed() and part.instance.changed_by_id is None:
                    part.instance.changed_by = request.user
        super().save_formset(request, form, formset, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if form.moves:
            texts = {name: form.cleaned_data[f"change_{name}"] for name in ("text_en", "text_es")}
            explanation = {"reason": form.cleaned_data["change_reason"], **texts}
            date_changes.record_date_change(
                form.instance,
                form.was[:2],
                request.user,
                original_language=form.instance.original_language,
                **explanation,
            )

    def settle_mark(self, request, form):
        """A save that marks the fact settles it, parts included."""
        fact = form.instance
        if form.cleaned_data.get("ready") or not ready_flag.has_draft(fact):
            return
        ready_flag.clear_ready_flag([fact])
        if form.was[2]:
            warn_about_unmarked_facts(self, request)

    @admin.action(description=_("Mark as ready"), permissions=["change"])
    def mark_ready(self, request, queryset):
        self._decide(request, queryset, ready_flag.mark_ready)

    @admin.action(description=_("Return to draft"), permissions=["change"])
    def take_back(self, request, queryset):
        self._decide(request, queryset, ready_flag.mark_unready)

    def _decide(self, request, queryset, verb):
        done = 0
        for fact in queryset.select_related("initiative", "meeting"):
            try:
                verb(fact, request.user)
                done += 1
            except ValidationError as refused:
                self.message_user(request, f"{fact}: {' '.join(refused.messages)}", messages.ERROR)
        if done:
            message = ngettext("%(count)d item updated.", "%(count)d items updated.", done) % {"count": done}
            self.message_user(request, message, messages.SUCCESS)


@admin.register(Reading)
class ReadingAdmin(RecordAdmin):
    form = ReadingRecordForm
    set_once = ("fact",)
    list_display = ("fact", "order", "status", "qualifier", "value", "as_of_edtf", "reporting_body")
    list_filter = ("status", "qualifier")
    list_select_related = ("fact",)
    search_fields = ("fact__key", "fact__initiative__key")
    autocomplete_fields = ("fact", "places", "reporting_body", "paid_by")
    fieldsets = ((None, {"fields": ("fact", *ReadingInline.fieldsets[0][1]["fields"])}), *ReadingInline.fieldsets[1:])
    inlines = (CitationInline,)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("reporting_body__names")


@admin.register(DateChange)
class DateChangeAdmin(RecordAdmin):
    form = DateChangeRecordForm
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
    fields = (("initiative", "fact"), *ParticipationInline.fields)

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
