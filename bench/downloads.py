"""Files that readers take away, beside the same rows written plainly."""

import tempfile
from functools import partial

from django.test import Client
from openpyxl import Workbook, load_workbook

from . import stock, timing
from .pages import portal_client
from .rows import ratio_row, seconds_row


def download_rows(turns: int):
    client = portal_client()
    csv_file = partial(_download, client, "/en/initiatives.csv")
    theirs = timing.compare_seconds(csv_file, lambda: stock.InitiativeResource().export().csv, turns)
    yield ratio_row("initiatives as CSV", "stock resource of django-import-export", theirs, 1.5)
    cells = _cells(_download(client, "/en/initiatives.xlsx"))
    workbook = timing.compare_seconds(partial(_download, client, "/en/initiatives.xlsx"), partial(_write, cells), turns)
    yield ratio_row("initiatives as XLSX", "openpyxl, write-only, the same cells in memory", workbook, 1.5)
    yield seconds_row(
        "whole record as a package", timing.seconds(partial(_download, client, "/en/data/package.zip")), None
    )


def _download(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def _cells(data: bytes) -> dict[str, list[tuple]]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        workbook = load_workbook(file, read_only=True)
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in workbook.worksheets}


def _write(sheets: dict[str, list[tuple]]) -> None:
    workbook = Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    with tempfile.TemporaryFile() as file:
        workbook.save(file)
