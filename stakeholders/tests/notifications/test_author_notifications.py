"""Authors of letters hear what became of them: each answer, each change of a linked initiative, each state."""

import datetime

import pytest
from django.utils import timezone

from hled_portal.background.jobs import JobRun
from hled_portal.models import Mail
from hled_portal.publishing import releasing
from hled_portal.tests.factories import (
    make_answer,
    make_cast,
    make_cleared_answer,
    make_heard,
    make_initiative,
    make_letter,
    make_officers,
    make_recommendation,
    publish_with_keys,
)
from stakeholders.letters import receipt_links
from stakeholders.models import Author, NotifiedMove, Response
from stakeholders.notifications import author_notifications
from stakeholders.triage import moves

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def officers():
    return make_officers()


def make_author(**columns) -> object:
    """A letter whose address is confirmed, written to from now on."""
    columns = {"email": "eva@example.org", "confirmed_at": timezone.now(), "language": "en"} | columns
    letter = make_letter(**columns)
    author_notifications.enrol()
    return letter


def tell() -> list[Mail]:
    author_notifications.notify_authors(JobRun())
    return list(Mail.objects.order_by("pk"))


def heard(officers, letter, **columns):
    """A recommendation of the letter that is public; its moves are told already."""
    made = make_heard(officers, letter, **columns)
    tell()
    Mail.objects.all().delete()
    return made


def test_an_answer_is_told_once_with_its_words(cast, officers):
    row = heard(officers, make_author(), key="share")
    make_answer(cast, row.key, "partly", text_en="We lend two.")
    (mail,) = tell()
    assert mail.recipient == "eva@example.org"
    assert mail.subject.startswith("Update on your submission")
    assert "Response from both governments: partly adopted" in mail.body
    assert "We lend two." in mail.body
    assert "/en/recommendations/share/" in mail.body
    assert mail.unsubscribe in mail.body
    assert tell() == [mail]


@pytest.mark.only_on("sqlite")
def test_it_is_told_in_the_language_of_the_letter(cast, officers):
    row = heard(officers, make_author(language="es"), key="share")
    make_answer(cast, row.key, text_es="Está hecho ya.")
    (mail,) = tell()
    assert "Está hecho ya." in mail.body
    assert "/es/recommendations/share/" in mail.body


def test_a_change_of_a_linked_initiative_is_told(cast, officers):
    initiative = make_initiative()
    publish_with_keys(cast, initiative)
    row = heard(officers, make_author(), key="share")
    make_answer(cast, row.key, initiatives=["otay-mesa-ii"])
    tell()
    Mail.objects.all().delete()
    initiative.refresh_from_db()
    initiative.title_en = "Otay Mesa East and its road"
    initiative.save()
    publish_with_keys(cast, initiative)
    (mail,) = tell()
    assert "Otay Mesa East and its road" in mail.body
    assert "/en/initiatives/otay-mesa-ii/" in mail.body


def test_what_concerns_nobody_is_told_to_nobody_and_moves_the_cursor(cast, officers):
    heard(officers, make_author(), key="share")
    publish_with_keys(cast, make_initiative())
    assert tell() == []
    assert Author.objects.get().notified_up_to == 1


@pytest.mark.only_on("sqlite")
def test_a_release_with_two_answers_is_one_message(cast, officers):
    row = heard(officers, make_author(), key="share")
    answers = [make_cleared_answer(cast, row.key, "adopted", side) for side in ("US", "MX")]
    releasing.release(answers, cast.luis)
    (mail,) = tell()
    assert "Response from the Government of Mexico" in mail.body
    assert "Response from the Government of the United States" in mail.body


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    "columns", [{"confirmed_at": None}, {"email": "", "confirmed_at": None}], ids=["unconfirmed", "without address"]
)
def test_only_confirmed_addresses_are_written_to(cast, officers, columns):
    row = make_heard(officers, make_author(**columns), key="share")
    make_answer(cast, row.key)
    assert tell() == []


@pytest.mark.only_on("sqlite")
def test_who_withdrew_the_letter_hears_no_more(cast, officers):
    letter = make_author()
    row = heard(officers, letter, key="share")
    moves.withdraw(letter)
    make_answer(cast, row.key)
    assert tell() == []


def test_what_was_published_before_the_address_was_confirmed_is_not_told(cast, officers):
    row = make_heard(officers, make_letter(), key="share")
    make_answer(cast, row.key)
    letter = row.asking.letter
    letter.email, letter.confirmed_at = "eva@example.org", timezone.now() + datetime.timedelta(seconds=2)
    letter.save()
    assert tell() == []


@pytest.mark.only_on("sqlite")
def test_moves_of_the_desk_are_told_together_and_once(officers):
    letter = make_author()
    recommendation = make_recommendation(officers.rosa, letter, key="share")
    moves.consider(recommendation, officers.rosa)
    moves.restrict(recommendation, officers.ruth, "other", "A private reason.")
    (mail,) = tell()
    assert "Review started" in mail.body
    assert "Restricted" in mail.body
    assert "private reason" not in mail.body
    assert tell() == [mail]
    assert NotifiedMove.objects.count() == 2


def test_a_withdrawn_answer_is_told_without_its_words_and_taken_out_of_what_waits(cast, officers):
    row = heard(officers, make_author(), key="share")
    answer = make_answer(cast, row.key, text_en="Mirlitonia.")
    (mail,) = tell()
    assert "Mirlitonia" in mail.body
    releasing.withdraw(answer, cast.carl, "error")
    mails = tell()
    assert mails
    assert not [one for one in mails if "Mirlitonia" in one.body]
    assert "was withdrawn" in mails[-1].body


@pytest.mark.only_on("sqlite")
def test_one_click_stops_the_messages_and_those_that_wait(client, cast, officers):
    letter = make_author()
    row = heard(officers, letter, key="share")
    make_answer(cast, row.key)
    (mail,) = tell()
    path = mail.unsubscribe.partition("//")[2].partition("/")[2]
    html = client.get(f"/{path}").content.decode()
    assert "Stop emails" in html
    assert f"about your submission {letter.number}. It will" in html
    assert Mail.objects.count() == 1
    answer = client.post(f"/{path}", {"List-Unsubscribe": "One-Click"})
    assert letter.number in answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert Mail.objects.count() == 0
    make_answer(cast, row.key, "not_adopted")
    assert tell() == []
    assert client.get("/en/recommendations/stop/forged.secret/").status_code == 404


# Several letters of one address


def make_two(officers, **columns):
    """Two letters of Eva, each with a public recommendation; all moves are told."""
    letters = [make_author(**columns), make_author(email="Eva@Example.org", language="en")]
    rows = [heard(officers, letter, key=key) for letter, key in zip(letters, ("share", "lend"), strict=True)]
    return letters, rows


@pytest.mark.only_on("sqlite")
def test_two_letters_of_one_address_hear_of_a_release_in_one_message(cast, officers):
    letters, rows = make_two(officers, language="es")
    answers = [make_cleared_answer(cast, row.key, text_en=f"We {row.key} it.") for row in rows]
    releasing.release(answers, cast.luis)
    (mail,) = tell()
    assert mail.subject == "Update on your 2 submissions"
    assert f"Published updates on your submissions {letters[0].number}, {letters[1].number}" in mail.body
    assert "We share it." in mail.body
    assert "We lend it." in mail.body
    assert set(Author.objects.values_list("notified_up_to", flat=True)) == {1}
    assert tell() == [mail]


def test_an_initiative_that_both_letters_shaped_is_told_once(cast, officers):
    letters, rows = make_two(officers)
    initiative = make_initiative()
    publish_with_keys(cast, initiative)
    answers = [make_cleared_answer(cast, row.key, initiatives=["otay-mesa-ii"]) for row in rows]
    releasing.release(answers, cast.luis)
    tell()
    Mail.objects.all().delete()
    initiative.refresh_from_db()
    initiative.title_en = "Otay Mesa East and its road"
    initiative.save()
    publish_with_keys(cast, initiative)
    (mail,) = tell()
    assert mail.body.count("/en/initiatives/otay-mesa-ii/") == 1


@pytest.mark.only_on("sqlite")
def test_moves_of_two_letters_of_one_address_are_one_message(officers):
    made = [make_recommendation(officers.rosa, make_author(), key=key) for key in ("share", "lend")]
    for row in made:
        moves.consider(row, officers.rosa)
    (mail,) = tell()
    assert "Recommendation share" in mail.body
    assert "Recommendation lend" in mail.body
    assert tell() == [mail]


@pytest.mark.only_on("sqlite")
def test_one_click_stops_the_messages_about_all_letters_of_the_address(client, cast, officers):
    letters, rows = make_two(officers)
    make_answer(cast, rows[0].key)
    (mail,) = tell()
    answer = client.post("/" + mail.unsubscribe.partition("//")[2].partition("/")[2])
    assert answer.context["numbers"] == [letter.number for letter in letters]
    for row in rows:
        make_answer(cast, row.key, "not_adopted")
    assert tell() == []


@pytest.mark.only_on("sqlite")
def test_a_handle_may_hold_dashes(officers):
    make_author()
    Author.objects.update(handle="a-b-c")
    author = Author.objects.get()
    assert author_notifications.find_author(author_notifications.unsubscribe_secret(author)) == author


def test_after_a_withdrawal_a_message_of_two_letters_keeps_what_concerns_the_other(cast, officers):
    _letters, rows = make_two(officers)
    answers = [make_cleared_answer(cast, row.key, text_en=f"We {row.key} it.") for row in rows]
    releasing.release(answers, cast.luis)
    tell()
    releasing.withdraw(stakeholders_answer("share"), cast.carl, "error")
    first = tell()[0]
    assert "We share it." not in first.body
    assert "We lend it." in first.body


def stakeholders_answer(key: str) -> Response:
    return Response.objects.get(recommendation_key=key)


@pytest.mark.only_on("sqlite")
def test_a_colleague_who_takes_a_letter_over_is_told_anew_and_not_stopped_by_the_one_before(client, cast, officers):
    letter = make_author()
    row = heard(officers, letter, key="share")
    old = author_notifications.unsubscribe_secret(Author.objects.get())
    author_notifications.stop(Author.objects.get())
    receipt_links.hand_over(letter, "Ira Paz", "ira@example.org", "en")
    receipt_links.accept_handover(letter.handovers.get())
    Mail.objects.all().delete()
    assert client.get(f"/en/recommendations/stop/{old}/").status_code == 404
    make_answer(cast, row.key)
    (mail,) = tell()
    assert mail.recipient == "ira@example.org"


def test_a_letter_that_another_process_told_is_left_out_and_the_rest_asked_anew(cast, officers, monkeypatch):
    letters, rows = make_two(officers)
    answers = [make_cleared_answer(cast, row.key, text_en=f"We {row.key} it.") for row in rows]
    releasing.release(answers, cast.luis)
    compose = author_notifications.AuthorNews.message

    def overtaken(self, person):
        if len(person) == 2:
            Author.objects.filter(pk=person[0].pk).update(notified_up_to=self.number)
        return compose(self, person)

    monkeypatch.setattr(author_notifications.AuthorNews, "message", overtaken)
    (mail,) = tell()
    assert "We share it." not in mail.body
    assert "We lend it." in mail.body


def test_what_nobody_is_to_be_told_is_not_asked_for_again(officers, django_assert_num_queries):
    recommendation = make_recommendation(officers.rosa, make_author(), key="share")
    other = make_recommendation(officers.rosa, make_letter(), key="lend")
    other.askings.update(recommendation=recommendation)
    moves.consider(recommendation, officers.rosa)
    tell()
    with django_assert_num_queries(5):
        author_notifications.notify_authors(JobRun())
