"""Files that readers take away, read back by the libraries that readers use."""

import csv
import datetime
import io
import json
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from hled_portal.files import download_writers

ROW = {
    "text": "Puente de las Américas, «ñ»",
    "number": Decimal("-17.50"),
    "whole": -3,
    "flag": False,
    "day": datetime.date(2024, 4, 19),
    "list": ["sonora", "arizona"],
    "none": None,
}
NAMES = list(ROW)


def csv_text(rows, names=NAMES, **more) -> str:
    return "".join(download_writers.csv_parts(names, rows, **more))


def sheet(rows, names=NAMES):
    """The sheet of a workbook, read again from its bytes."""
    with download_writers.xlsx_file({"rows": (names, rows)}) as file:
        return openpyxl.load_workbook(io.BytesIO(file.read()))["rows"]


def test_a_workbook_has_a_heading_that_stays_a_filter_widths_and_a_short_sheet():
    rows = ({**ROW, "text": "x" * (10 + number)} for number in range(3))
    with download_writers.xlsx_file({"rows": (NAMES, rows)}, short={"rows": ("short", ["text", "day"])}) as file:
        book = openpyxl.load_workbook(io.BytesIO(file.read()))
    assert (book.sheetnames, book.active.title) == (["rows", "short"], "short")
    for title, reference in (("rows", "A1:G4"), ("short", "A1:B4")):
        found = book[title]
        assert (found.freeze_panes, found.auto_filter.ref, found.max_row) == ("A2", reference, 4)
        assert found["A1"].font.bold
        assert found.column_dimensions["A"].width == 13
    assert [cell.value for cell in book["short"][1]] == ["text", "day"]
    assert sheet([{**ROW, "text": "x" * 500}]).column_dimensions["A"].width == 60


def test_each_row_of_a_workbook_has_its_own_days_and_empty_texts_are_no_cells():
    days = [datetime.date(2024, 4, 19), datetime.date(2024, 4, 20)]
    rows = [{"from": day, "to": day + datetime.timedelta(1), "text": ""} for day in days]
    with download_writers.xlsx_file({"rows": (["from", "to", "text"], rows)}) as file:
        data = file.read()
    found = openpyxl.load_workbook(io.BytesIO(data))["rows"].iter_rows(min_row=2, values_only=True)
    assert [[value.day for value in row[:2]] for row in found] == [[19, 20], [20, 21]]
    assert b'r="C2"' not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")


# CSV


def test_csv_begins_with_a_byte_order_mark_and_holds_each_kind_of_value():
    written = csv_text([ROW]).encode()
    assert written[:3] == b"\xef\xbb\xbf"
    read = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert read == [
        {
            "text": "Puente de las Américas, «ñ»",
            "number": "-17.50",
            "whole": "-3",
            "flag": "false",
            "day": "2024-04-19",
            "list": "sonora|arizona",
            "none": "",
        }
    ]


def test_csv_without_a_mark_for_programs():
    assert csv_text([], mark=False) == "text,number,whole,flag,day,list,none\r\n"


def test_csv_comes_in_pieces():
    rows = ({**ROW, "text": "x" * 1000} for _number in range(200))
    pieces = list(download_writers.csv_parts(NAMES, rows))
    assert len(pieces) == 4
    assert max(map(len, pieces)) < 70_000


# Formulas


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "=cmd|' /C calc'!A0", "＝1+1", "-", "＠x"],  # noqa: RUF001
)
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(text):
    row = {"text": text, "list": [text, "b"]}
    read = next(csv.DictReader(io.StringIO(csv_text([row], list(row)).removeprefix("\ufeff"), newline="")))
    assert read == {"text": f"'{text}", "list": f"'{text}|b"}
    cells = list(sheet([row], list(row)).iter_rows(min_row=2))[0]
    assert [cell.data_type for cell in cells] == ["s", "s"]
    assert cells[0].value.startswith("'")


@pytest.mark.parametrize("text", ["", "a=b", "2024-04-19/..", "Otay Mesa – East", "'=1", "¿=?"])
def test_other_texts_stay_as_they_are(text):
    assert download_writers.harmless(text) == text


@given(st.text())
def test_no_text_begins_as_a_formula(text):
    assert download_writers.harmless(text).lstrip(" ")[:1] not in tuple("=+-@\t\r\n")


def test_a_negative_number_stays_a_number():
    values = {"decimal": Decimal("-0.5"), "whole": -12}
    assert csv_text([values], list(values)) == "\ufeffdecimal,whole\r\n-0.5,-12\r\n"
    cells = list(sheet([values], list(values)).iter_rows(min_row=2))[0]
    assert [(cell.value, cell.data_type) for cell in cells] == [(-0.5, "n"), (-12, "n")]


# JSON


def test_json_holds_the_head_the_rows_and_their_number():
    text = "".join(
        download_writers.json_parts({"as_of": datetime.date(2024, 4, 19), "withdrawn": []}, "rows", [ROW, ROW])
    )
    row = {**ROW, "number": -17.5, "day": "2024-04-19"}
    assert json.loads(text) == {"as_of": "2024-04-19", "withdrawn": [], "rows": [row, row], "count": 2}
    assert json.loads("".join(download_writers.json_parts({}, "rows", []))) == {"rows": [], "count": 0}


def test_json_rounds_no_number():
    text = download_writers.json_text({"value": Decimal("799000000000.1234567")})
    assert json.loads(text, parse_float=Decimal) == {"value": Decimal("799000000000.1234567")}


def test_json_escapes_no_formula_and_comes_in_pieces():
    rows = ({"text": "=1"} for _number in range(250))
    pieces = list(download_writers.json_parts({}, "rows", rows))
    assert len(pieces) == 3
    assert json.loads("".join(pieces))["rows"][249] == {"text": "=1"}


# XLSX


def test_workbook_has_real_dates_and_numbers():
    read = sheet([ROW])
    assert [cell.value for cell in read[1]] == NAMES
    text, number, whole, flag, day, listed, none = read[2]
    assert (text.value, listed.value, none.value) == ("Puente de las Américas, «ñ»", "sonora|arizona", None)
    assert (number.value, whole.value, flag.value) == (-17.5, -3, False)
    assert (day.value, day.is_date, day.number_format) == (datetime.datetime(2024, 4, 19), True, "yyyy-mm-dd")
    assert read.freeze_panes == "A2"


def test_workbook_takes_what_it_cannot_hold():
    """Control characters, days before 1900 and texts beyond Excel's longest cell."""
    row = {"text": "a\x00b\x0bc\ufffe", "day": datetime.date(1848, 2, 2), "long": "x" * 40_000}
    text, day, long = list(sheet([row], list(row)).iter_rows(min_row=2))[0]
    assert (text.value, day.value, len(long.value)) == ("a\ufffdb\ufffdc\ufffd", "1848-02-02", 32_767)


def test_a_text_that_looks_like_an_error_of_a_spreadsheet_is_a_text():
    cells = list(sheet([{"a": "#N/A", "b": "x", "c": "#REF!"}], ["a", "b", "c"]).iter_rows(min_row=2))[0]
    assert [(cell.value, cell.data_type) for cell in cells] == [("#N/A", "s"), ("x", "s"), ("#REF!", "s")]


# Answers


def test_what_is_streamed_is_made_in_the_language_of_its_request():
    word = gettext_lazy("Initiatives")
    with translation.override("es"):
        answer = download_writers.streamed((str(word) for _number in range(2)), "csv", "iniciativas")
    assert translation.get_language() == "en"
    assert b"".join(answer.streaming_content).decode() == "IniciativasIniciativas"
    assert translation.get_language() == "en"


@pytest.mark.parametrize(
    ("form", "way", "content_type"),
    [
        ("csv", "attachment", "text/csv; charset=utf-8"),
        ("json", "inline", "application/json"),
        ("geojson", "inline", "application/geo+json"),
        ("ics", "attachment", "text/calendar; charset=utf-8"),
        ("atom", "inline", "application/atom+xml; charset=utf-8"),
    ],
)
def test_each_form_has_its_type_and_its_file_name(form, way, content_type):
    answer = download_writers.streamed([], form, "hled-facts-2024-04-19")
    assert answer["Content-Disposition"] == f'{way}; filename="hled-facts-2024-04-19.{form}"'
    assert answer["Content-Type"] == content_type
