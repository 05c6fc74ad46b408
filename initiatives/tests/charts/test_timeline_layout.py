"""Lanes: signs over their spans, none on another."""

import datetime

import pytest

from initiatives.charts.scales import Days
from initiatives.charts.timeline_layout import Dated, lane
from initiatives.vocabulary.fact_status import FactStatus

YEAR = Days.of_years(2023, 2023)


def fact(earliest, latest, status=FactStatus.DONE, **columns):
    days = [day and datetime.date.fromisoformat(day) for day in (earliest, latest)]
    return Dated(*days, status, columns.pop("date", "then"), columns.pop("words", "It was then."), **columns)


def test_a_day_is_a_sign_without_a_span():
    found = lane([fact("2023-07-02", "2023-07-02")], YEAR)
    (sign,) = found.signs
    assert (sign.x, sign.y, sign.span_x, sign.tail) == ("50%", "13", "", "")
    assert found.height == "26"
    assert found.words == "Done: then"


def test_a_span_ends_at_its_sign():
    (sign,) = lane([fact("2023-01-01", "2023-12-31", FactStatus.EXPECTED)], YEAR).signs
    assert (sign.x, sign.span_x, sign.span_width) == ("99.86%", "0%", "100%")


@pytest.mark.parametrize(
    ("earliest", "latest", "tail"),
    [
        (None, "2023-05-01", "before"),
        ("2023-05-01", None, "after"),
        ("2022-05-01", "2023-05-01", "before"),
        ("2023-05-01", "2024-05-01", "after"),
        ("2023-05-01", "2023-06-01", ""),
    ],
)
def test_a_tail_tells_where_a_date_is_open_or_goes_on(earliest, latest, tail):
    (sign,) = lane([fact(earliest, latest, FactStatus.EXPECTED)], YEAR).signs
    assert sign.tail == tail


@pytest.mark.parametrize(
    ("earliest", "latest"), [("2022-01-01", "2022-12-31"), (None, "2024-01-01"), ("2024-01-01", None)]
)
def test_what_does_not_touch_the_days_is_left_out(earliest, latest):
    assert lane([fact(earliest, latest, FactStatus.EXPECTED)], YEAR).signs == []


def test_facts_of_one_time_stand_under_each_other():
    found = lane(
        [fact("2023-05-01", "2023-05-01"), fact("2023-05-02", "2023-05-02"), fact("2023-09-01", "2023-09-01")], YEAR
    )
    assert [sign.y for sign in found.signs] == ["13", "33", "13"]
    assert found.height == "46"


def test_what_is_done_was_so_on_the_day_of_its_text():
    limit = datetime.date(2023, 4, 19)
    (done,) = lane([fact("2023-01-01", "2023-12-31", not_after=limit)], YEAR).signs
    assert (done.x, done.span_width) == ("29.73%", "29.86%")
    (ahead,) = lane([fact("2023-01-01", "2023-12-31", FactStatus.EXPECTED, not_after=limit)], YEAR).signs
    assert ahead.x == "99.86%"


@pytest.mark.parametrize(("text_of", "x"), [("2023-11-01", "29.73%"), ("2023-02-01", "8.63%")])
def test_what_was_done_by_a_day_stands_at_its_latest_possible_day(text_of, x):
    (sign,) = lane([fact(None, "2023-04-19", not_after=datetime.date.fromisoformat(text_of))], YEAR).signs
    assert (sign.x, sign.span_x, sign.tail) == (x, "", "before")


def test_what_goes_on_runs_to_the_last_text():
    limit = datetime.date(2023, 7, 2)
    (sign,) = lane([fact("2023-01-01", None, FactStatus.UNDER_WAY, not_after=limit)], YEAR).signs
    assert (sign.x, sign.span_x, sign.span_width, sign.tail) == ("50%", "0%", "50.14%", "after")
    (sign,) = lane([fact("2023-01-01", "2023-12-31", FactStatus.UNDER_WAY, not_after=limit)], YEAR).signs
    assert (sign.x, sign.span_width, sign.tail) == ("50%", "50.14%", "")


def test_what_was_done_by_a_day_is_in_no_later_year():
    done = fact(None, "2022-04-19", not_after=datetime.date(2023, 11, 1))
    assert lane([done], YEAR).signs == []


def test_a_date_that_was_moved_shows_where_it_was():
    (sign,) = lane([fact("2023-09-01", "2023-09-30", FactStatus.EXPECTED, first=datetime.date(2023, 7, 2))], YEAR).signs
    assert sign.moved_from == "50%"
