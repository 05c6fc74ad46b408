"""Files of letters: what they are is told by their content; they are saved, never shown, and swept when nobody's."""

import datetime
import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.utils import timezone
from PIL import Image

from hled_portal.background.jobs import JobRun
from stakeholders.letters import attachments, file_kinds, submission
from stakeholders.models import Attachment, LetterDraft, private_storage

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def package(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return file.getvalue()


def image(kind: str, size=(20, 10)) -> bytes:
    file = io.BytesIO()
    Image.new("1", size).save(file, kind)
    return file.getvalue()


SHEETS = Path(__file__).parents[1] / "sheets"
PNG, JPG = image("PNG"), image("JPEG")
LOCKED = (SHEETS / "21-locked.pdf").read_bytes()
TYPES = {"[Content_Types].xml": b"<Types/>"}
DOCX = package(**TYPES, word__document_dot_xml=b"<w:document/>")
ODT = package(mimetype=b"application/vnd.oasis.opendocument.text", content_dot_xml=b"<office/>")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (DOCX, "docx"),
        (ODT, "odt"),
        ("Más capacitación.\r\n".encode(), "txt"),
        ("\ufeffcon marca".encode(), "txt"),
        ("en dos bytes".encode("utf-16"), "txt"),
        ((SHEETS / "16-windows-1252.txt").read_bytes(), "txt"),
        (LOCKED.replace(b"/Encrypt 6 0 R", b"/Free 6 0 R"), "pdf"),
        (JPG, "jpg"),
        (PNG, "png"),
    ],
)
def test_a_file_is_what_its_content_says(content, kind):
    assert file_kinds.detect_kind(content) == kind


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (("\u200b" * 30).encode(), "empty"),
        ("\ufeff\n \u3164\u2800".encode(), "empty"),
        (b"MZ\x90\0\x03", "not a PDF"),
        (b"\x7fELF\x02", "not a PDF"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (PNG[:-20], "damaged"),
        (b"\xff\xd8\xff\xe0 no photo", "damaged"),
        (JPG + package(a_dot_txt=b"x"), "not a PDF"),
        (image("PNG", (20_000, 9_000)), "too large when uncompressed"),
        (LOCKED, "password"),
        (b"<!doctype html><script>", "not a PDF"),
        (b"  <svg xmlns='x'>", "not a PDF"),
        (b"{\\rtf1", "not a PDF"),
        (b"#!/bin/sh\n", "not a PDF"),
        (b"%PDF-1.7 cut short", "not a PDF"),
        (b"\xd7\xf7\xa9\xae\xb1\xbf", "not a PDF"),
        ("turned \u202e words".encode(), "not a PDF"),
        (package(a_dot_txt=b"x"), "not a PDF"),
        (package(**TYPES, xl__workbook_dot_xml=b"x"), "not a PDF"),
        (package(**TYPES, word__document_dot_xml=b"x", word__vbaProject_dot_bin=b"x"), "macros"),
        (package(mimetype=b"application/vnd.oasis.opendocument.text", Basic__a_dot_xml=b"x"), "macros"),
        (DOCX[:-30], "damaged"),
        # Not made where the test is collected alone.
        (lambda: package(**TYPES, word__document_dot_xml=b"0" * 250 * 1024 * 1024), "too large when uncompressed"),
    ],
)
def test_what_is_disguised_damaged_or_dangerous_is_refused_with_the_reason(content, reason):
    content = content() if callable(content) else content
    with pytest.raises(file_kinds.Unfit, match=reason):
        file_kinds.detect_kind(content)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("carta.PDF", "carta.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\x\\carta final.docx", "carta_final.pdf"),
        ("carta\u202efdp.exe", "cartafdp.pdf"),
        ("…", "file.pdf"),
        ("a" * 300 + ".pdf", "a" * 120 + ".pdf"),
        ('x"; filename=evil.html', "x_filenameevil.pdf"),
    ],
)
def test_a_name_is_made_harmless(name, safe):
    assert attachments.safe_name(name, "pdf") == safe


@pytest.mark.django_db
def test_the_same_file_twice_is_one():
    _token, draft = submission.new_draft()
    uploaded = attachments.examined(SimpleUploadedFile("carta.exe", PDF), "MX")
    rows = [attachments.keep(uploaded, draft) for _time in range(2)]
    assert rows[0] == rows[1]
    assert (rows[0].name, rows[0].kind, rows[0].size, rows[0].addressed) == ("carta.pdf", "pdf", len(PDF), "MX")
    assert "carta" not in rows[0].file.name


@pytest.mark.django_db
def test_a_file_is_saved_and_never_shown():
    _token, draft = submission.new_draft()
    row = attachments.keep(attachments.examined(SimpleUploadedFile("carta.pdf", PDF), ""), draft)
    answer = attachments.file_response(row)
    assert answer["Content-Disposition"] == 'attachment; filename="carta.pdf"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Cache-Control"] == "no-store"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer.getvalue() == PDF
    answer.close()


@pytest.mark.parametrize("scan", ["waiting", "infected"])
def test_nobody_opens_a_file_before_the_scanner_has_let_it_through(scan):
    with pytest.raises(Http404):
        attachments.file_response(Attachment(scan=scan))


@pytest.mark.django_db
def test_no_address_serves_the_folder(client):
    _token, draft = submission.new_draft()
    row = attachments.keep(attachments.examined(SimpleUploadedFile("carta.pdf", PDF), ""), draft)
    for path in (f"/media/{row.file.name}", f"/static/{row.file.name}", f"/{row.file.name}"):
        assert client.get(path).status_code in (302, 404)


@pytest.mark.database
@pytest.mark.django_db
def test_drafts_are_swept_after_a_day_with_their_files():
    old = LetterDraft.objects.create(secret_digest="old", changed_at=timezone.now() - datetime.timedelta(days=2))
    new = LetterDraft.objects.create(secret_digest="new")
    uploaded = attachments.examined(SimpleUploadedFile("carta.pdf", PDF), "")
    swept, kept = attachments.keep(uploaded, old), attachments.keep(uploaded, new)
    attachments.delete_strays(JobRun())
    assert [private_storage().exists(row.file.name) for row in (swept, kept)] == [False, True]
    assert list(LetterDraft.objects.all()) == [new]
