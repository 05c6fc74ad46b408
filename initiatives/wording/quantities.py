"""Amounts and readings in words: value, qualifier, unit, currency, period and the body that reported them.

Values are decimals as strings, as in frozen contents; None is unknown. A billion is 10^9: in Spanish it is
"mil millones", because "billón" is 10^12 and "millardo" is not used in Mexico.
"""

import re
from decimal import Decimal

from babel.numbers import format_decimal

from hled_portal.dates.edtf_dates import duration_to_text, phrase, to_text
from hled_portal.i18n.bilingual import in_language

from .grammar import mentions, singular, tidy
from .names import Names

_LOCALES = {"en": "en_US", "es": "es_MX"}
_SCALES = {
    "en": ((Decimal(10**12), "trillion"), (Decimal(10**9), "billion"), (Decimal(10**6), "million")),
    "es": ((Decimal(10**9), "mil millones"), (Decimal(10**6), "millones")),
}
_QUALIFIERS = {
    "en": {
        "about": "about {}",
        "over": "over {}",
        "at_least": "at least {}",
        "almost": "almost {}",
        "up_to": "up to {}",
        "initial": "{} initially",
    },
    "es": {
        "about": "alrededor de {}",
        "over": "más de {}",
        "at_least": "al menos {}",
        "almost": "casi {}",
        "up_to": "hasta {}",
        "initial": "inicialmente {}",
    },
}
_MONEY = ("trade", "committed", "mobilized", "announced", "target")
_PERCENT = ("physical_progress", "design_stage")
_CURRENCIES = {
    "en": {"USD": "United States dollars", "MXN": "Mexican pesos", "CAD": "Canadian dollars"},
    "es": {"USD": "dólares estadounidenses", "MXN": "pesos mexicanos", "CAD": "dólares canadienses"},
}
_CURRENCY_WORD = re.compile(r"\b(dollars?|dólar(es)?|pesos?)\b", re.IGNORECASE)
_PERCENT_WORD = re.compile(r"(%|per ?cent\b|por ciento\b)\s*", re.IGNORECASE)
_NO_CURRENCY = {"en": "the text does not name the currency", "es": "el texto no indica la moneda"}
_UNKNOWN = {"en": "not stated", "es": "no se indica"}
_ABOVE = {"en": "above the level of {}", "es": "por encima del nivel de {}"}
_RANGE = {"en": "{} to {}", "es": "{} a {}"}
_OUT_OF = {"en": "{} of {}", "es": "{} de {}"}
_PER = {
    "en": {"P1D": "a day", "P1W": "a week", "P1M": "a month", "P3M": "a quarter", "P1Y": "a year"},
    "es": {"P1D": "al día", "P1W": "a la semana", "P1M": "al mes", "P3M": "al trimestre", "P1Y": "al año"},
}
_PAID_BY = {"en": "paid by {}", "es": "a cargo de {}"}
_STATUS = {"en": {"baseline": "Baseline", "target": "Target"}, "es": {"baseline": "Línea base", "target": "Meta"}}
_INFERRED = {"en": "inferred date", "es": "fecha inferida"}
# "over 2 years" would also read "more than 2 years".
_DURING = {"en": "over a period of", "es": "durante"}


def number(value: str | Decimal, language: str) -> str:
    """A number in words of the language: "5,106", "17.5 million", "799 mil millones". It is never rounded."""
    exact = Decimal(value)
    for scale, word in _SCALES[language]:
        scaled = exact / scale
        # Spanish has no word for 1.5 thousand million: that is 1,500 million.
        places = 0 if word == "mil millones" else 2
        if abs(scaled) >= 1 and scaled == round(scaled, places):
            if language == "es" and abs(scaled) == 1:
                word = {"millones": "millón"}.get(word, word)
            return f"{_digits(scaled, language)} {word}"
    return _digits(exact, language)


def _digits(value: Decimal, language: str) -> str:
    return format_decimal(value.normalize(), locale=_LOCALES[language], decimal_quantization=False)


def reading_value(reading: dict, fact: dict, language: str) -> str:
    """The value of a reading: one number, a range, a part of a whole, or how many in each period."""
    value, qualifier = reading.get("value"), reading.get("qualifier") or ""
    if value is None:
        level = _level(fact, language) if qualifier in _ABOVE_QUALIFIERS else ""
        return tidy(_ABOVE[language].format(level), language) if level else _UNKNOWN[language]
    lead = ""
    if (upper := reading.get("value_to")) is not None:
        lead = _RANGE[language].format(number(value, language), "{}")
    elif (upper := reading.get("out_of")) is not None:
        lead = _OUT_OF[language].format(number(value, language), "{}")
    unit = in_language(fact, "unit", language)
    measure, currency = fact.get("measure") or "", fact.get("currency") or ""
    words = amount(upper if lead else value, unit, measure, currency, "", language)
    words = lead.format(words) if lead else words
    if qualifier in _QUALIFIERS[language]:
        words = _QUALIFIERS[language][qualifier].format(words)
    elif language == "es" and reading.get("value_to") is not None:
        words = f"de {words}"
    every = reading.get("every") or ""
    if not every:
        return words
    each = {"en": "every", "es": "cada"}[language]
    return f"{words} {_PER[language].get(every) or f'{each} {duration_to_text(every, language)}'}"


_ABOVE_QUALIFIERS = ("over", "at_least")


def _level(fact: dict, language: str) -> str:
    """The period of the baseline, with which a value that is not stated is compared."""
    baselines = (reading for reading in fact.get("readings") or [] if reading.get("status") == "baseline")
    dates = (reading.get("period_edtf") or reading.get("as_of_edtf") or "" for reading in baselines)
    return to_text(next(filter(None, dates), ""), language)


def paid_by(reading: dict, names: Names, language: str) -> str:
    """Who pays this share: "paid by USAID"; "" where nobody is named."""
    key = reading.get("paid_by")
    return _PAID_BY[language].format(names.running(key, language)) if key else ""


def amount(value: str | Decimal | None, unit: str, measure: str, currency: str, qualifier: str, language: str) -> str:
    """Put an amount into words; `unit` is in that language. "$" is never used: each country reads it as its own."""
    if value is None or value == "":
        return _UNKNOWN[language]
    unit_words = _unit(unit, measure, currency, language)
    if Decimal(value) == 1 and not _PERCENT_WORD.match(unit_words):
        unit_words = singular(unit_words, language)
    words = _measured(number(value, language), unit_words, language)
    words = _QUALIFIERS[language].get(qualifier, "{}").format(words)
    if measure in _MONEY and not currency and not _CURRENCY_WORD.search(unit):
        return f"{words} ({_NO_CURRENCY[language]})"
    return words


def without_repeated_unit(fact: dict, object_: str, language: str) -> dict:
    """The figure without a unit that its object names already: "Students enrolled: 5,106"."""
    unit = in_language(fact, "unit", language)
    is_named = fact["measure"] == "count" and unit and mentions(object_, unit)
    return fact | {"unit_en": "", "unit_es": ""} if is_named else fact


def _unit(unit: str, measure: str, currency: str, language: str) -> str:
    unit = unit.strip()
    if not unit and measure in _PERCENT:
        return "%"
    name = _CURRENCIES[language].get(currency, currency)
    if not name:
        return unit
    return _CURRENCY_WORD.sub(name, unit, count=1) if _CURRENCY_WORD.search(unit) else f"{name} {unit}".strip()


def is_percentage(measure: str, unit: str) -> bool:
    """Whether the values of a figure are percentages."""
    return bool(_PERCENT_WORD.match(unit.strip())) or (not unit.strip() and measure in _PERCENT)


def _measured(digits: str, unit: str, language: str) -> str:
    if percent := _PERCENT_WORD.match(unit):
        return f"{digits}% {unit[percent.end() :]}".strip()
    if unit and language == "es" and re.search("mill(ón|ones)$", digits) and not re.match("(de|en|por|para) ", unit):
        return f"{digits} de {unit}"
    return f"{digits} {unit}".strip()


def as_of_text(edtf: str, language: str) -> str:
    """The day of a reading: "as of April 19, 2024", "al 19 de abril de 2024", "a diciembre de 2023"; "" for none."""
    words = to_text(edtf, language)
    if not words:
        return ""
    if language == "en":
        return f"as of the {words}" if re.match("first|second|third|fourth", words) else f"as of {words}"
    if "/" in edtf or "~" in edtf:
        return f"con datos: {words}"
    if words.startswith("primavera"):
        return f"a la {words}"
    takes_article = re.match(r"\d+ de |verano|otoño|invierno|primer|segundo|tercer|cuarto", words)
    return f"{'al' if takes_article else 'a'} {words}"


def reading_line(reading: dict, fact: dict, names: Names, language: str, in_sentence: bool = False) -> str:
    """One reading of a figure: "Target: 10 million (…) over a period of 3 years (USAID, as of April 19, 2024)".

    Frozen contents of the reading and of its figure. In a list the status comes first and an inferred date is
    marked; `in_sentence` moves the status into the brackets and omits the mark.
    """
    parts = [reading_value(reading, fact, language), _span(reading, language, not in_sentence)]
    parts.append(names.located(reading.get("places") or [], language, in_language(fact, "object", language)))
    parts.append(paid_by(reading, names, language))
    status = _STATUS[language].get(reading.get("status"), "")
    parts.append(_brackets(reading, names, language, in_sentence))
    line = tidy(" ".join(parts), language)
    return f"{status}: {line}" if status and not in_sentence else line


def _span(reading: dict, language: str, mark_inferred: bool) -> str:
    """The time that a reading covers: its duration, its period, or both."""
    parts = []
    if reading.get("duration"):
        parts.append(f"{_DURING[language]} {duration_to_text(reading['duration'], language)}")
    if period := phrase(reading.get("period_edtf") or "", "on", language):
        inferred = mark_inferred and reading.get("period_inferred")
        parts.append(f"{period} ({_INFERRED[language]})" if inferred else period)
    return ", ".join(parts)


def _brackets(reading: dict, names: Names, language: str, in_sentence: bool) -> str:
    """Status in a sentence, the body that reported, and the day."""
    body, day = reading.get("reporting_body"), as_of_text(reading.get("as_of_edtf") or "", language)
    status = _STATUS[language].get(reading.get("status"), "").lower() if in_sentence else ""
    parts = [status, names.label(body, language) if body else "", day]
    if day and not in_sentence and reading.get("as_of_inferred"):
        parts.append(_INFERRED[language])
    text = ", ".join(filter(None, parts))
    return f"({text})" if text else ""
