"""The days that a reader can choose, and what was entered into the portal later than the day from which it counts."""

import datetime
from dataclasses import dataclass

from django.db.models import Max, Min, Subquery
from django.utils import timezone

from hled_portal.dates import as_of
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language
from hled_portal.publishing import prepared_queries
from initiatives.models import Edition


@dataclass(frozen=True)
class MeetingDay:
    """A meeting with an exact day."""

    day: datetime.date
    name: str


@dataclass(frozen=True)
class Choices:
    """Meetings on days of which the record knows something, the newest first, and its first day."""

    meetings: list[MeetingDay]
    begins: datetime.date | None


def choices() -> Choices:
    """What a reader can choose from today. One query, two without a public meeting.

    The key of a meeting is its day, where that is exact.
    """
    rows = prepared_queries.fetch(_meetings, active_language(), at=as_of.now())
    begins = min((day for day in rows[0][2:] if day), default=None) if rows else first_day()
    days = [MeetingDay(day, name) for key, name, *_first_days in rows if (day := as_of.parsed_day(key))]
    return Choices([each for each in days if begins and begins <= each.day <= as_of.today()], begins)


def first_day() -> datetime.date | None:
    """The first day of which the record has a meeting or an initiative: a document may name no initiative."""
    rows = Edition.objects.filter(subject_kind__in=("initiative", "meeting"), number__isnull=False)
    return rows.aggregate(day=Min("public_from"))["day"]


def _first_day_of(kind: str) -> Subquery:
    """An index has it: of both kinds together all rows would be read."""
    released = Edition.objects.of_kind(kind).filter(number__isnull=False).order_by("public_from")
    return Subquery(released.values("public_from")[:1])


def _meetings(language: str, at: Moment):
    public = Edition.objects.public(at).of_kind("meeting")
    first_days = {f"first_{kind}": _first_day_of(kind) for kind in ("initiative", "meeting")}
    rows = public.annotate(**first_days).order_by("-subject_key")
    return rows.values_list("subject_key", f"title_{language}", *first_days)


@dataclass(frozen=True)
class Later:
    """When what is shown was entered, after the day that it claims; from the first to the last."""

    first: datetime.date
    last: datetime.date


def entered_later(at: Moment, edition: Edition | None = None) -> Later | None:
    """What of a past day was entered later: of one edition, or of the whole record. One query, none for today."""
    if not at.asked or at.day >= as_of.today():
        return None
    shown = Edition.objects.filter(pk=edition.pk) if edition else Edition.objects.public(at)
    midnight = datetime.datetime.combine(at.day + datetime.timedelta(days=1), datetime.time.min)
    late = shown.filter(release__released_at__gte=timezone.make_aware(midnight)).order_by()
    bounds = late.aggregate(first=Min("release__released_at"), last=Max("release__released_at"))
    if bounds["first"] is None:
        return None
    return Later(timezone.localdate(bounds["first"]), timezone.localdate(bounds["last"]))
