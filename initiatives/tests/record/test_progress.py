"""What is worked out for readers, from entries as editions hold them."""

import datetime

import pytest

from initiatives.charts import bars
from initiatives.models import Entry
from initiatives.record.progress import Milestones

D = datetime.date
DAY = D(2024, 12, 31)


def entry(modality, latest=None, first=None, first_latest=None, ended=""):
    return Entry(
        kind="milestone",
        modality=modality,
        latest=latest,
        first_modality=first or modality,
        first_latest=first_latest or latest,
        ended=ended,
    )


def counted(*entries, day=DAY, over=False) -> tuple:
    milestones = Milestones()
    for one in entries:
        milestones.add(one, day, over)
    return (
        (milestones.met, milestones.due),
        (milestones.met_by_first, milestones.due_by_first),
        milestones.first_published_when_met,
    )


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (entry("happened", D(2024, 4, 19)), ((1, 1), (0, 0), 1)),
        (entry("happened", D(2024, 10, 1), "expected", D(2024, 6, 30)), ((1, 1), (1, 1), 0)),
        (entry("happened", D(2024, 10, 1), "expected", D(2025, 6, 30)), ((1, 1), (0, 0), 0)),
        (entry("expected", D(2024, 12, 30)), ((0, 1), (0, 1), 0)),
        (entry("deadline", D(2024, 12, 30)), ((0, 1), (0, 1), 0)),
        (entry("expected", D(2024, 12, 31)), ((0, 0), (0, 0), 0)),
        (entry("expected", D(2025, 6, 30), "expected", D(2024, 6, 30)), ((0, 0), (0, 1), 0)),
        (entry("planned", D(2024, 6, 30)), ((0, 0), (0, 0), 0)),
        (entry("expected"), ((0, 0), (0, 0), 0)),
        (entry("expected", D(2024, 6, 30), ended="dropped"), ((0, 0), (0, 0), 0)),
    ],
)
def test_one_milestone(one, expected):
    assert counted(one) == expected


def test_past_the_end_of_its_cycle_an_outcome_leaves_the_count():
    met, open_ = entry("happened", D(2024, 4, 19)), entry("expected", D(2024, 6, 30))
    assert counted(met, open_, over=True) == ((1, 1), (0, 0), 1)


def test_a_bar_is_geometry_as_text():
    segments = bars.stacked_bar([("a", "A", 1), ("b", "B", 0), ("c", "C", 2)], 4)
    assert [(s.name, s.x, s.width) for s in segments] == [("a", "0.0", "150.0"), ("c", "150.0", "300.0")]
    assert bars.stacked_bar([("a", "A", 0)], 0) == []
