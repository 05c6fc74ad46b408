"""The reading vocabulary of stakeholders: what the public may read, and what of letters a delegation may."""

import datetime

from django.db import models
from django.db.models import Q

from hled_portal.signed import RELEASED, State


class ConsultationQuerySet(models.QuerySet):
    def public(self, at: datetime.datetime):
        """Calls for input that readers know of at this moment, closed ones too."""
        return self.filter(published_at__lte=at)

    def open(self, at: datetime.datetime):
        """Calls that take letters at this moment: up to the later midnight of both capitals."""
        return self.filter(Q(closes_at__isnull=True) | Q(closes_at__gt=at), opens_at__lte=at)

    def closed(self, at: datetime.datetime):
        return self.filter(closes_at__lte=at)


class LetterQuerySet(models.QuerySet):
    def by_secret(self, digest: str):
        return self.filter(secret_digest=digest)


class RecommendationQuerySet(models.QuerySet):
    def waiting(self):
        """Neither answered nor put aside."""
        return self.filter(state__in=("received", "considered"))


class PublishedRecommendationQuerySet(models.QuerySet):
    def public(self, at: datetime.datetime):
        """What readers see at this moment."""
        return self.filter(published_at__lte=at, restricted_at__isnull=True)


class ResponseQuerySet(models.QuerySet):
    def published(self):
        """The one public text of each answer."""
        return self.filter(state=State.PUBLISHED)

    def released(self):
        """Everything that was public once."""
        return self.filter(state__in=RELEASED)
