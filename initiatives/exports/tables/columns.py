"""Columns of the tables that readers take away: a name that is the same in both languages, and what it holds.

`about` is lazy: the data dictionary shows it in each language.
"""

from dataclasses import dataclass

from django.db.models import Choices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import LANGUAGES


class Members:
    """Some members of a closed list, as the choices of a column."""

    def __init__(self, *members: Choices):
        self.values = [member.value for member in members]
        self.choices = [(member.value, member.label) for member in members]


@dataclass(frozen=True)
class Column:
    """`kind`: text, number, integer, boolean, date or list. `choices`: the closed list whose codes it holds."""

    name: str
    kind: str
    about: object
    choices: type[Choices] | Members | None = None


_IN = {"en": _("in English"), "es": _("in Spanish")}


def text(name: str, about) -> Column:
    return Column(name, "text", about)


def code(name: str, about, choices) -> Column:
    """One of the codes of a closed list; the data dictionary gives their words."""
    return Column(name, "text", about, choices)


def number(name: str, about) -> Column:
    return Column(name, "number", about)


def integer(name: str, about) -> Column:
    return Column(name, "integer", about)


def boolean(name: str, about) -> Column:
    return Column(name, "boolean", about)


def day(name: str, about) -> Column:
    return Column(name, "date", about)


def keys_column(name: str, about) -> Column:
    return Column(name, "list", about)


def bilingual_columns(name: str, about, kind: str = "text") -> list[Column]:
    """One text in both languages."""
    return [Column(f"{name}_{language}", kind, format_lazy("{} ({})", about, _IN[language])) for language in LANGUAGES]


def date(name: str, about) -> list[Column]:
    """A date of any precision: in words, in EDTF, and the days between which it lies."""
    return [
        text(f"{name}_text", format_lazy("{}: {}", about, _("in words, in the language of the web address"))),
        text(f"{name}_edtf", format_lazy("{}: {}", about, _("in EDTF (ISO 8601-2)"))),
        day(f"{name}_earliest", format_lazy("{}: {}", about, _("earliest date"))),
        day(f"{name}_latest", format_lazy("{}: {}", about, _("latest date"))),
    ]


def places() -> list[Column]:
    return [
        keys_column("places", _("keys of the places where it is")),
        *bilingual_columns("place_names", _("names of the places"), "list"),
    ]
