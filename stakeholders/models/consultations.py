"""Calls for input: what is asked, until when, and for which meeting. A standing intake has no end."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hled_portal.dates import timezones
from hled_portal.i18n.bilingual import Pair
from initiatives.models import Meeting, Pillar
from initiatives.models.base import KeyField, TextRow, Titled

from .querysets import ConsultationQuerySet


class Area(Titled):
    """An area on which the dialogue asks for advice, in the words of the text that named it."""

    key = KeyField(_("key"), unique=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    source_key = models.CharField(_("source"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("area of recommendations")
        verbose_name_plural = _("areas of recommendations")
        ordering = ["order", "key"]


class Consultation(TextRow):
    """A call for input. It is public from `published_at` on, and open from the first day to the end of the last."""

    kept_with_it = ("pillars", "areas")

    key = KeyField(_("key"), unique=True)
    title_en = models.CharField(_("title (English)"), max_length=250, blank=True)
    title_es = models.CharField(_("title (Spanish)"), max_length=250, blank=True)
    title = Pair()
    text_en = models.TextField(_("questions asked (English)"), blank=True)
    text_es = models.TextField(_("questions asked (Spanish)"), blank=True)
    text = Pair()
    pairs = required = ("title", "text")
    opens = models.DateField(_("first day"))
    closes = models.DateField(
        _("last day"),
        null=True,
        blank=True,
        help_text=_(
            "The consultation closes at midnight at the end of this day, in whichever capital is later. "
            "Leave blank if it has no closing date."
        ),
    )
    opens_at = models.DateTimeField(_("opens on"), editable=False)
    closes_at = models.DateTimeField(_("closes on"), null=True, editable=False)
    meeting = models.ForeignKey(
        Meeting,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="consultations",
        verbose_name=_("meeting it contributes to"),
    )
    pillars = models.ManyToManyField(Pillar, blank=True, related_name="consultations", verbose_name=_("pillars"))
    areas = models.ManyToManyField(Area, blank=True, related_name="consultations", verbose_name=_("areas"))
    published_at = models.DateTimeField(_("current from"), null=True, blank=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        ordering = ["-opens", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__isnull=True) | Q(closes__gte=F("opens")),
                name="consultation_ends_after_it_opens",
                violation_error_message=_("The last day cannot be before the first day."),
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True)
                | (~Q(title_en="") & ~Q(title_es="") & ~Q(text_en="") & ~Q(text_es="")),
                name="consultation_public_in_both_languages",
                violation_error_message=_("A consultation must be in both languages before it is published."),
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        self.set_moments()
        super().save(*args, **kwargs)

    def set_moments(self) -> None:
        """Work out the moments from the days: the earlier midnight opens, the later one closes."""
        self.opens_at = min(timezones.midnights(self.opens))
        self.closes_at = max(timezones.midnights(self.closes, after=True)) if self.closes else None
