"""The JSON Schema of frozen contents: the file of the version, and the fields that were added to it since."""

import json
from functools import cache
from pathlib import Path

from .fields import FIELDS, Field
from .snapshot_content import SCHEMA_VERSION

_KEY = {"$ref": "#/$defs/key"}
_OR_NULL = {"type": "null"}
_SCHEMAS = {
    "date": {"$ref": "#/$defs/edtf"},
    "duration": {"$ref": "#/$defs/duration"},
    "day": {"anyOf": [{"type": "string", "format": "date"}, _OR_NULL]},
    "flag": {"type": "boolean"},
    "integer": {"anyOf": [{"type": "integer"}, _OR_NULL]},
    "number": {"anyOf": [{"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}, _OR_NULL]},
    "reference": {"anyOf": [_KEY, _OR_NULL]},
    "references": {"type": "array", "items": _KEY},
    "rows": {"type": "array", "items": {"type": "object"}},
}


@cache
def content_schema() -> dict:
    """A field added to `FIELDS` is allowed but not required: contents frozen before do not have it."""
    path = Path(__file__).parents[1] / "schema" / f"edition-{SCHEMA_VERSION}.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    for kind in schema["$defs"].keys() & FIELDS.keys():
        properties = schema["$defs"][kind]["properties"]
        for field in FIELDS[kind]:
            for name in field.names:
                properties.setdefault(name, field_schema(field))
    return schema


def field_schema(field: Field) -> dict:
    return _SCHEMAS.get(field.kind, {"type": "string"})
