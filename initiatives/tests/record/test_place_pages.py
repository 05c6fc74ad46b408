"""Places as pages show them, on the review of 2024."""

import datetime

import pytest
from django.utils import translation

from hled_portal.dates.as_of import Moment
from initiatives.record import mentions, place_pages, register_lookup

AT = Moment(datetime.date(2024, 8, 1))


pytestmark = [pytest.mark.usefixtures("review"), pytest.mark.django_db]


def every_place() -> place_pages.Gazetteer:
    return place_pages.every_place(register_lookup.at_moment(AT), AT)


def flat(nodes) -> dict[str, int]:
    return {key: number for n in nodes for key, number in ({n.key: n.initiatives} | flat(n.inner)).items()}


def test_every_crossing_of_the_review_shows_both_its_sides():
    found = every_place()
    assert found.sides == ["Mexico", "United States"]
    assert len(found.crossings) == 10
    for crossing in found.crossings:
        assert [len(side) for side in crossing.sides] == [1, 1], crossing.place.key
    otay = next(row for row in found.crossings if row.place.key == "otay-mesa-new-crossing")
    assert [side.key for sides in otay.sides for side in sides] == ["otay-mesa-ii-poe", "otay-mesa-east-poe"]
    assert otay.place.initiatives == 2
    with translation.override("es"):
        assert every_place().sides == ["Estados Unidos", "México"]


def test_countries_hold_their_states_and_cities():
    found = every_place()
    assert [node.key for node in found.countries] == ["el-salvador", "guatemala", "honduras", "mexico", "united-states"]
    numbers = flat(found.countries)
    assert numbers["mexico"] == 16
    assert (numbers["jalisco"], numbers["guadalajara"]) == (1, 1)
    jalisco = next(node for node in found.countries[3].inner if node.key == "jalisco")
    assert [(node.name, node.kind) for node in jalisco.inner] == [("Guadalajara", "city")]


def test_regions_hold_no_crossings():
    found = every_place()
    keys = flat(found.regions)
    assert {"border-region", "north-america", "central-america", "northern-central-america"} <= set(keys)
    assert not {crossing.place.key for crossing in found.crossings} & set(keys)


def test_every_public_place_stands_in_the_list_once():
    found, names = every_place(), register_lookup.at_moment(AT)
    sides = [side.key for crossing in found.crossings for some in crossing.sides for side in some]
    listed = [*flat(found.countries), *flat(found.regions), *sides, *(row.place.key for row in found.crossings)]
    assert sorted(listed) == sorted(names.of_kind("place"))


def test_a_list_takes_one_query_beside_the_register(django_assert_num_queries):
    names = register_lookup.at_moment(AT)
    with django_assert_num_queries(1):
        place_pages.every_place(names, AT)


def test_a_side_tells_where_it_lies_and_what_is_across():
    found = place_pages.build_place_page("otay-mesa-ii-poe", register_lookup.at_moment(AT))
    assert (found.name, found.kind, found.countries) == ("Otay Mesa II", "Port of entry", ["Mexico"])
    assert [entry.name for entry in found.above] == [
        "New Otay Mesa crossing",
        "U.S.-Mexico border region",
        "Tijuana",
        "Baja California",
        "Mexico",
    ]
    assert [entry.name for entry in found.other_sides] == ["Otay Mesa East Port of Entry"]
    assert found.coordinates == "32.553, -116.904"
    assert [alias["text"] for alias in found.aliases] == ["Mesa de Otay II", "Otay Mesa II"]


def test_a_crossing_lies_in_both_countries():
    found = place_pages.build_place_page("otay-mesa-new-crossing", register_lookup.at_moment(AT))
    assert found.countries == ["Mexico", "United States"]
    assert [entry.key for entry in found.inner] == ["otay-mesa-east-poe", "otay-mesa-ii-poe"]


def test_initiatives_say_where_inside_a_place_they_are():
    names = register_lookup.at_moment(AT)
    inside = names.places.inside(["jalisco"])
    found = place_pages.located_initiatives(
        mentions.mentioning_initiatives(AT, "place", inside), "jalisco", inside, names
    )
    assert [(row.edition.subject_key, row.where) for row in found] == [("canieti-forums", ["Guadalajara"])]
