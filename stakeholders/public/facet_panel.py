"""The panel of the list of recommendations."""

from collections import Counter
from functools import cached_property

from hled_portal.dates.as_of import Moment, instant
from hled_portal.publishing import prepared_queries
from initiatives.filters.facet_panel import FacetPanel
from stakeholders.models import Response

from . import published
from .filters import FILTER_COLUMNS, RecommendationFilter


class RecommendationPanel(FacetPanel):
    """Two queries, two for each filter in use."""

    filters: RecommendationFilter
    fields_with_choices = (*FILTER_COLUMNS, "outcome", "overdue")
    fixed_choice_filters = ("state", "outcome", "overdue")

    @cached_property
    def outcomes(self) -> dict[str, set[str]]:
        """The outcomes of the public responses to each recommendation."""
        responses = Response.objects.public(self.filters.at).order_by()
        outcomes: dict[str, set[str]] = {}
        for key, outcome in responses.values_list("recommendation_key", "outcome"):
            outcomes.setdefault(key, set()).add(outcome)
        return outcomes

    def count_choices(self, selection: str, names: list[str]) -> dict[str, Counter]:
        at = self.filters.at
        counts = {name: Counter() for name in names}
        filters = [name for name in FILTER_COLUMNS if name in names]
        columns = ("key", "answer_due", "public_state", *(FILTER_COLUMNS[name] for name in filters))
        for key, due, state, *values in prepared_queries.fetch(
            _columns, columns, at=at, now=instant(at), ids=selection
        ):
            for name, value in zip(filters, values, strict=True):
                counts[name][value] += 1
            if "outcome" in counts:
                counts["outcome"].update(self.outcomes.get(key, ()))
            if "overdue" in counts:
                late = due is not None and due < at.day and state != "answered"
                counts["overdue"]["yes" if late else "no"] += 1
        return counts


def _columns(columns: tuple[str, ...], at: Moment, now, ids):
    rows = published.public_recommendations(at, now).filter(pk__in=prepared_queries.among(ids))
    return rows.order_by().values_list(*columns)
