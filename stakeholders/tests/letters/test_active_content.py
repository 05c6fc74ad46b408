"""Documents that act when they are opened are refused with the reason, however the part that acts is hidden."""

import io
import re
import zipfile
import zlib
from functools import cache

import docx
import pytest

from hled_portal.files import durable_storage
from stakeholders.letters import file_kinds
from stakeholders.models import private_storage

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 words"


def word(changes: dict[str, bytes] | None = None) -> bytes:
    """A Word document of the library that the portal uses, with parts added or replaced."""
    return repacked(_word_file(), changes or {})


@cache
def _word_file() -> bytes:
    file = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("Compartir laboratorios.")
    document.save(file)
    return file.getvalue()


def odt(changes: dict[str, bytes] | None = None) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("mimetype", file_kinds.ODT)
        made.writestr("content.xml", b"<office:document-content xmlns:office='o'/>")
    return repacked(file.getvalue(), changes or {})


def repacked(content: bytes, changes: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, data in changes.items():
            new.writestr(name, data)
    return file.getvalue()


def relation(kind: str, target: str, mode: str = "", encoding: str = "utf-8") -> dict[str, bytes]:
    mode = f' TargetMode="{mode}"' if mode else ""
    text = f'<Relationships><Relationship Id="r1" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/></Relationships>'
    return {"word/_rels/settings.xml.rels": text.encode(encoding)}


def body(field: str) -> dict[str, bytes]:
    return {"word/document.xml": f"<w:document xmlns:w='w'>{field}</w:document>".encode()}


def types(kind: str) -> dict[str, bytes]:
    return {"[Content_Types].xml": f"<Types><Override PartName='/word/x.bin' ContentType='{kind}'/></Types>".encode()}


def content(element: str, name: str = "content.xml") -> dict[str, bytes]:
    return {name: f"<o:document xmlns:o='o' xmlns:x='x'>{element}</o:document>".encode()}


def pdf(*objects: bytes) -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\n" + b"\n".join(objects) + b"\n%%EOF\n"


def stream(words: bytes, head: bytes = b"/Type /ObjStm /Filter /FlateDecode") -> bytes:
    return b"2 0 obj\n<<" + head + b">>\nstream\n" + zlib.compress(words) + b"\nendstream\nendobj"


@pytest.mark.parametrize(
    "passive",
    [
        word(),
        word(relation("hyperlink", "https://example.org/", "External")),
        word(body("<w:instrText>PAGE</w:instrText><w:t>DDE</w:t>")),
        odt(),
        odt(content("<o:a x:href='https://example.org/'/><o:scripts/><o:image x:href='Pictures/1.png'/>")),
        pdf(),
        pdf(stream(b"1 0 <</Type /Page>>"), stream(b"q 1 0 0 1 cm", b"/Filter /FlateDecode")),
    ],
)
def test_a_document_in_which_nothing_acts_is_taken(passive):
    file_kinds.detect_kind(passive)


@pytest.mark.parametrize(
    ("active", "reason"),
    [
        (word(relation("attachedTemplate", "https://evil.example/a.dotm", "External")), "another address"),
        (word(relation("attachedTemplate", "https://evil.example/a.dotm", "External", "utf-16")), "another address"),
        (word(relation("image", "https://evil.example/a.png", "external")), "another address"),
        (word(relation("oleObject", "embeddings/oleObject1.bin")), "embedded objects"),
        (word(relation("aFChunk", "chunk.html")), "embedded objects"),
        (word({"word/embeddings/a.bin": OLE}), "embedded objects"),
        (word({"word/media/image1.png": b"MZ\x90\0"}), "embedded objects"),
        (word({"word/harmless.bin": OLE}), "embedded objects"),
        (word({"word/embeddings/a.xlsm": b"PK"}), "embedded objects"),
        (word(types("application/vnd.ms-office.vbaProject")), "macros"),
        (word(types("application/vnd.ms-word.document.macroEnabled.main+xml")), "macros"),
        (word(body("<w:instrText>DD</w:instrText><w:instrText>EAUTO cmd</w:instrText>")), "macros"),
        (word(body("<w:fldSimple w:instr='DDE cmd'/>")), "macros"),
        (
            word({"word/_rels/settings.xml.rels": b"<!DOCTYPE a [<!ENTITY b 'c'>]><Relationships/>"}),
            "cannot be checked",
        ),
        (odt({"Scripts/python/a.py": b"x"}), "macros"),
        (odt(content("<o:scripts><o:script/></o:scripts>")), "macros"),
        (odt(content("<x:event-listener x:href='vnd.sun.star.script:a'/>", "styles.xml")), "macros"),
        (odt(content("<o:a x:href='vnd.sun.star.script:a'/>")), "macros"),
        (odt(content("<o:image x:href='https://evil.example/1.png'/>")), "another address"),
        (odt({"Object 1": OLE}), "embedded objects"),
        (pdf(b"2 0 obj<</S /JavaScript /JS (app.alert(1))>>endobj"), "macros"),
        (pdf(b"2 0 obj<</S /J#61vaScript /JS (app.alert(1))>>endobj"), "macros"),
        (pdf(b"2 0 obj<</S/Launch/F(cmd.exe)>>endobj"), "macros"),
        (pdf(stream(b"1 0 <</S /JavaScript>>")), "macros"),
        (pdf(stream(b" " * 100_000 + b"<</S /JavaScript>>", b"/Filter /FlateDecode")), "macros"),
        (pdf(stream(b"1 0 <<>>", b"/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]")), "cannot be checked"),
        (pdf(b"2 0 obj<</Type /EmbeddedFile>>endobj"), "embedded objects"),
    ],
)
def test_a_document_that_acts_is_refused_with_the_reason(active, reason):
    with pytest.raises(file_kinds.Unfit, match=re.escape(reason)):
        file_kinds.detect_kind(active)


def test_streams_that_unpack_to_very_much_are_refused(monkeypatch):
    monkeypatch.setattr(file_kinds.active_content, "MAX_UNPACKED_OBJECTS", 10**6)
    with pytest.raises(file_kinds.Unfit, match="cannot be checked"):
        file_kinds.detect_kind(pdf(stream(b"1 " * 10**6)))
    with pytest.raises(file_kinds.Unfit, match="cannot be checked"):
        file_kinds.detect_kind(pdf(b"stream\n" * 10**6))


def test_a_file_is_on_the_disk_before_it_is_named(monkeypatch):
    synced = []
    monkeypatch.setattr(durable_storage, "_sync", synced.append)
    storage = private_storage()
    name = storage.save("letters/ab/cd", io.BytesIO(b"words"))
    assert [path.name for path in synced[:2]] == [name.rpartition("/")[2], "ab"]
    storage.delete(name)
