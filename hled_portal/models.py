"""Who uses the portal, what was made public, and what waits: users, releases, the publication log, jobs and mail."""

import json

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .bilingual import Language
from .delegations import Delegation, Side


class User(AbstractUser):
    """A person with an account. A superuser runs the system and speaks for no delegation."""

    delegation = models.CharField(_("delegation"), max_length=2, choices=Delegation, blank=True)
    language = models.CharField(_("language of messages"), max_length=2, choices=Language, default=Language.ENGLISH)
    audits = models.CharField(
        _("audits for"),
        max_length=5,
        choices=Side,
        blank=True,
        help_text=_("Auditors only: the side that named the auditor for its own matter, or both."),
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(audits="") | Q(delegation="", is_superuser=False),
                name="auditor_speaks_for_no_delegation",
                violation_error_message=_("An auditor speaks for no delegation and does not run the system."),
            ),
            models.CheckConstraint(
                condition=Q(is_superuser=False) | Q(delegation=""),
                name="superuser_speaks_for_no_delegation",
                violation_error_message=_("A superuser cannot belong to a delegation."),
            ),
        ]


class Release(models.Model):
    """A set of texts that became public together, under one publication number."""

    publication = models.PositiveIntegerField(_("publication number"), unique=True, editable=False)
    public_from = models.DateField(_("public from"), editable=False)
    released_at = models.DateTimeField(_("released at"), editable=False)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="releases",
        verbose_name=_("released by"),
    )

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ["publication"]

    def __str__(self):
        return str(self.publication)


class PublicationAction(models.TextChoices):
    RELEASED = "released", _("released")
    SUPERSEDED = "superseded", _("superseded")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Publication(models.Model):
    """One row of the append-only log of what became public and what ceased to be.

    `entry` is canonical JSON that holds every other column and the hash of the row before;
    `hash` is its SHA-256. The texts' own columns mirror this log.
    """

    position = models.PositiveIntegerField(_("position"), primary_key=True)
    number = models.PositiveIntegerField(_("publication number"), db_index=True)
    action = models.CharField(_("action"), max_length=10, choices=PublicationAction)
    text = models.CharField(_("text"), max_length=200, db_index=True)
    digest = models.CharField(_("digest"), max_length=64)
    entry = models.TextField(_("entry"))
    hash = models.CharField(_("hash"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publication log")
        ordering = ["position"]

    def __str__(self):
        return f"{self.position}: {self.text}"

    @property
    def data(self) -> dict:
        """The entry, read."""
        return json.loads(self.entry)


class PublicVersion(models.Model):
    """The one row that counts changes of what readers see; its lock puts releases in a line."""

    value = models.PositiveBigIntegerField(_("value"), default=0)
    #: Up to when it counts what becomes public or ends by the clock alone (`timed.py`).
    counted_at = models.DateTimeField(_("counted at"), default=timezone.now)

    class Meta:
        verbose_name = _("public version")
        verbose_name_plural = _("public version")
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1),
                name="one_public_version",
                violation_error_message=_("There is one public version."),
            ),
        ]

    def __str__(self):
        return str(self.value)


class JobState(models.Model):
    """When a job ran and when it is due. Who runs it holds a lock that is no row."""

    name = models.CharField(_("job"), max_length=60, primary_key=True)
    due_at = models.DateTimeField(_("due at"))
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

    event = models.CharField(_("occasion of the message"), max_length=120)
    recipient_digest = models.CharField(max_length=64)
    recipient = models.EmailField(_("address of the recipient"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"), blank=True)
    unsubscribe = models.URLField(_("address to unsubscribe at"), max_length=500, blank=True)
    mass = models.BooleanField(_("goes to many"), default=False)
    message_id = models.CharField("Message-ID", max_length=200)
    queued_at = models.DateTimeField(_("queued at"), default=timezone.now)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    refused_at = models.DateTimeField(_("given up at"), null=True)
    error = models.TextField(_("last error"), blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "recipient_digest"],
                name="mail_once_for_event_and_recipient",
                violation_error_message=_("This event has written to this address already."),
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


class StepAction(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    KEYED = "keyed", _("key set")
    TAKEN_BACK = "taken_back", _("key taken back")
    RETURNED = "returned", _("returned with a comment")
    REPLACED = "replaced", _("replaced by a new proposal")
    PLANNED = "planned", _("put into a release")
    UNPLANNED = "unplanned", _("taken out of a release")
    RELEASED = "released", _("released")
    WITHDRAWN = "withdrawn", _("withdrawn")
    # Of a release to come itself:
    MADE = "made", _("release planned")
    CHANGED = "changed", _("name, meeting or minute changed")
    AGREED = "agreed", _("agreed to the release")
    DISAGREED = "disagreed", _("agreement taken back")
    FAILED = "failed", _("could not go out")
    DELETED = "deleted", _("empty release deleted")


class Step(models.Model):
    """One step of a signed text on its way: who did what, when, and the comment. Rows are only ever added.

    `table` and `text_pk` name the row of the signed table, `name` its subject, such as `initiative/otay-mesa-ii`.
    A release to come has steps of its own, and its number stands on those of its texts too.
    """

    table = models.CharField(_("table"), max_length=60)
    text_pk = models.PositiveBigIntegerField(_("row"))
    name = models.CharField(_("text"), max_length=200, db_index=True)
    digest = models.CharField(_("digest"), max_length=64)
    action = models.CharField(_("step"), max_length=10, choices=StepAction)
    at = models.DateTimeField(_("at"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    delegation = models.CharField(_("delegation"), max_length=2, choices=Delegation, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    plan_pk = models.PositiveBigIntegerField(_("release to come"), null=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["table", "text_pk"], name="step_of_text"),
            models.Index(fields=["plan_pk"], name="step_of_plan"),
        ]

    def __str__(self):
        return f"{self.name}: {self.get_action_display()}"


class UntoldStep(models.Model):
    """A step that nobody was written of yet. The message and the end of this row are one transaction.

    A row for each step, and no cursor: of two transactions at once the one that began later may be there first.
    """

    step = models.OneToOneField(Step, models.CASCADE, primary_key=True, related_name="untold", verbose_name=_("step"))

    class Meta:
        verbose_name = _("step not told of yet")
        verbose_name_plural = _("steps not told of yet")
        ordering = ["pk"]

    def __str__(self):
        return str(self.pk)


class Opening(models.Model):
    """An officer has had a text on the screen: work on many texts goes on where it ended. One row for each officer."""

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="openings", verbose_name=_("officer")
    )
    table = models.CharField(_("table"), max_length=60)
    text_pk = models.PositiveBigIntegerField(_("row"))
    digest = models.CharField(_("digest"), max_length=64)
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now)

    class Meta:
        verbose_name = _("text opened")
        verbose_name_plural = _("texts opened")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "table", "text_pk"],
                name="opening_once",
                violation_error_message=_("The officer has opened this text already."),
            ),
        ]

    def __str__(self):
        return f"{self.table}/{self.text_pk}"


class ReleasePlan(models.Model):
    """A release to come: texts that go out together, at a minute that both sides agreed, or at once when one asks.

    An agreement is a digest over the minute and the texts (`release_plans.digest_of`): whatever changes ends it.
    """

    name = models.CharField(_("name"), max_length=120)
    meeting_key = models.CharField(_("key of the meeting"), max_length=80, blank=True)
    at = models.DateTimeField(_("goes out at"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name=_("made by")
    )
    us_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("agreed for the United States by"),
    )
    us_digest = models.CharField(max_length=64, blank=True, editable=False)
    mx_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("agreed for Mexico by"),
    )
    mx_digest = models.CharField(max_length=64, blank=True, editable=False)
    release = models.OneToOneField(
        Release, models.PROTECT, null=True, editable=False, related_name="plan", verbose_name=_("release")
    )
    failed_at = models.DateTimeField(_("failed at"), null=True, editable=False)

    class Meta:
        verbose_name = _("release to come")
        verbose_name_plural = _("releases to come")
        ordering = ["at", "pk"]

    def __str__(self):
        return self.name
