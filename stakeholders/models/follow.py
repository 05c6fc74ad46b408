"""Who follows what by e-mail. An address is kept for this alone, and goes when it is no longer needed."""

import secrets

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import Language
from stakeholders.vocabulary import FollowKind, Rhythm


def new_handle() -> str:
    """What links name a row by, signed: nobody counts followers by it."""
    return secrets.token_urlsafe(12)


class _Subject(models.Model):
    """What is followed: the key of a public text, or the query of a list."""

    kind = models.CharField(_("type"), max_length=10, choices=FollowKind)
    key = models.CharField(_("key"), max_length=80, blank=True)
    query = models.CharField(_("filtered list"), max_length=1000, blank=True)

    class Meta:
        abstract = True


def _key_or_query(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=(Q(kind="selection") & Q(key="")) | (~Q(kind="selection") & ~Q(key="") & Q(query="")),
        name=name,
        violation_error_message=_("A filtered list needs a query; anything else needs a key."),
    )


class FollowRequest(_Subject):
    """Somebody asked that messages go to this address. Whoever reads its mail confirms it, or it is erased."""

    handle = models.CharField(max_length=32, unique=True, default=new_handle, editable=False)
    address = models.EmailField(_("email address"))
    language = models.CharField(_("language"), max_length=2, choices=Language)
    rhythm = models.CharField(_("frequency"), max_length=10, choices=Rhythm, default=Rhythm.AT_ONCE)
    asked_at = models.DateTimeField(_("requested on"), default=timezone.now)

    class Meta:
        verbose_name = _("subscription request")
        verbose_name_plural = _("subscription requests")
        constraints = [_key_or_query("follow_request_has_a_subject")]
        indexes = [models.Index(Upper("address"), name="follow_request_address")]  # As `iexact` asks on PostgreSQL.

    def __str__(self):
        return f"{self.kind} {self.key or self.query}"


class Follower(models.Model):
    """A confirmed address. `notified_up_to` is the cursor in the publication log."""

    handle = models.CharField(max_length=32, unique=True, default=new_handle, editable=False)
    address = models.EmailField(_("email address"))
    language = models.CharField(_("language"), max_length=2, choices=Language)
    rhythm = models.CharField(_("frequency"), max_length=10, choices=Rhythm, default=Rhythm.AT_ONCE)
    confirmed_at = models.DateTimeField(_("confirmed on"), default=timezone.now)
    notified_up_to = models.PositiveIntegerField(_("notified up to publication"), default=0)

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                Upper("address"),
                name="follower_address_once",
                violation_error_message=_("This address already has a subscription."),
            ),
        ]
        indexes = [models.Index(fields=["rhythm", "notified_up_to"], name="follower_cursor")]

    def __str__(self):
        return str(self.pk)


class Follow(_Subject):
    """One thing that a follower follows, from the publication after `since` on."""

    follower = models.ForeignKey(Follower, models.CASCADE, related_name="follows")
    since = models.PositiveIntegerField(_("starting after publication"), default=0)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["kind", "key", "query"]
        constraints = [
            _key_or_query("follow_has_a_subject"),
            models.UniqueConstraint(
                fields=["follower", "kind", "key", "query"],
                name="follow_once",
                violation_error_message=_("You already subscribe to this."),
            ),
        ]
        indexes = [models.Index(fields=["kind", "key"], name="follow_subject")]

    def __str__(self):
        return f"{self.kind} {self.key or self.query}"


class Digest(models.Model):
    """The weekly message of one Monday: what was published up to this number, and not after."""

    monday = models.DateField(_("Monday"), primary_key=True)
    up_to = models.PositiveIntegerField(_("up to publication"))

    class Meta:
        verbose_name = _("weekly email")
        verbose_name_plural = _("weekly emails")

    def __str__(self):
        return self.monday.isoformat()
