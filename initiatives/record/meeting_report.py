"""What was reported at a meeting: facts under the headings of its text, in the order in which they stood there.

Each initiative is shown by its edition of the day of that text: what later texts changed was not reported there.
"""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Exists, OuterRef

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import in_language
from hled_portal.publishing.published_querysets import IN_TIME
from hled_portal.publishing.signed_text import State
from initiatives.models import Edition, Facet
from initiatives.vocabulary.choices import FacetKind
from initiatives.wording import sentences

from .name_lookup import Marker, Register, withdrawal_markers


@dataclass(frozen=True)
class ReportedFact:
    """A fact in a whole sentence."""

    key: str
    sentence: str


@dataclass(frozen=True)
class ReportedInitiative:
    """An initiative under a heading, with its facts that stood there; none where it was named alone."""

    edition: Edition
    facts: list[ReportedFact]


@dataclass(frozen=True)
class Heading:
    """A heading of the text: its introduction, and what stood under it. `level` is 1 for that of a whole pillar."""

    order: int
    text: str
    introduction: str
    level: int
    items: list[ReportedInitiative] = field(default_factory=list)


@dataclass(frozen=True, order=True)
class ReportedPlace:
    """Where an initiative stood in the text: order of the heading, place under it, and key."""

    heading: int
    place: int
    key: str
    edition: int


class MeetingReport:
    """What the text of a meeting reported. The places of all initiatives are read, the contents of some."""

    def __init__(self, meeting: Edition, at: Moment):
        self.meeting, self.at = meeting, at

    @cached_property
    def day(self) -> datetime.date:
        """The day of the last text of the meeting, else of the meeting itself, and no later than the moment.

        One query.
        """
        key = self.meeting.subject_key
        sources = Edition.objects.public(self.at).of_kind("source").filter(content__contains=f'"meeting":"{key}"')
        days = [
            edtf_dates.bounds(data["date_edtf"])[1] for data in [row.data for row in sources] or [self.meeting.data]
        ]
        return min([self.at.day, max((day for day in days if day), default=self.at.day)])

    @cached_property
    def _editions(self) -> dict[str, tuple[int, str]]:
        """Of each public initiative that cites the meeting, key and state of its edition of that day.

        The first later one if it has none. An edition that was withdrawn is among them: nothing else takes its place.
        """
        public = Edition.objects.public(self.at).initiatives().order_by().values("subject_key")
        known = Edition.objects.initiatives().known(self.at).filter(subject_key__in=public)
        cited = known.filter(Exists(self._headings().filter(edition=OuterRef("pk"))))
        rows = (cited | citing(known.filter(state=State.WITHDRAWN), self.meeting.subject_key)).order_by(*IN_TIME)
        editions: dict[str, tuple[int, str]] = {}
        for key, pk, state, day in rows.values_list("subject_key", "pk", "state", "public_from"):
            if day <= self.day or key not in editions:
                editions[key] = pk, state
        return editions

    def _headings(self):
        return Facet.objects.filter(kind=FacetKind.HEADING, key=self.meeting.subject_key)

    @cached_property
    def places(self) -> list[ReportedPlace]:
        """In the order of the text; an initiative may stand under several headings. Two queries."""
        shown = {pk: key for key, (pk, state) in self._editions.items() if state != State.WITHDRAWN}
        known = {row["order"] for row in self.meeting.data["headings"]}
        rows = self._headings().values_list("edition_id", "role")
        places = ((pk, *map(int, role.split("/"))) for pk, role in rows if pk in shown)
        return sorted(ReportedPlace(order, place, shown[pk], pk) for pk, order, place in places if order in known)

    def headings(self, names: Register, places: Sequence[ReportedPlace] | None = None) -> list[Heading]:
        """The headings with what stood under them; with `places`, those of a page alone. One query more."""
        names = Register(names.contents, self.day)
        shown = self.places if places is None else places
        editions = Edition.objects.in_bulk({place.edition for place in shown})
        facts = {
            pk: _facts_by_heading(edition.data, self.meeting.subject_key, names) for pk, edition in editions.items()
        }
        headings = {row["order"]: _heading(row, names.language) for row in self.meeting.data["headings"]}
        for place in shown:
            item = ReportedInitiative(editions[place.edition], facts[place.edition].get(place.heading, []))
            headings[place.heading].items.append(item)
        return _with_those_above([headings[order] for order in sorted(headings)], self._is_shown(shown))

    def _is_shown(self, shown: Sequence[ReportedPlace]) -> Callable[[Heading], bool]:
        """On a page: what has something there; on the first one also what has nothing at all."""
        filled = {place.heading for place in self.places}
        is_first = list(shown[:1]) == self.places[:1]
        return lambda heading: bool(heading.items) or (is_first and heading.order not in filled)

    def markers(self) -> list[Marker]:
        """What stays of initiatives whose newest edition, or whose edition of the day of the text, was withdrawn."""
        newest = citing(Edition.objects.withdrawn(self.at).initiatives(), self.meeting.subject_key)
        gone = {pk for pk, state in self._editions.values() if state == State.WITHDRAWN}
        gone |= set(newest.values_list("pk", flat=True))
        return withdrawal_markers(Edition.objects.filter(pk__in=gone).defer("content").with_followed_from())


def citing(editions, meeting: str):
    """Those whose content cites a heading of the meeting, as canonical JSON writes it."""
    return editions.filter(content__contains=f'"heading":"{meeting}/')


def _heading(row: dict, language: str) -> Heading:
    text, introduction = (in_language(row, name, language) for name in ("text", "introduction"))
    return Heading(row["order"], text, introduction, 2 if row["workstream"] else 1)


def _with_those_above(headings: list[Heading], is_shown: Callable[[Heading], bool]) -> list[Heading]:
    """Those that are shown, each second-level one after the heading that it belongs to."""
    shown: list[Heading] = []
    above = None
    for heading in headings:
        above = heading if heading.level == 1 else above
        if is_shown(heading):
            shown += [above] if above not in (None, heading, *shown) else []
            shown.append(heading)
    return shown


def _facts_by_heading(data: dict, meeting: str, names: Register) -> dict[int, list[ReportedFact]]:
    """The facts of an initiative under each heading of the meeting, in the order in which they stood there."""
    facts: dict[int, list[tuple[int, ReportedFact]]] = {}
    for fact in data["facts"]:
        for order, place in places_under_headings(fact["citations"], meeting).items():
            sentence = sentences.sentence(fact, names.names, names.language)
            facts.setdefault(order, []).append((place, ReportedFact(fact["key"], sentence)))
    return {order: [fact for _place, fact in sorted(rows, key=lambda row: row[0])] for order, rows in facts.items()}


def places_under_headings(citations: list[dict], meeting: str) -> dict[int, int]:
    """Place under each heading of the meeting that these citations name."""
    places = {}
    for citation in citations:
        key, _slash, order = (citation["heading"] or "").rpartition("/")
        if key == meeting:
            places[int(order)] = citation["heading_order"] or 0
    return places
