"""Consultations as readers see them at a moment: which are open, when they close, and what came of them."""

import datetime
from dataclasses import dataclass

from hled_portal.dates import timezones
from hled_portal.dates.as_of import Moment, instant
from initiatives.models import Edition
from stakeholders.models import Consultation


@dataclass(frozen=True)
class ConsultationTopic:
    """What a consultation is about, or the meeting that it informs: a label, and the page where it has one."""

    label: str
    kind: str = ""
    parts: tuple = ()


@dataclass(frozen=True)
class Call:
    """A public consultation. It opens and closes by the clock alone: nothing has to run for it."""

    row: Consultation
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
    """One query; two with a publication."""
    now = instant(at)
    calls = [Call(row, now) for row in Consultation.objects.public(now).order_by("closes_at", "key")]
    return Consultations(
        open=[call for call in calls if call.is_open and call.row.closes_at],
        standing=[call for call in calls if call.is_open and not call.row.closes_at],
        to_come=[call for call in calls if not call.is_open and not call.is_over],
        closed=[call for call in reversed(calls) if call.is_over],
    )


def one(key: str, at: Moment) -> Call | None:
    now = instant(at)
    row = Consultation.objects.public(now).select_related("meeting").filter(key=key).first()
    return Call(row, now) if row else None


def about(call: Call, labels: dict[str, str], at: Moment) -> list[ConsultationTopic]:
    """The pillars and areas that it asks about; pillars by their public names. Two queries."""
    keys = [f"{cycle}-{number}" for cycle, number in call.row.pillars.values_list("cycle__key", "number")]
    pillars = [ConsultationTopic(labels[key], "pillar", tuple(key.rsplit("-", 1))) for key in keys if key in labels]
    return [*pillars, *(ConsultationTopic(area.name) for area in call.row.areas.all())]


def meeting(call: Call, at: Moment) -> Edition | None:
    """The public edition of the meeting that it informs. One query where it has one."""
    if call.row.meeting is None:
        return None
    return Edition.objects.public(at).of_kind("meeting").filter(subject_key=call.row.meeting.key).first()
