"""What is worked out for readers, from entries as editions hold them."""

import datetime

import pytest

from hled_portal.tests.factories import make_cycle, make_fact, make_initiative, make_meeting, make_pillar, make_source
from hled_portal.tests.factories import move_date as move
from initiatives.charts import bars
from initiatives.editions import joint_texts
from initiatives.models import Citation, Entry
from initiatives.tests.views.test_items import PROMISES

DAY = datetime.date(2024, 12, 31)


@pytest.fixture
def result(db):
    """The result of one milestone on the day: first published with a date and a modality, then changed."""

    def result_of(first, *changes, over=False, **columns):
        pillar = make_pillar(cycle=make_cycle(ends=datetime.date(2024, 12, 1) if over else None))
        initiative, source = make_initiative(pillar=pillar), make_source(meeting=make_meeting())
        Citation.objects.create(initiative=initiative, source=source, locator="item")
        modality, edtf = first
        fact = make_fact(initiative, modality=modality, date_edtf=edtf, **columns)
        for modality, edtf in changes:
            move(fact, edtf, modality)
        joint_texts.enter_joint_text(source)
        return Entry.objects.with_result(DAY, [pillar.key] if over else []).get().result

    return result_of


@pytest.mark.parametrize(("changes", "expected"), PROMISES)
def test_one_milestone(result, changes, expected):
    assert result(*changes) == expected


@pytest.mark.parametrize(
    ("first", "columns", "expected"),
    [
        (
            ("expected", "2024-06"),
            {"end_reason": "dropped", "end_text_en": "No funds.", "end_text_es": "Sin fondos."},
            "none",
        ),
        (("expected", "2024-06"), {"over": True}, "none"),
        (("happened", "2024-04-19"), {"over": True}, "first_met"),
        (("expected", "2024-06"), {"kind": "event", "action": "hold"}, "none"),
    ],
)
def test_what_is_no_milestone_or_ended_does_not_count(result, first, columns, expected):
    assert result(first, **columns) == expected


def test_a_bar_is_geometry_as_text():
    segments = bars.stacked_bar([("a", "A", 1), ("b", "B", 0), ("c", "C", 2)], 4)
    assert [(s.name, s.x, s.width) for s in segments] == [("a", "0.0", "150.0"), ("c", "150.0", "300.0")]
    assert bars.stacked_bar([("a", "A", 0)], 0) == []
