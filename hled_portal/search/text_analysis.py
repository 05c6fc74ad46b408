"""Words as search sees them: without case, accents and endings, in both languages; and the marks on what was found.

Everything happens here, on write and on query, so that each database only compares words that are alike already.
A stem starts with a small letter and goes on in small letters and digits: what no database would cut in two.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise

#: What is read of a query: longer ones are shortened, and the page says so.
MAX_TEXT, MAX_TERMS = 200, 12
#: PostgreSQL refuses words of 2 KB; nobody writes one of 40 letters.
MAX_WORD = 40
#: Letters that an excerpt shows, about.
EXCERPT = 260

_ALGORITHMS = {"en": "english", "es": "spanish"}
# "U.S." and "1,000" are one word each; an accent may stand behind its letter; "Mexico's" is Mexico.
_WORD = re.compile(
    r"(?:[^\W\d_]\.)+[^\W\d_](?![^\W_])\.?"
    r"|\d{1,3}(?:,\d{3})+(?!\d)"
    r"|[^\W_](?:[^\W_]|[\u0300-\u036f])*(?:['’]s(?![^\W_]))?",
    re.IGNORECASE,
)
_KEY = re.compile("k0[0-9a-f]{20}")
#: What holds two words together in a query: "mid-year", "17.5".
_GLUE = ("-", "‐", "‑", ".", "'", "’")
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "’": "'"})
#: Words too common to ask for; they are asked for all the same where a query has no others.
COMMON = frozenset(
    "a an and at by for from in into of on or the to with "
    "al con de del e el en la las lo los o para por un una unos unas y que su sus".split()
)
_local = threading.local()


def fold(text: str) -> str:
    """The text without case and accents: "Exportación" and "EXPORTACION" are one."""
    if text.isascii():
        return text.lower()
    small = unicodedata.normalize("NFKD", text).casefold()  # In this order: "ᴬ" is small already, and becomes "A".
    decomposed = unicodedata.normalize("NFKD", small).translate(_LETTERS)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@lru_cache(maxsize=1 << 16)
def stem(word: str, language: str) -> str:
    """What one word is compared by, "" for one without letters and digits."""
    folded = "".join(c for c in fold(word).removesuffix("'s") if c.isalnum())
    if _KEY.fullmatch(folded):
        return folded
    if folded.isascii() and folded.isalpha():
        return _stemmed(folded, language)[:MAX_WORD]
    # Letters of other scripts go by their numbers: found as they are written, never stemmed.
    plain = "".join(c if c.isascii() else f"u{ord(c):x}" for c in folded)
    return f"n{plain}"[:MAX_WORD] if plain else ""


def _stemmed(word: str, language: str) -> str:
    """Stem until nothing changes: one turn makes "pilar" of "pilares", and something else of "pilar"."""
    stemmer = getattr(_local, language, None)  # A stemmer keeps the word that it works on: one for each thread.
    if stemmer is None:
        import snowballstemmer

        stemmer = snowballstemmer.stemmer(_ALGORITHMS[language])
        setattr(_local, language, stemmer)
    word = _IRREGULAR.get(word, word) if language == "en" else word
    while (shorter := _shorter(word, stemmer, language)) not in (word, ""):
        word = shorter
    return word


#: English plurals that no ending tells.
_IRREGULAR = {
    **{"women": "woman", "men": "man", "children": "child", "people": "person", "feet": "foot", "lives": "life"},
    **{
        "halves": "half",
        "shelves": "shelf",
        "knives": "knife",
        "buses": "bus",
        "gases": "gas",
        "criteria": "criterion",
    },
    **{"analyses": "analysis", "crises": "crisis", "indices": "index", "matrices": "matrix"},
}
_SHORT_PLURAL = re.compile(r"(?<=..[aeob-df-hj-np-tv-xyz])s$")


def _shorter(word: str, stemmer, language: str) -> str:
    """One turn; in Spanish also the plural of short words ("años", "chips"), and z as in its plural ("luces")."""
    word = stemmer.stemWord(word)
    if language == "es":
        word = _SHORT_PLURAL.sub("", word)
        word = f"{word[:-1]}c" if word.endswith("z") else word
    return word


def key_stem(kind: str, key: str) -> str:
    """What stands in a text to be searched for the name of a register entry, such as `("organization", "sep")`.

    Names are a matter of the day on which one reads; keys never change. Nobody types one of these.
    """
    return "k0" + sha256(f"{kind}/{key}".encode()).hexdigest()[:20]


def stems(text: str, language: str) -> list[str]:
    """The stems of a text, in order."""
    return [found for _start, _end, found in _words(text, language)]


def _words(text: str, language: str) -> list[tuple[int, int, str]]:
    """Start, end and stem of each word."""
    found = ((match.start(), match.end(), stem(match[0], language)) for match in _WORD.finditer(text))
    return [word for word in found if word[2]]


# Queries


@dataclass(frozen=True)
class Term:
    """Words that must stand together in this order, or a name of the record by one of the `keys` (see `key_stem`)."""

    words: tuple[str, ...]
    keys: tuple[str, ...] = ()

    def stems(self, language: str) -> tuple[str, ...]:
        return tuple(stem(word, language) for word in self.words)

    def is_in(self, found: Sequence[str], language: str) -> bool:
        """Whether a text with these stems holds the words."""
        return bool(_places(found, self.stems(language)))


@dataclass(frozen=True)
class Query:
    """What a reader asks for: each of the terms. False where the text has no word to look for."""

    text: str
    terms: tuple[Term, ...]
    shortened: bool = False

    def __bool__(self) -> bool:
        return bool(self.terms)

    def with_keys(self, keys_of) -> "Query":
        """The query with the keys that `keys_of(term)` gives for each term."""
        return replace(self, terms=tuple(replace(term, keys=tuple(keys_of(term))) for term in self.terms))


def parse_query(text: str) -> Query:
    """Read what a person typed. Never raises: what is no word is left out."""
    whole, text = text.strip(), _beginning(text.strip())
    asked = _split_terms(text.translate(_QUOTES))
    found = [Term(words) for words in {tuple(map(fold, words)): words for words in asked}.values()]
    rare = [term for term in found if len(term.words) > 1 or fold(term.words[0]) not in COMMON]
    terms = rare or found
    return Query(text, tuple(terms[:MAX_TERMS]), shortened=text != whole or len(terms) > MAX_TERMS)


def _beginning(text: str) -> str:
    """As much of the text as is read, without the piece of a word at its end."""
    if len(text) <= MAX_TEXT:
        return text
    return text[: MAX_TEXT + 1].rpartition(" ")[0].strip() or text[:MAX_TEXT]


def _split_terms(text: str) -> Iterable[tuple[str, ...]]:
    """Words in quotes together, others one by one or with what they are glued to."""
    for quoted, plain in re.findall(r'"([^"]+)"|([^"]+)', text):
        words = [match for match in _WORD.finditer(quoted or plain) if stem(match[0], "en")]
        group: list[str] = []
        for before, word in pairwise([None, *words]):
            glued = before is not None and (quoted or plain[before.end() : word.start()] in _GLUE)
            if not glued and group:
                yield tuple(group)
                group = []
            group.append(word[0])
        if group:
            yield tuple(group)


def _places(found: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Where in `found` the wanted stems stand, in order and together."""
    size = len(wanted)
    return [at for at in range(len(found) - size + 1) if tuple(found[at : at + size]) == tuple(wanted)]


# Marks


@dataclass(frozen=True)
class MarkedText:
    """A piece of text, and whether the reader asked for it."""

    text: str
    marked: bool = False


@dataclass(frozen=True)
class Excerpt:
    """Pieces of a text, its language, and which of the terms are in it (their places in the query)."""

    parts: tuple[MarkedText, ...] = ()
    language: str = ""
    terms: frozenset[int] = frozenset()

    def __str__(self) -> str:
        return "".join(part.text for part in self.parts)


def marked(text: str, query: Query, language: str) -> Excerpt:
    """The whole text with what was asked for marked."""
    return _cut(text, language, _marks(text, query, language), 0, len(text))


def excerpt(text: str, query: Query, language: str, length: int = EXCERPT) -> Excerpt:
    """The piece of the text that holds most of the terms, marked."""
    marks = _marks(text, query, language)
    if len(text) <= length:
        return _cut(text, language, marks, 0, len(text))
    starts = [max(start - length // 4, 0) for start, _end, _term in marks] or [0]
    most = max(starts, key=lambda start: (len(_within(marks, start, start + length)), -start))
    start = _word_edge(text, min(most, len(text) - length), forward=True)
    return _cut(text, language, marks, start, _word_edge(text, start + length, forward=False))


def _marks(text: str, query: Query, language: str) -> list[tuple[int, int, int]]:
    """Start, end and term of each place that was asked for, in order."""
    words = _words(text, language)
    found = [word[2] for word in words]
    marks = []
    for number, term in enumerate(query.terms):
        wanted = term.stems(language)
        marks += [(words[at][0], words[at + len(wanted) - 1][1], number) for at in _places(found, wanted)]
    return sorted(marks)


def _within(marks, start: int, end: int) -> set[int]:
    return {term for first, last, term in marks if first >= start and last <= end}


def _word_edge(text: str, at: int, *, forward: bool) -> int:
    """The nearest place that cuts no word in two, not far away: a text may have no spaces."""
    if at <= 0 or at >= len(text):
        return max(min(at, len(text)), 0)
    edge = text.find(" ", at, at + 30) + 1 if forward else text.rfind(" ", at - 30, at + 1)
    return edge if edge > 0 else at


def _cut(text: str, language: str, marks, start: int, end: int) -> Excerpt:
    parts, at = ([MarkedText("… ")] if start else []), start
    for first, last, _term in marks:
        if first >= at and last <= end:
            parts += [MarkedText(text[at:first]), MarkedText(text[first:last], True)]
            at = last
    parts += [MarkedText(text[at:end]), MarkedText(" …" if end < len(text) else "")]
    return Excerpt(tuple(part for part in parts if part.text), language, frozenset(_within(marks, start, end)))
