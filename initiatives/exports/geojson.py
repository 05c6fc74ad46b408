"""The places of a selection as GeoJSON (RFC 7946): one feature for each place that an initiative or a fact names."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hled_portal.web import license
from initiatives.exports.tables.table import chunked
from initiatives.models import Edition

from .tables import Frame, markers


@dataclass
class Named:
    """What names a place: initiatives by key, and facts as `initiative#fact`."""

    initiatives: dict[str, dict] = field(default_factory=dict)
    facts: list[str] = field(default_factory=list)


def collection(editions, frame: Frame) -> dict:
    """The FeatureCollection. Places without a point are listed beside the features, never put anywhere."""
    named = _named(chunked(editions, frame), frame)
    features = [_feature(key, named[key], frame) for key in sorted(named)]
    return {
        "type": "FeatureCollection",
        "as_of": frame.at.day.isoformat(),
        "publication": frame.at.publication,
        "licence": license.ADDRESS,
        "without_coordinates": [feature["properties"] for feature in features if feature["geometry"] is None],
        "withdrawn": markers(frame, ("initiative", "place")),
        "features": [feature for feature in features if feature["geometry"] is not None],
    }


def _named(editions: Iterator[Edition], frame: Frame) -> dict[str, Named]:
    """Every place that the editions name, with what names it."""
    found: dict[str, Named] = {}
    for edition in editions:
        initiative = _initiative(edition, frame)
        for key in edition.data["places"]:
            found.setdefault(key, Named()).initiatives[edition.subject_key] = initiative
        for fact in edition.data["facts"]:
            places = {*fact["places"], *(key for reading in fact["readings"] for key in reading["places"])}
            for key in sorted(places):
                named = found.setdefault(key, Named())
                named.initiatives[edition.subject_key] = initiative
                named.facts.append(f"{edition.subject_key}#{fact['key']}")
    return found


def _feature(key: str, named: Named, frame: Frame) -> dict:
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


def _initiative(edition: Edition, frame: Frame) -> dict:
    return {
        "key": edition.subject_key,
        "edition": edition.number,
        "title_en": edition.title_en,
        "title_es": edition.title_es,
        "stage": edition.stage,
        "basis": edition.basis,
        "address": frame.address("initiative", edition.subject_key),
    }
