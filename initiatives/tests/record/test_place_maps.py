"""The maps of the border and of other places: who stands where, with how many initiatives."""

import datetime
import re

import pytest
from django.utils.translation import override

from hled_portal.dates.as_of import Moment
from hled_portal.maps.projections import BORDER, REGION
from hled_portal.publishing import releasing
from hled_portal.tests.factories import (
    make_cast,
    make_fact,
    make_initiative,
    make_meeting,
    make_pillar,
    make_place,
    make_source,
)
from hled_portal.tests.kept_rows import kept
from initiatives.editions import joint_texts
from initiatives.models import Citation, Edition
from initiatives.record import place_maps

pytestmark = pytest.mark.django_db
AT = Moment(datetime.date(2024, 6, 1))
QUERIES = 7


@pytest.fixture
def source():
    return make_source(meeting=make_meeting())


@pytest.fixture
def places():
    return make_places()


def make_places():
    """Two crossings close to each other, one with both its sides; a city in a state; a region without a point."""
    found = {}

    def add(key, kind, country, latitude, longitude, **columns):
        names = {"name_en": columns.pop("name_en", key.title()), "name_es": columns.pop("name_es", key.title())}
        point = {"latitude": latitude, "longitude": longitude}
        found[key] = make_place(key, kind=kind, country=country, **names, **point, **columns)
        return found[key]

    old = add("otay-mesa", "crossing", "", "32.5497", "-116.938", name_en="Otay Mesa crossing")
    new = add("new-otay-mesa", "crossing", "", "32.5545", "-116.904", name_en="Otay Mesa East–Mesa de Otay II crossing")
    add("otay-mesa-poe", "port_of_entry", "US", "32.5503", "-116.938", parent=old)
    add("otay-mesa-east", "port_of_entry", "US", "32.556", "-116.904", parent=new)
    add("otay-mesa-ii", "port_of_entry", "MX", "32.553", "-116.904", parent=new)
    mexico = add("mexico", "country", "MX", "23.6", "-102.5", name_en="Mexico", name_es="México")
    jalisco = add("jalisco", "state", "MX", "20.57", "-103.68", parent=mexico)
    add("guadalajara", "city", "MX", "20.6736", "-103.344", parent=jalisco)
    add("americas", "region", "", None, None, name_en="the Americas", name_es="las Américas")
    return found


def publish(source, *initiatives):
    for initiative in initiatives:
        Citation.objects.get_or_create(initiative=initiative, source=source, defaults={"order": 1})
    return joint_texts.enter_joint_text(source)


def make_at(key, *places, **columns):
    initiative = make_initiative(key, **columns)
    initiative.places.set(places)
    return initiative


@pytest.fixture
def drawn(db):
    """Works on both sides of the new crossing and on one of the old one, a forum in Guadalajara, and one everywhere."""
    kept(publish_works)
    return place_maps.maps(AT)


def publish_works():
    places = make_places()
    east = make_at("east", places["otay-mesa-east"], title_en="East")
    second = make_at("second", places["otay-mesa-ii"])
    make_fact(second).places.add(places["otay-mesa-ii"])
    old = make_at("old", places["otay-mesa-poe"])
    others = make_at("forum", places["guadalajara"]), make_at("all", places["americas"])
    publish(make_source(meeting=make_meeting()), east, second, old, *others)


# Crossings


def test_each_side_of_a_crossing_has_its_own_row_and_mark(drawn):
    assert [(row.number, row.key, row.side, row.initiatives) for row in drawn.border.rows] == [
        ("1", "otay-mesa", "", 1),
        ("US 1", "otay-mesa-poe", "United States", 1),
        ("2", "new-otay-mesa", "", 2),
        ("US 2", "otay-mesa-east", "United States", 1),
        ("MX 2", "otay-mesa-ii", "Mexico", 1),
    ]
    assert [(mark.spot.number, mark.shape) for mark in drawn.border.marks] == [
        ("US 1", "us"),
        ("US 2", "us"),
        ("MX 2", "mx"),
    ]


def test_marks_stand_on_their_own_side_of_the_border(drawn):
    border = drawn.border.land["line"]
    for mark in drawn.border.marks:
        left, right = float(mark.left), float(mark.left) + float(mark.width)
        near = [y for x, y in border if left <= x <= right] or [border[0][1]]
        if mark.shape == "us":
            assert float(mark.top) + float(mark.height) < min(near)
        else:
            assert float(mark.top) > max(near)


def test_marks_of_close_crossings_do_not_cover_each_other(drawn):
    one, two, _below = drawn.border.marks
    assert abs(float(one.x) - float(two.x)) >= place_maps.SIGN_WIDTH
    assert float(two.point_x) - float(one.point_x) < 3
    assert all(float(mark.left) >= 0 and float(mark.top) >= 0 for mark in drawn.border.marks)


def test_geometry_is_written_with_a_decimal_point_in_both_languages(drawn):
    with override("es"):
        spanish = place_maps.maps(AT)
    mark = spanish.border.marks[0]
    assert (mark.spot.number, mark.x, mark.point_x) == ("EUA 1", drawn.border.marks[0].x, drawn.border.marks[0].point_x)
    assert re.fullmatch(r"[0-9]+(\.[0-9])?", mark.point_x)


def test_a_side_that_no_initiative_names_is_told_all_the_same(source, places):
    publish(source, make_at("second", places["otay-mesa-ii"], places["otay-mesa-east"]))
    one = Edition.objects.public(AT).initiatives().none()
    rows = place_maps.maps(AT, one).border.rows
    assert {row.key: row.initiatives for row in rows} == {"new-otay-mesa": 0, "otay-mesa-east": 0, "otay-mesa-ii": 0}


def test_names_of_the_base_map_give_way_to_what_the_record_says(drawn):
    labels = {" ".join(text for text, _y in label.lines) for label in drawn.border.labels}
    assert labels == {"Otay Mesa crossing", "Otay Mesa East–Mesa de Otay II crossing"}
    assert [name.lines[0][0] for name in drawn.border.countries] == ["United States", "Mexico"]
    assert {name.lines[0][0] for name in drawn.border.states} >= {"Arizona", "Texas", "Sonora", "Chihuahua"}


# Other places


def test_a_place_counts_what_lies_in_it_and_one_without_a_point_has_a_row(drawn):
    assert [(row.number, row.key, row.initiatives, row.approximate) for row in drawn.region.rows] == [
        ("1", "mexico", 2, True),
        ("2", "guadalajara", 1, False),
        ("3", "jalisco", 1, True),
        ("", "americas", 1, True),
    ]
    assert [mark.shape for mark in drawn.region.marks] == ["area", "point", "area"]
    assert {" ".join(text for text, _y in label.lines) for label in drawn.region.labels} == {
        "Mexico (2)",
        "Guadalajara (1)",
        "Jalisco (1)",
    }


def test_marks_of_close_places_are_pushed_apart(drawn):
    _mexico, city, state = drawn.region.marks
    apart = ((float(city.x) - float(state.x)) ** 2 + (float(city.y) - float(state.y)) ** 2) ** 0.5
    assert apart >= place_maps.DOT
    assert city.point_x != city.x


def test_every_mark_and_label_stays_on_its_sheet(drawn):
    for drawing, sheet in ((drawn.border, BORDER), (drawn.region, REGION)):
        assert (drawing.width, drawing.height) == (sheet.width, sheet.height)
        for mark in drawing.marks:
            assert sheet.holds(float(mark.x), float(mark.y))


@pytest.mark.parametrize(
    ("language", "latitude", "longitude", "words"),
    [
        ("en", "32.5497", "-116.938", "32.5497°\u00a0N, 116.938°\u00a0W"),
        ("es", "32.5497", "-116.938", "32.5497°\u00a0N, 116.938°\u00a0O"),
        ("en", "-1.5", "2", "1.5°\u00a0S, 2°\u00a0E"),
        ("en", None, None, ""),
    ],
)
def test_coordinates_in_words(language, latitude, longitude, words):
    with override(language):
        assert place_maps.coordinates(latitude, longitude) == words


# The page


def test_page_has_both_maps_with_their_tables(client, drawn):
    html = client.get("/en/map/?as_of=2024-06-01").content.decode()
    assert html.count('role="group"') == 2
    assert '<a class="portal-map__link" href="/en/places/otay-mesa-ii/?as_of=2024-06-01">' in html
    assert "<title>MX 2: Otay-Mesa-Ii, Mexico, 1 initiative</title>" in re.sub(r"\s*\n\s*", "", html)
    assert html.count('scope="row"') == 9
    spanish = client.get("/es/map/").content.decode()
    assert "México (2)" in spanish
    assert re.findall("<strong>(Most initiatives .*?)</strong>", html) == [
        "Most initiatives (2): Otay Mesa East–Mesa de Otay II crossing.",
        "Most initiatives (1): Guadalajara, Jalisco, the Americas.",
    ]
    assert "<strong>Con más iniciativas (2): " in spanish
    assert html.count("<figcaption") == html.count("Most initiatives (") == spanish.count("Con más iniciativas (")


@pytest.mark.parametrize(("day", "marks"), [("2024-04-18", 0), ("2024-04-19", 6), ("2024-06-01", 6)])
def test_page_as_of_a_day(client, drawn, day, marks):
    html = client.get(f"/en/map/?as_of={day}").content.decode()
    assert html.count('class="portal-map__link"') == marks
    assert ("Nothing had been published by this date." in html) == (marks == 0)


def test_the_filters_of_the_list_choose_what_counts(client, drawn):
    html = client.get("/en/map/?place=guadalajara").content.decode()
    assert "Jalisco (1)" in html
    assert "Mexico (1)" in html
    assert "the Americas" not in html.lower()


def test_a_pillar_is_chosen_and_a_wrong_one_shows_nothing(client, source, places):
    one = make_at("one", places["guadalajara"])
    two = make_at("two", places["guadalajara"], pillar=make_pillar(2))
    publish(source, one, two)
    html = client.get("/en/map/?pillar=2021-2&as_of=2024-06-01").content.decode()
    assert "Guadalajara (1)" in html
    assert 'href="/en/initiatives/?place=guadalajara&amp;pillar=2021-2&amp;as_of=2024-06-01"' in html
    html = client.get("/en/map/?pillar=2021-9").content.decode()
    assert "The filters are not valid, so no results are shown." in html
    assert "<figure" not in html


def test_a_withdrawn_initiative_counts_no_more(client, drawn):
    releasing.withdraw(Edition.objects.get(subject_key="forum"), make_cast().luis, "error")
    html = client.get("/en/map/").content.decode()
    assert "Guadalajara (" not in html
    assert "initiative/forum/1" in html


@pytest.mark.parametrize("count", [1, 6])
def test_page_takes_the_same_queries_for_one_and_for_many(client, source, django_assert_num_queries, count):
    places = [make_place(f"place-{n}", latitude="25", longitude=f"-{100 + n / 10:.1f}") for n in range(count)]
    publish(source, *(make_at(f"works-{n}", place) for n, place in enumerate(places)))
    with django_assert_num_queries(QUERIES):
        assert client.get("/en/map/").status_code == 200
