"""What was reported at a meeting: facts under the headings of its text, in the order in which they stood there.

Initiatives that a text names under no heading are one list after these, with the facts that cite the text.

Each initiative is shown by its edition of the day of that text: what later texts changed was not reported there.
What the text expected is told in the past once its day is over.
"""

import datetime
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.core.paginator import Page, Paginator
from django.db.models import Q

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import in_language
from hled_portal.publishing import kept_results, prepared_queries
from hled_portal.publishing.published_querysets import IN_TIME
from hled_portal.publishing.signed_text import State
from initiatives.content import snapshot_content
from initiatives.models import Edition
from initiatives.wording import sentences

from .name_lookup import Marker, Register, withdrawal_markers

INITIATIVES_ON_A_PAGE = 50


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


@dataclass(frozen=True)
class Report:
    """The headings of a page of a report, with the initiatives of that page."""

    headings: list[Heading]
    page: Page


def reported(meeting: Edition, names: Register, at: Moment) -> list[Heading]:
    """The headings of a meeting's text with all public facts that cite them. Four queries, or five to begin with."""
    return report_page(meeting, names, at, None).headings


def report_page(meeting: Edition, names: Register, at: Moment, number: str | None) -> Report:
    """A page of what was reported; everything where no number is given."""
    sources = _sources(meeting, at)
    day = _day_of_its_text(meeting, sources, at)
    texts = {("source", row.subject_key): row.data for row in sources}
    names = Register(names.contents | texts, day, read_on=at.day)
    keys = frozenset(row.subject_key for row in sources)
    places = _arrange(at, meeting.subject_key, _orders(meeting), keys, day).places
    page = Paginator(places, INITIATIVES_ON_A_PAGE if number is not None else max(len(places), 1)).get_page(number)
    items = _items(page.object_list, meeting.subject_key, keys, names)
    headings = [_heading(row, items.pop(row["order"], []), names) for row in _rows_on_page(meeting, places, page)]
    return Report(headings + [Heading(0, "", "", 1, others) for others in items.values()], page)


def _orders(meeting: Edition) -> tuple[int, ...]:
    return tuple(sorted(row["order"] for row in meeting.data["headings"]))


def _heading(row: dict, items: list[ReportedInitiative], names: Register) -> Heading:
    text, introduction = (in_language(row, name, names.language) for name in ("text", "introduction"))
    return Heading(row["order"], text, introduction, 2 if row["workstream"] else 1, items)


def _rows_on_page(meeting: Edition, places: tuple[tuple[int, int], ...], page: Page) -> list[dict]:
    """The headings between the first initiative of the page and that of the next one, and the pillar of the first."""
    rows = sorted(meeting.data["headings"], key=lambda row: row["order"])
    first = _place_of(places, page.start_index()) if page.number > 1 else 0
    # What has no heading comes last.
    until = _place_of(places, page.end_index() + 1) if page.has_next() else math.inf
    last = _place_of(places, page.end_index()) if page.object_list else math.inf
    shown = [row for row in rows if first <= row["order"] < until or row["order"] == last]
    if shown and shown[0]["workstream"]:
        above = [row for row in rows if row["order"] < shown[0]["order"] and not row["workstream"]]
        shown = above[-1:] + shown
    return shown


def _place_of(places: tuple[tuple[int, int], ...], index: int) -> float:
    return places[index - 1][0] or math.inf


def citing(editions, meeting: str):
    """Those whose content cites a heading of the meeting."""
    return editions.filter(_citing_meeting(meeting))


def _citing_meeting(meeting: str) -> Q:
    """Condition on contents that cite a heading of the meeting, as canonical JSON writes it."""
    return Q(content__contains=f'"heading":"{meeting}/')


def _citing_sources(keys: Iterable[str]) -> Q:
    """Condition on contents that cite one of the sources; without sources on none."""
    return reduce(or_, (Q(content__contains=f'"source":"{key}"') for key in sorted(keys)), Q(pk__in=[]))


def markers_of(meeting: Edition, at: Moment) -> list[Marker]:
    """What stays of initiatives whose newest edition, or whose edition of the day of the text, was withdrawn."""
    newest = citing(Edition.objects.withdrawn(at).initiatives(), meeting.subject_key)
    sources = _sources(meeting, at)
    day, keys = _day_of_its_text(meeting, sources, at), frozenset(row.subject_key for row in sources)
    gone = _arrange(at, meeting.subject_key, _orders(meeting), keys, day).gone | {edition.pk for edition in newest}
    return withdrawal_markers(Edition.objects.filter(pk__in=gone).defer("content").with_followed_from())


def _sources(meeting: Edition, at: Moment) -> list[Edition]:
    """The texts of the meeting. One query."""
    sources = Edition.objects.public(at).of_kind("source")
    return list(sources.filter(content__contains=f'"meeting":"{meeting.subject_key}"'))


def _day_of_its_text(meeting: Edition, sources: list[Edition], at: Moment) -> datetime.date:
    """The day of the last text of the meeting, else of the meeting itself, and no later than the moment."""
    texts = [row.data for row in sources]
    days = [edtf_dates.bounds(data["date_edtf"])[1] for data in texts or [meeting.data]]
    return min([at.day, max((day for day in days if day), default=at.day)])


def _editions(cited: Q, day: datetime.date, at: Moment) -> list[Edition]:
    """Of each public initiative that cites the meeting, its edition of that day; the first later one if it has none.

    Without contents. One query. An edition that was withdrawn is among them: nothing else takes its place.
    """
    public = Edition.objects.public(at).initiatives().order_by().values("subject_key")
    editions: dict[str, Edition] = {}
    known = Edition.objects.initiatives().known(at).filter(subject_key__in=public)
    for edition in known.filter(cited).defer("content").order_by(*IN_TIME):
        if edition.public_from <= day or edition.subject_key not in editions:
            editions[edition.subject_key] = edition
    return list(editions.values())


def _with_contents(editions: list[Edition]) -> Iterator[tuple[Edition, dict]]:
    """Each with its content, a few of which are in memory at a time. One query."""
    by_pk = {edition.pk: edition for edition in editions}
    rows = Edition.objects.filter(pk__in=prepared_queries.among(json.dumps(list(by_pk)))).order_by("pk")
    for pk, content in rows.values_list("pk", "content").iterator(chunk_size=100):
        yield by_pk[pk], snapshot_content.parse_content(content)


@dataclass(frozen=True)
class _Arrangement:
    """In which order the initiatives stand: heading (0 for none) and key of the edition; and what was withdrawn."""

    places: tuple[tuple[int, int], ...]
    gone: frozenset[int]


@kept_results.keep()
def _arrange(
    at: Moment, meeting: str, headings: tuple[int, ...], sources: frozenset[str], day: datetime.date
) -> _Arrangement:
    """Every content is read to know where its initiative stands. Two queries."""
    editions = _editions(_citing_meeting(meeting) | _citing_sources(sources), day, at)
    gone = frozenset(edition.pk for edition in editions if edition.state == State.WITHDRAWN)
    placed, others = [], []
    for edition, data in _with_contents([edition for edition in editions if edition.pk not in gone]):
        parts = [data, *data["facts"]]
        places: dict[int, int] = {}
        for part in parts:
            for order, place in places_under_headings(part["citations"], meeting).items():
                places[order] = min(place, places.get(order, place))
        known = [(order, place) for order, place in places.items() if order in headings]
        placed += [(order, place, edition.subject_key, edition.pk) for order, place in known]
        if not known and any(_is_cited(part, sources) for part in parts):
            others.append((edition.pillar_key, edition.title, edition.pk))
    places_in_order = [(order, pk) for order, _place, _key, pk in sorted(placed)]
    return _Arrangement((*places_in_order, *((0, pk) for _pillar, _title, pk in sorted(others))), gone)


def _items(
    places: Iterable[tuple[int, int]], meeting: str, sources: frozenset[str], names: Register
) -> dict[int, list[ReportedInitiative]]:
    """The initiatives of a page by heading, with their facts that stood there. One query."""
    editions = Edition.objects.in_bulk([pk for _order, pk in places])
    items: dict[int, list[ReportedInitiative]] = {}
    for order, pk in places:
        cited = []
        for fact in editions[pk].data["facts"]:
            under = places_under_headings(fact["citations"], meeting)
            if order in under or (not order and _is_cited(fact, sources)):
                cited.append((under.get(order, 0), fact))
        lines = [
            ReportedFact(fact["key"], sentences.sentence(fact, names.names, names.language))
            for _place, fact in sorted(cited, key=lambda row: row[0])
        ]
        items.setdefault(order, []).append(ReportedInitiative(editions[pk], lines))
    return items


def _is_cited(row: dict, keys: frozenset[str]) -> bool:
    return any(citation["source"] in keys and not citation["heading"] for citation in row["citations"])


def places_under_headings(citations: list[dict], meeting: str) -> dict[int, int]:
    """Place under each heading of the meeting that these citations name."""
    places = {}
    for citation in citations:
        key, _slash, order = (citation["heading"] or "").rpartition("/")
        if key == meeting:
            places[int(order)] = citation["heading_order"] or 0
    return places
