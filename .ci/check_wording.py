"""Refuses words and patterns that the terms of docs/glossary.md replaced, and one thing said with two wordings."""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

CATALOGUE = Path(__file__).resolve().parents[1] / "hled_portal" / "locale" / "es" / "LC_MESSAGES" / "django.po"
#: Placeholders, tags, addresses and names of columns and files are no words.
NO_WORDS = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]+>|https?://\S+|/\S+|\b\w+_\w+\b|\b\w+:\w[\w-]*")
ENGLISH = [
    r"\b(keyed|cleared|clearance|editions?|readings?|digests?|desks?|(?<!screen )readers|anew|besides|slips?)\b",
    r"\bletters?\b",
    r"\bfacts?\b(?! sheets?)",
    r"\bside\b",
    r"\b(an|the|no|this|that|these|each|of|their|our|your) answers?\b",
    r"^(What|Who|Whom|Whose|How it|Where it)\b(?!.*\?)",
    r"\b(made of it|becomes of|the whole|this very|one of its own|no more|any more)\b",
    r"\b(waits for|goes out|lacks|lies|counts from|came back|is on its way|stands)\b",
    r"\b(is to be|may not|shall|for ever|at once|hand over|send in|worked out of|to the letter)\b",
    r"\b(take|takes|taken|put|puts) (?!part)\w+ (off|away|over|back|out|in|into)\b",
    r"\b(programme|licence|colour|centre|cancelled|e-mail|secret)s?\b",
]
SPANISH = [
    r"«|»|renglón|renglones|exigible|huella|resumen (criptográfico|cifrado)|lectores(?! de pantalla)",
    r"recorrer|vale a partir|espera a que|se escucha|\bcartas?\b|V\.º",
    r"\b(el|un|los|unos|este|ese|cada) hechos?\b",
    r"\b(dar|con|su|el) acuerdo de (la|ambas) delegaci",
    r"\b(la|su|cada|ambas|otra) partes? (mexicana|estadounidense|de México|de los Estados)",
]
#: Beginnings of messages that a pattern is right about and that say what they mean, with the reason.
ALLOWED = {
    "A key can contain only lowercase letters": "letters of the alphabet",
    "Lowercase letters, digits and": "letters of the alphabet",
    "Search looks for word stems": "capital letters",
    "Every row starts with the columns subject": "names of columns",
    "The complete record includes all tables": "names of tables",
    "Crossings that are close": "places on a map",
    "Crossings and the places on each side": "the two sides of a crossing",
    "A crossing has two sides": "the two sides of a crossing",
    "The two sides of a crossing": "the two sides of a crossing",
    "Mexican side": "the two sides of a crossing",
    "U.S. side": "the two sides of a crossing",
    "Not filled: no initiative mentions this side": "the two sides of a crossing",
    "Other side of the crossing": "the two sides of a crossing",
    "other side of the same crossing": "the two sides of a crossing",
    "Side": "the two sides of a crossing",
    "both languages side by side": "next to each other",
    "No, take me back": "a button of Django's admin",
    "The comparison shows the versions": "next to each other",
    "Recommendations, the responses of both governments": "the answer is no",
    "Stakeholder recommendations and the responses": "the answer is no",
}
#: Labels of one or two words may share a translation: a filter, a column and a button use the same word.
WORDS_OF_A_SENTENCE = 4
#: The same text in one language for two things that the other language tells apart, with the reason.
ALLOWED_PAIRS: dict[str, str] = {}


def refused_wordings(catalogue: Catalog) -> list[str]:
    """A line for each message with a refused pattern, and for each thing said with two wordings."""
    return [*_refused_patterns(catalogue), *_two_wordings(catalogue)]


def _texts(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _refused_patterns(catalogue: Catalog) -> Iterator[str]:
    for message in catalogue:
        first = _texts(message.id)[0]
        if not first or any(first.startswith(beginning) for beginning in ALLOWED):
            continue
        for patterns, texts in ((ENGLISH, _texts(message.id)), (SPANISH, _texts(message.string))):
            for text in texts:
                words = NO_WORDS.sub(" ", text)
                for pattern in patterns:
                    if match := re.search(pattern, words, re.IGNORECASE):
                        yield f"“{match.group(0)}” in: {text}"


def _two_wordings(catalogue: Catalog) -> Iterator[str]:
    for get_first, get_second in ((_english, _spanish), (_spanish, _english)):
        wordings = defaultdict(set)
        for message in catalogue:
            if message.id and not message.context and len(get_first(message).split()) >= WORDS_OF_A_SENTENCE:
                wordings[_compared(get_first(message))].add(_compared(get_second(message)))
        for text, others in sorted(wordings.items()):
            if len(others) > 1 and text not in ALLOWED_PAIRS:
                yield f"two wordings for “{text}”: {' / '.join(sorted(others))}"


def _english(message) -> str:
    return _texts(message.id)[0]


def _spanish(message) -> str:
    return _texts(message.string)[0]


def _compared(text: str) -> str:
    """Without case and final marks, that tell a label from a sentence."""
    return text.casefold().rstrip(".: ")


if __name__ == "__main__":
    with CATALOGUE.open("rb") as file:
        sys.exit("\n".join(refused_wordings(read_po(file, locale="es"))) or None)
