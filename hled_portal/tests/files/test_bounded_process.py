"""What somebody uploaded is read in a process that the system ends when it takes too much."""

import subprocess
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from hled_portal.files import bounded_process, spreadsheet_reader
from hled_portal.tests.factories import make_user
from initiatives.imports import import_jobs
from initiatives.imports.file_tables import import_table
from initiatives.models import Topic
from stakeholders.letters import attachments, bulk_intake, file_kinds

from . import hostile_files, hungry_readers

LARGE = b"x" * (bounded_process.SMALL + 1)


@pytest.mark.parametrize("reader", ["fill_memory", "compute", "wait", "end"])
def test_a_reader_that_takes_too_much_is_ended(reader, monkeypatch):
    monkeypatch.setattr(bounded_process, "PROCESSOR_SECONDS", 1)
    monkeypatch.setattr(bounded_process, "WALL_SECONDS", 0.5 if reader == "wait" else 30)
    begun = time.monotonic()
    with pytest.raises(bounded_process.LimitExceeded):
        bounded_process.call(getattr(hungry_readers, reader), LARGE)
    assert time.monotonic() - begun < 30


def test_a_reader_has_no_secrets_and_writes_nothing(monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "smtp://user:secret@mail.example")
    names = bounded_process.call(hungry_readers.environment, LARGE)
    assert set(names) <= {*bounded_process.ENVIRONMENT, "DJANGO_SETTINGS_MODULE", "LC_CTYPE"}
    assert bounded_process.call(hungry_readers.write, LARGE) == "OSError"


def test_a_mistake_of_a_reader_is_logged_and_not_the_fault_of_the_file(caplog):
    with pytest.raises(RuntimeError):
        bounded_process.call(hungry_readers.fail, LARGE)
    assert "a mistake of the reader" in caplog.text


def test_a_small_file_is_read_without_a_process(monkeypatch):
    monkeypatch.setattr(bounded_process.subprocess, "run", None)
    assert spreadsheet_reader.read_upload(b"a\n1\n", ["a"]).rows == [(2, ["1"])]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_table_is_the_same_read_in_a_process(kind, monkeypatch):
    data = {"csv": b"a,b\n\xc3\xb1,2\n", "xlsx": hostile_files.xlsx(b"", rows=3)}[kind]
    here = spreadsheet_reader.read_table(data)
    monkeypatch.setattr(bounded_process, "SMALL", 0)
    assert spreadsheet_reader.read_upload(data, here.columns) == here


def test_what_is_wrong_is_said_in_the_language_of_the_reader(monkeypatch):
    monkeypatch.setattr(bounded_process, "SMALL", 0)
    with translation.override("es"):
        with pytest.raises(spreadsheet_reader.UnreadableSheet, match="La fila 2 tiene más celdas que columnas"):
            spreadsheet_reader.read_upload(b"a\n1,2\n", ["a"])
        with pytest.raises(file_kinds.Unfit, match="está dañado"):
            attachments.examined(SimpleUploadedFile("a.docx", b"PK\x03\x04"), "")
        # Less than the process has already.
        monkeypatch.setattr(bounded_process, "MEMORY", 1)
        with pytest.raises(spreadsheet_reader.UnreadableSheet, match="demasiado tiempo o memoria"):
            spreadsheet_reader.read_upload(hostile_files.xlsx(b""), ["a"])
        with pytest.raises(file_kinds.Unfit, match="demasiado tiempo o memoria"):
            attachments.examined(SimpleUploadedFile("a.docx", hostile_files.docx(b"<w:document/>")), "")


@pytest.mark.parametrize(
    "words", [b"MemoryError\n", b"OSError: [Errno 12] Cannot allocate memory: 'x'\n", b"failed to map segment from x\n"]
)
def test_each_way_to_lack_memory_is_told_as_that(monkeypatch, words):
    monkeypatch.setattr(bounded_process, "SMALL", 0)
    ended = subprocess.CompletedProcess([], returncode=1, stdout=b"", stderr=words)
    monkeypatch.setattr(bounded_process.subprocess, "run", lambda *_arguments, **_options: ended)
    with pytest.raises(spreadsheet_reader.UnreadableSheet, match="too much time or memory"):
        spreadsheet_reader.read_upload(b"a\n1\n", ["a"])


READERS = {
    "an import": lambda data: import_jobs.receive(make_user("ana", "editor"), import_table(Topic), "a.csv", data),
    "submissions": lambda data: bulk_intake.read_letters(data, bulk_intake.IntakeSource("sheet")),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", READERS)
def test_what_staff_upload_is_read_within_these_bounds(name, monkeypatch):
    def exceed(*_arguments):
        raise bounded_process.LimitExceeded

    monkeypatch.setattr(bounded_process, "call", exceed)
    with pytest.raises(spreadsheet_reader.UnreadableSheet, match="too much time or memory"):
        READERS[name](b"a\n1\n")


@pytest.mark.parametrize("name", ["a mark of 199 MB", "44 kB that took 32 seconds", "a cell far away"])
def test_files_that_took_minutes_are_refused_long_before_the_limits_of_the_process(name, monkeypatch):
    """Each is measured by `make attack` with 37 others; here the process has little to spend."""
    monkeypatch.setattr(bounded_process, "SMALL", 0)
    monkeypatch.setattr(bounded_process, "MEMORY", 250 * hostile_files.MEGABYTE)
    monkeypatch.setattr(bounded_process, "PROCESSOR_SECONDS", 10)
    build = hostile_files.SLOW[name]
    if name == "a mark of 199 MB":
        with pytest.raises(file_kinds.Unfit, match="not a PDF"):
            attachments.examined(SimpleUploadedFile("a.odt", build()), "")
    else:
        with pytest.raises(spreadsheet_reader.UnreadableSheet, match="too large|outside the table"):
            spreadsheet_reader.read_upload(build(), ["a0"])
