"""The base of the public filter sets: public rows at a moment, selected by the query of an address."""

import json
from functools import cached_property, partial

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_filters.fields import MultipleChoiceField

from hled_portal.dates.as_of import Moment
from hled_portal.search import text_analysis
from initiatives.record.pillars import Pillars

YES_NO = [("yes", _("Yes")), ("no", _("No"))]


class MultipleValueField(MultipleChoiceField):
    """Values of a list; an empty value, as a form sends it, selects nothing."""

    def to_python(self, value):
        return [one for one in super().to_python(value) if one]


class AnyOf(django_filters.MultipleChoiceFilter):
    """A filter that may be repeated: a row fits when it has any of the values."""

    field_class = MultipleValueField

    def __init__(self, label, choices=(), help_text=""):
        super().__init__(label=label, choices=choices, help_text=help_text)


class Day(django_filters.DateFilter):
    """An ISO day and no other notation, because 12/04/2024 is ambiguous."""

    def __init__(self, label, help_text=""):
        errors = {"invalid": _("Enter a date as year, month and day, for example 2024-04-19.")}
        super().__init__(label=label, input_formats=["%Y-%m-%d"], error_messages=errors, help_text=help_text)


class SelectionForm(forms.Form):
    """Checks between filters: a role needs an organization, a window must end after it begins.

    The fields belong to one filter set, so that no form class is made for it and no list of choices is copied.
    """

    def __init__(self, *args, own_fields: dict[str, forms.Field], **options):
        super().__init__(*args, **options)
        self.fields = own_fields

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("role") and not cleaned.get("organization") and "organization" not in self.errors:
            self.add_error("role", _("To filter by role, choose an organization too."))
        first, last = cleaned.get("from"), cleaned.get("to")
        if first and last and last < first:
            self.add_error("to", _("This date is before the start of the period."))
        if cleaned.get("q") and not text_analysis.parse_query(cleaned["q"]):
            self.add_error("q", _("Enter at least one word to search for."))
        return cleaned


class PublicFilterSet(django_filters.FilterSet):
    """Filters over the rows that are public at a moment.

    - `.qs`: the selected rows in order; empty, not everything, when a value is invalid.
    - `.ids`: the primary keys of `.qs`, found once for a page and its panel; `.rows(ids)`: some of the rows.
    - `.query_string`: the selection and its order as a canonical query, without page, moment and unknown parameters;
      what is stored of a selection (join it with `at.query`).
    - `.narrowed(*without)`: the unordered selection without some of its filters, for counts.
    """

    #: The column of the rows that each simple filter compares.
    columns: dict[str, str] = {}
    #: Choices of simple filters that stand for another value of their column.
    stored_values: dict[str, dict[str, str]] = {}

    def __init__(self, data: QueryDict, at: Moment, rows):
        super().__init__(data, rows)
        self.at = at
        self.pillars = Pillars(at)

    def get_form_class(self):
        return partial(self._meta.form, own_fields={name: filter_.field for name, filter_ in self.filters.items()})

    def set_choices(self, name: str, choices) -> None:
        self.filters[name].extra["choices"] = choices
        vars(self.filters[name]).pop("_field", None)  # Drop a field that was made from the class, without choices.

    @cached_property
    def selected(self) -> dict:
        """The valid values by parameter, without the order."""
        self.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value and name != "sort"}

    def raw_values(self, name: str) -> list[str]:
        """The values of a parameter in the address, each once, invalid ones too."""
        values = self.data.getlist(name) if hasattr(self.data, "getlist") else [self.data.get(name)]
        return list(dict.fromkeys(value for value in values if value))

    @property
    def query_string(self) -> str:
        params = QueryDict(mutable=True)
        for name in self.filters:
            params.setlist(name, sorted(self.raw_values(name)))
        return params.urlencode()

    @property
    def qs(self):
        """Empty for an invalid value, where django-filter gives everything."""
        rows = self.narrowed() if self.is_valid() else self.queryset.none()
        return self.in_order(rows, self.form.cleaned_data.get("sort", ""))

    @cached_property
    def ids(self) -> list[int]:
        """The primary keys of `qs` in its order. One query, none for an invalid value."""
        return list(self.qs.values_list("pk", flat=True))

    def rows(self, ids: list[int]) -> list:
        """The rows of `qs` with these primary keys, in their order. One query."""
        raise NotImplementedError

    def countable(self, *without: str):
        """The selection without some of its filters as its panel counts it: keys for `prepared_queries.among`."""
        if self.is_valid() and not without:
            return json.dumps(self.ids)
        return json.dumps(list(self.narrowed(*without).order_by().values_list("pk", flat=True)))

    def narrowed(self, *without: str):
        selected = {name: value for name, value in self.selected.items() if name not in without}
        columns = {
            f"{column}__in": [self.stored_values.get(name, {}).get(value, value) for value in selected[name]]
            for name, column in self.columns.items()
            if name in selected
        }
        return self.queryset.filter(*self.conditions(selected), **columns)

    def conditions(self, selected: dict):
        """Conditions of the filters that are not in `columns`."""
        return ()

    def in_order(self, rows, sort: str):
        """The rows in the order of `sort`, which may be empty."""
        return rows
