"""Periods that a text gives relative to its own day, told from that day: "in the months after May 2025"."""

import re

from hled_portal.dates.edtf_dates import bounds, duration_to_text, is_day, phrase, to_text

from .names import Names

_UNITS = {"en": "days|weeks|months|years", "es": "días|semanas|meses|años"}
_RELATIVE = {
    "en": re.compile(
        rf"(?:over |during |in |within )?(?:the )?(?P<which>next|coming|following|last|past|previous)"
        rf"(?P<many>(?: \w+)?) (?P<unit>{_UNITS['en']})",
        re.IGNORECASE,
    ),
    "es": re.compile(
        rf"(?:en |durante )?(?:l[oa]s )?(?P<which>próxim|siguiente|últim|pasad)[oa]?s(?P<many>(?: \w+)?) "
        rf"(?P<unit>{_UNITS['es']})",
        re.IGNORECASE,
    ),
}
_BACKWARD = ("last", "past", "previous", "últim", "pasad")


def text_day(fact: dict, names: Names) -> str:
    """The date of the newest dated source that the fact cites, as EDTF; "" where none is known."""
    rows = [*(fact.get("citations") or [])]
    rows += [row for reading in fact.get("readings") or [] for row in reading.get("citations") or []]
    dates = {names.contents.get(("source", row["source"]), {}).get("date_edtf") or "" for row in rows}
    return max((date for date in dates if bounds(date)[1]), key=lambda date: bounds(date)[1], default="")


def is_past(text: str, names: Names) -> bool:
    """Whether the day of a text is over on the day of the reader."""
    return bool(text and names.read_on and bounds(text)[1] < names.read_on)


def anchor(text: str, language: str) -> str:
    """ "In April 2024", for what a text of that month expected."""
    return phrase(text[:7] if is_day(text) else text, "on", language)


def relative(wording: str, text: str, language: str, is_anchored: bool = False) -> str:
    """A wording such as "the next few months", from the day of the text; "" where it is no such wording.

    `is_anchored`: the sentence begins with that day already.
    """
    match = _RELATIVE[language].fullmatch(wording.strip())
    if not match or not text:
        return ""
    day = to_text(text if match["unit"].lower() in ("days", "weeks", "días", "semanas") else text[:7], language)
    backward, many = match["which"].lower() in _BACKWARD, "" if match["many"] == " few" else match["many"]
    if language == "en":
        if is_anchored:
            return f"in the {'previous' if backward else 'following'}{many} {match['unit']}"
        return f"in the{many} {match['unit']} {'before' if backward else 'after'} {day}"
    feminine = match["unit"].lower() == "semanas"
    which = "previ" if backward else "posterior"
    ending = "es" if not backward else "as" if feminine else "os"
    words = f"en l{'a' if feminine else 'o'}s{many} {match['unit']} "
    return words + (f"{'anteriores' if backward else 'siguientes'}" if is_anchored else f"{which}{ending} a {day}")


def before(duration: str, end: str, language: str) -> str:
    """A duration that ends with an open start: "in the 2 years before April 2024"."""
    length, day = duration_to_text(duration, language), to_text(end[:7], language)
    if language == "en":
        return f"in the {length} before {day}"
    plural, feminine = not length.startswith("1 "), "semana" in length.split()[1]
    article = {"11": "las", "10": "la", "01": "los", "00": "el"}[f"{feminine:d}{plural:d}"]
    return f"en {article} {length} previ{'a' if feminine else 'o'}{'s' if plural else ''} a {day}"
