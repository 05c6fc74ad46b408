"""What was reported at a meeting: facts under the headings of its text, in the order in which they stood there.

Initiatives that a text names under no heading are one list after these, with the facts that cite the text.

Each initiative is shown by its edition of the day of that text: what later texts changed was not reported there.
What the text expected is told in the past once its day is over.
"""

import datetime
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Q

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import in_language
from hled_portal.publishing import prepared_queries
from hled_portal.publishing.published_querysets import IN_TIME
from hled_portal.publishing.signed_text import State
from initiatives.content import snapshot_content
from initiatives.models import Edition
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


def reported(meeting: Edition, names: Register, at: Moment) -> list[Heading]:
    """The headings of a meeting's text with the public facts that cite them. Four queries."""
    sources = _sources(meeting, at)
    day = _day_of_its_text(meeting, sources, at)
    texts = {("source", row.subject_key): row.data for row in sources}
    names = Register(names.contents | texts, day, read_on=at.day)
    headings = {}
    for row in meeting.data["headings"]:
        level = 2 if row["workstream"] else 1
        text, introduction = (in_language(row, name, names.language) for name in ("text", "introduction"))
        headings[row["order"]] = Heading(row["order"], text, introduction, level)
    keys = {row.subject_key for row in sources}
    editions = _editions(_citing_meeting(meeting.subject_key) | _citing_sources(keys), day, at)
    editions = [edition for edition in editions if edition.state != State.WITHDRAWN]
    placed = set()
    for order, _place, item in sorted(_items(editions, meeting.subject_key, names), key=lambda row: row[:2]):
        if order in headings:
            headings[order].items.append(item)
            placed.add(item.edition.pk)
    others = _items_of_sources([edition for edition in editions if edition.pk not in placed], keys, names)
    return [headings[order] for order in sorted(headings)] + ([Heading(0, "", "", 1, others)] if others else [])


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
    day = _day_of_its_text(meeting, sources, at)
    cited = _citing_meeting(meeting.subject_key) | _citing_sources({row.subject_key for row in sources})
    then = _editions(cited, day, at)
    gone = {edition.pk for edition in then if edition.state == State.WITHDRAWN} | {edition.pk for edition in newest}
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


def _items(editions: list[Edition], meeting: str, names: Register):
    """Order of the heading, place under it and key, and the initiative; for each that cites the meeting's headings."""
    for edition, data in _with_contents(editions):
        places = places_under_headings(data["citations"], meeting)
        facts: dict[int, list[tuple[int, ReportedFact]]] = {}
        for fact in data["facts"]:
            for order, place in places_under_headings(fact["citations"], meeting).items():
                places[order] = min(place, places.get(order, place))
                sentence = sentences.sentence(fact, names.names, names.language)
                facts.setdefault(order, []).append((place, ReportedFact(fact["key"], sentence)))
        for order, place in places.items():
            lines = [line for _place, line in sorted(facts.get(order, []), key=lambda row: row[0])]
            yield order, (place, edition.subject_key), ReportedInitiative(edition, lines)


def _items_of_sources(editions: list[Edition], keys: set[str], names: Register) -> list[ReportedInitiative]:
    """The initiatives that cite one of the texts under no heading, with the facts that do."""
    items = []
    for edition, data in _with_contents(editions):
        facts = [
            ReportedFact(fact["key"], sentences.sentence(fact, names.names, names.language))
            for fact in data["facts"]
            if _is_cited(fact, keys)
        ]
        if facts or _is_cited(data, keys):
            items.append(ReportedInitiative(edition, facts))
    return sorted(items, key=lambda item: (item.edition.pillar_key, item.edition.title))


def _is_cited(row: dict, keys: set[str]) -> bool:
    return any(citation["source"] in keys and not citation["heading"] for citation in row["citations"])


def places_under_headings(citations: list[dict], meeting: str) -> dict[int, int]:
    """Place under each heading of the meeting that these citations name."""
    places = {}
    for citation in citations:
        key, _slash, order = (citation["heading"] or "").rpartition("/")
        if key == meeting:
            places[int(order)] = citation["heading_order"] or 0
    return places
