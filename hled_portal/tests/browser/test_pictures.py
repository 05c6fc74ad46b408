"""Maps and timelines in a real browser: what they show, and that it can be read and reached."""

from itertools import combinations

import pytest
from playwright.sync_api import expect

from .conftest import PHONE, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
DATED = "as_of=2024-06-10"


#: One message for all of them: a question for each costs more than what is measured.
BOXES = "elements => elements.map(element => element.getBoundingClientRect().toJSON())"


def boxes(page, selector: str) -> list[dict]:
    return page.locator(selector).evaluate_all(BOXES)


def meet(one: dict, two: dict) -> bool:
    """True when two boxes overlap by more than the white edge of a letter, which belongs to its box."""
    edge = 4
    across = one["x"] + edge < two["x"] + two["width"] and two["x"] + edge < one["x"] + one["width"]
    down = one["y"] + edge < two["y"] + two["height"] and two["y"] + edge < one["y"] + one["height"]
    return across and down


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_marks_and_labels_of_the_maps_cover_each_other_nowhere(visit, language, width):
    page = visit(f"/{language}/map/?{DATED}", width)
    for figure in (".portal-map__sheet--border", ".portal-map__sheet--region"):
        marks = boxes(page, f"{figure} .portal-mark")
        assert len(marks) > 10
        assert [(one, two) for one, two in combinations(marks, 2) if meet(one, two)] == []
        assert min(min(box["width"], box["height"]) for box in marks) >= 20
        labels = boxes(page, f"{figure} .portal-map__label")
        assert [(one, two) for one in labels for two in marks if meet(one, two)] == []
        assert [(one, two) for one, two in combinations(labels, 2) if meet(one, two)] == []


@pytest.mark.usefixtures("reviewed")
def test_a_mark_leads_to_its_place_by_keyboard(visit):
    page = visit(f"/en/map/?{DATED}", PHONE)
    mark = page.locator(".portal-map__link").first
    mark.focus()
    assert mark.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/en/places/otay-mesa-poe/?{DATED}")


@pytest.mark.usefixtures("reviewed")
def test_words_of_the_maps_keep_a_size_that_can_be_read_on_a_phone(visit):
    page = visit("/en/map/", PHONE)
    heights = [box["height"] for box in boxes(page, ".portal-map__label")]
    assert min(heights) >= 12


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_signs_of_a_lane_stand_beside_each_other(visit, width):
    page = visit(f"/es/timeline/?year=2024&{DATED}", width)
    measure = f"lanes => lanes.map(lane => ({BOXES})([...lane.querySelectorAll('.portal-sign')]))"
    lanes = page.locator(".portal-lanes .portal-lane__chart").evaluate_all(measure)
    assert len(lanes) == 34
    assert sum(len(signs) > 1 for signs in lanes) > 5
    for signs in lanes:
        assert [(one, two) for one, two in combinations(signs, 2) if meet(one, two)] == []


@pytest.mark.usefixtures("reviewed")
def test_the_table_of_a_pillar_opens_without_script(visit, inspect):
    page = visit(f"/en/timeline/?pillar=2021-4&{DATED}", PHONE)
    page.get_by_text("Table of").click()
    expect(page.get_by_role("row")).to_have_count(7)
    inspect()
    page.get_by_role("link", name="English for the Semiconductor Industry").last.click()
    page.wait_for_url(lambda url: url.endswith("#pilot"))
