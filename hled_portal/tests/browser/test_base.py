"""The frame of every page, in a real browser."""

import pytest
from playwright.sync_api import expect

from .conftest import PHONE, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("path", ["/en/", "/es/"])
def test_an_empty_portal_is_clean(visit, path, width):
    visit(path, width)


def test_menu_opens_on_a_phone_without_script(visit, inspect):
    page = visit("/es/", PHONE)
    page.get_by_text("Menú", exact=True).click()
    expect(page.get_by_role("link", name="Avances")).to_be_visible()
    inspect()


@pytest.mark.parametrize("path", ["/en/", "/es/"])
def test_the_menu_stays_on_one_line(visit, path):
    links = visit(path, 1280).locator(".portal-nav__row a").all()
    assert len(links) > 9
    assert len({round(link.bounding_box()["y"]) for link in links}) == 1


def test_language_switch_keeps_page_and_query(visit):
    page = visit("/en/sign-in/?next=/en/")
    page.get_by_role("link", name="Español").click()
    page.wait_for_url(lambda url: url.endswith("/es/sign-in/?next=/en/"))
    expect(page.locator("html")).to_have_attribute("lang", "es-MX")


def test_skip_link_is_first(visit):
    page = visit("/en/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to main content")
    page.keyboard.press("Enter")
    expect(page.locator("#main-content")).to_be_focused()


def test_missing_page_is_clean(page, inspect):
    assert page.goto("/es/no-such-page/").status == 404
    page.portal_errors.clear()  # Chromium logs the 404 itself.
    inspect()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_nothing_is_left_in_the_browser_for_the_next_test(visit, turn):
    page = visit("/en/")
    assert (page.evaluate("localStorage.length"), page.context.cookies()) == (0, [])
    page.evaluate("localStorage.setItem('draft', 'words'); document.cookie = 'left=1'")
    page.wait_for_function("() => document.cookie === 'left=1'")  # Chromium may set it after the script has ended.
