"""The social cards."""

import pytest

from hled_portal.management.commands.build_assets import FONTS
from hled_portal.web import social_card


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_card_has_the_size_that_is_told_and_holds_its_words(language):
    image = social_card.draw(language, FONTS / "PublicSans-Bold.ttf", FONTS / "PublicSans-Regular.ttf")
    assert image.size == (1200, 630)
    name = image.crop((80, 224, 1200, 500))
    assert name.getextrema() != image.crop((0, 0, 60, 60)).getextrema()
    assert _right_edge(name) < name.width - 80, "the name keeps its margin"


def test_the_mark_has_two_equal_halves():
    """Neither side of the arch is larger."""
    image = social_card.draw("en", FONTS / "PublicSans-Bold.ttf", FONTS / "PublicSans-Regular.ttf").convert("L")
    mark = image.crop((66, 64, 66 + 145, 64 + 144))
    middle = 24 * 3
    left, right = mark.crop((0, 0, middle, 144)), mark.crop((middle + 1, 0, 145, 144))
    inks = [sum(1 for value in half.tobytes() if value > 128) for half in (left, right)]
    assert abs(inks[0] - inks[1]) < 0.05 * max(inks)


def _right_edge(image) -> int:
    """The last column that is not ground alone."""
    ground = image.getpixel((image.width - 1, 0))
    columns = range(image.width - 1, 0, -1)
    return next(x for x in columns if any(image.getpixel((x, y)) != ground for y in range(image.height)))
