"""A letter, name, consultation or link that is not public yet is opened by no guess and shown on no page."""

import pytest
from django.urls import reverse

from hled_portal.models import PublicVersion
from hled_portal.publishing import clearance, releasing
from hled_portal.tests import factories as make
from stakeholders.letters import submission
from stakeholders.models import (
    Campaign,
    Letter,
)
from stakeholders.triage import consultations, splitting

from .hidden_letters import (
    MARK,
    MARKS,
    PUBLIC,
    marked_letter,
    read,
    split,
    work_on,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_connection")]


def test_no_number_digest_or_signed_link_of_another_opens_a_letter(cast, client):
    letter = marked_letter("guessed")
    other = submission.receive(submission.new_form_key(), words_of("plain"), None)
    guesses = [letter.number, letter.number.lower(), str(letter.pk), letter.secret_digest, letter.once_digest]
    guesses += [submission.confirm_token(letter), f"{other}x", other[:-1], other.upper(), submission.new_form_key()]

    def opened(guess: str) -> str:
        answer = client.get(reverse("receipt", args=[guess]))
        return f"{answer.status_code} {answer.content.decode().replace(f'/{guess}/', '/GUESS/')}"

    nothing = opened("nothing")
    assert nothing.startswith("404 ")
    for guess in guesses:
        assert opened(guess) == nothing, guess
        assert client.post(reverse("receipt", args=[guess]), {"do": "withdraw"}).status_code == 404
    for name in ("letter_confirm", "letter_relink", "letter_handover", "author_stop", "following", "unsubscribe"):
        for guess in (*guesses[:5], other, submission.new_form_key()):
            answer = client.get(reverse(name, args=[guess]))
            assert answer.status_code == 404, (name, guess)
            assert not MARKS.search(answer.content.decode())
    letter.refresh_from_db()
    assert letter.state == "received"


def words_of(name: str) -> submission.LetterContent:
    columns = {"sender_kind": "person", "sender_name": name, "sector": "other", "country": "US", "language": "en"}
    return submission.LetterContent(columns | {"consent": "withheld"}, [{"text": "Plain words."}])


def test_a_receipt_shows_nothing_of_the_other_letters_of_its_recommendation(cast, client):
    secret = submission.receive(submission.new_form_key(), words_of("plain"), None)
    mine = Letter.objects.get(sender_name="plain")
    row = split(marked_letter("other"), cast)
    work_on(row, cast)
    Campaign.objects.update(name_en="Open labs", name_es="Laboratorios abiertos")  # Its senders are told.
    splitting.split(mine, [splitting.LetterPiece("Plain words.", mine.points.get(), row)], cast.rosa)
    for method in (client.get, client.post):
        answer = method(reverse("receipt", args=[secret]))
        assert answer.status_code == 200
        assert row.key in answer.content.decode()
        assert not MARKS.search(answer.content.decode())


def test_a_name_waits_for_the_address_to_be_confirmed(cast, client):
    """Anybody can write in the name of another."""
    letter = make.make_letter(email="eva@example.org", organization="Universidad de Sonora")
    row = make.make_heard(cast, letter)
    addresses = [f"/en/recommendations/{row.key}/", "/en/recommendations.csv", f"/api/v1/recommendations/{row.key}/"]
    assert [address for address in addresses if "Sonora" in read(client, address)] == []
    assert "The name will be published once the sender confirms the email address." in read(client, addresses[0])
    before = PublicVersion.objects.get().value
    submission.confirm_address(letter)
    assert [address for address in addresses if "Sonora" in read(client, address)] == addresses
    assert PublicVersion.objects.get().value > before


def test_a_consultation_and_a_pillar_that_are_not_public_are_not_named(cast, client):
    call = make.make_consultation(f"{MARK}-call", is_public=False)
    pillar = make.make_pillar(7, name_en=f"{MARK} pillar", name_es=f"{MARK} pilar")
    row = make.make_heard(cast, make.make_letter(f"Más {PUBLIC}."), consultation=call, pillar=pillar)
    for address in ("/en/recommendations.csv", "/en/recommendations.json", f"/api/v1/recommendations/{row.key}/"):
        told = read(client, address)
        assert PUBLIC in told
        assert MARK not in told
        assert "2021-7" not in told
    make.publish_consultation(cast, call, cast.rosa)
    assert f"{MARK}-call" in read(client, "/en/recommendations.csv")


def test_a_consultation_is_known_to_all_pages_at_once(cast, client):
    """Nobody reads of it after one approval; after the release the page, the list and the form say the same."""
    call = make.make_consultation("call-of-june", is_public=False)
    addresses = ["/en/recommendations/consultations/call-of-june/", "/en/recommendations/", "/en/recommendations/new/"]
    addresses += ["/en/consultations.csv", "/api/v1/consultations/", "/sitemap.xml"]

    def shown(address: str) -> bool:
        return ("call-of-june" if "sitemap" in address else "What should come next?") in read(client, address)

    proposed = consultations.propose_consultation(make.agreed(call), cast.rosa)
    clearance.clear(proposed, cast.luis, proposed.digest)
    assert [address for address in addresses if shown(address)] == []
    clearance.clear(proposed, cast.carl, proposed.digest)
    assert [address for address in addresses if shown(address)] == []
    releasing.release([proposed], cast.carl)
    assert [address for address in addresses if shown(address)] == addresses
