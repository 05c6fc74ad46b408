"""The work of the desk from end to end, in Chromium: one report on its way to readers, and the night of a ministerial.

Each step is one that a person takes, in her language; between them the page of readers is looked at.
"""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from hled_portal.tests import factories as make
from initiatives.editions import joint_texts
from initiatives.editions.snapshot import subject_rows
from initiatives.models import Citation, Edition, Initiative, Reading, Topic

from .steps import agree, go_to_the_edition, let_the_minute_come, plan, press, propose, read, report

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture
def cast(server):
    return make.make_cast()


@pytest.fixture
def works(cast):
    """Works at a crossing, half done as a joint text told it, with every translation agreed since."""
    initiative, source = make.make_initiative(), make.make_source()
    figure = make.make_figure(initiative, unit_en="%", unit_es="%", object_en="of the works", object_es="de las obras")
    body = make.make_organization("sedena", name_en="Ministry of Defense", name_es="Secretaría de la Defensa")
    first = {"value": 60, "qualifier": "almost", "as_of_edtf": "2024-04-19", "reporting_body": body}
    Citation.objects.create(
        reading=Reading.objects.create(fact=figure, order=1, **first), source=source, locator="p. 1"
    )
    Citation.objects.create(initiative=initiative, source=source, locator="p. 1")
    pillar = initiative.pillar
    for row in [*subject_rows(initiative), pillar, pillar.cycle, *body.names.all(), source]:
        make.agreed(row)
    joint_texts.enter_joint_text(source)
    return initiative


def test_a_report_is_returned_corrected_keyed_twice_and_released_at_its_minute(
    page, inspect, cast, works, sign_in, monkeypatch
):
    sign_in(cast.ana, "es")
    report(page, works, "72", "1 de junio de 2026")
    assert list(Reading.objects.values_list("value", "as_of_edtf"))[-1] == (72, "2026-06-01")
    propose(page, works)

    sign_in(cast.carl)
    page.goto("/admin/initiatives/edition/queue/")
    page.click("text=Otay Mesa II")
    expect(page.locator(".clearing").first).to_contain_text("72")
    inspect()
    page.fill("[name=comment]", "The ministry says 73 in its letter.")
    press(page, "return")
    assert Edition.objects.latest("pk").state == "returned"

    sign_in(cast.ana, "es")
    page.goto("/admin/")
    assert "The ministry says 73 in its letter." in page.inner_text("#content")
    report(page, works, "73", "1 de junio de 2026")
    propose(page, works)

    sign_in(cast.luis, "es")
    go_to_the_edition(page)
    press(page, "key")
    assert Edition.objects.latest("pk").us_digest == ""
    assert "73" not in read(page)
    sign_in(cast.carl)
    go_to_the_edition(page)
    assert "73" in page.inner_text(".clearing")
    press(page, "key")
    assert Edition.objects.latest("pk").state == "cleared"
    assert "73" not in read(page)

    made = plan(page, "For the ministerial")
    agree(page, made)
    inspect()
    sign_in(cast.luis, "es")
    agree(page, made)
    let_the_minute_come(monkeypatch, made)
    assert "73" in read(page)
    assert "/en/initiatives/otay-mesa-ii/editions/2/" in read(page)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    then = read(page, f"/en/initiatives/otay-mesa-ii/?as_of={yesterday}")
    assert "73" not in then
    assert "60" in then


#: More than a page of a list: all of them are chosen by its link.
NIGHT = 101


def test_the_night_before_a_ministerial(page, cast, sign_in, monkeypatch):
    for number in range(NIGHT):
        make.agreed(make.make_topic(f"topic-{number:03}", name_en=f"Topic {number:03}", name_es=f"Tema {number:03}"))

    sign_in(cast.ana, "es")
    page.goto("/admin/initiatives/topic/")
    page.check("#action-toggle")
    page.click(".actions .question a")
    page.select_option("[name=action]", "propose")
    with page.expect_navigation():
        page.click(".actions button[name=index]")
    with page.expect_navigation():
        page.click(".clearing form button[type=submit]")
    assert Edition.objects.filter(state="proposed").count() == NIGHT

    for person, language in ((cast.luis, "es"), (cast.carl, "en")):
        sign_in(person, language)
        go_on_where_it_ended(page, sign_in, person, language)
        page.goto("/admin/initiatives/edition/queue/")
        page.click('a[href*="chosen=all"]')
        with page.expect_navigation():
            page.click(".clearing form[action] button[type=submit]")
        assert f"Topic {NIGHT - 1}" in page.content() or f"Tema {NIGHT - 1}" in page.content()
        page.check("[name=acknowledged]")
        with page.expect_navigation():
            page.click(".clearing form button[type=submit]")
    assert Edition.objects.filter(state="cleared").count() == NIGHT
    assert Edition.objects.published().count() == 0

    made = plan(page, "The night")
    agree(page, made)
    sign_in(cast.luis, "es")
    agree(page, made)
    let_the_minute_come(monkeypatch, made)
    assert {(text.number, text.publication) for text in Edition.objects.published()} == {(1, 1)}
    assert Edition.objects.published().count() == NIGHT == Topic.objects.count()
    assert Initiative.objects.count() == 0


def go_on_where_it_ended(page, sign_in, person, language):
    """Two texts are keyed one after another; after a new sign-in the queue goes on with the third."""
    page.goto("/admin/initiatives/edition/queue/")
    page.click(".clearing a.button")
    press(page, "key")
    press(page, "key")
    third = page.inner_text("h1")
    sign_in(person, language)
    page.goto("/admin/initiatives/edition/queue/")
    page.click(".clearing a.button")
    expect(page.locator("h1")).to_have_text(third)
