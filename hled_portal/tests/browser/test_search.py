"""The search with the review of April 2024, in a real browser."""

import pytest
from playwright.sync_api import expect

from .conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.usefixtures("reviewed")]


def test_a_reader_searches_by_keyboard_and_lands_at_the_fact(visit, page, inspect):
    visit("/es/?as_of=2024-12-31", PHONE)
    page.locator("header input[type=search]").fill("capacitacion semiconductores")
    page.keyboard.press("Enter")
    page.wait_for_url("**/es/search/?q=capacitacion+semiconductores&as_of=2024-12-31")
    page.locator("main input[type=search]").fill("SEP acuerdo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/es/search/?q=SEP+acuerdo&as_of=2024-12-31")
    page.get_by_role("link", name="Hitos y cifras").click()
    page.locator(".portal-item__title a").first.click()
    page.wait_for_url(
        lambda url: url.endswith("/es/initiatives/english-for-semiconductors/?as_of=2024-12-31#agreement")
    )
    expect(page.locator("#agreement")).to_be_visible()
    inspect()


def test_the_language_can_be_changed(visit, page):
    visit("/en/search/?q=bridge&kind=initiative")
    page.get_by_role("link", name="Español").click()
    page.wait_for_url(lambda url: url.endswith("/es/search/?q=bridge&kind=initiative"))
    expect(page.get_by_text("resultados para “bridge”")).to_be_visible()
