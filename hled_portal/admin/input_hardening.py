"""What every table of the admin shares: it survives forged selections and rows, and answers no hidden filter."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _t

from .unique_constraints import UniqueForm

#: What the filters of Django's admin ask of a column, and its hierarchy of dates.
_LOOKUPS = {"", "exact", "isnull", "isempty"}
_DATE_LOOKUPS = {"year", "month", "day", "gte", "lt"}


def is_primary_key(model, value) -> bool:
    """Whether a text can be a primary key of the model, within the range of its column."""
    try:
        model._meta.pk.clean(value, None)
    except (ValidationError, ValueError, OverflowError):
        return False
    return True


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows; a number that no column can hold is refused, where Django would answer 500 on SQLite."""

    def clean(self, value):
        for key in value or ():
            if not is_primary_key(self.queryset.model, key):
                raise ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": str(key)[:40]}
                )
        return super().clean(value)


class _KnownKeys:
    """Offers again what was chosen, a forged key apart, which would be looked up as it is."""

    def optgroups(self, name, value, attrs=None):
        model = self.field.remote_field.model
        return super().optgroups(name, [key for key in value if not key or is_primary_key(model, key)], attrs)


class _Choice(_KnownKeys, AutocompleteSelect):
    pass


class _Choices(_KnownKeys, AutocompleteSelectMultiple):
    def build_attrs(self, base_attrs, extra_attrs=None):
        """Each choice is removed by itself: the button that removes all would be in a list of its own."""
        return super().build_attrs(base_attrs, extra_attrs) | {"data-allow-clear": "false"}


class RowsMixin:
    """Refuses forged rows, on a page and in its parts."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", _Choice(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", _Choices(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_manytomany(db_field, request, **{"form_class": RowsField} | kwargs)


class SafeAdmin(RowsMixin, admin.ModelAdmin):
    """An admin that survives forged selections and forged rows, and whose lists answer their own filters alone."""

    form = UniqueForm

    class Media:
        css = {"all": ("initiatives/desk.css",)}
        js = ("initiatives/desk.js",)

    def changelist_view(self, request, extra_context=None):
        """Under the name of the table: there is more to do here than to choose a row to change."""
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def lookup_allowed(self, lookup, value, request):
        """Refuse what no filter of the list asks: any other column may hold what the reader must not learn."""
        allowed = {f"{self.date_hierarchy}__{lookup}" for lookup in _DATE_LOOKUPS}
        for each in self.get_list_filter(request):
            if isinstance(each, str | tuple):
                allowed |= self._asked_of(each if isinstance(each, str) else each[0])
            else:
                allowed.add(each.parameter_name)
        return lookup in allowed and super().lookup_allowed(lookup, value, request)

    def _asked_of(self, name: str) -> set[str]:
        field = get_fields_from_path(self.model, name)[-1]
        lookups = {*_LOOKUPS}
        if isinstance(field, models.DateField):
            lookups |= _DATE_LOOKUPS
        if field.is_relation:
            lookups.add(f"{field.target_field.name}__exact")
        return {f"{name}__{each}" if each else name for each in lookups}

    def changeform_view(self, request, *args, **kwargs):
        """Where two people add the same at the same moment, the form of the second is validated again and shown."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            return super().changeform_view(request, *args, **kwargs)

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Django's guesses that it was deleted, also of what the reader may not see."""
        message = _t("This record does not exist, or you do not have permission to see it.")
        self.message_user(request, message, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:index"))

    def response_action(self, request, queryset):
        if not all(is_primary_key(self.model, value) for value in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            self.message_user(request, _t("The selection includes a record that is not valid."), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset)


class ReadOnlyAdmin(SafeAdmin):
    """A table that only the verbs write."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class FilledValuesFilter(admin.AllValuesFieldListFilter):
    """Every value of a column with its rows; the empty one, which would be a link without words, is left out."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.lookup_choices = self.lookup_choices.exclude(**{self.field_path: ""})
