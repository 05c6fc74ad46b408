"""The reading vocabulary of editions and of their index."""

import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q


class EditionQuerySet(models.QuerySet):
    def public(self, as_of: datetime.date, publication: int | None = None):
        """The record as it stood at the end of that day: the newest edition of each subject.

        With a publication number, only what this portal had recorded by then. A withdrawn newest
        edition revives nothing: its subject is absent.
        """
        known = Q(number__isnull=False, public_from__lte=as_of)
        if publication is not None:
            known &= Q(publication__lte=publication)
        newer = self.model._default_manager.filter(
            known,
            subject_kind=OuterRef("subject_kind"),
            subject_key=OuterRef("subject_key"),
            number__gt=OuterRef("number"),
        )
        return self.filter(known).exclude(state="withdrawn").filter(~Exists(newer))

    def published(self):
        """The newest released edition of each subject, whatever the day."""
        return self.filter(state="published")

    def of_kind(self, kind: str):
        return self.filter(subject_kind=kind)

    def initiatives(self):
        return self.of_kind("initiative")

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

    def milestones(self):
        return self.filter(kind="milestone")
