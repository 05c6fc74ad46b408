"""The land that maps lie on: drawn once, when assets are built, from packaged boundaries (TopoJSON, public domain).

Only countries: the package has the states of one of both countries alone, and a map that draws those would show one
country in more detail than the other.
"""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from .projections import SHEETS, XY, Sheet

UNITED_STATES, MEXICO = "840", "484"
FILE = "base-map.json"
#: Details below this many user units are left out.
TOLERANCE = 0.7
#: No sheet reaches this many degrees from its middle.
FAR = 40

Polyline = list[XY]


@lru_cache
def load() -> dict[str, dict]:
    """Path data by sheet and layer, as the build step left them; `line` holds the border's points.

    Raises FileNotFoundError where the assets were not built.
    """
    return json.loads((Path(settings.STATICFILES_DIRS[0]) / FILE).read_text(encoding="utf-8"))


def build(topology: dict, sheets: tuple[Sheet, ...] = SHEETS) -> dict[str, dict]:
    """Return path data of each layer of each sheet: land of each side, other land, their border, other borders."""
    arcs = _decoded(topology)
    return {sheet.name: _layers(topology, arcs, sheet) for sheet in sheets}


def _layers(topology: dict, arcs: list[Polyline], sheet: Sheet) -> dict:
    drawn = [_drawn(arc, sheet) for arc in arcs]
    land = {"united_states": [], "mexico": [], "elsewhere": []}
    users: dict[int, set[str]] = {}
    for country in topology["objects"]["countries"]["geometries"]:
        layer = {UNITED_STATES: "united_states", MEXICO: "mexico"}.get(country.get("id"), "elsewhere")
        for ring in _rings(country):
            land[layer].append(_joined(ring, drawn))
            for index in ring:
                users.setdefault(_real(index), set()).add(country.get("id", country["properties"]["name"]))
    sides = {UNITED_STATES, MEXICO}
    border = [drawn[index] for index, found in users.items() if found == sides]
    others = [drawn[index] for index, found in users.items() if len(found) == 2 and found != sides]
    paths = {name: _path([_clipped(ring, sheet) for ring in rings], closed=True) for name, rings in land.items()}
    border, others = _inside(border, sheet), _inside(others, sheet)
    line = [(round(x, 1), round(y, 1)) for x, y in _westward_first(border)]
    return paths | {"border": _path(border), "other_borders": _path(others), "line": line}


# TopoJSON


def _decoded(topology: dict) -> list[Polyline]:
    """Arcs in degrees: each position is a difference from the one before, in steps of the transform."""
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            line.append((x * kx + dx, y * ky + dy))
        found.append(line)
    return found


def _rings(geometry: dict) -> list[list[int]]:
    """Outer rings and holes of a country, each a list of arcs; a reversed arc is the complement of its number."""
    polygons = {"Polygon": lambda arcs: [arcs], "MultiPolygon": list}.get(geometry["type"], lambda _arcs: [])
    return [ring for polygon in polygons(geometry.get("arcs", [])) for ring in polygon]


def _real(index: int) -> int:
    return ~index if index < 0 else index


def _joined(ring: list[int], arcs: list[Polyline]) -> Polyline:
    line: Polyline = []
    for index in ring:
        arc = arcs[_real(index)]
        line += (arc[::-1] if index < 0 else arc)[1 if line else 0 :]
    return line


# Lines on a sheet


def _drawn(arc: Polyline, sheet: Sheet) -> Polyline:
    """An arc on the sheet; of one that is far away only its ends, which close the rings that it belongs to."""
    near = any(abs(x - sheet.projection.longitude) < FAR and abs(y - sheet.projection.latitude) < FAR for x, y in arc)
    return _simplified([sheet.place(*point) for point in (arc if near else [arc[0], arc[-1]])])


def _simplified(line: Polyline, tolerance: float = TOLERANCE) -> Polyline:
    """Leave out points that lie within the tolerance of the line without them (Douglas and Peucker); ends stay."""
    keep, waiting = {0, len(line) - 1}, [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        distance, index = max(
            ((_distance(line[n], line[first], line[last]), n) for n in range(first + 1, last)), default=(0, 0)
        )
        if distance > tolerance:
            keep.add(index)
            waiting += [(first, index), (index, last)]
    return [line[index] for index in sorted(keep)]


def _distance(point: XY, start: XY, end: XY) -> float:
    """From a point to a stretch; a stretch without length is a point."""
    (x, y), (x1, y1), (x2, y2) = point, start, end
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    along = max(0, min(1, ((x - x1) * dx + (y - y1) * dy) / length)) if length else 0
    return ((x - x1 - along * dx) ** 2 + (y - y1 - along * dy) ** 2) ** 0.5


def _clipped(ring: Polyline, sheet: Sheet) -> Polyline:
    """The part of a ring on the sheet and a little beyond (Sutherland and Hodgman, one edge after the other)."""
    margin = 4
    edges = [(0, -margin, 1), (0, sheet.width + margin, -1), (1, -margin, 1), (1, sheet.height + margin, -1)]
    for axis, limit, sign in edges:
        kept: Polyline = []
        for one, two in zip(ring[-1:] + ring[:-1], ring, strict=True):
            inside_one, inside_two = (sign * (point[axis] - limit) >= 0 for point in (one, two))
            if inside_one != inside_two:
                part = (limit - one[axis]) / (two[axis] - one[axis])
                kept.append((one[0] + part * (two[0] - one[0]), one[1] + part * (two[1] - one[1])))
            if inside_two:
                kept.append(two)
        ring = kept
    return ring


def _inside(lines: list[Polyline], sheet: Sheet) -> list[Polyline]:
    """Lines that touch the sheet; what lies beyond its edge is not shown anyway."""
    return [line for line in lines if any(sheet.holds(*point) for point in line)]


def _westward_first(lines: list[Polyline]) -> Polyline:
    """All of the border as one line from west to east."""
    turned = [line if line[0][0] <= line[-1][0] else line[::-1] for line in lines]
    return [point for line in sorted(turned) for point in line]


def _path(lines: list[Polyline], *, closed: bool = False) -> str:
    """Path data with whole and half units: `M` a point, then steps from one to the next."""
    found = []
    for line in lines:
        points = [(round(2 * x), round(2 * y)) for x, y in line]
        points = [point for n, point in enumerate(points) if not n or point != points[n - 1]]
        if len(points) < (4 if closed else 2) or closed and _is_speck(points):
            continue
        steps = [f"{_half(x - px)},{_half(y - py)}" for (px, py), (x, y) in zip(points[:-1], points[1:], strict=True)]
        start = f"{_half(points[0][0])},{_half(points[0][1])}"
        found.append(f"M{start}l{' '.join(steps)}{'z' if closed else ''}")
    return "".join(found)


def _is_speck(points: list[tuple[int, int]]) -> bool:
    """Islands too small to be seen."""
    xs, ys = zip(*points, strict=True)
    return max(xs) - min(xs) < 6 and max(ys) - min(ys) < 6


def _half(doubled: int) -> str:
    return f"{doubled / 2:g}"
