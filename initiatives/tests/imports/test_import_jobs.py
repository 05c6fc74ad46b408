"""Long files: checked and written by the jobs, slice by slice, while others write; nothing half done."""

import json
import zipfile
from io import BytesIO

import pytest
from django.core import mail as outbox
from django.urls import reverse
from django.utils import timezone

from hled_portal.background.jobs import JobRun
from hled_portal.files.spreadsheet_reader import UnreadableSheet
from hled_portal.models import Mail
from hled_portal.tests import factories as make
from hled_portal.tests.processes import database_url, finish, starter
from initiatives import models as record
from initiatives.imports import file_tables, import_jobs, import_writer
from initiatives.models import FileJob, FileState

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def ana(settings):
    settings.FILE_ROWS_AT_ONCE = 3
    return make.make_user("ana", "editor", email="ana@example.org", language="es")


def facts(count: int, **cells) -> bytes:
    always = {"subject": "initiative/otay-mesa-ii", "kind": "milestone", "side": "MX", "action": "begin"}
    always |= {"modality": "expected", "object_en": "works", "object_es": "obras"} | cells
    return json.dumps([always | {"key": f"works-{n}"} for n in range(count)]).encode()


def send(user, data: bytes, model=record.Fact) -> FileJob:
    return import_jobs.receive(user, file_tables.import_table(model), "facts.json", data)


def turn(slices: int) -> JobRun:
    """A turn that ends after so many slices."""
    left = iter(range(slices))
    return JobRun(ending=lambda: next(left, None) is None)


def test_a_long_file_is_checked_in_slices_and_goes_on_where_it_was(ana, monkeypatch):
    monkeypatch.setattr(import_jobs, "SLICE", 2)
    make.make_initiative()
    job = send(ana, facts(5))
    import_jobs.run_open_jobs(turn(2))
    job.refresh_from_db()
    assert (job.state, job.rows_done, job.new) == (FileState.CHECKING, 2, 2)
    import_jobs.run_open_jobs(turn(9))
    job.refresh_from_db()
    assert (job.state, job.rows_done, job.new, job.parts.count()) == (FileState.CHECKED, 5, 5, 3)
    import_jobs.confirm_import(job, ana, job.digest)
    assert (job.state, record.Fact.objects.count()) == (FileState.WRITING, 0)
    import_jobs.run_open_jobs(turn(9))
    job.refresh_from_db()
    assert (job.state, record.Fact.objects.count()) == (FileState.WRITTEN, 5)


def test_its_sender_is_told_in_her_language_without_a_word_of_the_record(ana):
    make.make_initiative()
    job = send(ana, facts(5, object_en="MARKER"))
    import_jobs.run_open_jobs(turn(9))
    import_jobs.confirm_import(FileJob.objects.get(), ana, job.digest)
    import_jobs.run_open_jobs(turn(9))
    checked, written = Mail.objects.order_by("pk")
    assert (checked.recipient, checked.language) == ("ana@example.org", "es")
    assert import_jobs.job_url(job) in checked.body
    assert import_jobs.job_url(job) in written.body
    assert "MARKER" not in checked.body + written.body
    assert outbox.outbox == []


def test_a_worker_that_dies_while_it_writes_leaves_nothing_and_the_next_one_writes_all(ana, monkeypatch):
    make.make_initiative()
    job = send(ana, facts(5))
    import_jobs.run_open_jobs(turn(9))
    import_jobs.confirm_import(FileJob.objects.get(), ana, job.digest)

    def die(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(import_jobs, "_written", die)
        with pytest.raises(KeyboardInterrupt):
            import_jobs.run_open_jobs(turn(9))
    job.refresh_from_db()
    assert (job.state, record.Fact.objects.count()) == (FileState.WRITING, 0)
    assert record.Fact.history.count() == 0
    import_jobs.run_open_jobs(turn(9))
    assert record.Fact.objects.count() == record.Fact.history.count() == 5


def test_a_failure_ends_the_file_and_the_others_go_on(ana, monkeypatch):
    make.make_initiative()
    broken, sound = send(ana, facts(5)), send(ana, facts(4))
    whole = import_jobs.check_rows

    def fail(job, should_continue):
        if job.pk == broken.pk:
            raise RuntimeError("a fault of ours")
        whole(job, should_continue)

    monkeypatch.setattr(import_jobs, "check_rows", fail)
    import_jobs.run_open_jobs(turn(9))
    broken.refresh_from_db(), sound.refresh_from_db()
    assert (broken.state, sound.state) == (FileState.REFUSED, FileState.CHECKED)
    assert broken.reasons.startswith("The portal could not process this file and saved nothing.")


def test_a_file_that_is_cancelled_while_it_waits_to_be_written_is_not_written(ana, monkeypatch):
    make.make_initiative()
    job = send(ana, facts(5))
    import_jobs.run_open_jobs(turn(9))
    job.refresh_from_db()
    import_jobs.confirm_import(job, ana, job.digest)
    prepare = import_writer.prepare

    def cancel_meanwhile(*arguments):
        prepared = prepare(*arguments)
        import_jobs.cancel(job, ana)
        return prepared

    monkeypatch.setattr(import_writer, "prepare", cancel_meanwhile)
    import_jobs.run_open_jobs(turn(9))
    job.refresh_from_db()
    assert (job.state, record.Fact.objects.count()) == (FileState.CANCELLED, 0)


def test_a_right_that_is_taken_away_ends_the_file(ana):
    make.make_initiative()
    job = send(ana, facts(5))
    ana.groups.clear()
    import_jobs.run_open_jobs(turn(9))
    job.refresh_from_db()
    assert (job.state, job.rows_done) == (FileState.REFUSED, 0)


def test_a_short_file_whose_sender_left_is_taken_on(ana):
    make.make_topic()
    job = send(ana, b"key,name_en\nsupply-chains,New\n", record.Topic)
    assert import_jobs.run_open_jobs(turn(9)) is None
    FileJob.objects.update(sent_at=timezone.now() - import_jobs.ABANDONED_AFTER)
    import_jobs.run_open_jobs(turn(9))
    job.refresh_from_db()
    assert job.state == FileState.CHECKED


def test_rows_are_kept_for_a_day_and_what_came_of_them_for_a_week(ana):
    make.make_initiative()
    job = send(ana, facts(5))
    import_jobs.run_open_jobs(turn(9))
    FileJob.objects.update(sent_at=timezone.now() - import_jobs.DAY)
    import_jobs.delete_old_jobs(turn(1))
    job.refresh_from_db()
    assert (job.state, bytes(job.content), job.parts.count()) == (FileState.CANCELLED, b"", 1)
    FileJob.objects.update(sent_at=timezone.now() - import_jobs.RESULTS_KEPT_FOR)
    import_jobs.delete_old_jobs(turn(1))
    assert not FileJob.objects.exists()


@pytest.mark.only_on("sqlite")
def test_a_person_has_so_many_open_files(ana, monkeypatch):
    monkeypatch.setattr(import_jobs, "MAX_OPEN_JOBS", 1)
    make.make_initiative()
    send(ana, facts(1))
    with pytest.raises(UnreadableSheet, match="You have too many files awaiting a decision."):
        send(ana, facts(1))


@pytest.mark.only_on("sqlite")
def test_the_page_shows_the_progress_and_asks_again_by_itself(ana, client):
    make.make_initiative()
    job = send(ana, facts(5))
    client.force_login(ana)
    answer = client.get(import_jobs.job_url(job))
    assert answer["Refresh"] == "4"
    assert "0 of 5 rows checked." in answer.content.decode()
    assert '<progress max="5" value="0"' in answer.content.decode()
    assert "Refresh" not in client.get(import_jobs.job_url(job) + "?still")
    import_jobs.run_open_jobs(turn(9))
    answer = client.get(import_jobs.job_url(job))
    assert "Refresh" not in answer
    assert "Save these changes" in answer.content.decode()


@pytest.mark.only_on("sqlite")
def test_a_preview_lists_some_hundred_rows_and_counts_the_rest(ana, client):
    make.make_initiative()
    client.force_login(ana)
    job = send(ana, facts(203))
    import_jobs.run_open_jobs(turn(9))
    answer = client.get(import_jobs.job_url(job))
    assert len(answer.context["rows"]) == 200
    assert "and 3 more new or changed rows" in answer.content.decode()
    import_jobs.cancel(job, ana)
    job = send(ana, facts(203, kind="figure"))
    import_jobs.run_open_jobs(turn(9))
    answer = client.get(import_jobs.job_url(job))
    assert len(answer.context["wrong"]) == 200
    assert "and 3 more rows with errors" in answer.content.decode()
    every = client.get(reverse("admin:initiatives_filejob_errors", args=[job.pk]))
    assert b"".join(every.streaming_content).count(b"\n") >= 204


def test_the_queries_of_a_check_are_the_same_for_ten_rows_and_for_ninety(ana, django_assert_num_queries):
    make.make_initiative()
    make.make_figure(record.Initiative.objects.get())
    rows = [{"fact": "initiative/otay-mesa-ii#progress", "order": n, "value": n} for n in range(1, 91)]
    few, many = (send(ana, json.dumps(some).encode(), record.Reading) for some in (rows[:10], rows))
    with django_assert_num_queries(13):
        import_jobs.check_rows(few)
    with django_assert_num_queries(13):
        import_jobs.check_rows(many)


# Others write meanwhile

THE_FILE = """
from hled_portal.background.jobs import JobRun
from initiatives.imports import import_jobs
from initiatives.models import FileJob
import_jobs.run_open_jobs(JobRun(seconds=60))
job = FileJob.objects.get()
import_jobs.confirm_import(job, job.owner, job.digest)
import_jobs.run_open_jobs(JobRun(seconds=60))
job.refresh_from_db()
print(job.state)
"""
LETTERS = """
import time
from initiatives.models import FileJob
from stakeholders.models import Follower
waits = []
while FileJob.objects.filter(ended_at=None).exists():
    began = time.monotonic()
    Follower.objects.create(address=f"eva-{len(waits)}@example.org", language="en", rhythm="at_once")
    waits.append(time.monotonic() - began)
    time.sleep(0.01)
print(len(waits), max(waits))
"""


@pytest.mark.django_db(transaction=True)
def test_letters_are_accepted_while_a_long_file_goes_in(ana, tmp_path):
    """Another process writes during the check and, with the patience of the settings, during the writing."""
    make.make_initiative()
    send(ana, facts(1500))
    with starter(DATABASE_URL=database_url(tmp_path), DEBUG="1", FILE_ROWS_AT_ONCE="3") as start:
        work, letters = (start("shell", "--no-imports", "-c", code) for code in (THE_FILE, LETTERS))
        code, said = finish(work)
        assert (code, said.split()[-1]) == (0, "written")
        code, said = finish(letters)
    count, longest = said.split()[-2:]
    assert (code, int(count) > 20, float(longest) < 5) == (0, True, True)


def test_the_next_row_of_a_table_gets_a_key_of_its_own(ana):
    initiative = make.make_initiative()
    job = send(ana, facts(5))
    import_jobs.run_open_jobs(turn(9))
    job.refresh_from_db()
    import_jobs.confirm_import(job, ana, job.digest)
    before = make.make_fact(initiative, "before")
    import_jobs.run_open_jobs(turn(9))
    after = make.make_fact(initiative, "after")
    keys = list(record.Fact.objects.values_list("pk", flat=True))
    assert len(keys) == len(set(keys)) == 7
    assert after.pk > before.pk
    assert record.Fact.history.count() == 7


# Packed bombs


def packed(**parts: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (
            {"xl/workbook.xml": b"", "xl/worksheets/sheet1.xml": b"\0" * 200_000_000},
            "This workbook is too large when uncompressed.",
        ),
        (
            {"xl/workbook.xml": b"", **{f"xl/{n}": b"" for n in range(600)}},
            "This workbook is too large when uncompressed.",
        ),
        ({"xl/workbook.xml": b"", "xl/vbaProject.bin": b""}, "contains macros"),
        ({"word/document.xml": b""}, "not a table"),
        ({"xl/workbook.xml": b"<x", "[Content_Types].xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"}, "damaged"),
    ],
)
def test_a_hostile_workbook_is_refused(ana, parts, reason):
    with pytest.raises(UnreadableSheet, match=reason):
        send(ana, packed(**parts))
    assert not FileJob.objects.exists()
