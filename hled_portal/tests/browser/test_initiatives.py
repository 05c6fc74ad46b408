"""Pages of initiatives and pillars with the review of April 2024, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.usefixtures("reviewed")]


def test_a_reader_filters_opens_and_goes_back_in_time(visit, page, inspect):
    visit("/en/initiatives/?as_of=2024-12-31", PHONE)
    page.locator("summary", has_text="Filters").click()
    page.locator("summary", has_text="Pillar").click()
    page.get_by_text("Pillar 2: ").first.click()
    page.locator("#selection button[type=submit]").first.click()
    page.wait_for_url(lambda url: "pillar=2021-2" in url)
    page.wait_for_url(lambda url: "as_of=2024-12-31" in url)
    page.get_by_role("link", name="Español").click()
    page.wait_for_url(lambda url: "/es/initiatives/" in url)
    page.wait_for_url(lambda url: "pillar=2021-2" in url)
    page.locator(".portal-rows a").first.click()
    page.wait_for_url(lambda url: url.endswith("?as_of=2024-12-31"))
    inspect()


def test_another_day_is_chosen_without_script(visit, page):
    visit("/en/initiatives/otay-mesa-ii/")
    page.get_by_text("View this page on another date").click()
    page.get_by_label("Date", exact=True).fill("2024-05-01")
    page.locator(".portal-as-of").get_by_role("button", name="Show").click()
    page.wait_for_url(lambda url: url.endswith("?as_of=2024-05-01"))
    expect(page.get_by_text("This page shows the record at the end of May 1, 2024.")).to_be_visible()


def test_further_filters_and_all_choices_keep_what_was_selected_since(visit, page, inspect):
    visit("/en/initiatives/", PHONE)
    page.locator("summary", has_text="Filters").click()
    page.locator("summary", has_text="Status").click()
    page.get_by_label("Completed (").check()
    page.get_by_role("button", name="More filters").click()
    expect(page.locator("summary", has_text="Delivery outlook")).to_be_visible()
    expect(page.get_by_label("Completed (")).to_be_checked()
    page.locator("#filter-place summary").click()
    page.get_by_role("button", name="Show all").last.click()
    expect(page.get_by_label("The Americas (")).to_be_visible()
    inspect()
    page.get_by_label("Keywords").fill("laboratories")
    page.get_by_label("Keywords").press("Enter")
    page.wait_for_url(re.compile("q=laboratories"))
    assert "options=" not in page.url
    assert "stage=completed" in page.url
