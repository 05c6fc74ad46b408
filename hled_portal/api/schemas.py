"""Rows of the tables that readers take away, for the API: every text in both languages, and the schema of a row."""

import copy
from collections.abc import Iterable, Iterator

from django.utils.translation import override

from hled_portal.i18n.bilingual import LANGUAGES
from initiatives.exports import tables
from initiatives.exports.tables import EditionTable, ExportContext
from initiatives.exports.tables.columns import Column
from initiatives.exports.tables.table import grounds, joins
from initiatives.models import Edition
from initiatives.record import name_lookup

JSON_SCHEMA_TYPES = {
    "text": {"type": "string"},
    "number": {"type": ["number", "null"]},
    "integer": {"type": ["integer", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "list": {"type": "array", "items": {"type": "string"}},
}


def build_rows(table: EditionTable, editions: Iterable[Edition], context: ExportContext) -> Iterator[dict]:
    """The rows of these editions. A column that a file has in the language of its address is here in both."""
    local = in_one_language(table.all_columns)
    frames = {language: _in(language, context) for language in LANGUAGES}
    for edition in editions:
        by_language = {}
        for language in LANGUAGES:
            with override(language):
                by_language[language] = list(table.make(edition, frames[language]))
        shared = joins(edition), grounds(edition, context)
        for rows in zip(*by_language.values(), strict=True):
            yield _joined(shared[0] | rows[0] | shared[1], dict(zip(by_language, rows, strict=True)), local)


def _in(language: str, context: ExportContext) -> ExportContext:
    copied = copy.copy(context)
    copied.language = language
    return copied


def _joined(row: dict, by_language: dict[str, dict], local: set[str]) -> dict:
    joined = {}
    for name, value in row.items():
        if name in local:
            joined |= {f"{name}_{language}": by_language[language][name] for language in LANGUAGES}
        else:
            joined[name] = value
    return joined


def in_one_language(columns: list[Column]) -> set[str]:
    """Names of the columns whose words are those of the address: addresses of pages, and dates in words."""
    names = {column.name for column in columns}
    return {"address"} | {name for name in names if name.removesuffix("_text") + "_edtf" in names}


def withdrawn_markers(editions: list[Edition]) -> list[dict]:
    """What stays of the withdrawn ones among these editions (`with_followed_from`): never their words."""
    withdrawn = [edition for edition in editions if edition.state == "withdrawn"]
    markers: dict[str, dict] = {}
    for language in LANGUAGES:
        with override(language):
            for marker in name_lookup.withdrawal_markers(withdrawn):
                row = markers.setdefault(
                    marker.text, {"subject": marker.kind, "key": marker.key, "edition": marker.number}
                )
                row |= {"withdrawn": True, "public_from": marker.since, "public_until": marker.until}
                words = {"by": marker.delegation, "reason": marker.reason, "words": marker.words}
                row |= {f"withdrawn_{name}_{language}": str(text) for name, text in words.items()}
    return list(markers.values())


# Schemas


def row_schema(table: EditionTable) -> dict:
    """The schema of a row, its columns described as the data dictionary does."""
    local = in_one_language(table.all_columns)
    properties = {}
    for column in table.all_columns:
        names = [f"{column.name}_{language}" for language in LANGUAGES] if column.name in local else [column.name]
        properties |= {name: describe(column) for name in names}
    return closed(properties)


def marker_schema() -> dict:
    """The schema of the marker of a withdrawn edition."""
    return closed({column.name: describe(column) for column in tables.MARKERS.columns})


def describe(column: Column) -> dict:
    schema = JSON_SCHEMA_TYPES[column.kind] | ({"description": str(column.about)} if column.about else {})
    if column.choices:
        schema["enum"] = ["", *column.choices.values]
    return schema


def closed(properties: dict, optional: tuple[str, ...] = ()) -> dict:
    """An object that has these members and no other."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
