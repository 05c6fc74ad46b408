"""Places as a tree, from frozen contents: what lies in a place, where it lies, the sides of a crossing."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from initiatives.vocabulary.choices import PlaceKind


class Places:
    """The public places of a moment, by key. A key without a public edition is its own label."""

    def __init__(self, contents: dict[str, dict]):
        self.contents = contents

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """What lies right in each place, by its key; a merged place lies nowhere."""
        children = defaultdict(list)
        for key, content in self.contents.items():
            if content["parent"] and not content["replaced_by"]:
                children[content["parent"]].append(key)
        return dict(children)

    @cached_property
    def _contained(self) -> dict[str, set[str]]:
        """What each place holds: what lies right in it, what was merged into it; a country also all its own."""
        contained = defaultdict(set)
        for key, children in self.children.items():
            contained[key] |= set(children)
        of_country = defaultdict(set)
        for key, content in self.contents.items():
            of_country[content["country"]].add(key)
            if content["replaced_by"]:
                contained[content["replaced_by"]].add(key)
        for key, content in self.contents.items():
            if content["place_kind"] == PlaceKind.COUNTRY and content["country"]:
                contained[key] |= of_country[content["country"]] - {key}
        return contained

    def inside(self, keys: Iterable[str]) -> set[str]:
        """These places and everything inside them, at any remove; both sides of a crossing, and what a country owns."""
        inside: set[str] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key not in inside:
                inside.add(key)
                waiting += self._contained.get(key, ())
        return inside

    @cached_property
    def _holding(self) -> dict[str, set[str]]:
        holding = defaultdict(set)
        for key in self.contents:
            for inner in self.inside([key]):
                holding[inner].add(key)
        return holding

    def holders(self, key: str) -> set[str]:
        """Every place inside which this one is, itself included."""
        return self._holding.get(key, {key})

    def above(self, key: str) -> list[str]:
        """The places that it lies in, the nearest first."""
        above: list[str] = []
        parent = self._parent(key)
        while parent and parent != key and parent not in above:
            above.append(parent)
            parent = self._parent(parent)
        return above

    def countries(self, key: str) -> set[str]:
        """ISO codes of where a place lies: its own country; a crossing lies in the countries of its sides."""
        content = self.contents.get(key, {})
        if content.get("country"):
            return {content["country"]}
        if content.get("place_kind") != PlaceKind.CROSSING:
            return set()
        sides = (self.contents[side]["country"] for side in self.children.get(key, ()))
        return {country for country in sides if country}

    def in_countries(self, codes: Iterable[str]) -> set[str]:
        """Every place that lies in one of these countries (ISO 3166-1 alpha-2)."""
        wanted = set(codes)
        return {key for key in self.contents if self.countries(key) & wanted}

    def other_sides(self, key: str) -> list[str]:
        """The other side of the crossing that a place is a side of; empty for what is no side."""
        parent = self._parent(key)
        if self.contents.get(parent, {}).get("place_kind") != PlaceKind.CROSSING:
            return []
        return [side for side in self.children.get(parent, ()) if side != key]

    def _parent(self, key: str) -> str:
        return self.contents.get(key, {}).get("parent") or ""
