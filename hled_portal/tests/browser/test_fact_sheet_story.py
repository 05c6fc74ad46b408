"""A fact sheet from its draft to its publication, in Chromium: edited, updated from a record, approved and released."""

import pytest
from playwright.sync_api import expect

from hled_portal.tests import factories as make
from initiatives.models import FactSheet

from .steps import agree, go_to_the_edition, let_the_minute_come, plan, press, propose, put_all_in, read

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

MEETING = "2024-04-19"
DRAFT = f"/admin/fact-sheets/{MEETING}/"
PUBLIC = f"meetings/{MEETING}/fact-sheet"


@pytest.fixture
def cast(server):
    return make.make_cast()


@pytest.fixture
def works(cast):
    """A crossing with a milestone that happened before the meeting."""
    initiative, meeting = make.make_initiative(), make.make_meeting(MEETING)
    milestone = make.make_fact(
        initiative, date_edtf="2024-02", modality="happened", object_en="the works", object_es="las obras"
    )
    for row in (initiative, milestone, meeting, initiative.pillar, initiative.pillar.cycle):
        make.agreed(row)
    make.publish_with_keys(cast, initiative.pillar, meeting, initiative)
    return initiative


def field(page, words: str):
    """The field of the sentence that has these words."""
    fields = page.locator("textarea")
    texts = fields.evaluate_all("rows => rows.map(row => row.value)")
    return fields.nth(next(number for number, text in enumerate(texts) if words in text.lower()))


def save(page):
    with page.expect_navigation():
        page.click("[name=save] >> nth=0")


def rename_the_milestone(page, works, cast, sign_in):
    """The record changes: proposed by Ana, approved by Luis and Carl, not public yet."""
    milestone = works.facts.get()
    milestone.object_en, milestone.object_es = "the whole crossing", "todo el cruce"
    milestone.save()
    make.agreed(milestone)
    propose(page, works)
    for person in (cast.luis, cast.carl):
        sign_in(person)
        go_to_the_edition(page)
        press(page, "key")


def test_a_draft_is_edited_updated_approved_by_both_and_released_with_its_records(
    page, inspect, cast, works, sign_in, monkeypatch
):
    sign_in(cast.ana)
    page.goto(DRAFT)
    with page.expect_navigation():
        page.click("[name=start]")
    inspect()
    field(page, "met").fill("Both delegations met by video.")
    field(page, "se reunieron").fill("Ambas delegaciones se reunieron por video.")
    save(page)
    expect(page.get_by_text("Edited by hand")).to_have_count(2)

    rename_the_milestone(page, works, cast, sign_in)
    made = plan(page, "April", meeting=MEETING)
    sign_in(cast.ana)
    page.goto(DRAFT)
    expect(page.get_by_text("The records changed")).to_have_count(2)
    assert field(page, "the works")
    for box in page.locator("[name=accept]").all():
        box.check()
    save(page)
    assert field(page, "the whole crossing")
    assert field(page, "todo el cruce")
    expect(page.get_by_text("The records changed")).to_have_count(0)
    with page.expect_navigation():
        page.click("[name=propose]")

    text = FactSheet.objects.get()
    for person in (cast.luis, cast.carl):
        sign_in(person)
        page.goto(f"/admin/initiatives/factsheet/{text.pk}/change/")
        press(page, "key")
    put_all_in(page, made)
    agree(page, made)
    sign_in(cast.luis, "es")
    agree(page, made)
    assert "by video" not in read(page, f"/en/{PUBLIC}/")
    let_the_minute_come(monkeypatch, made)

    for language, words, record in (
        ("en", "Both delegations met by video.", "the whole crossing"),
        ("es", "Ambas delegaciones se reunieron por video.", "todo el cruce"),
    ):
        shown = read(page, f"/{language}/{PUBLIC}/")
        assert words in shown
        assert record in shown.lower()
        assert words in read(page, f"/{language}/{PUBLIC}.md")
        for form in ("docx", "pdf"):
            assert page.request.get(f"/{language}/{PUBLIC}.{form}").status == 200
        assert words not in read(page, f"/{language}/{PUBLIC}/?as_of={MEETING}")
    assert "the whole crossing" in read(page).lower()
    page.goto(f"/en/{PUBLIC}/")
    inspect()
    page.click("#sentence-1")
    page.wait_for_url(lambda url: url.endswith("#note-1"))
