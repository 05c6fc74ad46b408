"""Where marks and their labels go so that they do not cover each other. Numbers in, numbers out; alike each time."""

from dataclasses import dataclass, field

from hled_portal.maps.projections import XY

#: Width of a character beside the height of its line; Public Sans, and a little more.
CHARACTER = 0.58


@dataclass(frozen=True)
class Box:
    """A rectangle in user units."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def within(self, width: float, height: float) -> bool:
        return self.left >= 0 and self.top >= 0 and self.right <= width and self.bottom <= height


def around(x: float, y: float, width: float, height: float) -> Box:
    """A box by its middle."""
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move sorted positions as little as need be until each is `gap` from the next and all lie between both ends.

    Neighbours that are too close form a block around the mean of what they wanted; where they do not all fit, they are
    spread evenly from end to end.
    """
    if len(wanted) > 1 and gap * (len(wanted) - 1) > high - low:
        return [low + (high - low) * n / (len(wanted) - 1) for n in range(len(wanted))]
    blocks: list[list[float]] = []  # what each would want if the gaps before it were taken out
    for n, position in enumerate(wanted):
        blocks.append([min(max(position, low + gap * n), high - gap * (len(wanted) - 1 - n)) - gap * n])
        while len(blocks) > 1 and _mean(blocks[-2]) > _mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    settled = [_mean(block) for block in blocks for _position in block]
    return [position + gap * n for n, position in enumerate(settled)]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def apart(points: list[XY], distance: float, turns: int = 80) -> list[XY]:
    """Push points away from each other until none are closer than `distance`, or the turns are over."""
    shifted = [list(point) for point in points]
    for _turn in range(turns):
        moved = False
        for n, one in enumerate(shifted):
            for other in shifted[n + 1 :]:
                dx, dy = other[0] - one[0], other[1] - one[1]
                between = (dx * dx + dy * dy) ** 0.5
                if between >= distance - 0.01:
                    continue
                if not between:
                    dx, dy, between = 1.0, 0.0, 1.0
                    push = distance / 2
                else:
                    push = (distance - between) / 2
                step_x, step_y = dx / between * push, dy / between * push
                one[0], one[1] = one[0] - step_x, one[1] - step_y
                other[0], other[1] = other[0] + step_x, other[1] + step_y
                moved = True
        if not moved:
            break
    return [(x, y) for x, y in shifted]


def wrapped(text: str, characters: int, lines: int) -> list[str]:
    """Break a text at its spaces and hyphens; empty where it would need more lines than that."""
    wrapped_lines = [""]
    for word in text.replace("-", "-\u200b").replace(" ", " \u200b").split("\u200b"):
        if wrapped_lines[-1] and len(wrapped_lines[-1]) + len(word.rstrip()) > characters:
            wrapped_lines.append("")
        wrapped_lines[-1] += word
    wrapped_lines = [line.strip() for line in wrapped_lines]
    return wrapped_lines if len(wrapped_lines) <= lines else []


@dataclass(frozen=True)
class Label:
    """Lines of a label: the place of the first one's baseline, and which end of the lines `x` is."""

    lines: list[str]
    x: float
    y: float
    anchor: str


@dataclass
class Paper:
    """What is taken on a piece of paper."""

    width: float
    height: float
    taken: list[Box] = field(default_factory=list)

    def is_free(self, box: Box) -> bool:
        return box.within(self.width, self.height) and not any(box.meets(other) for other in self.taken)

    def label(self, lines: list[str], around_box: Box, size: float, sides: str = "rlab") -> Label | None:
        """Put a label right of, left of, above or below a box, where it is free first; None where it is not.

        Above and below the label may begin, be centred or end at the box.
        """
        if not lines:
            return None
        width, height = max(map(len, lines)) * size * CHARACTER, len(lines) * size * 1.2
        for box, anchor in _candidates(around_box, width, height, sides):
            if self.is_free(box):
                self.taken.append(box)
                x = {"start": box.left, "middle": (box.left + box.right) / 2, "end": box.right}[anchor]
                return Label(lines, x, box.top + size, anchor)
        return None


def _candidates(box: Box, width: float, height: float, sides: str):
    gap = 4
    middle_x, middle_y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    for side in sides:
        if side == "r":
            yield around(box.right + gap + width / 2, middle_y, width, height), "start"
        elif side == "l":
            yield around(box.left - gap - width / 2, middle_y, width, height), "end"
        else:
            y = box.top - gap - height / 2 if side == "a" else box.bottom + gap + height / 2
            yield around(middle_x, y, width, height), "middle"
            yield around(box.left + width / 2, y, width, height), "start"
            yield around(box.right - width / 2, y, width, height), "end"
