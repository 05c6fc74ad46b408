"""The reading room: the day that a page is about, and the public names of that day."""

import datetime
import re
from dataclasses import dataclass

from django.core.exceptions import BadRequest
from django.db.models import Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hled_portal import dates
from hled_portal.bilingual import active_language, in_language

from . import contents, sentences
from .models import Edition

#: Kinds of the register that are read whole: a name may need what lies above it or took over, at any remove.
WHOLE = ("organization", "place")


class UnreadableDay(BadRequest):
    """An `as_of` that is no day of the record; the message is for people, in their language."""


def as_of(request) -> datetime.date:
    """The day that the address asks for, today in Mexico City where it asks for none. Raises UnreadableDay."""
    text = request.GET.get("as_of", "")
    today = timezone.localdate()
    if not text:
        return today
    try:
        day = datetime.date.fromisoformat(text) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        day = None
    if day is None:
        raise UnreadableDay(
            _("“%(text)s” is not a day. Write year, month and day, such as 2024-04-19.") % {"text": text}
        )
    if day > today:
        raise UnreadableDay(_("%(day)s has not come yet; the record is known up to today.") % {"day": text})
    return day


def goes_up_to(day: datetime.date) -> datetime.date | None:
    """The day of the last text that the record holds for readers of that day."""
    return Edition.objects.public(day).initiatives().aggregate(day=Max("last_reported"))["day"]


def begins() -> datetime.date | None:
    """The first day of which the record knows anything."""
    return Edition.objects.published().initiatives().aggregate(day=Min("public_from"))["day"]


# Names


class Register:
    """Public names of organizations, places, topics and sources, in the reader's language."""

    def __init__(self, found: dict[tuple[str, str], dict], day: datetime.date):
        self.contents = found
        self.language = active_language()
        self.names = sentences.Names(found, on=day)

    def title(self, kind: str, key: str) -> str:
        """The name of a place, topic or source; its key where no edition of it is public."""
        content = self.contents.get((kind, key))
        return in_language(content, "name", self.language) if content else key

    def organization(self, key: str) -> str:
        """The full name of an organization, with its acronym."""
        content = self.contents.get(("organization", key))
        if content is None:
            return key
        present = next((name for name in content["names"] if not name["until_edtf"]), content["names"][-1])
        name, acronym = (in_language(present, part, self.language) for part in ("name", "acronym"))
        return f"{name} ({acronym})" if acronym and acronym != name else name

    def afterlife(self, key: str) -> str:
        """What became of a body that ended; empty while it lives."""
        content = self.contents.get(("organization", key))
        if content is None or not content["ended_edtf"]:
            return ""
        ended = dates.in_words(content["ended_edtf"], self.language)
        if not content["successors"]:
            return _("ended %(date)s; no successor named") % {"date": ended}
        successors = ", ".join(map(self.organization, content["successors"]))
        return _("ended %(date)s; taken over by %(names)s") % {"date": ended, "names": successors}

    def place(self, key: str) -> str:
        """A place and those it lies in: “Guadalajara, Jalisco, Mexico”."""
        found = []
        while key and key not in found:
            found.append(key)
            key = self.contents.get(("place", key), {}).get("parent") or ""
        return ", ".join(self.title("place", key) for key in found)


def register(data: dict, day: datetime.date, *also: tuple[str, str]) -> Register:
    """The names that a content needs, those of `also` too. One query."""
    wanted = Q(subject_kind__in=WHOLE)
    for kind, key in contents.needed(data) | set(also):
        if kind not in WHOLE:
            wanted |= Q(subject_kind=kind, subject_key=key)
    editions = Edition.objects.public(day).filter(wanted).order_by()
    return Register({(edition.subject_kind, edition.subject_key): edition.data for edition in editions}, day)


# Sources


@dataclass(frozen=True)
class SourceLine:
    """A source, and where in it; or the joint text that an edition was entered from."""

    name: str
    date: str
    address: str
    locator: str = ""


def source_line(key: str, names: Register, locator: str = "") -> SourceLine:
    """The words of a source; its key where no edition of it is public."""
    content = names.contents.get(("source", key))
    if content is None:
        return SourceLine(key, "", "", locator)
    wording = in_language(content, "date_wording", names.language)
    date = dates.in_words(content["date_edtf"], names.language, wording)
    return SourceLine(in_language(content, "name", names.language), date, content["address"], locator)


def source_lines(citations: list[dict], names: Register) -> list[SourceLine]:
    return [source_line(citation["source"], names, citation["locator"]) for citation in citations]
