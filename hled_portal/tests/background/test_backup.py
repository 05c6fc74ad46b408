"""A backup is restored into an empty system, equal row by row and file by file; damage is named."""

import datetime
import io
import tarfile
from pathlib import Path

import pyrage
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from hled_portal.background import backup, status
from hled_portal.models import JobState, User
from hled_portal.tests import factories as make
from hled_portal.tests.plugin import empty_the_record

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
KEY = pyrage.x25519.Identity.generate()


@pytest.fixture
def portal(settings, tmp_path):
    """A system with published texts, a submission with an attachment, and a subscriber."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BACKUP_RECIPIENT = str(KEY.to_public())
    (tmp_path / "key.txt").write_text(f"# created\n{KEY}\n", encoding="utf-8")
    cast = make.make_cast()
    make.make_topic()
    make.make_published(cast)
    letter = make.make_letter("Con acentos: ñ, “comillas”.")
    letter.attachments.create(
        name="x.txt", kind="txt", size=1, digest="1", scan="clean", file=ContentFile(b"words", "x")
    )
    make.make_follower()
    return tmp_path


def contents() -> dict:
    """Every row of every table, and every file."""
    rows = {
        model._meta.label: sorted(map(repr, model._base_manager.values_list(*_columns(model))))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model is not JobState
    }
    root = Path(settings.MEDIA_ROOT)
    return rows | {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def _columns(model) -> list[str]:
    """All of them; the rows of a many-to-many column get other keys."""
    fields = model._meta.concrete_fields
    return [field.attname for field in fields if not (model._meta.auto_created and field.primary_key)]


def wipe():
    empty_the_record()
    ContentType.objects.clear_cache()
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        if path.is_file():
            path.unlink()


def run(*arguments) -> str:
    out = io.StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


def test_what_is_restored_is_equal(portal):
    before = contents()
    assert "1 files, verified" in run("backup", portal / "a.age")
    assert b"acentos" not in (portal / "a.age").read_bytes()
    wipe()
    assert contents() != before
    run("restore", portal / "a.age", "--identity", portal / "key.txt")
    assert contents() == before
    assert "head" in run("verify_record")
    assert make.make_user("later").pk > max(User.objects.exclude(username="later").values_list("pk", flat=True))


def test_nothing_is_restored_over_a_filled_system(portal):
    run("backup", portal / "a.age")
    with pytest.raises(CommandError, match="not empty"):
        run("restore", portal / "a.age", "--identity", portal / "key.txt")


def test_a_flipped_byte_is_named(portal):
    run("backup", portal / "a.tar", "--plain")
    run("restore", portal / "a.tar", "--check")
    with tarfile.open(portal / "a.tar") as archive:
        place = archive.getmember("tables/stakeholders.letter.jsonl").offset_data + 40
    data = bytearray((portal / "a.tar").read_bytes())
    data[place] ^= 1
    (portal / "a.tar").write_bytes(data)
    with pytest.raises(CommandError, match="tables/stakeholders.letter.jsonl"):
        run("restore", portal / "a.tar", "--check")
    (portal / "a.tar").write_bytes(data[: len(data) // 2])
    with pytest.raises(CommandError, match="damaged|incomplete"):
        run("restore", portal / "a.tar", "--check")


def test_an_encrypted_one_opens_for_its_key_alone_and_whole(portal):
    run("backup", portal / "a.age")
    data = bytearray((portal / "a.age").read_bytes())
    data[-20] ^= 1
    (portal / "b.age").write_bytes(data)
    (portal / "other.txt").write_text(str(pyrage.x25519.Identity.generate()), encoding="utf-8")
    for name, key in (("b.age", "key.txt"), ("a.age", "other.txt")):
        with pytest.raises(CommandError, match="damaged, or encrypted to another key"):
            run("restore", portal / name, "--identity", portal / key, "--check")


def test_without_a_key_nothing_is_written(portal, settings):
    settings.BACKUP_RECIPIENT = ""
    with pytest.raises(CommandError, match="BACKUP_RECIPIENT is not set"):
        run("backup", portal / "a.age")
    settings.BACKUP_RECIPIENT = "age1nonsense"
    with pytest.raises(CommandError, match="No backup was made"):
        run("backup", portal / "a.age")
    assert not (portal / "a.age").exists()


def test_status_knows_the_last_one(portal):
    def line():
        (found,) = backup.report_backup()
        return found

    assert line() == status.StatusLine("backup: last verified never", too_old=True)
    run("backup", portal / "a.age")
    assert not line().too_old
    JobState.objects.filter(name="backup").update(succeeded_at=timezone.now() - datetime.timedelta(days=2))
    assert line().too_old
