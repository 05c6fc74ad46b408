"""Letters: what somebody wrote to both governments, with its receipt. Rows of people: no `__str__` names one."""

import secrets

from django.core.files.storage import storages
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import Language
from hled_portal.i18n.delegations import Side
from stakeholders.vocabulary import (
    CaseState,
    Channel,
    Consent,
    Erasure,
    FileKind,
    Restriction,
    ScanState,
    Sector,
    SenderCountry,
    SenderKind,
)

from .consultations import Consultation
from .querysets import LetterQuerySet

#: Crockford's base 32: nothing that is taken for something else when it is read out.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Letters (characters) of one text.
LONGEST_POINT = 20_000


def new_number() -> str:
    """A receipt number such as `2026-7KQ4-M2XD`: the year, and random signs, so that numbers cannot be counted."""
    signs = "".join(secrets.choice(SIGNS) for _sign in range(8))
    return f"{timezone.localdate().year}-{signs[:4]}-{signs[4:]}"


def unguessable() -> str:
    return secrets.token_hex(32)


def private_storage():
    """Where attachments lie: no web server shows this folder."""
    return storages["default"]


def stored_name(instance, filename: str) -> str:
    """A name that reveals nothing of the letter, nor of the sender's computer."""
    name = secrets.token_hex(20)
    return f"letters/{name[:2]}/{name}"


class Letter(models.Model):
    """What one sender wrote at one time. It counts whether or not the address was confirmed."""

    number = models.CharField(_("receipt number"), max_length=20, unique=True, default=new_number, editable=False)
    secret_digest = models.CharField(max_length=64, unique=True, default=unguessable, editable=False)
    #: Of the key that the form carried: the same form sent twice is one letter.
    once_digest = models.CharField(max_length=64, unique=True, default=unguessable, editable=False)
    consultation = models.ForeignKey(
        Consultation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="letters",
        verbose_name=_("consultation"),
    )
    channel = models.CharField(_("received through"), max_length=10, choices=Channel, default=Channel.FORM)
    channel_key = models.CharField(_("number in the original system"), max_length=120, blank=True)
    sender_kind = models.CharField(_("type of sender"), max_length=10, choices=SenderKind)
    sender_name = models.CharField(_("name"), max_length=200, blank=True)
    contact_name = models.CharField(
        _("contact"),
        max_length=200,
        blank=True,
        help_text=_("The person who became the contact in place of the author."),
    )
    email = models.EmailField(_("email address"), blank=True)
    confirmed_at = models.DateTimeField(_("email confirmed on"), null=True, blank=True)
    organization = models.CharField(_("organization"), max_length=250, blank=True)
    represented = models.CharField(_("organization or people represented"), max_length=250, blank=True)
    sector = models.CharField(_("sector"), max_length=20, choices=Sector, blank=True)
    country = models.CharField(_("country"), max_length=2, choices=SenderCountry, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    introduction = models.TextField(_("introduction"), blank=True)
    copies = models.PositiveIntegerField(
        _("copies received"), default=1, help_text=_("More than one where a docket counts alike submissions as one.")
    )
    #: The row of the file that it came from, as it was, by column.
    original_cells = models.JSONField(_("original row"), default=dict, blank=True, editable=False)
    text_in_files = models.BooleanField(_("the text is in attached files"), default=False, editable=False)
    #: Alike for letters of one campaign, whatever each sender adds; see `triage/similarity.py`.
    text_fingerprint = models.CharField(max_length=32, blank=True, db_index=True, editable=False)
    consent = models.CharField(_("consent"), max_length=10, choices=Consent, default=Consent.NOTHING)
    state = models.CharField(_("status"), max_length=12, choices=CaseState, default=CaseState.RECEIVED, editable=False)
    restriction = models.CharField(
        _("reason for restriction"), max_length=15, choices=Restriction, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("date received"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, blank=True, editable=False)
    erased = models.CharField(
        _("personal data erased"), max_length=11, choices=Erasure, default=Erasure.NOTHING, blank=True, editable=False
    )

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "channel_key"],
                condition=~Q(channel_key=""),
                name="letter_of_channel_once",
                violation_error_message=_("This submission has already been imported."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | ~Q(email="") | ~Q(erased=""),
                name="letter_confirmed_has_address",
                violation_error_message=_("There is no email address to confirm."),
            ),
            models.CheckConstraint(
                condition=(Q(state="withdrawn") & Q(withdrawn_at__isnull=False))
                | (~Q(state="withdrawn") & Q(withdrawn_at__isnull=True)),
                name="letter_withdrawn_at_a_time",
                violation_error_message=_("Only a withdrawn submission has a withdrawal time."),
            ),
            models.CheckConstraint(
                condition=(Q(state="restricted") & ~Q(restriction="")) | (~Q(state="restricted") & Q(restriction="")),
                name="letter_restricted_has_reason",
                violation_error_message=_("A restriction must have a reason."),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "created_at"], name="letter_state"),
            models.Index(Upper("email"), name="letter_email"),  # As `iexact` asks on PostgreSQL.
        ]

    def __str__(self):
        return self.number


class Point(models.Model):
    """One thing that the sender recommends, in the sender's words. Both keys are public ones."""

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="points", verbose_name=_("submission"))
    order = models.PositiveSmallIntegerField(_("order"))
    text = models.TextField(_("text"), max_length=LONGEST_POINT)
    pillar_key = models.CharField(_("pillar"), max_length=80, blank=True)
    initiative_key = models.CharField(_("initiative"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("point of a submission")
        verbose_name_plural = _("points of submissions")
        ordering = ["letter_id", "order"]
        constraints = [models.UniqueConstraint(fields=["letter", "order"], name="point_order_in_letter")]

    def __str__(self):
        return f"{self.letter_id}: {self.order}"


class LetterPart(models.Model):
    """A confidential part, kept apart: for both delegations, or for one."""

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="parts", verbose_name=_("submission"))
    order = models.PositiveSmallIntegerField(_("order"))
    text = models.TextField(_("text"), max_length=LONGEST_POINT)
    addressed = models.CharField(_("for"), max_length=5, choices=Side)

    class Meta:
        verbose_name = _("confidential part")
        verbose_name_plural = _("confidential parts")
        ordering = ["letter_id", "order"]
        constraints = [models.UniqueConstraint(fields=["letter", "order"], name="part_order_in_letter")]

    def __str__(self):
        return f"{self.letter_id}: {self.order}"


class LetterDraft(models.Model):
    """What was attached to a form that had an error: a browser gives files once. It goes within a day."""

    secret_digest = models.CharField(max_length=64, unique=True, editable=False)
    changed_at = models.DateTimeField(_("changed on"), default=timezone.now)

    class Meta:
        verbose_name = _("submission draft")
        verbose_name_plural = _("submission drafts")
        indexes = [models.Index(fields=["changed_at"], name="letter_draft_age")]

    def __str__(self):
        return str(self.pk)


class Attachment(models.Model):
    """A file of a letter or of a draft. Nobody is shown it in a page: it is downloaded, under its digest."""

    letter = models.ForeignKey(
        Letter, models.CASCADE, null=True, related_name="attachments", verbose_name=_("submission")
    )
    draft = models.ForeignKey(
        LetterDraft, models.CASCADE, null=True, related_name="attachments", verbose_name=_("draft")
    )
    name = models.CharField(_("file name"), max_length=200)
    kind = models.CharField(_("type"), max_length=5, choices=FileKind)
    size = models.PositiveIntegerField(_("size"), help_text=_("bytes"))
    digest = models.CharField(_("hash"), max_length=64, help_text="SHA-256")
    file = models.FileField(_("file"), max_length=200, upload_to=stored_name, storage=private_storage)
    scan = models.CharField(_("scan for viruses"), max_length=10, choices=ScanState, default=ScanState.UNSCANNED)
    scanned_at = models.DateTimeField(_("scanned on"), null=True)
    addressed = models.CharField(
        _("confidential, for"),
        max_length=5,
        choices=Side,
        blank=True,
        help_text=_("Leave empty if the file is not confidential."),
    )
    added_at = models.DateTimeField(_("added on"), default=timezone.now)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["letter_id", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(letter__isnull=False, draft__isnull=True) | Q(letter__isnull=True, draft__isnull=False),
                name="attachment_of_letter_or_draft",
                violation_error_message=_("A file must belong to a submission or a draft."),
            ),
            models.UniqueConstraint(
                fields=["letter", "digest", "addressed"],
                name="attachment_once_in_letter",
                violation_error_message=_("This file has already been added."),
            ),
        ]
        indexes = [models.Index(fields=["scan"], name="attachment_scan")]

    def __str__(self):
        return str(self.pk)


class Correction(models.Model):
    """What the sender added later. The letter stays as it came."""

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="corrections", verbose_name=_("submission"))
    once_digest = models.CharField(max_length=64, unique=True, default=unguessable, editable=False)
    text = models.TextField(_("text"), max_length=LONGEST_POINT)
    addressed = models.CharField(_("confidential, for"), max_length=5, choices=Side, blank=True)
    created_at = models.DateTimeField(_("date received"), default=timezone.now)
    read_at = models.DateTimeField(_("read on"), null=True, blank=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["created_at", "pk"]

    def __str__(self):
        return str(self.pk)


class Handover(models.Model):
    """The sender names a colleague as the new contact; it counts once the new address is confirmed."""

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="handovers", verbose_name=_("submission"))
    secret_digest = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("email address"))
    asked_at = models.DateTimeField(_("requested on"), default=timezone.now)
    accepted_at = models.DateTimeField(_("accepted on"), null=True)

    class Meta:
        verbose_name = _("contact transfer")
        verbose_name_plural = _("contact transfers")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(accepted_at__gte=F("asked_at")),
                name="handover_accepted_after_it_was_asked",
                violation_error_message=_("A contact must be named before accepting."),
            ),
        ]

    def __str__(self):
        return str(self.pk)
