"""What readers see of a selection: choices with their counts, chips that come off, ways out of an empty list."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.forms import BoundField
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.text import capfirst

from hled_portal.i18n.delegations import Side
from initiatives.models import Facet

from .initiative_filters import FIGURES, FILTER_COLUMNS, InitiativeFilter, has_fact

FACETS = ("organization", "role", "place", "country", "topic")
YES_NO_FILTERS = ("delegation", "past", "figures")
#: Filters whose choices are all shown, also those that would find nothing now.
FIXED_CHOICE_FILTERS = ("stage", "confidence", "kind", "delegation", "past", "figures")
#: What goes with a filter that is taken away.
TOGETHER = {"organization": ("organization", "role"), "from": ("from", "to")}


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Field:
    """One filter with its choices; a count tells how many initiatives the choice gives beside the other filters."""

    name: str
    label: str
    hint: str
    errors: list[str]
    choices: list[Choice]
    single: bool

    @property
    def chosen(self) -> int:
        return sum(choice.chosen for choice in self.choices)


@dataclass(frozen=True)
class Chip:
    """A value that is chosen, and the query of the page without it."""

    label: str
    value: str
    query: str


@dataclass(frozen=True)
class Error:
    """What is wrong with a filter, told above the list too: its choices may be folded."""

    label: str
    message: str


@dataclass(frozen=True)
class WayOut:
    """A filter of a selection that finds nothing, and how many it would find without it."""

    label: str
    query: str
    count: int


@dataclass(frozen=True)
class Panel:
    """The filters with their choices, the chips of those in use, and the ways out where nothing was found.

    `text`, `days` and `sort` are fields of the form; a wrong value of theirs stands beside them like that of any other.
    """

    text: BoundField | None
    fields: list[Field]
    days: list[BoundField]
    sort: BoundField
    errors: list[Error]
    chips: list[Chip]
    ways_out: list[WayOut]


def build_panel(chosen: InitiativeFilter, found: int) -> Panel:
    """The panel of a selection that finds so many initiatives.

    Three queries, and one for each filter in use: its own choices are counted as if it were not. An empty list
    takes one more for each.
    """
    empty = chosen.is_valid() and not found
    return Panel(
        text=chosen.form["q"] if "q" in chosen.filters else None,
        fields=_fields(chosen),
        days=[chosen.form["from"], chosen.form["to"]],
        sort=chosen.form["sort"],
        errors=[
            Error(str(chosen.form[name].label), message) for name, some in chosen.errors.items() for message in some
        ],
        chips=_chips(chosen),
        ways_out=_ways_out(chosen) if empty else [],
    )


# Choices


def _fields(chosen: InitiativeFilter) -> list[Field]:
    of_somebody = chosen.asked("organization") or chosen.asked("role")
    shown = [name for name in (*FILTER_COLUMNS, *FACETS, *YES_NO_FILTERS) if name != "role" or of_somebody]
    counted = counts(chosen, shown)
    return [_field(chosen, name, counted[name]) for name in chosen.filters if name in shown]


def _field(chosen: InitiativeFilter, name: str, counted: Counter) -> Field:
    bound = chosen.form[name]
    asked = chosen.asked(name)
    choices = [
        Choice(value, capfirst(label), counted[value], value in asked)
        for value, label in bound.field.choices
        if value in asked
        or (value and (name in FIXED_CHOICE_FILTERS or counted[value]) and not _is_merged(chosen, name, value))
    ]
    single = name in ("past", "figures")
    return Field(name, str(bound.label), str(bound.help_text), list(bound.errors), choices, single)


def _is_merged(chosen: InitiativeFilter, name: str, value: str) -> bool:
    """Whether another entry of the register stands for this one; it is offered to nobody who did not ask for it."""
    return name in ("organization", "place", "topic") and chosen.names.heir(name, value) != value


def counts(chosen: InitiativeFilter, names: Iterable[str]) -> dict[str, Counter]:
    """How many initiatives each choice of these filters would give, the other filters being as they are."""
    used = [name for name in names if name in chosen.chosen]
    found = _count(chosen, chosen.narrowed(), [name for name in names if name not in used])
    for name in used:
        found |= _count(chosen, chosen.narrowed(*TOGETHER.get(name, (name,))), [name])
    return found


def _count(chosen: InitiativeFilter, editions, names: list[str]) -> dict[str, Counter]:
    found = {name: Counter() for name in names}
    if columns := [name for name in names if name in FILTER_COLUMNS]:
        _count_columns(editions, columns, found)
    if any(name in FACETS for name in names):
        _count_facets(chosen, editions, found)
    if any(name in YES_NO_FILTERS for name in names):
        _count_answers(chosen, editions, found)
    return found


def _count_columns(editions, names: list[str], found: dict[str, Counter]) -> None:
    rows = editions.order_by().values_list(*(FILTER_COLUMNS[name] for name in names)).annotate(number=Count("pk"))
    for *values, number in rows:
        for name, value in zip(names, values, strict=True):
            found[name][value] += number


def _count_facets(chosen: InitiativeFilter, editions, found: dict[str, Counter]) -> None:
    """An initiative counts once for each choice, however many of its facets lead there."""
    kinds = {"role": "organization", "country": "place"}
    wanted = {kinds.get(name, name) for name in found if name in FACETS}
    facets = Facet.objects.filter(edition__in=editions.order_by().values("pk"), kind__in=wanted)
    having = {name: defaultdict(set) for name in found}
    for kind, key, role, edition in facets.values_list("kind", "key", "role", "edition_id"):
        for name, value in _facet_choices(chosen, kind, key, role):
            if name in having:
                having[name][value].add(edition)
    for name, values in having.items():
        found[name].update({value: len(editions) for value, editions in values.items()})


def _facet_choices(chosen: InitiativeFilter, kind: str, key: str, role: str):
    """The filters and choices that find a facet."""
    if kind == "place":
        yield from (("place", place) for place in chosen.names.places.holders(key))
        yield from (("country", country) for country in chosen.names.places.countries(key))
        return
    standing = {key, chosen.names.heir(kind, key)}
    if kind == "topic":
        yield from (("topic", topic) for topic in standing)
        return
    roles = chosen.chosen.get("role")
    if not roles or role in roles:
        yield from (("organization", organization) for organization in standing)
    if not standing.isdisjoint(chosen.chosen.get("organization", ())):
        yield "role", role


def _count_answers(chosen: InitiativeFilter, editions, found: dict[str, Counter]) -> None:
    asked = {side: Q(has_fact(side=side)) for side in Side.values} | {"past": chosen.past_its_date, "figures": FIGURES}
    tallies = {name: Count("pk", filter=condition) for name, condition in asked.items()}
    row = editions.order_by().aggregate(every=Count("pk"), **tallies)
    for name in ("past", "figures"):
        if name in found:
            found[name].update(yes=row[name], no=row["every"] - row[name])
    if "delegation" in found:
        found["delegation"].update({side: row[side] for side in Side.values})


# Chips


def _chips(chosen: InitiativeFilter) -> list[Chip]:
    return [
        Chip(str(chosen.form[name].label), _value_label(chosen, name, value), _without(chosen, (name,), value))
        for name in chosen.filters
        if name != "sort"
        for value in chosen.asked(name)
    ]


def _value_label(chosen: InitiativeFilter, name: str, value: str) -> str:
    """A value as readers call it; as it was written where the filter does not know it."""
    if name in ("from", "to"):
        day = chosen.chosen.get(name)
        return date_format(day, "DATE_FORMAT") if day else value
    labels = dict(getattr(chosen.form.fields[name], "choices", ()))
    return capfirst(str(labels[value])) if value in labels else value


def _without(chosen: InitiativeFilter, names: Iterable[str], value: str = "") -> str:
    """The address of the page without these parameters, or without one value of theirs; on its first page."""
    asked = chosen.data.copy()
    asked.pop("page", None)
    for name in names:
        asked.setlist(name, [other for other in asked.getlist(name) if value and other != value])
    if not any(asked.getlist("organization")):
        asked.pop("role", None)  # The role of nobody would be an error.
    kept = [(name, one) for name, values in asked.lists() for one in values if one]
    return f"?{urlencode(kept)}" if kept else "."


# Ways out


def _ways_out(chosen: InitiativeFilter) -> list[WayOut]:
    """What a list that is empty would hold without one of its filters, the most first."""
    found = []
    for name in chosen.chosen:
        together = TOGETHER.get(name, (name,))
        if name == "to" and "from" in chosen.chosen:
            continue  # The window is taken away as a whole.
        if count := chosen.narrowed(*together).count():
            found.append(WayOut(_label(chosen, together), _without(chosen, together), count))
    return sorted(found, key=lambda way: -way.count)


def _label(chosen: InitiativeFilter, names: Iterable[str]) -> str:
    return "; ".join(
        f"{chosen.form[name].label}: {', '.join(_value_label(chosen, name, value) for value in values)}"
        for name in names
        if (values := chosen.asked(name))
    )
