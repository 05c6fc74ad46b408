"""The reading vocabulary of editions and of their index."""

import datetime

from django.db import models
from django.db.models import Q

from hled_portal import fulltext
from hled_portal.released import ReleasedQuerySet
from hled_portal.stems import Query


class EditionQuerySet(ReleasedQuerySet):
    def of_kind(self, kind: str):
        return self.filter(subject_kind=kind)

    def initiatives(self):
        return self.of_kind("initiative")

    def matching(self, query: Query):
        """Those that hold every term of the query, in one passage or as a whole; none for a query without terms."""
        rows = self.model._meta.get_field("search_rows").related_model
        return self.filter(pk__in=rows.objects.filter(fulltext.matching(rows, query)).values("edition"))

    def in_pillar(self, key: str):
        return self.filter(pillar_key=key)


class EntryQuerySet(models.QuerySet):
    def undecided(self):
        """Dated facts that were expected or planned and that nothing published has closed."""
        return self.filter(modality__in=["expected", "planned", "deadline"], latest__isnull=False, ended="")

    def past_its_date(self, day: datetime.date):
        """Undecided facts whose date has passed."""
        return self.undecided().filter(latest__lt=day)

    def still_ahead(self, day: datetime.date):
        """Undecided facts that are expected on that day or later, the nearest first."""
        return self.undecided().filter(latest__gte=day).order_by("latest", "edition__subject_key", "order")

    def in_window(self, first: datetime.date | None, last: datetime.date | None):
        """Dated facts that overlap these days; None is open.

        Of a fact with a latest day alone, that day counts: what was done by April 2024 is no fact of 2019.
        """
        found = self.exclude(earliest=None, latest=None)
        if first is not None:
            found = found.filter(Q(latest__gte=first) | Q(latest=None))
        if last is not None:
            found = found.filter(Q(earliest__lte=last) | Q(earliest=None, latest__lte=last))
        return found

    def milestones(self):
        return self.filter(kind="milestone")
