"""The projection of the maps, and the sheets that it is drawn on."""

import pytest

from hled_portal.maps.projections import BORDER, REGION, Albers, Sheet


def test_albers_agrees_with_the_worked_example_of_its_source():
    """Snyder 1987, page 291: standard parallels 29.5° and 45.5°, origin 23° N, 96° W; the point 35° N, 75° W."""
    x, y = Albers(29.5, 45.5, -96, 23).point(-75, 35)
    assert (round(x, 7), round(y, 7)) == (0.2952720, 0.2416774)


def test_the_origin_is_nought_and_the_middle_meridian_is_straight():
    projection = Albers(27, 32, -107, 29)
    assert projection.point(-107, 29) == pytest.approx((0, 0))
    x, y = projection.point(-107, 31)
    assert x == 0
    assert y > 0


def test_a_sheet_holds_its_corners_and_puts_north_above():
    for sheet in (BORDER, REGION):
        corners = [sheet.place(x, y) for x in (sheet.west, sheet.east) for y in (sheet.south, sheet.north)]
        assert all(-0.01 <= x <= sheet.width + 0.01 and -1 <= y <= sheet.height + 1 for x, y in corners)
        assert sheet.place(-100, 30)[1] < sheet.place(-100, 28)[1]
        assert sheet.place(-105, 28)[0] < sheet.place(-100, 28)[0]
    assert (BORDER.width, BORDER.height) == (1000, 503)


def test_a_sheet_knows_what_lies_beside_it():
    sheet = Sheet("s", Albers(27, 32, -107, 29), -110, 27, -104, 31, 100)
    assert sheet.holds(*sheet.place(-107, 29))
    assert not sheet.holds(*sheet.place(-90, 29))
    assert not sheet.holds(*sheet.place(-107, 40))
