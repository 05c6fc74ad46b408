"""The reading vocabulary of editions and of their index."""

import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from hled_portal import fulltext
from hled_portal.moments import Moment
from hled_portal.stems import Query


class EditionQuerySet(models.QuerySet):
    def public(self, at: Moment):
        """The record at that moment: the newest edition of each subject.

        A withdrawn newest edition revives nothing: its subject is absent.
        """
        return self._newest(at).exclude(state="withdrawn")

    def withdrawn(self, at: Moment):
        """The editions that were the newest of their subjects at that moment and were withdrawn since.

        Without their contents.
        """
        return self._newest(at).filter(state="withdrawn").defer("content").with_followed_from()

    def with_followed_from(self):
        """Each with `followed_from`, the day from which a later edition of its subject counted."""
        later = self._later(self.model._default_manager.filter(number__isnull=False)).order_by("number")
        return self.annotate(followed_from=Subquery(later.values("public_from")[:1]))

    def known(self, at: Moment):
        """Every released edition, withdrawn ones too, that counted by that day and was recorded by that publication."""
        known = Q(number__isnull=False, public_from__lte=at.day)
        if at.publication is not None:
            known &= Q(publication__lte=at.publication)
        return self.filter(known)

    def _newest(self, at: Moment):
        return self.known(at).filter(~Exists(self._later(self.model._default_manager.known(at))))

    def _later(self, editions):
        """Those of the same subject with a higher number."""
        return editions.filter(
            subject_kind=OuterRef("subject_kind"),
            subject_key=OuterRef("subject_key"),
            number__gt=OuterRef("number"),
        )

    def published(self):
        """The newest released edition of each subject, whatever the day."""
        return self.filter(state="published")

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
