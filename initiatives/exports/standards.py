"""What the files in the standards of other bodies share: identifiers, exact days, and words in both languages.

Which initiatives each file holds, what its elements say and what is left out: docs/standards.md.
"""

import datetime
import re
from collections.abc import Callable, Iterator

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.files.download_writers import printable
from hled_portal.i18n.bilingual import LANGUAGES
from initiatives.exports.tables.context import ExportContext
from initiatives.exports.tables.table import chunked
from initiatives.models import Edition
from initiatives.vocabulary.choices import MONEY, InitiativeKind, Measure, Role
from initiatives.wording.quantities import reading_line

#: No register of identifiers lists the initiatives and the bodies of the dialogue: these are the portal's own, made
#: of keys, which never change and are never used again.
PREFIX = "X-HLED"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Kinds of places whose point is where they are; that of a country or a region is no exact location.
_SPOTS = ("city", "crossing", "port_of_entry")


def identifier(key: str) -> str:
    return f"{PREFIX}-ACT-{key}"


def organization_identifier(key: str) -> str:
    return f"{PREFIX}-ORG-{key}"


def exact_day(edtf: str) -> str | None:
    """The date where it is one day; None for a month, a season, an interval, about a day, or nothing."""
    return edtf if _DAY.fullmatch(edtf) else None


def begins(day: str) -> str:
    """The instant at which a day of the record begins: its days are those of Mexico City."""
    return _instant(day, datetime.time.min)


def ends(day: str) -> str:
    return _instant(day, datetime.time(23, 59, 59))


def _instant(day: str, time: datetime.time) -> str:
    date = datetime.date.fromisoformat(day)
    return datetime.datetime.combine(date, time, timezone.get_default_timezone()).isoformat()


def both(words: Callable[[str], str]) -> dict[str, str]:
    """Words in both languages: `words` is called once in each, with its code."""
    texts = {}
    for language in LANGUAGES:
        with override(language):
            texts[language] = printable(words(language))
    return texts


def bilingual_texts(row: dict, name: str) -> dict[str, str]:
    """The texts `<name>_en` and `<name>_es` of a row."""
    return {language: printable(row[f"{name}_{language}"]) for language in LANGUAGES}


def publisher() -> dict[str, str]:
    """Who publishes: the responsible bodies where the operator names them, else the portal."""
    return both(lambda lang: settings.SITE_OWNERS or _("Portal of the U.S.-Mexico High-Level Economic Dialogue"))


# Which initiatives


def works(context: ExportContext) -> Iterator[Edition]:
    """Works at the border: the initiatives of that kind."""
    return chunked(public_works(context.at).order_by("subject_key"), context)


def public_works(at: Moment):
    return Edition.objects.public(at).initiatives().filter(kind=InitiativeKind.WORKS)


def not_works(at: Moment):
    return Edition.objects.public(at).initiatives().exclude(kind=InitiativeKind.WORKS)


def is_development(edition: Edition) -> bool:
    return edition.kind == InitiativeKind.PROGRAMME or _is_funded(edition.data)


def development(context: ExportContext) -> Iterator[Edition]:
    """Development work: programmes, and what else has a funder, a body that receives, or an amount of money.

    Works at the border are in their own standard only.
    """
    for edition in chunked(not_works(context.at).order_by("subject_key"), context):
        if is_development(edition):
            yield edition


def _is_funded(data: dict) -> bool:
    """A group without a name that something is meant for, such as investors, makes no development work of it."""
    for row in data["participations"]:
        if row["role"] == Role.FUNDER or row["role"] == Role.RECIPIENT and row["organization"]:
            return True
    return any(is_money(fact) for fact in data["facts"])


def is_money(fact: dict) -> bool:
    """Whether the fact is a figure of money for the initiative; trade between the countries is none."""
    return fact["measure"] in MONEY and fact["measure"] != Measure.TRADE


def released(edition: Edition) -> str:
    """The instant at which the edition came out."""
    return edition.release.released_at.isoformat(timespec="seconds")


# What both files say in words


def reading_lines(fact: dict, context: ExportContext) -> dict[str, str]:
    """Every reading of a figure in words, with its qualifier, unit, day and body."""
    return both(lambda lang: "; ".join(reading_line(row, fact, context.names, lang) for row in fact["readings"]))


def party_name(participation: dict, context: ExportContext) -> dict[str, str]:
    """The organization's name at the moment, or the words for an unnamed group."""
    key = participation["organization"]
    return (
        bilingual_texts(context.named("name", "organization", key), "name")
        if key
        else bilingual_texts(participation, "unnamed")
    )


def date_text(fact: dict, language: str) -> str:
    return edtf_dates.to_text(fact["date_edtf"], language, fact[f"date_wording_{language}"])


def spot(place: dict | None) -> tuple[str, str] | None:
    """Latitude and longitude of a place that is one spot."""
    if place is None or place["place_kind"] not in _SPOTS or place["latitude"] is None:
        return None
    return place["latitude"], place["longitude"]


def without_currency(fact: dict) -> dict[str, str]:
    return both(
        lambda lang: (
            _("The amount “%(figure)s” has no currency, so it is given only in words.")
            % {"figure": fact[f"object_{lang}"]}
        )
    )


def without_day(fact: dict) -> dict[str, str]:
    return both(
        lambda lang: (
            _("The date of “%(fact)s” (%(date)s) is not an exact day, so it is given only in words and in EDTF.")
            % {"fact": fact[f"object_{lang}"], "date": date_text(fact, lang)}
        )
    )
