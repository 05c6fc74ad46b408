"""Writing to both governments: nothing typed is lost, the same form is one letter, and nothing hidden gets in."""

import datetime
import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.utils import timezone

from hled_portal.models import Mail
from hled_portal.tests import factories
from stakeholders.letters import attachments, submission
from stakeholders.models import Attachment, Consultation, Letter, LetterDraft, Move, opening_and_closing

from .test_attachments import PDF

pytestmark = [pytest.mark.django_db]
NEW = "/en/recommendations/new/"
FILLED = {
    "sender_kind": "university",
    "sender_name": "Eva Soto",
    "organization": "Universidad de Sonora",
    "represented": "",
    "sector": "education",
    "country": "MX",
    "email": "eva@example.org",
    "consent": "withheld",
    "text_1": "Train more technicians.",
    "checked": "1",
}


@pytest.fixture(autouse=True)
def no_pace(settings):
    settings.SUBMISSION_LIMITS = [0]


def opened(client, path=NEW) -> dict:
    """What the form holds when it was opened a minute ago."""
    with time_machine.travel(timezone.now() - datetime.timedelta(minutes=1)):
        form = client.get(path).context["form"]
        return {"once": form.once, "shown": form.stamp, "points": str(form.points), "website_of_sender": ""}


def send(client, path=NEW, **changes):
    return client.post(path, opened(client, path) | FILLED | changes)


def pdf(name="carta.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def errors(answer) -> dict:
    return answer.context["form"].errors


def make_consultation(key="workforce", **columns) -> Consultation:
    texts = {"title_en": "Workforce", "title_es": "Fuerza laboral", "text_en": "What?", "text_es": "¿Qué?"}
    return factories.make_consultation(key, **{"opens": timezone.localdate()} | texts | columns)


def test_sending_takes_few_queries_however_much_the_same_sender_sent(client, django_assert_num_queries):
    for number in range(4):
        form = opened(client) | FILLED | {"text_1": f"Train {number} more technicians."}
        with django_assert_num_queries(10):
            assert client.post(NEW, form).status_code == 302


# The page


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (NEW, "Both governments are subject to access to information and records laws."),
        (NEW.replace("/en/", "/es/"), "no significa “confidencial”"),
    ],
)
def test_before_the_first_field_stands_who_reads_the_letter(client, path, words):
    answer = client.get(path)
    page = answer.content.decode()
    assert words in page
    assert (
        page.index('id="readers"')
        < page.index("Privac" if "/en/" in path else "Aviso de privacidad de")
        < page.index('id="id_sender_kind"')
    )


def test_the_form_is_kept_nowhere_and_sets_no_cookie(client):
    for answer in (client.get(NEW), client.post(NEW, FILLED)):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Robots-Tag"] == "noindex"
        assert not answer.cookies


def test_the_page_takes_few_queries(client, django_assert_num_queries):
    with django_assert_num_queries(6):
        client.get(NEW)


@pytest.mark.parametrize("path", ["new/", "lost-link/", "lost-link/sent/", "receipt/x/", "confirm/x/", "handover/x/"])
def test_where_readers_must_sign_in_people_still_write(client, settings, path):
    place = settings.MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1
    required = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:place], required, *settings.MIDDLEWARE[place:]]
    assert client.get(f"/en/recommendations/{path}").status_code in (200, 404)
    assert client.get("/en/initiatives/").status_code == 302


# Sending


def test_a_letter_is_stored_with_its_points_and_gets_its_receipt_at_once(client):
    answer = send(client, text_1="First.\r\nMore.", text_2="Second.", points="2", part_mx="Only for Mexico.")
    letter = Letter.objects.get()
    secret = answer["Location"].split("/")[-2]
    assert answer["Location"] == f"/en/recommendations/receipt/{secret}/"
    assert submission.find_letter(secret) == letter
    assert secret not in str(vars(letter))
    assert list(letter.points.values_list("order", "text")) == [(1, "First.\nMore."), (2, "Second.")]
    assert [(part.text, part.addressed) for part in letter.parts.all()] == [("Only for Mexico.", "MX")]
    assert (letter.language, letter.state, letter.confirmed_at) == ("en", "received", None)
    assert [move.action for move in Move.objects.all()] == ["received"]


def test_the_receipt_goes_by_mail_too_without_a_word_of_the_letter(client):
    answer = send(client, "/es/recommendations/new/", sender_name="Buy at evil.example")
    mail = Mail.objects.get()
    assert (mail.recipient, mail.language) == ("eva@example.org", "es")
    assert answer["Location"] in mail.body
    assert "/es/recommendations/confirm/" in mail.body
    assert "evil" not in mail.subject + mail.body


def test_no_address_is_needed(client):
    assert send(client, email="").status_code == 302
    assert (Letter.objects.count(), Mail.objects.count()) == (1, 0)


def test_the_same_form_twice_is_one_letter_with_one_receipt_and_one_message(client):
    data = opened(client) | FILLED
    first, again = client.post(NEW, data), client.post(NEW, data | {"text_1": "Changed."})
    assert first["Location"] == again["Location"]
    assert "This form was already sent." in client.get(again["Location"]).content.decode()
    assert (Letter.objects.count(), Mail.objects.count()) == (1, 1)


def test_a_race_of_the_same_form_is_one_letter(client, monkeypatch):
    data = opened(client) | FILLED
    first = client.post(NEW, data | {"files": [pdf()]})
    real = submission.sent_already
    answers = iter([False])
    monkeypatch.setattr(
        "stakeholders.views.letters.submission.sent_already", lambda once: next(answers, None) or real(once)
    )
    monkeypatch.setattr(
        "stakeholders.letters.submission.sent_already", lambda once: real(once) if next(answers, True) else False
    )
    again = client.post(NEW, data | {"files": [pdf()]})
    assert first["Location"] == again["Location"]
    assert (Letter.objects.count(), Mail.objects.count(), Attachment.objects.count()) == (1, 1, 1)


@pytest.mark.database
def test_another_fault_of_the_database_is_no_receipt(client, monkeypatch):
    monkeypatch.setattr(Move.objects, "create", lambda **columns: (_ for _ in ()).throw(IntegrityError("other")))
    with pytest.raises(IntegrityError, match="other"):
        send(client)
    assert (Letter.objects.count(), Mail.objects.count()) == (0, 0)


def test_nobody_chooses_the_key_of_a_form(client):
    for once in ("", "x", "forged.signature", opened(client)["once"] + "x"):
        answer = send(client, once=once)
        assert answer.status_code == 200
        assert answer.context["form"].once != once
    assert not Letter.objects.exists()


def test_all_answers_are_shown_once_more_before_they_are_sent(client):
    data = opened(client) | FILLED | {"part_us": "Only for one.", "pillar_1": "", "files": [pdf()]}
    del data["checked"]
    page = client.post(NEW, data)
    text = page.content.decode()
    shown = dict(page.context["form"].answers())
    assert (shown["Sector"], shown["Your recommendation"], shown["Your name"]) == (
        "Education, training and research",
        "Train more technicians.",
        "Eva Soto",
    )
    assert shown["Email address"] == FILLED["email"]
    assert "carta.pdf" in text
    assert not Letter.objects.exists()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', text))
    changed = client.post(NEW, hidden | {"change": "1"})
    assert (changed.context["form"]["part_us"].value(), dict(changed.context["form"].errors)) == ("Only for one.", {})
    assert client.post(NEW, hidden | {"checked": "1"}).status_code == 302
    letter = Letter.objects.get()
    assert (letter.attachments.get().name, letter.parts.get().text) == ("carta.pdf", "Only for one.")


def test_the_same_words_of_another_form_are_no_second_letter(client):
    send(client)
    answer = send(client)
    (error,) = answer.context["form"].non_field_errors()
    assert "You sent this" in error
    assert Letter.objects.get().number in error
    assert send(client, text_1="Something else.").status_code == 302
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=2)):
        assert send(client).status_code == 302
    assert Letter.objects.count() == 3


def test_who_has_nothing_published_needs_no_name(client):
    assert list(errors(send(client, sender_name=""))) == ["sender_name"]
    assert send(client, sender_name="", consent="nothing").status_code == 302


def test_optional_fields_say_so_and_long_texts_their_limit(client):
    page = client.get(NEW).content.decode()
    marked = re.findall(r'for="id_(\w+)">[^<]*<span class="usa-hint">\(optional\)', page)
    named = {"consultation", "represented", "email", "pillar_1", "initiative_1", "files"}
    assert {name for name in marked if not name.startswith(("part_", "files_"))} == named
    assert 'data-count="{n} of 20,000 characters"' in page
    assert "maxlength" not in page[page.index("<textarea") :].partition(">")[0]


def test_a_copy_of_the_letter_goes_to_who_confirmed_the_address_without_confidential_parts(client):
    send(client, part_us="Only for one.", files=[pdf()])
    assert "technicians" not in Mail.objects.get().body
    submission.confirm_address(Letter.objects.get())
    copy = Mail.objects.latest("pk").body
    assert "Train more technicians." in copy
    assert "carta.pdf" in copy
    assert "Confidential parts and files are not copied" in copy
    assert "Only for one." not in copy


def test_another_recommendation_is_added_without_script_and_nothing_is_said_of_errors(client):
    answer = send(client, more="1", sector="", text_1="First.")
    form = answer.context["form"]
    assert (form.points, form["text_1"].value(), dict(form.errors)) == (2, "First.", {})
    assert 'name="text_2"' in answer.content.decode()
    assert send(client, more="1", points="10").context["form"].points == 10
    assert not Letter.objects.exists()


# Errors


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sender_kind": ""}, "sender_kind"),
        ({"sender_kind": "king"}, "sender_kind"),
        ({"sender_name": "  "}, "sender_name"),
        ({"organization": ""}, "organization"),
        ({"sector": ""}, "sector"),
        ({"country": "XX"}, "country"),
        ({"email": "eva"}, "email"),
        ({"email": "eva@example.org\nBcc: x@example.org"}, "email"),
        ({"consent": ""}, "consent"),
        ({"consent": "name", "email": ""}, "email"),
        ({"text_1": ""}, "text_1"),
        ({"text_1": "x" * 20_001}, "text_1"),
        ({"part_us": "x" * 20_001}, "part_us"),
        ({"pillar_1": "1999-1"}, "pillar_1"),
        ({"initiative_1": "No such"}, "initiative_1"),
        ({"consultation": "closed"}, "consultation"),
        ({"sender_name": "x" * 201}, "sender_name"),
    ],
)
def test_an_error_stands_beside_its_field_and_above_and_nothing_typed_is_lost(client, changes, field):
    answer = send(client, **changes)
    page = answer.content.decode()
    assert list(errors(answer)) == [field]
    assert f'href="#id_{field}"' in page
    assert f'id="id_{field}_error"' in page
    assert changes.get("represented", "Universidad de Sonora") in page or field == "organization"
    assert not Letter.objects.exists()


def test_errors_are_told_in_the_reader_s_language(client):
    answer = client.post("/es/recommendations/new/", opened(client))
    told = [words for found in errors(answer).values() for words in found]
    assert told == [
        "Elija en calidad de qué escribe.",
        "Escriba su nombre.",
        "Elija un sector.",
        "Elija un país.",
        "Escriba aquí su texto.",
        "Elija qué se puede publicar.",
    ]


def test_a_person_needs_no_organization(client):
    assert send(client, sender_kind="person", organization="").status_code == 302


def test_a_point_without_words_is_asked_for(client):
    answer = send(client, points="2", text_2="", initiative_2="", pillar_2="")
    assert answer.status_code == 302
    assert Letter.objects.get().points.count() == 1


@pytest.mark.database
@pytest.mark.parametrize("value", ["a\u202eb", "a\x00b", "a\x1bb", "a\u2066b"])
def test_what_nobody_sees_is_taken_out_and_told(client, value):
    answer = send(client, text_1=value)
    assert "invisible characters" in errors(answer)["text_1"][0]
    assert answer.context["form"]["text_1"].value() == "ab"
    assert send(client, text_1="ab").status_code == 302


def test_words_that_were_lost_on_the_way_are_asked_for(client):
    data = opened(client) | FILLED
    body = "&".join(f"{name}={value}" for name, value in data.items() if name != "text_1").replace(" ", "+")
    answer = client.generic("POST", NEW, f"{body}&text_1=ni%F1o", "application/x-www-form-urlencoded")
    assert "were lost" in errors(answer)["text_1"][0]


def test_a_body_that_is_not_utf8_is_answered(client):
    kind = "application/x-www-form-urlencoded; charset=latin-1"
    assert client.generic("POST", NEW, "text_1=x", kind).status_code == 415


def test_a_form_larger_than_any_is_answered_with_what_was_typed(client):
    form = "application/x-www-form-urlencoded"
    answer = client.generic("POST", NEW, "text_1=" + "x" * 3_000_000, form)
    assert answer.status_code == 413
    assert "text_1: xxx" in answer.content.decode()


def test_a_request_larger_than_all_files_is_not_read(client, monkeypatch):
    monkeypatch.setattr("stakeholders.views.letters.LARGEST_REQUEST", 1000)
    assert send(client, files=[pdf(content=PDF + b"x" * 2000)]).status_code == 413
    assert not Attachment.objects.exists()


# Machines


def test_the_trap_is_told_and_emptied(client):
    answer = send(client, website_of_sender="x")
    assert "A hidden field was filled in and is now empty." in errors(answer)["__all__"][0]
    assert not Letter.objects.exists()


def test_who_is_faster_than_a_person_sends_once_more(client):
    form = client.get(NEW).context["form"]
    data = {"once": form.once, "shown": form.stamp, "points": "1"} | FILLED
    answer = client.post(NEW, data)
    assert "The form was filled in too quickly." in errors(answer)["__all__"][0]
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=3)):
        assert client.post(NEW, data).status_code == 302


def test_who_sends_too_often_waits_and_loses_nothing(client, settings):
    settings.SUBMISSION_LIMITS = [2, 300]
    answers = [send(client, sender_name=f"Eva {n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert answers[2]["Retry-After"] == "3600"
    assert "Train more technicians." in answers[2].content.decode()
    assert Letter.objects.count() == 2


# Files


def test_files_go_with_the_letter_open_and_confidential(client):
    send(client, files=[pdf(), pdf("nota.txt", b"words")], files_us=[pdf("secret.pdf")])
    rows = Letter.objects.get().attachments.values_list("name", "kind", "addressed", "scan")
    assert sorted(rows) == [
        ("carta.pdf", "pdf", "", "unscanned"),
        ("nota.txt", "txt", "", "unscanned"),
        ("secret.pdf", "pdf", "US", "unscanned"),
    ]
    assert not LetterDraft.objects.exists()


def test_files_are_kept_while_an_error_is_mended(client):
    answer = send(client, sector="", files=[pdf()])
    draft = answer.context["draft"]
    assert draft
    assert "carta.pdf" in answer.content.decode()
    assert send(client, draft=draft).status_code == 302
    assert Letter.objects.get().attachments.get().name == "carta.pdf"


def test_a_file_is_taken_away_again(client):
    answer = send(client, sector="", files=[pdf()])
    row = Attachment.objects.get()
    send(client, draft=answer.context["draft"], **{f"remove_{row.pk}": "1"})
    assert not Letter.objects.get().attachments.exists()
    assert not row.file.storage.exists(row.file.name)


def test_nobody_takes_files_of_another_draft(client):
    send(client, sector="", files=[pdf()])
    row = Attachment.objects.get()
    send(client, draft="guessed", **{f"remove_{row.pk}": "1"})
    assert not Letter.objects.get().attachments.exists()
    assert Attachment.objects.get() == row


@pytest.mark.parametrize("field", ["files", "files_us"])
def test_a_disguised_file_is_refused_beside_its_input(client, field):
    answer = send(client, **{field: [pdf("carta\u202e.pdf", b"MZ\x00")]})
    assert "carta.pdf: it is not a PDF" in errors(answer)[field][0]
    assert not Letter.objects.exists()


def test_a_file_that_is_too_large_is_refused_and_the_rest_is_kept(client, monkeypatch):
    monkeypatch.setattr(attachments, "LARGEST", 100_000)
    answer = send(client, files=[pdf("big.pdf", PDF + b"x" * 200_000), pdf()])
    assert "big.pdf" in errors(answer)["files"][0]
    assert "10 MB" in errors(answer)["files"][0]
    assert [row.name for row in answer.context["files"]] == ["carta.pdf"]


def test_a_letter_has_eight_files_at_most(client):
    answer = send(client, files=[pdf(f"{n}.txt", f"words {n}".encode()) for n in range(9)])
    assert "8 files" in errors(answer)["files"][0]
    assert len(answer.context["files"]) == 8


def test_who_sends_files_too_often_waits(client, settings):
    settings.SUBMISSION_LIMITS = [1, 300]
    send(client, sector="", files=[pdf()])
    answer = send(client, sector="", files=[pdf()])
    assert "Please try again in an hour" in errors(answer)["files"][0]
    assert Attachment.objects.count() == 1


def test_files_of_what_was_no_form_of_ours_use_up_no_number_of_those_of_forms(client, settings):
    settings.SUBMISSION_LIMITS = [1, 300]
    for _time in range(2):
        client.post(NEW, FILLED | {"once": "forged", "shown": "forged", "files": [pdf()]})
    assert Attachment.objects.count() == 1
    assert send(client, files=[pdf()]).status_code == 302
    assert Letter.objects.get().attachments.count() == 1


@pytest.mark.parametrize(("code", "files"), [(429, False), (200, True)])
def test_refused_attempts_of_one_address_keep_nobody_else_from_sending(client, settings, code, files):
    settings.SUBMISSION_LIMITS = [1, 3]

    def send_from(address: str, text: str) -> int:
        client.defaults["REMOTE_ADDR"] = address
        return send(client, text_1=text, **({"files": [pdf()]} if files else {})).status_code

    assert [send_from("192.0.2.1", f"Text {n}.") for n in range(6)] == [302, *[code] * 5]
    assert send_from("198.51.100.2", "Another.") == 302
    assert Letter.objects.count() == 2


# Consultations


def test_a_letter_goes_to_the_consultation_of_its_link(client):
    call = make_consultation(closes=timezone.localdate())
    page = client.get(f"{NEW}?consultation=workforce")
    assert page.context["form"]["consultation"].value() == "workforce"
    send(client, consultation="workforce")
    assert Letter.objects.get().consultation == call


def test_a_consultation_closes_by_itself_at_the_later_midnight_of_the_capitals(client):
    call = make_consultation(opens=datetime.date(2026, 1, 10), closes=datetime.date(2026, 1, 20))
    opens_at, closes_at = opening_and_closing(call.opens, call.closes)
    assert opens_at.isoformat() == "2026-01-10T00:00:00-05:00"
    assert closes_at.isoformat() == "2026-01-21T00:00:00-06:00"
    told = []
    for moment in ("2026-01-10T04:59Z", "2026-01-10T05:01Z", "2026-01-21T05:59Z", "2026-01-21T06:01Z"):
        with time_machine.travel(moment):
            told.append([row.key for row in submission.open_consultations()])
    assert told == [[], ["workforce"], ["workforce"], []]


def test_a_closed_consultation_is_told_and_the_letter_can_still_be_sent(client):
    make_consultation(opens=datetime.date(2026, 1, 10), closes=datetime.date(2026, 1, 20))
    page = client.get(f"{NEW}?consultation=workforce").content.decode()
    assert "is not accepting submissions today." in page
    answer = send(client, consultation="workforce")
    assert "This consultation is not accepting submissions now." in errors(answer)["consultation"][0]
    assert send(client, consultation="").status_code == 302


def test_a_consultation_that_is_not_public_is_not_named(client):
    make_consultation(is_public=False)
    page = client.get(f"{NEW}?consultation=workforce").content.decode()
    assert "Workforce" not in page


@pytest.mark.parametrize("query", ["consultation=%00", "consultation=" + "x" * 3000, "points=9999", "points=²"])
def test_strange_addresses_are_answered(client, query):
    assert client.get(f"{NEW}?{query}").status_code in (200, 400)
