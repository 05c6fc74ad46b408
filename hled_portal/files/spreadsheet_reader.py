"""Tables that people send in as files: XLSX, CSV and JSON, read within bounds, all of them to rows of texts.

What a file is, is told by its bytes, never by its name. A file that cannot be read is refused with a message for its
sender (`UnreadableSheet`); no file makes an error of the server. Rows keep the number under which a spreadsheet shows
them. Apostrophes that `download_writers.harmless` set before texts like formulas are taken off again.
"""

import csv
import datetime
import io
import itertools
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from xml.parsers import expat

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from . import bounded_process, bounded_xml
from .download_writers import LIST_MARK, harmless

FORMS = ("xlsx", "csv", "json")
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 100
MAX_CELL_CHARACTERS = 32_767  # A spreadsheet's own bound.
#: Of all cells together: a workbook holds a text once, whatever the number of its cells.
MAX_CHARACTERS = 40_000_000
#: An XLSX is a ZIP: what it becomes when it is unpacked.
MAX_UNPACKED_BYTES = 150 * 1024 * 1024
MAX_ARCHIVE_MEMBERS = 500
#: Elements of XML in a worksheet, in the shared texts, and in any other part; and in one row.
MOST_ELEMENTS = {"worksheet": 3_000_000, "sst": 600_000}
MOST_OTHER_ELEMENTS = 50_000
#: Rows of a worksheet, empty ones that have a format too, and elements that are neither rows nor cells.
MOST_ROWS, MOST_OTHERS = 200_000, 500_000
CELL_ELEMENTS = {"row", "c", "v", "f", "is", "si", "t", "r", "rPr"}
#: A spreadsheet's own bounds.
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MAX_ERRORS = 100
CHUNK = 64 * 1024

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = (",", ";", "\t")


class UnreadableSheet(ValueError):
    """A file that cannot be read as a table; `messages` are for its sender."""

    def __init__(self, *messages: str):
        super().__init__("\n".join(messages))
        self.messages = list(messages)


@dataclass(frozen=True)
class Sheet:
    """A table of texts. `rows` holds a number and as many cells as there are columns, for each row.

    `months` are the cells, by number of the row and column, that are dates to the spreadsheet and show a month and a
    year: their texts are right where a date is meant, and wrong where a key such as 2021-1 was typed.
    `faults` are messages about cells that cannot be read, by number of the row and by column ("": the entire row).
    """

    form: str
    columns: list[str]
    rows: list[tuple[int, list[str]]]
    months: frozenset[tuple[int, str]] = frozenset()
    faults: dict[int, dict[str, list[str]]] = field(default_factory=dict)


class _Month(str):
    """A month and its year, of a cell that is a date to the spreadsheet."""


@dataclass(frozen=True)
class _Fault:
    """In place of a cell that cannot be read."""

    message: str


def read_table(
    data: bytes, known: Iterable[str] = (), *, of_any_length: bool = False, keep_faults: bool = False
) -> Sheet:
    """The table in the bytes of a file. `known`: columns, one of which the first row has. Raises UnreadableSheet.

    A file `of_any_length` is what an administrator reads by a command, not what somebody uploads. With `keep_faults`
    cells that cannot be read are named in the sheet, so that all errors of a file are shown together.
    """
    sheet = _read(data, known, of_any_length)
    messages = [text for row in sheet.faults.values() for texts in row.values() for text in texts]
    if messages and not keep_faults:
        raise UnreadableSheet(*messages[:MAX_ERRORS])
    return sheet


def read_upload(data: bytes, known: Iterable[str], *, keep_faults: bool = False) -> Sheet:
    """As `read_table`, of what somebody uploaded: within the bounds of a process of its own."""
    try:
        form, columns, rows, months, faults = bounded_process.call(_read_plain, data, sorted(known), keep_faults)
    except bounded_process.Refused as reason:
        raise UnreadableSheet(*reason.messages) from None
    except bounded_process.LimitExceeded:
        message = _("This file takes too much time or memory to read. Save it again, or upload it in parts.")
        raise UnreadableSheet(message) from None
    rows = [(number, cells) for number, cells in rows]
    places = frozenset((number, name) for number, name in months)
    return Sheet(form, columns, rows, places, {int(number): errors for number, errors in faults.items()})


def _read_plain(data: bytes, known: list[str], keep_faults: bool) -> list:
    """A table as JSON can hold it."""
    sheet = read_table(data, known, keep_faults=keep_faults)
    return [sheet.form, sheet.columns, sheet.rows, sorted(sheet.months), sheet.faults]


def _read(data: bytes, known: Iterable[str], of_any_length: bool) -> Sheet:
    known, most = set(known), None if of_any_length else MAX_ROWS
    if len(data) > MAX_FILE_BYTES and not of_any_length:
        most = number_format(MAX_FILE_BYTES // 1024 // 1024, force_grouping=True)
        raise UnreadableSheet(_("This file is larger than %(most)s MB. Upload it in parts.") % {"most": most})
    if data.startswith(_ZIP):
        return _xlsx(data, known, most)
    if data.startswith(_OLD_OFFICE):
        raise UnreadableSheet(
            _("This is an old or password-protected Office file. Save it as XLSX without a password.")
        )
    text = _text(data)
    if text.lstrip()[:1] in ("[", "{"):
        return _json(text, most)
    return _csv(text, known, most)


def _text(data: bytes) -> str:
    if data.startswith(_UTF_16):
        raise UnreadableSheet(_("This is UTF-16 text. Save it as “CSV UTF-8”."))
    if b"\x00" in data:
        raise UnreadableSheet(_("This file is not a table. Upload an XLSX, CSV or JSON file."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = _("Line %(line)s is not UTF-8 text (Latin-1 or Windows-1252?). Save the file as “CSV UTF-8”.")
        raise UnreadableSheet(message % {"line": line}) from None


# CSV


def read_exact_csv(data: bytes) -> Sheet:
    """The table of a CSV as `export_dialogue` writes it: of any length, each row complete, each cell as it is.

    A spreadsheet may have saved it since: with semicolons, and with empty rows and columns at its edges.
    """
    text = _text(data)
    return _parse_csv(text, _separator(text), _exact_sheet)


def _exact_sheet(lines: Iterator[tuple[int, list]]) -> Sheet:
    filled = [(number, cells) for number, cells in lines if any(cell.strip() for cell in cells)]
    if not filled:
        raise UnreadableSheet(_("This file is empty."))
    (_number, names), *rows = filled
    columns = _columns(names)
    most = len(columns)
    rows = [(number, cells if any(cells[most:]) else cells[:most]) for number, cells in rows]
    message = _("Row %(row)s has %(cells)s cells instead of %(columns)s.")
    errors = [
        message % {"row": number, "cells": len(cells), "columns": len(columns)}
        for number, cells in rows
        if len(cells) != len(columns)
    ]
    if errors:
        raise UnreadableSheet(*errors[:MAX_ERRORS])
    return Sheet("csv", columns, rows)


#: By this line a spreadsheet is told the separator; it does not show the line.
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)


def _csv(text: str, known: set[str], most: int | None) -> Sheet:
    named = _SEPARATOR_LINE.match(text)
    text, separator = (text[named.end() :], named[1]) if named else (text, _separator(text))
    return _parse_csv(text, separator, lambda lines: _sheet("csv", lines, known, most))


def _parse_csv(text: str, separator: str, build: Callable[[Iterator[tuple[int, list]]], Sheet]) -> Sheet:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return build(_numbered(lines))
    except csv.Error as error:
        message = _("Line %(line)s cannot be read as CSV (%(reason)s). Is a quotation mark missing?")
        raise UnreadableSheet(message % {"line": lines.line_num, "reason": error}) from None


def _separator(text: str) -> str:
    """What parts the cells of the first line: spreadsheets in many countries write semicolons."""
    first = text.lstrip("\n\r").split("\n", 1)[0]
    return max(_SEPARATORS, key=first.count)


def _numbered(lines: Iterable[list]) -> Iterator[tuple[int, list]]:
    yield from enumerate(lines, 1)


# XLSX


def _xlsx(data: bytes, known: set[str], most: int | None) -> Sheet:
    from openpyxl import load_workbook

    _check_package(data, is_bounded=most is not None)
    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()
        return _sheet("xlsx", _sheet_rows(sheet), known, most)
    except (UnreadableSheet, MemoryError):
        raise
    except Exception:  # The reader raises whatever the file leads it to.
        raise UnreadableSheet(_damaged()) from None


def _check_package(data: bytes, is_bounded: bool) -> None:
    """Refuse what is no workbook, holds macros, or would fill the memory: nothing is kept of what is unpacked.

    What an administrator reads by a command is not bounded.
    """
    if data.count(b"PK\x01\x02") > MAX_ARCHIVE_MEMBERS:  # Of the directory, before it is read.
        raise UnreadableSheet(_too_large())
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise UnreadableSheet(_damaged()) from None
    parts = package.infolist()
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise UnreadableSheet(_("This file is not a table. Upload an XLSX, CSV or JSON file."))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UnreadableSheet(_("This workbook contains macros. Save it as XLSX without macros."))
    if not is_bounded:
        return
    if len(parts) > MAX_ARCHIVE_MEMBERS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise UnreadableSheet(_too_large())
    left = MAX_UNPACKED_BYTES
    for part in parts:
        # Other formats than a spreadsheet's unpack all at once.
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnreadableSheet(_damaged())
        try:
            left -= _scan(package, part, left)
        except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
            if isinstance(error, UnreadableSheet):
                raise
            raise UnreadableSheet(_damaged()) from None


def _scan(package: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """Count the bytes and the elements of a part before a reader builds anything of them. Returns the bytes."""
    parser, is_xml, size = expat.ParserCreate(), True, 0
    parser.StartElementHandler = _Elements().begin
    with package.open(part) as member:
        while chunk := member.read(CHUNK):
            size += len(chunk)
            if size > min(left, part.file_size):
                raise UnreadableSheet(_too_large())
            try:
                if is_xml:
                    parser.Parse(chunk)
                    bounded_xml.check_tag(parser, size)
            except expat.ExpatError:  # A picture; where it is a part that is read, the reader fails on it.
                is_xml = False
            except bounded_xml.TagTooLarge:
                raise UnreadableSheet(_too_large()) from None
    return size


class _Elements:
    """Counts the elements of one part."""

    def __init__(self):
        self.count = self.cells = self.rows = self.others = 0
        self.most = None

    def begin(self, name: str, attributes: dict) -> None:
        name = name.rpartition(":")[2]
        self.most = self.most or MOST_ELEMENTS.get(name, MOST_OTHER_ELEMENTS)
        self.count += 1
        if name not in CELL_ELEMENTS:
            self.others += 1
        if name == "row":
            self.cells, self.rows = 0, self.rows + 1
            number = attributes.get("r", "1")
            if not number.isdecimal() or len(number) > 7 or int(number) > LAST_ROW:
                raise UnreadableSheet(_damaged())
        elif name == "c":
            self.cells += 1
        if self.count > self.most or self.cells > LAST_COLUMN or self.rows > MOST_ROWS or self.others > MOST_OTHERS:
            raise UnreadableSheet(_too_large())


def _damaged() -> str:
    return _("This XLSX file is damaged. Open it in a spreadsheet and save it again.")


def _too_large() -> str:
    return _("This workbook is too large when uncompressed. Copy its rows into a new workbook.")


def _sheet_rows(sheet) -> Iterator[tuple[int, list]]:
    mistakes = []
    # Without a last column, the rows that a far-away cell leaves empty cost nothing.
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if len(cells) > MAX_COLUMNS:
            far = next((cell.coordinate for cell in cells[MAX_COLUMNS:] if cell.value is not None), None)
            if far:
                mistakes.append(_("Cell %(cell)s is outside the table. Empty it.") % {"cell": far})
                break
            cells = cells[:MAX_COLUMNS]
        values = [_as_shown(cell) for cell in cells]
        while values and values[-1] is None:
            values.pop()
        yield number, values
    if mistakes:
        raise UnreadableSheet(*mistakes[:MAX_ERRORS])


def _as_shown(cell):
    """The value of a cell as its number format shows it: 60% is not 0.6, and Feb-25 is no first of a month."""
    if cell.data_type == "f":
        return _Fault(_("Cell %(cell)s contains a formula. Paste its value instead.") % {"cell": cell.coordinate})
    if cell.data_type == "e":
        return _Fault(_("Cell %(cell)s contains a spreadsheet error.") % {"cell": cell.coordinate})
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float | datetime.date):
        return value
    # Without texts, conditions, and characters that are escaped, repeated or left as a space.
    shown = re.sub(r'"[^"]*"|\[[^\]]*\]|[\\_*].', "", (cell.number_format or "").split(";")[0]).lower()
    if not isinstance(value, datetime.date):
        return f"{(Decimal(repr(value)) * 100).normalize():f}%" if "%" in shown else value
    parts = {part for part in "ymd" if part in shown}
    if parts == set("ymd") or not parts or shown == "general":
        return value
    if parts == set("ym") and value.day == 1:
        return _Month(f"{value:%Y-%m}")
    message = _(
        "Cell %(cell)s is a date to the spreadsheet and shows only a part of it. Format the cell as Text and enter it "
        "again: a month as 2025-02, a day as 2025-02-25."
    )
    return _Fault(message % {"cell": cell.coordinate})


# JSON


def _json(text: str, most: int | None) -> Sheet:
    objects = itertools.count(1)

    def members(pairs: list) -> dict:
        """Counts rows while they are read: ten megabytes of small ones fill hundreds in the memory."""
        if most is not None and next(objects) > 2 * most:
            raise UnreadableSheet(_too_many_rows(most))
        return _unique_members(pairs)

    try:
        data = json.loads(
            text,
            parse_float=Decimal,
            parse_int=_parse_number,
            parse_constant=_no_number,
            object_pairs_hook=members,
        )
    except (ValueError, RecursionError, ArithmeticError) as error:
        if isinstance(error, UnreadableSheet):
            raise
        where = getattr(error, "lineno", None)
        raise UnreadableSheet(
            _("Line %(line)s cannot be read as JSON.") % {"line": where} if where else _("This JSON cannot be read.")
        ) from None
    rows = data.get("rows") if isinstance(data, dict) else data
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableSheet(_("The JSON must be a list of rows, each an object with columns and values."))
    columns = list(dict.fromkeys(name for row in rows[:most] for name in row))
    # A member that is left out is no empty cell: it would empty that column of the row.
    for number, row in enumerate(rows[:most], 2):
        if absent := next((name for name in columns if name not in row), None):
            values = {"row": number, "column": shortened(absent)}
            raise UnreadableSheet(
                _("Row %(row)s does not have the column “%(column)s”, which other rows have.") % values
            )
    lines = ([row.get(name) for name in columns] for row in rows)
    return _sheet("json", iter([(1, columns), *enumerate(lines, 2)]), most=most)


def _too_many_rows(most: int) -> str:
    shown = number_format(most, force_grouping=True)
    return _("This file has more than %(most)s rows. Upload it in parts.") % {"most": shown}


def _parse_number(text: str) -> Decimal:
    return Decimal(text)


def _no_number(text: str):
    raise UnreadableSheet(_("The JSON contains %(text)s, which is not a number.") % {"text": text})


def _unique_members(pairs: list) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnreadableSheet(_("A row in the JSON has the same column twice."))
    return found


# All of them


def _sheet(
    form: str, lines: Iterator[tuple[int, list]], known: Iterable[str] = (), most: int | None = MAX_ROWS
) -> Sheet:
    """The first line that is not empty names the columns; empty lines are passed over."""
    filled = ((number, cells) for number, cells in lines if any(cell not in (None, "") for cell in cells))
    first = next(filled, None)
    if first is None:
        raise UnreadableSheet(_("This file is empty."))
    if any(cell not in (None, "") for cell in first[1][MAX_COLUMNS:]):
        raise UnreadableSheet(_("This file has more than %(most)s columns.") % {"most": MAX_COLUMNS})
    names = [_cell(cell, first[0], "") for cell in first[1][:MAX_COLUMNS]]
    if known and not any(name.strip() in known for name in names):
        message = _("The first row does not contain the names of the columns. Delete the lines above them.")
        raise UnreadableSheet(message)
    columns = _columns(names)
    rows, faults, months, characters = [], {}, set(), 0
    for number, cells in filled:
        if most is not None and len(rows) >= most:
            raise UnreadableSheet(_too_many_rows(most))
        texts, wrong = _row(number, cells, columns)
        characters += sum(map(len, texts))
        if most is not None and characters > MAX_CHARACTERS:
            raise UnreadableSheet(_too_large())
        rows.append((number, texts))
        months |= {(number, name) for name, cell in zip(columns, cells, strict=False) if isinstance(cell, _Month)}
        faults |= {number: wrong} if wrong else {}
    return Sheet(form, columns, rows, frozenset(months), faults)


def became_dates(sheet: Sheet, is_date: Callable[[str], bool]) -> list[tuple[int, str, str]]:
    """Cells of other columns than those of dates, of which the spreadsheet made a date: row, column and message."""
    message = _(
        "Row %(row)s, column %(column)s: the spreadsheet made a date of this cell. Format the column as Text and enter "
        "it again."
    )
    found = sorted(place for place in sheet.months if not is_date(place[1]))
    return [(number, name, message % {"row": number, "column": shortened(name)}) for number, name in found]


def _columns(names: list[str]) -> list[str]:
    names = [name.strip() for name in names]
    while names and not names[-1]:
        names.pop()
    if not all(names):
        raise UnreadableSheet(_("Column %(n)s has no name in the first row.") % {"n": names.index("") + 1})
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableSheet(_("The first row has “%(name)s” twice.") % {"name": shortened(twice[0])})
    return names


def _row(number: int, cells: list, columns: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """As many texts as there are columns, and what is wrong with cells, by column."""
    texts, faults = [], {}
    for cell, name in zip(cells, columns, strict=False):
        try:
            texts.append(_cell(cell, number, name))
        except UnreadableSheet as error:
            texts.append("")
            faults[name] = error.messages
    if any(cell not in (None, "") for cell in cells[len(columns) :]):
        faults[""] = [_("Row %(row)s has more cells than the first row has columns.") % {"row": number}]
    return texts + [""] * (len(columns) - len(texts)), faults


def _cell(value, row: int, column: str) -> str:
    if isinstance(value, _Fault):
        raise UnreadableSheet(value.message)
    place = {"row": row, "column": shortened(column)}
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = LIST_MARK.join(value)
    if isinstance(value, list | dict):
        raise UnreadableSheet(_("Row %(row)s, column %(column)s: the value must be text or a number.") % place)
    text = _as_text(value)
    if len(text) > MAX_CELL_CHARACTERS:
        raise UnreadableSheet(_("Row %(row)s, column %(column)s: this cell is too long.") % place)
    if any(ord(c) < 32 and c not in "\t\n\r" or "\ud800" <= c <= "\udfff" or c == "\x7f" for c in text):
        raise UnreadableSheet(_("Row %(row)s, column %(column)s contains a character that is not text.") % place)
    return text


def _as_text(value) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        # A number of a million digits is no number of ours, and would be one as text.
        return f"{value.normalize():f}" if value.is_finite() and abs(value.adjusted()) < 40 else str(value)
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text


def shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
