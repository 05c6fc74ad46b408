"""What strangers type, made safe to keep and to show: no sign that hides, turns or breaks the words around it."""

import re
import unicodedata

# Word and PDF bring these along; they say nothing.
_DROPPED = re.compile("[\u00ad\u200b\u2060\ufeff]")
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Control characters, and those that turn the direction of what follows: a reader would see other words than are there.
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")
_HIDDEN_TAGS = re.compile("[\U000e0000-\U000e007f]")
# Letters and signs by name that show nothing: Hangul fillers, and the blank of Braille.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# What a decoder leaves of bytes that are no UTF-8, and halves of characters.
_BROKEN = re.compile("[\ufffd\ud800-\udfff\ufffe\uffff]")


def tidy(text: str) -> str:
    """The text in composed form, with plain line ends and without signs that say nothing."""
    return unicodedata.normalize("NFC", _DROPPED.sub("", _BREAKS.sub("\n", text)))


def without_hidden(text: str) -> str:
    """The tidy text without characters that nobody sees and that change what is seen."""
    return _HIDDEN_TAGS.sub("", _HIDDEN.sub("", tidy(text)))


def has_hidden(text: str) -> bool:
    return without_hidden(text) != tidy(text)


def is_visible(text: str) -> bool:
    """Whether a reader sees anything of it: marks, separators and formats alone show nothing."""
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK for sign in text)


def is_broken(text: str) -> bool:
    """Whether characters were lost on the way here."""
    return bool(_BROKEN.search(text))


def one_line(text: str) -> str:
    return " ".join(text.split())
