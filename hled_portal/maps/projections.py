"""Longitude and latitude on paper: an equal-area projection, and the sheets that the portal draws.

A sheet serves both sides: the build step draws its land once, pages put their marks on it.
"""

from dataclasses import dataclass
from functools import cached_property
from math import cos, radians, sin, sqrt

SAMPLES = 40

XY = tuple[float, float]


@dataclass(frozen=True)
class Albers:
    """Albers' equal-area conic projection on a sphere of radius 1; angles in degrees.

    Source: J. P. Snyder, Map Projections: A Working Manual (USGS, 1987), equations 14-1 to 14-6.
    """

    south: float
    north: float
    longitude: float
    latitude: float

    @cached_property
    def _cone(self) -> tuple[float, float, float]:
        n = (sin(radians(self.south)) + sin(radians(self.north))) / 2
        c = cos(radians(self.south)) ** 2 + 2 * n * sin(radians(self.south))
        return n, c, sqrt(c - 2 * n * sin(radians(self.latitude))) / n

    def point(self, longitude: float, latitude: float) -> XY:
        """Return x to the east and y to the north of the origin."""
        n, c, origin = self._cone
        rho = sqrt(c - 2 * n * sin(radians(latitude))) / n
        theta = n * radians(longitude - self.longitude)
        return rho * sin(theta), origin - rho * cos(theta)


@dataclass(frozen=True)
class Sheet:
    """A rectangle of paper that holds everything between four degrees; `width` in user units, y down."""

    name: str
    projection: Albers
    west: float
    south: float
    east: float
    north: float
    width: int

    @cached_property
    def _frame(self) -> tuple[float, float, float, float]:
        steps = [n / SAMPLES for n in range(SAMPLES + 1)]
        across = [self.west + (self.east - self.west) * step for step in steps]
        up = [self.south + (self.north - self.south) * step for step in steps]
        edge = [self.projection.point(x, y) for x in across for y in (self.south, self.north)]
        edge += [self.projection.point(x, y) for y in up for x in (self.west, self.east)]
        xs, ys = zip(*edge, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def height(self) -> int:
        left, bottom, right, top = self._frame
        return round(self.width * (top - bottom) / (right - left))

    def place(self, longitude: float, latitude: float) -> XY:
        """Where on the sheet a point lies, in user units from the top left corner; it may lie beside the sheet."""
        left, _bottom, right, top = self._frame
        x, y = self.projection.point(longitude, latitude)
        scale = self.width / (right - left)
        return (x - left) * scale, (top - y) * scale

    def holds(self, x: float, y: float) -> bool:
        return 0 <= x <= self.width and 0 <= y <= self.height


#: The whole border between both countries, from one sea to the other.
BORDER = Sheet("border", Albers(27, 32, -107, 29), -117.8, 25.0, -96.5, 34.3, 1000)
#: Both countries, Central America and the south of Canada.
REGION = Sheet("region", Albers(18, 45, -98, 30), -122, 8, -76, 52, 720)
SHEETS = (BORDER, REGION)
