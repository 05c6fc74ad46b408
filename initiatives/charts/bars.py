"""Geometry of charts as strings: a template draws it, in any language, without script."""

from dataclasses import dataclass

WIDTH = 600


@dataclass(frozen=True)
class Segment:
    """A piece of a bar. `x` and `width` are SVG user units, written with a decimal point."""

    name: str
    label: str
    count: int
    x: str
    width: str


def stacked_bar(parts: list[tuple[str, str, int]], longest: int) -> list[Segment]:
    """One bar of (name, label, count), to the scale where `longest` fills the width; empty parts are left out."""
    segments, x = [], 0.0
    for name, label, count in parts:
        if not count:
            continue
        width = WIDTH * count / longest
        segments.append(Segment(name, label, count, f"{x:.1f}", f"{width:.1f}"))
        x += width
    return segments
