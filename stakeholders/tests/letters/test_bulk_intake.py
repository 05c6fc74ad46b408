"""Letters of a docket or of a spreadsheet: judged as the form judges them, and taken over once."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from hled_portal.files.spreadsheet_reader import UnreadableSheet
from hled_portal.tests.factories import make_heard, make_letter, make_officers, make_recommendation, make_user
from hled_portal.tests.pages import error_texts
from stakeholders.letters import bulk_intake, submission
from stakeholders.letters.bulk_intake import IntakeSource
from stakeholders.letters.count_submissions import count_submissions
from stakeholders.models import Consultation, FileOfLetters, Letter
from stakeholders.triage import similarity

pytestmark = [pytest.mark.database, pytest.mark.django_db]
SHEETS = Path(__file__).parents[1] / "sheets"
#: Columns of the bulk download of regulations.gov, in its order, those that we do not read among them.
DOCKET = [
    "Document ID", "Agency ID", "Docket ID", "Tracking Number", "Document Type", "Posted Date", "Is Withdrawn?",
    "Title", "Received Date", "First Name", "Last Name", "City", "State/Province", "Zip/Postal Code", "Country",
    "Organization Name", "Submitter Representative", "Government Agency", "Comment", "Category", "Attachment Files",
]  # fmt: skip


def docket(*rows: dict) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, DOCKET)
    writer.writeheader()
    for number, row in enumerate(rows, 1):
        first = {"Document ID": f"ITA-2024-0001-{number:04d}", "Document Type": "Public Submission"}
        writer.writerow({**first, "Docket ID": "ITA-2024-0001", "Comment": "Open it.", "Last Name": "Doe", **row})
    return out.getvalue().encode("utf-8-sig")


def sheet(*rows: dict) -> bytes:
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def good(**cells) -> dict:
    row = {"number": "1", "text_1": "Abran la ventanilla.", "sender_kind": "person", "sender_name": "Eva Soto"}
    return row | {"country": "MX", "language": "es"} | cells


def test_a_docket_becomes_letters_in_its_own_words():
    data = docket(
        {
            "First Name": "Jane", "Comment": "First line.<br/>Second &amp; last.<br>", "State/Province": "AZ",
            "Posted Date": "2024-03-05T05:00Z", "Attachment Files": "https://downloads.regulations.gov/x/attachment_1.pdf",
        },
        {"Organization Name": "Acme Corp.", "Category": "Business", "Country": "Mexico"},
        {"Document Type": "Notice"},
        {"Is Withdrawn?": "true"},
    )  # fmt: skip
    rows = bulk_intake.read_letters(data, IntakeSource("docket"))
    assert [row.kind for row in rows] == ["new", "new", "passed", "passed"], [row.reasons for row in rows]
    assert bulk_intake.write_letters(rows, "docket") == 2
    first, second = Letter.objects.order_by("channel_key")
    assert first.points.get().text == "First line.\nSecond & last."
    assert (first.sender_name, first.country, first.sender_kind, first.consent) == (
        "Jane Doe",
        "",
        "person",
        "nothing",
    )
    assert timezone.localtime(first.created_at).isoformat() == "2024-03-05T12:00:00-06:00"
    assert "attachment_1.pdf" in first.introduction
    assert (second.organization, second.country, second.sender_kind) == ("Acme Corp.", "MX", "company")
    assert (second.channel, second.channel_key) == ("docket", "ITA-2024-0001-0002")
    assert first.moves.get().action == "received"


@pytest.mark.only_on("sqlite")
def test_a_day_of_a_docket_is_that_day_here():
    (row,) = bulk_intake.read_letters((SHEETS / "06-midnight-eastern.csv").read_bytes(), IntakeSource("docket"))
    assert timezone.localdate(row.words.columns["created_at"]) == date(2024, 3, 5)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("written", ["2024-07-05T04:00Z", "07/05/2024", "2024-07-05", "2024-07-05T00:00:00"])
def test_a_day_is_no_instant_of_the_day_before(written):
    (row,) = bulk_intake.read_letters(docket({"Received Date": written}), IntakeSource("docket"))
    assert timezone.localdate(row.words.columns["created_at"]) == date(2024, 7, 5)


@pytest.mark.only_on("sqlite")
def test_an_instant_stays_one():
    (row,) = bulk_intake.read_letters(docket({"Received Date": "2024-07-05T17:31:00Z"}), IntakeSource("docket"))
    assert row.words.columns["created_at"].isoformat() == "2024-07-05T17:31:00+00:00"


def received(*days: tuple[str, str]) -> list[str]:
    """What is read of each row, given its language and its day."""
    file = sheet(*(good(number=str(n), language=language, received_on=day) for n, (language, day) in enumerate(days)))
    rows = bulk_intake.read_letters(file, IntakeSource("sheet"))
    return [timezone.localdate(row.words.columns["created_at"]).isoformat() if row.words else row.kind for row in rows]


@pytest.mark.only_on("sqlite")
def test_a_day_that_can_be_two_is_settled_by_the_other_days_of_its_language_or_by_several():
    first, second = read_case("04-day-month.csv", "sheet")
    assert first.kind == "invalid"
    assert "2024-05-03" in first.reasons[0]
    assert timezone.localdate(second.words.columns["created_at"]) == date(2024, 5, 13)
    assert received(("es", "05/03/2024"), ("es", "13/05/2024")) == ["2024-03-05", "2024-05-13"]
    column = received(("es", "05/03/2024"), ("en", "05/13/2024"), ("en", "05/14/2024"))
    assert column == ["2024-05-03", "2024-05-13", "2024-05-14"]


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("others", [[], ["2024-05-13", "04/04/2024"], ["05/13/2024", "13/05/2024"]])
def test_a_day_that_can_be_two_is_refused_with_both_where_nothing_settles_it(others):
    days = ["05/03/2024", *others]
    file = sheet(*(good(number=str(n), received_on=day) for n, day in enumerate(days)))
    first, *_others = bulk_intake.read_letters(file, IntakeSource("sheet"))
    assert first.kind == "invalid"
    assert "2024-05-03" in " ".join(first.reasons)
    assert "2024-03-05" in " ".join(first.reasons)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("written", ["13/05/2024", "13-05-2024", "05/13/2024"])
def test_a_day_that_can_be_read_in_one_way_is_read(written):
    (row,) = bulk_intake.read_letters(sheet(good(received_on=written)), IntakeSource("sheet"))
    assert timezone.localdate(row.words.columns["created_at"]) == date(2024, 5, 13)


def read_case(name: str, channel: str = "docket"):
    return bulk_intake.read_letters((SHEETS / name).read_bytes(), IntakeSource(channel))


def test_a_messy_docket_loses_no_word_and_invents_nothing():
    rows = {row.key[-2:]: row for row in read_case("20-docket-messy.csv")}
    kinds = {key: row.kind for key, row in rows.items()}
    assert {key for key, kind in kinds.items() if kind == "passed"} == {"01", "11"}
    assert set(kinds.values()) == {"new", "passed"}
    text = {key: row.words.points[0]["text"] for key, row in rows.items() if row.words and row.words.points}
    assert text["16"] == "Contact Jane Roe <jane.roe@example.org> at <USTR>. If x<y and y>z then fine."
    assert text["12"].endswith("SB<->MX coordination.")
    assert text["02"].startswith(
        "I support this. It’s “overdue” & necessary — for >40 small carriers.\n\nSecond paragraph."
    )
    columns = {key: row.words.columns for key, row in rows.items() if row.words}
    assert (columns["21"]["sender_name"], columns["21"]["organization"], columns["21"]["represented"]) == (
        "Lawyer Smith",
        "Smith & Jones LLP",
        "Acme Inc.",
    )
    assert (columns["09"]["sender_name"], columns["09"]["country"], columns["09"]["sector"]) == ("", "", "")
    assert columns["13"]["organization"] == "Cámara Ejemplo de Autotransporte (CEA)"
    assert (columns["13"]["language"], columns["13"]["country"], columns["16"]["language"]) == ("es", "MX", "en")
    assert {key for key, row in columns.items() if row["text_in_files"]} == {"03", "08", "18"}
    assert (columns["08"]["copies"], columns["02"]["copies"]) == (350, 1)
    assert rows["18"].words.points == []
    assert rows["02"].original["Comment"].startswith("I support this. It&rsquo;s")


def test_a_letter_withdrawn_at_the_docket_since_is_withdrawn_here_with_what_was_published(client):
    bulk_intake.write_letters(read_case("05-docket-first.csv"), "docket")
    letter = Letter.objects.get(channel_key="ITA-2024-0009-0001")
    Letter.objects.filter(pk=letter.pk).update(consent="withheld")
    letter.refresh_from_db()
    officers = make_officers()
    recommendation = make_heard(officers, letter).recommendation
    address = f"/en/recommendations/{recommendation.key}/"
    assert client.get(address).status_code == 200
    later = read_case("05-docket-later.csv")
    assert bulk_intake.counts(later) == {"new": 0, "same": 3, "withdrawn": 1, "passed": 0, "invalid": 0}
    client.force_login(officers.rosa)
    shown = send(client, (SHEETS / "05-docket-later.csv").read_bytes())
    assert "<strong>to be withdrawn</strong>" in shown.content.decode()
    assert client.get(address).status_code == 200
    confirmed = {"seen": FileOfLetters.objects.get().digest}
    taken = client.post(reverse("admin:stakeholders_letter_taken", args=[FileOfLetters.objects.get().pk]), confirmed)
    assert taken.status_code == 302
    gone = client.get(address)
    assert gone.status_code == 410
    assert letter.points.get().text not in gone.content.decode()
    letter.refresh_from_db()
    recommendation.refresh_from_db()
    assert (letter.state, letter.moves.last().reason) == ("withdrawn", "Withdrawn from the docket.")
    assert recommendation.state == "withdrawn"
    assert bulk_intake.counts(read_case("05-docket-later.csv"))["same"] == 4


def test_copies_of_a_docket_are_counted():
    bulk_intake.write_letters(read_case("07-duplicate-comments.csv"), "docket")
    letter = Letter.objects.get()
    assert letter.copies == 1240
    make_recommendation(make_officers().rosa, letter)
    (asking,) = submission.askings(letter)
    assert asking.number_of_letters == 1240
    assert similarity.alike(asking.text, "en")[0].asked_by == 1240
    assert count_submissions(timezone.localdate(), "")["received"] == 1240


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("11-lost-character.csv", ["new", "new"]),
        ("11-long-name.csv", ["new", "invalid", "new", "new", "new", "new", "invalid", "passed"]),
    ],
)
def test_a_bad_row_keeps_no_other_back(name, kinds):
    rows = read_case(name)
    assert [row.kind for row in rows] == kinds
    assert all(row.reasons for row in rows if row.kind == "invalid")
    assert bulk_intake.write_letters(rows, "docket") == kinds.count("new")
    lost = Letter.objects.filter(points__text__contains="�").count()
    assert lost == ("lost" in name)
    assert ("lost some characters" in " ".join(rows[0].reasons)) == bool(lost)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("name", "channel", "language"), [("12-spanish-comment.csv", "docket", "es"), ("13-sep-line.csv", "sheet", "es")]
)
def test_languages_and_separators_are_understood(name, channel, language):
    (row,) = read_case(name, channel)
    assert (row.kind, row.words.columns["language"]) == ("new", language)


def test_lines_of_a_docket_above_the_names_of_the_columns_are_one_message():
    with pytest.raises(UnreadableSheet) as refused:
        read_case("14-lines-above-header.csv")
    (message,) = refused.value.messages
    assert message == "The first row does not contain the names of the columns. Delete the lines above them."


def test_files_text_and_language_of_a_docket_are_added_at_the_desk(client):
    bulk_intake.write_letters(read_case("20-docket-messy.csv"), "docket")
    client.force_login(make_officers().rosa)
    letter = Letter.objects.get(channel_key__endswith="18")
    address = reverse("admin:stakeholders_letter_change", args=[letter.pk])
    text = client.get(address).content.decode()
    assert "The text of this submission is in its files." in text
    assert "Example Border Alliance" in text
    client.post(f"{address.replace('change/', '')}add-file/", {"file": SimpleUploadedFile("a.txt", b"Mend the road.")})
    client.post(f"{address.replace('change/', '')}add-text/", {"text": "Mend the road."})
    client.post(f"{address.replace('change/', '')}language/", {"language": "es"})
    letter.refresh_from_db()
    assert (letter.attachments.get().kind, letter.points.get().text) == ("txt", "Mend the road.")
    assert (letter.text_in_files, letter.language) == (False, "es")
    refused = client.post(f"{address.replace('change/', '')}add-file/", {"file": SimpleUploadedFile("a.exe", b"MZ\0")})
    assert "not a PDF" in refused.content.decode()


@pytest.mark.only_on("sqlite")
def test_lines_above_the_names_of_the_columns_are_told_once():
    with pytest.raises(UnreadableSheet) as refused:
        bulk_intake.read_letters(b"Letters of June,,\nnumber,text_1\n1,Open it.\n", IntakeSource("sheet"))
    assert len(refused.value.messages) == 1


def test_the_same_file_again_takes_nothing_over():
    data = docket({}, {})
    bulk_intake.write_letters(bulk_intake.read_letters(data, IntakeSource("docket")), "docket")
    rows = bulk_intake.read_letters(data, IntakeSource("docket"))
    assert [row.kind for row in rows] == ["same", "same"]
    assert bulk_intake.write_letters(rows, "docket") == 0
    assert Letter.objects.count() == 2


def test_a_run_that_was_cut_off_goes_on(monkeypatch):
    data = docket({}, {}, {})
    rows = bulk_intake.read_letters(data, IntakeSource("docket"))
    bulk_intake.write_letters(rows[:1], "docket")
    assert bulk_intake.write_letters(bulk_intake.read_letters(data, IntakeSource("docket")), "docket") == 2
    assert Letter.objects.count() == 3


def test_a_spreadsheet_holds_points_and_confidential_parts():
    row = good(text_2="Publiquen los plazos.", part_us="Costs.", organization="UNISON", received_on="2026-01-05")
    rows = bulk_intake.read_letters(sheet(row | {"sender_kind": "university"}), IntakeSource("sheet"))
    bulk_intake.write_letters(rows, "sheet")
    letter = Letter.objects.get()
    assert [point.text for point in letter.points.all()] == ["Abran la ventanilla.", "Publiquen los plazos."]
    assert [(part.text, part.addressed) for part in letter.parts.all()] == [("Costs.", "US")]
    assert (letter.language, letter.created_at.date().isoformat()) == ("es", "2026-01-05")


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"text_1": " "}, "text_1"),
        ({"sender_kind": "wizard"}, "sender_kind"),
        ({"sender_kind": "company"}, "organization"),
        ({"country": "Mexico"}, "country"),
        ({"email": "nobody"}, "email"),
        ({"consent": "name"}, "confirm"),
        ({"language": "fr"}, "“en” or “es”"),
        ({"received_on": "yesterday"}, "year-month-day"),
        ({"received_on": "2999-01-01"}, "year-month-day"),
        ({"number": ""}, "The number used in the original system is missing."),
        ({"number": "x" * 121}, "too long"),
        ({"text_1": "a\u202eb"}, "invisible characters"),
        ({"text_1": "x" * 20_001}, "the limit is"),
        ({"initiative_1": "nonsense"}, "No initiative"),
    ],
)
def test_each_error_is_named_and_nothing_is_written(cells, reason):
    rows = bulk_intake.read_letters(sheet(good(**cells)), IntakeSource("sheet"))
    assert [row.kind for row in rows] == ["invalid"]
    assert reason in " ".join(rows[0].reasons)
    assert bulk_intake.write_letters(rows, "sheet") == 0
    assert not Letter.objects.exists()


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("data", "channel"),
    [
        (b"", "docket"),
        (b"\x00\x01", "docket"),
        (b"a,b\n1,2\n", "docket"),
        (b"number,text_1,price\n1,2,3\n", "sheet"),
        (b"number,text_1\n", "sheet"),
        ("number,text_1\n1,año\n".encode("latin-1"), "sheet"),
        (b"PK\x03\x04broken", "docket"),
    ],
)
def test_what_is_no_such_file_is_refused_with_a_message(data, channel):
    with pytest.raises(UnreadableSheet):
        bulk_intake.read_letters(data, IntakeSource(channel))


@pytest.mark.only_on("sqlite")
def test_two_rows_of_one_number_are_told():
    rows = bulk_intake.read_letters(sheet(good(), good(text_1="Otra.")), IntakeSource("sheet"))
    assert [row.kind for row in rows] == ["new", "invalid"]


@pytest.mark.only_on("sqlite")
def test_a_formula_is_only_words():
    bulk_intake.write_letters(bulk_intake.read_letters(sheet(good(text_1="'=1+1")), IntakeSource("sheet")), "sheet")
    assert Letter.objects.get().points.get().text == "=1+1"


@pytest.mark.parametrize("number", [1, 30])
def test_judging_asks_for_the_record_once(number, django_assert_num_queries):
    """Pillars and initiatives once for a file; the form itself asks once for open consultations."""
    data = sheet(*(good(number=str(n)) for n in range(number)))
    with django_assert_num_queries(5 + number):
        bulk_intake.read_letters(data, IntakeSource("sheet"))


# At the desk


def send(client, data: bytes, channel: str = "docket", **more):
    file = SimpleUploadedFile("docket.csv", data)
    address = reverse("admin:stakeholders_letter_take_over")
    return client.post(address, {"file": file, "channel": channel, "consent": "nothing", **more}, follow=True)


def test_the_desk_shows_each_row_first_and_takes_over_what_was_shown(client):
    cast = make_officers()
    client.force_login(cast.rosa)
    call = Consultation.objects.create(
        key="ict", title_en="ICT", text_en="x", opens=date(2020, 1, 1), closes=date(2020, 2, 1)
    )
    answer = send(client, docket({"Comment": "Open the shop."}, {"Document Type": "Notice"}), consultation="ict")
    assert answer.context["counts"] == {"new": 1, "same": 0, "withdrawn": 0, "passed": 1, "invalid": 0}
    assert "Open the shop." in answer.content.decode()
    assert not Letter.objects.exists()
    address = reverse("admin:stakeholders_letter_taken", args=[FileOfLetters.objects.get().pk])
    client.force_login(cast.ruth)
    assert client.get(address).status_code == 404
    client.force_login(cast.rosa)
    client.post(address, {"seen": "0"})
    assert not Letter.objects.exists()
    answer = client.post(address, {"seen": FileOfLetters.objects.get().digest}, follow=True)
    assert error_texts(answer) == ["1 submission imported."]
    assert Letter.objects.get().consultation == call
    assert not FileOfLetters.objects.exists()


def test_a_file_with_errors_is_shown_and_dropped(client):
    client.force_login(make_officers().rosa)
    answer = send(client, sheet(good(country="Mars")), "sheet")
    assert answer.context["counts"]["invalid"] == 1
    address = reverse("admin:stakeholders_letter_taken", args=[FileOfLetters.objects.get().pk])
    client.post(address, {"seen": FileOfLetters.objects.get().digest})
    assert not Letter.objects.exists()
    client.post(address, {"drop": "yes"})
    assert not FileOfLetters.objects.exists()
    answer = send(client, b"\x00", "sheet")
    assert "not a table" in answer.content.decode()


# As a command


def test_the_command_does_the_same(tmp_path, capsys):
    path = tmp_path / "docket.csv"
    path.write_bytes(docket({}, {"Is Withdrawn?": "true"}))
    call_command("take_letters", str(path), "--dry-run")
    assert "1 new, 0 already imported, 0 withdrawn since, 1 skipped, 0 with errors." in capsys.readouterr().out
    assert not Letter.objects.exists()
    call_command("take_letters", str(path), "--consent", "withheld")
    assert Letter.objects.get().consent == "withheld"
    path.write_bytes(sheet(good(country="Mars"), good(number="2")))
    with pytest.raises(CommandError, match="1 rows have errors and were not imported"):
        call_command("take_letters", str(path), "--from", "sheet")
    assert "2 of 2 rows" in capsys.readouterr().out
    assert Letter.objects.get(channel="sheet").channel_key == "2"
    with pytest.raises(CommandError, match="The consultation"):
        call_command("take_letters", str(path), "--consultation", "x")


def test_what_nobody_decided_on_is_dropped():
    row = FileOfLetters.objects.create(owner=make_user("rosa"), name="x", channel="sheet", content=b"x")
    assert bulk_intake.delete_old_files(None) is None
    FileOfLetters.objects.filter(pk=row.pk).update(sent_at="2020-01-01T00:00Z")
    assert bulk_intake.delete_old_files(None) == "1 files of letters dropped"
    make_letter()
