"""Files that readers take away: CSV, JSON and XLSX written row by row, so that no download fills the memory.

A row is a dictionary of column names; a value is text, a whole number, a Decimal, True or False, a date, a list of
texts or None. Texts that a spreadsheet would read as a formula are made harmless; numbers never are: -3 is no formula.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import get_language, override

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ics": "text/calendar; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "zip": "application/zip",
}
#: What a program reads from its address; the rest is saved as a file.
INLINE_FORMATS = ("json", "geojson", "atom")
#: Parts a list in one cell, as in the files that delegations load.
LIST_MARK = "|"

# Excel, LibreOffice and Google Sheets take these for the beginning of a formula, wide forms and all; a space before
# them does not help. tablib and django-import-export know "=" alone.
_FORMULA = re.compile(r" *[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001
_BEFORE_FORMULA = frozenset(" =+-@\t\r\n＝＋－＠")  # noqa: RUF001
# What XML 1.0 cannot hold.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CHUNK = 64 * 1024


def harmless(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would run it as a formula."""
    return f"'{text}" if text[:1] in _BEFORE_FORMULA and _FORMULA.match(text) else text


def printable(text: str) -> str:
    """The text with a mark in place of each character that XML cannot hold."""
    return text if text.isprintable() else _UNPRINTABLE.sub("\ufffd", text)


# CSV


def csv_parts(names: list[str], rows: Iterable[dict], *, mark: bool = True) -> Iterator[str]:
    """A CSV in pieces of about 64 KB; with a byte-order `mark`, without which Excel breaks accents."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff" if mark else "")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_csv_cell(row[name]) for name in names])
        if buffer.tell() > _CHUNK:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _csv_cell(value) -> str:
    if isinstance(value, str):
        return harmless(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return harmless(LIST_MARK.join(value))
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


# JSON


def json_parts(head: dict, name: str, rows: Iterable[dict]) -> Iterator[str]:
    """An object with the members of `head`, then the rows as the list `name`, then how many they are."""
    opening = "".join(f"{json_text(key)}:{json_text(value)},\n" for key, value in head.items())
    pieces, count = [f"{{{opening}{json_text(name)}:["], 0
    for count, row in enumerate(rows, 1):
        pieces.append("\n" if count == 1 else ",\n")
        pieces.append(json_text(row))
        if count % 100 == 0:
            yield "".join(pieces)
            pieces.clear()
    yield "".join(pieces) + f'\n],\n"count":{count}}}\n'


def json_text(value) -> str:
    """As `json.dumps`, a Decimal being the number that it is and never a float of about that size."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_text(str(name))}:{json_text(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value.isoformat() if isinstance(value, date) else value, ensure_ascii=False)


# XLSX


def xlsx_file(sheets: dict[str, tuple[list[str], Iterable[dict]]], **options):
    """A workbook as an open temporary file; see `xlsx_writer`, whose library is imported where one is made."""
    from .xlsx_writer import write_workbook

    return write_workbook(sheets, **options)


# Answers


def streamed(parts: Iterable[str] | Iterable[bytes], form: str, name: str) -> StreamingHttpResponse:
    """Send the pieces as they are made. `name` is the file's, without its ending."""
    parts = _spoken(parts, get_language())
    return labelled(StreamingHttpResponse(parts, content_type=CONTENT_TYPES[form]), form, name)


def _spoken(parts: Iterable, language: str | None) -> Iterator:
    """Make each piece in the language of the request, which is over by then."""
    parts = iter(parts)
    while True:
        with override(language):
            part = next(parts, None)
        if part is None:
            return
        yield part


def saved(file, form: str, name: str) -> FileResponse:
    """Send an open file, which is closed afterwards."""
    return labelled(FileResponse(file, content_type=CONTENT_TYPES[form]), form, name)


def labelled(response: HttpResponseBase, form: str, name: str) -> HttpResponseBase:
    """The response with the name that its file is saved under."""
    way = "inline" if form in INLINE_FORMATS else "attachment"
    response["Content-Disposition"] = f'{way}; filename="{name}.{form}"'
    return response
