"""What all sets of filters of readers share: a selection of public rows at a moment, by the query of an address."""

from functools import cached_property

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
    """Values of a list; an empty one, as a form sends it, chooses nothing."""

    def to_python(self, value):
        return [one for one in super().to_python(value) if one]


class AnyOf(django_filters.MultipleChoiceFilter):
    """Several values of one filter: an initiative fits when it has any of them."""

    field_class = MultipleValueField

    def __init__(self, label, choices=(), help_text=""):
        super().__init__(label=label, choices=choices, help_text=help_text)


class Day(django_filters.DateFilter):
    """A day as addresses write it; no other notation, because 12/04/2024 is two days."""

    def __init__(self, label, help_text=""):
        wrong = {"invalid": _("This is not a day. Write year, month and day, such as 2024-04-19.")}
        super().__init__(label=label, input_formats=["%Y-%m-%d"], error_messages=wrong, help_text=help_text)


class SelectionForm(forms.Form):
    """Refuses what each filter alone could not: a role of nobody, a window that ends before it begins."""

    def clean(self):
        chosen = super().clean()
        if chosen.get("role") and not chosen.get("organization") and "organization" not in self.errors:
            self.add_error("role", _("A role is the role of an organization: choose the organization too."))
        first, last = chosen.get("from"), chosen.get("to")
        if first and last and last < first:
            self.add_error("to", _("This day lies before the first day of the window."))
        if chosen.get("q") and not text_analysis.parse_query(chosen["q"]):
            self.add_error("q", _("There is no letter or digit to look for. Write at least one word."))
        return chosen


class PublicFilterSet(django_filters.FilterSet):
    """A set of filters over the rows that are public at a moment; the last class of each says which they are.

    - `.is_valid()`, `.errors`: whether each value is one that the filter knows at that moment; field → messages.
    - `.qs`: the rows chosen, in the order asked for. Empty, not everything, when a value is wrong.
    - `.query_string`: the selection and its order as a query, the same for the same selection: no page, no moment
      (join it with `at.query`), no parameter that is not of these filters. Whoever keeps a selection keeps this.
    - `.narrowed(*without)`: the same without some of its choices and in no order, for counts.

    Parameters of other names are no business of the filters and are left alone.
    """

    #: Filters whose values stand in a column of the rows, with that column.
    columns: dict[str, str] = {}

    def __init__(self, data: QueryDict, at: Moment, rows):
        super().__init__(data, rows)
        self.at = at
        self.frame = Pillars(at)

    def _offer(self, name: str, choices) -> None:
        self.filters[name].extra["choices"] = choices
        vars(self.filters[name]).pop("_field", None)  # Whoever read the class may have made one, without choices.

    @cached_property
    def chosen(self) -> dict:
        """The valid values that were asked for, by parameter; the order is none of them."""
        self.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value and name != "sort"}

    def asked(self, name: str) -> list[str]:
        """The values of a parameter as the address gives them, each once; wrong ones too."""
        values = self.data.getlist(name) if hasattr(self.data, "getlist") else [self.data.get(name)]
        return list(dict.fromkeys(value for value in values if value))

    @property
    def query_string(self) -> str:
        asked = QueryDict(mutable=True)
        for name in self.filters:
            asked.setlist(name, sorted(self.asked(name)))
        return asked.urlencode()

    @property
    def qs(self):
        """django-filter gives everything for an invalid value; here the error stands beside an empty list."""
        found = self.narrowed() if self.is_valid() else self.queryset.none()
        return self.in_order(found, self.form.cleaned_data.get("sort", ""))

    def narrowed(self, *without: str):
        chosen = {name: value for name, value in self.chosen.items() if name not in without}
        columns = {f"{column}__in": chosen[name] for name, column in self.columns.items() if name in chosen}
        return self.queryset.filter(*self.conditions(chosen), **columns)

    def conditions(self, chosen: dict):
        """What the chosen values ask of the rows, beside the values of `columns`."""
        return ()

    def in_order(self, rows, sort: str):
        """The rows in the order asked for; `sort` is empty where none was."""
        return rows
