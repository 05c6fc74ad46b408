"""Authors of letters hear what became of them: each answer, each change of a linked initiative, each state."""

import datetime

import pytest
from django.utils import timezone

from hled_portal import clearance
from hled_portal.jobs import Turn
from hled_portal.models import Mail
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
from stakeholders import telling, triage
from stakeholders.models import Author, ToldMove

pytestmark = pytest.mark.django_db


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
    telling.enrol()
    return letter


def tell() -> list[Mail]:
    telling.tell_authors(Turn())
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
    assert mail.subject.startswith("News of your letter ")
    assert "Answer of both governments: partly adopted" in mail.body
    assert "We lend two." in mail.body
    assert "/en/recommendations/share/" in mail.body
    assert mail.unsubscribe in mail.body
    assert tell() == [mail]


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
    assert Author.objects.get().told_up_to == 1


def test_a_release_with_two_answers_is_one_message(cast, officers):
    row = heard(officers, make_author(), key="share")
    answers = [make_cleared_answer(cast, row.key, "adopted", side) for side in ("US", "MX")]
    clearance.release(answers, cast.luis)
    (mail,) = tell()
    assert "Answer of the government of Mexico" in mail.body
    assert "Answer of the government of the United States" in mail.body


@pytest.mark.parametrize(
    "columns", [{"confirmed_at": None}, {"email": "", "confirmed_at": None}], ids=["unconfirmed", "without address"]
)
def test_only_confirmed_addresses_are_written_to(cast, officers, columns):
    row = make_heard(officers, make_author(**columns), key="share")
    make_answer(cast, row.key)
    assert tell() == []


def test_who_withdrew_the_letter_hears_no_more(cast, officers):
    letter = make_author()
    row = heard(officers, letter, key="share")
    triage.withdraw(letter)
    make_answer(cast, row.key)
    assert tell() == []


def test_what_was_published_before_the_address_was_confirmed_is_not_told(cast, officers):
    row = make_heard(officers, make_letter(), key="share")
    make_answer(cast, row.key)
    letter = row.asking.letter
    letter.email, letter.confirmed_at = "eva@example.org", timezone.now() + datetime.timedelta(seconds=2)
    letter.save()
    assert tell() == []


def test_moves_of_the_desk_are_told_together_and_once(officers):
    letter = make_author()
    recommendation = make_recommendation(officers.rosa, letter, key="share")
    triage.consider(recommendation, officers.rosa)
    triage.restrict(recommendation, officers.ruth, "other", "A private reason.")
    (mail,) = tell()
    assert "Taken under consideration" in mail.body
    assert "Restricted" in mail.body
    assert "private reason" not in mail.body
    assert tell() == [mail]
    assert ToldMove.objects.count() == 2


def test_a_withdrawn_answer_is_told_without_its_words_and_taken_out_of_what_waits(cast, officers):
    row = heard(officers, make_author(), key="share")
    answer = make_answer(cast, row.key, text_en="Mirlitonia.")
    (mail,) = tell()
    assert "Mirlitonia" in mail.body
    clearance.withdraw(answer, cast.carl, "error")
    mails = tell()
    assert mails
    assert not [one for one in mails if "Mirlitonia" in one.body]
    assert "was withdrawn" in mails[-1].body


def test_one_click_stops_the_messages_and_those_that_wait(client, cast, officers):
    letter = make_author()
    row = heard(officers, letter, key="share")
    make_answer(cast, row.key)
    (mail,) = tell()
    path = mail.unsubscribe.partition("//")[2].partition("/")[2]
    assert "Stop the messages" in client.get(f"/{path}").content.decode()
    assert Mail.objects.count() == 1
    answer = client.post(f"/{path}", {"List-Unsubscribe": "One-Click"})
    assert letter.number in answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert Mail.objects.count() == 0
    make_answer(cast, row.key, "not_adopted")
    assert tell() == []
    assert client.get("/en/recommendations/stop/forged.secret/").status_code == 404
