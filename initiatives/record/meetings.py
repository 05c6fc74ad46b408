"""Meetings as pages show them: when, where and who led."""

from dataclasses import dataclass, field

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language, in_language
from hled_portal.i18n.delegations import Delegation
from initiatives.models import Edition
from initiatives.vocabulary.choices import MeetingKind, Mode

from . import name_lookup


@dataclass(frozen=True)
class Principal:
    """Who led a delegation, with the office held on that day."""

    delegation: str
    person: str
    office: str
    organization: str
    organization_key: str = ""


@dataclass(frozen=True)
class MeetingPage:
    """A ministerial or a mid-year review, in the reader's language."""

    key: str
    name: str
    kind: str
    date: str
    mode: str = ""
    place: str = ""
    place_key: str = ""
    principals: list[Principal] = field(default_factory=list)


def public_meetings(at: Moment) -> list[MeetingPage]:
    """The public meetings of a moment, the newest first. One query."""
    editions = Edition.objects.public(at).of_kind("meeting")
    rows = sorted(editions, key=lambda row: edtf_dates.bounds(row.data["date_edtf"])[1] or at.day, reverse=True)
    return [MeetingPage(**_line(row.data)) for row in rows]


def build_meeting_page(data: dict, names: name_lookup.Register) -> MeetingPage:
    """All that the content of one meeting says, facts apart. No query."""
    return MeetingPage(
        **_line(data),
        mode=Mode(data["mode"]).label if data["mode"] else "",
        place=names.place(data["place"]) if data["place"] else "",
        place_key=names.page_key("place", data["place"]),
        principals=[
            Principal(
                delegation=Delegation(row["delegation"]).label,
                person=row["person"],
                office=in_language(row, "office"),
                organization=names.organization(row["organization"]),
                organization_key=names.page_key("organization", row["organization"]),
            )
            for row in data["attendances"]
        ],
    )


def _line(data: dict) -> dict:
    return {
        "key": data["key"],
        "name": in_language(data, "name"),
        "kind": MeetingKind(data["meeting_kind"]).label,
        "date": edtf_dates.to_text(data["date_edtf"], active_language(), in_language(data, "date_wording")),
    }
