"""Empty files to fill in, and the document that describes their columns."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils.text import capfirst
from openpyxl import load_workbook

from hled_portal.files import spreadsheet_reader
from initiatives.imports import import_templates
from initiatives.imports.file_tables import FILES, ImportTable
from initiatives.vocabulary.choices import Stage

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "data.md"


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "text"
    call_command("template", path, verbosity=0)
    return path


def test_each_file_has_the_columns_of_its_table(directory):
    for name in FILES:
        sheet = spreadsheet_reader.read_exact_csv((directory / f"{name}.csv").read_bytes())
        assert (sheet.columns, sheet.rows) == (ImportTable(name).columns, [])


def test_the_workbook_offers_the_values_of_each_list_and_keeps_dates_as_text(directory):
    workbook = load_workbook(directory / "dialogue.xlsx")
    assert set(FILES) < set(workbook.sheetnames)
    sheet = workbook["initiatives"]
    columns = [cell.value for cell in sheet[1]]
    letter = sheet.cell(1, columns.index("stage") + 1).column_letter
    (validation,) = [one for one in sheet.data_validations.dataValidation if str(one.sqref).startswith(f"{letter}2:")]
    source, _bang, cells = validation.formula1.partition("!")
    assert [row[0].value for row in workbook[source][cells.replace("$", "")]] == [
        capfirst(str(label)) for label in Stage.labels
    ]
    facts = workbook["facts"]
    assert facts.column_dimensions["A"].number_format == "@"


def test_nothing_is_overwritten(directory):
    with pytest.raises(CommandError, match="initiatives.csv"):
        call_command("template", directory, verbosity=0)


def test_the_document_describes_every_column():
    _introduction, _mark, described = DOCUMENT.read_text(encoding="utf-8").partition("\n## cycles.csv")
    assert f"## cycles.csv{described}" == import_templates.describe_columns()
