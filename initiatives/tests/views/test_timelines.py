"""The timeline of all initiatives: its lanes and its page."""

import datetime
import re

import pytest

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import releasing
from hled_portal.tests.factories import (
    make_cast,
    make_cycle,
    make_fact,
    make_figure,
    make_initiative,
    make_meeting,
    make_pillar,
    make_source,
)
from initiatives.editions import joint_texts
from initiatives.models import Citation, DateChange, Edition
from initiatives.record import timeline_chart
from initiatives.record.pillars import Pillars, in_order
from initiatives.vocabulary.fact_status import FactStatus

pytestmark = pytest.mark.django_db
AT = Moment(datetime.date(2024, 6, 1))
QUERIES = 9


@pytest.fixture
def source():
    return make_source(meeting=make_meeting())


def publish(source, *initiatives):
    for initiative in initiatives:
        Citation.objects.get_or_create(initiative=initiative, source=source, defaults={"order": 1})
    return joint_texts.enter_joint_text(source)


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def drawn(first=2024, last=2024, at=AT):
    rows = list(in_order(Edition.objects.public(at).initiatives()))
    return timeline_chart.build_timeline_chart(rows, Pillars(at), at.day, first, last)


# Lanes


def test_each_initiative_has_its_lane_in_its_pillar(source):
    one, two = make_initiative("one", title_en="One"), make_initiative("two", title_en="Two", pillar=make_pillar(2))
    make_fact(one, "done", modality="happened", date_edtf="2024-02")
    make_fact(one, "late", date_edtf="2024-05-31")
    make_fact(one, "next", date_edtf="2024-06-01")
    make_fact(one, "undated", date_edtf="")
    make_fact(one, "aim", kind="objective", action="", modality="", date_edtf="")
    make_figure(one)
    publish(source, one, two)
    found = drawn()
    assert [group.label for group in found.groups] == [
        "Pillar 1: Building back together",
        "Pillar 2: Building back together",
    ]
    (row,) = found.groups[0].rows
    assert [sign.status for sign in row.lane.signs] == [FactStatus.DONE, FactStatus.DATE_PASSED, FactStatus.EXPECTED]
    assert row.lane.words == (
        "Done: February 2024; date passed, no update published: May 31, 2024; "
        "expected, planned or with a deadline: June 1, 2024"
    )
    assert [line.fact_key for line in found.groups[0].lines] == ["done", "late", "next"]
    assert found.groups[1].rows[0].lane.signs == []
    assert found.today == "41.67%"


def test_a_year_leaves_out_what_does_not_touch_it(source):
    one = make_initiative("one")
    make_fact(one, "before", modality="happened", date_edtf="2023-12")
    make_fact(one, "across", modality="happened", date_edtf="2023-11/2024-01")
    make_fact(one, "after", date_edtf="2025")
    publish(source, one)
    found = drawn()
    assert [line.fact_key for line in found.groups[0].lines] == ["across"]
    assert found.groups[0].rows[0].lane.signs[0].tail == "before"
    assert len(drawn(2023, 2025).groups[0].lines) == 3
    assert drawn(2025, 2025).today == ""


def test_what_is_done_ends_with_the_text_that_tells_it(source):
    one = make_initiative("one")
    make_fact(one, "in-2024", modality="happened", date_edtf="2024")
    publish(source, one)
    (sign,) = drawn().groups[0].rows[0].lane.signs
    assert (sign.span_x, sign.x) == ("0%", "29.92%")  # 19 April, the day of the text


def test_after_its_cycle_an_outcome_was_not_published(source):
    cycle = make_cycle("2013", ends=datetime.date(2016, 12, 31), begins=datetime.date(2013, 9, 20))
    one = make_initiative("one", pillar=make_pillar(1, cycle))
    make_fact(one, date_edtf="2016-06")
    publish(source, one)
    (sign,) = drawn(2016, 2016).groups[0].rows[0].lane.signs
    assert sign.status == FactStatus.OUTCOME_NOT_PUBLISHED


def test_a_moved_date_shows_where_it_was_first(source):
    one = make_initiative("one")
    fact = make_fact(one, date_edtf="2024-09-30")
    DateChange.objects.create(
        fact=fact,
        old_edtf="2024-07-02",
        old_modality="expected",
        new_edtf="2024-09-30",
        new_modality="expected",
        reason="slipped",
        text_en="Rain.",
        text_es="Lluvia.",
        changed_on=datetime.date(2024, 4, 19),
    )
    publish(source, one)
    (sign,) = drawn().groups[0].rows[0].lane.signs
    assert (sign.moved_from, sign.x) == ("50.14%", "74.73%")


def test_years_go_from_the_last_to_the_first_that_a_fact_names(source):
    assert timeline_chart.years(AT) == []
    one = make_initiative("one")
    make_fact(one, "open", modality="happened", date_edtf="../2022-04-19")
    make_fact(one, "onward", modality="under_way", date_edtf="2024-03/..")
    publish(source, one)
    assert timeline_chart.years(AT) == [2024, 2023, 2022]


# The page


def test_a_pillar_says_how_many_of_its_dates_have_each_status(client, source):
    one = make_initiative("one")
    for key, modality, edtf in (
        ("a", "happened", "2024-02"),
        ("b", "expected", "2024-03"),
        ("c", "expected", "2024-05"),
    ):
        make_fact(one, key, modality=modality, date_edtf=edtf)
    publish(source, one)
    for language, finding in (
        ("en", "Done: 1; Date passed, no update published: 2."),
        ("es", "Concluido: 1; Fecha prevista vencida, sin actualización publicada: 2."),
    ):
        assert finding in words(client.get(f"/{language}/timeline/?as_of=2024-06-01"))


def test_page_shows_lanes_tables_and_links(client, source):
    one = make_initiative("one", title_en="One", title_es="Uno")
    make_fact(one, "late", date_edtf="2024-05", object_en="the works", object_es="las obras")
    publish(source, one)
    html = client.get("/en/timeline/?as_of=2024-06-01").content.decode()
    assert 'aria-label="Date passed, no update published: May 2024"' in html
    assert "<title>May 2024: Begin the works (date passed, no update published)</title>" in html
    assert '<a class="usa-link" href="/en/initiatives/one/?as_of=2024-06-01#late">One</a>' in html
    assert "Table of 1 date" in html
    assert "Date of this page: June 1, 2024" in html
    assert '<svg x="41.39%"' in html
    spanish = words(client.get("/es/timeline/?as_of=2024-06-01"))
    assert "Uno" in spanish
    assert "Iniciar las obras" in spanish


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-04-18", "Nothing had been published by this date."),
        ("2024-04-19", "Expected, planned or with a deadline: December 2024"),
        ("2025-01-01", "Date passed, no update published: December 2024"),
    ],
)
def test_page_as_of_a_day(client, source, day, expected):
    one = make_initiative("one")
    make_fact(one)
    publish(source, one)
    assert expected in client.get(f"/en/timeline/?as_of={day}").content.decode()


def test_a_pillar_and_a_year_are_chosen(client, source):
    one, two = make_initiative("one", title_en="One"), make_initiative("two", title_en="Two", pillar=make_pillar(2))
    make_fact(one, date_edtf="2024-05")
    make_fact(two, date_edtf="2025-05")
    publish(source, one, two)
    html = client.get("/en/timeline/?pillar=2021-2&year=2025").content.decode()
    assert "/en/initiatives/two/" in html
    assert "/en/initiatives/one/" not in html
    assert '<option value="2025" selected>2025</option>' in html
    assert '<option value="2021-2" selected>' in html


def test_other_filters_of_the_list_are_kept(client, source):
    publish(source, make_initiative("one", stage="completed"), make_initiative("two", stage="planned"))
    html = client.get("/en/timeline/?stage=completed&as_of=2024-06-01").content.decode()
    assert "/en/initiatives/one/" in html
    assert "/en/initiatives/two/" not in html
    assert '<input type="hidden" name="stage" value="completed">' in html
    assert '<input type="hidden" name="as_of" value="2024-06-01">' in html


@pytest.mark.parametrize("query", ["year=1999", "year=x", "pillar=2021-9", "stage=nope"])
def test_a_wrong_choice_shows_nothing_and_says_so(client, source, query):
    publish(source, make_initiative("one"))
    html = client.get(f"/en/timeline/?{query}").content.decode()
    assert "The filters are not valid, so no results are shown." in html
    assert "/en/initiatives/one/" not in html


def test_a_withdrawn_text_leaves_its_marker_alone(client, source):
    publish(source, make_initiative("one", title_en="A secret title"))
    edition = Edition.objects.get(subject_key="one")
    releasing.withdraw(edition, make_cast().luis, "error", "Wrong.", "Mal.")
    html = client.get("/en/timeline/").content.decode()
    assert "A secret title" not in html
    assert "initiative/one/1" in html


@pytest.mark.parametrize("count", [1, 6])
def test_page_takes_the_same_queries_for_one_and_for_many(client, source, django_assert_num_queries, count):
    initiatives = [make_initiative(f"works-{n}") for n in range(count)]
    for initiative in initiatives:
        make_fact(initiative)
        make_fact(initiative, "done", modality="happened", date_edtf="2024-03")
    publish(source, *initiatives)
    with django_assert_num_queries(QUERIES):
        assert client.get("/en/timeline/").status_code == 200
