"""Cycles, pillars, workstreams, meetings and their principals."""

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import Pair
from hled_portal.i18n.delegations import Delegation
from initiatives.vocabulary.choices import MeetingKind, Mode
from initiatives.vocabulary.fact_status import is_cycle_over

from .base import Dated, KeyField, Row, TextRow, Titled
from .register import Organization, Place


class Cycle(Titled):
    """A run of the dialogue with its own pillars; its key is its first year."""

    key = KeyField(_("key"), unique=True)
    begins = models.DateField(_("begins"))
    ends = models.DateField(_("ends"), null=True, blank=True)

    class Meta:
        verbose_name = _("cycle")
        verbose_name_plural = _("cycles")
        ordering = ["begins"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gt=F("begins")),
                name="cycle_ends_after_it_begins",
                violation_error_message=_("The end of a cycle must be after its start."),
            ),
        ]

    def is_over(self, day: datetime.date) -> bool:
        return is_cycle_over(self.ends, day)


class Pillar(Titled):
    """One of the pillars of a cycle; its key is cycle and number, such as `2021-1`."""

    key = KeyField(_("key"), unique=True)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="pillars", verbose_name=_("cycle"))
    number = models.PositiveSmallIntegerField(_("number"))

    class Meta:
        verbose_name = _("pillar")
        verbose_name_plural = _("pillars")
        ordering = ["cycle__begins", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "number"],
                name="pillar_number_in_cycle",
                violation_error_message=_("This cycle already has a pillar with this number."),
            ),
        ]


class Workstream(Titled):
    """An item of a work plan, under one pillar."""

    key = KeyField(_("key"), unique=True)
    pillar = models.ForeignKey(Pillar, models.PROTECT, related_name="workstreams", verbose_name=_("pillar"))
    number = models.PositiveSmallIntegerField(_("number"))

    class Meta:
        verbose_name = _("workstream")
        verbose_name_plural = _("workstreams")
        ordering = ["pillar", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["pillar", "number"],
                name="workstream_number_in_pillar",
                violation_error_message=_("This pillar already has a workstream with this number."),
            ),
        ]


class Meeting(Titled, Dated):
    """A ministerial or a mid-year review. The period it reports on starts at the meeting before."""

    key = KeyField(_("key"), unique=True)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="meetings", verbose_name=_("cycle"))
    kind = models.CharField(_("type"), max_length=20, choices=MeetingKind)
    mode = models.CharField(_("format"), max_length=10, choices=Mode, blank=True)
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name=_("place")
    )

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["date_latest"]


class Heading(TextRow):
    """What one fact sheet wrote above its items; without a workstream it may carry an introduction."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="headings", verbose_name=_("meeting"))
    order = models.PositiveSmallIntegerField(_("order"))
    pillar = models.ForeignKey(
        Pillar, models.PROTECT, null=True, blank=True, related_name="headings", verbose_name=_("pillar")
    )
    workstream = models.ForeignKey(
        Workstream, models.PROTECT, null=True, blank=True, related_name="headings", verbose_name=_("workstream")
    )
    text_en = models.CharField(_("text (English)"), max_length=250, blank=True)
    text_es = models.CharField(_("text (Spanish)"), max_length=250, blank=True)
    text = Pair()
    introduction_en = models.TextField(_("introduction (English)"), blank=True)
    introduction_es = models.TextField(_("introduction (Spanish)"), blank=True)
    introduction = Pair()
    pairs = ("text", "introduction")
    required = ("text",)

    class Meta:
        verbose_name = _("heading")
        verbose_name_plural = _("headings")
        ordering = ["meeting_id", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "order"],
                name="heading_order_in_meeting",
                violation_error_message=_("This meeting already has a heading in this position."),
            ),
            models.CheckConstraint(
                condition=Q(workstream__isnull=True) | Q(introduction_en="", introduction_es=""),
                name="heading_introduction_without_workstream",
                violation_error_message=_("Only a heading without a workstream can have an introduction."),
            ),
        ]

    def __str__(self):
        return self.text


class Attendance(Row):
    """A principal of a meeting, with the office held on that day."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances", verbose_name=_("meeting"))
    order = models.PositiveSmallIntegerField(_("order"))
    delegation = models.CharField(_("delegation"), max_length=2, choices=Delegation)
    person = models.CharField(_("person"), max_length=120)
    office_en = models.CharField(_("position held (English)"), max_length=200)
    office_es = models.CharField(_("position held (Spanish)"), max_length=200)
    office = Pair()
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="attendances", verbose_name=_("organization")
    )

    class Meta:
        verbose_name = _("attendee")
        verbose_name_plural = _("attendees")
        ordering = ["meeting_id", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "order"],
                name="attendance_order_in_meeting",
                violation_error_message=_("This meeting already has an attendee in this position."),
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.office}"
