"""Recommendations: what triage makes of letters. Only `triage.py` changes a state, and each move is a row."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import BilingualModel, Language, Pair
from hled_portal.i18n.delegations import Delegation
from hled_portal.publishing.signed_text import Basis
from initiatives.models import Initiative, Pillar
from initiatives.models.base import KeyField
from stakeholders.vocabulary import CaseState, MoveAction, Restriction, Sector, SenderCountry

from .consultations import Area, Consultation
from .letters import LONGEST_POINT, Letter, Point
from .querysets import PublishedRecommendationQuerySet, RecommendationQuerySet
from .search_rows import index_recommendation

#: How many words of a recommendation replace a title for staff.
TITLE_WORDS = 12


class _NamedInBothLanguages(BilingualModel):
    """A name for staff in both languages."""

    key = KeyField(_("key"), unique=True)
    name_en = models.CharField(_("name (English)"), max_length=250, blank=True)
    name_es = models.CharField(_("name (Spanish)"), max_length=250, blank=True)
    name = Pair()
    pairs = required = ("name",)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name


class Tag(_NamedInBothLanguages):
    """A word by which staff sort recommendations."""

    class Meta:
        verbose_name = _("recommendation tag")
        verbose_name_plural = _("recommendation tags")
        ordering = ["key"]


class Campaign(_NamedInBothLanguages):
    """Many letters with the same or nearly the same text."""

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["key"]


class Recommendation(BilingualModel):
    """One thing asked for, in an author's words; as many letters ask for it as it has rows of `Asking`."""

    key = KeyField(_("key"), unique=True, help_text=_("Part of its web address, for example r-2026-0042."))
    consultation = models.ForeignKey(
        Consultation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="recommendations",
        verbose_name=_("consultation"),
    )
    pillar = models.ForeignKey(
        Pillar, models.PROTECT, null=True, blank=True, related_name="recommendations", verbose_name=_("pillar")
    )
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="recommendations", verbose_name=_("area")
    )
    text = models.TextField(_("text in the author's words"), max_length=LONGEST_POINT)
    language = models.CharField(_("language of the text"), max_length=2, choices=Language)
    summary_en = models.TextField(_("summary (English)"), blank=True)
    summary_es = models.TextField(_("summary (Spanish)"), blank=True)
    summary = Pair()
    pairs = ("summary",)
    campaign = models.ForeignKey(
        Campaign,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="recommendations",
        verbose_name=_("campaign"),
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="recommendations", verbose_name=_("tags"))
    state = models.CharField(_("status"), max_length=12, choices=CaseState, default=CaseState.RECEIVED, editable=False)
    restriction = models.CharField(
        _("reason for restriction"), max_length=15, choices=Restriction, blank=True, editable=False
    )
    restriction_text = models.TextField(_("explanation"), blank=True, editable=False)
    received_on = models.DateField(_("date received"))
    answer_due = models.DateField(_("response due date"), null=True, blank=True)
    answered_at = models.DateTimeField(_("response date"), null=True, editable=False)
    source_key = models.CharField(_("source"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("created on"), default=timezone.now, editable=False)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering = ["received_on", "key"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(state="restricted") & ~Q(restriction="")) | (~Q(state="restricted") & Q(restriction="")),
                name="recommendation_restricted_has_reason",
                violation_error_message=_("A restriction must have a reason."),
            ),
            models.CheckConstraint(
                condition=~Q(restriction="other") | ~Q(restriction_text=""),
                name="recommendation_other_reason_in_words",
                violation_error_message=_("Describe the other reason."),
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(answered_at__isnull=False),
                name="recommendation_answered_at_a_time",
                violation_error_message=_("A recommendation with a response must have the time of the response."),
            ),
        ]
        indexes = [models.Index(fields=["state", "answer_due"], name="recommendation_state")]

    def __str__(self):
        """Without a word of its author: logs keep it, from which nothing is erased."""
        return self.key

    @property
    def label(self) -> str:
        """What pages for those who read submissions call it: its first words and its number."""
        words = Truncator(self.summary or self.text).words(TITLE_WORDS)
        return f"“{words}” ({self.key})" if words else self.key


class Asking(models.Model):
    """A letter asks for a recommendation, in these words of its own."""

    recommendation = models.ForeignKey(
        Recommendation, models.CASCADE, related_name="askings", verbose_name=_("recommendation")
    )
    letter = models.ForeignKey(Letter, models.CASCADE, related_name="askings", verbose_name=_("submission"))
    point = models.ForeignKey(
        Point, models.SET_NULL, null=True, blank=True, related_name="askings", verbose_name=_("point of the submission")
    )
    text = models.TextField(_("words of the submission"), max_length=LONGEST_POINT)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    joined_at = models.DateTimeField(_("merged on"), default=timezone.now, editable=False)
    joined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("merged by"),
    )

    class Meta:
        verbose_name = _("submission that includes it")
        verbose_name_plural = _("submissions that include it")
        ordering = ["joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "letter"],
                name="asking_once",
                violation_error_message=_("This submission is already linked to this recommendation."),
            ),
        ]

    def __str__(self):
        return f"{self.letter_id}: {self.recommendation_id}"


class InitiativeLink(models.Model):
    """A recommendation concerns, or shaped, an initiative. Public through published texts only."""

    recommendation = models.ForeignKey(
        Recommendation, models.CASCADE, related_name="links", verbose_name=_("recommendation")
    )
    initiative = models.ForeignKey(
        Initiative, models.CASCADE, related_name="recommendation_links", verbose_name=_("initiative")
    )
    shaped = models.BooleanField(
        _("it influenced the initiative"),
        default=False,
        help_text=_("Not selected: it is only related to the initiative."),
    )

    class Meta:
        verbose_name = _("link to an initiative")
        verbose_name_plural = _("links to initiatives")
        ordering = ["initiative__key"]
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "initiative"],
                name="recommendation_link_once",
                violation_error_message=_("This initiative is already linked."),
            ),
        ]

    def __str__(self):
        return f"{self.recommendation_id}: {self.initiative_id}"


def _one_subject(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(letter__isnull=False, recommendation__isnull=True)
        | Q(letter__isnull=True, recommendation__isnull=False),
        name=name,
        violation_error_message=_("It must belong to a submission or a recommendation."),
    )


class Move(models.Model):
    """One move of a letter or a recommendation: who, when, from where to where, and why. Rows are only ever added.

    `by` is empty for the sender and for jobs. `detail` names keys and numbers, never a person.
    """

    letter = models.ForeignKey(
        Letter, models.CASCADE, null=True, blank=True, related_name="moves", verbose_name=_("submission")
    )
    recommendation = models.ForeignKey(
        Recommendation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="moves",
        verbose_name=_("recommendation"),
    )
    action = models.CharField(_("step"), max_length=15, choices=MoveAction)
    before = models.CharField(_("from"), max_length=12, choices=CaseState, blank=True)
    after = models.CharField(_("to"), max_length=12, choices=CaseState, blank=True)
    at = models.DateTimeField(_("date and time"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    delegation = models.CharField(_("delegation"), max_length=2, choices=Delegation, blank=True)
    restriction = models.CharField(_("reason"), max_length=15, choices=Restriction, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["pk"]
        constraints = [_one_subject("move_of_letter_or_recommendation")]

    def __str__(self):
        return f"{self.pk}: {self.action}"


class Objection(models.Model):
    """The sender says that the letter was split or joined wrongly; staff answer."""

    asking = models.ForeignKey(
        Asking, models.SET_NULL, null=True, blank=True, related_name="objections", verbose_name=_("recommendation")
    )
    letter = models.ForeignKey(Letter, models.CASCADE, related_name="objections", verbose_name=_("submission"))
    once_digest = models.CharField(max_length=64, unique=True, editable=False)
    text = models.TextField(_("text"), max_length=LONGEST_POINT)
    created_at = models.DateTimeField(_("date received"), default=timezone.now)
    answer = models.TextField(_("staff response"), blank=True)
    answered_at = models.DateTimeField(_("response date"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("responded to by"),
    )

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["created_at", "pk"]

    def __str__(self):
        return str(self.pk)


class Assignment(models.Model):
    """Who of a delegation works on a recommendation. One at a time for each delegation."""

    recommendation = models.ForeignKey(
        Recommendation, models.CASCADE, related_name="assignments", verbose_name=_("recommendation")
    )
    delegation = models.CharField(_("delegation"), max_length=2, choices=Delegation)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments", verbose_name=_("assigned to")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("assigned by"))
    at = models.DateTimeField(_("date and time"), default=timezone.now)
    ended_at = models.DateTimeField(_("finished on"), null=True, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "delegation"],
                condition=Q(ended_at__isnull=True),
                name="assignment_one_of_delegation",
                violation_error_message=_("This delegation has already assigned it."),
            ),
        ]

    def __str__(self):
        return f"{self.recommendation_id}: {self.delegation}"


class Note(models.Model):
    """A note of one delegation, which the other never sees."""

    letter = models.ForeignKey(
        Letter, models.CASCADE, null=True, blank=True, related_name="notes", verbose_name=_("submission")
    )
    recommendation = models.ForeignKey(
        Recommendation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="notes",
        verbose_name=_("recommendation"),
    )
    delegation = models.CharField(_("delegation"), max_length=2, choices=Delegation)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author"))
    text = models.TextField(_("text"), max_length=LONGEST_POINT)
    at = models.DateTimeField(_("date and time"), default=timezone.now)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["at", "pk"]
        constraints = [_one_subject("note_of_letter_or_recommendation")]

    def __str__(self):
        return str(self.pk)


class PublishedRecommendation(models.Model):
    """What the public reads of a recommendation, as a triage move made it; either side restricts it.

    `text` has the author's words in `language`; the summary is cleared by both delegations. No name is kept
    here: it is joined from the letter's consent whenever somebody reads.
    """

    recommendation = models.OneToOneField(
        Recommendation, models.PROTECT, related_name="published", verbose_name=_("recommendation")
    )
    asking = models.ForeignKey(
        Asking,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="published",
        verbose_name=_("submission these words come from"),
    )
    key = models.CharField(_("key"), max_length=80, unique=True)
    text = models.TextField(_("text in the author's words"))
    language = models.CharField(_("language of the text"), max_length=2, choices=Language)
    summary_en = models.TextField(_("summary (English)"), blank=True)
    summary_es = models.TextField(_("summary (Spanish)"), blank=True)
    summary = Pair()
    us_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approved for the U.S. by"),
    )
    mx_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("approved for Mexico by")
    )
    us_digest = models.CharField(max_length=64, blank=True)
    mx_digest = models.CharField(max_length=64, blank=True)
    #: What one delegation cleared and the other has not yet; readers keep what both cleared before.
    pending_digest = models.CharField(max_length=64, blank=True)
    pending_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    pillar_key = models.CharField(_("pillar"), max_length=80, blank=True, db_index=True)
    area_key = models.CharField(_("area"), max_length=80, blank=True)
    consultation_key = models.CharField(_("consultation"), max_length=80, blank=True)
    sector = models.CharField(_("sector"), max_length=20, choices=Sector, blank=True)
    country = models.CharField(_("country"), max_length=2, choices=SenderCountry, blank=True)
    received_on = models.DateField(_("date received"))
    answer_due = models.DateField(_("response due date"), null=True)
    source_key = models.CharField(_("source"), max_length=80, blank=True)
    published_at = models.DateTimeField(_("published on"), null=True)
    restricted_at = models.DateTimeField(_("restricted on"), null=True)
    restriction = models.CharField(_("reason for restriction"), max_length=15, choices=Restriction, blank=True)

    objects = PublishedRecommendationQuerySet.as_manager()

    #: What pages name it by where they tell the basis of a text.
    subject_kind = "recommendation"

    class Meta:
        verbose_name = _("published recommendation")
        verbose_name_plural = _("published recommendations")
        ordering = ["-received_on", "key"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(restricted_at__isnull=True) & Q(restriction=""))
                | (Q(restricted_at__isnull=False) & ~Q(restriction="")),
                name="published_restricted_has_reason",
                violation_error_message=_("A restriction must have a reason."),
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True)
                | ~Q(source_key="")
                | (
                    Q(us_officer__isnull=False, mx_officer__isnull=False, us_digest=F("mx_digest"))
                    & ~Q(us_digest="")
                    & ~Q(us_officer=F("mx_officer"))
                ),
                name="published_cleared_by_both",
                violation_error_message=_(
                    "A published recommendation must be approved by both delegations or be based on a published "
                    "document."
                ),
            ),
        ]

    def __str__(self):
        return self.key

    def save(self, *args, **kwargs):
        """With its rows of the search."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            index_recommendation(self)

    @property
    def basis(self) -> str:
        return Basis.JOINT_TEXT if self.source_key else Basis.KEYS
