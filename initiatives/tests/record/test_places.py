"""Places as a tree."""

import pytest

from initiatives.record.places import Places


def place(kind: str, country: str = "", parent: str | None = None, replaced_by: str | None = None) -> dict:
    return {"place_kind": kind, "country": country, "parent": parent, "replaced_by": replaced_by}


@pytest.fixture
def places():
    return Places(
        {
            "mexico": place("country", "MX"),
            "united-states": place("country", "US"),
            "jalisco": place("state", "MX", "mexico"),
            "guadalajara": place("city", "MX", "jalisco"),
            "tonala": place("city", "MX", "jalisco", replaced_by="guadalajara"),
            "border-region": place("region"),
            "otay-mesa": place("crossing", "", "border-region"),
            "otay-mesa-east": place("port_of_entry", "US", "otay-mesa"),
            "otay-mesa-ii": place("port_of_entry", "MX", "otay-mesa"),
            "lonely-crossing": place("crossing", "", "border-region"),
        }
    )


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["guadalajara"], {"guadalajara", "tonala"}),
        (["jalisco"], {"jalisco", "guadalajara", "tonala"}),
        (["otay-mesa"], {"otay-mesa", "otay-mesa-east", "otay-mesa-ii"}),
        (["otay-mesa-ii"], {"otay-mesa-ii"}),
        (["mexico"], {"mexico", "jalisco", "guadalajara", "tonala", "otay-mesa-ii"}),
        (
            ["border-region"],
            {"border-region", "otay-mesa", "otay-mesa-east", "otay-mesa-ii", "lonely-crossing"},
        ),
        (["jalisco", "united-states"], {"jalisco", "guadalajara", "tonala", "united-states", "otay-mesa-east"}),
        (["unknown"], {"unknown"}),
        ([], set()),
    ],
)
def test_a_place_holds_everything_inside_it(places, keys, expected):
    assert places.inside(keys) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("tonala", {"tonala", "guadalajara", "jalisco", "mexico"}),
        ("otay-mesa-ii", {"otay-mesa-ii", "otay-mesa", "border-region", "mexico"}),
        ("otay-mesa", {"otay-mesa", "border-region"}),
        ("mexico", {"mexico"}),
        ("unknown", {"unknown"}),
    ],
)
def test_a_place_is_held_by_everything_around_it(places, key, expected):
    assert places.holders(key) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("guadalajara", ["jalisco", "mexico"]),
        ("otay-mesa-ii", ["otay-mesa", "border-region"]),
        ("mexico", []),
        ("unknown", []),
    ],
)
def test_a_place_lies_in_those_above_it(places, key, expected):
    assert places.above(key) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("guadalajara", {"MX"}),
        ("otay-mesa", {"US", "MX"}),
        ("otay-mesa-east", {"US"}),
        ("lonely-crossing", set()),
        ("border-region", set()),
        ("unknown", set()),
    ],
)
def test_a_crossing_lies_in_the_countries_of_its_sides(places, key, expected):
    assert places.countries(key) == expected


def test_places_of_a_country_include_its_crossings(places):
    assert places.in_countries(["US"]) == {"united-states", "otay-mesa", "otay-mesa-east"}
    assert places.in_countries(["CA"]) == set()


def test_the_other_side_of_a_crossing(places):
    assert places.other_sides("otay-mesa-ii") == ["otay-mesa-east"]
    assert places.other_sides("otay-mesa") == []
    assert places.other_sides("guadalajara") == []


def test_a_merged_place_lies_nowhere(places):
    assert places.children["jalisco"] == ["guadalajara"]


def test_places_that_lie_in_each_other_end():
    """The record refuses such a loop; a page that met one must not hang all the same."""
    places = Places({"one": place("city", "MX", "two"), "two": place("city", "MX", "one")})
    assert places.inside(["one"]) == {"one", "two"}
    assert places.above("one") == ["two"]
