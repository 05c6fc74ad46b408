"""What readers filter dated items by, over all initiatives: the lists behind the counts of home and of pillars."""

import json
from collections import Counter
from functools import cached_property

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import in_language
from hled_portal.publishing import prepared_queries
from initiatives.models import Edition, Entry
from initiatives.record import register_lookup
from initiatives.record.pillars import NO_PILLAR
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.fact_status import FactStatus
from initiatives.vocabulary.promise_result import PromiseResult

from .base_filters import AnyOf, PublicFilterSet, SelectionForm
from .facet_panel import FacetPanel

KINDS = [(kind.value, kind.label) for kind in (FactKind.MILESTONE, FactKind.EVENT, FactKind.UPDATE)]


class ItemFilter(PublicFilterSet):
    """Items that have a status, of public initiatives at a moment. All parameters may be repeated (any of the values).

    Rows have `status` and `result`. See `PublicFilterSet`.
    """

    columns = {"status": "status", "result": "result", "kind": "kind", "pillar": "edition__pillar_key"}
    stored_values = {"pillar": {NO_PILLAR: ""}}
    status = AnyOf(_("Status"), FactStatus.choices)
    result = AnyOf(
        _("Promises"),
        PromiseResult.choices,
        help_text=_("Milestones that were expected or had a deadline, by the first date that was published for each."),
    )
    kind = AnyOf(_("Type"), KINDS)
    cycle = AnyOf(_("Cycle"))
    pillar = AnyOf(_("Pillar"))

    class Meta:
        model = Entry
        fields = ()
        form = SelectionForm

    def __init__(self, data: QueryDict, at: Moment):
        super().__init__(data, at, Entry.objects.none())
        self.set_choices("cycle", lambda: list(self.cycles.items()))
        self.set_choices("pillar", lambda: self.pillars.choices)
        initiatives = Edition.objects.public(at).initiatives()
        entries = Entry.objects.filter(edition__in=initiatives).with_result(at.day, self.pillars.closed)
        self.queryset = entries.exclude(status=None)

    @cached_property
    def cycles(self) -> dict[str, str]:
        return {row.cycle_key: in_language(row.data["cycle"], "name") for row in self.pillars.editions.values()}

    @cached_property
    def names(self) -> register_lookup.Registers:
        return register_lookup.at_moment(self.at, "source")

    def conditions(self, selected: dict):
        if cycles := selected.get("cycle"):
            keys = [key for key, row in self.pillars.editions.items() if row.cycle_key in cycles]
            yield Q(edition__pillar_key__in=keys)

    def in_order(self, rows, sort: str):
        return rows.by_date()

    def rows(self, ids: list[int]) -> list[Entry]:
        values = {"day": self.at.day, "closed": self.pillars.closed, "ids": json.dumps(ids)}
        rows = {row.pk: row for row in prepared_queries.fetch(_items, **values)}
        return [rows[pk] for pk in ids]


def _items(day, closed, ids):
    rows = Entry.objects.filter(pk__in=prepared_queries.among(ids)).with_result(day, closed).order_by()
    return rows.select_related("edition").defer("edition__content")


class ItemPanel(FacetPanel):
    """The panel of the list of items: a query, and one for each filter in use."""

    filters: ItemFilter
    fields_with_choices = ("status", "result", "kind", "cycle", "pillar")
    fixed_choice_filters = ("status", "result", "kind")

    def count_choices(self, selection: str, names: list[str]) -> dict[str, Counter]:
        cycle_of = {key: row.cycle_key for key, row in self.filters.pillars.editions.items()}
        columns = [ItemFilter.columns.get(name, "edition__pillar_key") for name in names]
        counts = {name: Counter() for name in names}
        given = {"day": self.filters.at.day, "closed": self.filters.pillars.closed, "ids": selection}
        for *values, number in prepared_queries.fetch(_counts, tuple(dict.fromkeys(columns)), **given):
            row = dict(zip(dict.fromkeys(columns), values, strict=True))
            for name, column in zip(names, columns, strict=True):
                value = cycle_of.get(row[column], "") if name == "cycle" else row[column]
                counts[name][NO_PILLAR if name == "pillar" and not value else value] += number
        return counts


def _counts(columns: tuple[str, ...], day, closed, ids):
    rows = Entry.objects.filter(pk__in=prepared_queries.among(ids)).with_result(day, closed).order_by()
    return rows.values_list(*columns).annotate(number=Count("pk"))
