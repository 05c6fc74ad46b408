"""Axes of charts: days and numbers as percentages of a width, written as SVG reads them, with ticks.

Percentages, and not user units: a chart is as wide as its reader's screen, while its marks and words keep their size.
"""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.utils.dates import MONTHS

#: An axis of years names this many at most.
YEARS = 8
#: The part of an axis that the label “Oct 2023” takes at least.
MIN_LABEL = 0.2


@dataclass(frozen=True)
class Tick:
    """A line across a chart; one without a label is a fainter one."""

    x: str
    label: str = ""


def percent(share: float) -> str:
    """Share of a width, such as “12.5%”, with a decimal point in any language."""
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


@dataclass(frozen=True)
class Days:
    """From the first to the last day, both whole."""

    first: datetime.date
    last: datetime.date

    @classmethod
    def of_years(cls, first: int, last: int) -> "Days":
        return cls(datetime.date(first, 1, 1), datetime.date(last, 12, 31))

    @classmethod
    def of_quarters(cls, first: datetime.date, last: datetime.date) -> "Days":
        """From the beginning of the quarter of the first day to the end of the quarter of the last one."""
        begin = datetime.date(first.year, first.month - (first.month - 1) % 3, 1)
        end_month = last.month + 2 - (last.month - 1) % 3
        return cls(begin, datetime.date(last.year, end_month, 30 if end_month in (6, 9) else 31))

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    def share(self, day: datetime.date, *, end: bool = False) -> float:
        """Where the day begins, or ends; what lies outside is at the edge."""
        days = (day - self.first).days + end
        return min(max(days / self.length, 0), 1)

    def middle(self, day: datetime.date) -> float:
        return (self.share(day) + self.share(day, end=True)) / 2

    def holds(self, day: datetime.date) -> bool:
        return self.first <= day <= self.last

    @property
    def ticks(self) -> list[Tick]:
        """Each axis names its year: quarters of one year; else years, and quarters between them where they fit."""
        if self.first.year == self.last.year:
            months = (datetime.date(self.first.year, month, 1) for month in range(1, 13))
            return [Tick(percent(self.share(day)), self._month_label(day)) for day in months if self.holds(day)]
        years = self.last.year - self.first.year + 1
        step = -(-years // YEARS)
        ticks = []
        for year in range(self.first.year, self.last.year + 1):
            begins = max(datetime.date(year, 1, 1), self.first)
            named = (year - self.first.year) % step == 0 and not self._is_close_to_next_year(begins)
            ticks.append(Tick(percent(self.share(begins)), self._year_label(begins) if named else ""))
            if years <= YEARS // 2:
                quarters = (datetime.date(year, month, 1) for month in (4, 7, 10))
                ticks += [Tick(percent(self.share(day))) for day in quarters if begins < day <= self.last]
        return ticks

    def _month_label(self, day: datetime.date) -> str:
        if day == self.first:
            return self._year_label(day)
        return str(MONTHS[day.month])[:3] if day.month % 3 == 1 else ""

    @staticmethod
    def _year_label(day: datetime.date) -> str:
        return str(day.year) if day.month == 1 else f"{str(MONTHS[day.month])[:3]} {day.year}"

    def _is_close_to_next_year(self, day: datetime.date) -> bool:
        """Whether the label of the first tick would cover that of the next year."""
        return day.month > 1 and self.share(datetime.date(day.year + 1, 1, 1)) < MIN_LABEL


@dataclass(frozen=True)
class Numbers:
    """From zero, or the lowest number where one is negative, to the highest."""

    low: Decimal
    high: Decimal

    @classmethod
    def spanning(cls, values: list[Decimal]) -> "Numbers":
        low, high = min(Decimal(0), *values), max(Decimal(0), *values)
        return cls(low, high if high > low else low + 1)

    def share(self, value: Decimal) -> float:
        return float((value - self.low) / (self.high - self.low))
