"""The order of a fact sheet: headings, the initiatives under them, and what each of their facts has to say."""

import datetime
from dataclasses import dataclass, field
from enum import StrEnum

from hled_portal.dates import edtf_dates
from initiatives.record.meeting_report import places_under_headings
from initiatives.vocabulary.actions import FactKind, Modality
from initiatives.vocabulary.fact_status import FactStatus, frozen_fact_status

from .records import Records, sources_of

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


class Part(StrEnum):
    """What a fact has to say at a meeting."""

    DONE = "done"
    STANDING = "standing"
    NEXT = "next"
    CONTEXT = "context"
    #: What an earlier text said of its own day or of the future, and no text of the period took up.
    EARLIER = "earlier"


@dataclass(frozen=True)
class PlacedFact:
    fact: dict
    part: Part


@dataclass
class Item:
    """An initiative under a heading, with its facts in order and the initiatives that are part of it."""

    initiative: dict
    facts: list[PlacedFact]
    parts: list["Item"] = field(default_factory=list)


@dataclass
class Section:
    """A heading: of a pillar (level 1) or of a workstream (level 2)."""

    level: int
    texts: dict[str, str]
    introductions: dict[str, str]
    items: list[Item] = field(default_factory=list)


def outline(records: Records) -> list[Section]:
    """The sections of a meeting, in the order of its own headings, else of pillars and workstreams.

    An initiative that has nothing to say since the meeting before, and that the meeting's document does not name,
    stands in none.
    """
    rows = records.meeting["headings"] or _headings_of_pillars(records)
    orders = {row["order"]: index for index, row in enumerate(rows)}
    sections = [_section(row) for row in rows]
    placed: dict[int, list[tuple[tuple, Item]]] = {}
    for initiative in records.initiatives:
        by_heading: dict[int, list[tuple[int, PlacedFact]]] = {}
        named = places_under_headings(initiative["citations"], records.meeting["key"])
        home = _home(initiative, rows)
        for fact in initiative["facts"]:
            places = places_under_headings(fact["citations"], records.meeting["key"])
            part = part_of(fact, records)
            if places:
                for order, place in places.items():
                    by_heading.setdefault(orders[order], []).append((place, PlacedFact(fact, part or Part.STANDING)))
            elif part and home is not None:
                by_heading.setdefault(home, []).append((_LAST, PlacedFact(fact, part)))
        for order, place in named.items():
            by_heading.setdefault(orders[order], []).append((place, None))
        for index, facts in by_heading.items():
            said = [row for _place, row in sorted(facts, key=lambda row: row[0]) if row]
            if any(row.part != Part.CONTEXT for row in said):
                place = min(place for place, _row in facts)
                placed.setdefault(index, []).append(((place, initiative["key"]), Item(initiative, said)))
    for index, items in placed.items():
        sections[index].items = _nested([item for _order, item in sorted(items, key=lambda row: row[0])])
    return [section for index, section in enumerate(sections) if section.items or _has_below(sections, index)]


_LAST = 10**6


def part_of(fact: dict, records: Records) -> Part | None:
    """What a fact says at the meeting; None where nothing is known that could be said."""
    if is_later(fact, records):
        return None
    part = _part_by_date(fact, records)
    return Part.EARLIER if part in (Part.STANDING, Part.NEXT) and _is_from_before(fact, records) else part


def is_later(fact: dict, records: Records) -> bool:
    """Whether a fact happened, or all its readings are of a day, after that of the meeting."""
    days = [reading["as_of_edtf"] for reading in fact["readings"]]
    if fact["modality"] == Modality.HAPPENED:
        days = [fact["date_edtf"]]
    starts = [edtf_dates.bounds(day)[0] if day else None for day in days]
    return bool(starts) and all(start and start > records.day for start in starts)


def _is_from_before(fact: dict, records: Records) -> bool:
    """Whether all texts that have the fact are from before the period."""
    dates = [records.register.get(("source", key), {}).get("date_edtf", "") for key in sources_of(fact)]
    return bool(dates) and not any(_is_news(date, records.since) for date in dates)


def _part_by_date(fact: dict, records: Records) -> Part | None:
    if fact["kind"] == FactKind.OBJECTIVE:
        return Part.STANDING
    if fact["kind"] == FactKind.FIGURE:
        return _part_of_figure(fact, records.since)
    status = frozen_fact_status(fact, records.day, cycle_over=records.cycle_over)
    if status == FactStatus.DONE:
        return Part.DONE if _is_news(fact["date_edtf"], records.since) else Part.CONTEXT
    if status == FactStatus.DISCONTINUED:
        return Part.DONE if _is_news(fact["end_edtf"], records.since) else Part.CONTEXT
    return {FactStatus.UNDER_WAY: Part.STANDING, FactStatus.EXPECTED: Part.NEXT}.get(status)


def _part_of_figure(fact: dict, since: datetime.date | None) -> Part | None:
    days = [reading["as_of_edtf"] or reading["period_edtf"] for reading in fact["readings"]]
    if not days:
        return None
    return Part.STANDING if any(_is_news(day, since) for day in days) else Part.CONTEXT


def _is_news(edtf: str, since: datetime.date | None) -> bool:
    """Whether a date lies after that day; one that is not known may."""
    latest = edtf_dates.bounds(edtf)[1] if edtf else None
    return since is None or latest is None or latest > since


def _section(row: dict) -> Section:
    texts = {language: row[f"text_{language}"] for language in ("en", "es")}
    introductions = {language: row[f"introduction_{language}"] for language in ("en", "es")}
    return Section(2 if row["workstream"] else 1, texts, introductions)


def _headings_of_pillars(records: Records) -> list[dict]:
    """Headings as a document writes them, where the meeting has none yet."""
    rows = []
    for pillar in records.pillars:
        number = _ROMAN[pillar["number"] - 1] if pillar["number"] <= len(_ROMAN) else pillar["number"]
        texts = {"text_en": f"Pillar {number}: {pillar['name_en']}", "text_es": f"Pilar {number}: {pillar['name_es']}"}
        rows.append({"pillar": pillar["key"], "workstream": None, **texts})
        for workstream in sorted(pillar["workstreams"], key=lambda each: each["number"]):
            texts = {f"text_{language}": workstream[f"name_{language}"] for language in ("en", "es")}
            rows.append({"pillar": pillar["key"], "workstream": workstream["key"], **texts})
    blank = {"introduction_en": "", "introduction_es": ""}
    return [{"order": order, **blank, **row} for order, row in enumerate(rows, 1)]


def _home(initiative: dict, rows: list[dict]) -> int | None:
    """The heading of the initiative's workstream, else of its pillar."""
    for workstream in (initiative["workstream"], None):
        for index, row in enumerate(rows):
            if (row["pillar"], row["workstream"]) == (initiative["pillar"], workstream):
                return index
    return None


def _nested(items: list[Item]) -> list[Item]:
    """Initiatives under the larger one that they are part of, where both stand under the heading."""
    by_key = {item.initiative["key"]: item for item in items}
    top = []
    for item in items:
        above = by_key.get(item.initiative["parent"] or "")
        (above.parts if above else top).append(item)
    return top


def _has_below(sections: list[Section], index: int) -> bool:
    """Whether a heading of a pillar has a workstream with items under it."""
    for section in sections[index + 1 :]:
        if section.level <= sections[index].level:
            return False
        if section.items:
            return True
    return False
