"""Where a fact stands on a day."""

import datetime

import pytest

from initiatives import standing
from initiatives.standing import Standing

DAY = datetime.date(2024, 6, 1)
BEFORE, AFTER = datetime.date(2024, 5, 31), datetime.date(2024, 6, 2)


@pytest.mark.parametrize(
    ("modality", "ended", "latest", "expected"),
    [
        ("happened", "", BEFORE, Standing.DONE),
        ("happened", "", AFTER, Standing.DONE),
        ("under_way", "", BEFORE, Standing.UNDER_WAY),
        ("expected", "", AFTER, Standing.AHEAD),
        ("planned", "", DAY, Standing.AHEAD),
        ("expected", "", None, Standing.AHEAD),
        ("expected", "", BEFORE, Standing.PAST),
        ("planned", "", BEFORE, Standing.PAST),
        ("deadline", "", BEFORE, Standing.PAST),
        ("expected", "dropped", BEFORE, Standing.ENDED),
        ("happened", "merged", BEFORE, Standing.ENDED),
    ],
)
def test_standing_of_a_fact(modality, ended, latest, expected):
    assert standing.of(modality, ended, latest, DAY) == expected


def test_after_the_end_of_a_cycle_the_outcome_was_not_published():
    assert standing.of("expected", "", BEFORE, DAY, cycle_over=True) == Standing.OUTCOME
    assert standing.of("expected", "", AFTER, DAY, cycle_over=True) == Standing.AHEAD
    assert standing.of("happened", "", BEFORE, DAY, cycle_over=True) == Standing.DONE
