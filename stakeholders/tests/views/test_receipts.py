"""The receipt: who holds its link acts for the letter, and nobody else sees anything of it."""

import datetime
import re

import pytest
import time_machine
from django.utils import timezone

from hled_portal.background import mail
from hled_portal.models import Mail
from hled_portal.tests.factories import make_letter, make_officers, make_recommendation
from stakeholders.letters import submission
from stakeholders.models import Handover, Letter, Move
from stakeholders.triage import splitting

pytestmark = [pytest.mark.django_db]
EVA = "eva@example.org"


@pytest.fixture(autouse=True)
def no_pace(settings):
    settings.SUBMISSION_LIMITS = [0]


@pytest.fixture
def letter(db):
    letter = make_letter("Share laboratories.", email=EVA, secret_digest=submission.digest("key"))
    letter.parts.create(order=1, text="Only for Mexico's eyes.", addressed="MX")
    return letter


RECEIPT = "/en/recommendations/receipt/key/"


def links(name: str) -> list[str]:
    body = Mail.objects.latest("pk").body
    return [found.removeprefix(mail.site()) for found in re.findall(rf"https?://\S+/{name}/\S+", body)]


def act(client, do: str, **data):
    return client.post(RECEIPT, {"do": do} | data)


def page(client) -> str:
    return client.get(RECEIPT).content.decode()


def test_the_receipt_tells_the_number_the_state_and_the_words(client, letter):
    answer = client.get(RECEIPT)
    told = answer.content.decode()
    assert letter.number in told
    assert "Share laboratories." in told
    assert "e…@example.org, not yet confirmed" in " ".join(told.split())
    assert "Only for Mexico" not in told
    assert "Eva Soto, Universidad de Sonora (university or research center)" in told
    assert EVA not in told
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert answer["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("secret", ["no", "number", "' OR 1=1", "x" * 3000, "%F1"])
def test_a_number_or_a_guess_opens_nothing(client, letter, secret):
    secret = letter.number if secret == "number" else secret
    assert client.get(f"/en/recommendations/receipt/{secret}/").status_code == 404


def test_numbers_are_not_counted_on():
    numbers = {make_letter().number for _time in range(20)}
    assert len(numbers) == 20
    assert all(re.fullmatch(r"20\d\d-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", number) for number in numbers)


@pytest.mark.parametrize("many", [1, 5])
def test_the_receipt_takes_the_same_queries_for_many_recommendations(client, many, django_assert_num_queries):
    letter = make_letter(*[f"Point {n}." for n in range(many)], secret_digest=submission.digest("key"))
    pieces = [splitting.LetterPiece(point.text, point) for point in letter.points.all()]
    splitting.split(letter, pieces, make_officers().rosa)
    with django_assert_num_queries(11):
        client.get(RECEIPT)


# Confirming


def test_the_address_is_confirmed_by_a_button_and_not_by_opening_the_page(client, letter):
    path = f"/en/recommendations/confirm/{submission.confirm_token(letter)}/"
    client.get(path)
    letter.refresh_from_db()
    assert letter.confirmed_at is None
    for _time in range(2):
        assert "is confirmed" in client.post(path).content.decode()
    letter.refresh_from_db()
    assert letter.confirmed_at
    assert [move.action for move in letter.moves.all()] == ["confirmed"]


def test_a_link_confirms_only_the_address_that_it_was_sent_to(client, letter):
    path = f"/en/recommendations/confirm/{submission.confirm_token(letter)}/"
    Letter.objects.update(email="max@example.org")
    assert client.post(path).status_code == 404
    with time_machine.travel(timezone.now() + datetime.timedelta(days=15)):
        Letter.objects.update(email=EVA)
        assert client.get(path).status_code == 404


# How it was split


def test_the_sender_sees_how_the_letter_was_split_in_its_own_words(client, letter):
    officers = make_officers()
    made = make_recommendation(officers.rosa, letter)
    told = page(client)
    assert made.key in told
    assert "We identified 1 recommendation" in told
    assert "1 submission includes this." in told


def test_the_words_of_another_letter_are_not_shown(client, letter):
    officers = make_officers()
    made = make_recommendation(officers.rosa, letter)
    made.text = "Words of another"
    made.save()
    assert "Words of another" not in page(client)


def test_an_answer_that_is_late_is_told_so(client, letter):
    made = make_recommendation(make_officers().rosa, letter)
    type(made).objects.update(state="considered", answer_due=timezone.localdate() - datetime.timedelta(days=1))
    assert "A response was due on" in page(client)
    type(made).objects.update(answer_due=timezone.localdate())
    assert "A response is due by" in page(client)


def test_the_sender_objects_once(client, letter):
    make_recommendation(make_officers().rosa, letter)
    (asking,) = submission.askings(letter)
    data = {"about": asking.pk, "objection-text": "I asked for something else."}
    assert act(client, "object", **data).status_code == 302
    act(client, "object", **data)
    assert letter.objections.get().text == "I asked for something else."
    assert "I asked for something else." in page(client)


def test_an_objection_without_words_is_told_where_it_belongs(client, letter):
    make_recommendation(make_officers().rosa, letter)
    (asking,) = submission.askings(letter)
    answer = act(client, "object", about=asking.pk, **{"objection-text": ""})
    assert answer.status_code == 422
    assert 'href="#id_objection-text"' in answer.content.decode()
    assert 'id="id_objection-text"' in answer.content.decode()


def test_nobody_objects_for_another_letter(client, letter):
    other = make_letter("Other words.")
    make_recommendation(make_officers().rosa, other)
    (asking,) = submission.askings(other)
    act(client, "object", about=asking.pk, **{"objection-text": "x"})
    assert not other.objections.exists()


# Acting


def test_a_correction_is_added_beside_the_letter(client, letter):
    for _time in range(2):
        assert (
            act(client, "correct", **{"correction-text": "It is 400.", "correction-addressed": ""}).status_code == 302
        )
    assert letter.corrections.get().text == "It is 400."
    assert "It is 400." in page(client)
    act(client, "correct", **{"correction-text": "Secret.", "correction-addressed": "US"})
    assert "Secret." not in page(client)
    assert letter.points.get().text == "Share laboratories."


def test_a_correction_that_is_empty_or_hides_something_is_told(client, letter):
    for words in ("", "a\u202eb", "x" * 20_001):
        answer = act(client, "correct", **{"correction-text": words})
        assert answer.status_code == 422
        assert 'href="#id_correction-text"' in answer.content.decode()
    assert not letter.corrections.exists()


def test_corrections_have_an_end(client, letter, monkeypatch):
    monkeypatch.setattr(submission, "MAX_CORRECTIONS", 1)
    act(client, "correct", **{"correction-text": "One."})
    assert (
        "This submission can no longer be corrected."
        in act(client, "correct", **{"correction-text": "Two."}).content.decode()
    )


def test_the_consent_is_changed(client, letter):
    act(client, "consent", **{"consent-consent": "nothing"})
    letter.refresh_from_db()
    assert letter.consent == "nothing"
    assert Move.objects.latest("pk").detail == "name > nothing"
    assert act(client, "consent", **{"consent-consent": "all"}).status_code == 422


def test_a_name_is_published_with_an_address_only(client, letter):
    Letter.objects.update(email="", consent="nothing")
    assert act(client, "consent", **{"consent-consent": "name"}).status_code == 422


def test_a_letter_is_withdrawn_and_nothing_is_done_with_it_any_more(client, letter):
    asked = act(client, "withdraw")
    letter.refresh_from_db()
    assert (asked.status_code, letter.state) == (200, "received")
    assert f"Withdraw submission {letter.number}?" in asked.content.decode()
    assert act(client, "withdraw", sure="1").status_code == 302
    letter.refresh_from_db()
    assert letter.state == "withdrawn"
    assert letter.withdrawn_at
    act(client, "correct", **{"correction-text": "x"})
    act(client, "withdraw", sure="1")
    assert not letter.corrections.exists()
    assert letter.moves.filter(action="withdrawn").count() == 1
    assert "Actions" not in page(client)


@pytest.mark.parametrize("do", ["", "delete", "object", "_act"])
def test_an_unknown_act_changes_nothing(client, letter, do):
    assert act(client, do).status_code in (200, 422)
    assert not letter.moves.exists()


# A lost link


def ask(client, email: str):
    with time_machine.travel(timezone.now() - datetime.timedelta(minutes=1)):
        stamp = client.get("/en/recommendations/lost-link/").context["form"].stamp
    return client.post("/en/recommendations/lost-link/", {"email": email, "shown": stamp})


def test_a_lost_link_is_sent_to_the_confirmed_address_and_the_old_one_is_dead(client, letter):
    Letter.objects.update(confirmed_at=timezone.now())
    ask(client, "Eva@Example.org")
    (path,) = links("new-link")
    client.get(path)
    assert client.get(RECEIPT).status_code == 200  # Asking alone kills no link: anybody can ask.
    answer = client.post(path)
    assert letter.number in client.get(answer["Location"]).content.decode()
    assert client.get(RECEIPT).status_code == 404
    assert client.post(path).status_code == 404


def test_who_asks_learns_nothing_and_an_unconfirmed_address_gets_nothing(client, letter):
    answers = [ask(client, email) for email in (EVA, "nobody@example.org")]
    assert {answer["Location"] for answer in answers} == {"/en/recommendations/lost-link/sent/"}
    assert not Mail.objects.exists()
    assert "If this address was confirmed" in client.get(answers[0]["Location"]).content.decode()


def test_a_link_of_a_message_ends_after_two_days(client, letter):
    Letter.objects.update(confirmed_at=timezone.now())
    ask(client, EVA)
    (path,) = links("new-link")
    with time_machine.travel(timezone.now() + datetime.timedelta(days=3)):
        assert client.get(path).status_code == 404


def test_who_asks_for_links_too_often_waits(client, letter, settings):
    settings.SUBMISSION_LIMITS = [1, 100]
    assert [ask(client, EVA).status_code for _time in range(2)] == [302, 429]


def test_refused_requests_for_links_keep_nobody_else_from_asking(client, letter, settings):
    settings.SUBMISSION_LIMITS = [1, 3]
    assert [ask(client, EVA).status_code for _time in range(6)] == [302, *[429] * 5]
    client.defaults["REMOTE_ADDR"] = "198.51.100.2"
    assert ask(client, EVA).status_code == 302


# Handing over


def hand_over(client, email="max@example.org"):
    return act(client, "hand_over", **{"handover-name": "Max", "handover-email": email})


def test_a_colleague_takes_the_letter_over(client, letter):
    Letter.objects.update(confirmed_at=timezone.now())
    assert hand_over(client).status_code == 302
    (path,) = links("handover")
    client.get(path)
    assert client.get(RECEIPT).status_code == 200
    answer = client.post(path)
    letter.refresh_from_db()
    assert (letter.sender_name, letter.contact_name, letter.email) == ("Eva Soto", "Max", "max@example.org")
    assert letter.confirmed_at
    assert client.get(RECEIPT).status_code == 404
    assert client.get(answer["Location"]).status_code == 200
    assert client.post(path).status_code == 404
    told = Mail.objects.latest("pk")
    assert (told.recipient, letter.number in told.subject) == (EVA, True)


def test_only_the_colleague_named_last_can_take_it(client, letter):
    hand_over(client)
    (first,) = links("handover")
    hand_over(client, "ines@example.org")
    assert client.get(first).status_code == 404
    assert Handover.objects.get().email == "ines@example.org"


def test_a_colleague_has_a_name_and_an_address(client, letter):
    answer = hand_over(client, "nobody")
    assert answer.status_code == 422
    assert 'href="#id_handover-email"' in answer.content.decode()
    assert not Mail.objects.exists()


def test_who_hands_over_too_often_waits(client, letter, settings):
    settings.SUBMISSION_LIMITS = [1, 100]
    assert [hand_over(client, f"{n}@example.org").status_code for n in range(2)] == [302, 429]


def test_a_refused_handover_keeps_nobody_else_from_handing_over(client, letter, settings):
    settings.SUBMISSION_LIMITS = [1, 3]
    assert [hand_over(client).status_code for _time in range(6)] == [302, *[429] * 5]
    client.defaults["REMOTE_ADDR"] = "198.51.100.2"
    assert hand_over(client).status_code == 302
