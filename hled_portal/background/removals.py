"""The list of withdrawals and erasures outside the database and its backups, and how a restore applies it again.

Each is a row of `Removal` first, written in the transaction of what it says; a job appends it to the file
`REMOVALS_FILE`, which is forced to the disk before the row is noted as listed. So a line may be there twice, which is
once, and a torn line is followed by the whole one.
"""

import datetime
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from hled_portal.models import Removal

from . import status
from .jobs import JobRun

LINES_AT_ONCE = 500
#: A row that is not on the list after so long says that the file cannot be written.
OVERDUE_AFTER = datetime.timedelta(minutes=15)
#: Clocks of two servers may differ, and what a transaction says may be a while older than its end. Twice is once.
MARGIN = datetime.timedelta(hours=1)

_appliers: dict[str, Callable[[str, str], None]] = {}


class ListError(Exception):
    """The message says why the list cannot be used."""


def register_applier(kind: str, apply: Callable[[str, str], None]) -> None:
    """What to do for a removal of this kind, by its name and detail; nothing where it is done or its row is missing."""
    _appliers[kind] = apply


def list_removals(_turn: JobRun) -> str | None:
    """The job: append what is not listed; everything where the file is missing."""
    path = Path(settings.REMOVALS_FILE)
    rows = Removal.objects.order_by("at", "pk")
    if path.exists():
        rows = rows.filter(listed_at=None)
    count = 0
    keys = list(rows.values_list("pk", flat=True))
    while batch := keys[count : count + LINES_AT_ONCE]:
        _append(path, Removal.objects.filter(pk__in=batch).order_by("at", "pk"))
        Removal.objects.filter(pk__in=batch).update(listed_at=timezone.now())
        count += len(batch)
    if not path.exists():
        _append(path, [])
    return f"{count} listed" if count else None


def _append(path: Path, rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        torn = end and os.pread(file.fileno(), 1, end - 1) != b"\n"
        lines = (
            {"id": str(row.pk), "at": row.at.isoformat(), "kind": row.kind, "name": row.name, "detail": row.detail}
            for row in rows
        )
        file.write((b"\n" if torn else b"") + "".join(json.dumps(line) + "\n" for line in lines).encode())
        os.fsync(file.fileno())


def apply_again(listed: list[Removal], since: datetime.datetime) -> int:
    """Do again what the list says was done since a backup. Called in the transaction of the restore."""
    known = set(Removal.objects.values_list("pk", flat=True))
    rows = [row for row in listed if row.at >= since - MARGIN and row.pk not in known]
    for row in rows:
        _appliers[row.kind](row.name, row.detail)
    # What was applied made rows of its own, of now; those of the list take their place.
    Removal.objects.exclude(pk__in=known).delete()
    Removal.objects.bulk_create(rows)
    return len(rows)


def read_list() -> list[Removal]:
    """Each line once, in the order of time. A line that cannot be read was torn by a fall, and follows whole."""
    try:
        lines = Path(settings.REMOVALS_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise ListError(
            f"The list of withdrawals and erasures cannot be read ({error}). Put it where REMOVALS_FILE says; "
            "--without-list restores without it, and what was withdrawn or erased since the backup is there again."
        ) from None
    rows, unknown = {}, set()
    for line in lines:
        try:
            data = json.loads(line)
            at = datetime.datetime.fromisoformat(data.pop("at"))
            row = Removal(pk=data.pop("id"), at=at, listed_at=at, **data)
            row.clean_fields()
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        rows[row.pk] = row
        unknown |= {row.kind} - _appliers.keys()
    if unknown:
        raise ListError(f"The list is of a later release: {', '.join(sorted(unknown))}.")
    return sorted(rows.values(), key=lambda row: row.at)


def report_removals() -> Iterator[status.StatusLine]:
    """Whether what was withdrawn or erased is on the list."""
    now = timezone.now()
    waiting = Removal.objects.filter(listed_at=None)
    oldest = waiting.order_by("at").values_list("at", flat=True).first()
    text = f"removals: {waiting.count()} not yet on the list {settings.REMOVALS_FILE}"
    yield status.StatusLine(text, too_old=oldest is not None and now - oldest > OVERDUE_AFTER)
