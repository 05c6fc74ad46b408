"""Marks and labels that do not cover each other."""

import pytest

from initiatives.charts.label_placement import Paper, apart, around, spread, wrapped


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], []),
        ([50], [50]),
        ([10, 90], [10, 90]),
        ([50, 50], [45, 55]),
        ([50, 51, 52], [41, 51, 61]),
        ([0, 0], [0, 10]),
        ([100, 100], [90, 100]),
        ([20, 22, 80], [16, 26, 80]),
    ],
)
def test_positions_are_spread_as_little_as_need_be(wanted, expected):
    assert spread(wanted, 10, 0, 100) == expected


def test_too_many_positions_are_spread_from_end_to_end():
    assert spread([5, 5, 5], 60, 0, 100) == [0, 50, 100]


def test_points_are_pushed_apart():
    assert apart([(0, 0), (100, 0)], 10) == [(0, 0), (100, 0)]
    assert apart([(0, 0), (4, 0)], 10) == [(-3, 0), (7, 0)]
    assert apart([(5, 5), (5, 5)], 10) == [(0, 5), (10, 5)]


def test_a_crowd_is_pushed_apart_too():
    found = apart([(n % 3, n // 3) for n in range(9)], 10, turns=400)
    distances = [((a - c) ** 2 + (b - d) ** 2) ** 0.5 for n, (a, b) in enumerate(found) for c, d in found[n + 1 :]]
    assert min(distances) > 9.9


@pytest.mark.parametrize(
    ("text", "characters", "lines", "expected"),
    [
        ("Otay Mesa", 20, 1, ["Otay Mesa"]),
        ("New Otay Mesa crossing", 13, 2, ["New Otay Mesa", "crossing"]),
        ("Santa Teresa-San Jeronimo", 14, 2, ["Santa Teresa-", "San Jeronimo"]),
        ("New Otay Mesa crossing", 9, 2, []),
    ],
)
def test_labels_break_at_spaces_and_hyphens(text, characters, lines, expected):
    assert wrapped(text, characters, lines) == expected


def test_a_label_takes_the_first_side_that_is_free():
    paper = Paper(400, 100)
    box = around(200, 50, 20, 20)
    paper.taken.append(box)
    right = paper.label(["First"], box, 10)
    assert (right.anchor, right.x) == ("start", 214)
    left = paper.label(["Second"], box, 10)
    assert (left.anchor, left.x) == ("end", 186)
    above = paper.label(["Third"], box, 10, "ab")
    assert (above.anchor, above.y) == ("middle", 34)
    assert paper.label(["Fourth"], box, 10, "a") is None
    assert paper.label([], box, 10) is None


def test_a_label_stays_on_the_paper():
    paper = Paper(100, 100)
    assert paper.label(["A long label of the corner"], around(95, 50, 10, 10), 10) is None
    assert paper.label(["Edge"], around(95, 50, 10, 10), 10).anchor == "end"
