"""Calls for input: what is asked, until when, and for which meeting. A standing intake has no end."""

import datetime
import json

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.dates import timezones
from hled_portal.i18n.bilingual import LANGUAGES, Pair, in_language
from hled_portal.publishing.signed_text import OPEN, Signed, State
from initiatives.models import Edition, Meeting, Pillar
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
    """A call for input as officers write it; readers read the version that both delegations approved."""

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
        ]

    def __str__(self):
        return self.title


class ConsultationEdition(Signed):
    """The frozen text of a call for input: open from the first day to the end of the last, by the clock alone.

    The columns below the identity are an index, worked out of the content.
    """

    identity = ("subject_kind", "consultation_key")

    subject_kind = models.CharField(max_length=12, default="consultation", editable=False)
    consultation_key = models.CharField(_("consultation"), max_length=80, editable=False, db_index=True)

    title_en = models.CharField(max_length=250, blank=True, editable=False)
    title_es = models.CharField(max_length=250, blank=True, editable=False)
    title = Pair()
    words_en = models.TextField(blank=True, editable=False)
    words_es = models.TextField(blank=True, editable=False)
    words = Pair()
    opens = models.DateField(_("first day"), editable=False)
    closes = models.DateField(_("last day"), null=True, editable=False)
    opens_at = models.DateTimeField(_("opens on"), editable=False)
    closes_at = models.DateTimeField(_("closes on"), null=True, editable=False)

    objects = ConsultationQuerySet.as_manager()

    class Meta(Signed.Meta):
        abstract = False
        verbose_name = _("version of a consultation")
        verbose_name_plural = _("versions of consultations")
        ordering = ["consultation_key", "number"]
        permissions = [
            ("propose_consultationedition", "Can propose a consultation"),
            ("clear_consultationedition", "Can set a delegation's key on a consultation"),
            ("release_consultationedition", "Can release consultations"),
        ]
        constraints = [
            *Signed.Meta.constraints,
            models.CheckConstraint(
                condition=Q(subject_kind="consultation"),
                name="consultationedition_is_a_consultation",
                violation_error_message=_("The text must be named as a consultation."),
            ),
            models.UniqueConstraint(
                fields=["consultation_key", "number"],
                name="consultationedition_number_once",
                violation_error_message=_("This version number is already in use."),
            ),
            models.UniqueConstraint(
                fields=["consultation_key"],
                condition=Q(state__in=OPEN),
                name="consultationedition_one_open_proposal",
                violation_error_message=_("There is already an open proposal for this consultation."),
            ),
            models.UniqueConstraint(
                fields=["consultation_key"],
                condition=Q(state=State.PUBLISHED),
                name="consultationedition_one_published",
                violation_error_message=_("Only one version of a consultation can be the current published one."),
            ),
        ]

    def __str__(self):
        return self.text if self.number else self.name

    def save(self, *args, **kwargs):
        if self._state.adding:
            self.build_index()
        super().save(*args, **kwargs)

    @cached_property
    def data(self) -> dict:
        """The content, read."""
        return json.loads(self.content)

    @property
    def key(self) -> str:
        return self.consultation_key

    @property
    def subject_key(self) -> str:
        """What withdrawal notices call it by, beside the kind."""
        return self.consultation_key

    #: A consultation may be about several pillars; withdrawal notices read the attribute.
    pillar_key = ""

    @property
    def caption(self):
        return _t("Consultation: %(title)s") % {"title": in_language(self.data, "title")}

    @classmethod
    def public_subjects(cls, texts):
        rows = Edition.objects.published().filter(subject_kind__in=("meeting", "pillar")).order_by()
        return set(rows.values_list("subject_kind", "subject_key"))

    def refusals_of_release(self, together, public):
        """Name the pillars and the meeting of the consultation that would not be public with it."""
        public = public | {(text.subject_kind, text.subject_key) for text in together}
        needed = [("pillar", key) for key in self.data["pillars"]]
        needed += [("meeting", self.data["meeting"])] if self.data["meeting"] else []
        return [
            _t("%(text)s refers to %(kind)s “%(title)s”, which is not public.")
            % {"text": self.caption, **_name_subject(kind, key)}
            for kind, key in needed
            if (kind, key) not in public
        ]

    def on_withdrawn(self) -> None:
        self.build_index()
        self.save()

    def build_index(self) -> None:
        """Make the columns from the content; of a withdrawn text no words."""
        gone = self.state == State.WITHDRAWN
        for column, name in (("title", "title"), ("words", "text")):
            for language in LANGUAGES:
                setattr(self, f"{column}_{language}", "" if gone else self.data[f"{name}_{language}"])
        self.opens = datetime.date.fromisoformat(self.data["opens"])
        self.closes = datetime.date.fromisoformat(self.data["closes"]) if self.data["closes"] else None
        self.opens_at, self.closes_at = opening_and_closing(self.opens, self.closes)


def opening_and_closing(
    opens: datetime.date, closes: datetime.date | None
) -> tuple[datetime.datetime, datetime.datetime | None]:
    """The moments of these days: the earlier midnight opens, the later one closes."""
    closing = max(timezones.midnights(closes, after=True)) if closes else None
    return min(timezones.midnights(opens)), closing


def _name_subject(kind: str, key: str) -> dict[str, str]:
    model = {"pillar": Pillar, "meeting": Meeting}[kind]
    row = model.objects.filter(key=key).first()
    return {"kind": str(model._meta.verbose_name), "title": str(row or key)}
