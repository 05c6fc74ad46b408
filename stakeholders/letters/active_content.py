"""What acts by itself when a document is opened: scripts, programs, embedded objects, content from other computers.

Nothing here is a proof that a file is harmless. It refuses what a letter never needs, before an officer opens it.
"""

import re
import zipfile
import zlib
from collections.abc import Callable
from xml.parsers import expat

from django.utils.translation import gettext as _

from hled_portal.files import bounded_xml

#: How programs and OLE objects begin, whatever their name says.
PROGRAMS = (b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"#!")
#: Relations of a Word document to parts that act, by the end of their type.
ACTIVE_PARTS = ("/oleobject", "/control", "/activexcontrolbinary", "/afchunk", "/vbaproject", "/attachedtoolbars")
#: Fields that start a program.
FIELDS = re.compile(r"\bDDE(AUTO)?\b", re.IGNORECASE)
ELSEWHERE = re.compile(r"\s*(https?:|ftp:|smb:|webdavs?:|file://[^/]|//|\\\\)", re.IGNORECASE)
SCRIPT_LINKS = re.compile(r"\s*(javascript:|macro:|vnd\.)", re.IGNORECASE)
#: Actions of a PDF, and files inside it.
PDF_SCRIPTS = re.compile(rb"/(JavaScript|Launch|RichMedia|XFA)\b")
PDF_FILES = re.compile(rb"/EmbeddedFiles?\b")
#: An object stream, the one kind of stream that holds actions, begins with numbers.
PDF_OBJECTS = re.compile(rb"[\s\d%]")
PDF_STREAMS = re.compile(rb"\bstream\r?\n")
#: Encodings of object streams that no program writes, and that would hide what is in them.
PDF_HIDDEN = re.compile(rb"/(ASCIIHexDecode|AHx|ASCII85Decode|A85|LZWDecode|LZW|RunLengthDecode|RL|Crypt)\b")
#: Bytes that are unpacked of all object streams together.
MAX_UNPACKED_OBJECTS = 64 * 1024 * 1024
MAX_STREAMS = 50_000
#: Signs `#`, which begin an escaped letter of a name: ten megabytes of other bytes have 40,000.
MAX_ESCAPES = 1_000_000
#: Elements and bytes of the XML of one document: of a book of a thousand pages they are a tenth.
MAX_ELEMENTS = 1_000_000
MAX_XML = 64 * 1024 * 1024


class ActiveContent(Exception):
    """The message says what acts in the file."""


def check_pdf(content: bytes) -> None:
    """Raises ActiveContent."""
    _check_pdf_part(content)
    left = MAX_UNPACKED_OBJECTS
    for number, stream in enumerate(PDF_STREAMS.finditer(content)):
        head = _plain_names(content[max(0, stream.start() - 400) : stream.start()].rpartition(b" obj")[2])
        if b"/ObjStm" in head and PDF_HIDDEN.search(head):
            raise ActiveContent(_hidden())
        unpacked = _unpacked(content, stream.end(), left)
        left -= len(unpacked)
        _check_pdf_part(unpacked)
        if left <= 0 or number >= MAX_STREAMS:
            raise ActiveContent(_hidden())


def _unpacked(content: bytes, start: int, left: int) -> bytes:
    """What is in an object stream; nothing of an image or another stream."""
    unpacker, parts, data = zlib.decompressobj(), [], memoryview(content)
    try:
        while left > 0 and start < len(content) and not unpacker.eof:
            parts.append(unpacker.decompress(data[start : start + bounded_xml.CHUNK], left))
            if not PDF_OBJECTS.match(parts[0]):
                return b""
            left -= len(parts[-1])
            start += bounded_xml.CHUNK
    except zlib.error:  # Other bytes follow, or it is none of these; what was unpacked counts.
        pass
    return b"".join(parts)


def _check_pdf_part(content: bytes) -> None:
    content = _plain_names(content)
    if PDF_SCRIPTS.search(content):
        raise ActiveContent(_scripts())
    if PDF_FILES.search(content):
        raise ActiveContent(_objects())


def _plain_names(content: bytes) -> bytes:
    """With names as they are read: `/J#61vaScript` is `/JavaScript`."""
    if content.count(b"#") > MAX_ESCAPES:
        raise ActiveContent(_hidden())
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), content)


def check_docx(package: zipfile.ZipFile) -> None:
    """Raises ActiveContent, or expat.ExpatError for a part that is no XML."""
    _check_members(package)
    words, bounds = [], _Bounds()
    for name in package.namelist():
        if name.lower().endswith(".rels"):
            _read_xml(package, name, bounds, _check_relation)
    _read_xml(package, "[Content_Types].xml", bounds, _check_content_type)
    _read_xml(package, "word/document.xml", bounds, _check_field, words)
    if FIELDS.search("".join(words)):
        raise ActiveContent(_scripts())


def check_odt(package: zipfile.ZipFile) -> None:
    """Raises ActiveContent, or expat.ExpatError for a part that is no XML."""
    _check_members(package)
    bounds = _Bounds()
    for name in package.namelist():
        if name.startswith("Scripts/"):
            raise ActiveContent(_scripts())
        if name.rpartition("/")[2] in ("content.xml", "styles.xml", "settings.xml", "meta.xml"):
            _read_xml(package, name, bounds, _check_odt_element)


def _check_members(package: zipfile.ZipFile) -> None:
    for entry in package.infolist():
        if entry.is_dir():
            continue
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise zipfile.BadZipFile
        with package.open(entry) as member:
            if member.read(8).startswith(PROGRAMS):
                raise ActiveContent(_objects())
        if entry.filename.lower().endswith((".xlsm", ".xlsb", ".docm", ".pptm", ".js", ".vbs", ".hta", ".lnk")):
            raise ActiveContent(_objects())


class _Bounds:
    """Counts elements and bytes of all parts of a document."""

    def __init__(self):
        self.elements = self.bytes = 0

    def add(self, elements: int = 0, size: int = 0) -> None:
        self.elements += elements
        self.bytes += size
        if self.elements > MAX_ELEMENTS or self.bytes > MAX_XML:
            raise ActiveContent(_too_large())


def _read_xml(
    package: zipfile.ZipFile, name: str, bounds: _Bounds, check: Callable, words: list[str] | None = None
) -> None:
    """Call `check` with each element and its attributes by their names without prefixes; `words` gets field codes."""
    parser, field = expat.ParserCreate(), []

    def begin(element: str, attributes: dict) -> None:
        bounds.add(elements=1)
        element = element.rpartition(":")[2]
        check(element, {key.rpartition(":")[2]: value for key, value in attributes.items()})
        if element == "instrText":
            field.append(element)
        elif element == "fldSimple" and words is not None:
            words.append(attributes.get("w:instr", ""))

    def end(element: str) -> None:
        if field and element.rpartition(":")[2] == "instrText":
            field.pop()

    def text(characters: str) -> None:
        if field and words is not None:
            words.append(characters)

    def refuse_entities(*_arguments) -> None:
        raise ActiveContent(_hidden())

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, text
    parser.StartDoctypeDeclHandler = refuse_entities
    try:
        with package.open(name) as member:
            bounded_xml.feed(parser, member, lambda size: bounds.add(size=size))
    except bounded_xml.TagTooLarge:
        raise ActiveContent(_too_large()) from None


def _check_relation(_element: str, attributes: dict) -> None:
    kind = attributes.get("Type", "").lower()
    if kind.endswith(ACTIVE_PARTS):
        raise ActiveContent(_objects())
    if attributes.get("TargetMode", "").lower() == "external" and not kind.endswith("/hyperlink"):
        raise ActiveContent(_elsewhere())
    if SCRIPT_LINKS.match(attributes.get("Target", "")):
        raise ActiveContent(_scripts())


def _check_content_type(_element: str, attributes: dict) -> None:
    kind = attributes.get("ContentType", "").lower()
    if "macroenabled" in kind or "vba" in kind:
        raise ActiveContent(_scripts())
    if "activex" in kind or "oleobject" in kind:
        raise ActiveContent(_objects())


def _check_field(_element: str, _attributes: dict) -> None:
    """Its fields are read at the end: their code is written in pieces."""


def _check_odt_element(element: str, attributes: dict) -> None:
    target = attributes.get("href", "")
    if element in ("script", "event-listener") or SCRIPT_LINKS.match(target):
        raise ActiveContent(_scripts())
    if element not in ("a", "auto-reload") and ELSEWHERE.match(target):
        raise ActiveContent(_elsewhere())


def _scripts() -> str:
    return _("it contains macros; save it without them")


def _objects() -> str:
    return _("it contains other files or embedded objects; save it without them")


def _elsewhere() -> str:
    return _("it loads content from another address; save it with that content included")


def _too_large() -> str:
    return _("it is too large when uncompressed")


def _hidden() -> str:
    return _("it contains parts that cannot be checked; save it as a new PDF or as plain text")
