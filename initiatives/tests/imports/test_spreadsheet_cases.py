"""What spreadsheets make of cells: the value that its sender meant is read, or the cell is refused by name."""

import datetime
import io
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from openpyxl import Workbook, load_workbook

from hled_portal.files import spreadsheet_reader
from hled_portal.tests import factories as make
from hled_portal.tests.pages import form_data, page
from initiatives import models as record
from initiatives.imports import file_tables, import_jobs, import_templates, import_validation
from initiatives.imports.resources import FILES
from initiatives.models import FileJob, FileState

pytestmark = pytest.mark.django_db
SHEETS = Path(__file__).parents[1] / "sheets"


@pytest.fixture
def ana(client):
    user = make.make_cast().ana
    client.force_login(user)
    return client


@pytest.fixture
def figures():
    """The subjects and the bodies that the readings of the files name."""
    for key in ("sedena", "gsa"):
        make.make_organization(key)
    for key in ("piedras-negras-eagle-pass-ii", "otay-mesa-ii", "reynosa-pharr"):
        make.make_figure(make.make_initiative(key))
    make.make_figure(make.make_initiative("otay-mesa-east"), "design", measure="design_stage")


def send(client, model, data, name="rows.xlsx"):
    data = (SHEETS / data).read_bytes() if isinstance(data, str) else data
    answer = client.post(page(model, "import"), {"file": SimpleUploadedFile(name, data)}, follow=True)
    assert answer.status_code == 200
    return answer


def outcomes() -> dict[int, dict]:
    return {outcome["row"]: outcome for outcome in import_jobs.checked_rows(FileJob.objects.get())}


def workbook(*rows, formats: dict[str, str]) -> bytes:
    made, buffer = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    for cell, form in formats.items():
        made.active[cell].number_format = form
    made.save(buffer)
    return buffer.getvalue()


# Dates


def test_an_open_year_is_loaded_and_its_form_opens_and_saves(ana):
    fact = make.make_fact(make.make_initiative("nogales-deconcini"), "feasibility-study", modality="happened")
    send(ana, record.Fact, "01-open-interval.csv")
    job = FileJob.objects.get()
    ana.post(f"/admin/initiatives/filejob/{job.pk}/confirm/", {"digest": job.digest})
    fact.refresh_from_db()
    assert (fact.date_edtf, fact.relation) == ("2025/..", "since")
    answer = ana.get(page(record.Fact, "change", fact.pk))
    assert {"2025 onward", "a partir de 2025"} <= set(re.findall(r"[^<>]+", answer.content.decode()))
    assert ana.post(page(record.Fact, "change", fact.pk), form_data(answer) | {"object_en": "study"}).status_code == 302
    fact.refresh_from_db()
    assert (fact.object_en, fact.date_edtf) == ("study", "2025/..")


def test_a_month_is_no_first_of_a_month(ana):
    make.make_fact(make.make_initiative("nogales-deconcini"), "feasibility-study")
    send(ana, record.Fact, "02-month-cell.xlsx")
    assert outcomes()[2]["cells"]["date_edtf"] == ["2024-12", "2025-02"]


def test_a_key_of_which_the_spreadsheet_made_a_date_is_refused(ana):
    make.make_initiative("oecd-semiconductor-study")
    send(ana, record.Initiative, "10-pillar-key.xlsx")
    (mistake,) = outcomes()[2]["errors"]["pillar"]
    assert "column pillar: the spreadsheet made a date of this cell" in mistake


@pytest.mark.parametrize("form", ["d-mmm", "yyyy", "mmmm", '"año" yyyy'])
def test_a_date_that_is_shown_in_part_is_refused_by_its_cell(form):
    data = workbook(["key", "date"], ["a", datetime.date(2025, 2, 25)], formats={"B2": form})
    with pytest.raises(spreadsheet_reader.UnreadableSheet, match="Cell B2"):
        spreadsheet_reader.read_table(data)


@pytest.mark.parametrize(
    "form", ["yyyy-mm-dd", "mm-dd-yy", "d/m/yyyy", '[$-es-MX]d "de" mmmm "de" yyyy', "dd\\-mm\\-yy"]
)
def test_a_whole_day_stays_a_day(form):
    data = workbook(["key", "date"], ["a", datetime.date(2025, 2, 25)], formats={"B2": form})
    assert spreadsheet_reader.read_table(data).rows == [(2, ["a", "2025-02-25"])]


# Numbers


@pytest.mark.parametrize(
    ("file", "values"), [("03-percent-cell.xlsx", ["60"]), ("33-percent-cells.xlsx", ["51", "55", "80", "85"])]
)
def test_a_percentage_is_what_the_cell_shows(ana, figures, file, values):
    send(ana, record.Reading, file)
    assert [outcome["cells"]["value"] for outcome in outcomes().values()] == [[None, value] for value in values]


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [(0.07, "0%", "7%"), (0.125, "0.0%", "12.5%"), (1, "0%", "100%"), (0.6, "General", "0.6"), (60, '0"%"', "60")],
)
def test_percent_formats(value, form, text):
    data = workbook(["key", "value"], ["a", value], formats={"B2": form})
    assert spreadsheet_reader.read_table(data).rows[0][1][1] == text


@pytest.mark.parametrize("form", ["xlsx", "json"])
def test_a_command_reads_a_file_of_any_length(monkeypatch, form):
    monkeypatch.setattr(spreadsheet_reader, "MAX_ROWS", 2)
    rows = [["key"], ["a"], ["b"], ["c"]]
    data = workbook(*rows, formats={}) if form == "xlsx" else b'[{"key": "a"}, {"key": "b"}, {"key": "c"}]'
    with pytest.raises(spreadsheet_reader.UnreadableSheet, match="more than 2 rows"):
        spreadsheet_reader.read_table(data)
    assert len(spreadsheet_reader.read_table(data, of_any_length=True).rows) == 3


def reading(client, value: str) -> dict:
    """What becomes of a reading with this value of a figure in percent."""
    rows = f'fact,order,value,as_of_edtf\ninitiative/otay-mesa-ii#progress,1,"{value}",2024-06\n'
    send(client, record.Reading, rows.encode())
    return outcomes()[2]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("75%", "75"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("12,5", "12.5"),
        ("0.8%", "0.8"),
        ("1,234,567", "1234567"),
    ],
)
def test_numbers_that_can_be_read_in_one_way_are_read(ana, figures, written, value):
    assert reading(ana, written)["cells"]["value"] == [None, value]


@pytest.mark.parametrize("written", ["0.8", "1,234", "12,34,5", "%", "x%"])
def test_numbers_that_can_be_two_are_refused(ana, figures, written):
    assert list(reading(ana, written)["errors"]) == ["value"]


def test_a_part_of_one_is_asked_for_as_a_percentage(ana, figures):
    (question,) = reading(ana, "0.8")["errors"]["value"]
    assert "Is this 0.8% or 80%? Enter it with the sign." in question


def test_a_percentage_of_what_is_none_is_refused(ana, figures):
    record.Fact.objects.update(measure="count", unit_en="lanes", unit_es="carriles")
    assert list(reading(ana, "75%")["errors"]) == ["value"]


def test_a_file_with_semicolons_has_decimal_commas_and_an_ambiguous_day_is_refused(ana, figures):
    send(ana, record.Reading, "34-decimal-comma.csv")
    found = outcomes()
    assert found[2]["cells"]["value"] == [None, "12.5"]
    assert "Enter 2024-06-01 or 2024-01-06" in found[3]["errors"]["as_of_edtf"][0]
    assert list(found[3]["errors"]) == ["as_of_edtf"]
    FileJob.objects.all().delete()
    send(ana, record.Reading, (SHEETS / "34-decimal-comma.csv").read_bytes().replace(b"01/06/2024", b"2024-06-01"))
    assert [outcomes()[row]["cells"]["value"] for row in (2, 3)] == [[None, "12.5"], [None, "61.5"]]


def test_a_day_that_can_be_two_is_settled_by_the_other_days_of_its_file(ana, figures):
    lines = ["fact,order,value,as_of_edtf", "initiative/otay-mesa-ii#progress,1,60,01/06/2024"]
    lines += ["initiative/reynosa-pharr#progress,1,70,28/06/2024"]
    send(ana, record.Reading, "\n".join(lines).encode())
    assert [outcomes()[row]["cells"]["as_of_edtf"][1] for row in (2, 3)] == ["2024-06-01", "2024-06-28"]


def test_every_error_of_every_row_is_told_at_once(ana, figures):
    send(ana, record.Reading, "36-bad-rows.xlsx")
    found = outcomes()
    wrong = {row: list(outcome["errors"]) for row, outcome in found.items() if outcome["kind"] == "wrong"}
    assert wrong == {10: ["fact"]}
    assert [found[12]["cells"][name] for name in ("status", "qualifier")] == [[None, "actual"], [None, "exactly"]]
    days = [found[row]["cells"]["as_of_edtf"][1] for row in (3, 4, 8)]
    assert days == ["2024-04-19", "2024-04-19", "2024-07"]
    assert found[9]["cells"]["reporting_body"] == [None, "sedena"]
    assert [found[row]["cells"]["value"][1] for row in (8, 9, 13)] == ["75", "1234.5", "80"]


def confirm(client, job: FileJob, **data):
    address = f"/admin/initiatives/filejob/{job.pk}/confirm/"
    return client.post(address, {"digest": job.digest} | data, follow=True)


def test_fit_rows_are_taken_and_the_others_downloaded_with_their_reasons(ana, figures):
    """Of one upload: the formula, the order that occurs twice, and the figure that is none."""
    send(ana, record.Reading, "32-readings-mixed.xlsx")
    job, found = FileJob.objects.get(), outcomes()
    wrong = {row: list(outcome["errors"]) for row, outcome in found.items() if outcome["kind"] == "wrong"}
    assert wrong == {2: ["order"], 6: ["value"], 7: ["order"], 10: ["fact"]}
    told = {number: " ".join(*found[number]["errors"].values()) for number in wrong}
    assert told == {
        2: "Row 7 has the same key as row 2. Change one of the two, or delete it.",
        6: "Cell D6 contains a formula. Paste its value instead.",
        7: "Row 7 has the same key as row 2. Change one of the two, or delete it.",
        10: "item “otay-mesa-ii” does not exist. Format: initiative/otay-mesa-ii#works.",
    }
    confirm(ana, job)
    assert not record.Reading.objects.exists()
    confirm(ana, job, without_errors="yes")
    assert sorted(record.Reading.objects.values_list("value", flat=True)) == [
        40,
        55,
        56,
        57,
        75,
        80,
        80,
        Decimal("1234.5"),
    ]
    address = f"/admin/initiatives/filejob/{job.pk}/rejected.xlsx"
    data = ana.get(address).getvalue()
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    names, *rows = sheet.iter_rows(values_only=True)
    assert names[-1] == "errors"
    assert len(rows) == len(wrong)
    assert "value: Cell D6 contains a formula" in rows[1][-1]
    FileJob.objects.all().delete()
    send(ana, record.Reading, data)
    assert list(outcomes()[5]["errors"]) == ["fact"]


def test_a_row_that_names_one_with_errors_keeps_the_file_from_being_saved(ana):
    rows = "key,kind,country,name_en,name_es,parent\na,city,XX,A,A,\nb,city,MX,B,B,a\n"
    send(ana, record.Place, rows.encode())
    job = FileJob.objects.get()
    assert (job.new, job.wrong) == (1, 1)
    answer = confirm(ana, job, without_errors="yes")
    assert "Correct those rows first." in answer.content.decode()
    assert not record.Place.objects.exists()


@pytest.mark.parametrize(
    ("column", "written", "value"),
    [
        ("value", "60%", 60),
        ("value", "1,234,567.5", Decimal("1234567.5")),
        ("as_of_inferred", "Yes", True),
        ("as_of_inferred", "SÍ", True),
        ("status", "ACTUAL", "actual"),
        ("status", "Observado", "actual"),
        ("qualifier", "At least", "at_least"),
    ],
)
def test_a_cell_as_people_type_it_is_read(column, written, value):
    assert file_tables.ImportTable("readings").fields[column].widget.clean(written) == value


@pytest.mark.parametrize(
    ("column", "written", "words"),
    [
        ("value", "2,000", "“2,000” can be two numbers. Enter 2000 or 2.000."),
        ("as_of_inferred", "maybe", "Enter “yes” or leave the cell empty."),
    ],
)
def test_a_cell_that_cannot_be_read_is_explained(column, written, words):
    with pytest.raises((ValidationError, ValueError), match=re.escape(words)):
        file_tables.ImportTable("readings").fields[column].widget.clean(written)


# Choices


@pytest.mark.parametrize("language", ["en", "es"])
def test_templates_offer_choices_in_the_reader_s_language_and_imports_read_them(ana, language):
    with override(language):
        table = file_tables.ImportTable("facts")
        assert import_templates.offered_choices(table)["action"][0] == {"en": "Begin", "es": "Iniciar"}[language]
        explained = "\n".join(text for line in import_templates.explained(table) for text in line.values())
        assert {"en": "begin = begin", "es": "begin = iniciar"}[language] in explained
        for name, resource in FILES.items():
            table = file_tables.ImportTable(name, resource)
            for column, labels in import_templates.offered_choices(table).items():
                widget = table.fields[column].widget
                assert [widget.clean(label) for label in labels] == [value for value, _label in widget.choices]
    answer = ana.get(page(record.Fact, "import") + "xlsx/", headers={"Accept-Language": language})
    book = load_workbook(io.BytesIO(answer.getvalue()))
    rules = {str(rule.sqref)[0]: rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation}
    kind = next(cell.column_letter for cell in book.worksheets[0][1] if cell.value == "kind")
    column = rules[kind].split("!$")[1][0]
    assert book["lists"].sheet_state == "hidden"
    assert book["lists"][f"{column}1"].value == {"en": "Milestone", "es": "Hito"}[language]


@pytest.mark.parametrize("file", ["30-language-word.csv", "31-language-upper.csv"])
def test_a_choice_is_read_by_its_label_and_in_capitals(ana, file):
    send(ana, record.Place, file)
    assert outcomes()[2]["cells"]["original_language"] == [None, "es"]
    job = FileJob.objects.get()
    ana.post(f"/admin/initiatives/filejob/{job.pk}/confirm/", {"digest": job.digest})
    place = record.Place.objects.get()
    assert (place.original_language, place.translation_is_older()) == ("es", False)


@pytest.mark.parametrize("written", ["Français", "fr", "e", "en;es", "x" * 500])
def test_what_is_no_choice_names_the_choices(ana, written):
    rows = f"key,kind,country,name_en,name_es,translation_state,original_language\na,city,MX,A,A,agreed,{written}\n"
    send(ana, record.Place, rows.encode())
    (message,) = outcomes()[2]["errors"]["original_language"]
    assert message.endswith("is not one of the choices: en, es.")


def test_a_failure_of_the_checker_ends_a_short_file_with_a_message(ana, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(import_validation.StaffChecker, "check", fail)
    answer = send(ana, record.Place, b"key,kind\na,city\n")
    job = FileJob.objects.get()
    assert job.state == FileState.REFUSED
    assert job.reasons in answer.content.decode()


def test_a_failure_while_a_short_file_is_written_ends_it_with_a_message(ana, monkeypatch):
    make.make_place()
    send(ana, record.Place, b"key,name_en\nsonora,New\n")
    monkeypatch.setattr(import_jobs.import_writer, "prepare", lambda *arguments: 1 / 0)
    job = FileJob.objects.get()
    answer = ana.post(f"/admin/initiatives/filejob/{job.pk}/confirm/", {"digest": job.digest}, follow=True)
    job.refresh_from_db()
    assert (answer.status_code, job.state) == (200, FileState.REFUSED)


# The file


def test_a_mark_that_became_a_number_is_not_a_change_in_the_portal(ana):
    make.make_initiative("cybersecurity-workshop")
    send(ana, record.Initiative, "08-stamp-as-number.csv")
    (message,) = outcomes()[2]["errors"]["as_exported"]
    assert "changed in the portal" not in message


def test_no_mark_can_be_taken_for_a_number(ana):
    from initiatives.imports import file_tables

    for n in range(300):
        with pytest.raises(ArithmeticError):
            Decimal(file_tables.stamp({"key": str(n)}))


def test_lines_above_the_names_of_the_columns_are_told_once(ana, figures):
    (mistake,) = send(ana, record.Reading, "14-title-line.xlsx").context["mistakes"]
    assert "names of the columns" in mistake


def test_a_file_of_windows_says_what_to_do(ana):
    (mistake,) = send(ana, record.Place, "35-semicolons-cp1252.csv").context["mistakes"]
    assert "UTF-8" in mistake


@pytest.mark.parametrize("name", ["blank", "export"])
def test_cells_to_fill_in_are_texts(ana, name):
    make.make_fact(make.make_initiative())
    address = page(record.Fact, "export") if name == "export" else page(record.Fact, "import") + "xlsx/"
    answer = ana.post(address, {"form": "xlsx"}) if name == "export" else ana.get(address)
    sheet = load_workbook(io.BytesIO(answer.getvalue())).worksheets[0]
    columns = [cell.column_letter for cell in sheet[1]]
    assert {sheet.column_dimensions[letter].number_format for letter in columns} == {"@"}
    texts = [cell for row in sheet.iter_rows(min_row=2) for cell in row if isinstance(cell.value, str)]
    assert {cell.number_format for cell in texts} <= {"@"}
