"""Moved dates and figures in a real browser, on a record that has some; in the review of 2024 no date was moved."""

import datetime

import pytest
from playwright.sync_api import expect

from hled_portal.tests.factories import make_fact, make_figure, make_initiative, make_meeting, make_source
from initiatives.editions import joint_texts
from initiatives.models import Citation, DateChange, Reading

from .conftest import PHONE, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture
def slipped(live_server):
    """An initiative with a date that was moved twice and a figure that was read three times."""
    one = make_initiative("one", title_en="One", title_es="Uno")
    works = make_fact(one, date_edtf="2025-03-31")
    moves = [("2024-09-21", "2024-12"), ("2024-12", "2025-03-31")]
    for order, (old, new) in enumerate(moves, 1):
        DateChange.objects.create(
            fact=works,
            order=order,
            old_edtf=old,
            old_modality="expected",
            new_edtf=new,
            new_modality="expected",
            reason="slipped",
            text_en="Heavy rain.",
            text_es="Lluvias.",
            changed_on=datetime.date(2024, 4, 1),
        )
    figure = make_figure(one)
    readings = [("40", "actual", "2023-10-01"), ("60", "actual", "2024-04-19"), ("100", "target", "2025-03-31")]
    for order, (value, status, day) in enumerate(readings, 1):
        Reading.objects.create(fact=figure, order=order, value=value, status=status, as_of_edtf=day)
    share = make_figure(one, "share")
    Reading.objects.create(fact=share, value="30", as_of_edtf="2024-04-19")
    source = make_source(meeting=make_meeting())
    Citation.objects.create(initiative=one, source=source, order=1)
    joint_texts.enter_joint_text(source)


@pytest.mark.usefixtures("slipped")
@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_moved_dates_and_figures_are_drawn_cleanly(visit, width):
    for language in ("en", "es"):
        page = visit(f"/{language}/initiatives/one/", width)
        expect(page.locator(".portal-slip__dot")).to_have_count(3)
        expect(page.locator(".portal-figure__series circle")).to_have_count(2)
        expect(page.locator(".portal-figure__level--target")).to_have_count(1)
        bar, room = (page.locator(f".portal-figure__{part}").bounding_box() for part in ("share", "room"))
        assert bar["width"] / room["width"] == pytest.approx(0.3, abs=0.01)
        first, last = (page.locator(".portal-slip__dot").nth(n).bounding_box() for n in (0, 2))
        assert first["x"] < last["x"]
        assert first["y"] < last["y"]
