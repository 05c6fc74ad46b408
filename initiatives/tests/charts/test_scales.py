"""Axes: where days and numbers stand, as SVG reads it in any language."""

import datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from initiatives.charts.scales import Days, Numbers, Tick, percent

YEAR = Days.of_years(2023, 2023)


@pytest.mark.parametrize(("share", "text"), [(0, "0%"), (1, "100%"), (0.5, "50%"), (1 / 3, "33.33%"), (0.1, "10%")])
def test_shares_are_written_with_a_decimal_point(share, text):
    with override("es"):
        assert percent(share) == text


def test_a_day_has_a_beginning_a_middle_and_an_end():
    day = datetime.date(2023, 1, 1)
    assert YEAR.length == 365
    assert (YEAR.share(day), YEAR.share(day, end=True)) == (0, 1 / 365)
    assert YEAR.middle(day) == pytest.approx(0.5 / 365)
    assert YEAR.share(datetime.date(2023, 12, 31), end=True) == 1


def test_what_lies_outside_stands_at_the_edge():
    assert YEAR.share(datetime.date(2020, 1, 1)) == 0
    assert YEAR.share(datetime.date(2030, 1, 1)) == 1
    assert not YEAR.holds(datetime.date(2022, 12, 31))
    assert YEAR.holds(datetime.date(2023, 12, 31))


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("2023-01-15", "2023-12-01", ["2023", "abr", "jul", "oct"]),
        ("2024-04-19", "2024-09-21", ["abr 2024", "jul"]),
        ("2024-05-19", "2024-05-20", ["abr 2024"]),
        ("2023-08-01", "2024-10-31", ["jul 2023", "2024"]),
        ("2023-12-01", "2024-12-31", ["oct 2023", "2024"]),
        ("2023-12-01", "2025-12-31", ["2024", "2025"]),
    ],
)
def test_each_axis_names_its_year(first, last, labels):
    days = Days.of_quarters(datetime.date.fromisoformat(first), datetime.date.fromisoformat(last))
    assert days.holds(datetime.date.fromisoformat(first))
    assert days.holds(datetime.date.fromisoformat(last))
    with override("es"):
        assert [tick.label for tick in days.ticks if tick.label] == labels
    assert Days.of_years(2023, 2023).ticks[0] == Tick("0%", "2023")


def test_a_few_years_have_quarters_and_many_have_only_some_names():
    few = Days.of_years(2021, 2024).ticks
    assert [tick.label for tick in few if tick.label] == ["2021", "2022", "2023", "2024"]
    assert len(few) == 16
    many = Days.of_years(2001, 2024).ticks
    assert [tick.label for tick in many if tick.label] == [str(year) for year in range(2001, 2025, 3)]
    assert len(many) == 24


def test_numbers_begin_at_nought():
    assert Numbers.spanning([Decimal(20), Decimal(60)]).share(Decimal(60)) == 1
    assert Numbers.spanning([Decimal(20), Decimal(60)]).share(Decimal(15)) == 0.25
    assert Numbers.spanning([Decimal(-10), Decimal(10)]).share(Decimal(0)) == 0.5
    assert Numbers.spanning([Decimal(0)]).share(Decimal(0)) == 0
