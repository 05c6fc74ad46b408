"""A campaign of forty from the file of a docket to the published response, in Chromium, with its clicks counted."""

import pytest

from hled_portal.tests import factories as make
from stakeholders.models import Letter, Recommendation, Response
from stakeholders.tests.letters.test_bulk_intake import docket

from .steps import go_to_the_answer
from .test_hearing_story import key, release

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
NUMBER = 40
SHARED = "I urge both governments to open the border bridge for commercial trucks on Sundays as well."


@pytest.fixture
def cast(server, settings):
    settings.SITE_URL = server.url
    people = make.make_cast()
    people.rosa, people.ruth = vars(make.make_officers()).values()
    return people


def test_a_campaign_costs_the_clerk_fewer_than_ten_clicks(page, inspect, cast, sign_in, monkeypatch):
    """A click: of a link, of a button, or of the field that asks for the file. What is typed and chosen is not one."""
    clicks = []

    def click(selector: str):
        clicks.append(selector)
        with page.expect_navigation():
            page.click(selector)

    rows = [{"Comment": f"{SHARED} I am number {n} of Eagle Pass.", "Last Name": f"Doe {n}"} for n in range(NUMBER)]
    sign_in(cast.rosa)
    page.goto("/admin/stakeholders/letter/")
    click('a[href$="/take-over/"]')
    clicks.append("file")
    page.set_input_files("[name=file]", {"name": "docket.csv", "mimeType": "text/csv", "buffer": docket(*rows)})
    page.select_option("[name=channel]", "docket")
    page.select_option("[name=consent]", "withheld")
    click(".clearing button.default")
    click(".clearing button.default")
    inspect()
    assert Letter.objects.count() == NUMBER
    click('#result_list a[href$="/similar/"] >> nth=0')
    inspect()
    page.fill("[name=key]", "sundays")
    page.fill("[name=name_en]", "Sundays")
    page.fill("[name=name_es]", "Domingos")
    click(".clearing button.default")
    asked = Recommendation.objects.get()
    assert (asked.askings.count(), asked.campaign.key) == (NUMBER, "sundays")
    click('form[action$="/answer/"] button[value=joint]')
    page.select_option("[name=outcome]", "not_adopted")
    page.fill("[name=text_en]", "Not on Sundays.")
    page.fill("[name=text_es]", "No los domingos.")
    page.select_option("[name=translation_state]", "agreed")
    click("[name=_propose]")
    click(".clearing form button[type=submit]")
    assert Response.objects.get().state == "proposed"
    assert len(clicks) < 10, clicks

    for person, language in ((cast.luis, "es"), (cast.carl, "en")):
        key(page, person, language, sign_in, lambda page: go_to_the_answer(page, asked.key))
    release(page, cast, sign_in, monkeypatch, "Responses")
    asked.refresh_from_db()
    assert (Response.objects.get().state, asked.state) == ("published", "answered")
    assert set(Letter.objects.values_list("state", flat=True)) == {"answered"}
