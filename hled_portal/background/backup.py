"""One archive of the whole portal: every table as it stood at one moment, and the files that its rows name.

The archive is a tar, encrypted with age: `tables/APP.MODEL.jsonl`, `files/…`, and at its end `manifest.json` with the
SHA-256 of each entry. It holds rows, not pages of a database, so that either database restores it.
"""

import contextlib
import datetime
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pyrage
from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from hled_portal.models import JobState

from . import removals, status

MANIFEST = "manifest.json"
#: What is worth nothing in another system: sessions, failed attempts, counters.
LEFT_OUT = {
    "sessions.session",
    "axes.accessattempt",
    "axes.accessattemptexpiration",
    "axes.accessfailurelog",
    "hled_portal.attemptcount",
}
#: Tables that a new system has rows in after its migrations.
FILLED_BY_MIGRATIONS = {"auth.group", "auth.permission", "contenttypes.contenttype", "hled_portal.publicversion"}
FILLED_BY_JOBS = {"hled_portal.jobstate"}
#: The row of the last backup among those of jobs.
STATE = "backup"
MAX_AGE_HOURS = 26
IN_MEMORY = 16 * 1024 * 1024


class BackupError(Exception):
    """The message says what is wrong with an archive, or why it is not restored."""


class _Encoder(DjangoJSONEncoder):
    """With microseconds, which Django's leaves out."""

    def default(self, o):
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


# Writing


def write_backup(path: Path, recipient: str) -> dict:
    """Write an archive, read it again from the disk, and put it in its place. An empty recipient: not encrypted."""
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        written = _Hashing(file)
        with _encrypting(written, recipient) as plain:
            manifest = _write_archive(plain)
        file.flush()
        os.fsync(file.fileno())
    with part.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != written.digest.hexdigest():
            raise BackupError("The archive on the disk differs from what was written.")
    if not recipient:
        with part.open("rb") as file:
            verify_archive(file)
    part.replace(path)
    now = timezone.now()
    JobState.objects.update_or_create(name=STATE, defaults={"due_at": now, "started_at": now, "succeeded_at": now})
    return manifest


def _write_archive(stream) -> dict:
    entries, rows, began = {}, {}, timezone.now()
    with tarfile.open(fileobj=stream, mode="w|") as archive, _snapshot():
        for model in _tables():
            with tempfile.SpooledTemporaryFile(IN_MEMORY) as lines:
                rows[model._meta.label_lower] = _write_rows(model, lines)
                entries |= _add(archive, f"tables/{model._meta.label_lower}.jsonl", lines)
        missing = []
        for storage, name in _files():
            try:
                with storage.open(name) as file:
                    entries |= _add(archive, f"files/{name}", file.file)
            except FileNotFoundError:  # Erased since the snapshot.
                missing.append(name)
        manifest = {
            "began": began.isoformat(),
            "made": timezone.now().isoformat(),
            "migrations": _migrations(),
            "rows": rows,
            "missing": missing,
        }
        manifest["entries"] = entries
        _add(archive, MANIFEST, io.BytesIO(json.dumps(manifest).encode()))
    return manifest


def _add(archive: tarfile.TarFile, name: str, file) -> dict[str, str]:
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = file.seek(0, os.SEEK_END), 0o600
    file.seek(0)
    archive.addfile(entry, file)
    return {name: digest}


def _write_rows(model, lines) -> int:
    count = 0
    text = io.TextIOWrapper(lines, encoding="utf-8", write_through=True)
    for row in model._base_manager.order_by("pk").iterator():
        serializers.serialize("jsonl", [row], stream=text, cls=_Encoder, ensure_ascii=False)
        count += 1
    text.flush()
    text.detach()
    return count


@contextlib.contextmanager
def _snapshot() -> Iterator[None]:
    """All tables at one moment, while others go on writing."""
    connection.ensure_connection()
    mode = getattr(connection, "transaction_mode", None)
    try:
        if connection.vendor == "sqlite":
            connection.transaction_mode = "DEFERRED"
        with transaction.atomic():
            if connection.vendor == "postgresql" and len(connection.atomic_blocks) == 1:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        if connection.vendor == "sqlite":
            connection.transaction_mode = mode


@contextlib.contextmanager
def _encrypting(out, recipient: str) -> Iterator[io.IOBase]:
    """A stream for what is to be encrypted; nothing of it is on the disk in plain."""
    if not recipient:
        yield out
        return
    key = pyrage.x25519.Recipient.from_str(recipient)
    reading, writing = os.pipe()
    errors = []

    def encrypt():
        try:
            with os.fdopen(reading, "rb") as plain:
                pyrage.encrypt_io(plain, out, [key])
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=encrypt)
    thread.start()
    try:
        with os.fdopen(writing, "wb") as plain:
            yield plain
    finally:
        thread.join()
    if errors:
        raise errors[0]


class _Hashing:
    def __init__(self, file):
        self.file, self.digest = file, hashlib.sha256()

    def write(self, data) -> int:
        self.digest.update(data)
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()


# Reading


@contextlib.contextmanager
def opened_archive(path: Path, identity: str) -> Iterator[io.IOBase]:
    """The archive in plain, in a file that nobody else can read and that goes with this process."""
    with path.open("rb") as file, tempfile.TemporaryFile() as plain:
        if identity:
            try:
                pyrage.decrypt_io(file, plain, [pyrage.x25519.Identity.from_str(identity)])
            except (pyrage.DecryptError, OSError) as error:
                raise BackupError(
                    f"The archive cannot be decrypted: it is damaged, or encrypted to another key ({error})."
                ) from None
        else:
            shutil.copyfileobj(file, plain)
        yield plain


def verify_archive(file) -> dict:
    """The manifest of an archive whose entries all are what it says. Raises BackupError, which names the entry."""
    file.seek(0)
    digests, manifest = {}, None
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            for entry in archive:
                data = archive.extractfile(entry)
                if entry.name == MANIFEST:
                    manifest = json.loads(data.read())
                else:
                    digests[entry.name] = hashlib.file_digest(data, "sha256").hexdigest()
    except (tarfile.TarError, OSError, ValueError) as error:
        raise BackupError(f"The archive is damaged after {len(digests)} entries ({error}).") from None
    if manifest is None:
        raise BackupError("The archive is incomplete: it has no manifest.")
    wrong = sorted(name for name, _digest in manifest["entries"].items() ^ digests.items())
    if wrong:
        raise BackupError(f"The archive is damaged: {', '.join(dict.fromkeys(wrong))}.")
    return manifest


def restore_archive(file, before=None, after=None, apply_list: bool = True) -> dict:
    """Put everything back, in one transaction, into an empty system. `before` and `after` take triggers down and up.

    Nobody ever reads in it what was withdrawn or erased since the backup.
    """
    manifest = verify_archive(file)
    _refuse_unless_empty(manifest)
    listed = removals.read_list() if apply_list else []
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r:") as archive, transaction.atomic():
        if before:
            before()
        _empty()
        for entry in archive:
            data = archive.extractfile(entry)
            if entry.name.startswith("tables/"):
                for row in serializers.deserialize("jsonl", io.TextIOWrapper(data, encoding="utf-8")):
                    links = row.m2m_data or {}  # Saving empties it.
                    row.save(save_m2m=False)
                    _put_links(row.object, links)
            elif entry.name.startswith("files/"):
                _put_file(entry.name.removeprefix("files/"), data)
        for statement in connection.ops.sequence_reset_sql(no_style(), _tables()):
            with connection.cursor() as cursor:
                cursor.execute(statement)
        connection.check_constraints()
        if after:
            after()
        if apply_list:
            began = datetime.datetime.fromisoformat(manifest["began"])
            manifest["removals"] = removals.apply_again(listed, began)
    return manifest


def _refuse_unless_empty(manifest: dict) -> None:
    if manifest["migrations"] != _migrations():
        raise BackupError("The archive is from another release. Restore it with that release, then upgrade.")
    passed = FILLED_BY_MIGRATIONS | FILLED_BY_JOBS
    filled = [
        model._meta.label for model in _tables() if model._meta.label_lower not in passed and model.objects.exists()
    ]
    if filled:
        raise BackupError(f"The database is not empty: {', '.join(filled)}. Nothing was restored.")
    if any(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("*")):
        raise BackupError("MEDIA_ROOT is not empty. Nothing was restored.")


def _empty() -> None:
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True) if _has_table(model)]
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), sorted(set(tables) - {"django_migrations"})))


def _put_links(row: models.Model, links: dict[str, list]) -> None:
    """Its many-to-many columns, as rows alone: their signals would write history."""
    for name, keys in links.items():
        field = row._meta.get_field(name)
        through = field.remote_field.through
        own, other = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
        through._base_manager.bulk_create(through(**{own: row.pk, other: key}) for key in keys)


def _put_file(name: str, data) -> None:
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise BackupError(f"The archive names a file outside MEDIA_ROOT: {name}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        shutil.copyfileobj(data, file)
        file.flush()
        os.fsync(file.fileno())


# Both


def _has_table(model) -> bool:
    return model._meta.managed and not model._meta.proxy and not model._meta.abstract


def _tables() -> list[type[models.Model]]:
    """Tables with rows of their own; those of many-to-many columns go with them."""
    found = [model for model in apps.get_models() if _has_table(model) and model._meta.label_lower not in LEFT_OUT]
    return sorted(found, key=lambda model: model._meta.label_lower)


def _files() -> Iterator[tuple]:
    for model in _tables():
        for field in model._meta.get_fields():
            if isinstance(field, models.FileField):
                names = model._base_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
                yield from ((field.storage, name) for name in names.order_by("pk"))


def _migrations() -> list[str]:
    recorder = MigrationRecorder(connection)
    return sorted(f"{app}.{name}" for app, name in recorder.applied_migrations())


def last_verified() -> datetime.datetime | None:
    return JobState.objects.filter(name=STATE).values_list("succeeded_at", flat=True).first()


def report_backup() -> Iterator[status.StatusLine]:
    """The last verified backup; too old where backups are set up."""
    made = last_verified()
    now = timezone.now()
    late = made is None or not 0 <= (now - made).total_seconds() <= MAX_AGE_HOURS * 3600
    yield status.StatusLine(
        f"backup: last verified {status.ago(made, now)}", too_old=bool(settings.BACKUP_RECIPIENT) and late
    )
