"""The reading vocabulary of stakeholders: what the public may read, and what of letters a delegation may."""

import datetime

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from hled_portal.dates.as_of import Moment
from hled_portal.publishing.published_querysets import ReleasedQuerySet
from hled_portal.publishing.signed_text import RELEASED

#: Consents under which the public reads what a letter asks for.
CONSENTED = ("name", "withheld")
#: States of what nobody reads any more.
PUT_ASIDE = ("withdrawn", "restricted")


class ConsultationQuerySet(ReleasedQuerySet):
    def open(self, at: datetime.datetime):
        """Calls that take letters at this moment: up to the later midnight of both capitals."""
        return self.filter(Q(closes_at__isnull=True) | Q(closes_at__gt=at), opens_at__lte=at)

    def changed_between(self, after, until):
        """Public calls that opened or closed after the one time and up to the other."""
        changes = Q()
        for column in ("opens_at", "closes_at"):
            changes |= Q(**{f"{column}__gt": after, f"{column}__lte": until})
        return self.published().filter(changes)


class LetterQuerySet(models.QuerySet):
    def by_secret(self, digest: str):
        return self.filter(secret_digest=digest)


class RecommendationQuerySet(models.QuerySet):
    def waiting(self):
        """Neither answered nor put aside."""
        return self.filter(state__in=("received", "considered"))


def consenting(prefix: str = "") -> Q:
    """Condition that a letter lets the public read what it asks for; `prefix` leads to the letter."""
    return Q(**{f"{prefix}consent__in": CONSENTED}) & ~Q(**{f"{prefix}state__in": PUT_ASIDE})


class PublishedRecommendationQuerySet(models.QuerySet):
    def public(self, at: datetime.datetime):
        """What readers see at this moment."""
        return self.shown().filter(published_at__lte=at)

    def shown(self):
        """What readers see from some moment on: published on two keys, restricted by nobody, and with consent.

        Consent is that of today, whatever the moment: who takes it back takes the words away from every day. The
        recommendation stays without them (`words_gone`) while another letter that asks for it consents, or while
        both governments' answer is an answer to another letter too. Each has `words`, never to be read as `text`.
        """
        asking = self._askings()
        others = asking.exclude(letter__state__in=PUT_ASIDE).exclude(pk=OuterRef("asking"))
        responses = self.model._meta.apps.get_model("stakeholders", "Response").objects.released()
        answered = responses.filter(recommendation_key=OuterRef("key")).exclude(state="withdrawn")
        return self.with_words().filter(
            Q(words_gone=False) | Exists(asking.filter(consenting("letter__"))) | (Exists(answered) & Exists(others)),
            ~Q(recommendation__state__in=PUT_ASIDE),
            restricted_at__isnull=True,
            us_digest=F("mx_digest"),
        )

    def _askings(self):
        """The letters that ask for each, for a subquery."""
        askings = self.model._meta.get_field("asking").related_model.objects
        return askings.filter(recommendation=OuterRef("recommendation")).order_by()

    def with_words(self):
        """Each with `voice`, the row of the letter whose words readers read now, and what they read of its sender.

        That is the letter under which it was cleared, or the next one that consents to just the same words: nothing
        else was cleared. What was entered from a public text, and not from a letter, names its source.
        """
        consent = self._askings().filter(consenting("letter__"))
        own = consent.filter(pk=OuterRef("asking"))
        same = consent.filter(text=OuterRef("text"), language=OuterRef("language")).order_by("joined_at", "pk")
        same = same.exclude(recommendation__published__asking__letter__state="restricted")
        entered = Q(asking__isnull=True) & ~Q(source_key="")
        first, spoken = Q(Exists(own)) | entered, Q(Exists(own)) | Q(Exists(same)) | entered
        values = {
            f"of_{name}": Case(
                When(first, then=F(name)), default=Coalesce(Subquery(same.values(f"letter__{name}")[:1]), Value(""))
            )
            for name in ("sector", "country")
        }
        return (
            self.annotate(voice=Coalesce(Subquery(own.values("pk")), Subquery(same.values("pk")[:1])))
            .annotate(
                words=Case(When(spoken, then=F("text")), default=Value(""), output_field=models.TextField()),
                words_language=Case(When(spoken, then=F("language")), default=Value("")),
                words_gone=Case(When(spoken, then=Value(False)), default=Value(True)),
                **values,
            )
            .defer("text")
        )

    def once_public(self, at: datetime.datetime):
        """What readers saw by this moment, whatever became of it."""
        published = self.model._meta.apps.get_model("stakeholders", "Move").objects
        published = published.filter(recommendation=OuterRef("recommendation"), action="published", at__lte=at)
        return self.filter(Q(published_at__lte=at) | Exists(published))

    def with_askers(self):
        """Each with `asked_by`: how many letters, copies in a docket too, ask for it and may be published."""
        asking_letters = self._askings().filter(consenting("letter__")).values("recommendation")
        counted = asking_letters.annotate(number=Sum("letter__copies")).values("number")
        return self.annotate(asked_by=Coalesce(Subquery(counted), 0))

    def with_call(self, at: Moment):
        """Each with `call_key`: its consultation, where readers know of that at this moment."""
        calls = self.model._meta.apps.get_model("stakeholders", "ConsultationEdition").objects.public(at)
        known = Exists(calls.filter(consultation_key=OuterRef("consultation_key")))
        return self.annotate(call_key=Case(When(known, then=F("consultation_key")), default=Value("")))

    def with_sender(self):
        """Each with `sent_by`, `sent_from`, `sent_for` and `name_waits`, by the consent of this very moment.

        A name waits for the address to be confirmed: anybody may write in the name of another.
        """
        letters = self.model._meta.apps.get_model("stakeholders", "Letter").objects
        named = letters.filter(askings=OuterRef("voice"), consent="name").order_by()
        columns = {"sent_by": "sender_name", "sent_from": "organization", "sent_for": "represented"}
        return self.annotate(
            name_waits=Exists(named.filter(confirmed_at__isnull=True)),
            **{
                name: Coalesce(Subquery(named.filter(confirmed_at__isnull=False).values(column)[:1]), Value(""))
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
