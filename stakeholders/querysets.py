"""The reading vocabulary of stakeholders: what the public may read, and what of letters a delegation may."""

import datetime

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from hled_portal.released import ReleasedQuerySet
from hled_portal.signed import RELEASED

#: Consents under which the public reads what a letter asks for.
CONSENTED = ("name", "withheld")
#: States of what nobody reads any more.
PUT_ASIDE = ("withdrawn", "restricted")


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
        """What readers see at this moment: published on two keys, restricted by nobody, and with consent.

        Consent is that of today, whatever the moment: who takes it back is gone from every day. What was entered from
        a public text, and not from a letter, names its source.
        """
        consented = Q(asking__letter__consent__in=CONSENTED) & ~Q(asking__letter__state__in=PUT_ASIDE)
        return self.filter(
            consented | (Q(asking__isnull=True) & ~Q(source_key="")),
            ~Q(recommendation__state__in=PUT_ASIDE),
            published_at__lte=at,
            restricted_at__isnull=True,
            us_digest=F("mx_digest"),
        )

    def restricted(self, at: datetime.datetime):
        """What readers saw until somebody restricted it."""
        return self.filter(published_at__lte=at, restricted_at__isnull=False)

    def with_askers(self):
        """Each with `asked_by`: how many letters ask for it whose senders let it be published."""
        askings = self.model._meta.get_field("asking").related_model.objects
        asked = askings.filter(recommendation=OuterRef("recommendation"), letter__consent__in=CONSENTED)
        asked = asked.exclude(letter__state__in=PUT_ASIDE).order_by().values("recommendation")
        counted = asked.annotate(number=Count("pk")).values("number")
        return self.annotate(asked_by=Coalesce(Subquery(counted), 0))

    def with_call(self, at: datetime.datetime):
        """Each with `call_key`: its consultation, where readers know of that at this moment."""
        calls = self.model._meta.apps.get_model("stakeholders", "Consultation").objects.public(at)
        known = Exists(calls.filter(key=OuterRef("consultation_key")))
        return self.annotate(call_key=Case(When(known, then=F("consultation_key")), default=Value("")))

    def with_sender(self):
        """Each with `sent_by`, `sent_from`, `sent_for` and `name_waits`, by the consent of this very moment.

        A name waits for the address to be confirmed: anybody may write in the name of another.
        """
        named = Q(asking__letter__consent="name", asking__letter__confirmed_at__isnull=False)
        named &= ~Q(asking__letter__state__in=PUT_ASIDE)
        columns = {"sent_by": "sender_name", "sent_from": "organization", "sent_for": "represented"}
        waits = Q(asking__letter__consent="name", asking__letter__confirmed_at__isnull=True)
        return self.annotate(
            name_waits=Case(When(waits, then=Value(True)), default=Value(False)),
            **{
                name: Case(When(named, then=F(f"asking__letter__{column}")), default=Value(""))
                for name, column in columns.items()
            },
        )

    def considered(self, at: datetime.datetime):
        """Those taken under consideration by this moment."""
        return self.filter(recommendation__moves__after="considered", recommendation__moves__at__lte=at)


class ResponseQuerySet(ReleasedQuerySet):
    def released(self):
        """Everything that was public once."""
        return self.filter(state__in=RELEASED)
