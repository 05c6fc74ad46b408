"""The whole public record of a moment as a Data Package (datapackage.org): every table, and what describes it.

The same moment makes the same bytes, withdrawn texts apart.
"""

import datetime
import hashlib
import zipfile
from collections.abc import Generator, Iterable, Iterator

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from hled_portal.files import download_writers
from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.web import license
from initiatives.exports.tables.columns import Column
from initiatives.models import Edition
from initiatives.vocabulary.choices import SubjectKind

from . import tables
from .tables import EditionTable, ExportContext

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
PACKAGE_TITLE = _("U.S.-Mexico High-Level Economic Dialogue")
PACKAGE_TYPES = {
    "text": {"type": "string"},
    "list": {"type": "list", "delimiter": download_writers.LIST_MARK, "itemType": "string"},
    **{name: {"type": name} for name in ("number", "integer", "boolean", "date")},
}
FIRST_DAY, LAST_DAY = datetime.date(1980, 1, 1), datetime.date(2107, 12, 31)
#: How a row of any table finds its edition.
JOIN = ["subject", "key", "edition"]


class _Written:
    """What an archive is written to: it cannot be sought, and is emptied again and again."""

    def __init__(self):
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def archive(context: ExportContext) -> Iterator[bytes]:
    """The package in pieces, each made when it is read. One query for each table and chunk."""
    written, resources = _Written(), []
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        _put(package, context, "README.md", readme(context))
        yield written.take()
        for part in _parts(context):
            resources.append((yield from _write(package, written, context, *part)))
        _put(package, context, "datapackage.json", download_writers.json_text(_description(context, resources)) + "\n")
    yield written.take()


def _parts(context: ExportContext) -> Iterator[tuple[EditionTable, list[Column], Iterable[dict]]]:
    """Every table, then the markers of what was withdrawn, with its columns and its rows."""
    public = Edition.objects.public(context.at).order_by("subject_kind", "subject_key")
    for table in tables.ALL.values():
        yield table, table.all_columns, table.rows(public, context)
    withdrawn = tables.withdrawn_rows(context, tuple(SubjectKind.values))
    yield tables.MARKERS, tables.MARKERS.columns, withdrawn


def _write(
    package: zipfile.ZipFile,
    written: _Written,
    context: ExportContext,
    table: EditionTable,
    columns: list[Column],
    rows: Iterable[dict],
) -> Generator[bytes, None, dict]:
    """Write one table piece by piece; returns the description of what was written."""
    path, digest, size = f"{table.name}.csv", hashlib.sha256(), 0
    names = [column.name for column in columns]
    with package.open(_entry(path, context), "w") as file:
        for part in download_writers.csv_parts(names, rows, mark=False):
            text = part.encode()
            file.write(text)
            digest.update(text)
            size += len(text)
            yield written.take()
    return _resource(table, columns) | {"path": path, "bytes": size, "hash": f"sha256:{digest.hexdigest()}"}


def _put(package: zipfile.ZipFile, context: ExportContext, name: str, text: str) -> None:
    package.writestr(_entry(name, context), text)


def _entry(name: str, context: ExportContext) -> zipfile.ZipInfo:
    """A file of the archive, dated by the day of the record, so that the same record is the same archive.

    The format of ZIP has years from 1980 to 2107 alone.
    """
    day = min(max(context.at.day, FIRST_DAY), LAST_DAY)
    entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


# The description


def _description(context: ExportContext, resources: list[dict]) -> dict:
    return {
        "$schema": PROFILE,
        "name": "hled-record",
        "title": _in_both_languages(PACKAGE_TITLE),
        "description": _in_both_languages(license.COVERS) + "\n\n" + _in_both_languages(license.DOES_NOT_COVER),
        "homepage": context.site,
        "version": f"{context.at.day.isoformat()}.{context.at.publication}",
        "licenses": [{"name": license.NAME, "path": license.ADDRESS, "title": license.LICENSE_TITLE}],
        "as_of": context.at.day,
        "publication": context.at.publication,
        "resources": resources,
    }


def _resource(table: EditionTable, columns: list[Column]) -> dict:
    schema = {"fields": [_field(column) for column in columns], "missingValues": [""]}
    if table.identity:
        schema["primaryKey"] = list(table.identity)
    if table.name not in ("editions", tables.MARKERS.name):
        schema["foreignKeys"] = [{"fields": JOIN, "reference": {"resource": "editions", "fields": JOIN}}]
    return {
        "name": table.name,
        "type": "table",
        "title": _in_both_languages(table.title),
        "description": _in_both_languages(table.about),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(column: Column) -> dict:
    field = {"name": column.name, **PACKAGE_TYPES[column.kind], "description": _in_both_languages(column.about)}
    if column.choices:
        field["constraints"] = {"enum": [code for code in column.choices.values if code]}
        field["categories"] = [
            {"value": code, "label": _in_both_languages(label)} for code, label in column.choices.choices if code
        ]
    return field


def _in_both_languages(text) -> str:
    """A lazy text in both languages."""
    texts = []
    for language in LANGUAGES:
        with override(language):
            texts.append(str(text))
    return _both(*texts)


def _both(english: str, spanish: str) -> str:
    return english if english == spanish else f"{english} / {spanish}"


def readme(context: ExportContext) -> str:
    """What the package is and how to use it, in one language after the other."""
    values = {"context": context, "tables": [*tables.ALL.values(), tables.MARKERS], "licence": license, "join": JOIN}
    parts = []
    for language in LANGUAGES:
        with override(language):
            parts.append(render_to_string("data/readme.txt", values).strip())
    return "\n\n".join(parts) + "\n"
