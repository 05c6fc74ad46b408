"""Files that people send in: received, checked, confirmed by the sender, written; each step may be interrupted.

A short file is checked and written while its sender waits; a long one by `manage.py work`, slice by slice, with no
transaction open between the slices, so that letters are accepted meanwhile. Nothing is half written.
"""

import datetime
import hashlib
import json
import logging
import zlib
from collections.abc import Callable, Iterator

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hled_portal.background import mail
from hled_portal.background.jobs import CLOCK_DIFFERENCE, JobRun
from hled_portal.background.mail import site
from hled_portal.files import spreadsheet_reader
from hled_portal.i18n.bilingual import active_language
from initiatives.models import FileJob, FilePart, FileState
from initiatives.models.import_job import ENDED, UNDER_WAY

from . import file_tables, import_validation, import_writer

#: Rows that are checked and kept together.
SLICE = 100
#: Files of one person that are not decided on.
MAX_OPEN_JOBS = 20
DAY = datetime.timedelta(days=1)
RESULTS_KEPT_FOR = datetime.timedelta(days=7)
#: After so long nobody waits at a browser for a short file any more: the jobs go on with it.
ABANDONED_AFTER = datetime.timedelta(minutes=2)

logger = logging.getLogger(__name__)


def receive(user, table: file_tables.ImportTable, name: str, data: bytes) -> FileJob:
    """Keep what a person sent in for a table. Raises UnreadableSheet for what is no such table, PermissionDenied."""
    if not file_tables.may_send(user, table.model):
        raise PermissionDenied
    sheet = spreadsheet_reader.read_upload(data, table.columns, keep_faults=True)
    mistakes = import_validation.sheet_errors(table, sheet)
    if not sheet.rows:
        mistakes = mistakes or [_("This file has no rows after the first one.")]
    if FileJob.objects.filter(owner=user).exclude(state__in=ENDED).count() >= MAX_OPEN_JOBS:
        mistakes.append(_("You have too many files awaiting a decision. Save or cancel those already checked."))
    if mistakes:
        raise spreadsheet_reader.UnreadableSheet(*mistakes)
    content = [sheet.columns, sheet.rows, import_validation.row_faults(table, sheet)]
    return FileJob.objects.create(
        owner=user,
        table=table.name,
        name=name[:200],
        digest=hashlib.sha256(data).hexdigest(),
        language=active_language(),
        content=zlib.compress(json.dumps(content, ensure_ascii=False).encode(), 6),
        rows_all=len(sheet.rows),
    )


def is_short(job: FileJob) -> bool:
    """Whether the sender waits for it at the browser."""
    return job.rows_all <= settings.FILE_ROWS_AT_ONCE


def job_rows(job: FileJob) -> tuple[list[str], list[tuple[int, list[str]]]]:
    columns, rows, _faults = json.loads(zlib.decompress(job.content))
    return columns, [(number, cells) for number, cells in rows]


def _job_faults(job: FileJob) -> dict[int, import_validation.Errors]:
    _columns, _rows, faults = json.loads(zlib.decompress(job.content))
    return {int(number): errors for number, errors in faults.items()}


def rejected_rows(job: FileJob) -> tuple[list[str], Iterator[dict]]:
    """The rows with errors as they were sent, each with its reasons in a column of its own."""
    columns, rows = job_rows(job)
    names = [*(name for name in columns if name != file_tables.REASONS), file_tables.REASONS]
    cells = {number: dict(zip(columns, texts, strict=True)) for number, texts in rows}
    wrong = (outcome for outcome in checked_rows(job) if outcome["kind"] == import_validation.WRONG)
    return names, (cells[outcome["row"]] | {file_tables.REASONS: _reasons(outcome["errors"])} for outcome in wrong)


def _reasons(errors: import_validation.Errors) -> str:
    return "\n".join(f"{name}: {text}" if name else text for name, texts in errors.items() for text in texts)


def checked_rows(job: FileJob) -> Iterator[dict]:
    """The outcomes of checking, row by row."""
    for part in job.parts.order_by("number").iterator(chunk_size=10):
        yield from json.loads(part.found)


# Checking


def attempt(job: FileJob, step: Callable[[FileJob], None]) -> None:
    """Run a step. A failure of the portal ends the file with a message, rather than leaving it open."""
    try:
        step(job)
    except Exception:
        logger.exception("file %s: failed", job.pk)
        with translation.override(job.language):
            _refuse(
                job,
                [
                    _(
                        "The portal could not process this file and saved nothing. The system administrators can "
                        "see the cause."
                    )
                ],
            )
        job.refresh_from_db()


def check_rows(job: FileJob, should_continue: Callable[[], bool] = lambda: True) -> None:
    """Check the rows that are not checked yet, as long as `should_continue()` says so; then its sender decides."""
    with translation.override(job.language):
        table = file_tables.ImportTable(job.table)
        if not file_tables.may_send(job.owner, table.model):
            _refuse(job, [_("You no longer have permission to import files into this table.")])
            return
        checker = import_validation.StaffChecker(table, job.owner, *job_rows(job))
        checker.faults = _job_faults(job)
        start = job.rows_done
        while start < job.rows_all and should_continue():
            end = min(start + SLICE, job.rows_all)
            if not _keep(job, start, end, checker.check(start, end)):
                return  # Cancelled, or another process has it.
            start = end
        if start == job.rows_all:
            _checked(job)
    job.refresh_from_db()


def _keep(job: FileJob, start: int, end: int, outcomes: list[dict]) -> bool:
    """Keep the outcomes of a slice; False when another process did, or the file was cancelled."""
    kinds = [outcome["kind"] for outcome in outcomes]
    counts = {kind: F(kind) + kinds.count(kind) for kind in ("new", "changed", "same", "wrong")}
    here = FileJob.objects.filter(pk=job.pk, state=FileState.CHECKING, rows_done=start)
    try:
        with transaction.atomic():
            kept = here.update(rows_done=end, **counts) == 1
            if kept:
                FilePart.objects.create(job=job, number=start, found=json.dumps(outcomes, ensure_ascii=False))
    except IntegrityError:
        return False
    return kept


def _checked(job: FileJob) -> None:
    message = None if is_short(job) else _message(job, "checked")
    with transaction.atomic():
        moved = FileJob.objects.filter(pk=job.pk, state=FileState.CHECKING).update(state=FileState.CHECKED)
        if moved and message:
            mail.store([message])


def _message(job: FileJob, what: str):
    """A message to the sender: a link and counts, no words of the record."""
    try:
        validate_email(job.owner.email)
    except ValidationError:
        return None
    job = FileJob.objects.defer("content").get(pk=job.pk)
    context = {"what": what, "job": job, "address": site() + job_url(job)}
    return mail.compose(f"file/{job.pk}/{what}/{job.rows_done}", job.owner.email, job.owner.language, "file", context)


def job_url(job: FileJob) -> str:
    return reverse("admin:initiatives_filejob_change", args=[job.pk])


# Deciding


def confirm_import(job: FileJob, user, digest: str, *, without_errors: bool = False) -> None:
    """Have exactly what was shown written; `without_errors`: without the rows that have errors.

    Raises ValidationError with the reason why not.
    """
    if job.owner_id != user.pk or not file_tables.may_send(user, file_tables.ImportTable(job.table).model):
        raise PermissionDenied
    if job.state != FileState.CHECKED or digest != job.digest:
        raise ValidationError(_("This file is not awaiting a decision."))
    if job.wrong and not without_errors:
        raise ValidationError(_("The file has errors and was not saved. Correct the rows and upload it again."))
    if not job.new and not job.changed:
        raise ValidationError(_("This file makes no changes."))
    if not FileJob.objects.filter(pk=job.pk, state=FileState.CHECKED).update(state=FileState.WRITING):
        raise ValidationError(_("This file is not awaiting a decision."))
    job.refresh_from_db()
    if is_short(job):
        attempt(job, write_rows)


def cancel(job: FileJob, user) -> None:
    """Stop a file at any moment before it is written."""
    if job.owner_id != user.pk:
        raise PermissionDenied
    open_ = FileJob.objects.filter(pk=job.pk).exclude(state__in=ENDED)
    if not open_.update(state=FileState.CANCELLED, ended_at=timezone.now(), content=b""):
        raise ValidationError(_("This file has already been processed."))


def retry(job: FileJob, user) -> None:
    """Check a file once more, against the record as it is now."""
    if job.owner_id != user.pk:
        raise PermissionDenied
    none = {"rows_done": 0, "new": 0, "changed": 0, "same": 0, "wrong": 0, "reasons": "", "ended_at": None}
    with transaction.atomic():
        rows = FileJob.objects.filter(pk=job.pk, state__in=(FileState.REFUSED, FileState.CHECKED)).exclude(content=b"")
        if not rows.update(state=FileState.CHECKING, **none):
            raise ValidationError(_("The rows of this file are no longer stored. Upload it again."))
        job.parts.all().delete()
    job.refresh_from_db()
    if is_short(job):
        attempt(job, check_rows)


# Writing


def write_rows(job: FileJob) -> None:
    """Write what the sender confirmed, all or nothing; a refusal is kept with its reasons."""
    with translation.override(job.language):
        table = file_tables.ImportTable(job.table)
        if not file_tables.may_send(job.owner, table.model):
            _refuse(job, [_("You no longer have permission to import files into this table.")])
            return
        message = None if is_short(job) else _message(job, "written")
        try:
            prepared = import_writer.prepare(table, job.owner, job.name, job_rows(job), checked_rows(job))
            import_writer.write_prepared(prepared, lambda: _written(job, message))
        except import_writer.NotWritten as error:
            _refuse(job, error.reasons)
    job.refresh_from_db()


def _written(job: FileJob, message) -> None:
    here = FileJob.objects.filter(pk=job.pk, state=FileState.WRITING)
    # Rows with errors can still be downloaded, for a day.
    content = job.content if job.wrong else b""
    if not here.update(state=FileState.WRITTEN, ended_at=timezone.now(), content=content):
        raise import_writer.NotWritten([_("This file was canceled.")])
    if message:
        mail.store([message])


def _refuse(job: FileJob, reasons: list[str]) -> None:
    message = None if is_short(job) else _message(job, "refused")
    with transaction.atomic():
        here = FileJob.objects.filter(pk=job.pk, state__in=UNDER_WAY)
        moved = here.update(state=FileState.REFUSED, ended_at=timezone.now(), reasons="\n".join(reasons))
        if moved and message:
            mail.store([message])


# Later


def run_open_jobs(turn: JobRun) -> str | None:
    """Go on with files that are under way, the oldest first."""
    done = 0
    waiting = FileJob.objects.filter(state__in=UNDER_WAY).order_by("sent_at")
    for job in waiting.select_related("owner"):
        if not turn.should_continue():
            break
        if is_short(job) and -CLOCK_DIFFERENCE <= timezone.now() - job.sent_at < ABANDONED_AFTER:
            continue
        _go_on(job, turn)
        done += 1
    return f"{done} files taken on" if done else None


def _go_on(job: FileJob, turn: JobRun) -> None:
    """A file that fails does not stop the others."""
    checking_it = job.state == FileState.CHECKING
    attempt(job, (lambda job: check_rows(job, turn.should_continue)) if checking_it else write_rows)


def delete_old_jobs(turn: JobRun) -> str | None:
    """Forget the rows of files after a day, and what came of them after a week."""
    now = timezone.now()
    old = FileJob.objects.filter(sent_at__lt=now - DAY).exclude(state__in=UNDER_WAY)
    old.filter(state=FileState.CHECKED).update(state=FileState.CANCELLED, ended_at=now)
    old.exclude(content=b"").update(content=b"")
    count, _tables = (
        FileJob.objects.filter(sent_at__lt=now - RESULTS_KEPT_FOR).exclude(state=FileState.WRITING).delete()
    )
    return f"{count} rows of old files forgotten" if count else None
