"""Places as a tree, from frozen contents: what lies in a place, where it lies, the sides of a crossing."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from initiatives.vocabulary.choices import PlaceKind

#: Places that a side of a crossing may lie in.
_HAVE_SIDES = (PlaceKind.CITY, PlaceKind.STATE, PlaceKind.COUNTRY)


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
    def _in_city(self) -> dict[str, list[str]]:
        """The sides of crossings that lie in each city or state, by its key."""
        sides = defaultdict(list)
        for key, content in self.contents.items():
            if content.get("city") and not content["replaced_by"]:
                sides[content["city"]].append(key)
        return dict(sides)

    def within(self, key: str) -> list[str]:
        """What lies right in a place, the sides of crossings that lie in a city or state too."""
        return [*self.children.get(key, ()), *self._in_city.get(key, ())]

    @cached_property
    def _contained(self) -> dict[str, set[str]]:
        """What each place holds: what lies right in it, what was merged into it; a country also all its own."""
        contained = defaultdict(set)
        for key in self.contents:
            contained[key] |= set(self.within(key))
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
        """These places and everything inside them, at any remove.

        A crossing has both its sides in it. A city, state or country has the crossings that one of its own places is a
        side of, without the other side.
        """
        keys, inside = list(keys), self._closure(keys)
        for key in keys:
            if self.contents.get(key, {}).get("place_kind") in _HAVE_SIDES:
                inside |= {parent for inner in self._closure([key]) if self._is_crossing(parent := self._parent(inner))}
        return inside

    def _closure(self, keys: Iterable[str]) -> set[str]:
        inside: set[str] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key not in inside:
                inside.add(key)
                waiting += self._contained.get(key, ())
        return inside

    def _is_crossing(self, key: str) -> bool:
        return self.contents.get(key, {}).get("place_kind") == PlaceKind.CROSSING

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
        """The places that it lies in, the nearest first; a side of a crossing also in its city, state and country."""
        above: list[str] = []
        for place in (self._parent(key), self.contents.get(key, {}).get("city") or ""):
            while place and place != key and place not in above:
                above.append(place)
                place = self._parent(place)
        return above

    def in_city(self, key: str) -> list[str]:
        """The city and state of a side of a crossing, without its country."""
        city = self.contents.get(key, {}).get("city")
        places = [city, *self.above(city)] if city else []
        return [place for place in places if self.contents.get(place, {}).get("place_kind") != PlaceKind.COUNTRY]

    def countries(self, key: str) -> set[str]:
        """ISO codes of where a place lies: its own country or that above it; a crossing lies in those of its sides."""
        if not self._is_crossing(key):
            lines = (self.contents.get(place, {}).get("country") for place in [key, *self.above(key)])
            return {next(filter(None, lines), "")} - {""}
        sides = (self.contents[side]["country"] for side in self.children.get(key, ()))
        return {country for country in sides if country}

    def in_countries(self, codes: Iterable[str]) -> set[str]:
        """Every place that lies in one of these countries (ISO 3166-1 alpha-2)."""
        wanted = set(codes)
        return {key for key in self.contents if self.countries(key) & wanted}

    def other_sides(self, key: str) -> list[str]:
        """The other side of the crossing that a place is a side of; empty for what is no side."""
        parent = self._parent(key)
        if not self._is_crossing(parent):
            return []
        return [side for side in self.children.get(parent, ()) if side != key]

    def _parent(self, key: str) -> str:
        return self.contents.get(key, {}).get("parent") or ""
