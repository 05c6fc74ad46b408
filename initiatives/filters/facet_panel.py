"""The panel of a filtered list: choices with their counts, chips of the filters in use, ways out of an empty list."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hled_portal.i18n.delegations import Side
from initiatives.record.pillars import NO_PILLAR

from .base_filters import AnyOf, PublicFilterSet
from .initiative_filters import FILTER_COLUMNS, InitiativeFilter

FACETS = ("organization", "role", "place", "country", "topic")
YES_NO_FILTERS = ("delegation", "past", "figures")
COLUMN_FILTERS = {column: name for name, column in FILTER_COLUMNS.items()}
#: Filters that are shown beside another that is in use, and those that are removed together with another.
SHOWN_BESIDE = {"role": "organization", "workstream": "pillar"}
REMOVED_TOGETHER = {"organization": ("organization", "role"), "from": ("from", "to")}
#: A filter with more choices than the first shows its most frequent ones, and all of them where `ALL_CHOICES` names it.
MOST_CHOICES, FREQUENT_CHOICES = 8, 5
#: The parameter of an address with the filters whose choices are all shown; any value shows the further filters too.
ALL_CHOICES = "options"


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True)
class Field:
    """One filter with its choices, all `total` of them or the most frequent and the selected ones.

    `single`: at most one of them can be selected; `complete`: the reader asked for all.
    """

    name: str
    label: str
    hint: str
    errors: list[str]
    choices: list[Choice]
    single: bool
    total: int
    complete: bool

    @property
    def has_more(self) -> bool:
        return self.total > len(self.choices)

    @property
    def is_open(self) -> bool:
        return bool(self.selected_count or self.errors or self.complete)

    @property
    def selected_count(self) -> int:
        return sum(choice.selected for choice in self.choices)


@dataclass(frozen=True)
class Chip:
    """A selected value, and the query of the page without it."""

    label: str
    value: str
    query: str


@dataclass(frozen=True)
class Error:
    """An error of a filter, repeated above the list because its choices may be folded."""

    label: str
    message: str


@dataclass(frozen=True)
class WayOut:
    """A filter of an empty selection, and how many rows the selection has without it."""

    label: str
    query: str
    count: int


class FacetPanel:
    """The panel of a filter set whose selection has `total` rows.

    The choices of a filter in use are counted as if it were not: one or two more queries for each of them. An empty
    selection takes one query more for each filter in use. `text`, `days` and `sort` are bound form fields.
    """

    fields_with_choices: tuple[str, ...] = ()
    #: Filters whose choices are all shown, also those without rows.
    fixed_choice_filters: tuple[str, ...] = ()
    #: Filters that are shown when a reader asks for more of them, and while they are in use.
    further_filters: tuple[str, ...] = ()

    def __init__(self, filters: PublicFilterSet, total: int):
        self.filters, self.form = filters, filters.form
        self.complete = set(filters.data.getlist(ALL_CHOICES))
        names = [name for name in self.fields_with_choices if self.is_shown(name)]
        counts = self.counts(names)
        self.fields = [self._field(name, counts[name]) for name in filters.filters if name in names]
        further = [name for name in filters.filters if name in self.further_filters and not self.is_shown(name)]
        self.further = [
            _("Dates") if name == "from" else str(self.form[name].label) for name in further if name != "to"
        ]
        self.has_more = bool(self.further) or any(field.has_more for field in self.fields)
        self.text = self.form["q"] if "q" in filters.filters else None
        shows_days = any(name in filters.filters and self.is_shown(name) for name in ("from", "to"))
        self.days = [self.form[name] for name in ("from", "to")] if shows_days else []
        self.sort = self.form["sort"] if "sort" in filters.filters else None
        self.errors = [
            Error(str(self.form[name].label), message)
            for name, messages in filters.errors.items()
            for message in messages
        ]
        self.chips = self._chips()
        self.ways_out = self._ways_out() if filters.is_valid() and not total else []

    def is_shown(self, name: str) -> bool:
        in_use = self.filters.raw_values
        if in_use(name) or (name in SHOWN_BESIDE and in_use(SHOWN_BESIDE[name])):
            return True
        return bool(self.complete) if name in self.further_filters else name not in SHOWN_BESIDE

    def count_choices(self, selection, names: list[str]) -> dict[str, Counter]:
        """How many rows of a selection (`PublicFilterSet.countable`) each choice leaves."""
        raise NotImplementedError

    def is_offered(self, name: str, value: str) -> bool:
        """Whether a choice that is not selected is shown at all."""
        return True

    def counts(self, names: Iterable[str]) -> dict[str, Counter]:
        """How many rows each choice of these filters would give, the other filters being as they are."""
        used = [name for name in names if name in self.filters.selected]
        counts = self.count_choices(self.filters.countable(), [name for name in names if name not in used])
        for name in used:
            others = self.filters.countable(*REMOVED_TOGETHER.get(name, (name,)))
            counts |= self.count_choices(others, [name])
        return counts

    def _field(self, name: str, counts: Counter) -> Field:
        bound = self.form[name]
        selected = self.filters.raw_values(name)
        is_fixed, complete = name in self.fixed_choice_filters, name in self.complete
        choices = [
            (value, label)
            for value, label in bound.field.choices
            if value in selected or (value and (is_fixed or counts[value]) and self.is_offered(name, value))
        ]
        total = len(choices)
        if total > MOST_CHOICES and not is_fixed and not complete:
            choices.sort(key=lambda choice: -counts[choice[0]])  # Those of the same number stay in their order.
            choices = choices[:FREQUENT_CHOICES] + [one for one in choices[FREQUENT_CHOICES:] if one[0] in selected]
        shown = [Choice(value, capfirst(label), counts[value], value in selected) for value, label in choices]
        single = not isinstance(self.filters.filters[name], AnyOf)
        texts = name, str(bound.label), str(bound.help_text), list(bound.errors)
        return Field(*texts, shown, single, total, complete)

    def _chips(self) -> list[Chip]:
        return [
            Chip(str(self.form[name].label), self._value_label(name, value), self._query_without((name,), value))
            for name in self.filters.filters
            if name != "sort"
            for value in self.filters.raw_values(name)
        ]

    def _value_label(self, name: str, value: str) -> str:
        """The label of a value; the value itself where the filter does not know it."""
        if name in ("from", "to"):
            day = self.filters.selected.get(name)
            return date_format(day, "DATE_FORMAT") if day else value
        labels = dict(getattr(self.form.fields[name], "choices", ()))
        return capfirst(str(labels[value])) if value in labels else value

    def _query_without(self, names: Iterable[str], value: str = "") -> str:
        """The query of the first page without these parameters, or without one value of theirs."""
        params = self.filters.data.copy()
        params.pop("page", None)
        params.pop(ALL_CHOICES, None)
        for name in names:
            params.setlist(name, [other for other in params.getlist(name) if value and other != value])
        if not any(params.getlist("organization")):
            params.pop("role", None)  # A role without an organization is an error.
        kept = [(name, one) for name, values in params.lists() for one in values if one]
        return f"?{urlencode(kept)}" if kept else "."

    def _ways_out(self) -> list[WayOut]:
        """The filters in use that leave some rows when removed, the most rows first."""
        ways = []
        for name in self.filters.selected:
            names = REMOVED_TOGETHER.get(name, (name,))
            if name == "to" and "from" in self.filters.selected:
                continue  # Both days are removed together.
            if count := self.filters.narrowed(*names).count():
                ways.append(WayOut(self._label(names), self._query_without(names), count))
        return sorted(ways, key=lambda way: -way.count)

    def _label(self, names: Iterable[str]) -> str:
        return "; ".join(
            f"{self.form[name].label}: {', '.join(self._value_label(name, value) for value in values)}"
            for name in names
            if (values := self.filters.raw_values(name))
        )


class InitiativePanel(FacetPanel):
    """The panel of the list of initiatives."""

    filters: InitiativeFilter
    fields_with_choices = (*FILTER_COLUMNS, *FACETS, *YES_NO_FILTERS)
    fixed_choice_filters = ("stage", "confidence", "kind", "delegation", "past", "figures")
    further_filters = ("workstream", "confidence", "kind", "delegation", "country", "past", "figures", "from", "to")

    def is_offered(self, name: str, value: str) -> bool:
        """A register entry that was merged into another is offered no more."""
        return name not in ("organization", "place", "topic") or self.filters.names.heir(name, value) == value

    def count_choices(self, selection: int, names: list[str]) -> dict[str, Counter]:
        index, chosen = self.filters.index, selection
        rows: dict[str, Counter] = {name: Counter() for name in names}
        for (column, value), bits in index.columns.items():
            if (name := COLUMN_FILTERS[column]) in rows:
                rows[name][NO_PILLAR if name == "pillar" and not value else value] = bits & chosen
        for facet, bits in index.facets.items():
            for name, value in self._facet_choices(*facet):
                if name in rows:
                    rows[name][value] |= bits & chosen
        for name in ("past", "figures"):
            if name in rows:
                yes = index.answers[name] & chosen
                rows[name].update(yes=yes, no=chosen & ~yes)
        if "delegation" in rows:
            rows["delegation"].update({side: index.answers[side] & chosen for side in Side.values})
        return {
            name: Counter({value: bits.bit_count() for value, bits in choices.items()})
            for name, choices in rows.items()
        }

    def _facet_choices(self, kind: str, key: str, role: str):
        """The filters and choices that select a facet."""
        names, selected = self.filters.names, self.filters.selected
        if kind == "place":
            yield from (("place", place) for place in names.places.holders(key))
            yield from (("country", country) for country in names.places.countries(key))
            return
        keys = {key, names.heir(kind, key)}
        if kind == "topic":
            yield from (("topic", topic) for topic in keys)
            return
        roles = selected.get("role")
        if not roles or role in roles:
            yield from (("organization", organization) for organization in keys)
        if not keys.isdisjoint(selected.get("organization", ())):
            yield "role", role
