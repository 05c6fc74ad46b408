"""Columns and values of a table of downloads, from the fields of frozen contents (`content/fields.py`)."""

import datetime
from decimal import Decimal
from functools import cache

from initiatives.content.fields import FIELDS, Field

from . import columns as c
from .context import ExportContext

_COLUMNS = {
    "pair": c.bilingual_columns,
    "date": c.date,
    "day": c.day,
    "flag": c.boolean,
    "integer": c.integer,
    "number": c.number,
    "references": c.keys_column,
}


def with_fields(kind: str, *columns: c.Column | str) -> list[c.Column]:
    """The columns in this order, where a text names a field of the kind; fields that are not named come last."""
    fields = {column_name(field): field for field in _described(kind)}
    named = {item for item in columns if isinstance(item, str)}
    items = [*columns, *(name for name in fields if name not in named)]
    return [column for item in items for column in (_columns(fields[item]) if isinstance(item, str) else [item])]


def field_values(kind: str, row: dict, frame: ExportContext) -> dict:
    """The values of the columns of the fields, from a part of a content."""
    values = {}
    for field in _described(kind):
        name = column_name(field)
        if field.kind == "pair":
            values |= {column: field.value(row, key) for column, key in zip(field.columns, field.names, strict=True)}
        elif field.kind == "date":
            values |= frame.date(name, field.value(row), row if f"{name}_wording_en" in row else None)
        else:
            values[name] = _value(field, field.value(row), frame)
    return values


def column_name(field: Field) -> str:
    """The name of the column, or what begins the names of its columns."""
    name = field.column or field.name
    return name.removesuffix("_edtf") if field.kind == "date" else name


@cache
def _described(kind: str) -> list[Field]:
    """Looking at a description translates it, which is not done again for each row."""
    return [field for field in FIELDS[kind] if field.description]


def _columns(field: Field) -> list[c.Column]:
    name = column_name(field)
    if field.kind == "choice":
        return [c.code(name, field.description, field.choices)]
    columns = _COLUMNS.get(field.kind, c.text)(name, field.description)
    return columns if isinstance(columns, list) else [columns]


def _value(field: Field, value, frame: ExportContext):
    if field.refers_to == "initiative":
        return frame.public_initiative(value)
    if field.kind == "reference":
        return value or ""
    if field.kind == "day":
        return datetime.date.fromisoformat(value) if value else None
    if field.kind == "number":
        return None if value is None else Decimal(value)
    return value
