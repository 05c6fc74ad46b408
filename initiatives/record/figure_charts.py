"""Figures as small charts: a bar for a percentage, readings over time, or one bar for each reading. Never summed."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import in_language
from initiatives.charts.scales import Days, Numbers, Tick, percent
from initiatives.vocabulary.choices import Measure, ReadingStatus
from initiatives.wording import quantities

from .name_lookup import Register

SHARES = (Measure.PHYSICAL_PROGRESS,)
#: Fewer numbers are read faster in the table; one part of a whole is drawn.
MIN_MARKS = 3
_PERCENT = re.compile(r"%|per ?cent\b|por ciento\b", re.IGNORECASE)
#: Pixels: the height of a series, and the space above and below it.
HEIGHT, FIGURE_PADDING = 96, 16
#: The most dots that are labelled with their value; the list below has all values.
MAX_READINGS = 4


@dataclass(frozen=True)
class Bar:
    """A reading as a bar from zero; `width` is a percentage of the chart."""

    status: str
    label: str
    value: str
    x: str
    width: str


@dataclass(frozen=True)
class Dot:
    """A dated reading: percentages across, pixels down. `value` is its label; empty where there is no space."""

    words: str
    value: str
    x: str
    y: str


@dataclass(frozen=True)
class Level:
    """A baseline or a target as a line across the chart."""

    status: str
    words: str
    y: str


@dataclass(frozen=True)
class Picture:
    """A figure with its bars, or with its dots over time; `words` say the same."""

    key: str
    title: str
    bars: list[Bar] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    height: str = ""
    zero: str = ""
    finding: str = ""

    @property
    def words(self) -> str:
        parts = [f"{bar.label}: {bar.value}" if bar.label else bar.value for bar in self.bars]
        parts += [dot.words for dot in self.dots] + [level.words for level in self.levels]
        return f"{self.title}: {'; '.join(parts)}"


def pictures(facts: list[dict], names: Register) -> list[Picture]:
    """A chart for each figure that needs more than one number: percentages, and three readings or more. No query."""
    charts = (_picture(fact, names) for fact in facts if fact["kind"] == "figure")
    return [picture for picture in charts if picture]


def _picture(fact: dict, names: Register) -> Picture | None:
    readings = [reading for reading in fact["readings"] if reading["value"] is not None]
    # A stage of a design is no part of the works that are done.
    if fact["measure"] == Measure.DESIGN_STAGE:
        return None
    is_share = fact["measure"] in SHARES or bool(_PERCENT.match(fact["unit_en"].strip()))
    if not readings or (len(readings) < MIN_MARKS and not is_share):
        return None
    values = [Decimal(reading["value"]) for reading in readings]
    scale = Numbers.spanning([*values, Decimal(100)] if is_share else values)
    builder = _ReadingFormatter(fact, names, scale)
    title = capfirst(in_language(fact, "object", names.language) or Measure(fact["measure"]).label)
    actual = [reading for reading in readings if reading["status"] == ReadingStatus.ACTUAL]
    days = {edtf_dates.bounds(reading["as_of_edtf"])[1] for reading in actual}
    if len(actual) > 1 and len(readings) >= MIN_MARKS and None not in days and len(days) == len(actual):
        return _series(fact["key"], title, actual, [one for one in readings if one not in actual], builder)
    highest = max(readings, key=lambda reading: Decimal(reading["value"]))
    finding = builder.in_words(highest)
    if len(readings) > 1:
        finding = _("Highest: %(value)s") % {"value": finding}
    return Picture(fact["key"], title, bars=[builder.bar(reading) for reading in readings], finding=finding)


def _series(key: str, title: str, actual: list[dict], others: list[dict], builder: "_ReadingFormatter") -> Picture:
    ends = {id(reading): edtf_dates.bounds(reading["as_of_edtf"])[1] for reading in actual}
    years = [end.year for end in ends.values()]
    days = Days.of_years(min(years), max(years))
    ordered = sorted(actual, key=lambda reading: ends[id(reading)])
    return Picture(
        key,
        title,
        dots=[
            builder.dot(reading, percent(days.middle(ends[id(reading)])), labelled=len(ordered) <= MAX_READINGS)
            for reading in ordered
        ],
        levels=[builder.level(reading) for reading in others],
        ticks=days.ticks,
        height=str(HEIGHT + 2 * FIGURE_PADDING),
        zero=builder.height(Decimal(0)),
        finding=_("%(first)s, then %(last)s")
        % {"first": builder.in_words(ordered[0]), "last": builder.in_words(ordered[-1])},
    )


class _ReadingFormatter:
    """Tells and places the readings of one figure."""

    def __init__(self, fact: dict, names: Register, scale: Numbers):
        self.fact, self.names, self.scale, self.language = fact, names, scale, names.language

    def in_words(self, reading: dict) -> str:
        label = self._label(reading)
        return f"{self._value(reading)} ({label})" if label else self._value(reading)

    def bar(self, reading: dict) -> Bar:
        zero, end = self.scale.share(Decimal(0)), self.scale.share(Decimal(reading["value"]))
        return Bar(
            reading["status"],
            self._label(reading),
            self._value(reading),
            percent(min(zero, end)),
            percent(abs(end - zero)),
        )

    def dot(self, reading: dict, x: str, *, labelled: bool) -> Dot:
        value = self._value(reading)
        height = self.height(Decimal(reading["value"]))
        return Dot(f"{self._label(reading)}: {value}", value if labelled else "", x, height)

    def level(self, reading: dict) -> Level:
        return Level(
            reading["status"], f"{self._label(reading)}: {self._value(reading)}", self.height(Decimal(reading["value"]))
        )

    def height(self, value: Decimal) -> str:
        return f"{FIGURE_PADDING + HEIGHT * (1 - self.scale.share(value)):.0f}"

    def _label(self, reading: dict) -> str:
        """What distinguishes this reading: its status, day, period and places."""
        parts = []
        if reading["status"] != ReadingStatus.ACTUAL:
            parts.append(str(ReadingStatus(reading["status"]).label))
        parts.append(edtf_dates.to_text(reading["as_of_edtf"], self.language))
        parts.append(edtf_dates.to_text(reading["period_edtf"], self.language))
        parts += [self.names.title("place", key) for key in reading["places"]]
        return capfirst(", ".join(filter(None, parts)))

    def _value(self, reading: dict) -> str:
        return quantities.reading_value(reading, self.fact, self.language)
