"""Locators in words, in both languages."""

import pytest

from initiatives.wording.locators import locator_words


@pytest.mark.parametrize(
    ("locator", "english", "spanish"),
    [
        ("II •2", "pillar II, second item", "pilar II, segundo punto"),
        ("I-3 •4", "pillar I, third heading, fourth item", "pilar I, tercer encabezado, cuarto punto"),
        ("I-3 ¶1", "pillar I, third heading, first paragraph", "pilar I, tercer encabezado, primer párrafo"),
        ("IV •2.1", "pillar IV, second item, first item under it", "pilar IV, segundo punto, primer inciso"),
        ("intro ¶5", "introduction, fifth paragraph", "introducción, quinto párrafo"),
        ("II", "pillar II", "pilar II"),
        ("1 b iv", "point 1, item b, subitem iv", "punto 1, inciso b, subinciso iv"),
        ("2", "point 2", "punto 2"),
        ("list of workstreams", "list of workstreams", "lista de líneas de trabajo"),
        ("page 3", "page 3", "página 3"),
        ("annex, end", "annex, end", "annex, end"),
        ("¶", "¶", "¶"),
        ("", "", ""),
    ],
)
def test_a_locator_is_told_in_words(locator, english, spanish):
    assert (locator_words(locator, "en"), locator_words(locator, "es")) == (english, spanish)
