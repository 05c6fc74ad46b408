"""Files that readers take away, beside the same rows written plainly."""

import tempfile
from functools import partial
from itertools import islice

from django.test import Client
from openpyxl import Workbook, load_workbook

from initiatives.models import Initiative

from . import stock, timing
from .pages import portal_client
from .rows import ratio_row, seconds_row

#: Rows of the references, which are taken as many times as there are more: they grow evenly, and take minutes in all.
SAMPLE_ROWS = 1000


def download_rows():
    client, rows = portal_client(), Initiative.objects.count()
    _download(client, "/en/initiatives.csv?pillar=2021-4")  # The first imports what files need.
    sample, times = min(rows, SAMPLE_ROWS), max(rows / SAMPLE_ROWS, 1)

    ours = timing.seconds(partial(_download, client, "/en/initiatives.csv"))
    theirs = timing.seconds(lambda: stock.InitiativeResource().export(Initiative.objects.all()[:sample]).csv)
    measured = timing.Measured(ours, theirs * times)
    yield ratio_row("initiatives as CSV", "stock resource of django-import-export", measured, 1.5)

    data: list[bytes] = []
    ours = timing.seconds(lambda: data.append(_download(client, "/en/initiatives.xlsx")))
    cells = _cells(data.pop(), sample + 1)
    theirs = timing.seconds(partial(_write, cells))
    measured = timing.Measured(ours, theirs * times)
    yield ratio_row("initiatives as XLSX", "openpyxl, write-only, the same cells in memory", measured, 1.5)

    package = timing.seconds(partial(_download, client, "/en/data/package.zip"))
    yield seconds_row("whole record as a package", package, None)


def _download(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def _cells(data: bytes, most: int) -> dict[str, list[tuple]]:
    """The first rows of each sheet."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        workbook = load_workbook(file, read_only=True)
        return {sheet.title: list(islice(sheet.iter_rows(values_only=True), most)) for sheet in workbook.worksheets}


def _write(sheets: dict[str, list[tuple]]) -> None:
    workbook = Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    with tempfile.TemporaryFile() as file:
        workbook.save(file)
