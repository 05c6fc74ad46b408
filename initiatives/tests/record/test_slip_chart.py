"""How far dates were moved, in words and on a chart."""

import pytest
from django.utils.translation import override

from hled_portal.dates.as_of import today
from initiatives.record import slip_chart
from initiatives.record.name_lookup import Register
from initiatives.record.slip_chart import slip_text

FACT = {"key": "works", "action": "complete", "object_en": "the bridge", "object_es": "el puente"}


def change(order, old, new, reason="slipped", changed_on="2024-06-30", modality="expected", text="Rain."):
    return {
        "order": order,
        "old_edtf": old,
        "old_modality": "expected",
        "new_edtf": new,
        "new_modality": modality,
        "reason": reason,
        "changed_on": changed_on,
        "text_en": text,
        "text_es": "Lluvia.",
    }


def slip_texts(*changes):
    (slip,) = slip_chart.slips([FACT | {"date_changes": list(changes)}], Register({}, today()))
    return slip


@pytest.mark.parametrize(
    ("old", "new", "english", "spanish"),
    [
        ("2024-06-01", "2024-06-02", "1 day later", "1 día después"),
        ("2024-06-01", "2024-08-30", "90 days later", "90 días después"),
        ("2024-06-02", "2024-06-01", "1 day earlier", "1 día antes"),
        ("2024-06", "2024-09", "about 92 days later", "alrededor de 92 días después"),
        ("2020", "2024", "about 1,461 days later", "alrededor de 1,461 días después"),
        ("2023/2024", "2024-09-21", "within the period given before", "dentro del periodo indicado antes"),
        ("2024-06", "2024-06-30", "the same last day", "el mismo último día"),
        ("2024-06", "", "", ""),
        ("2024-06", "2024-07/..", "", ""),
    ],
)
def test_days_moved_in_words(old, new, english, spanish):
    assert slip_text(old, new) == english
    with override("es"):
        assert slip_text(old, new) == spanish


def test_dates_are_told_from_the_first_published_to_the_present_one():
    slip = slip_texts(
        change(2, "2024-12", "2025-03-31", changed_on="2024-10-01", text="A road."),
        change(1, "2024-09-21", "2024-12"),
    )
    assert (slip.key, slip.title, slip.total) == ("works", "Complete the bridge", "191 days later")
    assert [(step.number, step.date, step.moved, step.reason, step.text) for step in slip.steps] == [
        (1, "September 21, 2024 (expected)", "", "", ""),
        (2, "December 2024 (expected)", "about 101 days later", "later than expected", "Rain."),
        (3, "March 31, 2025 (expected)", "about 90 days later", "later than expected", "A road."),
    ]
    assert slip.steps[0].changed_on is None
    assert str(slip.steps[2].changed_on) == "2024-10-01"


def test_each_date_has_a_dot_under_the_one_before():
    slip = slip_texts(change(1, "2024-07-02", "2024-12-31"))
    assert [(dot.number, dot.x, dot.y) for dot in slip.dots] == [(1, "50.14%", "14"), (2, "99.86%", "38")]
    (line,) = slip.lines
    assert (line.x1, line.y1, line.x2, line.y2) == ("50.14%", "14", "99.86%", "38")
    assert slip.height == "52"
    assert slip.ticks[0].label == "2024"


def test_a_date_that_became_unknown_has_no_dot():
    slip = slip_texts(change(1, "2024-07-02", ""))
    assert [dot.number for dot in slip.dots] == [1]
    assert slip.steps[1].date == "no date (expected)"
    assert slip.total == ""
    assert slip_texts(change(1, "", "")).dots == []


def test_facts_without_a_change_have_no_slip():
    assert slip_chart.slips([FACT | {"date_changes": []}], Register({}, today())) == []
