"""A backup is restored into an empty system, equal row by row and file by file; damage is named."""

import datetime
import io
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pyrage
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from hled_portal.background import backup, removals, status
from hled_portal.background.jobs import JobRun
from hled_portal.models import JobState, PreviewLink, Publication, ReleasePlan, Removal, User
from hled_portal.publishing import preview_links, release_plans, releasing
from hled_portal.tests import factories as make
from hled_portal.tests.plugin import empty_the_record
from initiatives.models import Edition, Topic
from stakeholders.letters import erasure, receipt_links, submission
from stakeholders.models import Author, Follow, Letter, Point, PublishedRecommendation
from stakeholders.notifications import author_notifications, following
from stakeholders.triage import moves, publishing

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
KEY = pyrage.x25519.Identity.generate()


@pytest.fixture
def portal(settings, tmp_path):
    """A system with published texts, a submission with an attachment, and a subscriber."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.REMOVALS_FILE = tmp_path / "removals.jsonl"
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


@pytest.fixture
def senders(portal):
    """What can be taken away, by name."""
    officers = make.make_officers()
    cast = SimpleNamespace(**{user.username: user for user in User.objects.exclude(username="rosa")})
    rows = SimpleNamespace(portal=portal, officers=officers, cast=cast)
    for name in ("withdrawn", "silenced", "restricted", "unpublished", "kept"):
        letter = make.make_letter(f"Que {name}.", email=f"{name}@example.org", confirmed_at=timezone.now())
        setattr(rows, name, make.make_heard(officers, letter).recommendation)
    rows.erased = make.make_letter("Que se borre.", sender_name="Borrada", created_at=timezone.now())
    rows.stopped = Author.objects.create(letter=rows.withdrawn.askings.get().letter)
    rows.gone = make.make_follower("gone@example.org", "initiative/a")
    rows.less = make.make_follower("less@example.org", "initiative/a", "initiative/b")
    rows.text = Edition.objects.get(state="published")
    rows.draft, rows.leaver, rows.guest = make.make_topic("draft"), make.make_user("leaver"), make.make_user("guest")
    rows.planned = make.make_cleared(cast, "planned")
    preview_links.make_link(rows.planned, cast.luis, "A minister")
    rows.plan = release_plans.make(cast.luis, "Spring", at=timezone.now() + datetime.timedelta(days=1))
    release_plans.add_texts(rows.plan, [rows.planned], cast.luis)
    for officer in (cast.luis, cast.carl):
        release_plans.agree_to_plan(rows.plan, officer, release_plans.plan_digest(rows.plan))
    return rows


def take_away(rows) -> None:
    letters = {name: getattr(rows, name).askings.get().letter for name in ("withdrawn", "silenced", "kept")}
    author_notifications.stop(rows.stopped)
    moves.withdraw(letters["withdrawn"])
    submission.change_consent(letters["silenced"], "nothing")
    moves.restrict(rows.restricted, rows.officers.rosa, "other", "A secret of a company.")
    publishing.unpublish(rows.unpublished, rows.officers.ruth, "By mistake.")
    receipt_links.replace_link(letters["kept"])
    following.stop_all(rows.gone)
    following.stop(rows.less, rows.less.follows.get(key="b"))
    releasing.withdraw(rows.text, rows.cast.luis, "other", "Wrong.", "Mal.")
    erasure.erase_letters([rows.erased])
    moves.withdraw(make.make_letter("Later than the backup."))
    rows.draft.delete()
    rows.leaver.is_active = False
    rows.leaver.save()
    rows.guest.delete()
    preview_links.revoke_link(rows.planned, PreviewLink.objects.get().pk, rows.cast.luis)
    release_plans.disagree(rows.plan, rows.cast.luis)


def taken_away() -> dict:
    """What readers, senders and subscribers have, without the steps that led there."""
    public = PublishedRecommendation.objects.public(timezone.now())
    return {
        "public": sorted(public.values_list("key", "words")),
        "letters": sorted(Letter.objects.values_list("email", "sender_name", "state", "consent")),
        "link": Letter.objects.get(email="kept@example.org").secret_digest,
        "follows": sorted(Follow.objects.values_list("follower__address", "kind", "key")),
        "stopped": Author.objects.exclude(stopped_at=None).count(),
        "texts": sorted(Edition.objects.values_list("subject_key", "state")),
        "withdrawals": Publication.objects.filter(action="withdrawn").count(),
        "drafts": sorted(Topic.objects.values_list("key", flat=True)),
        "accounts": sorted(User.objects.values_list("username", "is_active")),
        "links": PreviewLink.objects.filter(revoked_at=None).count(),
        "agreed": release_plans.is_agreed(ReleasePlan.objects.get()),
        "points": sorted(Point.objects.values_list("text", flat=True)),
    }


def test_what_was_withdrawn_or_erased_since_the_backup_does_not_come_back(senders, settings):
    run("backup", senders.portal / "a.age")
    before = taken_away()
    take_away(senders)
    Letter.objects.get(points__text="Later than the backup.").delete()
    after = taken_away()
    assert [name for name in after if after[name] == before[name]] == []
    removals.list_removals(JobRun())
    listed = settings.REMOVALS_FILE.read_text(encoding="utf-8")
    assert len(listed.splitlines()) == 17, "one of them before the backup"
    for word in ("example.org", "Borrada", "company", "Wrong", "luis", "Luis", "leaver", "draft"):
        assert word not in listed
    torn = listed.splitlines()[0][:40]
    settings.REMOVALS_FILE.write_text(f"{torn}\n{listed}{listed}{torn}", encoding="utf-8")
    wipe()
    out = run("restore", senders.portal / "a.age", "--identity", senders.portal / "key.txt")
    assert "16 withdrawals and erasures made since then were applied again." in out
    assert taken_away() == after
    marker = Publication.objects.get(action="withdrawn").data["withdrawal"]
    assert (marker["reason"], marker["officer"], marker["delegation"]) == ("other", "luis", "MX")
    assert marker["words_en"] == "Withdrawn again after the portal was restored from a backup."
    assert "head" in run("verify_record")
    removals.list_removals(JobRun())
    assert settings.REMOVALS_FILE.read_text(encoding="utf-8").startswith(torn), "nothing is listed anew"
    assert Removal.objects.count() == 17


def test_without_the_list_nothing_is_restored_unless_it_is_asked_for(senders, settings):
    run("backup", senders.portal / "a.age")
    before = taken_away()
    take_away(senders)
    removals.list_removals(JobRun())
    kept = settings.REMOVALS_FILE.read_text(encoding="utf-8")
    settings.REMOVALS_FILE.write_text(kept.replace('"kind": "erased"', '"kind": "unheard"'), encoding="utf-8")
    wipe()
    arguments = ["restore", senders.portal / "a.age", "--identity", senders.portal / "key.txt"]
    with pytest.raises(CommandError, match="The list is of a later release: unheard"):
        run(*arguments)
    settings.REMOVALS_FILE.unlink()
    with pytest.raises(CommandError, match="cannot be read.*--without-list"):
        run(*arguments)
    wipe()
    assert "were not applied again" in run(*arguments, "--without-list")
    assert taken_away() == before
    removals.list_removals(JobRun())
    assert settings.REMOVALS_FILE.exists()


def test_status_says_what_is_not_on_the_list(portal, settings):
    def late() -> bool:
        (line,) = removals.report_removals()
        return line.too_old

    removal = Removal.objects.create(kind="erased", name="letter x")
    assert not late()
    Removal.objects.update(at=removal.at - datetime.timedelta(hours=1))
    assert late()
    removals.list_removals(JobRun())
    assert not late()
    settings.REMOVALS_FILE.unlink()
    removals.list_removals(JobRun())
    assert len(settings.REMOVALS_FILE.read_text(encoding="utf-8").splitlines()) == 1


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
