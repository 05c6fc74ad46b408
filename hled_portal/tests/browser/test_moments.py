"""Days, editions, comparisons and citations in a real browser."""

import datetime

import pytest
from playwright.sync_api import expect

from hled_portal.publishing import releasing
from hled_portal.tests.factories import make_cast, make_fact, make_figure, make_initiative, make_meeting
from initiatives.models import DateChange, Edition, Reading
from initiatives.tests.views.test_editions import clear_and_release, enter

from .conftest import AXE_AT, PHONE, WIDE

pytestmark = pytest.mark.browser
PAGES = [
    "initiatives/otay/?as_of=2024-05-01&publication=1",
    "initiatives/otay/editions/",
    "initiatives/otay/editions/3/",
    "initiatives/otay/editions/3/?against=x",
    "compare/?from=2024-04-19",
    "compare/?from=2024-04-19&to=2024-04-19",
    "cycles/2021/pillars/1/?as_of=2024-10-02",
]


@pytest.fixture
def record(live_server):
    """Three editions of an initiative, the last one cleared, and a withdrawn initiative."""
    cast = make_cast()
    make_meeting("2024-04-19")
    one = make_initiative("otay", title_en="Otay", title_es="Mesa de Otay")
    works = make_fact(one, "works", date_edtf="2024-06")
    figure = make_figure(one, "progress", object_en="new crossing", object_es="nuevo cruce")
    Reading.objects.create(fact=figure, value=60, as_of_edtf="2024-04-19")
    enter(one, "2024-04-19")
    change = {"old_edtf": "2024-06", "new_edtf": "2024-09", "old_modality": "expected", "new_modality": "expected"}
    DateChange.objects.create(fact=works, reason="slipped", changed_on=datetime.date(2024, 10, 1), **change)
    works.date_edtf = "2024-09"
    works.save()
    enter(make_initiative("laredo", title_en="Laredo", title_es="Laredo"), "2024-09-01")
    enter(one, "2024-10-01", summary_en="The works go on, slowly.", summary_es="Las obras continúan, despacio.")
    clear_and_release(cast, one, stage="completed", title_en="Otay II", title_es="Mesa de Otay II")
    releasing.withdraw(Edition.objects.get(subject_key="laredo"), cast.carl, "error", "Wrong.", "Error.")


def open_everything(page):
    page.evaluate("document.querySelectorAll('main details').forEach(details => details.open = true)")


def close_everything(page):
    page.evaluate("document.querySelectorAll('main details').forEach(details => details.open = false)")


@pytest.mark.usefixtures("record")
def test_pages_are_clean_with_everything_open(page, inspect):
    for path in PAGES:
        for language in ("en", "es"):
            page.goto(f"/{language}/{path}")
            for width in (WIDE, PHONE):
                page.set_viewport_size({"width": width, "height": 900})
                inspect(barriers=False)
                open_everything(page)
                inspect(barriers=width == AXE_AT[language])
                close_everything(page)


@pytest.mark.usefixtures("record")
def test_what_is_gone_is_clean_too(page, inspect):
    for path in ("/es/initiatives/laredo/", "/en/initiatives/otay/?as_of=2024-04-18"):
        assert page.goto(path).status in (404, 410)
        page.portal_errors.clear()  # Chromium logs the status itself.
        inspect()


@pytest.mark.usefixtures("record")
def test_a_reader_goes_to_the_day_of_a_meeting_and_back(visit, page):
    visit("/en/initiatives/otay/", PHONE)
    page.get_by_text("View this page on another date").click()
    page.get_by_role("link", name="April 19, 2024: Mid-year review").click()
    page.wait_for_url(lambda url: url.endswith("/en/initiatives/otay/?as_of=2024-04-19"))
    expect(page.get_by_text("This page shows the record at the end of April 19, 2024.")).to_be_visible()
    page.get_by_role("link", name="View the current page").click()
    page.wait_for_url(lambda url: url.rstrip("?").endswith("/en/initiatives/otay/"))


@pytest.mark.usefixtures("record")
def test_a_reader_compares_two_editions_and_two_days(visit, page, inspect):
    visit("/en/initiatives/otay/editions/3/", PHONE)
    page.get_by_label("Compare with").select_option("1")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Changes from version 1 to version 3")).to_be_visible()
    inspect()
    page.goto("/en/compare/")
    page.get_by_label("Earlier date").fill("2024-04-19")
    page.get_by_label("Later date").fill("2024-10-02")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("about 92 days later")).to_be_visible()
    inspect()


@pytest.mark.usefixtures("record")
def test_the_citation_is_reached_by_keyboard(visit, page):
    visit("/en/initiatives/otay/editions/1/")
    summary = page.get_by_text("Cite this page")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".portal-cite__block").first).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download .bib file").click()
    assert downloading.value.suggested_filename.startswith("hled-otay-")
