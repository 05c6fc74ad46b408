"""What was reported at a meeting: facts under the headings of its text, in the order in which they stood there."""

from dataclasses import dataclass, field

from hled_portal.bilingual import in_language
from hled_portal.moments import Moment

from . import sentences
from .models import Edition
from .record import Register


@dataclass(frozen=True)
class Told:
    """A fact in a whole sentence."""

    key: str
    sentence: str


@dataclass(frozen=True)
class Item:
    """An initiative under a heading, with its facts that stood there; none where it was named alone."""

    edition: Edition
    facts: list[Told]


@dataclass(frozen=True)
class Heading:
    """A heading of the text: its introduction, and what stood under it. `level` is 1 for that of a whole pillar."""

    order: int
    text: str
    introduction: str
    level: int
    items: list[Item] = field(default_factory=list)


def reported(meeting: Edition, names: Register, at: Moment) -> list[Heading]:
    """The headings of a meeting's text with the public facts that cite them. One query."""
    headings = {}
    for row in meeting.data["headings"]:
        level = 2 if row["workstream"] else 1
        text, introduction = (in_language(row, name, names.language) for name in ("text", "introduction"))
        headings[row["order"]] = Heading(row["order"], text, introduction, level)
    for order, _place, item in sorted(_items(meeting.subject_key, names, at), key=lambda found: found[:2]):
        if order in headings:
            headings[order].items.append(item)
    return [headings[order] for order in sorted(headings)]


def citing(editions, meeting: str):
    """Those whose content cites a heading of the meeting, as canonical JSON writes it."""
    return editions.filter(content__contains=f'"heading":"{meeting}/')


def _items(meeting: str, names: Register, at: Moment):
    """Order of the heading, place under it and key, and the initiative; for each that cites the meeting's headings."""
    for edition in citing(Edition.objects.public(at).initiatives(), meeting):
        data = edition.data
        places = _places(data["citations"], meeting)
        facts: dict[int, list[tuple[int, Told]]] = {}
        for fact in data["facts"]:
            for order, place in _places(fact["citations"], meeting).items():
                places[order] = min(place, places.get(order, place))
                sentence = sentences.sentence(fact, names.names, names.language)
                facts.setdefault(order, []).append((place, Told(fact["key"], sentence)))
        for order, place in places.items():
            told = [line for _place, line in sorted(facts.get(order, []), key=lambda row: row[0])]
            yield order, (place, edition.subject_key), Item(edition, told)


def _places(citations: list[dict], meeting: str) -> dict[int, int]:
    """Place under each heading of the meeting that these citations name."""
    found = {}
    for citation in citations:
        key, _slash, order = (citation["heading"] or "").rpartition("/")
        if key == meeting:
            found[int(order)] = citation["heading_order"] or 0
    return found
