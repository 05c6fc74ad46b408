"""Jobs, the outbox, and the counts of rate limits."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import Language


class JobState(models.Model):
    """When a job ran and when it is due. Who runs it holds a lock that is no row."""

    name = models.CharField(_("job"), max_length=60, primary_key=True)
    due_at = models.DateTimeField(_("next run"))
    started_at = models.DateTimeField(_("last started"), null=True)
    succeeded_at = models.DateTimeField(_("last success"), null=True)
    failed_at = models.DateTimeField(_("last failure"), null=True)
    error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["name"]

    def __str__(self):
        return self.name


class MailQuerySet(models.QuerySet):
    def waiting(self):
        """Neither sent nor given up."""
        return self.filter(sent_at=None, refused_at=None)


class Mail(models.Model):
    """A message of the outbox. Once it is sent or given up, only the event and a digest of the address stay."""

    event = models.CharField(_("event"), max_length=120)
    recipient_digest = models.CharField(max_length=64)
    recipient = models.EmailField(_("recipient's address"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"), blank=True)
    unsubscribe = models.URLField(_("unsubscribe address"), max_length=500, blank=True)
    mass = models.BooleanField(_("bulk message"), default=False)
    message_id = models.CharField("Message-ID", max_length=200)
    queued_at = models.DateTimeField(_("queued on"), default=timezone.now)
    due_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent on"), null=True)
    refused_at = models.DateTimeField(_("abandoned on"), null=True)
    error = models.TextField(_("last error"), blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "recipient_digest"],
                name="mail_once_for_event_and_recipient",
                violation_error_message=_("A message about this event has already been sent to this address."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["mass", "due_at"],
                condition=Q(sent_at__isnull=True, refused_at__isnull=True),
                name="mail_waiting",
            ),
        ]

    def __str__(self):
        return self.event


class AttemptCount(models.Model):
    """Attempts of a client, or of all clients, within an hour. The key is a keyed hash; no address is stored."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("attempt count")
        verbose_name_plural = _("attempt counts")
        ordering = ["key"]

    def __str__(self):
        return f"{self.count} until {self.ends_at:%H:%M}"
