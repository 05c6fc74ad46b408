"""Whatever a stranger sends is refused or made harmless with a message: no error of the server, nothing hidden kept."""

import csv
import io
import json
import zipfile
from urllib.parse import urlencode

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, example, given
from hypothesis import settings as pace
from hypothesis import strategies as st

from hled_portal.files.spreadsheet_reader import UnreadableSheet
from hled_portal.tests import factories as make
from stakeholders.letters import attachments, bulk_intake, file_kinds, submission
from stakeholders.models import Attachment, FileOfLetters, Handover, Letter
from stakeholders.tests.letters.test_attachments import DOCX, ODT, PDF, package
from stakeholders.tests.letters.test_submission import FILLED, NEW, opened, send

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NASTY = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="\x00\x1b\u202e\u2066\u200b\ufeff\ud800\ufffd\U000e0041%_'\"<>&;=+-@\t\r\n\\/.é", max_size=30),
    st.sampled_from(
        ["=cmd|' /C calc'!A0", "' OR 1=1 --", "%00", "../../etc/passwd", "{{ 7*7 }}", "9" * 400, "-0", "²"]
    ),
)
QUICK = pace(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(autouse=True)
def alone(settings, tmp_path):
    settings.SUBMISSION_LIMITS = [0]
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }


@pytest.fixture
def filled(client) -> dict:
    """The form as it was opened: what one test sends is not kept, or is deleted before it is sent again."""
    return opened(client) | FILLED


def encoded(data: dict[str, str]) -> dict:
    """As a browser or a program would send it: what is no text goes as the bytes that a program would make of it."""
    return {name: value.encode("utf-8", "surrogatepass") for name, value in data.items()}


def post(client, path: str, data: dict[str, str]):
    """The test client would take bytes for a list of numbers."""
    return client.post(path, urlencode(encoded(data)), content_type="application/x-www-form-urlencoded")


#: Written down here once more, so that the judge of texts is not asked about itself.
HIDDEN = {
    *map(chr, range(9)),
    *map(chr, range(0x0E, 0x20)),
    *"\x7f\u202a\u202d\u202e\u2066\u2069\u200b\ufeff\ufffd\U000e0041",
}


def assert_clean(texts) -> None:
    for text in texts:
        assert not set(text) & HIDDEN, repr(text)


TYPED = [
    "sender_name",
    "organization",
    "represented",
    "text_1",
    "part_us",
    "pillar_1",
    "initiative_1",
    "email",
    "country",
]
TYPED += ["consent", "consultation", "sector", "sender_kind", "points", "draft", "once", "shown", "remove_1"]


@QUICK
@given(st.dictionaries(st.sampled_from(TYPED), NASTY, max_size=6))
@example({"sender_name": "Eva \u202eotoS", "text_1": "a\x00b"})
@example({"sender_name": "Eva \u202eotoS"})
@example({"text_1": "a\x1bb"})
@example({"points": "9" * 400, "draft": "\ud800"})
@example({"email": "a@b.c\r\nBcc: x@y.z"})
def test_a_letter_holds_nothing_hidden_whatever_is_typed(client, filled, typed):
    answer = post(client, NEW, filled | typed)
    assert answer.status_code in (200, 302, 422)
    for letter in Letter.objects.all():
        assert_clean([letter.sender_name, letter.organization, letter.represented, letter.email])
        assert_clean(point.text for point in letter.points.all())
        assert_clean(part.text for part in letter.parts.all())
        assert "\n" not in letter.sender_name + letter.organization + letter.represented + letter.email
    Letter.objects.all().delete()


ACTS = ["correct", "object", "consent", "hand_over", "withdraw!", "", "\x00"]
NAMES = ["correction-text", "correction-addressed", "objection-text", "about", "consent-consent", "handover-name"]


@pytest.mark.only_on("sqlite")
@QUICK
@given(st.sampled_from(ACTS), st.dictionaries(st.sampled_from([*NAMES, "handover-email"]), NASTY, max_size=4))
@example("correct", {"correction-text": "a\u202eb"})
@example("hand_over", {"handover-name": "Eva\r\nBcc: x@y.z", "handover-email": "eva@example.org"})
@example("hand_over", {"handover-name": "Eva", "handover-email": "eva@example.org\r\nBcc: x@y.z"})
def test_a_receipt_takes_nothing_hidden(client, act, typed):
    words = submission.LetterContent(
        {"sender_kind": "person", "sender_name": "Eva", "sector": "other", "country": "US", "language": "en"},
        [{"text": "Words."}],
    )
    secret = submission.receive(submission.new_form_key(), words, None)
    answer = post(client, f"/en/recommendations/receipt/{secret}/", {"do": act} | typed)
    assert answer.status_code in (200, 302, 422)
    letter = Letter.objects.get()
    assert_clean(row.text for row in (*letter.corrections.all(), *letter.objections.all()))
    assert_clean(f"{row.name}{row.email}" for row in Handover.objects.all())
    letter.delete()


PAGES = ["/en/recommendations/published/", "/en/recommendations.csv", "/en/recommendations.atom", "/api/v1/answers/"]
PAGES += ["/api/v1/recommendations/", "/en/you-said-we-did/", "/en/search/", "/en/recommendations/new/", "/en/follow/"]
PARAMETERS = ["q", "state", "pillar", "sector", "consultation", "sort", "page", "per_page", "as_of", "publication"]


@QUICK
@given(st.sampled_from(PAGES), st.dictionaries(st.sampled_from([*PARAMETERS, "subject", "points"]), NASTY, max_size=4))
@example("/en/recommendations/published/", {"q": "\x00"})
@example("/en/recommendations/published/", {"q": "%%%___", "page": "9" * 400})
@example("/api/v1/recommendations/", {"per_page": "-1", "publication": "99999999999999999999"})
def test_strange_questions_are_answered(client, path, asked):
    query = "&".join(f"{name}={''.join(f'%{byte:02x}' for byte in value)}" for name, value in encoded(asked).items())
    assert Client().get(path, QUERY_STRING=query).status_code in (200, 301, 302, 400, 404)


@pytest.mark.parametrize("query", ["q=%ff%fe", "q=%C0%AF", "q=%ED%A0%80", "state=%F1&state=%00", "%ff=1", "&" * 5000])
@pytest.mark.parametrize(
    "path", [PAGES[0], *(pytest.param(path, marks=pytest.mark.only_on("sqlite")) for path in PAGES[1:5])]
)
def test_what_is_no_utf8_is_answered(client, path, query):
    assert client.get(path, QUERY_STRING=query).status_code in (200, 400, 413)


FORMS = [NEW, "/en/recommendations/lost-link/", "/en/follow/", "/en/recommendations/receipt/x/"]
BODIES = [
    (b"text_1=%ff%fe&sender_name=%00", "application/x-www-form-urlencoded"),
    (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
    (b"{}", "application/json"),
    (b"<a/>", "text/xml; charset=utf-16"),
    (b"x", "multipart/form-data"),
    (b"x", "multipart/form-data; boundary="),
    (b'--x\r\nContent-Disposition: form-data; name="text_1"\r\n\r\nnever ends', "multipart/form-data; boundary=x"),
    (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="\x00"\r\n\r\na\r\n--x--',
        "multipart/form-data; boundary=x",
    ),
    (b"&".join(b"f%d=1" % n for n in range(3000)), "application/x-www-form-urlencoded"),
    (b"text_1=" + b"a" * 3_000_000, "application/x-www-form-urlencoded"),
    (b"text_1=a", "application/x-www-form-urlencoded; charset=utf-7"),
    (b"text_1=a", ""),
]


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("number", range(len(BODIES)))
@pytest.mark.only_on("sqlite")
def test_no_body_breaks_a_form(path, number):
    body, kind = BODIES[number]
    answer = Client(raise_request_exception=False).generic("POST", path, body, content_type=kind)
    assert 200 <= answer.status_code < 500, (path, number)
    assert not Letter.objects.exists()


# Files


HOSTILE_FILES = [
    b"",
    b"%PDF-1.7",
    b"GIF89a" + PDF,
    b"\n" + PDF,
    PDF + DOCX,
    b"\x00" * 10,
    b"PK\x03\x04" + b"\x00" * 40,
    DOCX[:60],
    lambda: package(**{"[Content_Types].xml": b"<Types/>", "word__document_dot_xml": b"0" * 210_000_000}),
    package(**{"[Content_Types].xml": b"<Types/>", "word__document_dot_xml": b"x", "WORD__VBAPROJECT_dot_BIN": b"x"}),
    package(mimetype=b"application/vnd.oasis.opendocument.text", content_dot_xml=b"x", Basic__m_dot_xml=b"x"),
    "<html><script>alert(1)</script>".encode("utf-16"),
    "\ufeff \n<svg onload=x>".encode(),
    b"\xff\xfe\x00",
]


@pytest.mark.only_on("sqlite")
def test_a_hostile_file_is_refused_beside_its_input(client, filled):
    for number, made in enumerate(HOSTILE_FILES):
        content = made() if callable(made) else made  # Not made where the test is collected alone.
        file = SimpleUploadedFile("carta.pdf", content, "application/pdf")
        answer = client.post(NEW, filled | {"files_us": file})
        assert answer.status_code == 200, number
        assert "files_us" in answer.context["form"].errors or not content, number
        assert not Attachment.objects.exists(), number


@QUICK
@given(st.binary(max_size=300), st.sampled_from([b"", b"%PDF-1.4\n", b"PK\x03\x04", b"\xff\xfe", DOCX[:80], ODT]))
@pytest.mark.only_on("sqlite")
def test_no_bytes_break_the_judge_of_files(content, head):
    try:
        assert file_kinds.detect_kind(head + content) in ("pdf", "docx", "odt", "txt")
    except file_kinds.Unfit:
        return  # Refused, with the reason.


@QUICK
@given(NASTY)
@example("../../../etc/passwd")
@example("..\\..\\boot.ini")
@example("a" * 5000 + ".exe")
@example("carta\u202efdp.exe")
@example("....")
@example("con\x00.pdf")
@pytest.mark.only_on("sqlite")
def test_a_name_of_a_file_is_made_harmless(name):
    safe = attachments.safe_name(name, attachments.FileKind.PDF)
    assert len(safe) <= 130
    assert safe.endswith(".pdf")
    assert not set(safe) & set("/\\\x00\r\n\"'<>;")
    assert not safe.startswith(".")
    assert_clean([safe.replace("\ufffd", "")])


# Files of letters at the desk, and tables for readers


HEAD = ",".join(bulk_intake.SHEET)


@QUICK
@given(st.lists(st.tuples(NASTY, NASTY), max_size=4), st.sampled_from(["docket", "sheet"]))
@example([("\ufffd", "0")], "docket")
@example([("\u200b1", "0"), ("1", "0")], "docket")
def test_no_table_breaks_taking_over(rows, channel):
    names = ["Document ID", "Comment"] if channel == "docket" else ["number", "text_1"]
    text = io.StringIO()
    csv.writer(text).writerows([names, *rows])
    data = text.getvalue().encode("utf-8", "surrogatepass")
    try:
        judged = bulk_intake.read_letters(data, bulk_intake.IntakeSource(channel))
    except UnreadableSheet:
        return  # Refused, with the reason.
    for row in judged:
        assert row.reasons or row.kind in ("new", "same", "passed")
        if row.words:
            points = [point["text"] for point in row.words.points]
            if row.reasons:  # What the file had lost stays marked, and a remark says so.
                points = [text.replace("\ufffd", "") for text in points]
            assert_clean([row.key, row.words.columns["sender_name"], *points])


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"0" * 300_000_000)
    return made.getvalue()


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("data", [b"", b"\xd0\xcf\x11\xe0", b"PK\x03\x04", bomb, b"a" * 50, b'{"a":' * 2000, b'"' * 50])
def test_a_hostile_file_of_letters_is_refused_with_a_message(client, data):
    client.force_login(make.make_officers().rosa)
    content = data() if callable(data) else data  # Not made where the test is collected alone.
    file = SimpleUploadedFile("\u202ex.csv", content or b" ", "text/html")
    asked = {"file": file, "channel": "sheet", "consent": "nothing", "consultation": "\x00"}
    for more in ({}, {"consultation": ""}):
        file.seek(0)
        answer = client.post("/admin/stakeholders/letter/take-over/", asked | more)
        assert answer.status_code == 200
        assert answer.context["form"].errors
    assert not FileOfLetters.objects.exists()


def test_words_that_are_formulas_run_in_no_table_that_readers_take_away(client):
    formula = '=HYPERLINK("http://evil.example","x")'
    letter = make.make_letter(formula, organization="@SUM(1)", sender_name="+1", email="e@example.org")
    submission.confirm_address(letter)
    make.make_heard(make.make_officers(), letter, summary_en="-1+1", summary_es="\t=1")
    table = b"".join(client.get("/en/recommendations.csv")).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(table, newline=""))
    for name in ("text", "sent_by", "sent_from", "summary_en"):
        assert row[name].startswith("'"), name
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get("/en/recommendations.xlsx"))))
    assert {cell.data_type for line in book["recommendations"].iter_rows() for cell in line} <= set("snbd") | {
        "inlineStr"
    }
    assert json.loads(b"".join(client.get("/en/recommendations.json")))["rows"][0]["text"] == formula


# Abuse


def test_a_key_of_a_form_is_neither_chosen_nor_used_twice(client):
    typed = opened(client) | FILLED
    assert send(client, once="x" * 40 + ".forged").status_code == 200
    assert send(client, once="", shown="").status_code == 200
    assert send(client, shown=typed["shown"][:-3] + "abc").status_code == 200
    assert not Letter.objects.exists()
    first = client.post(NEW, typed)
    for again in ({}, {"text_1": "Other words."}, {"shown": ""}, {"website_of_sender": "x"}):
        assert client.post(NEW, typed | again)["Location"] == first["Location"]
    assert Letter.objects.count() == 1


@pytest.mark.only_on("sqlite")
def test_production_takes_no_letter_without_privacy_texts(client, settings):
    typed = opened(client) | FILLED
    settings.DEBUG, settings.PRIVACY_TEXTS = False, []
    assert client.get(NEW).status_code == 503
    assert client.post(NEW, typed).status_code == 503
    assert not Letter.objects.exists()
