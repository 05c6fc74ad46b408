"""What readers see of a selection of recommendations: choices with their counts, chips, ways out of an empty list."""

from collections import Counter

from django.utils.http import urlencode
from django.utils.text import capfirst

from initiatives.filters.facet_panel import Chip, Choice, Error, Field, Panel, WayOut
from stakeholders.models import Response

from .filters import FILTER_COLUMNS, RecommendationFilter

#: Filters whose choices are all shown, also those that would find nothing now.
FIXED_CHOICE_FILTERS = ("state", "outcome", "overdue")
FIELDS = (*FILTER_COLUMNS, "outcome", "overdue")


def build_recommendation_panel(chosen: RecommendationFilter, found: int) -> Panel:
    """The panel of a selection that finds so many. Two queries; one for each filter in use, two for an empty list."""
    outcomes = _outcomes(chosen)
    labels = {name: dict(chosen.form.fields[name].choices) for name in FIELDS}
    counted = _counts(chosen, outcomes)
    return Panel(
        text=chosen.form["q"],
        fields=[_field(chosen, name, counted[name], labels[name]) for name in chosen.filters if name in FIELDS],
        days=[],
        sort=chosen.form["sort"],
        errors=[Error(str(chosen.form[name].label), text) for name, some in chosen.errors.items() for text in some],
        chips=_chips(chosen, labels),
        ways_out=_ways_out(chosen, labels) if chosen.is_valid() and not found else [],
    )


def _outcomes(chosen: RecommendationFilter) -> dict[str, set[str]]:
    """The outcomes of the public answers to each recommendation."""
    found: dict[str, set[str]] = {}
    for key, outcome in Response.objects.public(chosen.at).values_list("recommendation_key", "outcome").order_by():
        found.setdefault(key, set()).add(outcome)
    return found


def _counts(chosen: RecommendationFilter, outcomes: dict[str, set[str]]) -> dict[str, Counter]:
    """How many recommendations each choice would give, the other filters being as they are."""
    used = [name for name in FIELDS if name in chosen.chosen]
    found = _count(chosen, chosen.narrowed(), [name for name in FIELDS if name not in used], outcomes)
    for name in used:
        found |= _count(chosen, chosen.narrowed(name), [name], outcomes)
    return found


def _count(chosen: RecommendationFilter, rows, names: list[str], outcomes) -> dict[str, Counter]:
    found = {name: Counter() for name in names}
    columns = [name for name in FILTER_COLUMNS if name in names]
    told = [FILTER_COLUMNS[name] for name in columns]
    for key, due, state, *values in rows.order_by().values_list("key", "answer_due", "public_state", *told):
        for name, value in zip(columns, values, strict=True):
            found[name][value] += 1
        if "outcome" in found:
            found["outcome"].update(outcomes.get(key, ()))
        if "overdue" in found:
            late = due is not None and due < chosen.at.day and state != "answered"
            found["overdue"]["yes" if late else "no"] += 1
    return found


def _field(chosen: RecommendationFilter, name: str, counted: Counter, labels: dict) -> Field:
    bound, asked = chosen.form[name], chosen.asked(name)
    choices = [
        Choice(value, capfirst(str(label)), counted[value], value in asked)
        for value, label in labels.items()
        if value and (value in asked or name in FIXED_CHOICE_FILTERS or counted[value])
    ]
    return Field(name, str(bound.label), str(bound.help_text), list(bound.errors), choices, name == "overdue")


def _chips(chosen: RecommendationFilter, labels: dict) -> list[Chip]:
    return [
        Chip(str(chosen.form[name].label), _value_label(labels, name, value), _without(chosen, name, value))
        for name in chosen.filters
        if name != "sort"
        for value in chosen.asked(name)
    ]


def _value_label(labels: dict, name: str, value: str) -> str:
    """A value as readers call it; as it was written where the filter does not know it."""
    return capfirst(str(labels.get(name, {}).get(value, value)))


def _without(chosen: RecommendationFilter, name: str, value: str = "") -> str:
    """The address of the page without a parameter, or without one value of it; on its first page."""
    asked = chosen.data.copy()
    asked.pop("page", None)
    asked.setlist(name, [other for other in asked.getlist(name) if value and other != value])
    kept = [(key, one) for key, values in asked.lists() for one in values if one]
    return f"?{urlencode(kept)}" if kept else "."


def _ways_out(chosen: RecommendationFilter, labels: dict) -> list[WayOut]:
    """What an empty list would hold without one of its filters, the most first."""
    found = []
    for name in chosen.chosen:
        if count := chosen.narrowed(name).count():
            words = ", ".join(_value_label(labels, name, value) for value in chosen.asked(name))
            found.append(WayOut(f"{chosen.form[name].label}: {words}", _without(chosen, name), count))
    return sorted(found, key=lambda way: -way.count)
