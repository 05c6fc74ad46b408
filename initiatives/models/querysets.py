"""The reading vocabulary of editions and of their index."""

import datetime
from collections.abc import Collection

from django.db import models
from django.db.models import F, Q

from hled_portal.publishing.published_querysets import ReleasedQuerySet
from hled_portal.search import fulltext
from hled_portal.search.text_analysis import Query
from initiatives.vocabulary.fact_status import FactStatus, awaited_condition, status_conditions, status_expression
from initiatives.vocabulary.promise_result import result_expression


class EditionQuerySet(ReleasedQuerySet):
    def of_kind(self, kind: str):
        return self.filter(subject_kind=kind)

    def initiatives(self):
        return self.of_kind("initiative")

    def matching(self, query: Query):
        """Editions with every term of the query, in one passage or in the whole; none for a query without terms."""
        rows = self.model._meta.get_field("search_rows").related_model
        return self.filter(pk__in=rows.objects.filter(fulltext.matching(rows, query)).values("edition"))

    def in_pillar(self, key: str):
        return self.filter(pillar_key=key)


def entry_conditions(day: datetime.date, closed_pillars: Collection[str]) -> dict[FactStatus, Q]:
    """The condition of each status for the facts of initiatives."""
    return status_conditions(day, Q(edition__pillar_key__in=closed_pillars))


class EntryQuerySet(models.QuerySet):
    def with_status(self, day: datetime.date, closed_pillars: Collection[str]):
        """Facts of initiatives with their `status` on a day, given the pillars whose cycle was over by then."""
        return self.annotate(status=status_expression(entry_conditions(day, closed_pillars)))

    def with_result(self, day: datetime.date, closed_pillars: Collection[str]):
        """Facts of initiatives with their `status` and their `result`: what became of the date first published."""
        conditions = entry_conditions(day, closed_pillars)
        return self.annotate(status=status_expression(conditions), result=result_expression(day, conditions))

    def date_passed(self, day: datetime.date, closed_pillars: Collection[str]):
        """Facts of initiatives whose date has passed with no update published."""
        return self.filter(entry_conditions(day, closed_pillars)[FactStatus.DATE_PASSED])

    def expected(self, day: datetime.date, closed_pillars: Collection[str]):
        """Facts of initiatives that are expected on that day or later, the nearest first."""
        expected = self.filter(entry_conditions(day, closed_pillars)[FactStatus.EXPECTED], latest__isnull=False)
        return expected.order_by("latest", "edition__subject_key", "order")

    def awaited(self):
        """What nothing published has decided, the nearest first; what has no last day at the end."""
        return self.filter(awaited_condition()).by_date()

    def by_date(self):
        """The earliest first; what has no last day at the end."""
        return self.order_by(F("latest").asc(nulls_last=True), "edition__subject_key", "order", "fact_key")

    def in_window(self, first: datetime.date | None, last: datetime.date | None):
        """Dated facts that overlap these days; None is open.

        Of a fact with a latest day alone, that day counts: what was done by April 2024 is no fact of 2019.
        """
        entries = self.exclude(earliest=None, latest=None)
        if first is not None:
            entries = entries.filter(Q(latest__gte=first) | Q(latest=None))
        if last is not None:
            entries = entries.filter(Q(earliest__lte=last) | Q(earliest=None, latest__lte=last))
        return entries
