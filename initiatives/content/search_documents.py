"""The searchable texts of an edition in one language, as passages; all terms of a query must be in one passage.

Search rows hold keys in place of names, because names depend on the day of reading; a query is translated into the keys
of the names of that day (`filters/search_results.py`). Pages of results show the same passages with names.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hled_portal.i18n.bilingual import LANGUAGES, in_language
from hled_portal.search.fulltext import Where, index_columns
from hled_portal.search.text_analysis import key_stem, stems
from initiatives.wording.names import Names
from initiatives.wording.sentences import sentence

from . import snapshot_content
from .fields import FIELDS

#: Kinds of register entries by whose names a search finds texts that refer to them.
NAMED_KINDS = ("organization", "place", "topic")


@dataclass(frozen=True)
class Passage:
    """Texts that match together: all terms of a query are in them, or in the names of `keys`.

    `anchor` is the key of their fact; empty for the whole subject. `naming` is the content whose register entries
    are named with them.
    """

    where: Where
    texts: tuple[str, ...]
    anchor: str = ""
    naming: dict | None = None

    @property
    def keys(self) -> frozenset[tuple[str, str]]:
        return referenced_entries(self.naming) if self.naming else frozenset()


class _KeyNames(Names):
    """Keys in place of names."""

    def _words(self, key: str, language: str) -> tuple[str, str, str]:
        return key_stem("organization", key), "", ""

    def place(self, key: str, language: str) -> str:
        return key_stem("place", key)


def rows(data: dict) -> list[dict]:
    """Columns of the search rows of a content, and the number of the passage of each."""
    facts = sorted(data.get("facts", ()), key=lambda fact: (fact["order"], fact["key"]))
    numbers = {"": 0} | {fact["key"]: number for number, fact in enumerate(facts, 1)}
    return [
        {"where": passage.where, "anchor": passage.anchor, "passage": numbers[passage.anchor]}
        | index_columns(passage.texts, language, passage.keys)
        for language in LANGUAGES
        for passage in passages(data, _KeyNames({}), language)
    ]


def passages(data: dict, names: Names, language: str) -> Iterator[Passage]:
    """Every passage of a content, each made when it is read; none for a kind that has no page."""
    if build := _PASSAGE_BUILDERS.get(data["kind"]):
        yield from (passage for passage in build(data, names, language) if any(passage.texts))


def register_texts(content: dict, language: str) -> list[str]:
    """Every name, acronym and alias of an organization, place or topic."""
    names = content.get("names", [content])
    texts = [in_language(name, "name", language) for name in names]
    texts += [name.get(f"acronym_{language}", "") for name in names]
    texts += [alias["text"] for alias in content.get("aliases", ()) if alias["language"] == language]
    return list(dict.fromkeys(filter(None, texts)))


def names_by_stem(contents: dict[tuple[str, str], dict]) -> dict[tuple[str, str], list]:
    """By language and word: the entries in whose names it stands, by kind and key, and the stems of that name."""
    names: dict[tuple[str, str], list] = {}
    for pair, content in contents.items():
        for language in LANGUAGES if pair[0] in NAMED_KINDS else ():
            for name in register_texts(content, language):
                words = stems(name, language)
                for word in set(words):
                    names.setdefault((language, word), []).append((pair, words))
    return names


def referenced_entries(data: dict) -> frozenset[tuple[str, str]]:
    """Organizations, places and topics that a content, or a part of it, refers to."""
    return frozenset(pair for pair in snapshot_content.needed(data) if pair[0] in NAMED_KINDS)


def _initiative(data: dict, names: Names, language: str) -> Iterator[Passage]:
    texts = [in_language(data, field.name, language) for field in FIELDS["initiative"] if field.kind == "pair"]
    yield Passage(Where.TITLE, (in_language(data, "title", language),))
    yield Passage(Where.SUMMARY, tuple(texts), naming=data)
    statements = _statements(data, names, language)
    fact_texts = (text for statement in statements for text in statement.texts)
    yield from statements
    others = _unnamed([*data["participations"], *data["links"]], language)
    yield Passage(Where.WHOLE, (*texts, *others, *fact_texts), naming=data)


def _meeting(data: dict, names: Names, language: str) -> Iterator[Passage]:
    name = in_language(data, "name", language)
    statements = _statements(data, names, language)
    yield Passage(Where.TITLE, (name,))
    yield from statements
    people = [f"{row['person']}, {in_language(row, 'office', language)}" for row in data["attendances"]]
    headings = [in_language(row, part, language) for row in data["headings"] for part in ("text", "introduction")]
    fact_texts = (text for statement in statements for text in statement.texts)
    yield Passage(Where.WHOLE, (name, *people, *filter(None, headings), *fact_texts), naming=data)


def _pillar(data: dict, names: Names, language: str) -> Iterator[Passage]:
    yield Passage(Where.TITLE, tuple(register_texts(data, language)))
    workstreams = [in_language(row, "name", language) for row in data["workstreams"]]
    yield Passage(Where.SUMMARY, (in_language(data, "name", language), *workstreams))


def _entry(data: dict, names: Names, language: str) -> Iterator[Passage]:
    yield Passage(Where.TITLE, tuple(register_texts(data, language)))


def _statements(data: dict, names: Names, language: str) -> list[Passage]:
    """One passage for each fact: its sentence and the explanations of its date changes."""
    return [
        Passage(
            Where.STATEMENT,
            (
                sentence(fact, names, language),
                *filter(None, (in_language(change, "text", language) for change in fact["date_changes"])),
            ),
            anchor=fact["key"],
            naming=fact,
        )
        for fact in data["facts"]
    ]


def _unnamed(parts: Iterable[dict], language: str) -> list[str]:
    """Groups and programmes that have no entry of their own."""
    return [text for part in parts if (text := in_language(part, "unnamed", language))]


_PASSAGE_BUILDERS = {
    "initiative": _initiative,
    "meeting": _meeting,
    "pillar": _pillar,
    "organization": _entry,
    "place": _entry,
}
