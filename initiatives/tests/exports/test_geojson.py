"""Places as GeoJSON: RFC 7946, read by the geojson library; no point is made up."""

import datetime
import json

import geojson
import pytest

from hled_portal.dates.as_of import Moment
from hled_portal.files import download_writers
from hled_portal.publishing import releasing
from hled_portal.tests.factories import (
    make_cast,
    make_fact,
    make_figure,
    make_initiative,
    make_meeting,
    make_place,
    make_source,
)
from initiatives.editions import joint_texts
from initiatives.exports import geojson as features
from initiatives.exports.tables import ExportContext
from initiatives.models import Citation, Edition, Reading

pytestmark = pytest.mark.django_db
AT = Moment(datetime.date(2024, 4, 19))
SITE = "https://dialogue.example"


@pytest.fixture
def source():
    return make_source(meeting=make_meeting())


@pytest.fixture
def works(source):
    """An initiative at a crossing with a fact in a city, a reading in another, and a place without a point."""
    point = {"latitude": "32.5", "longitude": "-116.9375"}
    works = make_initiative()
    works.places.add(make_place("otay-mesa", kind="crossing", name_en="Otay Mesa", name_es="Mesa de Otay", **point))
    works.places.add(make_place("border-region", kind="region", country=""))
    make_fact(works).places.add(make_place("tijuana", kind="city", latitude="32.53", longitude="-117.02"))
    reading = Reading.objects.create(fact=make_figure(works), order=1, value=1)
    reading.places.add(make_place("tecate", kind="city", latitude="32.57", longitude="-116.63"))
    Citation.objects.create(initiative=works, source=source, order=1, locator="item 1")
    joint_texts.enter_joint_text(source)
    return works


def collection() -> dict:
    frame = ExportContext(AT, SITE)
    return json.loads(
        download_writers.json_text(features.collection(Edition.objects.public(frame.at).initiatives(), frame))
    )


def test_it_is_geojson(works):
    read = geojson.loads(json.dumps(collection()))
    assert isinstance(read, geojson.FeatureCollection)
    assert read.is_valid, read.errors()
    assert all(feature.geometry.type == "Point" and feature.is_valid for feature in read.features)


def test_one_feature_for_each_place_of_an_initiative_a_fact_or_a_reading(works):
    found = {feature["id"]: feature for feature in collection()["features"]}
    assert set(found) == {"otay-mesa", "tijuana", "tecate"}
    crossing = found["otay-mesa"]
    assert crossing["geometry"]["coordinates"] == [-116.9375, 32.5], "longitude comes first"
    told = crossing["properties"]
    assert (told["name_en"], told["name_es"], told["kind"]) == ("Otay Mesa", "Mesa de Otay", "crossing")
    assert [(row["key"], row["edition"], row["basis"]) for row in told["initiatives"]] == [
        ("otay-mesa-ii", 1, "joint_text")
    ]
    assert found["tijuana"]["properties"]["facts"] == ["otay-mesa-ii#works"]
    assert found["tecate"]["properties"]["facts"] == ["otay-mesa-ii#progress"]
    assert told["address"] == f"{SITE}/en/places/otay-mesa/?as_of=2024-04-19&publication=1"


def test_places_without_a_point_are_listed_beside_the_features(works):
    found = collection()
    assert [place["key"] for place in found["without_coordinates"]] == ["border-region"]
    assert (found["as_of"], found["publication"]) == ("2024-04-19", 1)
    assert found["licence"] == "https://creativecommons.org/licenses/by/4.0/"


def test_what_was_withdrawn_is_marked_and_on_no_place(works):
    releasing.withdraw(Edition.objects.get(subject_key="otay-mesa-ii"), make_cast().luis, "error")
    found = collection()
    assert (found["features"], found["without_coordinates"]) == ([], [])
    assert [(marker["key"], marker["withdrawn_by_en"]) for marker in found["withdrawn"]] == [("otay-mesa-ii", "Mexico")]


def test_a_withdrawn_place_keeps_its_key_alone(works):
    releasing.withdraw(Edition.objects.get(subject_key="otay-mesa"), make_cast().luis, "error")
    found = collection()
    place = next(place for place in found["without_coordinates"] if place["key"] == "otay-mesa")
    assert (place["name_en"], place["name_es"], place["kind"], place["address"]) == ("", "", "", "")
    assert [marker["subject"] for marker in found["withdrawn"]] == ["place"]
