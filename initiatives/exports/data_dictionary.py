"""The data dictionary: every column of every table, in both languages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from hled_portal.i18n.bilingual import LANGUAGES
from initiatives.exports.tables.columns import Column

from .tables import ExportTable

TYPE_LABELS = {
    "text": _("text"),
    "number": _("number"),
    "integer": _("whole number"),
    "boolean": _("true or false"),
    "date": _("date (ISO 8601)"),
    "list": _("list, separated by |"),
}
DICTIONARY_COLUMNS = ["table", "column", "type", "description_en", "description_es", "values_en", "values_es"]


def rows(tables: Iterable[ExportTable]) -> Iterator[dict]:
    """The dictionary as a table of its own, with the columns of `DICTIONARY_COLUMNS`."""
    for table in tables:
        for column in table.file_columns:
            row = {"table": table.name, "column": column.name, "type": column.kind}
            for language in LANGUAGES:
                with override(language):
                    row[f"description_{language}"] = str(column.about)
                    row[f"values_{language}"] = values(column)
            yield row


@dataclass(frozen=True)
class DictionaryLine:
    """A column as a page shows it, in the reader's language."""

    name: str
    type: str
    about: str
    values: list[str]


def describe_columns(columns: Iterable[Column]) -> list[DictionaryLine]:
    return [
        DictionaryLine(column.name, TYPE_LABELS[column.kind], str(column.about), values(column)) for column in columns
    ]


def values(column: Column) -> list[str]:
    """The codes of a closed list with their words, in the active language."""
    return [f"{code}: {label}" for code, label in column.choices.choices] if column.choices else []
