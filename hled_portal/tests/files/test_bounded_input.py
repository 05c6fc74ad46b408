"""Sizes that a sender names or packs: refused before anything of that size is made."""

import io
import struct
import zipfile

import pytest
from django.contrib import admin
from django.test import RequestFactory
from openpyxl import Workbook, load_workbook

from hled_portal.files import spreadsheet_reader
from hled_portal.files.spreadsheet_reader import UnreadableSheet
from initiatives.models import Fact, Initiative
from stakeholders.letters import active_content, file_kinds

from .hostile_files import MEGABYTE, ODT, packed

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.fixture
def unpacked(monkeypatch):
    """How many bytes were unpacked at once, and all together."""
    sizes = [0]
    read = zipfile.ZipExtFile.read

    def counted(self, n=-1):
        data = read(self, n)
        sizes.append(len(data))
        return data

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    return sizes


def workbook(rows=(("key", "name"), ("a", "A")), **parts: bytes) -> bytes:
    """A workbook of openpyxl's with parts put in the place of its own: `strings`, `sheet`, `styles`."""
    book, buffer = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    names = {"strings": "xl/sharedStrings.xml", "sheet": "xl/worksheets/sheet1.xml", "styles": "xl/styles.xml"}
    with zipfile.ZipFile(buffer) as package:
        contents = {name: package.read(name) for name in package.namelist()}
    return packed(contents | {names[name]: content for name, content in parts.items()})


def declared(data: bytes, size: int, says: int) -> bytes:
    """The package with another size in its headers than a member has."""
    assert struct.pack("<L", size) in data
    return data.replace(struct.pack("<L", size), struct.pack("<L", says))


def read_all_the_same(*_arguments, **_more):
    """In the place of the reader, whose errors are reasons to refuse a file too."""
    pytest.fail("The file was given to the reader.")


# Letters


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("name", ["content.xml", "word/document.xml"])
def test_a_mark_of_a_kind_that_unpacks_to_much_is_hardly_unpacked(unpacked, method, name):
    data = packed({"mimetype": ODT + b" " * 20 * MEGABYTE, name: b"<x/>"}, method)
    with pytest.raises(file_kinds.Unfit, match="not a PDF"):
        file_kinds.detect_kind(data)
    assert sum(unpacked) < 1000


def test_a_mark_of_a_kind_that_hides_its_size_is_hardly_unpacked(unpacked):
    content = ODT + b" " * 5 * MEGABYTE
    data = declared(packed({"mimetype": content, "content.xml": b"<x/>"}), len(content), 1000)
    with pytest.raises(file_kinds.Unfit):
        file_kinds.detect_kind(data)
    assert sum(unpacked) < 1000


def test_a_directory_of_too_many_entries_is_not_read(monkeypatch):
    data = packed({f"{n}": b"" for n in range(file_kinds.MAX_ARCHIVE_ENTRIES + 1)})
    monkeypatch.setattr(zipfile.ZipFile, "__init__", None)
    with pytest.raises(file_kinds.Unfit, match="too large when uncompressed"):
        file_kinds.detect_kind(data)
    with pytest.raises(UnreadableSheet, match="This workbook is too large when uncompressed."):
        spreadsheet_reader.read_table(data)


# Tables


def strings(count: int) -> bytes:
    return f"<sst {MAIN}>{'<si/>' * count}</sst>".encode()


def sheet(rows: str) -> bytes:
    return f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>".encode()


@pytest.mark.parametrize(
    "parts",
    [
        {"strings": strings(700_000)},
        {"styles": f"<styleSheet {MAIN}>{'<x/>' * 60_000}</styleSheet>".encode()},
        {"sheet": sheet(f"<row>{'<c/>' * 20_000}</row>")},
        {"sheet": sheet("<row/>" * 200_001)},
        {"sheet": sheet("<x>" * 500_001)},
        {"sheet": sheet("x" * 160 * MEGABYTE)},
        {"sheet": sheet('<row r="99999999999"><c><v>1</v></c></row>')},
    ],
    ids=["shared texts", "styles", "cells of a row", "rows", "other elements", "bytes", "number of a row"],
)
def test_a_workbook_beyond_its_bounds_is_refused_before_a_reader_builds_it(parts, unpacked, monkeypatch):
    data = workbook(**parts)
    unpacked.clear()
    monkeypatch.setattr("openpyxl.load_workbook", read_all_the_same)
    with pytest.raises(UnreadableSheet, match="too large when uncompressed|damaged"):
        spreadsheet_reader.read_table(data)
    assert max(unpacked, default=0) <= spreadsheet_reader.CHUNK


def test_a_workbook_that_hides_its_size_is_refused(monkeypatch):
    content = sheet(" " * 5 * MEGABYTE)
    monkeypatch.setattr("openpyxl.load_workbook", read_all_the_same)
    with pytest.raises(UnreadableSheet, match="too large when uncompressed|damaged"):
        spreadsheet_reader.read_table(declared(workbook(sheet=content), len(content), 1000))


@pytest.mark.parametrize("name", ["content.xml", "word/document.xml", "xl/other.xml"])
def test_a_package_that_is_no_workbook_is_not_unpacked(name, unpacked):
    with pytest.raises(UnreadableSheet, match="not a table"):
        spreadsheet_reader.read_table(packed({"mimetype": ODT + b" " * MEGABYTE, name: b"<x/>"}))
    assert sum(unpacked) == 0


@pytest.mark.parametrize("cell", ["XFD1", "XFD2", "XFD1048576", "DD3"])
def test_a_cell_far_away_is_named(cell):
    book = load_workbook(io.BytesIO(workbook()))
    book.active[cell] = "x"
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(UnreadableSheet, match=f"{cell} "):
        spreadsheet_reader.read_table(buffer.getvalue())


def test_an_empty_row_far_below_is_no_fault():
    rows = '<row><c t="inlineStr"><is><t>key</t></is></c></row><row r="1048576"><c r="XFD1048576"/></row>'
    assert spreadsheet_reader.read_table(workbook(sheet=sheet(rows))).columns == ["key"]


@pytest.mark.parametrize(
    "data",
    [b"a," * 100_000 + b"b\n", b'[{"a":1,' + b",".join(b'"%d":1' % n for n in range(500)) + b"}]"],
    ids=["CSV", "JSON"],
)
def test_a_line_of_too_many_columns_is_refused_before_its_cells_are_read(data, monkeypatch):
    monkeypatch.setattr(spreadsheet_reader, "_cell", None)
    with pytest.raises(UnreadableSheet, match="more than 100 columns"):
        spreadsheet_reader.read_table(data)


# Parts of a page of the desk


def inlines() -> list:
    found = []
    for model, page in admin.site._registry.items():
        classes = {*page.inlines, *_of_facts(page)}
        found += [pytest.param(model, inline, id=f"{model.__name__}-{inline.__name__}") for inline in classes]
    return found


def _of_facts(page) -> set:
    from initiatives.admin import fact_admin

    lists = (
        fact_admin.ReadingInline,
        fact_admin.ReadingList,
        fact_admin.DateChangeInline,
        fact_admin.ParticipationInline,
    )
    return {*lists, fact_admin.CitationInline} if page.model is Fact else set()


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "inline"), inlines())
@pytest.mark.parametrize("named", ["TOTAL_FORMS", "INITIAL_FORMS"])
def test_no_more_rows_are_made_than_were_sent(model, inline, named, admin_user):
    request = RequestFactory().get("/")
    request.user = admin_user
    rows = inline(model, admin.site).get_formset(request)
    start = rows.get_default_prefix()
    numbers = {"TOTAL_FORMS": "1000000000", "INITIAL_FORMS": "0"} | {named: "1000000000"}
    formset = rows({f"{start}-{name}": value for name, value in numbers.items()}, instance=model())
    assert formset.forms == []
    assert not formset.is_valid()


def test_pages_of_the_desk_have_parts():
    assert any(param.values[0] is Initiative for param in inlines())


def test_json_of_too_many_rows_is_refused_while_it_is_read(monkeypatch):
    monkeypatch.setattr(spreadsheet_reader, "MAX_ROWS", 100)
    monkeypatch.setattr(spreadsheet_reader, "_sheet", None)
    with pytest.raises(UnreadableSheet, match="more than 100 rows"):
        spreadsheet_reader.read_table(b"[" + b",".join([b'{"a":1}'] * 201) + b"]")


def word(document: bytes) -> bytes:
    return packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": document})


@pytest.mark.parametrize(
    "document",
    [
        b'<d a="' + b"x" * 3 * MEGABYTE + b'"/>',
        b"<d><!--" + b"x" * 3 * MEGABYTE + b"--></d>",
        b"<d>" + b"<p/>" * 1100 + b"</d>",
        b"<d>" + b"x" * 9 * MEGABYTE + b"</d>",
    ],
    ids=["a tag", "a comment", "elements", "bytes"],
)
@pytest.mark.parametrize("build", [word, lambda content: packed({"mimetype": ODT, "content.xml": content})])
def test_a_document_beyond_its_bounds_is_refused(document, build, monkeypatch):
    assert file_kinds.detect_kind(build(b"<d>" + b"x" * 3 * MEGABYTE + b"</d>"))
    monkeypatch.setattr(active_content, "MAX_ELEMENTS", 1000)
    monkeypatch.setattr(active_content, "MAX_XML", 8 * MEGABYTE)
    with pytest.raises(file_kinds.Unfit, match="too large when uncompressed"):
        file_kinds.detect_kind(build(document))


def test_a_tag_of_a_workbook_that_does_not_end_is_refused(monkeypatch):
    monkeypatch.setattr("openpyxl.load_workbook", read_all_the_same)
    with pytest.raises(UnreadableSheet, match="too large when uncompressed"):
        spreadsheet_reader.read_table(workbook(sheet=sheet(f'<row a="{"x" * 3 * MEGABYTE}"/>')))
