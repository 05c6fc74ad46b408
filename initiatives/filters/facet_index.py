"""What the panel of initiatives counts, kept in memory until the public record changes: one bit for each initiative.

Reading and counting the facets of ten thousand initiatives took most of the time of a list. As bits of a number, the
rows that a choice leaves are counted in microseconds.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Count, Q

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.delegations import Side
from hled_portal.publishing import kept_results, prepared_queries
from initiatives.models import Edition, Entry, Facet
from initiatives.models.querysets import entry_conditions
from initiatives.vocabulary.fact_status import FactStatus

#: What is counted of initiatives by their facts.
ANSWERS = (*Side.values, "past", "figures")
#: Moments that are kept: today, and those that readers ask for.
MAX_MOMENTS = 8
#: Orders that are kept: of each moment, by language and `sort`.
MAX_ORDERS = 32


@dataclass
class FacetIndex:
    """The initiatives of a moment as bits; what has a value in a column, a facet or an answer is the sum of them."""

    places: dict[int, int] = field(default_factory=dict)
    columns: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    facets: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    answers: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def every(self) -> int:
        return (1 << len(self.places)) - 1

    def bits(self, ids: Iterable[int]) -> int:
        """The initiatives with these primary keys."""
        found = bytearray(len(self.places) // 8 + 1)
        for place in map(self.places.get, ids):
            if place is not None:  # Else it was published a moment ago.
                found[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(found, "little")

    def any_facet(self, kind: str, keys: Collection[str], roles: Collection[str] | None) -> int:
        wanted = (facet for facet in self.facets if facet[0] == kind and facet[1] in keys)
        return any_of(self.facets, (facet for facet in wanted if not roles or facet[2] in roles))

    def among(self, pks: list[int], bits: int) -> list[int]:
        """Those of these primary keys whose initiatives are in the bits, in their order."""
        chosen = bits.to_bytes(len(self.places) // 8 + 1, "little")
        places = self.places
        return [pk for pk in pks if (place := places.get(pk)) is not None and chosen[place >> 3] >> (place & 7) & 1]


def any_of(bits: dict, keys: Iterable) -> int:
    """The initiatives that have any of these values."""
    return reduce(or_, (bits.get(key, 0) for key in keys), 0)


@kept_results.keep(MAX_ORDERS)
def ids_in_order(at: Moment, build, sort: str) -> list[int]:
    """The primary keys of `build(at, sort)` in its order, as a reader of this language sees it."""
    return list(build(at, sort).values_list("pk", flat=True))


@kept_results.keep(MAX_MOMENTS, in_language=False)
def at_moment(at: Moment, closed: tuple[str, ...], columns: tuple[str, ...]) -> FacetIndex:
    """The index of these columns, given the pillars whose cycle was over. Three queries after a publication."""
    index = FacetIndex()
    for place, (pk, *values) in enumerate(prepared_queries.fetch(_editions, columns, at=at)):
        index.places[pk] = place
        for column, value in zip(columns, values, strict=True):
            index.columns[column, value] |= 1 << place
    editions: dict[tuple, list[int]] = defaultdict(list)
    for *facet, pk in prepared_queries.fetch(_facets, at=at):
        editions[tuple(facet)].append(pk)
    index.facets.update({facet: index.bits(pks) for facet, pks in editions.items()})
    rows = prepared_queries.fetch(_answers, at=at, day=at.day, closed=list(closed))
    for number, name in enumerate(ANSWERS, 1):
        index.answers[name] = index.bits(row[0] for row in rows if row[number])
    return index


def _public(at: Moment):
    return Edition.objects.public(at).initiatives()


def _editions(columns: tuple[str, ...], at: Moment):
    return _public(at).order_by("pk").values_list("pk", *columns)


def _facets(at: Moment):
    return Facet.objects.filter(edition__in=_public(at)).order_by().values_list("kind", "key", "role", "edition_id")


def _answers(at: Moment, day: datetime.date, closed):
    """How many facts of each initiative meet each condition."""
    conditions = {side: Q(side=side) for side in Side.values} | {"figures": Q(kind="figure")}
    conditions["past"] = entry_conditions(day, closed)[FactStatus.DATE_PASSED]
    tallies = {name: Count("pk", filter=conditions[name]) for name in ANSWERS}
    return Entry.objects.filter(edition__in=_public(at)).order_by().values_list("edition").annotate(**tallies)
