"""Facts: dated or measured statements about an initiative or a meeting, and their related rows."""

import contextlib
import datetime
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import Pair, active_language
from hled_portal.i18n.delegations import Side
from initiatives.vocabulary.actions import CHOICES, FactKind, Modality, fact_kind
from initiatives.vocabulary.choices import (
    MONEY,
    Currency,
    DateChangeReason,
    EndReason,
    Measure,
    Qualifier,
    ReadingStatus,
    Relation,
    Role,
)
from initiatives.vocabulary.fact_status import FactStatus, awaited_condition, fact_status, status_conditions

from .base import Dated, DurationField, EdtfField, KeyField, Row, TextRow, exactly_one
from .dialogue import Attendance, Heading, Meeting, Mode
from .initiative import Initiative
from .register import Organization, Place, Source


def _empty_unless(kind: str, message, **empty) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(kind=kind) | Q(**empty), name=f"fact_columns_of_{kind}", violation_error_message=message
    )


class Fact(TextRow, Dated):
    """One dated or measured statement about one initiative or one meeting."""

    initiative = models.ForeignKey(
        Initiative, models.CASCADE, null=True, blank=True, related_name="facts", verbose_name=_("initiative")
    )
    meeting = models.ForeignKey(
        Meeting, models.CASCADE, null=True, blank=True, related_name="facts", verbose_name=_("meeting")
    )
    key = KeyField(_("key"), max_length=50)
    kind = models.CharField(_("type"), max_length=10, choices=FactKind)
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    side = models.CharField(
        _("delegation"),
        max_length=5,
        choices=Side,
        help_text=_("The delegation responsible for this item, not who carries it out."),
    )
    action = models.CharField(_("action"), max_length=20, choices=CHOICES, blank=True)
    object_en = models.TextField(
        _("description (English)"), blank=True, help_text=_("Object of the action: the words after the verb.")
    )
    object_es = models.TextField(_("description (Spanish)"), blank=True)
    object = Pair()
    modality = models.CharField(_("type of date"), max_length=10, choices=Modality, blank=True)
    relation = models.CharField(_("on, by, since or until"), max_length=5, choices=Relation, blank=True)
    duration = DurationField(_("duration"))
    date_inferred = models.BooleanField(
        _("date inferred"), default=False, help_text=_("The source does not state the full date.")
    )
    places = models.ManyToManyField(Place, blank=True, related_name="facts", verbose_name=_("places"))
    ready = models.BooleanField(_("ready"), default=True)
    of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("part of (item)"),
        help_text=_(
            "Another item of the same initiative or meeting. For example, 160 participants is a figure of the forum."
        ),
    )
    mode = models.CharField(_("format"), max_length=10, choices=Mode, blank=True)
    series_position = models.PositiveSmallIntegerField(_("position in the series"), null=True, blank=True)
    series_size = models.PositiveSmallIntegerField(_("number of events in the series"), null=True, blank=True)
    series_rhythm = DurationField(_("frequency of the series"))
    end_edtf = EdtfField(_("end date"))
    end_reason = models.CharField(_("reason for closing"), max_length=10, choices=EndReason, blank=True)
    end_text_en = models.TextField(_("explanation of closure (English)"), blank=True)
    end_text_es = models.TextField(_("explanation of closure (Spanish)"), blank=True)
    measure = models.CharField(_("measure"), max_length=20, choices=Measure, blank=True)
    unit_en = models.CharField(_("unit (English)"), max_length=120, blank=True)
    unit_es = models.CharField(_("unit (Spanish)"), max_length=120, blank=True)
    unit = Pair()
    currency = models.CharField(
        _("currency"),
        max_length=3,
        choices=Currency,
        blank=True,
        help_text=_("Leave empty if the source does not state it."),
    )
    pairs = ("object", "date_wording", "end_text", "unit")
    required = ("object",)
    kept_with_it = ("places",)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["initiative_id", "meeting_id", "order", "key"]
        indexes = [
            models.Index(fields=["date_latest"], condition=awaited_condition("end_reason"), name="fact_awaited"),
            models.Index(fields=["initiative", "side"], name="fact_sides"),
            models.Index(fields=["side", "ready"], condition=Q(has_translation_gap=True), name="fact_untranslated"),
            models.Index(fields=["side"], condition=Q(ready=False), name="fact_drafts"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=exactly_one("initiative", "meeting"),
                name="fact_of_one_subject",
                violation_error_message=_("An item must belong to one initiative or one meeting."),
            ),
            models.UniqueConstraint(
                fields=["initiative", "key"],
                name="fact_key_in_initiative",
                violation_error_message=_("This initiative already has an item with this key."),
            ),
            models.UniqueConstraint(
                fields=["meeting", "key"],
                name="fact_key_in_meeting",
                violation_error_message=_("This meeting already has an item with this key."),
            ),
            models.CheckConstraint(
                condition=(Q(kind__in=["figure", "objective"]) & Q(action="", modality=""))
                | (Q(kind__in=["milestone", "event", "update"]) & ~Q(action="") & ~Q(modality="")),
                name="fact_action_by_kind",
                violation_error_message=_(
                    "A milestone, event or update needs an action and a type of date. A figure or "
                    "objective has neither."
                ),
            ),
            _empty_unless(
                "event",
                _("Only events have a format and a series."),
                mode="",
                series_position=None,
                series_size=None,
                series_rhythm="",
            ),
            _empty_unless(
                "milestone",
                _("Only milestones have a closing date and reason."),
                end_edtf="",
                end_reason="",
                end_text_en="",
                end_text_es="",
            ),
            _empty_unless(
                "figure",
                _("Only figures have a measure, unit and currency."),
                measure="",
                unit_en="",
                unit_es="",
                currency="",
            ),
            models.CheckConstraint(
                condition=~Q(kind="figure") | ~Q(measure=""),
                name="figure_has_a_measure",
                violation_error_message=_("Select what the figure measures."),
            ),
            models.CheckConstraint(
                condition=Q(currency="") | Q(measure__in=MONEY),
                name="currency_of_money",
                violation_error_message=_("Only amounts of money have a currency."),
            ),
            models.CheckConstraint(
                condition=~Q(end_reason="met") | Q(modality="happened"),
                name="met_has_happened",
                violation_error_message=_("A milestone marked as met must have happened."),
            ),
            models.CheckConstraint(
                condition=Q(end_edtf="") | ~Q(end_reason=""),
                name="end_has_a_reason",
                violation_error_message=_("Select the reason for closing."),
            ),
            models.CheckConstraint(
                condition=Q(series_position__isnull=True)
                | Q(series_size__isnull=True)
                | Q(series_position__lte=models.F("series_size")),
                name="position_within_series",
                violation_error_message=_("The position in a series cannot be higher than the number of events in it."),
            ),
        ]

    def __str__(self):
        return self.object or self.key

    @property
    def subject(self):
        """The initiative or meeting that the fact is about."""
        return self.initiative if self.initiative_id else self.meeting

    @property
    def cycle(self):
        """The cycle of its subject; an initiative without a pillar has none."""
        return self.subject.cycle

    def status_on(self, day: datetime.date, *, cycle_over: bool) -> FactStatus | None:
        return fact_status(
            modality=self.modality,
            ended=self.end_reason,
            earliest=self.date_earliest,
            latest=self.date_latest,
            day=day,
            cycle_over=cycle_over,
        )

    @classmethod
    def status_conditions(cls, day: datetime.date) -> dict[FactStatus, Q]:
        """The condition of each status on a day."""
        cycle_over = Q(initiative__pillar__cycle__ends__lt=day) | Q(meeting__cycle__ends__lt=day)
        columns = {"ended": "end_reason", "earliest": "date_earliest", "latest": "date_latest"}
        return status_conditions(day, cycle_over, **columns)

    def clean(self):
        super().clean()
        if self.action and fact_kind(self.action) != self.kind:
            kind = FactKind(fact_kind(self.action)).label
            raise ValidationError(
                {"action": _("This action can be used only for items of type “%(kind)s”.") % {"kind": kind}}
            )
        if self.of_id and (self.of.initiative_id, self.of.meeting_id) != (self.initiative_id, self.meeting_id):
            raise ValidationError({"of": _("This item belongs to another initiative or meeting.")})
        if self.of_id and self.of_id == self.pk:
            raise ValidationError({"of": _("An item cannot be part of itself.")})


class DateChange(TextRow):
    """A date of a fact that was changed: the old, the new, and why."""

    fact = models.ForeignKey(Fact, models.CASCADE, related_name="date_changes", verbose_name=_("item"))
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    old_edtf = EdtfField(_("old date"))
    old_modality = models.CharField(_("old type of date"), max_length=10, choices=Modality)
    new_edtf = EdtfField(_("new date"))
    new_modality = models.CharField(_("new type of date"), max_length=10, choices=Modality)
    reason = models.CharField(_("reason"), max_length=20, choices=DateChangeReason)
    text_en = models.TextField(_("explanation (English)"), blank=True)
    text_es = models.TextField(_("explanation (Spanish)"), blank=True)
    text = Pair()
    changed_on = models.DateField(_("changed on"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="date_changes",
        verbose_name=_("changed by"),
    )
    pairs = ("text",)

    class Meta:
        verbose_name = _("date change")
        verbose_name_plural = _("date changes")
        ordering = ["fact_id", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["fact", "order"],
                name="date_change_order_in_fact",
                violation_error_message=_("This item already has a date change in this position."),
            ),
            models.CheckConstraint(
                condition=~Q(old_edtf=models.F("new_edtf")) | ~Q(old_modality=models.F("new_modality")),
                name="date_change_changes",
                violation_error_message=_("The new date must be different from the old one."),
            ),
        ]

    def __str__(self):
        return f"{self.old_edtf} → {self.new_edtf}"


class Reading(Row):
    """A value of a figure, as one body gave it on one day. An empty value is unknown."""

    fact = models.ForeignKey(Fact, models.CASCADE, related_name="readings", verbose_name=_("figure"))
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    status = models.CharField(_("type of value"), max_length=10, choices=ReadingStatus, default=ReadingStatus.ACTUAL)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4, null=True, blank=True)
    qualifier = models.CharField(_("precision"), max_length=10, choices=Qualifier, default=Qualifier.EXACTLY)
    value_to = models.DecimalField(_("upper end"), max_digits=20, decimal_places=4, null=True, blank=True)
    out_of = models.DecimalField(_("out of"), max_digits=20, decimal_places=4, null=True, blank=True)
    every = DurationField(_("repeated every"))
    as_of_edtf = EdtfField(_("as of"))
    as_of_inferred = models.BooleanField(
        _("as-of date inferred"), default=False, help_text=_("Taken from the date of the source itself.")
    )
    period_edtf = EdtfField(_("period covered"))
    period_inferred = models.BooleanField(_("period inferred"), default=False)
    duration = DurationField(_("duration covered"))
    places = models.ManyToManyField(Place, blank=True, related_name="readings", verbose_name=_("places"))
    reporting_body = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="readings",
        verbose_name=_("reporting body"),
    )
    paid_by = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="shares", verbose_name=_("paid by")
    )
    kept_with_it = ("places",)

    class Meta:
        verbose_name = _("reported value")
        verbose_name_plural = _("reported values")
        ordering = ["fact_id", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["fact", "order"],
                name="reading_order_in_fact",
                violation_error_message=_("This figure already has a reported value in this position."),
            ),
        ]

    def __str__(self):
        date = self.as_of_edtf or self.period_edtf
        with contextlib.suppress(ValueError):  # As typed, in a form that is refused.
            date = edtf_dates.to_text(date, active_language())
        value = "" if self.value is None else localize(Decimal(f"{Decimal(str(self.value)).normalize():f}"))
        return f"{date}: {value}".strip(": ")

    def clean(self):
        super().clean()
        if self.fact_id and self.fact.kind != FactKind.FIGURE:
            raise ValidationError({"fact": _("Only figures have reported values.")})
        if self.value_to is not None and (self.value is None or self.value_to <= self.value):
            raise ValidationError({"value_to": _("Enter a number above the value, such as 7000 for “5,000 to 7,000”.")})
        if self.out_of is not None and (self.value is None or self.out_of < self.value):
            raise ValidationError({"out_of": _("Enter the total, such as 6 for “5 of 6”.")})


class Participation(TextRow):
    """An organization or an unnamed group with its role in an initiative or in a fact."""

    initiative = models.ForeignKey(
        Initiative, models.CASCADE, null=True, blank=True, related_name="participations", verbose_name=_("initiative")
    )
    fact = models.ForeignKey(
        Fact, models.CASCADE, null=True, blank=True, related_name="participations", verbose_name=_("item")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    role = models.CharField(_("role"), max_length=15, choices=Role)
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="participations",
        verbose_name=_("organization"),
    )
    unnamed_en = models.CharField(_("unnamed group (English)"), max_length=250, blank=True)
    unnamed_es = models.CharField(_("unnamed group (Spanish)"), max_length=250, blank=True)
    unnamed = Pair()
    pairs = ("unnamed",)

    class Meta:
        verbose_name = _("organization and role")
        verbose_name_plural = _("organizations and roles")
        ordering = ["initiative_id", "fact_id", "order"]
        constraints = [
            models.CheckConstraint(
                condition=exactly_one("initiative", "fact"),
                name="participation_in_one",
                violation_error_message=_("A role must belong to one initiative or one item."),
            ),
            models.CheckConstraint(
                condition=exactly_one("organization", "unnamed"),
                name="participation_of_one",
                violation_error_message=_("A role must belong to one organization or one unnamed group."),
            ),
            models.UniqueConstraint(
                fields=["initiative", "order"],
                name="participation_order_in_initiative",
                violation_error_message=_("This initiative already has a role in this position."),
            ),
            models.UniqueConstraint(
                fields=["fact", "order"],
                name="participation_order_in_fact",
                violation_error_message=_("This item already has a role in this position."),
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()}: {self.organization or self.unnamed}"


class Citation(Row):
    """The place in a source that supports a row."""

    initiative = models.ForeignKey(
        Initiative, models.CASCADE, null=True, blank=True, related_name="citations", verbose_name=_("initiative")
    )
    fact = models.ForeignKey(
        Fact, models.CASCADE, null=True, blank=True, related_name="citations", verbose_name=_("item")
    )
    reading = models.ForeignKey(
        Reading, models.CASCADE, null=True, blank=True, related_name="citations", verbose_name=_("reported value")
    )
    attendance = models.ForeignKey(
        Attendance, models.CASCADE, null=True, blank=True, related_name="citations", verbose_name=_("attendee")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    source = models.ForeignKey(Source, models.PROTECT, related_name="citations", verbose_name=_("source"))
    locator = models.CharField(_("location in the source"), max_length=80)
    heading = models.ForeignKey(
        Heading, models.PROTECT, null=True, blank=True, related_name="citations", verbose_name=_("heading")
    )
    heading_order = models.PositiveSmallIntegerField(_("order under the heading"), null=True, blank=True)

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ["initiative_id", "fact_id", "reading_id", "attendance_id", "order"]
        constraints = [
            models.CheckConstraint(
                condition=exactly_one("initiative", "fact", "reading", "attendance"),
                name="citation_of_one",
                violation_error_message=_(
                    "A citation must belong to one initiative, item, reported value or attendee."
                ),
            ),
            *(
                models.UniqueConstraint(
                    fields=[cited, "order"],
                    name=f"citation_order_in_{cited}",
                    violation_error_message=_("There is already a citation in this position."),
                )
                for cited in ("initiative", "fact", "reading", "attendance")
            ),
        ]

    def __str__(self):
        return self.locator
