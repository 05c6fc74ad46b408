"""Forms of a row and of its inlines: each carries a version token and reads typed dates."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _t

from hled_portal.admin.date_fields import TypedDateField
from hled_portal.admin.unique_constraints import UniqueForm, UniqueFormSet
from hled_portal.dates import date_parsing
from initiatives.editions.deletion import deletion_refusals
from initiatives.facts.reporting import first_free, key_of_words
from initiatives.models.base import EdtfField

from .edit_conflicts import VersionTokenField, add_version_token, is_stale, refuse_stale
from .field_hints import hint
from .translations import add_status_control, resolve_status
from .visibility_mixins import PartMixin

#: For `formfield_overrides`: every date of the record is typed.
TYPED_DATES = {EdtfField: {"form_class": TypedDateField}}


def _fill_wordings(form) -> None:
    """Keep the wording of a date whose notation has none (“late 2023”), and drop one that belonged to another date.

    What its writer put into the wording by hand stays.
    """
    if "date_edtf" not in form.changed_data or "date_edtf" not in form.cleaned_data:
        return
    parsed = date_parsing.parse_date(form["date_edtf"].data or "")
    for name in ("date_wording_en", "date_wording_es"):
        if name in form.fields and name not in form.changed_data:
            form.cleaned_data[name] = getattr(parsed, name.removeprefix("date_"))


def unused_key(model, text: str) -> str:
    """A key made of the first words of a text, with a number where another row has it."""
    stem = key_of_words(text, model._meta.get_field("key").max_length) or model._meta.model_name
    taken = set(model._default_manager.filter(key__startswith=stem).values_list("key", flat=True))
    return first_free(stem, taken)


class RecordForm(UniqueForm):
    """A form of one row of the record."""

    version_token = VersionTokenField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        add_version_token(self)
        add_status_control(self)

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk and self.has_changed():
            refuse_stale(self)
        _fill_wordings(self)
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        resolve_status(self)


class KeyedForm(RecordForm):
    """A form of a row that gets its key, where none was typed, from a text that it names."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "key" in self.fields and not self.instance.pk:
            self.fields["key"].required = False

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("key", True) and not self.instance.pk and "key" not in self.errors:
            cleaned["key"] = unused_key(type(self.instance), self.key_source())
        return cleaned

    def key_source(self) -> str:
        names = (
            self.cleaned_data.get(f"{name}_en") or self.cleaned_data.get(f"{name}_es") for name in ("title", "name")
        )
        return next(filter(None, names), "")


class PartForm(RecordForm):
    """A row of an inline: without an order, it comes last."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "order" in self.fields and not self.instance.pk:
            self.fields["order"].required = False
            self.initial["order"] = None


class BoundedFormSet(UniqueFormSet):
    """Inline rows: no more forms are made than were sent or are stored, whatever the management form says."""

    @cached_property
    def management_form(self):
        form = super().management_form
        if self.is_bound and form.is_valid():
            start = f"{self.prefix}-"
            sent = {name[len(start) :].partition("-")[0] for name in self.data if name.startswith(start)}
            most = sum(number.isdecimal() for number in sent) + len(self.get_queryset()) + self.extra
            for name in (TOTAL_FORM_COUNT, INITIAL_FORM_COUNT):
                if form.cleaned_data[name] > most:
                    form.add_error(name, _t("The form announces more rows than it contains. Open the page again."))
                    form.cleaned_data[name] = 0
        return form


class PartFormSet(BoundedFormSet):
    """Inline rows whose orders follow each other; a row that changed meanwhile is not deleted."""

    def add_fields(self, form, index):
        """A new row is written in the language of its parent."""
        super().add_fields(form, index)
        language = getattr(self.instance, "original_language", None)
        if language and "original_language" in form.fields and not form.instance.pk:
            form.initial["original_language"] = language
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = form.fields["DELETE"].label

    def clean(self):
        self._put_last()
        super().clean()
        reasons = [
            _t("Someone else changed “%(row)s” while you were editing. It was not deleted.") % {"row": form.instance}
            for form in (self.deleted_forms if self.can_delete and self.is_bound else ())
            if is_stale(form)
        ]
        if self.can_delete and self.is_bound:
            reasons += deletion_refusals(form.instance for form in self.deleted_forms if form.instance.pk)
        if any(form.instance.pk is None for form in self.initial_forms):
            reasons.append(_t("Someone else deleted one of these rows while you were editing. Open the page again."))
        if reasons:
            raise ValidationError(reasons)

    def _put_last(self):
        if not any(field.name == "order" for field in self.model._meta.fields):
            return
        forms_ = [form for form in self.forms if hasattr(form, "cleaned_data")]
        taken = [form.cleaned_data.get("order") or 0 for form in forms_] + [self._highest]
        for form in forms_:
            given = form.cleaned_data.get("order") if "order" in form.fields else form.instance.pk
            if form.has_changed() and not given:
                taken.append(max(taken) + 1)
                form.cleaned_data["order"] = form.instance.order = taken[-1]

    @cached_property
    def _highest(self) -> int:
        """Also of the rows that this page does not show."""
        if not self.instance.pk or not any(field.name == "order" for field in self.model._meta.fields):
            return 0
        rows = self.model._base_manager.filter(**{self.fk.name: self.instance})
        return rows.order_by("-order").values_list("order", flat=True).first() or 0


class VersionTokenMixin:
    """Adds the version token to each form, reads typed dates, and gives each field a hint."""

    formfield_overrides = TYPED_DATES

    def get_fieldsets(self, request, obj=None):
        return self.with_version_token(request, obj, super().get_fieldsets(request, obj))

    def with_version_token(self, request, obj, fieldsets) -> list:
        (title, options), *rest = fieldsets
        if obj is not None and not self.has_change_permission(request, obj):
            return [(title, options), *rest]
        return [(title, options | {"fields": (*options["fields"], "version_token")}), *rest]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and not field.help_text:
            field.help_text = hint(db_field)
        return field


class _Part(VersionTokenMixin, PartMixin):
    form = PartForm
    formset = PartFormSet


class TableOfParts(admin.TabularInline):
    """Rows in a table, whose fields have a column's heading and no label of their own."""

    template = "admin/table_of_parts.html"

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs["aria-label"] = capfirst(field.label)
        return field


class RecordInline(_Part, TableOfParts):
    pass


class LongPart(_Part, admin.StackedInline):
    pass
