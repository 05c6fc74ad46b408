"""The page of what changed between two days."""

import datetime
import re

import pytest
import time_machine

from hled_portal.publishing import releasing
from hled_portal.tests.factories import make_cast, make_fact, make_figure, make_initiative, make_meeting, move_date
from initiatives.models import DateChange, Edition, Reading

from .test_editions import clear_and_release, enter, text

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("summer"),
]
QUERIES, QUERIES_FOR_NOTHING = 12, 9
FROM_APRIL = "?from=2024-04-19&to=2024-10-01"


@pytest.fixture
def summer():
    """A day of 2025, so that the tests say the same in any year."""
    with time_machine.travel(datetime.datetime(2025, 7, 25, 18, tzinfo=datetime.UTC), tick=False):
        yield


@pytest.fixture
def one():
    """An initiative in the record of April 2024, with a milestone and a figure."""
    make_meeting("2024-04-19")
    initiative = make_initiative("otay", title_en="Otay", title_es="Mesa de Otay")
    make_fact(initiative, "works", date_edtf="2024-06")
    figure = make_figure(initiative, "progress", object_en="new crossing", object_es="nuevo cruce")
    Reading.objects.create(fact=figure, value=60, as_of_edtf="2024-04-19")
    enter(initiative, "2024-04-19")
    return initiative


def slip(initiative, new: str = "2024-09") -> None:
    works = initiative.facts.get(key="works")
    change = {"old_edtf": works.date_edtf, "new_edtf": new, "reason": "slipped", "text_en": "Heavy rain."}
    modality = {"old_modality": "expected", "new_modality": "expected", "text_es": "Lluvias."}
    DateChange.objects.create(fact=works, changed_on=datetime.date(2024, 10, 1), **change, **modality)
    works.date_edtf = new
    works.save()


def sections(answer) -> dict[str, str]:
    """The words of each section by its id."""
    found = re.findall(r'<section aria-labelledby="(\w+)">(.*?)</section>', answer.content.decode(), re.DOTALL)
    return {key: re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip() for key, html in found}


# What is told


def test_nothing_changed(client, one):
    words = text(client.get("/en/compare/?from=2024-04-19&to=2024-09-30"))
    assert "The public record did not change between these dates." in words


def test_dates_that_passed_without_a_word_are_told(client, one):
    found = {
        day: sections(client.get(f"/en/compare/?from=2024-04-19&to={day}")) for day in ("2024-06-30", "2024-07-01")
    }
    assert "passed" not in found["2024-06-30"]
    assert found["2024-07-01"]["passed"].startswith("1 date passed with no update published June 2024 Begin works at")
    assert "passed" not in sections(client.get("/en/compare/?from=2024-07-01&to=2024-08-01"))


def test_each_kind_of_change_has_its_section(client, one):
    slip(one)
    Reading.objects.create(fact=one.facts.get(key="progress"), order=2, value=75, as_of_edtf="2024-10-01")
    make_fact(one, "signs", object_en="the signs", date_edtf="2025", order=3)
    enter(make_initiative("laredo", title_en="Laredo", title_es="Laredo"), "2024-09-30")
    enter(one, "2024-10-01", stage="suspended", confidence="delayed")
    found = sections(client.get(f"/en/compare/{FROM_APRIL}"))
    assert found["new"] == "New initiatives Laredo (in progress)"
    assert found["staged"] == "Other status changes Otay : from “in progress” to “suspended”"
    assert found["confidence"].endswith("Otay : from “not stated” to “delayed”")
    assert (
        "Otay : Begin works at the crossing, from June 2024 (expected) to September 2024 (expected), "
        "about 92 days later . Later than expected: Heavy rain."
    ) in found["moved"]
    assert "Otay : New crossing. Before: 60% (as of April 19, 2024)." in found["measured"]
    assert "Now: 75% (as of October 1, 2024)." in found["measured"]
    assert "Otay : Mexico expects to begin the signs" in found["facts_new"]
    assert "Otay: changes from version 1 to version 2" in found["changed"]
    spanish = sections(client.get(f"/es/compare/{FROM_APRIL}"))
    assert "alrededor de 92 días después" in spanish["moved"]
    assert "Lluvias." in spanish["moved"]


def test_what_was_finished_and_met(client, one):
    one.facts.filter(key="works").update(relation="on")
    move_date(one.facts.get(key="works"), "2024-09-30", "happened")
    enter(one, "2024-10-01", stage="completed")
    found = sections(client.get(f"/en/compare/{FROM_APRIL}"))
    assert found["finished"] == "Completed initiatives Otay : from “in progress” to “completed”"
    assert "staged" not in found
    assert "moved" not in found
    assert "(about 92 days later than expected)" in found["met"]


def test_what_is_no_longer_there_and_why(client, one):
    target = make_initiative("new", title_en="The new one", title_es="La nueva")
    enter(target, "2024-04-20")
    one.facts.filter(key="works").update(
        end_reason="dropped", end_edtf="2024-09", end_text_en="No funds.", end_text_es="Sin fondos."
    )
    enter(one, "2024-10-01", replaced_by=target)
    found = sections(client.get("/en/compare/?from=2024-04-20&to=2024-10-01"))
    assert (
        "This milestone was dropped in September 2024: No funds. (discontinued, September 2024)" in found["facts_gone"]
    )
    assert found["merged"].endswith("Otay : merged into The new one")


def test_wording_alone_is_told_by_its_difference(client, one):
    enter(one, "2024-10-01", summary_en="Another crossing.")
    answer = client.get(f"/en/compare/{FROM_APRIL}")
    assert sections(answer)["changed"].endswith("(only the wording or other details changed)")
    assert 'href="/en/initiatives/otay/editions/2/?against=1#changes"' in answer.content.decode()


def test_pillars_and_meetings_that_changed_are_told_by_their_fields(client, one):
    one.pillar.name_en = "A new name"
    one.pillar.save()
    make_meeting("2024-09-01", name_en="September", name_es="Septiembre")
    enter(one, "2024-10-01", title_en="Otay II")
    found = sections(client.get(f"/en/compare/{FROM_APRIL}"))
    assert "Pillar: A new name" in found["others"]
    assert "Name (English) Removed: Building back together ; Added: A new name ;" in found["others"]
    assert "Meeting: September (newly added)" in found["others"]
    assert "Mid-year review" not in found["others"]


def test_a_withdrawn_initiative_leaves_its_marker_and_comes_back_as_public_again(client, one):
    cast = make_cast()
    with time_machine.travel(datetime.datetime(2025, 3, 1, 18, tzinfo=datetime.UTC)):
        releasing.withdraw(Edition.objects.get(subject_key="otay"), cast.luis, "error", "Wrong.", "Error.")
    words = text(client.get("/en/compare/?from=2024-04-19&to=2025-03-02"))
    assert "initiative/otay/1" in words
    assert "Withdrawn by the delegation of Mexico" in words
    assert "Otay" not in words
    with time_machine.travel(datetime.datetime(2025, 3, 5, 18, tzinfo=datetime.UTC)):
        clear_and_release(cast, one, title_en="Otay again")
    found = sections(client.get("/en/compare/?from=2024-04-19&to=2025-03-05"))
    assert found["again"] == "Published again after being withdrawn Otay again (in progress)"


def test_with_a_publication_it_is_the_same_for_ever(client, one):
    slip(one)
    enter(one, "2024-10-01")
    address = f"/en/compare/{FROM_APRIL}&publication=2"
    first = sections(client.get(address))
    enter(make_initiative("late", title_en="Late"), "2024-09-01")
    assert "Late" in text(client.get(f"/en/compare/{FROM_APRIL}"))
    assert sections(client.get(address)) == first
    assert (
        'href="/en/initiatives/otay/?as_of=2024-10-01&amp;publication=2#works"' in client.get(address).content.decode()
    )
    html = client.get("/en/compare/?to=2024-10-01").content.decode()
    assert "/en/compare/?from=2024-04-19&amp;to=2024-10-01&amp;as_of=2025-07-25&amp;publication=3" in html


def test_the_page_says_what_was_entered_later(client, one):
    with time_machine.travel(datetime.datetime(2025, 7, 27, 18, tzinfo=datetime.UTC)):
        words = text(client.get(f"/en/compare/{FROM_APRIL}"))
        assert "Part of this was added to the portal on July 25, 2025." in words
        assert "Part of this" not in text(client.get("/en/compare/?from=2025-07-25"))


# The form


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("from=2024-10-01&to=2024-04-19", "This date is before the earlier one. Swap the two dates."),
        ("from=2024-10-01&to=2024-10-01", "Both dates are the same. Choose two different dates."),
        ("from=2024-04-18&to=2024-10-01", "The record starts on April 19, 2024. Choose that date or a later one."),
        ("from=2024-04-19&to=2999-01-01", "2999-01-01 is in the future. Choose today or an earlier date."),
        ("from=yesterday", "“yesterday” is not a date. Enter year, month and day, for example 2024-04-19."),
        ("to=2024-02-30", "“2024-02-30” is not a date."),
        ("to=2024-04-19", "Choose a date."),
    ],
)
def test_days_that_cannot_be_compared_are_refused_beside_the_field(client, one, query, message):
    answer = client.get(f"/en/compare/?{query}")
    assert answer.status_code == 200
    html = answer.content.decode()
    (error,) = re.findall(r'<span class="usa-error-message" id="([^"]*)">', html)
    assert message in text(answer)
    assert f'aria-describedby="{error}"' in html
    assert "Summary" not in html
    assert message not in text(client.get(f"/es/compare/?{query}"))


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", "From June 1, 2024 to July 25, 2025"),
        ("?as_of=2024-12-01", "From April 19, 2024 to December 1, 2024"),
        ("?to=2024-05-01", "From April 19, 2024 to May 1, 2024"),
        ("?from=2024-04-19", "From April 19, 2024 to July 25, 2025"),
    ],
)
def test_defaults_follow_the_meetings(client, query, days):
    for day in ("2024-04-19", "2024-06-01", "2024-12-01"):
        make_meeting(day)
    enter(make_initiative("otay"), "2024-04-19")
    assert days in text(client.get(f"/en/compare/{query}"))


def test_an_empty_portal_and_a_day_before_the_record(client):
    assert "Nothing had been published by this date." in text(client.get("/en/compare/"))


def test_before_the_record_the_page_says_when_it_begins(client, one):
    answer = client.get("/en/compare/?as_of=2024-04-18")
    assert answer.status_code == 200
    assert "The record starts on April 19, 2024." in text(answer)


# Queries


@pytest.mark.parametrize("count", [1, 6])
def test_the_same_queries_for_one_and_for_many(client, one, django_assert_num_queries, count):
    for n in range(count):
        make_fact(one, f"fact-{n}", order=n + 5)
        enter(make_initiative(f"new-{n}"), f"2024-08-{n + 1:02}")
    slip(one)
    enter(one, "2024-10-01")
    with django_assert_num_queries(QUERIES):
        client.get(f"/en/compare/{FROM_APRIL}")
    with django_assert_num_queries(QUERIES_FOR_NOTHING):
        client.get("/en/compare/?from=2024-10-01&to=2024-10-02")
