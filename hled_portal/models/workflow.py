"""Steps of texts, scheduled releases and who is still to be notified."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.delegations import Delegation

from .publication import Release


class StepAction(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    KEYED = "keyed", _("approval given")
    TAKEN_BACK = "taken_back", _("approval withdrawn")
    RETURNED = "returned", _("returned with a comment")
    REPLACED = "replaced", _("replaced by a new proposal")
    PLANNED = "planned", _("added to a release")
    UNPLANNED = "unplanned", _("removed from a release")
    RELEASED = "released", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")
    # Of a release to come itself:
    MADE = "made", _("scheduled release")
    CHANGED = "changed", _("name, meeting or time changed")
    AGREED = "agreed", _("agreed to the release")
    DISAGREED = "disagreed", _("agreement withdrawn")
    FAILED = "failed", _("publication failed")
    DELETED = "deleted", _("empty release deleted")
    SHARED = "shared", _("preview link made")
    UNSHARED = "unshared", _("preview link revoked")
    REMARKED = "remarked", _("remark left")
    ANSWERED = "answered", _("reply to a remark")
    SETTLED = "settled", _("remark closed")


class Step(models.Model):
    """One step of a signed text on its way: who did what, when, and the comment. Rows are only ever added.

    `table` and `text_pk` name the row of the signed table, `name` its subject, such as `initiative/otay-mesa-ii`.
    A release to come has steps of its own, and its number stands on those of its texts too.
    """

    table = models.CharField(_("table"), max_length=60)
    text_pk = models.PositiveBigIntegerField(_("record number"))
    name = models.CharField(_("text"), max_length=200, db_index=True)
    digest = models.CharField(_("hash"), max_length=64)
    action = models.CharField(_("step"), max_length=10, choices=StepAction)
    at = models.DateTimeField(_("date and time"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    delegation = models.CharField(_("delegation"), max_length=2, choices=Delegation, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    plan_pk = models.PositiveBigIntegerField(_("scheduled release"), null=True)

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


class PendingStepNotification(models.Model):
    """A step of which no message was written yet. The message is stored and this row deleted in one transaction.

    A row for each step, and no cursor: of two transactions at once the one that began later may be there first.
    """

    step = models.OneToOneField(
        Step, models.CASCADE, primary_key=True, related_name="pending_notification", verbose_name=_("step")
    )

    class Meta:
        verbose_name = _("pending step notification")
        verbose_name_plural = _("pending step notifications")
        ordering = ["pk"]

    def __str__(self):
        return str(self.pk)


class Opening(models.Model):
    """An officer has had a text on the screen: work on many texts goes on where it ended. One row for each officer."""

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="openings", verbose_name=_("approver")
    )
    table = models.CharField(_("table"), max_length=60)
    text_pk = models.PositiveBigIntegerField(_("record number"))
    digest = models.CharField(_("hash"), max_length=64)
    opened_at = models.DateTimeField(_("opened on"), default=timezone.now)

    class Meta:
        verbose_name = _("opened text")
        verbose_name_plural = _("opened texts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "table", "text_pk"],
                name="opening_once",
                violation_error_message=_("This person has already opened this text."),
            ),
        ]

    def __str__(self):
        return f"{self.table}/{self.text_pk}"


class PreviewLink(models.Model):
    """A link by which somebody without an account reads one proposal. Of its secret, only a hash is stored."""

    table = models.CharField(_("table"), max_length=60)
    text_pk = models.PositiveBigIntegerField(_("record number"))
    digest = models.CharField(_("hash"), max_length=64)
    secret_digest = models.CharField(max_length=64, unique=True, editable=False)
    recipient = models.CharField(_("recipient"), max_length=120)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made on"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires on"))
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("revoked by")
    )
    revoked_at = models.DateTimeField(_("revoked on"), null=True)
    opened = models.PositiveIntegerField(_("times opened"), default=0)
    opened_at = models.DateTimeField(_("last opened on"), null=True)

    class Meta:
        verbose_name = _("preview link")
        verbose_name_plural = _("preview links")
        ordering = ["pk"]
        indexes = [models.Index(fields=["table", "text_pk"], name="preview_link_of_text")]

    def __str__(self):
        return f"{self.table}/{self.text_pk}"

    @property
    def is_active(self) -> bool:
        return self.revoked_at is None and timezone.now() < self.expires_at


class Remark(models.Model):
    """What somebody of a delegation says of a field of a proposal before it is approved.

    `field` names a part of the text as its page does; it is empty for the whole text.
    """

    table = models.CharField(_("table"), max_length=60)
    text_pk = models.PositiveBigIntegerField(_("record number"))
    name = models.CharField(_("text"), max_length=200)
    field = models.CharField(_("field"), max_length=200, blank=True)
    words = models.TextField(_("remark"), max_length=4000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author"))
    delegation = models.CharField(_("delegation"), max_length=2, choices=Delegation)
    at = models.DateTimeField(_("date and time"), default=timezone.now)
    answer = models.TextField(_("reply"), max_length=4000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("reply by")
    )
    answered_at = models.DateTimeField(_("reply date"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed on"), null=True)

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["pk"]
        indexes = [models.Index(fields=["table", "name"], name="remark_of_text")]

    def __str__(self):
        return f"{self.name}: {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class ReleasePlan(models.Model):
    """A release to come: texts that go out together, at a minute that both sides agreed, or at once when one asks.

    An agreement is a digest over the minute and the texts (`plan_agreements.plan_digest`): whatever changes ends it.
    """

    name = models.CharField(_("name"), max_length=120)
    meeting_key = models.CharField(_("key of the meeting"), max_length=80, blank=True)
    at = models.DateTimeField(_("publication date and time"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name=_("created by")
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
    failed_at = models.DateTimeField(_("failed on"), null=True, editable=False)

    class Meta:
        verbose_name = _("scheduled release")
        verbose_name_plural = _("scheduled releases")
        ordering = ["at", "pk"]

    def __str__(self):
        return self.name
