"""What the panel of initiatives counts, kept in memory until the public record changes: one bit for each initiative.

Reading and counting the facets of ten thousand initiatives took most of the time of a list. As bits of a number, the
rows that a choice leaves are counted in microseconds. The key of what is kept has the `head` of the publication log,
which each release and withdrawal changes and which is read for each page (`timed_changes.log_head`).
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import Count, Q

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language
from hled_portal.i18n.delegations import Side
from hled_portal.publishing import prepared_queries
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

    def bits(self, ids: Iterable[int]) -> int:
        """The initiatives with these primary keys."""
        found = bytearray(len(self.places) // 8 + 1)
        for place in map(self.places.get, ids):
            if place is not None:  # Else it was published a moment ago.
                found[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(found, "little")


def at_moment(head: str, at: Moment, closed: list[str], columns: tuple[str, ...]) -> FacetIndex:
    """The index of these columns, given the pillars whose cycle was over. Three queries after a publication."""
    return _build(head, at, tuple(closed), columns)


def ids_in_order(head: str, at: Moment, build, sort: str) -> list[int]:
    """The primary keys of `build(at, sort)` in its order, as a reader of this language sees it; to be left alone."""
    return _order(head, at, active_language(), build, sort)


def forget_counts() -> None:
    """Tests roll back what they published."""
    _build.cache_clear()
    _order.cache_clear()


@lru_cache(maxsize=MAX_ORDERS)
def _order(head: str, at: Moment, language: str, build, sort: str) -> list[int]:
    return list(build(at, sort).values_list("pk", flat=True))


@lru_cache(maxsize=MAX_MOMENTS)
def _build(head: str, at: Moment, closed: tuple[str, ...], columns: tuple[str, ...]) -> FacetIndex:
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
