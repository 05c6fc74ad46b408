"""Dates with precision: EDTF (ISO 8601-2) read, bounded and put into words in both languages.

Supported: day, month, year, season (21-24), quarter (33-36), third (37-39) and half (40-41) of a year, each of the
first three with `~` (about); the interval `2024-01/2024-05`, the open end `2024-03/..`, and the open start
`../2024-04-19` (done, day unknown, on that day at the latest). Years 1800 to 2199. "" is an unknown date.
"""

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import override

POINT = r"(?:18|19|20|21)[0-9]{2}(?:-[0-9]{2}(?:-[0-9]{2})?)?"
SHAPE = re.compile(rf"(?P<point>{POINT})(?P<about>~?)|(?P<start>{POINT}|\.\.)/(?P<end>{POINT}|\.\.)")

# Neither ISO 8601-2 nor the texts say when a season begins. The bounds are the widest that the usages of both countries
# give (meteorological from the 1st of March, astronomical to about the 21st of June, by quarters to the 30th), so that
# nothing is called past its date while one reading of it still runs. Winter is the one that begins in its year: the
# edtf library gives it that December alone.
_SEASONS = {21: ((3, 1), (6, 30)), 22: ((6, 1), (9, 30)), 23: ((9, 1), (12, 31)), 24: ((12, 1), (3, 31))}

#: English, Spanish, and what people type without the year, ordinals as numbers (`date_parsing`).
PERIODS = {
    21: ("spring {y}", "primavera de {y}", "spring|primavera"),
    22: ("summer {y}", "verano de {y}", "summer|verano"),
    23: ("fall {y}", "otoño de {y}", "fall|autumn|otoño|otono"),
    24: ("winter {y}–{next}", "invierno de {y}-{next}", ""),
    33: (
        "first quarter of {y}",
        "primer trimestre de {y}",
        "q1|t1|1t|first quarter|1 quarter|primer trimestre|1 trimestre",
    ),
    34: (
        "second quarter of {y}",
        "segundo trimestre de {y}",
        "q2|t2|2t|second quarter|2 quarter|segundo trimestre|2 trimestre",
    ),
    35: (
        "third quarter of {y}",
        "tercer trimestre de {y}",
        "q3|t3|3t|third quarter|3 quarter|tercer trimestre|3 trimestre",
    ),
    36: (
        "fourth quarter of {y}",
        "cuarto trimestre de {y}",
        "q4|t4|4t|fourth quarter|last quarter|4 quarter|cuarto trimestre|último trimestre|4 trimestre",
    ),
    37: ("early {y}", "principios de {y}", "early|beginning|start|principios|principio|inicios|inicio|comienzos"),
    38: ("mid-{y}", "mediados de {y}", "mid|mediados"),
    39: ("late {y}", "finales de {y}", "late|end|year-end|finales|fines|final|fin|cierre"),
    40: (
        "first half of {y}",
        "primer semestre de {y}",
        "h1|s1|first half|1 half|primer semestre|primera mitad|1 semestre|1 mitad",
    ),
    41: (
        "second half of {y}",
        "segundo semestre de {y}",
        "h2|s2|second half|2 half|segundo semestre|segunda mitad|2 semestre|2 mitad",
    ),
}
THIRDS = (37, 38, 39)

_DURATION = re.compile(r"P(?:(?P<W>[0-9]{1,4})W|(?:(?P<Y>[0-9]{1,4})Y)?(?:(?P<M>[0-9]{1,4})M)?(?:(?P<D>[0-9]{1,4})D)?)")
_UNITS = {
    "en": {"Y": ("year", "years"), "M": ("month", "months"), "W": ("week", "weeks"), "D": ("day", "days")},
    "es": {"Y": ("año", "años"), "M": ("mes", "meses"), "W": ("semana", "semanas"), "D": ("día", "días")},
}
_RELATIONS = {
    "en": {"by": "by", "since": "since", "until": "until"},
    "es": {"by": "para", "since": "desde", "until": "hasta"},
}
_DURING = {"en": "during", "es": "durante"}


class UnreadableDate(ValueError):
    """A date that is not read. `text` is what was given; the message is for people, in their language."""

    def __init__(self, text: str, message: str):
        super().__init__(message)
        self.text = text


# Bounds


@lru_cache(maxsize=4096)
def bounds(edtf: str) -> tuple[date | None, date | None]:
    """Return the earliest and the latest day of a date, None for an open or unknown one.

    Raises UnreadableDate for what is not EDTF, what this module does not support, and what the edtf library accepts but
    misreads: `2025/` (ten years invented), `2023-02-29`, an interval that ends before it begins. Source: ISO 8601-2.
    """
    if not edtf:
        return None, None
    shape = SHAPE.fullmatch(edtf)
    if not shape or edtf == "../..":
        raise not_edtf(edtf)
    try:
        if _names_period(shape):
            _parse(edtf)
        if shape["point"]:
            return _span(shape["point"])
        start, end = _span(shape["start"]), _span(shape["end"])
    except ValueError as error:
        raise not_edtf(edtf) from error
    if None not in start + end and (end[0] < start[0] or end[1] <= start[1]):
        raise UnreadableDate(edtf, _("“%(text)s” ends before it begins.") % {"text": edtf})
    return start[0], end[1]


def _names_period(shape: re.Match) -> bool:
    """Whether a season or another part of a year is in it, of which the library knows the codes."""
    return any(period_code(end) > 12 for end in shape.group("point", "start", "end") if end)


def _parse(edtf: str):
    """By the library, which is imported where a date is read: it builds its grammar then."""
    from edtf import parse_edtf
    from edtf.parser.edtf_exceptions import EDTFParseException

    try:
        return parse_edtf(edtf)
    except EDTFParseException as error:
        raise ValueError(edtf) from error


def _span(point: str) -> tuple[date | None, date | None]:
    if point == "..":
        return None, None
    year, code = _year(point), period_code(point)
    if code in _SEASONS:
        first, last = _SEASONS[code]
        return date(year, *first), date(year + (code == 24), *last)
    if code < 13:
        return _calendar_days(point)
    if code < 33:  # 25-32: seasons by hemisphere, which the library bounds wrongly
        raise ValueError(point)
    parsed = _parse(point)
    return date(*parsed.lower_strict()[:3]), date(*parsed.upper_strict()[:3])


def _calendar_days(point: str) -> tuple[date, date]:
    """Of a year, month or day, without the library, which takes 8 ms for each and 0.2 s to be imported."""
    year = _year(point)
    if len(point) == 4:
        return date(year, 1, 1), date(year, 12, 31)
    month = int(point[5:7])
    if len(point) == 7:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    day = date(year, month, int(point[8:]))
    return day, day


def _year(point: str) -> int:
    return int(point[:4])


def period_code(point: str) -> int:
    """Month, or the code of a season, quarter, third or half; 0 for a year."""
    return int(point[5:7] or 0)


def is_day(edtf: str) -> bool:
    """Whether the date is one exact day; `../2024-05` is as long as a day and is none."""
    return len(edtf) == 10 and "/" not in edtf


def not_edtf(text: str) -> UnreadableDate:
    message = _(
        "“%(text)s” is not in a date format this portal accepts. Examples: 2024-04-19, 2024-04, "
        "2024, 2024-21 (spring), 2024-34 (second quarter), 2024-39 (late in the year), 2024-10~ "
        "(about), 2024-01/2024-05, 2024-03/.. (onward)."
    )
    return UnreadableDate(text, message % {"text": text})


def days_slipped(old: str, new: str) -> tuple[int, bool] | None:
    """Return the days from the latest day of `old` to that of `new` (negative: earlier), and whether both are exact.

    None where one of them has no latest day. Raises UnreadableDate.
    """
    before, after = bounds(old)[1], bounds(new)[1]
    if before is None or after is None:
        return None
    return (after - before).days, is_day(old) and is_day(new)


def is_narrowed(old: str, new: str) -> bool:
    """Whether `new` lies within the days of `old` and ends before them: it is more precise, not earlier."""
    (first, last), (new_first, new_last) = bounds(old), bounds(new)
    return None not in (first, last, new_first, new_last) and first <= new_first and new_last < last


def validate_edtf(value: str) -> None:
    """Django validator of a stored date."""
    try:
        bounds(value)
    except UnreadableDate as error:
        raise ValidationError(str(error), code="unreadable_date") from error


def validate_duration(value: str) -> None:
    """Django validator of a duration: ISO 8601 in years, months and days, or in weeks (P5Y, P1Y6M, P12W, P2D)."""
    if not _amounts(value):
        message = _(
            "“%(text)s” is not a duration. Examples: P2D (2 days), P12W (12 weeks), P3M (3 months), P5Y (5 years)."
        )
        raise ValidationError(message, code="unreadable_duration", params={"text": value})


# Words


@lru_cache
def month_names(language: str) -> tuple[str, ...]:
    """Full names from Django's own catalogue: `es` is in lower case, as in Mexico; its `es-mx` is not."""
    with override(language):
        return "", *(str(name) for name in MONTHS.values())


def without_article(point: str, language: str) -> str:
    """The words without article: "16 de octubre de 2023", "primavera de 2024"."""
    spanish, year, code = language == "es", _year(point), period_code(point)
    if not code:
        return str(year)
    if code > 12:
        return PERIODS[code][spanish].format(y=year, next=year + 1)
    month, day = month_names(language)[code], point[8:].lstrip("0")
    if spanish:
        return f"{day} de {month} de {year}" if day else f"{month} de {year}"
    return f"{month} {day}, {year}" if day else f"{month} {year}"


def _noun(point: str, language: str) -> str:
    """The words with their article, as they stand after a preposition."""
    code, words = period_code(point), without_article(point, language)
    if language == "en":
        return f"the {words}" if code > 24 and code not in THIRDS else words
    if code == 21:
        return f"la {words}"
    return f"el {words}" if is_day(point) or (code > 21 and code not in THIRDS) else words


def _at(point: str, noun: str, language: str) -> str:
    """The noun with the preposition of what happens on or in it."""
    if language == "en":
        return f"on {noun}" if is_day(point) else f"in {noun}"
    if is_day(point):
        return noun
    return f"a {noun}" if re.match("principios|inicios|mediados|finales|fines", noun) else f"en {noun}"


def _contracted(spanish: str) -> str:
    return re.sub(r"\b(de|a) el ", lambda found: {"de": "del ", "a": "al "}[found[1]], spanish)


def _ends(start: str, end: str, language: str) -> tuple[str, str]:
    """Both ends as nouns; a year or month that they share is said once."""
    left, right = _noun(start, language), _noun(end, language)
    if len(start) == len(end) and start[:4] == end[:4] and 0 < max(period_code(start), period_code(end)) < 13:
        left = re.sub("(,| de) [0-9]{4}$| [0-9]{4}$", "", left)
        if start[:7] == end[:7] and language == "es":
            left = " ".join(left.split()[:2])
        elif start[:7] == end[:7]:
            right = right.split(maxsplit=1)[1]
    return left, right


def _interval_to_text(start: str, end: str, language: str) -> str:
    left, right = _ends(start, end, language)
    if language == "es":
        return _contracted(f"{re.sub('^(el|la) ', '', left)} a {right}")
    short = len(start) == len(end) and (left.isalpha() or right[0].isdigit())
    return f"{left}–{right}" if short else f"{left} to {right}"


def to_text(edtf: str, language: str, wording: str = "") -> str:
    """Put a date into words of `language` (`en` or `es`); a `wording` given for that language is what the text said.

    "" for an unknown date without wording. Raises UnreadableDate.
    """
    bounds(edtf)
    if wording or not edtf:
        return wording
    spanish, shape = language == "es", SHAPE.fullmatch(edtf)
    if shape["about"]:
        return f"hacia {_noun(shape['point'], 'es')}" if spanish else f"about {_noun(shape['point'], 'en')}"
    if shape["point"]:
        return without_article(edtf, language)
    start, end = shape["start"], shape["end"]
    if start == "..":
        noun = _noun(end, language)
        return (
            f"a más tardar {_at(end, noun, 'es')} (no se indica el día)" if spanish else f"by {noun} (day not stated)"
        )
    if end == "..":
        noun = _noun(start, language)
        return _contracted(f"a partir de {noun}") if spanish else f"{noun} onward"
    return _interval_to_text(start, end, language)


def phrase(edtf: str, relation: str, language: str, wording: str = "") -> str:
    """Put a date into a sentence: with the preposition and article that the relation (on, by, since, until) asks.

    "" relation gives the words alone. An open start is told without a date: "". Of an interval, `since` tells the
    first end, `by` and `until` the last. Raises UnreadableDate.
    """
    words = to_text(edtf, language, wording)
    if not words or edtf.startswith("../"):
        return ""
    if not relation:
        return words
    if relation == "on" or (edtf.endswith("/..") and relation != "since"):
        return _when(edtf, words, language, wording)
    if not wording:
        shape = SHAPE.fullmatch(edtf)
        about = {"en": "about ", "es": "aproximadamente "}[language] if shape["about"] else ""
        words = about + _noun(shape["point"] or shape["start" if relation == "since" else "end"], language)
    return f"{_RELATIONS[language][relation]} {words}"


def _when(edtf: str, words: str, language: str, wording: str) -> str:
    """`words` with the preposition of what happens in that time."""
    shape = SHAPE.fullmatch(edtf)
    if wording:
        third = shape and shape["point"] and period_code(edtf) in THIRDS
        return _at(edtf, wording, language) if third else f"{_DURING[language]} {wording}"
    if shape["about"]:
        return words
    if shape["point"]:
        return _at(edtf, _noun(edtf, language), language)
    start, end = shape["start"], shape["end"]
    if end == "..":
        return words if language == "es" else f"from {words}"
    left, right = _ends(start, end, language)
    if not (is_day(start) or is_day(end)):
        return f"entre {left} y {right}" if language == "es" else f"between {left} and {right}"
    if language == "es":
        return _contracted(f"de {left} a {right}")
    return f"on {words}" if "–" in words else f"from {words}"


# Durations


def _amounts(duration: str) -> dict[str, int]:
    """Amounts by unit (Y, M, W, D), without zeros; empty where it is not a duration. isodate turns weeks into days."""
    found = _DURATION.fullmatch(duration)
    return {unit: int(found[unit]) for unit in "YMWD" if int(found[unit] or 0)} if found else {}


def duration_to_text(duration: str, language: str) -> str:
    """Put an ISO 8601 duration into words of `language`: "12 weeks", "1 año y 6 meses"; "" for none.

    Raises UnreadableDate. A duration is never turned into an end date.
    """
    if not duration:
        return ""
    amounts = _amounts(duration)
    if not amounts:
        raise UnreadableDate(duration, _("“%(text)s” is not a duration.") % {"text": duration})
    *most, last = (f"{n} {_UNITS[language][unit][n != 1]}" for unit, n in amounts.items())
    return (", ".join(most) + (" y " if language == "es" else " and ") if most else "") + last
