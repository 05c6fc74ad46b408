"""The places of a selection as GeoJSON (RFC 7946): one feature for each place that an initiative or a fact names."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hled_portal.web import license
from initiatives.exports.tables.table import chunked
from initiatives.models import Edition

from .tables import ExportContext, withdrawn_rows


@dataclass
class PlaceMentions:
    """What names a place: initiatives by key, and facts as `initiative#fact`."""

    initiatives: dict[str, dict] = field(default_factory=dict)
    facts: list[str] = field(default_factory=list)


def collection(editions, frame: ExportContext) -> dict:
    """The FeatureCollection. Places without a point are listed beside the features, never put anywhere."""
    named = _places_with_mentions(chunked(editions, frame), frame)
    features = [_feature(key, named[key], frame) for key in sorted(named)]
    return {
        "type": "FeatureCollection",
        "as_of": frame.at.day.isoformat(),
        "publication": frame.at.publication,
        "licence": license.ADDRESS,
        "without_coordinates": [feature["properties"] for feature in features if feature["geometry"] is None],
        "withdrawn": withdrawn_rows(frame, ("initiative", "place")),
        "features": [feature for feature in features if feature["geometry"] is not None],
    }


def _places_with_mentions(editions: Iterator[Edition], frame: ExportContext) -> dict[str, PlaceMentions]:
    """Every place that the editions name, with what names it."""
    found: dict[str, PlaceMentions] = {}
    for edition in editions:
        initiative = _initiative(edition, frame)
        for key in edition.data["places"]:
            found.setdefault(key, PlaceMentions()).initiatives[edition.subject_key] = initiative
        for fact in edition.data["facts"]:
            places = {*fact["places"], *(key for reading in fact["readings"] for key in reading["places"])}
            for key in sorted(places):
                named = found.setdefault(key, PlaceMentions())
                named.initiatives[edition.subject_key] = initiative
                named.facts.append(f"{edition.subject_key}#{fact['key']}")
    return found


def _feature(key: str, named: PlaceMentions, frame: ExportContext) -> dict:
    place = frame.contents.get(("place", key), {})
    point = (place.get("longitude"), place.get("latitude"))
    return {
        "type": "Feature",
        "id": key,
        # As RFC 7946 asks: longitude first, WGS 84.
        "geometry": None if None in point else {"type": "Point", "coordinates": [float(part) for part in point]},
        "properties": {
            "key": key,
            **frame.named("name", "place", key),
            "kind": place.get("place_kind", ""),
            "country": place.get("country", ""),
            "parent": place.get("parent") or "",
            "address": frame.address("place", key) if place else "",
            "initiatives": list(named.initiatives.values()),
            "facts": named.facts,
        },
    }


def _initiative(edition: Edition, frame: ExportContext) -> dict:
    return {
        "key": edition.subject_key,
        "edition": edition.number,
        "title_en": edition.title_en,
        "title_es": edition.title_es,
        "stage": edition.stage,
        "basis": edition.basis,
        "address": frame.address("initiative", edition.subject_key),
    }
