"""Places as pages show them: crossings with both their sides, countries with what lies in them, and regions."""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.text import capfirst

from hled_portal.dates.as_of import Moment
from initiatives.models import Edition, Facet
from initiatives.vocabulary.choices import Country, PlaceKind

from .places import Places
from .register_lookup import Entered, Registers, alphabetical


@dataclass(frozen=True)
class Node:
    """A place in a list, with what lies in it; `initiatives`: how many public ones name it or a place inside it."""

    key: str
    name: str
    kind: str
    initiatives: int
    inner: list["Node"]


@dataclass(frozen=True)
class Crossing:
    """A crossing with the places on each side, in the order of `Gazetteer.sides`."""

    place: Node
    sides: list[list[Node]]


@dataclass(frozen=True)
class Gazetteer:
    """`sides`: the countries that the crossings lie in, in alphabetical order; neither comes first by right."""

    sides: list[str]
    crossings: list[Crossing]
    countries: list[Node]
    regions: list[Node]


def every_place(names: Registers, at: Moment) -> Gazetteer:
    """Every public place that was not merged into another. One query."""
    places = names.places
    tree = _Tree(names, _initiatives(places, at))
    crossings = [key for key in tree.all if tree.kind(key) == PlaceKind.CROSSING]
    codes = {code for key in crossings for code in places.countries(key)}
    codes = sorted(codes, key=lambda code: alphabetical(str(Country(code).label)))
    roots = [key for key in tree.all if not places.above(key) and key not in crossings]
    countries = [key for key in roots if tree.kind(key) == PlaceKind.COUNTRY]
    return Gazetteer(
        sides=[str(Country(code).label) for code in codes],
        crossings=[_crossing(key, codes, tree) for key in crossings],
        countries=[tree.node(key) for key in countries],
        regions=[tree.node(key) for key in roots if key not in countries],
    )


def _crossing(key: str, codes: list[str], tree: "_Tree") -> Crossing:
    node = tree.node(key)
    countries = {side.key: tree.names.contents[("place", side.key)]["country"] for side in node.inner}
    return Crossing(node, [[side for side in node.inner if countries[side.key] == code] for code in codes])


class _Tree:
    """Makes nodes of places; crossings, which have a table of their own, are left out of what lies in a region."""

    def __init__(self, names: Registers, numbers: dict[str, int]):
        self.names, self.numbers = names, numbers
        roots = [key for key, content in names.of_kind("place").items() if not content["replaced_by"]]
        self.all = sorted(roots, key=lambda key: (alphabetical(names.title("place", key)), key))

    def kind(self, key: str) -> str:
        return self.names.contents[("place", key)]["place_kind"]

    def node(self, key: str) -> Node:
        inner = set(self.names.places.children.get(key, ()))
        return Node(
            key=key,
            name=capfirst(self.names.title("place", key)),
            kind=str(PlaceKind(self.kind(key)).label),
            initiatives=self.numbers[key],
            inner=[self.node(other) for other in self.all if other in inner and self.kind(other) != PlaceKind.CROSSING],
        )


def _initiatives(places: Places, at: Moment) -> dict[str, int]:
    public = Edition.objects.public(at).initiatives()
    having = defaultdict(set)
    for key, edition in Facet.objects.filter(kind="place", edition__in=public).values_list("key", "edition_id"):
        for holder in places.holders(key):
            having[holder].add(edition)
    return defaultdict(int, {key: len(editions) for key, editions in having.items()})


# One place


@dataclass(frozen=True)
class PlacePage:
    """What the register says of a place, in words."""

    name: str
    kind: str
    countries: list[str]
    above: list[Entered]
    inner: list[Entered]
    other_sides: list[Entered]
    coordinates: str
    aliases: list[dict]
    replaced_by: Entered | None
    merged: list[Entered]


def build_place_page(key: str, names: Registers) -> PlacePage:
    """A place as its page shows it. No query."""
    data, places = names.contents[("place", key)], names.places
    codes = places.countries(key)
    return PlacePage(
        name=capfirst(names.title("place", key)),
        kind=capfirst(PlaceKind(data["place_kind"]).label),
        countries=sorted((str(Country(code).label) for code in codes), key=alphabetical),
        above=[_short(above, names) for above in places.above(key) if ("place", above) in names.contents],
        inner=sorted((_short(inner, names) for inner in places.within(key)), key=_alphabetical),
        other_sides=[_short(side, names) for side in places.other_sides(key)],
        coordinates=f"{data['latitude']}, {data['longitude']}" if data["latitude"] is not None else "",
        aliases=data["aliases"],
        replaced_by=names.one("place", data["replaced_by"]),
        merged=names.entered("place", names.merged("place", [key]) - {key}),
    )


def _short(key: str, names: Registers) -> Entered:
    return Entered(key, capfirst(names.title("place", key)))


def _alphabetical(entry: Entered) -> tuple[str, str]:
    return alphabetical(entry.name), entry.key


@dataclass(frozen=True)
class Located:
    """An initiative and where it is inside the place of the page; nowhere more exact: the place itself."""

    edition: Edition
    where: list[str]


def located_initiatives(editions: list[Edition], key: str, inside: set[str], names: Registers) -> list[Located]:
    """The initiatives with the places inside this one that they name. No query."""
    return [
        Located(
            edition,
            sorted(
                {capfirst(names.title("place", other)) for other in _mentioned_places(edition.data) & inside - {key}}
            ),
        )
        for edition in editions
    ]


def _mentioned_places(data: dict) -> set[str]:
    rows = [data, *data["facts"], *(reading for fact in data["facts"] for reading in fact["readings"])]
    return {place for row in rows for place in row["places"]}
