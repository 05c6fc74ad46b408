"""The work of the desk from end to end, in Chromium: one report on its way to readers, and the night of a ministerial.

Each step is one that a person takes, in her language; between them the page of readers is looked at.
"""

import datetime
import re
from types import SimpleNamespace

import pytest
from django.utils import timezone

from hled_portal import release_plans
from hled_portal.jobs import Turn
from hled_portal.models import ReleasePlan
from initiatives import editions
from initiatives.freezing import subject_rows
from initiatives.models import Citation, Edition, Initiative, Reading, Topic

from .. import factories as make

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
    editions.enter_joint_text(source)
    return initiative


def go_to_the_edition(page, key: str = "otay-mesa-ii"):
    page.goto(f"/admin/initiatives/edition/{Edition.objects.filter(subject_key=key).latest('pk').pk}/change/")


def press(page, address: str):
    """Press the button of a verb on the page of a text."""
    with page.expect_navigation():
        page.locator(f'form[action*="/{address}/"] button[type=submit]').click()


def report(page, initiative, value: str, as_of: str):
    """A number on one page: the date in words is read back, then saved."""
    page.goto(f"/admin/initiatives/initiative/{initiative.pk}/report/")
    page.fill("[name=reading-value]", value)
    page.fill("[name=reading-as_of_edtf]", as_of)
    page.check("[name=reading-ready]")
    for _read_back_then_saved in range(2):
        if page.url.endswith("/report/"):
            with page.expect_navigation():
                page.click("[name=reading]")
    assert page.url.endswith("/change/")


def propose(page, initiative):
    page.goto(f"/admin/initiatives/initiative/{initiative.pk}/propose/")
    with page.expect_navigation():
        page.click(".clearing form button[type=submit]")


def read(page, address: str = "/en/initiatives/otay-mesa-ii/") -> str:
    """What somebody without an account reads."""
    answer = page.context.browser.new_context(base_url=re.match(r"https?://[^/]+", page.url)[0])
    try:
        return answer.request.get(address).text()
    finally:
        answer.close()


def plan(page, name: str) -> ReleasePlan:
    """A release for tomorrow at ten in Mexico City, with everything that is on its way."""
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    page.goto("/admin/hled_portal/releaseplan/add/")
    page.fill("[name=name]", name)
    page.fill("[name=day]", tomorrow.isoformat())
    page.fill("[name=time]", "10:00")
    page.check("[name=capital][value=MX]")
    for _read_back_then_kept in range(2):
        with page.expect_navigation():
            page.click(".submit-row [type=submit]")
    made = ReleasePlan.objects.get(name=name)
    page.goto(f"/admin/hled_portal/releaseplan/{made.pk}/put-in/")
    with page.expect_navigation():
        page.click("[name=all]")
    return made


def agree(page, made: ReleasePlan):
    page.goto(f"/admin/hled_portal/releaseplan/{made.pk}/change/")
    with page.expect_navigation():
        page.click("[name=verb][value=agree]")


def let_the_minute_come(monkeypatch, made: ReleasePlan):
    """The job a minute before, which does nothing, and at the minute."""
    for minutes, number in ((-1, None), (0, "1 released")):
        at = made.at + datetime.timedelta(minutes=minutes)
        monkeypatch.setattr(release_plans, "timezone", SimpleNamespace(now=lambda at=at: at))
        assert release_plans.go_out_when_due(Turn()) == number
    monkeypatch.undo()


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
    assert "72" in page.inner_text(".clearing")
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


NIGHT = 140


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
        assert "Topic 139" in page.content() or "Tema 139" in page.content()
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
    assert page.inner_text("h1") == third
