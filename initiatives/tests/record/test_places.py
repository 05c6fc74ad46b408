"""Places as a tree."""

import pytest

from initiatives.record.places import Places


def place(
    kind: str, country: str = "", parent: str | None = None, replaced_by: str | None = None, city: str | None = None
) -> dict:
    return {"place_kind": kind, "country": country, "parent": parent, "replaced_by": replaced_by, "city": city}


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
            "otay-mesa-ii": place("port_of_entry", "MX", "otay-mesa", city="tijuana"),
            "baja-california": place("state", "MX", "mexico"),
            "tijuana": place("city", "", "baja-california"),
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
        (["tijuana"], {"tijuana", "otay-mesa-ii", "otay-mesa"}),
        (["baja-california"], {"baja-california", "tijuana", "otay-mesa-ii", "otay-mesa"}),
        (
            ["mexico"],
            {"mexico", "jalisco", "guadalajara", "tonala", "baja-california", "tijuana", "otay-mesa-ii", "otay-mesa"},
        ),
        (
            ["border-region"],
            {"border-region", "otay-mesa", "otay-mesa-east", "otay-mesa-ii", "lonely-crossing"},
        ),
        (
            ["jalisco", "united-states"],
            {"jalisco", "guadalajara", "tonala", "united-states", "otay-mesa-east", "otay-mesa"},
        ),
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
        ("otay-mesa-ii", {"otay-mesa-ii", "otay-mesa", "border-region", "tijuana", "baja-california", "mexico"}),
        ("otay-mesa", {"otay-mesa", "border-region", "tijuana", "baja-california", "mexico", "united-states"}),
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
        ("otay-mesa-ii", ["otay-mesa", "border-region", "tijuana", "baja-california", "mexico"]),
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
        ("tijuana", {"MX"}),
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


def test_a_place_and_its_country_hold_the_same(places):
    """So their counts agree; what was merged is counted with what it was merged into."""
    for key, code in (("mexico", "MX"), ("united-states", "US")):
        assert places.inside([key]) == places.in_countries([code])


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
