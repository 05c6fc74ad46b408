"""Files of attachments that no row names: kept in quarantine, and left alone where they are many."""

import os
import time

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from hled_portal.background import jobs, status
from hled_portal.background.jobs import JobRun
from hled_portal.tests.factories import make_letter
from stakeholders.letters import stray_files
from stakeholders.models import Attachment, private_storage

pytestmark = pytest.mark.django_db
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def later(monkeypatch):
    def later(days: float):
        now = time.time() + days * DAY
        monkeypatch.setattr(stray_files.time, "time", lambda: now)

    return later


def attach(name: str, letter, named: bool = True, old: bool = True):
    """A file, with or without a row."""
    path = private_storage().save(f"letters/ab/{name}", ContentFile(name.encode()))
    if old:
        os.utime(private_storage().path(path), (1, 1))
    row = Attachment(letter=letter, name=name, kind="txt", size=1, digest=name, file=path)
    if named:
        row.save()
    return row


@pytest.fixture
def files():
    """Nine files of letters and one without a row: not more than a tenth."""
    letter = make_letter()
    return [attach(f"{n}", letter, named=n > 0) for n in range(10)]


def stored(media) -> dict[str, str]:
    return {file.name: file.parent.relative_to(media).as_posix() for file in media.rglob("*") if file.is_file()}


def content(media, row) -> str:
    return (media / row.file.name).read_text()


def test_a_file_without_a_row_is_kept_in_quarantine_for_thirty_days(files, media, later):
    stray_files.quarantine_strays(JobRun())
    assert stored(media).pop("0") == "quarantine/letters/ab"
    assert {name for name, folder in stored(media).items() if folder == "letters/ab"} == set("123456789")
    later(29)
    stray_files.quarantine_strays(JobRun())
    assert "0" in stored(media)
    later(31)
    stray_files.quarantine_strays(JobRun())
    assert set(stored(media)) == set("123456789")


def test_a_young_file_may_be_of_a_transaction_under_way(files, media):
    attach("young", files[0].letter, named=False, old=False)
    stray_files.quarantine_strays(JobRun())
    assert stored(media)["young"] == "letters/ab"


@pytest.mark.parametrize("days", [1, 40])
def test_a_file_comes_back_when_a_row_names_it_again(files, media, later, days):
    stray_files.quarantine_strays(JobRun())
    files[0].save()
    later(days)
    stray_files.quarantine_strays(JobRun())
    assert stored(media)["0"] == "letters/ab"
    assert content(media, files[0]) == "0"


@pytest.mark.parametrize("missing", [2, 10])
def test_where_many_files_have_no_row_none_is_moved_and_status_says_so(files, media, capsys, monkeypatch, missing):
    """As beside an older database, or an empty one."""
    monkeypatch.setattr(jobs, "_registered", {})
    Attachment.objects.filter(digest__lt=f"{missing}" if missing < 10 else "a").delete()
    before = stored(media)
    stray_files.quarantine_strays(JobRun())
    assert stored(media) == before
    with pytest.raises(SystemExit):
        call_command("status")
    assert f"{missing} of 10 files" in capsys.readouterr().out


def test_status_counts_what_is_in_quarantine(files, monkeypatch):
    assert list(stray_files.report_strays()) == []
    stray_files.quarantine_strays(JobRun())
    (line,) = stray_files.report_strays()
    assert (line.too_old, line.text[-3:]) == (False, ": 1")
    assert line in status.lines()


def test_the_jobs_erase_no_file_of_another_database(files, media, capsys):
    """All jobs of `manage.py work`, as with a wrong DATABASE_URL."""
    Attachment.objects.all().delete()
    before = stored(media)
    for job in jobs.registered():
        job.do(JobRun())
    assert stored(media) == before
