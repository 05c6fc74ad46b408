"""Consultations as readers see them at a moment: which are open, when they close, and what came of them."""

import datetime
from dataclasses import dataclass

from hled_portal.dates import timezones
from hled_portal.dates.as_of import Moment, instant
from hled_portal.i18n.bilingual import in_language
from initiatives.models import Edition
from initiatives.record import name_lookup
from stakeholders.models import ConsultationEdition


@dataclass(frozen=True)
class ConsultationTopic:
    """What a consultation is about, or the meeting that it informs: a label, and the page where it has one."""

    label: str
    kind: str = ""
    parts: tuple = ()


@dataclass(frozen=True)
class Call:
    """A public consultation. It opens and closes by the clock alone: nothing has to run for it."""

    row: ConsultationEdition
    now: datetime.datetime

    @property
    def is_open(self) -> bool:
        return self.row.opens_at <= self.now and (self.row.closes_at is None or self.now < self.row.closes_at)

    @property
    def is_over(self) -> bool:
        return self.row.closes_at is not None and self.row.closes_at <= self.now

    @property
    def opens_words(self) -> str:
        return timezones.to_text(self.row.opens_at)

    @property
    def closes_words(self) -> str:
        """The later midnight in the time of both capitals; empty for a standing intake."""
        return timezones.to_text(self.row.closes_at) if self.row.closes_at else ""


@dataclass(frozen=True)
class Consultations:
    """All public consultations of a moment, those that close first before the others."""

    open: list[Call]
    standing: list[Call]
    to_come: list[Call]
    closed: list[Call]

    def __bool__(self) -> bool:
        return bool(self.open or self.standing or self.to_come or self.closed)


def public_consultations(at: Moment) -> Consultations:
    """One query."""
    now = instant(at)
    calls = [Call(row, now) for row in ConsultationEdition.objects.public(at).order_by("closes_at", "consultation_key")]
    return Consultations(
        open=[call for call in calls if call.is_open and call.row.closes_at],
        standing=[call for call in calls if call.is_open and not call.row.closes_at],
        to_come=[call for call in calls if not call.is_open and not call.is_over],
        closed=[call for call in reversed(calls) if call.is_over],
    )


def one(key: str, at: Moment) -> Call | None:
    row = ConsultationEdition.objects.public(at).filter(consultation_key=key).first()
    return Call(row, instant(at)) if row else None


def withdrawn(key: str, at: Moment) -> list[name_lookup.Marker]:
    """The notice of a consultation that was withdrawn. Two queries at most."""
    return name_lookup.withdrawal_markers(ConsultationEdition.objects.withdrawn(at).filter(consultation_key=key))


def about(call: Call, labels: dict[str, str]) -> list[ConsultationTopic]:
    """The pillars and areas that it asks about; pillars by their public names."""
    data = call.row.data
    pillars = [
        ConsultationTopic(labels[key], "pillar", tuple(key.rsplit("-", 1))) for key in data["pillars"] if key in labels
    ]
    return [*pillars, *(ConsultationTopic(in_language(area, "name")) for area in data["areas"])]


def meeting(call: Call, at: Moment) -> Edition | None:
    """The public edition of the meeting that it informs. One query where it has one."""
    if not call.row.data["meeting"]:
        return None
    return Edition.objects.public(at).of_kind("meeting").filter(subject_key=call.row.data["meeting"]).first()
