"""Files of letters: their type is known by their content; none is shown in a page.

They are kept under `MEDIA_ROOT`, by random names, and no address serves that folder. No library is asked what
a file is: all of them answer "ZIP" to half of our kinds, and the question is what is inside.
"""

import datetime
import hashlib
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from xml.parsers import expat

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from hled_portal.background.jobs import JobRun
from hled_portal.security import text_sanitizing
from stakeholders.models import Attachment, Letter, LetterDraft
from stakeholders.vocabulary import FileKind, ScanState

from . import active_content

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
#: Of one letter, all together.
MAX_FILES = 8
#: Of what is inside an office document, once unpacked: more is a trap for programs.
LARGEST_UNPACKED = 200 * MEGABYTE
MAX_ARCHIVE_ENTRIES = 5000
#: What the member `mimetype` of an ODT holds.
ODT = b"application/vnd.oasis.opendocument.text"
#: A PDF of which the parts can be read with a password alone says so in its trailer.
ENCRYPTED = re.compile(rb"/Encrypt\s+\d+\s+\d+\s+R")
#: How a photo or a scan begins, and the only kinds that its reader tries.
IMAGES = {b"\xff\xd8\xff": FileKind.JPG, b"\x89PNG\r\n\x1a\n": FileKind.PNG}
IMAGE_FORMATS = ("JPEG", "PNG")
#: What the reader of a package raises.
DAMAGED = (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, zlib.error)
FOLDER = "letters"
#: Drafts stay so long.
KEPT_WITHOUT_LETTER = datetime.timedelta(days=1)


class Unfit(Exception):
    """A file that is not taken; the message says why, in the reader's language."""


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


# What a file is


def detect_kind(content: bytes) -> FileKind:
    """The kind of a file, by its content. Raises Unfit."""
    if not content:
        raise Unfit(_("it is empty"))
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        if zipfile.is_zipfile(io.BytesIO(content)):  # A package behind it: two files in one, each for another program.
            raise Unfit(_not_ours())
        if ENCRYPTED.search(content):
            raise Unfit(_("it is locked or protected with a password; save a copy without protection"))
        return _passive(FileKind.PDF, content)
    for beginning, kind in IMAGES.items():
        if content.startswith(beginning):
            _check_image(content)
            return kind
    if content.startswith(b"PK\x03\x04"):
        return _detect_package_kind(content)
    return _detect_text_kind(content)


def _check_image(content: bytes) -> None:
    """Raises Unfit for what is no whole photo or scan, unpacks to too much, or is a package as well."""
    from PIL import Image

    if zipfile.is_zipfile(io.BytesIO(content)):
        raise Unfit(_not_ours())
    try:
        with Image.open(io.BytesIO(content), formats=IMAGE_FORMATS) as image:
            image.verify()
    except Image.DecompressionBombError as error:
        raise Unfit(_("it is too large when uncompressed")) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Unfit(_("it is damaged")) from error


def _detect_package_kind(content: bytes) -> FileKind:
    if content.count(b"PK\x01\x02") > MAX_ARCHIVE_ENTRIES:  # Of the directory, before it is read.
        raise Unfit(_("it is too large when uncompressed"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            names = {entry.filename for entry in entries}
            large = len(entries) > MAX_ARCHIVE_ENTRIES or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED
            office = _mimetype(package) if "mimetype" in names and not large else b""
    except DAMAGED as error:
        raise Unfit(_("it is damaged")) from error
    if large:
        raise Unfit(_("it is too large when uncompressed"))
    if any("vbaproject" in name.lower() or name.startswith("Basic/") for name in names):
        raise Unfit(_("it contains macros; save it without them"))
    if {"[Content_Types].xml", "word/document.xml"} <= names:
        return _passive(FileKind.DOCX, content)
    if office == ODT and "content.xml" in names:
        return _passive(FileKind.ODT, content)
    raise Unfit(_not_ours())


def _passive(kind: FileKind, content: bytes) -> FileKind:
    """The kind of a document in which nothing acts by itself. Raises Unfit."""
    try:
        if kind == FileKind.PDF:
            active_content.check_pdf(content)
        else:
            check = active_content.check_docx if kind == FileKind.DOCX else active_content.check_odt
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                check(package)
    except active_content.ActiveContent as error:
        raise Unfit(str(error)) from error
    except (*DAMAGED, expat.ExpatError) as error:
        raise Unfit(_("it is damaged")) from error
    return kind


def _mimetype(package: zipfile.ZipFile) -> bytes:
    """The first bytes of the member, however much it unpacks to; nothing where a format unpacks all at once."""
    if package.getinfo("mimetype").compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return b""
    with package.open("mimetype") as member:
        return member.read(len(ODT) + 1)


def _detect_text_kind(content: bytes) -> FileKind:
    """Plain text in UTF-8, in UTF-16 with its mark, or in Windows-1252; never a page or a program in disguise."""
    try:
        text = _decoded(content)
    except UnicodeDecodeError as error:
        raise Unfit(_not_ours()) from error
    if not text_sanitizing.is_visible(text):
        raise Unfit(_("it is empty"))
    head = text[:1000].lstrip().lower()
    begins = head.startswith(("<", "{\\rtf", "%!", "#!", "mz", "gif8", "from ", "begin:"))
    if text_sanitizing.has_hidden(text) or begins or "%pdf-" in head:
        raise Unfit(_not_ours())
    return FileKind.TXT


def _decoded(content: bytes) -> str:
    """Windows-1252 gives almost any bytes a sign; what is text in it has letters, not signs alone."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
        if sum(sign.isalnum() or sign.isspace() for sign in text) * 4 < len(text) * 3:
            raise
        return text


def _not_ours() -> str:
    return _(
        "it is not a PDF, Word (DOCX), OpenDocument (ODT), image (JPG, PNG) or plain text file, "
        "even if its name says so"
    )


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
    kind = detect_kind(content)
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
