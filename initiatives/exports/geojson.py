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


def collection(editions, context: ExportContext) -> dict:
    """The FeatureCollection. Places without a point are listed beside the features, never put anywhere."""
    named = _places_with_mentions(chunked(editions, context), context)
    features = [_feature(key, named[key], context) for key in sorted(named)]
    return {
        "type": "FeatureCollection",
        "as_of": context.at.day.isoformat(),
        "publication": context.at.publication,
        "licence": license.ADDRESS,
        "without_coordinates": [feature["properties"] for feature in features if feature["geometry"] is None],
        "withdrawn": withdrawn_rows(context, ("initiative", "place")),
        "features": [feature for feature in features if feature["geometry"] is not None],
    }


def _places_with_mentions(editions: Iterator[Edition], context: ExportContext) -> dict[str, PlaceMentions]:
    """Every place that the editions name, with what names it."""
    by_key: dict[str, PlaceMentions] = {}
    for edition in editions:
        initiative = _initiative(edition, context)
        for key in edition.data["places"]:
            by_key.setdefault(key, PlaceMentions()).initiatives[edition.subject_key] = initiative
        for fact in edition.data["facts"]:
            places = {*fact["places"], *(key for reading in fact["readings"] for key in reading["places"])}
            for key in sorted(places):
                named = by_key.setdefault(key, PlaceMentions())
                named.initiatives[edition.subject_key] = initiative
                named.facts.append(f"{edition.subject_key}#{fact['key']}")
    return by_key


def _feature(key: str, named: PlaceMentions, context: ExportContext) -> dict:
    place = context.contents.get(("place", key), {})
    point = (place.get("longitude"), place.get("latitude"))
    return {
        "type": "Feature",
        "id": key,
        # As RFC 7946 asks: longitude first, WGS 84.
        "geometry": None if None in point else {"type": "Point", "coordinates": [float(part) for part in point]},
        "properties": {
            "key": key,
            **context.named("name", "place", key),
            "kind": place.get("place_kind", ""),
            "country": place.get("country", ""),
            "parent": place.get("parent") or "",
            "city": place.get("city") or "",
            "address": context.address("place", key) if place else "",
            "initiatives": list(named.initiatives.values()),
            "facts": named.facts,
        },
    }


def _initiative(edition: Edition, context: ExportContext) -> dict:
    return {
        "key": edition.subject_key,
        "edition": edition.number,
        "title_en": edition.title_en,
        "title_es": edition.title_es,
        "stage": edition.stage,
        "basis": edition.basis,
        "address": context.address("initiative", edition.subject_key),
    }
