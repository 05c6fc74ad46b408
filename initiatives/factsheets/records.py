"""What a fact sheet is drafted from: frozen contents alone, of one meeting and of one moment."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from initiatives.models import Edition
from initiatives.record.name_lookup import WHOLE
from initiatives.vocabulary.fact_status import is_cycle_over


@dataclass(frozen=True)
class Records:
    """The contents of a draft: the meeting, the one before it, and all that the record holds on the day."""

    meeting: dict
    previous: dict | None
    pillars: list[dict]
    initiatives: list[dict]
    #: By kind and key: organizations, places and sources.
    register: dict[tuple[str, str], dict]
    day: datetime.date

    @property
    def since(self) -> datetime.date | None:
        """The day after which news counts: that of the meeting before, else the day before the cycle began."""
        if self.previous:
            return last_day(self.previous)
        begins = (pillar["cycle"]["begins"] for pillar in self.pillars)
        first = min(filter(None, begins), default=None)
        return datetime.date.fromisoformat(first) - datetime.timedelta(days=1) if first else None

    @property
    def cycle_over(self) -> bool:
        ends = next((pillar["cycle"]["ends"] for pillar in self.pillars), None)
        return is_cycle_over(datetime.date.fromisoformat(ends) if ends else None, self.day)


def last_day(content: dict) -> datetime.date | None:
    return edtf_dates.bounds(content["date_edtf"])[1]


def sources_of(*rows: dict) -> tuple[str, ...]:
    """Keys of the sources that facts, readings or attendances cite, each once."""
    citations = [row for each in rows for row in each.get("citations") or []]
    citations += [row for each in rows for reading in each.get("readings") or [] for row in reading["citations"]]
    return tuple(dict.fromkeys(row["source"] for row in citations))


def gather_records(meeting: Edition, at: Moment, drafts: Iterable[Edition] = ()) -> Records:
    """The records of a meeting's fact sheet at a moment. Two queries.

    What was published from the day of the next meeting on belongs to the fact sheet of that one.

    `drafts`: texts that are not public yet and take the place of what is, for staff.
    """
    meetings = [row.data for row in Edition.objects.public(at).of_kind("meeting")]
    moment = _moment_of(meeting.data, meetings, at)
    kinds = ("pillar", "initiative", "source", *WHOLE)
    editions = {
        (row.subject_kind, row.subject_key): row
        for row in Edition.objects.public(moment).filter(subject_kind__in=kinds).order_by("subject_key")
    }
    editions |= {(row.subject_kind, row.subject_key): row for row in drafts}
    contents = {subject: row.data for subject, row in editions.items()}
    data = contents.get(("meeting", meeting.subject_key), meeting.data)
    of_kind = {kind: [data for (own, _key), data in contents.items() if own == kind] for kind in kinds}
    pillars = [pillar for pillar in of_kind["pillar"] if pillar["cycle"]["key"] == data["cycle"]]
    keys = {pillar["key"] for pillar in pillars}
    return Records(
        meeting=data,
        previous=_meeting_before(data, meetings),
        pillars=sorted(pillars, key=lambda pillar: pillar["number"]),
        initiatives=[row for row in of_kind["initiative"] if row["pillar"] in keys],
        register={subject: data for subject, data in contents.items() if subject[0] in ("source", *WHOLE)},
        day=min(filter(None, [last_day(data), at.day])),
    )


def _moment_of(meeting: dict, meetings: list[dict], at: Moment) -> Moment:
    """The moment, or the eve of the next meeting where that was before."""
    day = last_day(meeting)
    later = [
        own for row in meetings if row["cycle"] == meeting["cycle"] and (own := last_day(row)) and day and own > day
    ]
    return replace(at, day=min([at.day, *(own - datetime.timedelta(days=1) for own in later)]))


def _meeting_before(meeting: dict, meetings: list[dict]) -> dict | None:
    day = last_day(meeting)
    earlier = [
        (last_day(row), row["key"], row)
        for row in meetings
        if row["cycle"] == meeting["cycle"] and day and (own := last_day(row)) and own < day
    ]
    return max(earlier, key=lambda row: row[:2])[2] if earlier else None
