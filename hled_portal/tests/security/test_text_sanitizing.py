"""Texts of strangers: what hides or turns words is taken out, and nothing else."""

import pytest

from hled_portal.security import text_sanitizing


@pytest.mark.parametrize("text", ["", "ñandú\n\tuno – dos “tres”", "日本語", "עברית", "👩‍🔬 café", "=SUM(A1)"])
def test_words_of_people_stay(text):
    assert text_sanitizing.without_hidden(text) == text
    assert not text_sanitizing.has_hidden(text)
    assert not text_sanitizing.is_broken(text)


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\u200f", "\u061c", "\U000e0041"])
def test_signs_that_hide_or_turn_words_are_found_and_taken_out(sign):
    assert text_sanitizing.has_hidden(f"a{sign}b")
    assert text_sanitizing.without_hidden(f"a{sign}b") == "ab"


@pytest.mark.parametrize(
    ("text", "tidy"),
    [("a\r\nb\rc", "a\nb\nc"), ("a\x0bb", "a\nb"), ("\ufeffa\u200bb\u00ad", "ab"), ("nin\u0303o", "niño")],
)
def test_what_programs_bring_along_is_put_right_without_a_word(text, tidy):
    assert text_sanitizing.without_hidden(text) == tidy
    assert not text_sanitizing.has_hidden(text)


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("", False),
        (" \n\u200b\u00ad", False),
        ("\u3164\u2800\u0301", False),
        ("\u200b.", True),
        ("1", True),
        ("✓", True),
    ],
)
def test_what_shows_a_reader_nothing_is_known(text, visible):
    assert text_sanitizing.is_visible(text) is visible


def test_characters_that_were_lost_are_found():
    assert text_sanitizing.is_broken("ni\ufffdo")
    assert text_sanitizing.is_broken("\ud800")


def test_a_line_is_one_line():
    assert text_sanitizing.one_line("  Eva\n Soto\t ") == "Eva Soto"
