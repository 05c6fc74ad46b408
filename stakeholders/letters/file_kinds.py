"""What a file of a submission is: its kind is known by its content, and nothing in it acts by itself.

No library is asked what a file is: all of them answer "ZIP" to half of our kinds, and the question is what is inside.
This module is imported by a process that reads one file (`bounded_process`): it imports no models.
"""

import io
import re
import zipfile
import zlib
from xml.parsers import expat

from django.utils.translation import gettext as _

from hled_portal.security import text_sanitizing
from stakeholders.vocabulary import FileKind

from . import active_content

#: Of what is inside an office document, once unpacked: more is a trap for programs.
LARGEST_UNPACKED = 200 * 1024 * 1024
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


class Unfit(Exception):
    """A file that is not taken; the message says why, in the reader's language."""

    @property
    def messages(self) -> list[str]:
        return [str(self)]


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
