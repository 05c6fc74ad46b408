"""The whole register at a moment: every public organization, place and topic, as lists and filters name them."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import kept_results
from initiatives.content import search_documents

from . import name_lookup
from .places import Places

REGISTER_KINDS = ("organization", "place", "topic")


@dataclass(frozen=True)
class Entered:
    """An entry of the register that has a page of its own."""

    key: str
    name: str


class Registers(name_lookup.Register):
    """Names of all that is public in the register, and what was merged into what."""

    @cached_property
    def places(self) -> Places:
        """The places as a tree."""
        return Places(self.of_kind("place"))

    def of_kind(self, kind: str) -> dict[str, dict]:
        """The contents of one kind by key."""
        return {key: content for (of, key), content in self.contents.items() if of == kind}

    def label(self, kind: str, key: str) -> str:
        """The name by which a list or a filter calls an entry."""
        named = {"organization": self.organization, "place": self.place}.get(kind)
        return named(key) if named else self.title(kind, key)

    def choices(self, kind: str) -> list[tuple[str, str]]:
        """Key and name of each entry in alphabetical order."""
        return self._choices[kind]

    @cached_property
    def _choices(self) -> dict[str, list[tuple[str, str]]]:
        choices = {kind: [(key, self.label(kind, key)) for key in self.of_kind(kind)] for kind in REGISTER_KINDS}
        for entries in choices.values():
            entries.sort(key=lambda choice: (alphabetical(choice[1]), choice[0]))
        return choices

    def names_with_stem(self, stem: str, language: str) -> list[tuple[tuple[str, str], list[str]]]:
        """The entries with a name in this language in which the word stands, and the stems of that name."""
        return self._names_by_stem.get((language, stem), [])

    @cached_property
    def _names_by_stem(self) -> dict[tuple[str, str], list]:
        return search_documents.names_by_stem(self.contents)

    def one(self, kind: str, key: str | None) -> Entered | None:
        """An entry as pages link it; None where it is not public."""
        return Entered(key, self.label(kind, key)) if (kind, key) in self.contents else None

    def entered(self, kind: str, keys: Iterable[str]) -> list[Entered]:
        """Those of these entries that are public, in alphabetical order."""
        entries = [entry for key in keys if (entry := self.one(kind, key))]
        return sorted(entries, key=lambda entry: (alphabetical(entry.name), entry.key))

    def heir(self, kind: str, key: str) -> str:
        """The entry itself, or the one that it was merged into, directly or not."""
        seen = {key}
        while (following := self.contents.get((kind, key), {}).get("replaced_by")) and following not in seen:
            seen.add(following)
            key = following
        return key

    def merged(self, kind: str, keys: Iterable[str]) -> set[str]:
        """These entries and all that were merged into them."""
        wanted = set(keys)
        return wanted | {key for key in self.of_kind(kind) if self.heir(kind, key) in wanted}


@kept_results.keep(name_lookup.MAX_MOMENTS)
def at_moment(at: Moment, *also: str) -> Registers:
    """Every public entry of the register, subjects of the kinds `also` too. One query."""
    editions = name_lookup.public_of_kinds(at, *REGISTER_KINDS, *also)
    return Registers({(edition.subject_kind, edition.subject_key): edition.data for edition in editions}, at.day)


def alphabetical(text: str) -> str:
    """What texts are sorted by: without case and accents, as readers of both languages look them up."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
