"""Initiatives, their links, and who reports on them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import Pair
from initiatives.vocabulary.choices import Confidence, InitiativeKind, LinkKind, Stage

from .base import DurationField, KeyField, Row, TextRow, exactly_one
from .dialogue import Pillar, Workstream
from .register import Merged, Organization, Place, Topic

DEEPEST = 3


class Initiative(TextRow, Merged):
    """A commitment that the delegations follow from meeting to meeting; nested up to three levels."""

    key = KeyField(_("key"), unique=True)
    pillar = models.ForeignKey(
        Pillar,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="initiatives",
        verbose_name=_("pillar"),
        help_text=_("Leave empty if no document names one."),
    )
    workstream = models.ForeignKey(
        Workstream, models.PROTECT, null=True, blank=True, related_name="initiatives", verbose_name=_("workstream")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )
    kind = models.CharField(_("type"), max_length=15, choices=InitiativeKind)
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    title_es = models.CharField(_("title (Spanish)"), max_length=200, blank=True)
    title = Pair()
    summary_en = models.TextField(_("summary (English)"), blank=True)
    summary_es = models.TextField(_("summary (Spanish)"), blank=True)
    summary = Pair()
    stage = models.CharField(_("status"), max_length=10, choices=Stage)
    confidence = models.CharField(
        _("delivery outlook"), max_length=10, choices=Confidence, default=Confidence.NOT_STATED
    )
    places = models.ManyToManyField(Place, blank=True, related_name="initiatives", verbose_name=_("places"))
    topics = models.ManyToManyField(Topic, blank=True, related_name="initiatives", verbose_name=_("topics"))
    revision = models.PositiveIntegerField(_("revision number"), default=1, editable=False)
    pairs = required = ("title", "summary")
    kept_with_it = ("places", "topics")

    class Meta:
        verbose_name = _("initiative")
        verbose_name_plural = _("initiatives")
        ordering = ["pillar", "workstream", "key"]
        indexes = [models.Index(fields=["pillar", "key"], name="initiative_in_pillar")]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="initiative_not_its_own_parent",
                violation_error_message=_("An initiative cannot be part of itself."),
            ),
        ]

    def __str__(self):
        return self.title

    def clean(self):
        super().clean()
        if self.workstream_id and self.workstream.pillar_id != self.pillar_id:
            raise ValidationError({"workstream": _("This workstream belongs to another pillar.")})
        depth, above = 1, self.parent
        while above is not None:
            depth += 1
            if above.pk == self.pk or depth > DEEPEST:
                raise ValidationError(
                    {"parent": _("Initiatives can have up to three levels and cannot be under themselves.")}
                )
            above = above.parent

    @property
    def cycle(self):
        """The cycle of its pillar; none where no document names a pillar."""
        return self.pillar.cycle if self.pillar_id else None

    def touch(self) -> None:
        """Raise the revision: an import or an edit changed this initiative or a related row."""
        self.touch_all([self.pk])

    @classmethod
    def touch_all(cls, keys: list[int]) -> None:
        """Raise the revision of several in one query."""
        cls.objects.filter(pk__in=keys).update(revision=F("revision") + 1)


class Link(TextRow):
    """A typed tie from an initiative to another, to a named programme, or to something unnamed."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="links", verbose_name=_("initiative"))
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    kind = models.CharField(_("type"), max_length=15, choices=LinkKind)
    to_initiative = models.ForeignKey(
        Initiative,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="links_here",
        verbose_name=_("to the initiative"),
    )
    to_organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="links_here",
        verbose_name=_("to the program"),
    )
    unnamed_en = models.CharField(_("to an item with no record (English)"), max_length=250, blank=True)
    unnamed_es = models.CharField(_("to an item with no record (Spanish)"), max_length=250, blank=True)
    unnamed = Pair()
    pairs = ("unnamed",)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["initiative_id", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "order"],
                name="link_order_in_initiative",
                violation_error_message=_("This initiative already has a link in this position."),
            ),
            models.CheckConstraint(
                condition=exactly_one("to_initiative", "to_organization", "unnamed"),
                name="link_to_one",
                violation_error_message=_("A link must go to one initiative, one program or one unnamed item."),
            ),
            models.CheckConstraint(
                condition=Q(to_initiative__isnull=True) | ~Q(to_initiative=F("initiative")),
                name="link_to_another",
                violation_error_message=_("An initiative cannot be linked to itself."),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.to_initiative or self.to_organization or self.unnamed}"


class ReportingDuty(Row):
    """Who reports on an initiative, and how often."""

    initiative = models.ForeignKey(
        Initiative, models.CASCADE, related_name="reporting_duties", verbose_name=_("initiative")
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="reporting_duties", verbose_name=_("organization")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reporting_duties",
        verbose_name=_("responsible person"),
    )
    every = DurationField(_("how often"))

    class Meta:
        verbose_name = _("reporting requirement")
        verbose_name_plural = _("reporting requirements")
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "organization"],
                name="reporting_duty_once",
                violation_error_message=_("This organization already reports on this initiative."),
            ),
        ]

    def __str__(self):
        return str(self.organization)


class Staff(models.Model):
    """Who works for which organization."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="posts", verbose_name=_("person"))
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="staff", verbose_name=_("organization"))

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization"],
                name="staff_once",
                violation_error_message=_("This person already works for this organization."),
            ),
        ]

    def __str__(self):
        return f"{self.user} – {self.organization}"
