"""Dated facts and meetings as an iCalendar (RFC 5545), component by component.

A date that is less than a day precise is on the last day that it can be, and its title says so: a month is no event
of thirty days, and the first of it is never made up. What has no first or no last day, or could be on more days than a
season has, is no event: the calendar says at its end how many there are.

Whoever subscribes to a calendar reads all of it again each day: it begins a year before the record ends, unless more is
asked for.
"""

import datetime
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from icalendar import STATUS, TRANSP, Calendar, Event, Journal

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import in_language
from initiatives.exports.tables.table import chunked
from initiatives.models import Edition, Entry
from initiatives.record import name_lookup
from initiatives.vocabulary.actions import FactKind, Modality
from initiatives.vocabulary.fact_status import FactStatus
from initiatives.wording import sentences

from .tables import ExportContext, withdrawn_rows

#: The longest season is 122 days from its earliest to its latest usage.
MAX_EVENT_LENGTH = datetime.timedelta(days=123)
#: How long before the end of the record a calendar begins, and what asks for all of it.
WINDOW = datetime.timedelta(days=365)
ALL_DATES = "all"


#: The statuses of facts that are no confirmed events.
_STATUSES = {
    FactStatus.EXPECTED: STATUS.TENTATIVE,
    FactStatus.DATE_PASSED: STATUS.TENTATIVE,
    FactStatus.OUTCOME_NOT_PUBLISHED: STATUS.TENTATIVE,
    FactStatus.DISCONTINUED: STATUS.CANCELLED,
}


@dataclass
class Diary:
    """A calendar in the making. `address` is its own, without host; `authority` names the portal in identifiers.

    `since`: dates that were over before are left out.
    """

    context: ExportContext
    address: str
    authority: str
    since: datetime.date | None = None
    left_out: int = field(default=0, init=False)

    def parts(self, editions, name: str) -> Iterator[str]:
        """The calendar of initiatives and meetings in pieces, each a whole component or two."""
        about = _(
            "Dates published by this portal about the dialogue. A date without an exact day "
            "is on the last day it can refer to, and its title says so."
        )
        if self.since:
            earlier = _("Dates before %(day)s are left out. With since=all in its address, the calendar has all dates.")
            about = f"{about} {earlier % {'day': date_format(self.since)}}"
        opening = Calendar.new(
            prodid="-//HLED Portal//Record of the dialogue//EN",
            name=name,
            description=about,
            uid=uuid.uuid5(uuid.NAMESPACE_URL, self.address),
            refresh_interval=datetime.timedelta(days=1),
        )
        head, end, tail = opening.to_ical().decode().rpartition("END:VCALENDAR")
        yield head
        for edition in chunked(_with_dates_since(editions, self.since), self.context):
            yield "".join(component.to_ical().decode() for component in self._events(edition))
        for marker in withdrawn_rows(self.context, ("initiative", "meeting")):
            yield self._marker(marker).to_ical().decode()
        if self.left_out:
            yield self._note().to_ical().decode()
        yield end + tail

    def _events(self, edition: Edition) -> Iterator[Event]:
        if edition.subject_kind == "meeting":
            yield from self._event(edition, None, edition.data)
        for fact in edition.data["facts"]:
            if fact["action"] and fact["date_edtf"]:
                yield from self._event(edition, fact, fact)

    def _event(self, edition: Edition, fact: dict | None, dated: dict) -> Iterator[Event]:
        earliest, latest = edtf_dates.bounds(dated["date_edtf"])
        if self.since and latest and latest < self.since:
            return
        if not earliest or not latest or latest - earliest > MAX_EVENT_LENGTH:
            self.left_out += 1
            return
        key = fact["key"] if fact else ""
        status = self.context.fact_status(edition, fact) if fact else None
        places = (self.context.names.place(place, self.context.language) for place in _places(fact, dated))
        address = self.context.living_address(edition.subject_kind, edition.subject_key, key)
        stamp = edition.release.released_at.astimezone(datetime.UTC)
        event = Event.new(
            uid=self._uid(edition.text.rpartition("/")[0], key),
            stamp=stamp,
            last_modified=stamp,
            sequence=edition.number,
            summary=self._summary(edition, fact, dated, status),
            description="\n".join(self._description(edition, fact, address)),
            start=earliest if _is_exact(dated["date_edtf"]) else latest,
            end=latest + datetime.timedelta(days=1),
            transparency=TRANSP.TRANSPARENT,
            status=_STATUSES.get(status, STATUS.CONFIRMED),
            categories=[str(FactKind(fact["kind"]).label) if fact else _("meeting of the dialogue")],
            location=", ".join(places) or None,
            url=address,
        )
        yield event

    def _uid(self, *parts: str) -> str:
        return f"{'/'.join(filter(None, parts))}@{self.authority}"

    def _summary(self, edition: Edition, fact: dict | None, dated: dict, status: FactStatus | None) -> str:
        language, edtf = self.context.language, dated["date_edtf"]
        title = in_language(edition.data, "title" if edition.subject_kind == "initiative" else "name", language)
        if fact:
            object_ = in_language(fact, "object", language)
            label = Modality(fact["modality"]).label if status == FactStatus.EXPECTED else status.label
            title = f"{capfirst(label)}: {title}: {sentences.entry_line(fact['action'], object_, language)}"
        when = edtf_dates.phrase(
            edtf, dated.get("relation", ""), language, in_language(dated, "date_wording", language)
        )
        if not _is_exact(edtf):
            return _("%(what)s (%(when)s; the day is not stated)") % {"what": title, "when": when}
        return title if dated.get("relation", "") in ("", "on") else f"{title} ({when})"

    def _description(self, edition: Edition, fact: dict | None, address: str) -> Iterator[str]:
        if fact:
            yield sentences.sentence(fact, self.context.names, self.context.language)
        yield self.context.basis_text(edition)[f"basis_text_{self.context.language}"]
        yield address

    def _marker(self, marker: dict) -> Journal:
        """What stays of a withdrawn text: a note on the day of the withdrawal."""
        language = self.context.language
        text = f"{marker['subject']}/{marker['key']}/{marker['edition']}"
        values = {"text": text, "delegation": marker[f"withdrawn_by_{language}"]}
        reasons = (marker[f"withdrawn_{name}_{language}"] for name in ("reason", "words"))
        return Journal.new(
            uid=self._uid(text, "withdrawn"),
            stamp=_midnight(marker["public_until"]),
            start=marker["public_until"],
            summary=_("%(text)s was withdrawn by the delegation of %(delegation)s") % values,
            description=". ".join(filter(None, reasons)),
            status=STATUS.CANCELLED,
        )

    def _note(self) -> Journal:
        text = _(
            "%(number)s items are not in this calendar because their dates give no days or cover more than a season."
        )
        return Journal.new(
            uid=self._uid("note", "left-out"),
            stamp=_midnight(self.context.at.day),
            summary=text % {"number": self.left_out},
        )


def parse_since(text: str, context: ExportContext) -> datetime.date | None:
    """The first day of a calendar: as asked for, or a year before the day or the end of the record, if that is earlier.

    None for a calendar of all dates. Raises ValueError.
    """
    if text == ALL_DATES:
        return None
    if text:
        return datetime.date.fromisoformat(text)
    known = name_lookup.record_days(context.at)
    last = min(context.at.day, known.on_initiatives) if known and known.on_initiatives else context.at.day
    return None if last - datetime.date.min < WINDOW else last - WINDOW


def _with_dates_since(editions, since: datetime.date | None):
    """The editions that have dates of that day or later, or dates without a last day, and all meetings."""
    if since is None:
        return editions
    dated = Entry.objects.filter(Q(latest__gte=since) | (Q(latest__isnull=True) & ~Q(edtf="")))
    return editions.filter(Q(subject_kind="meeting") | Q(pk__in=dated.order_by().values("edition")))


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)


def _is_exact(edtf: str) -> bool:
    """Whether each end of the date is an exact day."""
    return all(len(end) == len("2024-04-19") for end in edtf.split("/"))


def _places(fact: dict | None, dated: dict) -> list[str]:
    return fact["places"] if fact else [dated["place"]] if dated["place"] else []
