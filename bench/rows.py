"""One row of the results: a workload, what it is measured against, and whether its goal holds."""

from dataclasses import asdict, dataclass

from .timing import Measured


@dataclass(frozen=True)
class Row:
    """`goal`: the largest figure that holds, or with `least` the smallest.

    `unit` is "×" for a ratio; `seconds` and `reference_seconds` are what the ratio was made of.
    """

    workload: str
    reference: str
    figure: float
    goal: float | None
    unit: str = "×"
    seconds: float | None = None
    reference_seconds: float | None = None
    least: bool = False

    @property
    def holds(self) -> bool | None:
        if self.goal is None:
            return None
        return self.figure >= self.goal if self.least else self.figure <= self.goal

    def data(self, **more) -> dict:
        return more | asdict(self) | {"holds": self.holds}


def ratio_row(workload: str, reference: str, measured: Measured, goal: float | None) -> Row:
    seconds = {"seconds": round(measured.seconds, 5), "reference_seconds": round(measured.reference, 5)}
    return Row(workload, reference, round(measured.ratio, 3), goal, **seconds)


def seconds_row(workload: str, found: float, goal: float | None) -> Row:
    return Row(workload, "processor time", round(found, 3), goal, "s", seconds=round(found, 5))
