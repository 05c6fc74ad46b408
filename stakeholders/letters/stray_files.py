"""Files of attachments that no row names: in quarantine for 30 days, then erased.

Rows may be missing by mistake: an older database restored beside the files, or another one named in `DATABASE_URL`.
So a file comes back when a row names it again, and where many have none, none is moved.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hled_portal.background.jobs import JobRun
from hled_portal.background.status import StatusLine
from stakeholders.models import Attachment, private_storage

FILE_PATTERN = "letters/*/*"
QUARANTINE = "quarantine"
SECONDS_A_DAY = 24 * 3600
#: Younger files may be of a transaction under way.
MIN_AGE = SECONDS_A_DAY
QUARANTINED_FOR = 30 * SECONDS_A_DAY


def quarantine_strays(turn: JobRun) -> str | None:
    root, names = _root(), _names()
    back, erased = _sweep_quarantine(turn, root / QUARANTINE, root, names)
    strays, total = _strays(root, names)
    moved = 0 if _too_many(strays, total) else _move(turn, strays, root, root / QUARANTINE)
    counts = {"put back": back, "erased": erased, "moved to quarantine": moved}
    parts = [f"{count} {what}" for what, count in counts.items() if count]
    if _too_many(strays, total):
        parts.append(_refusal(strays, total))
    return "files without a letter: " + ", ".join(parts) if parts else None


def report_strays() -> Iterator[StatusLine]:
    """What is in quarantine, and whether too many files lack a row to be moved there."""
    root = _root()
    strays, total = _strays(root, _names())
    if _too_many(strays, total):
        yield StatusLine(f"attachments: {_refusal(strays, total)}", too_old=True)
    if count := len(list((root / QUARANTINE).glob(FILE_PATTERN))):
        yield StatusLine(f"attachments: files without a row in quarantine: {count}")


def _root() -> Path:
    return Path(private_storage().location)


def _names() -> set[str]:
    return set(Attachment.objects.values_list("file", flat=True))


def _strays(root: Path, names: set[str]) -> tuple[list[Path], int]:
    """The files that no row names, old enough, and the number of all files."""
    files = sorted(root.glob(FILE_PATTERN))
    before = time.time() - MIN_AGE
    return [file for file in files if _name(file, root) not in names and _written(file) < before], len(files)


def _too_many(strays: list[Path], total: int) -> bool:
    return len(strays) * 10 > total


def _refusal(strays: list[Path], total: int) -> str:
    return (
        f"{len(strays)} of {total} files (more than a tenth) are in no database row, so none is moved to quarantine. "
        f"Check that DATABASE_URL is the right database and as recent as the files. First file: {strays[0]}"
    )


def _move(turn: JobRun, strays: list[Path], root: Path, quarantine: Path) -> int:
    count = 0
    for file in strays:
        if not turn.should_continue():
            break
        with suppress(FileNotFoundError):
            _rename(file, quarantine / _name(file, root))
            count += 1
    return count


def _sweep_quarantine(turn: JobRun, quarantine: Path, root: Path, names: set[str]) -> tuple[int, int]:
    back = erased = 0
    for file in sorted(quarantine.glob(FILE_PATTERN)):
        if not turn.should_continue():
            break
        name = _name(file, quarantine)
        if name in names:
            _rename(file, root / name)
            back += 1
        elif (
            file.stat().st_ctime < time.time() - QUARANTINED_FOR
        ):  # Since it was moved, which leaves the time of writing.
            file.unlink()
            erased += 1
    return back, erased


def _name(file: Path, folder: Path) -> str:
    """As rows name a file."""
    return file.relative_to(folder).as_posix()


def _rename(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    file.replace(target)


def _written(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # Erased meanwhile, with its row.
        return time.time()
