"""Files of letters: examined, kept and sent as downloads; none is shown in a page.

They are kept under `MEDIA_ROOT`, by random names, and no address serves that folder.
"""

import datetime
import hashlib
from dataclasses import dataclass

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from hled_portal.background.jobs import JobRun
from hled_portal.files import bounded_process
from hled_portal.security import text_sanitizing
from stakeholders.models import Attachment, Letter, LetterDraft
from stakeholders.vocabulary import FileKind, ScanState

from .file_kinds import Unfit, detect_kind

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
#: Of one letter, all together.
MAX_FILES = 8
FOLDER = "letters"
#: Drafts stay so long.
KEPT_WITHOUT_LETTER = datetime.timedelta(days=1)


class SizeLimit(FileUploadHandler):
    """Stops keeping a file once it is too large; the rest of the form is read all the same."""

    def __init__(self, request=None):
        super().__init__(request)
        self.size = 0

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.size = 0

    def receive_data_chunk(self, raw_data, start):
        self.size += len(raw_data)
        if self.size > LARGEST:
            self.request.too_large = [*getattr(self.request, "too_large", []), self.file_name]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size):
        return None


# Keeping


@dataclass
class Uploaded:
    """A file that was sent, for everyone (`addressed` empty) or confidential, and found fit."""

    name: str
    kind: FileKind
    content: bytes
    addressed: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def examined(file: UploadedFile, addressed: str) -> Uploaded:
    """Look at a file that was sent. Raises Unfit."""
    if file.size > LARGEST:
        raise Unfit(_("it is larger than 10 MB"))
    content = file.read()
    try:
        kind = FileKind(bounded_process.call(detect_kind, content))
    except bounded_process.Refused as reason:
        raise Unfit(str(reason)) from None
    except bounded_process.LimitExceeded:
        raise Unfit(_("it takes too much time or memory to read; save it again, or in parts")) from None
    return Uploaded(safe_name(file.name, kind), kind, content, addressed)


def safe_name(name: str, kind: FileKind) -> str:
    """A name that can be shown and saved anywhere, with the ending of what the file is."""
    name = text_sanitizing.without_hidden(name).replace("\\", "/").rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    try:
        stem = get_valid_filename(stem)
    except SuspiciousFileOperation:  # Nothing is left of it.
        stem = "file"
    return f"{stem.strip('.')[:120] or 'file'}.{kind}"


def shown_name(name: str) -> str:
    """The name of a file that is not taken, as its sender knows it."""
    return text_sanitizing.one_line(text_sanitizing.without_hidden(name))[:120]


def keep(uploaded: Uploaded, draft: LetterDraft) -> Attachment:
    """Store a file for a draft; a second time it is the first."""
    same = draft.attachments.filter(digest=uploaded.digest, addressed=uploaded.addressed).first()
    if same:
        return same
    return _store(uploaded, draft=draft)


def add_to_letter(uploaded: Uploaded, letter: Letter, scan: ScanState) -> Attachment:
    """Store what an officer adds to a letter that came without its files; a second time it is the first."""
    same = letter.attachments.filter(digest=uploaded.digest, addressed=uploaded.addressed).first()
    return same or _store(uploaded, letter=letter, scan=scan)


def _store(uploaded: Uploaded, **columns) -> Attachment:
    row = Attachment(
        name=uploaded.name,
        kind=uploaded.kind,
        size=len(uploaded.content),
        digest=uploaded.digest,
        addressed=uploaded.addressed,
        **columns,
    )
    row.file.save("file", ContentFile(uploaded.content), save=False)
    row.save()
    return row


def remove(rows) -> None:
    """Take attachments away; the row goes first, for a file that no row names is swept."""
    for row in rows:
        file = row.file
        row.delete()
        file.delete(save=False)


def can_be_opened(attachment: Attachment) -> bool:
    """Nobody opens a file that waits for the scanner, and one with a virus is gone."""
    return attachment.scan in (ScanState.UNSCANNED, ScanState.CLEAN)


def file_response(attachment: Attachment) -> FileResponse:
    """The file to be saved, never to be shown in a page: who asks may do so, which the caller has made sure of."""
    if not can_be_opened(attachment):
        raise Http404(attachment.get_scan_display())
    response = FileResponse(
        attachment.file.open("rb"),
        as_attachment=True,
        filename=attachment.name,
        content_type="application/octet-stream",
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


# Sweeping


def delete_strays(turn: JobRun) -> str | None:
    """Take away drafts of yesterday with their files."""
    before = timezone.now() - KEPT_WITHOUT_LETTER
    drafts = LetterDraft.objects.filter(changed_at__lt=before)
    count = 0
    for draft in drafts.iterator():
        if not turn.should_continue():
            break
        remove(draft.attachments.all())
        draft.delete()
        count += 1
    return f"{count} drafts taken away" if count else None
