"""The desk's forms in Chromium: a report on one page, dates read back while one types, nothing lost by leaving."""

import re

import pytest
from playwright.sync_api import expect

from hled_portal.tests import factories as make
from initiatives import models as record
from initiatives.admin.progress_report import progress_report_url

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture
def signed_in(page, server, sign_in):
    """A tab of Ana's."""
    sign_in(make.make_cast().ana)
    return page


@pytest.fixture
def otay(server):
    initiative = make.make_initiative()
    figure = make.make_figure(initiative, unit_en="%", unit_es="%")
    sedena = make.make_organization("sedena")
    record.Reading.objects.create(fact=figure, order=1, value=60, as_of_edtf="2024-04-19", reporting_body=sedena)
    make.make_fact(initiative)
    return initiative


def test_sedena_reports_72_percent_from_the_first_page_in_four_pages_by_keyboard_alone(signed_in, otay, inspect):
    """Four pages and 24 keys, without a click: well under a minute."""
    page, loads, keys = signed_in, [], []
    page.on("load", lambda loaded: loads.append(loaded.url))

    def press(*names):
        for name in names:
            keys.append(name)
            page.keyboard.press(name)

    page.goto("/admin/")
    page.get_by_label("Find an initiative by its title").focus()
    press(*"Otay")
    with page.expect_navigation():
        press("Enter")
    page.get_by_role("link", name="Report on “Otay Mesa II”").focus()
    with page.expect_navigation():
        press("Enter")
    assert page.url.endswith(progress_report_url(otay))
    inspect()
    page.get_by_label("Value", exact=True).focus()
    press(*"72%", "Tab", "Tab", *"June", "Space", *"1,", "Space", *"2024")
    page.locator(".field-as_of_edtf .typed-date-words", has_text="1 de junio de 2024").wait_for()
    with page.expect_navigation():
        press("Enter")
    page.get_by_text("Saved: SEDENA reports 72, %, as of June 1, 2024.").wait_for()
    assert (len(loads), len(keys)) == (4, 24), (loads, keys)
    assert record.Reading.objects.filter(value=72, as_of_edtf="2024-06-01").count() == 1


def test_leaving_with_changes_asks_first_and_saving_does_not(signed_in, otay):
    page, asked = signed_in, []
    page.goto(f"/admin/initiatives/initiative/{otay.pk}/change/")
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("#id_title_en").fill("Otay Mesa II, changed")
    with page.expect_event("dialog"):
        page.locator("#facts a").first.click(no_wait_after=True)
    assert asked == ["beforeunload"]
    assert page.locator("#id_title_en").input_value() == "Otay Mesa II, changed"
    page.locator("input[name=_save]").click()
    page.get_by_text("was changed successfully").wait_for()
    assert asked == ["beforeunload"]


def test_who_goes_back_from_a_form_that_was_too_large_finds_it_as_it_was(signed_in, otay, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    page = signed_in
    page.goto(f"/admin/initiatives/initiative/{otay.pk}/change/")
    page.locator("#id_summary_en").fill("Long words of mine.")
    page.locator("input[name=_save]").click()
    page.get_by_text("Form too large. Nothing was saved").first.wait_for()
    expect(page.locator("textarea")).to_have_value(re.compile("Long words of mine"))
    page.go_back()
    expect(page.locator("#id_summary_en")).to_have_value("Long words of mine.")
    page.portal_errors.clear()  # The browser notes the status 413.


def test_a_number_and_a_milestone_are_saved_together(signed_in, otay):
    """A date that is missing brings both sections back as they were typed."""
    page = signed_in
    page.goto(progress_report_url(otay))
    page.fill("[name=reading-value]", "72")
    page.fill("[name=reading-as_of_edtf]", "2024-06-01")
    page.fill("[name=milestone-text]", "It opened to traffic.")
    with page.expect_navigation():
        page.click("[name=save]")
    page.get_by_label("Date met, or new expected date").wait_for()
    assert page.input_value("[name=reading-value]") == "72"
    assert page.input_value("[name=milestone-text]") == "It opened to traffic."
    page.fill("[name=milestone-date_edtf]", "2024-05-31")
    with page.expect_navigation():
        page.click("[name=save]")
    assert page.url.endswith("/change/")
    assert record.Reading.objects.filter(value=72).count() == 1
    assert record.Fact.objects.get(key="works").modality == "happened"
