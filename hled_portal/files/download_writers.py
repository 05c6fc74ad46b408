"""Files that readers take away: CSV, JSON and XLSX written row by row, so that no download fills the memory.

A row is a dictionary of column names; a value is text, a whole number, a Decimal, True or False, a date, a list of
texts or None. Texts that a spreadsheet would read as a formula are made harmless; numbers never are: -3 is no formula.
"""

import csv
import io
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import chain, islice, zip_longest

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import get_language, override
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

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
# What XML 1.0 cannot hold.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CHUNK = 64 * 1024
#: Characters: the widest column of a workbook, and the button of its filter. Rows by which a width is measured.
_MAX_WIDTH, _FILTER_WIDTH, _ROWS_MEASURED = 60, 3, 100
_MAX_CELL_CHARACTERS = 32_767  # Excel's; what is longer is cut there unasked.
#: The hidden sheet of drop-down lists, and the last row whose cells have one.
LISTS_SHEET, LAST_OFFERED_ROW = "lists", 20_001
_EXCEL_BEGINS = date(1900, 3, 1)  # Excel has no day before 1900, and a 29 February 1900 that never was.


def harmless(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would run it as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def printable(text: str) -> str:
    """The text with a mark in place of each character that XML cannot hold."""
    return _UNPRINTABLE.sub("\ufffd", text)


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


def xlsx_file(
    sheets: dict[str, tuple[list[str], Iterable[dict]]],
    *,
    to_fill_in: bool = False,
    choices: dict[str, dict[str, list[str]]] | None = None,
    short: dict[str, tuple[str, list[str]]] | None = None,
):
    """A workbook as an open temporary file that goes when it is closed; each sheet: its columns and its rows.

    Columns `to_fill_in` are in format Text, or a spreadsheet makes a day of 2025-02 and 0.6 of 60%. In a sheet cells
    offer the `choices` of their columns, and take other values too. `short` gives a sheet a second one after it,
    with some of its columns, which the workbook opens with.
    """
    workbook = Workbook(write_only=True)
    for title, (names, rows) in sheets.items():
        first, rows = _peeked(rows)
        short_title, short_names = (short or {}).get(title, ("", []))
        forms = [(workbook.create_sheet(title), names)]
        if short_title:
            forms.append((workbook.create_sheet(short_title), short_names))
            workbook.active = len(workbook.worksheets) - 1
        if not to_fill_in:
            _append_rows(forms, first, rows)
            continue
        [(sheet, _names)] = forms
        sheet.freeze_panes = "A2"
        for number in range(1, len(names) + 1):
            sheet.column_dimensions[get_column_letter(number)].number_format = "@"
        sheet.append(names)
        for row in rows:
            cells = [_xlsx_cell(sheet, row[name]) for name in names]
            for cell in cells:
                if isinstance(cell, Cell) and cell.data_type == "s":
                    cell.number_format = "@"
            sheet.append(cells)
    if choices:
        _offer(workbook, choices, {title: names for title, (names, _rows) in sheets.items()})
    file = tempfile.TemporaryFile()  # noqa: SIM115 The response closes it.
    workbook.save(file)
    file.seek(0)
    return file


def _offer(workbook: Workbook, choices: dict[str, dict[str, list[str]]], columns: dict[str, list[str]]) -> None:
    """Drop-down lists; a hidden sheet holds them, for a cell itself can only list 255 characters."""
    lists = workbook.create_sheet(LISTS_SHEET)
    lists.sheet_state = "hidden"
    offered = [(title, name, labels) for title, of_sheet in choices.items() for name, labels in of_sheet.items()]
    for row in zip_longest(*(labels for _title, _name, labels in offered)):
        lists.append(row)
    for place, (title, name, labels) in enumerate(offered, 1):
        if name in columns[title]:
            column, cells = get_column_letter(place), get_column_letter(columns[title].index(name) + 1)
            source = f"{LISTS_SHEET}!${column}$1:${column}${len(labels)}"
            rule = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=False)
            rule.add(f"{cells}2:{cells}{LAST_OFFERED_ROW}")
            workbook[title].data_validations.append(rule)


def _peeked(rows: Iterable[dict]) -> tuple[list[dict], Iterable[dict]]:
    """The first rows, by which columns get their width, and all of them."""
    rows = iter(rows)
    first = list(islice(rows, _ROWS_MEASURED))
    return first, chain(first, rows)


def _append_rows(forms: list, first: list[dict], rows: Iterable[dict]) -> None:
    """Write the rows on each of these sheets, with its columns: heading row that stays, filter, widths."""
    for sheet, names in forms:
        sheet.freeze_panes = "A2"
        for number, name in enumerate(names, 1):
            longest = max([len(name) + _FILTER_WIDTH, *(len(_width_text(row[name])) for row in first)])
            sheet.column_dimensions[get_column_letter(number)].width = min(longest + 1, _MAX_WIDTH)
        sheet.append([_heading(sheet, name) for name in names])
    count = 1
    for row in rows:
        count += 1
        for sheet, names in forms:
            sheet.append([_xlsx_cell(sheet, row[name]) for name in names])
    for sheet, names in forms:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{count}"


def _heading(sheet, name: str) -> Cell:
    cell = WriteOnlyCell(sheet, name)
    cell.font = Font(bold=True)
    return cell


def _width_text(value) -> str:
    return LIST_MARK.join(value) if isinstance(value, list) else "" if value is None else str(value)


def _xlsx_cell(sheet, value):
    if isinstance(value, list):
        value = LIST_MARK.join(value)
    if isinstance(value, date) and value < _EXCEL_BEGINS:
        value = value.isoformat()
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "yyyy-mm-dd"
        return cell
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, harmless(printable(value))[:_MAX_CELL_CHARACTERS])
        cell.data_type = "s"
        return cell
    return value


# Answers


def streamed(parts: Iterable[str], form: str, name: str) -> StreamingHttpResponse:
    """Send the pieces as they are made. `name` is the file's, without its ending."""
    parts = _spoken(parts, get_language())
    return labelled(StreamingHttpResponse(parts, content_type=CONTENT_TYPES[form]), form, name)


def _spoken(parts: Iterable[str], language: str | None) -> Iterator[str]:
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
