"""Workbooks (XLSX) that readers take away, written row by row."""

import tempfile
from collections.abc import Iterable
from datetime import date
from itertools import chain, islice, zip_longest

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from .download_writers import LIST_MARK, harmless, printable

#: Characters: the widest column of a workbook, and the button of its filter. Rows by which a width is measured.
_MAX_WIDTH, _FILTER_WIDTH, _ROWS_MEASURED = 60, 3, 100
_MAX_CELL_CHARACTERS = 32_767  # Excel's; what is longer is cut there unasked.
#: The hidden sheet of drop-down lists, and the last row whose cells have one.
LISTS_SHEET, LAST_OFFERED_ROW = "lists", 20_001
_EXCEL_BEGINS = date(1900, 3, 1)  # Excel has no day before 1900, and a 29 February 1900 that never was.


def write_workbook(
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
        columns = _with_date_cells(sheet, names)
        for row in rows:
            sheet.append([_text_to_fill_in(sheet, _xlsx_value(sheet, row[name], cell)) for name, cell in columns])
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
    columns_of = [(sheet, _with_date_cells(sheet, names)) for sheet, names in forms]
    for row in rows:
        count += 1
        for sheet, columns in columns_of:
            sheet.append([_xlsx_value(sheet, row[name], cell) for name, cell in columns])
    for sheet, names in forms:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{count}"


def _heading(sheet, name: str) -> Cell:
    cell = WriteOnlyCell(sheet, name)
    cell.font = Font(bold=True)
    return cell


def _width_text(value) -> str:
    return LIST_MARK.join(value) if isinstance(value, list) else "" if value is None else str(value)


def _text_to_fill_in(sheet, value):
    if isinstance(value, str):
        value = _text_cell(sheet, value)
    if isinstance(value, Cell) and value.data_type == "s":
        value.number_format = "@"
    return value


def _text_cell(sheet, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def _with_date_cells(sheet, names: list[str]) -> list[tuple[str, Cell]]:
    """Columns, each with a cell for its dates: a row is written before the next one is made."""
    columns = [(name, WriteOnlyCell(sheet)) for name in names]
    for _name, cell in columns:
        cell.number_format = "yyyy-mm-dd"
    return columns


def _xlsx_value(sheet, value, date_cell: Cell):
    """What is appended to a row: a plain value where its type is clear, which takes half of the time of a cell.

    `date_cell` takes a date.
    """
    if isinstance(value, list):
        value = LIST_MARK.join(value)
    if isinstance(value, str):
        text = harmless(printable(value))[:_MAX_CELL_CHARACTERS]
        return _text_cell(sheet, text) if text in ERROR_CODES else text or None  # An empty cell is not written.
    if isinstance(value, date) and value < _EXCEL_BEGINS:
        return value.isoformat()
    if isinstance(value, date):
        date_cell.value = value
        return date_cell
    return value
