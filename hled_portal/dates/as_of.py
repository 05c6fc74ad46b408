"""A moment of the record: the day that a page is about, and up to which publication the portal's knowledge counts."""

import datetime
import re
from dataclasses import dataclass, field

from django.core.exceptions import BadRequest
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from hled_portal.models import Publication


class UnreadableMoment(BadRequest):
    """An `as_of` or `publication` that is no moment of the record; the message is for people, in their language."""


@dataclass(frozen=True)
class Moment:
    """The record as it stood at the end of `day`.

    With `publication`, only what this portal had recorded by that number of its log: the same record for ever,
    withdrawn texts apart. `asked` tells whether a reader asked for the day or it is simply today.
    """

    day: datetime.date
    publication: int | None = None
    asked: bool = True
    #: What was read for the request that the moment belongs to; None outside of one.
    read: dict | None = field(default=None, compare=False, repr=False)

    @property
    def query(self) -> str:
        """The part of an address that asks for this moment; empty for today."""
        parts = [f"as_of={self.day.isoformat()}"] if self.asked else []
        if self.publication is not None:
            parts.append(f"publication={self.publication}")
        return "&".join(parts)


def today() -> datetime.date:
    """The day in Mexico City."""
    return timezone.localdate()


def now() -> Moment:
    """The record as it stands."""
    return Moment(today(), asked=False)


def from_request(request) -> Moment:
    """The moment that the address asks for; today where it asks for none. Raises UnreadableMoment.

    Kept on the request: every part of a page speaks of the same moment.
    """
    if not hasattr(request, "moment"):
        day, publication = _day(request.GET.get("as_of", "")), _publication(request.GET.get("publication", ""))
        request.moment = Moment(day or today(), publication, asked=day is not None, read={})
    return request.moment


def instant(at: Moment) -> datetime.datetime:
    """The last instant that this moment knows, for what is public from a time and not by a release.

    The end of its day, or now where that has not come; of a publication, the time until the next one, so that a page
    that is cited with the newest number holds all that its reader saw. One query where there is a publication.
    """
    after = timezone.make_aware(datetime.datetime.combine(at.day, datetime.time.max))
    known = [after, timezone.now()]
    if at.publication is not None:
        later = Publication.objects.filter(number__gt=at.publication).order_by("position").first()
        if later is not None:
            known.append(datetime.datetime.fromisoformat(later.data["at"]))
    return min(known)


def parsed_day(text: str) -> datetime.date | None:
    """The day that is written as 2024-04-19, or None."""
    try:
        return datetime.date.fromisoformat(text) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def _day(text: str) -> datetime.date | None:
    if not text:
        return None
    day = parsed_day(text)
    if day is None:
        raise UnreadableMoment(
            _("“%(text)s” is not a date. Enter year, month and day, for example 2024-04-19.") % {"text": text}
        )
    if day > today():
        raise UnreadableMoment(_("%(day)s is in the future. Choose today or an earlier date.") % {"day": text})
    return day


def _publication(text: str) -> int | None:
    if not text:
        return None
    newest = newest_publication()
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= newest:
        values = {"text": text, "newest": newest}
        raise UnreadableMoment(_("Publication “%(text)s” does not exist. The latest is %(newest)s.") % values)
    return int(text)


def newest_publication() -> int:
    """The number at the head of the publication log; 0 before the first. One query."""
    return Publication.objects.aggregate(newest=Max("number"))["newest"] or 0
