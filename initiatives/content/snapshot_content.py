"""Reads frozen contents: the subjects they refer to, and the index of an edition.

Pure functions; the schema is `content_schema.py`. A content of an unknown version is refused.
"""

import datetime
import json
from collections.abc import Iterable

from hled_portal.dates import edtf_dates
from hled_portal.search.text_analysis import fold
from initiatives.vocabulary.actions import Modality
from initiatives.vocabulary.choices import ReadingStatus

SCHEMA_VERSION = 1
REGISTER = ("organization", "place", "topic", "source")


class UnknownVersion(ValueError):
    """A content of a schema version that this software does not know."""


def parse_content(content: str) -> dict:
    """Return the content as a dictionary. Raises UnknownVersion."""
    data = json.loads(content)
    if data["schema_version"] != SCHEMA_VERSION:
        raise UnknownVersion(
            f"content of schema version {data['schema_version']}; this software knows {SCHEMA_VERSION}"
        )
    return data


def needed(data: dict) -> set[tuple[str, str]]:
    """Subjects whose names this content needs, such as `("organization", "usaid")`."""
    subjects = {("place", key) for key in data.get("places", ())} | {("topic", key) for key in data.get("topics", ())}
    single = {"reporting_body": "organization", "paid_by": "organization", "place": "place"}
    single |= {"source": "source", "ended_source": "source"}
    if data["kind"] == "initiative" and data["pillar"]:
        subjects.add(("pillar", data["pillar"]))
    if data["kind"] in ("organization", "place") and data["parent"]:
        subjects.add((data["kind"], data["parent"]))
    if data.get("city"):
        subjects.add(("place", data["city"]))
    if data["kind"] in REGISTER and data["replaced_by"]:
        subjects.add((data["kind"], data["replaced_by"]))
    subjects |= {("organization", key) for key in data.get("successors", ())}
    for part in _parts(data):
        subjects |= {(kind, part[name]) for name, kind in single.items() if part.get(name)}
        subjects |= {("place", key) for key in part.get("places", ())}
        if isinstance(part.get("organization"), str):
            subjects.add(("organization", part["organization"]))
    return subjects


def _parts(data: dict) -> list[dict]:
    """Every nested dictionary, and the content itself."""
    parts, unread = [], [data]
    while unread:
        each = unread.pop()
        if isinstance(each, dict):
            parts.append(each)
            each = each.values()
        unread += [value for value in each if isinstance(value, dict | list)]
    return parts


def cited(data: dict) -> set[str]:
    """Keys of every source that the content cites."""
    sources = {part["source"] for part in _parts(data) if "locator" in part}
    return sources | {data["ended_source"]} if data.get("ended_source") else sources


def reported_days(data: dict) -> list[datetime.date]:
    """The last possible day of each value that was observed, and of each item that was done; of a source its own."""
    readings = [reading for fact in data.get("facts", ()) for reading in fact["readings"]]
    dates = [reading["as_of_edtf"] for reading in readings if reading["status"] == ReadingStatus.ACTUAL]
    dates += [fact["date_edtf"] for fact in data.get("facts", ()) if fact["modality"] == Modality.HAPPENED]
    dates += [data["date_edtf"]] if data["kind"] == "source" else []
    return [day for day in (edtf_dates.bounds(edtf)[1] for edtf in dates) if day]


def columns(data: dict) -> dict:
    """The index columns of an edition but `last_reported`, which depends on the cited sources."""
    if data["kind"] == "organization":
        present = next((name for name in data["names"] if not name["until_edtf"]), data["names"][-1])
        titles = {"title_en": present["name_en"], "title_es": present["name_es"]}
    else:
        name = "title" if data["kind"] == "initiative" else "name"
        titles = {f"title_{lang}": data[f"{name}_{lang}"] for lang in ("en", "es")}
    others = {f"folded_{name}": fold(text) for name, text in titles.items()} | {
        "summary_en": data.get("summary_en", ""),
        "summary_es": data.get("summary_es", ""),
        "pillar_key": data.get("pillar") or "",
        "workstream_key": data.get("workstream") or "",
        "parent_key": (data.get("parent") or "") if data["kind"] == "initiative" else "",
        "kind": data.get("initiative_kind", ""),
        "stage": data.get("stage", ""),
        "confidence": data.get("confidence", ""),
        "cycle_key": _cycle(data),
    }
    return titles | others


def _cycle(data: dict) -> str:
    cycle = data.get("cycle", "")
    return cycle["key"] if isinstance(cycle, dict) else cycle


def cycle_ends(data: dict, pillars: Iterable[dict]) -> datetime.date | None:
    """The last day of the cycle of an initiative or a meeting, by the contents of pillars; None while it has none."""
    for pillar in pillars:
        cycle = pillar["cycle"]
        if data.get("pillar") == pillar["key"] or data.get("cycle") == cycle["key"]:
            return datetime.date.fromisoformat(cycle["ends"]) if cycle["ends"] else None
    return None


def facets(data: dict) -> set[tuple[str, str, str]]:
    """Kind, key and role of everything that an initiative is filtered by."""
    if data["kind"] != "initiative":
        return set()
    facets = {("topic", key, "") for key in data["topics"]}
    for link in data["links"]:
        facets |= {(kind, link[kind], link["kind"]) for kind in ("initiative", "organization") if link[kind]}
    facets |= {("organization", duty["organization"], "reporting_body") for duty in data["reporting_duties"]}
    for part in _parts(data):
        facets |= {("place", key, "") for key in part.get("places", ())}
        if part.get("role") and part["organization"]:
            facets.add(("organization", part["organization"], part["role"]))
        if part.get("reporting_body"):
            facets.add(("organization", part["reporting_body"], "reporting_body"))
        if part.get("paid_by"):
            facets.add(("organization", part["paid_by"], "funder"))
    return facets


def source_days(contents: dict[tuple[str, str], dict]) -> dict[str, datetime.date | None]:
    """The last possible day of each source among these contents, by its key."""
    return {
        key: edtf_dates.bounds(content["date_edtf"])[1] for (kind, key), content in contents.items() if kind == "source"
    }


def mention_days(fact: dict, source_days: dict[str, datetime.date | None]) -> list[datetime.date]:
    """The days of the sources that mention a fact, each once, the newest first. `source_days`: by key of the source."""
    days = {source_days.get(citation["source"]) for citation in fact["citations"]} - {None}
    return sorted(days, reverse=True)


def mentioned_again(fact: dict, source_days: dict[str, datetime.date | None]) -> datetime.date | None:
    """The day of the newest source that mentions a fact which an older one mentioned before."""
    newest, *older = mention_days(fact, source_days) or [None]
    return newest if older else None


def build_entries(data: dict, source_days: dict[str, datetime.date | None]) -> list[dict]:
    """One row for each fact, with its present and its first published date."""
    return [_entry(fact) | {"mentioned_on": mentioned_again(fact, source_days)} for fact in data.get("facts", ())]


def _entry(fact: dict) -> dict:
    earliest, latest = edtf_dates.bounds(fact["date_edtf"])
    changes = fact["date_changes"]
    first_edtf = changes[0]["old_edtf"] if changes else fact["date_edtf"]
    same = {"kind", "order", "side", "action", "object_en", "object_es", "modality", "relation"}
    return {name: fact[name] for name in same} | {
        "fact_key": fact["key"],
        "edtf": fact["date_edtf"],
        "wording_en": fact["date_wording_en"],
        "wording_es": fact["date_wording_es"],
        "earliest": earliest,
        "latest": latest,
        "first_edtf": first_edtf,
        "first_modality": changes[0]["old_modality"] if changes else fact["modality"],
        "first_latest": edtf_dates.bounds(first_edtf)[1],
        "ended": "" if fact["end_reason"] == "met" else fact["end_reason"],
    }
