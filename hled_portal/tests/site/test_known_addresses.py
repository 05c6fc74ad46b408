"""The addresses that others rely on, in both languages, on days before and after the review."""

import pytest
from django.urls import Resolver404, resolve

from hled_portal.tests.site.test_whole_site import ONCE
from hled_portal.web.context_processors import HTML_LANGUAGES

BEFORE, ON, AFTER = "2024-04-18", "2024-04-19", "2024-04-20"

#: Addresses that others rely on (each also under /es/), with the answer on a day before the record begins.
LISTS = [
    "",
    "initiatives/",
    "initiatives.csv",
    "initiatives.xlsx",
    "initiatives.json",
    "initiatives.geojson",
    "initiatives.ics",
    "initiatives.atom",
    *(f"{name}.{kind}" for name in ("facts", "date-changes", "readings", "participation") for kind in ("csv", "xlsx")),
    *(f"{name}.json" for name in ("facts", "date-changes", "readings", "participation")),
    "items/",
    "timeline/",
    "map/",
    "calendar/",
    "calendar.ics",
    "organizations/",
    "places/",
    "meetings/",
    "compare/?from=2024-04-18&to=2024-04-19",
    "search/?q=otay",
    "recommendations/",
    "recommendations/published/",
    "you-said-we-did/",
    *(f"{name}.{kind}" for name in ("recommendations", "answers", "consultations") for kind in ("csv", "xlsx", "json")),
    "recommendations.atom",
    "data/",
    "about/",
    "about/measures/",
    "about/accessibility/",
    "about/privacy/",
]
SUBJECTS = [
    "initiatives/otay-mesa-ii/",
    "initiatives/otay-mesa-ii/editions/1/",
    "initiatives/otay-mesa-ii/editions/1/content.json",
    "organizations/sict/",
    "places/otay-mesa-new-crossing/",
    "meetings/2024-04-19/",
    "recommendations/one-stop-shop-for-investors/",
    "recommendations/one-stop-shop-for-investors/answers/joint/editions/1/content.json",
    "recommendations/consultations/areas-2024/",
    "cycles/2021/pillars/1/",
    "cycles/2021/pillars/1/embed/",
    "cycles/2021/pillars/1/progress.svg",
    "cycles/2021/pillars/1/progress.png",
    "pillars/1/",
]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("review")]


@pytest.mark.parametrize(
    ("language", "day"),
    [("es", BEFORE), pytest.param("en", ON, marks=pytest.mark.database), ("es", AFTER)],
)
def test_each_known_address_answers(client, language, day):
    """On the day before, lists are empty and what was not public yet is told so.

    Today they are asked for in `test_older_text.py`, of the same record and an older text.
    """
    wrong = {}
    for address in LISTS + SUBJECTS:
        expected = {200, 302} if day != BEFORE or address in LISTS else {200, 302, 404}
        whole = f"/{language}/{address}" + (f"{'&' if '?' in address else '?'}as_of={day}" if day else "")
        answer = client.get(whole)
        answer.getvalue()
        if answer.status_code not in expected:
            wrong[whole] = answer.status_code
        elif answer["Content-Type"].startswith("text/html") and answer.status_code != 302:
            assert f'<html lang="{HTML_LANGUAGES[language]}">' in answer.content.decode(), whole
    assert not wrong, wrong


def test_addresses_without_a_language_answer(client):
    assert {path: client.get(path, follow=True).status_code for path in ONCE} == dict.fromkeys(ONCE, 200)


def test_the_table_of_addresses_is_the_one_that_others_have():
    """Each address of the list is in the map of addresses: nothing here is checked in vain."""
    unknown = []
    for address in LISTS + SUBJECTS:
        try:
            resolve(f"/en/{address.partition('?')[0]}")
        except Resolver404:
            unknown.append(address)
    assert unknown == []
