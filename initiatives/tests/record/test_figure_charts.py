"""Figures as small charts: which of them, and where their readings stand."""

import datetime
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from initiatives.record import figure_charts
from initiatives.record.name_lookup import Register

DAY = datetime.date(2024, 6, 1)


def reading(value, status="actual", as_of="", **columns):
    columns = {"qualifier": "exactly", "period_edtf": "", "places": []} | columns
    return {"value": value, "status": status, "as_of_edtf": as_of} | columns


def figure(*readings, measure="physical_progress", unit="", **columns):
    return {
        "kind": "figure",
        "key": "progress",
        "object_en": "physical progress",
        "object_es": "avance físico",
        "measure": measure,
        "currency": "",
        "unit_en": unit,
        "unit_es": unit,
        "readings": list(readings),
    } | columns


def picture(*readings, **columns):
    found = figure_charts.pictures([figure(*readings, **columns)], Register({}, DAY))
    return found[0] if found else None


def test_a_percentage_is_a_bar_of_the_whole():
    found = picture(reading("60", qualifier="almost", as_of="2024-04-19"))
    (bar,) = found.bars
    assert (bar.x, bar.width, bar.value, bar.label) == ("0%", "60%", "almost 60%", "April 19, 2024")
    assert found.words == "Physical progress: April 19, 2024: almost 60%"
    assert found.finding == "almost 60% (April 19, 2024)"


@pytest.mark.parametrize("unit", ["%", "percent of the works", "per cent", "por ciento"])
def test_a_unit_can_say_that_it_is_a_percentage(unit):
    assert picture(reading("30"), measure="count", unit=unit).bars[0].width == "30%"


def test_one_number_alone_needs_no_picture():
    assert picture(reading("160"), measure="count", unit="people") is None
    assert picture(reading("30"), measure="design_stage", unit="%") is None, "a stage of design is no progress"
    assert picture(reading(None), reading(None)) is None
    assert picture(reading("30"), measure="design_stage") is None
    assert picture(*(reading(str(n), as_of=f"2024-0{n}") for n in (1, 2)), measure="count", unit="people") is None
    assert picture() is None
    assert figure_charts.pictures([{"kind": "milestone"}], Register({}, DAY)) == []


def test_two_dated_readings_stand_in_time_with_target_and_baseline():
    found = picture(
        reading("85", as_of="2024-10-01"),
        reading("60", as_of="2024-04-19", qualifier="almost"),
        reading("0", status="baseline", as_of="2024-01"),
        reading("100", status="target", as_of="2024-12-31"),
    )
    assert found.bars == []
    assert [(dot.x, dot.y, dot.value) for dot in found.dots] == [("29.92%", "54", "almost 60%"), ("75%", "30", "85%")]
    assert [(level.status, level.y, level.words) for level in found.levels] == [
        ("baseline", "112", "Baseline, January 2024: 0%"),
        ("target", "16", "Target, December 31, 2024: 100%"),
    ]
    assert (found.height, found.zero, found.ticks[0].label) == ("128", "112", "2024")
    assert found.finding == "almost 60% (April 19, 2024), then 85% (October 1, 2024)"
    assert found.words.startswith("Physical progress: April 19, 2024: almost 60%; October 1, 2024: 85%; Baseline")


def test_many_dots_leave_their_values_to_the_list():
    found = picture(*(reading(str(n), as_of=f"2024-{n:02}") for n in range(1, 7)))
    assert {dot.value for dot in found.dots} == {""}
    assert found.dots[0].words == "January 2024: 1%"


def test_readings_without_a_day_are_bars_beside_each_other():
    target = reading("200", status="target", period_edtf="2024")
    found = picture(reading("50"), target, reading("20", status="baseline"), measure="count", unit="people")
    assert [(bar.status, bar.width, bar.label, bar.value) for bar in found.bars] == [
        ("actual", "25%", "", "50 people"),
        ("target", "100%", "Target, 2024", "200 people"),
        ("baseline", "10%", "Baseline", "20 people"),
    ]


def test_a_negative_number_goes_to_the_other_side_of_nought():
    found = picture(reading("-10"), reading("30"), measure="count", unit="%-points")
    assert [(bar.x, bar.width) for bar in found.bars] == [("0%", "9.09%"), ("9.09%", "27.27%")]


def test_geometry_and_words_in_spanish():
    with override("es"):
        found = picture(reading("43.75", qualifier="about", as_of="2024-04-19"))
    assert (found.title, found.bars[0].width, found.bars[0].value) == ("Avance físico", "43.75%", "alrededor de 43.75%")


def test_the_caption_of_a_table_names_the_most_recent_value_of_several():
    older, newer = (
        SimpleNamespace(
            figure="progress", measure="", value=f"{n}%", as_of=f"in {n}", actual_on=datetime.date(2024, n, 1)
        )
        for n in (1, 2)
    )
    target = SimpleNamespace(actual_on=None)
    told = "Most recent: progress, 2% (in 2)."
    for rows, is_told in (([older, newer, target], True), ([newer, target], False), ([newer, newer], False)):
        head = render_to_string("initiatives/_readings_head.html", {"rows": rows})
        assert (told in head, "<strong>" in head) == (is_told, is_told)
