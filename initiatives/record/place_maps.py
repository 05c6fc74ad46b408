"""Maps of the record's places: where they lie on the sheets of the base map, their marks, labels and counts."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import product
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import in_language
from hled_portal.maps import base_map
from hled_portal.maps.projections import BORDER, REGION, XY
from initiatives.charts.label_placement import Box, Label, Paper, apart, around, spread, wrapped
from initiatives.models import Edition, Facet
from initiatives.vocabulary.choices import Country, PlaceKind
from initiatives.wording.names import with_outer_place

from .places import Places

#: Kinds whose point is one chosen inside them; that of the others is where they are.
AREAS = (PlaceKind.COUNTRY, PlaceKind.REGION, PlaceKind.STATE)
SIDES = ("US", "MX")
#: Places that the caption of a map names; of more it says how many.
PLACES_NAMED = 3
#: Sizes in user units. A sign is the mark of one side of a crossing, with its number.
SIGN_WIDTH, SIGN_HEIGHT, SIGN_GAP, STEM = 58, 30, 64, 22
DOT, LABEL_SIZE, COUNTRY = 26, 14, 24


class Name(NamedTuple):
    """A name of the base map, with its position, and others inside the same state for where that one is taken."""

    text: str | Promise
    longitude: float
    latitude: float
    others: tuple[tuple[float, float], ...] = ()


STATE_LABELS = (
    Name(gettext_lazy("California"), -115.9, 33.9),
    Name(gettext_lazy("Arizona"), -112.2, 33.3),
    Name(gettext_lazy("New Mexico"), -107.6, 33.4),
    Name(gettext_lazy("Texas"), -100.4, 30.9, ((-102.6, 31.2), (-99.2, 31.4), (-103.4, 30.6), (-98.4, 29.6))),
    Name(gettext_lazy("Baja California"), -115.35, 31.35, ((-115.2, 30.7), (-114.6, 29.7), (-114.0, 28.9))),
    Name(gettext_lazy("Sonora"), -110.6, 30.1, ((-111.6, 30.6), (-110.4, 29.2), (-109.8, 28.4))),
    Name(gettext_lazy("Chihuahua"), -106.6, 29.3, ((-107.4, 30.4), (-106.0, 28.6), (-105.6, 27.9))),
    Name(gettext_lazy("Coahuila"), -103.0, 28.1),
    Name(gettext_lazy("Nuevo León"), -100.4, 25.5),
    Name(gettext_lazy("Tamaulipas"), -98.2, 25.1),
)
COUNTRIES = (
    Name(pgettext_lazy("on a map", "United States"), -103.2, 33.6),
    Name(pgettext_lazy("on a map", "Mexico"), -105.2, 27.1),
)


@dataclass(frozen=True)
class Spot:
    """A place in the table. `number` is its key on the map; empty where it has no point on it."""

    key: str
    name: str
    kind: str
    country: str
    side: str
    initiatives: int
    coordinates: str
    approximate: bool
    number: str = ""
    location: str = ""
    level: str = ""


@dataclass(frozen=True)
class Mark:
    """A spot on the map. `x`, `y` and the rest are user units, written with a decimal point."""

    spot: Spot
    shape: str
    x: str
    y: str
    width: str
    height: str
    left: str
    top: str
    point_x: str
    point_y: str


@dataclass(frozen=True)
class MapLabel:
    """A label: each line with its baseline."""

    x: str
    anchor: str
    lines: list[tuple[str, str]]
    key: str = ""


@dataclass(frozen=True)
class Drawing:
    """A map: the sheet, its land, marks and labels, and the same places as rows of a table."""

    width: int
    height: int
    land: dict[str, str]
    marks: list[Mark] = field(default_factory=list)
    points: list[tuple[str, str]] = field(default_factory=list)
    labels: list[MapLabel] = field(default_factory=list)
    countries: list[MapLabel] = field(default_factory=list)
    states: list[MapLabel] = field(default_factory=list)
    rows: list[Spot] = field(default_factory=list)

    @property
    def finding(self) -> str:
        """Where most initiatives are, a crossing counted with both sides; a country is left out of its places."""
        places = [spot for spot in self.rows if not spot.side and spot.level != PlaceKind.COUNTRY]
        most = max((spot.initiatives for spot in places), default=0)
        if not most:
            return ""
        names = [spot.name for spot in places if spot.initiatives == most]
        words = ", ".join(names[:PLACES_NAMED])
        if len(names) > PLACES_NAMED:
            words = _("%(texts)s and %(count)d more") % {"texts": words, "count": len(names) - PLACES_NAMED}
        return _("Most initiatives (%(count)d): %(places)s.") % {"count": most, "places": words}


@dataclass(frozen=True)
class Maps:
    """The crossings of the border, and all other places that an initiative names."""

    border: Drawing
    region: Drawing


def maps(at: Moment, initiatives=None) -> Maps:
    """Draw the places of the public initiatives of that moment, or of a selection of them. Two queries."""
    chosen = Edition.objects.public(at).initiatives() if initiatives is None else initiatives
    rows = Edition.objects.public(at).of_kind("place").order_by("subject_key")
    gazetteer = _PlaceIndex({row.subject_key: row.data for row in rows}, _initiatives_by_place(chosen))
    crossings = gazetteer.crossings()
    return Maps(border(gazetteer, crossings), region(gazetteer, {key for group in crossings for key in group.keys}))


def _initiatives_by_place(initiatives) -> dict[str, set[str]]:
    """Keys of the initiatives that name each place."""
    by_place = defaultdict(set)
    pairs = Facet.objects.filter(kind="place", edition__in=initiatives.order_by())
    for place, initiative in pairs.values_list("key", "edition__subject_key"):
        by_place[place].add(initiative)
    return by_place


@dataclass(frozen=True)
class Crossing:
    """A crossing with its sides by country, some of which the record may not have."""

    key: str
    sides: dict[str, str]

    @property
    def keys(self) -> list[str]:
        return [self.key, *self.sides.values()]


class _PlaceIndex:
    """Public places with the number of initiatives in each."""

    def __init__(self, contents: dict[str, dict], named: dict[str, set[str]]):
        self.contents, self.named = contents, named
        self.places = Places(contents)

    def crossings(self) -> list[Crossing]:
        """Every crossing whose point is known, from west to east."""
        points = []
        for key, content in self.contents.items():
            if content["place_kind"] == PlaceKind.CROSSING and content["longitude"] and not content["replaced_by"]:
                sides = {self.contents[side]["country"]: side for side in self.places.children.get(key, ())}
                points.append(Crossing(key, {country: sides[country] for country in SIDES if country in sides}))
        return sorted(points, key=lambda crossing: (float(self.contents[crossing.key]["longitude"]), crossing.key))

    def count(self, key: str) -> int:
        """Initiatives that name the place or something inside it; each once."""
        inside = self.places.inside([key])
        return len(set().union(*(self.named.get(place, set()) for place in inside)))

    def spot(self, key: str, side: str = "", number: str = "") -> Spot:
        content = self.contents[key]
        return Spot(
            key=key,
            name=in_language(content, "name"),
            kind=PlaceKind(content["place_kind"]).label,
            country=Country(content["country"]).label if content["country"] else "",
            side=side,
            initiatives=self.count(key),
            coordinates=coordinates(content["latitude"], content["longitude"]),
            approximate=content["place_kind"] in AREAS,
            number=number,
            location=self.location(key),
            level=content["place_kind"],
        )

    def location(self, key: str) -> str:
        """The city and state of a side of a crossing: "Tijuana, Baja California"."""
        above = [place for place in self.places.in_city(key) if place in self.contents]
        names = [in_language(self.contents[place], "name") for place in above]
        return reduce(with_outer_place, names) if names else ""

    def point(self, key: str, sheet) -> XY:
        content = self.contents[key]
        return sheet.place(float(content["longitude"]), float(content["latitude"]))


def coordinates(latitude: str | None, longitude: str | None) -> str:
    """Put degrees into words: “32.5500° N, 116.9040° W”; empty where there are none."""
    if not latitude or not longitude:
        return ""
    north = pgettext("latitude", "S") if latitude.startswith("-") else pgettext("latitude", "N")
    east = pgettext("longitude", "W") if longitude.startswith("-") else pgettext("longitude", "E")
    return f"{latitude.lstrip('-')}°\u00a0{north}, {longitude.lstrip('-')}°\u00a0{east}"


# The border


def border(gazetteer: _PlaceIndex, crossings: list[Crossing]) -> Drawing:
    """The border with a sign for each side of each crossing: that of the north above it, that of the south below."""
    base = base_map.load()["border"]
    line = [(float(x), float(y)) for x, y in base["line"]]
    points = [gazetteer.point(crossing.key, BORDER) for crossing in crossings]
    middles = spread([x for x, _y in points], SIGN_GAP, SIGN_WIDTH / 2 + 2, BORDER.width - SIGN_WIDTH / 2 - 2)
    paper = Paper(BORDER.width, BORDER.height)
    marks, rows, boxes = [], [], []
    for number, (crossing, point, middle) in enumerate(zip(crossings, points, middles, strict=True), 1):
        rows.append(gazetteer.spot(crossing.key, number=str(number)))
        signs = {}
        for country, key in crossing.sides.items():
            spot = gazetteer.spot(key, Country(country).label, f"{_short(country)} {number}")
            signs[country] = _sign_box(country, middle, line)
            marks.append(_mark(spot, country.lower(), signs[country], point))
            rows.append(spot)
        paper.taken += signs.values()
        boxes.append(signs)
    paper.taken += [around(x, y, 6, 6) for x, y in line]
    labels = [
        _crossing_label(paper, gazetteer, crossing, signs, point)
        for crossing, signs, point in zip(crossings, boxes, points, strict=True)
    ]
    return Drawing(
        width=BORDER.width,
        height=BORDER.height,
        land=base,
        marks=marks,
        points=[(_unit(x), _unit(y)) for x, y in points],
        labels=[label for label in labels if label],
        countries=[name for place in COUNTRIES if (name := _name(paper, place, COUNTRY))],
        states=[name for place in STATE_LABELS if (name := _name(paper, place, LABEL_SIZE))],
        rows=rows,
    )


def _short(country: str) -> str:
    return {"US": pgettext("side of a crossing", "US"), "MX": pgettext("side of a crossing", "MX")}[country]


def _sign_box(country: str, middle: float, line: list[XY]) -> Box:
    """Above all of the border that runs near it for the north, below for the south."""
    near = [y for x, y in _dense(line) if abs(x - middle) <= SIGN_WIDTH / 2 + 4]
    near = near or [min(line, key=lambda point: abs(point[0] - middle))[1]]
    y = min(near) - STEM if country == "US" else max(near) + STEM
    return around(middle, y, SIGN_WIDTH, SIGN_HEIGHT)


def _dense(line: list[XY]):
    """The points of a line and some between them: straight stretches of the border are long."""
    for (x1, y1), (x2, y2) in zip(line[:-1], line[1:], strict=True):
        steps = max(1, round(abs(x2 - x1) / 8))
        for n in range(steps):
            yield x1 + (x2 - x1) * n / steps, y1 + (y2 - y1) * n / steps
    yield line[-1]


def _crossing_label(
    paper: Paper, gazetteer: _PlaceIndex, crossing: Crossing, signs: dict[str, Box], point: XY
) -> MapLabel | None:
    """Its name above the northern sign, below the southern one, or beside either; where one side has no sign, there.

    Where all positions are taken, the number alone is drawn.
    """
    text = in_language(gazetteer.contents[crossing.key], "name")
    dot = around(*point, 10, 10)
    tries = [(signs[side], where) for side, where in (("US", "a"), ("MX", "b")) if side in signs]
    tries += [(signs[side], where) for side, where in (("US", "rl"), ("MX", "lr")) if side in signs]
    tries += [(dot, where) for side, where in (("US", "a"), ("MX", "b")) if side not in signs]
    for (box, where), (characters, lines) in product(tries, ((22, 2), (16, 3), (16, 4))):
        label = paper.label(wrapped(text, characters, lines), box, LABEL_SIZE, where)
        if label:
            return _words(label, LABEL_SIZE, crossing.key)
    return None


def _name(paper: Paper, place: Name, size: float) -> MapLabel | None:
    """A name of the base map, where nothing else is drawn."""
    for longitude, latitude in ((place.longitude, place.latitude), *place.others):
        x, y = BORDER.place(longitude, latitude)
        if label := paper.label([str(place.text)], around(x, y, 0, 0), size, "ab"):
            return _words(label, size)
    return None


# Other places


def region(gazetteer: _PlaceIndex, elsewhere: set[str]) -> Drawing:
    """Places that initiatives name, those of the border map apart; the row of one without a point has no number."""
    keys = [key for key, content in gazetteer.contents.items() if key not in elsewhere and not content["replaced_by"]]
    spots = [spot for spot in map(gazetteer.spot, keys) if spot.initiatives]
    # The cities and states of the crossings stand beside their sides, in the table of the border.
    spots = [spot for spot in spots if spot.coordinates or spot.key in gazetteer.named]
    points = {spot.key: gazetteer.point(spot.key, REGION) for spot in spots if spot.coordinates}
    points = {key: point for key, point in points.items() if REGION.holds(*point)}
    spots.sort(key=lambda spot: (spot.key not in points, points.get(spot.key, (0, 0))[1], spot.name))
    shown = [replace(spot, number=str(n)) for n, spot in enumerate(spots, 1) if spot.key in points]
    middles = apart([points[spot.key] for spot in shown], DOT + 2)
    paper = Paper(REGION.width, REGION.height)
    boxes = [around(x, y, DOT, DOT) for x, y in middles]
    paper.taken += boxes
    labels = [_spot_label(paper, spot, box) for spot, box in zip(shown, boxes, strict=True)]
    return Drawing(
        width=REGION.width,
        height=REGION.height,
        land=base_map.load()["region"],
        marks=[
            _mark(spot, "area" if spot.approximate else "point", box, points[spot.key])
            for spot, box in zip(shown, boxes, strict=True)
        ],
        points=[(_unit(x), _unit(y)) for x, y in points.values()],
        labels=[label for label in labels if label],
        rows=shown + [spot for spot in spots if spot.key not in points],
    )


def _spot_label(paper: Paper, spot: Spot, box: Box) -> MapLabel | None:
    text = _("%(place)s (%(number)s)") % {"place": spot.name, "number": spot.initiatives}
    for characters, lines in ((40, 1), (16, 2)):
        label = paper.label(wrapped(text, characters, lines), box, LABEL_SIZE, "rlab")
        if label:
            return _words(label, LABEL_SIZE, spot.key)
    return None


# Geometry as text


def _mark(spot: Spot, shape: str, box: Box, point: XY) -> Mark:
    middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    numbers = (*middle, box.right - box.left, box.bottom - box.top, box.left, box.top, *point)
    return Mark(spot, shape, *map(_unit, numbers))


def _words(label: Label, size: float, key: str = "") -> MapLabel:
    lines = [(text, _unit(label.y + n * size * 1.2)) for n, text in enumerate(label.lines)]
    return MapLabel(_unit(label.x), label.anchor, lines, key)


def _unit(number: float) -> str:
    """User units with a decimal point in any language, without a trailing zero."""
    return f"{number:.1f}".removesuffix(".0")
