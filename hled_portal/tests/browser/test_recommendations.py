"""Recommendations in a real browser: figures beside their tables, answers that differ, a withdrawn one, filters."""

import pytest
from playwright.sync_api import expect

from hled_portal.publishing import releasing
from hled_portal.tests.factories import (
    make_answer,
    make_cast,
    make_consultation,
    make_heard,
    make_initiative,
    make_letter,
    make_officers,
    publish_with_keys,
)

from .conftest import AXE_AT, PHONE, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = [
    "recommendations/",
    "recommendations/published/",
    "recommendations/published/?state=answered&outcome=adopted&sector=mining",
    "recommendations/consultations/standing/",
    "recommendations/two-answers/",
    "recommendations/withdrawn-answer/",
    "recommendations/waits/",
    "you-said-we-did/",
    "initiatives/otay-mesa-ii/",
    "cycles/2021/pillars/1/",
    "search/?q=compartir",
]


@pytest.fixture
def heard():
    """Recommendations in each state: answered twice, answer withdrawn, overdue."""
    cast, officers, initiative = make_cast(), make_officers(), make_initiative()
    publish_with_keys(cast, initiative)
    call = make_consultation()
    for key, due in (("two-answers", None), ("withdrawn-answer", None), ("waits", "2026-01-01")):
        letter = make_letter("Que compartan los laboratorios, y " + "cuantoantesmejor" * 8, sector="mining")
        make_heard(officers, letter, key=key, consultation=call, pillar=initiative.pillar, answer_due=due)
    for side, outcome in (("MX", "adopted"), ("US", "not_adopted")):
        make_answer(cast, "two-answers", outcome, side, initiatives=["otay-mesa-ii"])
    releasing.withdraw(make_answer(cast, "withdrawn-answer"), cast.carl, "error")


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("language", ["en", "es"])
def test_pages_with_letters_are_clean_on_a_desk_and_on_a_phone(page, inspect, language):
    faults = []
    for path in PAGES:
        assert page.goto(f"/{language}/{path}").status == 200, path
        for summary in page.locator(".portal-hearing > summary").all():
            summary.click()
        for width in (WIDE, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            try:
                inspect(barriers=width == AXE_AT[language])
            except AssertionError as fault:
                faults.append(f"{path} at {width}: {fault}")
    assert not faults, "\n".join(faults)


@pytest.mark.usefixtures("heard")
def test_a_reader_filters_sorts_and_reads_an_answer(page):
    page.goto("/en/recommendations/published/")
    page.locator("summary", has_text="Outcome").click()
    page.get_by_text("Not adopted (1)").click()
    page.get_by_role("button", name="Show", exact=True).first.click()
    expect(page.locator(".portal-rows > li")).to_have_count(1)
    page.locator(".portal-rows a").first.click()
    expect(page.get_by_role("heading", name="Response from the Government of the United States")).to_be_visible()
    expect(page.locator("blockquote")).to_have_attribute("lang", "es-MX")
