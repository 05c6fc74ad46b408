"""The calendar: what is next by month or span, and what is past apart."""

import datetime
import re

import pytest

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import releasing
from hled_portal.tests.factories import (
    make_cast,
    make_cycle,
    make_fact,
    make_initiative,
    make_meeting,
    make_pillar,
    make_place,
    make_source,
)
from initiatives.editions import joint_texts
from initiatives.filters.initiative_filters import InitiativeFilter
from initiatives.models import Citation, Edition
from initiatives.record import upcoming

pytestmark = pytest.mark.django_db
QUERIES = 10


@pytest.fixture
def source():
    return make_source(meeting=make_meeting())


def publish(source, *initiatives):
    for initiative in initiatives:
        Citation.objects.get_or_create(initiative=initiative, source=source, defaults={"order": 1})
    return joint_texts.enter_joint_text(source)


def agenda_on(day: str) -> upcoming.Agenda:
    at = Moment(datetime.date.fromisoformat(day))
    chosen = InitiativeFilter({}, at)
    return upcoming.build_agenda(at, chosen.qs, chosen.pillars, chosen.names)


def headings(found: upcoming.Agenda) -> list[tuple[str, str, int]]:
    return [(span.heading, span.bounds, len(span.items)) for span in found.spans]


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def test_dates_stand_under_their_month_or_their_span(source):
    one = make_initiative("one")
    for n, edtf in enumerate(
        [
            "2024-05",
            "2024-05-17",
            "2024-05-02/2024-05-04",
            "2024-21",
            "2024-05~",
            "2024-34",
            "2024",
            "2024-05/2024-06",
            "2024-39",
        ]
    ):
        make_fact(one, f"f-{n}", date_edtf=edtf)
    publish(source, one)
    assert headings(agenda_on("2024-05-01")) == [
        ("May 2024", "", 3),
        ("About May 2024", "from May 1, 2024 to May 31, 2024", 1),
        ("May–June 2024", "from May 1, 2024 to June 30, 2024", 1),
        ("Second quarter of 2024", "from April 1, 2024 to June 30, 2024", 1),
        ("Spring 2024", "from March 1, 2024 to June 30, 2024", 1),
        ("Late 2024", "from September 1, 2024 to December 31, 2024", 1),
        ("2024", "from January 1, 2024 to December 31, 2024", 1),
    ]


def test_what_has_no_last_day_stands_apart(source):
    one = make_initiative("one")
    make_fact(one, "undated", date_edtf="")
    make_fact(one, "onward", date_edtf="2024-03/..")
    make_fact(one, "done", modality="happened", date_edtf="")
    publish(source, one)
    found = agenda_on("2024-05-01")
    assert found.spans == []
    assert [item.fact_key for item in found.undated] == ["onward", "undated"]


@pytest.mark.parametrize(
    ("day", "spans", "past"),
    [
        ("2024-05-30", [("May 2024", "", 1)], []),
        ("2024-05-31", [("May 2024", "", 1)], []),
        ("2024-06-01", [], ["works"]),
    ],
)
def test_a_date_is_past_after_its_last_day(source, day, spans, past):
    one = make_initiative("one")
    make_fact(one, date_edtf="2024-05")
    make_fact(one, "dropped", date_edtf="2024-05", end_reason="dropped", end_text_en="No.", end_text_es="No.")
    publish(source, one)
    found = agenda_on(day)
    assert headings(found) == spans
    assert [item.fact_key for item in found.past] == past


def test_after_its_cycle_an_outcome_was_not_published(source):
    cycle = make_cycle()
    cycle.ends = datetime.date(2024, 10, 31)
    cycle.save()
    one = make_initiative("one")
    make_fact(one, date_edtf="2024-05")
    make_fact(one, "undated", date_edtf="")
    make_fact(one, "ahead", date_edtf="2025")
    publish(source, one)
    assert [item.fact_key for item in agenda_on("2024-10-31").past] == ["works"]
    found = agenda_on("2024-11-01")
    assert (found.past, found.undated) == ([], [])
    assert sorted(item.fact_key for item in found.outcome) == ["undated", "works"]
    assert headings(found) == [("2025", "from January 1, 2025 to December 31, 2025", 1)]


def test_an_item_is_a_whole_sentence_with_its_place(source):
    one = make_initiative("one", title_en="Forums")
    fact = make_fact(
        one, kind="event", action="convene", object_en="a forum", object_es="un foro", date_edtf="2024-05-17"
    )
    fact.places.add(make_place("sonora"))
    publish(source, one)
    (item,) = agenda_on("2024-05-01").spans[0].items
    assert item.text == "Mexico expects to convene a forum in Sonora on May 17, 2024."
    assert (item.date, item.label) == ("May 17, 2024", "expected")


def test_meetings_from_the_day_on_stand_among_the_rest(source):
    make_meeting("2024-06-20", name_en="Fourth meeting", kind="ministerial")
    publish(source, make_initiative("one"))
    assert headings(agenda_on("2024-06-20")) == [("June 2024", "", 1)]
    (item,) = agenda_on("2024-06-20").spans[0].items
    assert (item.text, item.label, item.fact_key) == ("Fourth meeting", "ministerial meeting", "")
    assert headings(agenda_on("2024-06-21")) == []
    assert headings(agenda_on("2024-04-19"))[0] == ("April 2024", "", 1)


def test_only_so_much_is_shown(source, monkeypatch):
    monkeypatch.setattr(upcoming, "MAX_ITEMS", 3)
    one = make_initiative("one")
    for n in range(5):
        make_fact(one, f"ahead-{n}", date_edtf="2024-12")
        make_fact(one, f"past-{n}", date_edtf="2024-04")
    publish(source, one)
    found = agenda_on("2024-05-01")
    assert (len(found.spans[0].items), len(found.past), found.more) == (3, 3, 4)


# The page


def test_page_in_both_languages(client, source):
    one = make_initiative("one", title_en="One", title_es="Uno")
    make_fact(one, date_edtf="2024-21", object_en="the works", object_es="las obras")
    make_fact(one, "late", date_edtf="2024-04", object_en="the study", object_es="el estudio")
    publish(source, one)
    html = client.get("/en/calendar/?as_of=2024-05-01").content.decode()
    assert 'href="/en/initiatives/one/?as_of=2024-05-01#works"' in html
    english = words(client.get("/en/calendar/?as_of=2024-05-01"))
    assert "Spring 2024 from March 1, 2024 to June 30, 2024" in english
    assert "Date passed, no update published" in english
    assert "Mexico expects to begin the study in April 2024." in english
    spanish = words(client.get("/es/calendar/?as_of=2024-05-01"))
    assert "Primavera de 2024" in spanish
    assert "México prevé iniciar las obras en la primavera de 2024." in spanish


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-04-18", "Nothing had been published by this date."),
        ("2024-04-19", "Mexico expects to begin works at the crossing in December 2024."),
        ("2025-01-01", "No upcoming dates published."),
    ],
)
def test_page_as_of_a_day(client, source, day, expected):
    one = make_initiative("one")
    make_fact(one)
    publish(source, one)
    assert expected in words(client.get(f"/en/calendar/?as_of={day}"))


def test_a_pillar_is_chosen_and_a_wrong_one_shows_nothing(client, source):
    one, two = make_initiative("one"), make_initiative("two", pillar=make_pillar(2))
    make_fact(one, date_edtf="2030")
    make_fact(two, date_edtf="2030")
    publish(source, one, two)
    html = client.get("/en/calendar/?pillar=2021-2").content.decode()
    assert "/en/initiatives/two/" in html
    assert "/en/initiatives/one/" not in html
    html = client.get("/en/calendar/?pillar=2021-9").content.decode()
    assert "The filters are not valid, so no results are shown." in html
    assert "/en/initiatives/two/" not in html


def test_a_withdrawn_text_leaves_its_marker_alone(client, source):
    one = make_initiative("one", title_en="A secret title")
    make_fact(one, date_edtf="2030", object_en="a secret work")
    publish(source, one)
    releasing.withdraw(Edition.objects.get(subject_key="one"), make_cast().luis, "error")
    html = client.get("/en/calendar/").content.decode()
    assert "secret" not in html
    assert "initiative/one/1" in html


@pytest.mark.parametrize("count", [1, 30])
def test_page_takes_the_same_queries_for_one_and_for_many(client, source, django_assert_num_queries, count):
    initiatives = [make_initiative(f"works-{n}") for n in range(count)]
    for initiative in initiatives:
        make_fact(initiative, date_edtf="2030")
        make_fact(initiative, "past", date_edtf="2024-05")
        make_fact(initiative, "undated", date_edtf="")
    publish(source, *initiatives)
    with django_assert_num_queries(QUERIES):
        assert client.get("/en/calendar/").status_code == 200
