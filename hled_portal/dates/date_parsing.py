"""Reading dates as people type them, in English or Spanish, into EDTF.

A closed reader: what it does not know it refuses, and says what it would accept.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import override

from .edtf_dates import (
    PERIODS,
    POINT,
    SHAPE,
    THIRDS,
    UnreadableDate,
    bounds,
    is_day,
    not_edtf,
    period_code,
    without_article,
)

# Winter has no word here, for it needs both years: see _WINTER.
_PERIOD_CODES = {name: code for code, row in PERIODS.items() for name in row[2].split("|") if name}
_DAY_FORMS = (
    re.compile(r"(?P<month>[a-z]+)\.? (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?:, ?| )(?P<year>[0-9]{4})"),
    re.compile(
        r"(?:el )?(?P<day>[0-9]{1,2}|primero)(?:\.?[º°]|o|ro|st|nd|rd|th)? (?:de |of )?"
        r"(?P<month>[a-z]+)\.?(?:,? | del? )(?P<year>[0-9]{4})"
    ),
)
_NAMED = re.compile(
    r"(?:at the |the |el |la |al? )?(?P<name>[a-zñáéíóú0-9 ]+?|year-end)\.?(?:,? | del? | of |[-/])(?P<year>[0-9]{4})"
)
_ORDINAL = re.compile(
    r"\b([1-4])(?:\.?[ºª°]|ero|er|era|ro|ra|do|da|to|ta|st|nd|rd|th|o|a)\.?"
    r"(?= (?:trimestre|semestre|quarter|half|mitad)\b)"
)
#: Parts of a year as a code, before or after it.
_CODE = re.compile(r"(?P<before>[0-9]{4})?[ /-]?(?P<code>[qt][1-4]|[1-4]t|[hs][12])(?:[ /-]?(?P<after>[0-9]{4}))?")
_MONTH = re.compile(r"(?P<month>0?[1-9]|1[0-2])/(?P<year>[0-9]{4})")
_WEEKDAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
    "lunes": 0, "martes": 1, "miércoles": 2, "miercoles": 2, "jueves": 3, "viernes": 4, "sábado": 5, "sabado": 5,
    "domingo": 6,
}  # fmt: skip
_WEEKDAY = re.compile(rf"(?:el |on )?(?P<weekday>{'|'.join(_WEEKDAYS)}),? (?P<date>.+)")
_WINTER = re.compile(r"(?:el )?(?:winter|invierno) (?:of |del? )?(?P<year>[0-9]{4})(?:[-/ ](?P<next>[0-9]{2,4}))?")
_ABOUT = re.compile(r"(?:about|around|approximately|circa|hacia|alrededor de|alrededor del|aproximadamente) (.+)")
_ONWARD = re.compile(r"(?:from )?(.+?),? (?:onwards?|en adelante)|a partir del? (.+)")
_BETWEEN = re.compile(r"(?:between|entre) (.+) (?:and|y) (.+)")
_TWO_DATES = re.compile(r"(?:(?:el|los)(?: d[ií]as?)? )?(.+?),? (?:and|&|y) (.+)")
_TWO_IN_A_MONTH = re.compile(
    r"([a-z]+)\.? ([0-9]{1,2})(?:st|nd|rd|th)? (?:and|&) ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})"
)
_TO = re.compile(r" (?:to|through|al?) | ?- ?")
_SAME_MONTH = re.compile(r"([a-z]+)\.? ([0-9]{1,2}) ?(?:-|to|through) ?([0-9]{1,2}),? ([0-9]{4})")
_AMBIGUOUS = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}")
_NUMBERS = re.compile(r"(?P<one>[0-9]{1,2})[/.-](?P<two>[0-9]{1,2})[/.-](?P<year>[0-9]{4})")
_RELATION = re.compile(
    r"(?:on|in|by|since|until|before|after|during|from|starting|en|para|desde|hasta|antes|después|despues|durante"
    r"|a más tardar|a mas tardar)\b.*[0-9]{4}.*"
)


@dataclass(frozen=True)
class Reading:
    """What was understood: the date, and the wording in both languages where EDTF has no notation of its own."""

    edtf: str
    wording_en: str = ""
    wording_es: str = ""


def parse_date(text: str) -> Reading:
    """Read a date as people type it in English or Spanish, or in EDTF; "" is unknown.

    A closed reader: raises UnreadableDate, with what it would accept, for all that it does not know.
    """
    typed = " ".join(re.sub("[‐‑–—]", "-", unicodedata.normalize("NFC", text)).lower().split())
    if not typed:
        return Reading("")
    edtf = _understood(_ORDINAL.sub(r"\1", typed)) if len(typed) <= 80 else ""
    if not edtf:
        raise _refusal(text, typed)
    try:
        bounds(edtf)
    except UnreadableDate as error:
        raise UnreadableDate(text, str(error)) from error
    point = SHAPE.fullmatch(edtf)["point"]
    if point == edtf != typed and period_code(point) in THIRDS:
        return Reading(edtf, without_article(edtf, "en"), without_article(edtf, "es"))
    return Reading(edtf)


def days_of_numbers(text: str) -> list[datetime.date]:
    """The days that a date such as 05/03/2024 can be, with the day first or the month first: none, one or two."""
    numbers = _NUMBERS.fullmatch(text.strip())
    if not numbers:
        return []
    found = set()
    for month, day in ((numbers["two"], numbers["one"]), (numbers["one"], numbers["two"])):
        with suppress(ValueError):
            found.add(datetime.date(int(numbers["year"]), int(month), int(day)))
    return sorted(found, reverse=True)


def day_order(texts: Iterable[str]) -> str:
    """Return "DMY" or "MDY", as the dates of a file that can be read only one way have it; "" where they do not say."""
    orders = set()
    for text in texts:
        numbers = _NUMBERS.fullmatch(text.strip())
        if numbers and len(days_of_numbers(text)) == 1 and int(numbers["one"]) != int(numbers["two"]):
            orders.add("DMY" if int(numbers["one"]) > int(numbers["two"]) else "MDY")
    return orders.pop() if len(orders) == 1 else ""


def settle_day(text: str, order: str) -> str:
    """A date such as 05/03/2024 as year-month-day, where the order is known; anything else as it is."""
    days = days_of_numbers(text) if order else []
    if len(days) < 2:
        return text
    first = int(_NUMBERS.fullmatch(text.strip())["one"])
    return next(day for day in days if (day.day if order == "DMY" else day.month) == first).isoformat()


def _understood(typed: str) -> str:
    """EDTF of the typed text, its days and order still unchecked; "" where it is not understood."""
    if weekday := _WEEKDAY.fullmatch(typed):
        day = _point(weekday["date"])
        return day if is_day(day) and _falls_on(day, weekday["weekday"]) else ""
    if SHAPE.fullmatch(typed):
        return typed
    if about := _ABOUT.fullmatch(typed):
        point = _point(about[1])
        return point and f"{point}~"
    if onward := _ONWARD.fullmatch(typed):
        point = _point(onward[1] or onward[2])
        return point and f"{point}/.."
    if edtf := _point(typed) or _interval(typed):
        return edtf
    two = _two_dates(typed)
    return two if two and _follow_each_other(two) else ""


def _falls_on(day: str, weekday: str) -> bool:
    try:
        return datetime.date.fromisoformat(day).weekday() == _WEEKDAYS[weekday]
    except ValueError:
        return True  # No day of the calendar: refused as such.


def _point(typed: str) -> str:
    if re.fullmatch(POINT, typed):
        return typed
    days = days_of_numbers(typed)
    if len(days) == 1:
        return days[0].isoformat()
    if month := _MONTH.fullmatch(typed):
        return f"{month['year']}-{int(month['month']):02}"
    if (code := _CODE.fullmatch(typed)) and bool(code["before"]) != bool(code["after"]):
        return f"{code['before'] or code['after']}-{_PERIOD_CODES[code['code']]}"
    for form in _DAY_FORMS:
        day = form.fullmatch(typed)
        if day and day["month"] in _month_numbers():
            number = 1 if day["day"] == "primero" else int(day["day"])
            return f"{day['year']}-{_month_numbers()[day['month']]:02}-{number:02}"
    if (winter := _WINTER.fullmatch(typed)) and winter["next"]:
        year = int(winter["year"])
        return f"{year}-24" if winter["next"] in (f"{year + 1}", f"{year + 1}"[2:]) else ""
    if named := _NAMED.fullmatch(typed):
        code = _month_numbers().get(named["name"]) or _PERIOD_CODES.get(named["name"])
        return f"{named['year']}-{code:02}" if code else ""
    return ""


def _interval(typed: str) -> str:
    if between := _BETWEEN.fullmatch(typed):
        return _joined(between[1], between[2])
    typed = re.sub("^(?:from|del?) ", "", typed)
    if (days := _SAME_MONTH.fullmatch(typed)) and days[1] in _month_numbers():
        return _joined(days[2], f"{days[3]} {days[1]} {days[4]}")
    splits = (_joined(typed[: to.start()], typed[to.end() :]) for to in _TO.finditer(typed))
    return next(filter(None, splits), "")


def _two_dates(typed: str) -> str:
    """The two ends of an interval that a text joins by “and”; "" where it does not."""
    if days := _TWO_IN_A_MONTH.fullmatch(typed):
        return _joined(days[2], f"{days[3]} {days[1]} {days[4]}")
    two = _TWO_DATES.fullmatch(typed)
    return _joined(re.sub("(?:st|nd|rd|th)$", "", two[1]), two[2]) if two else ""


def _follow_each_other(interval: str) -> bool:
    """Whether nothing is between the two ends, such as two days in a row."""
    first, last = interval.split("/")
    try:
        return bounds(first)[1] + datetime.timedelta(days=1) == bounds(last)[0]
    except UnreadableDate:
        return True  # No day of the calendar: refused as such.


def _joined(left: str, right: str) -> str:
    """Join two ends; the left one borrows the year, or the month and year, of a right one of the same precision."""
    end = _point(right)
    if not end:
        return ""
    if start := _point(left):
        return f"{start}/{end}"
    left = left.removeprefix("el ")
    if is_day(end) and re.fullmatch("[0-9]{1,2}", left):
        return f"{end[:7]}-{int(left):02}/{end}"
    start = _point(f"{left} {end[:4]}")
    return f"{start}/{end}" if len(start) == len(end) else ""


def ambiguous(text: str, days: list[datetime.date]) -> str:
    values = {"text": text, "one": days[0].isoformat(), "other": days[-1].isoformat()}
    return _("“%(text)s” is read differently in each country. Enter %(one)s or %(other)s.") % values


def _refusal(text: str, typed: str) -> UnreadableDate:
    if days := days_of_numbers(typed):
        return UnreadableDate(text, ambiguous(text, days))
    if _AMBIGUOUS.fullmatch(typed):
        message = _(
            "“%(text)s” means different dates in each country. Write the month as a word or the year "
            "first: April 12, 2024; 12 de abril de 2024; 2024-04-12."
        )
    elif (weekday := _WEEKDAY.fullmatch(typed)) and is_day(_point(weekday["date"])):
        message = _("“%(text)s” is another day of the week. Check the date.")
    elif _two_dates(typed):
        message = _("“%(text)s” names two dates that do not follow each other. Enter one item for each.")
    elif _WINTER.fullmatch(typed):
        message = _("“%(text)s” can mean two winters. Enter both years (winter 2024–2025) or the months.")
    elif _RELATION.fullmatch(typed):
        message = _(
            "Enter only a date. “%(text)s” contains other words. Choose on, by, since or until in the next field."
        )
    elif re.fullmatch(r"[0-9/.~?%x-]+", typed):
        return not_edtf(text)
    else:
        message = _(
            "“%(text)s” is not a date this portal can read. Examples: April 19, 2024; 19 de abril de "
            "2024; oct 2024; 2024; spring 2024; late 2023; mediados de 2024; January–May 2024; Q2 "
            "2024; first half of 2024; about October 2024."
        )
    return UnreadableDate(text, message % {"text": text})


@lru_cache
def _month_numbers() -> dict[str, int]:
    numbers = {"sept": 9, "setiembre": 9}
    for language in ("en", "es"):
        with override(language):
            numbers |= {str(name).lower(): n for names in (MONTHS, MONTHS_3) for n, name in names.items()}
    return numbers
