"""A letter of several behind a public, answered recommendation goes: its words go with it, and nothing else does."""

import datetime
import json
from functools import cache, partial

import pytest
from django.urls import reverse
from django.utils import timezone

from hled_portal.models import User
from hled_portal.tests.factories import make_answer, make_cast, make_heard, make_letter, make_officers
from hled_portal.tests.kept_rows import kept
from stakeholders.letters import submission
from stakeholders.models import Asking, PublishedRecommendation
from stakeholders.triage import moves, publishing

pytestmark = pytest.mark.django_db
MARK, ASKED = "Mirlitonia", "zurribanda"
CONTENT = "/en/recommendations/share/answers/joint/editions/1/content.json"


@pytest.fixture
def record(db):
    return kept(make_record)


@pytest.fixture
def officers(record):
    return record[0]


@pytest.fixture
def first(record):
    """The letter whose words readers read; two days old, answered today."""
    return record[1]


def make_record():
    officers = make_officers()
    letter = make_letter(
        f"{MARK} {ASKED} escribe.",
        sender_name=MARK,
        organization=MARK,
        sector="mining",
        email="eva@example.org",
        confirmed_at=timezone.now(),
    )
    heard = make_heard(officers, letter, key="share")
    before = timezone.now() - datetime.timedelta(2)
    PublishedRecommendation.objects.update(published_at=before, received_on=timezone.localdate(before))
    make_answer(make_cast(), heard.key, text_en="It is done.")
    return officers, letter


def ask_too(letter, text: str, **columns) -> Asking:
    other = make_letter(
        text,
        **{"sector": "energy", "organization": "Otra", "email": "o@example.org", "confirmed_at": timezone.now()}
        | columns,
    )
    return Asking.objects.create(
        recommendation=letter.askings.get().recommendation, letter=other, text=text, language="es"
    )


def body(client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return (b"".join(answer) if answer.streaming else answer.content).decode()


def withdraw(letter, officers):
    moves.withdraw(letter)


def take_consent_back(letter, officers):
    submission.change_consent(letter, "nothing")


def restrict(letter, officers):
    moves.restrict(letter, officers.rosa, "personal_data")


WAYS = [withdraw, take_consent_back, restrict]


#: Whether the other letter may be published decides once, whatever the way.
@pytest.mark.parametrize(
    ("way", "consent"),
    [(withdraw, "name"), (withdraw, "nothing"), (take_consent_back, "nothing"), (restrict, "nothing")],
)
def test_the_answer_stays_and_the_words_go_everywhere(client, officers, first, way, consent):
    ask_too(first, "Otra cosa, dicha de otro modo.", consent=consent)
    way(first, officers)
    yesterday = timezone.localdate() - datetime.timedelta(1)
    read = cache(partial(body, client))
    pages = [
        "/en/recommendations/share/",
        "/en/you-said-we-did/",
        "/en/recommendations/published/",
        "/en/recommendations.csv",
        "/en/recommendations.json",
        "/en/recommendations.atom",
        "/api/v1/recommendations/",
        "/api/v1/recommendations/share/",
    ]
    for path in [*pages, *(f"{path}?as_of={yesterday}" for path in (pages[0], pages[2], pages[3], pages[7]))]:
        found = read(path)
        assert "Share laboratories." in found, path
        assert MARK not in found, path
        assert "mining" not in found, path
    for path in ("/en/recommendations/share/", "/en/you-said-we-did/", "/en/answers.csv", "/en/recommendations.atom"):
        assert "It is done." in read(path), path
    assert "/en/recommendations/share/#answer-joint" in body(client, "/en/search/?q=done")
    assert json.loads(body(client, CONTENT))["text_en"] == "It is done."
    one = json.loads(read("/api/v1/recommendations/share/"))
    assert (one["text"], one["language"], one["words_gone"], one["sector"]) == ("", "", True, "")
    assert len(one["answers"]) == 1
    assert "no longer published" in read("/en/recommendations/share/")
    # Nobody can try out by searching which words stood there.
    assert "/en/recommendations/share/" not in body(client, f"/en/search/?q={ASKED}")
    assert json.loads(body(client, f"/api/v1/recommendations/?q={ASKED}"))["count"] == 0
    assert json.loads(body(client, "/api/v1/recommendations/?sector=mining"))["count"] == 0


@pytest.mark.parametrize("way", [withdraw, take_consent_back])
def test_the_next_letter_speaks_where_it_says_the_same(client, officers, first, way):
    """Both delegations cleared just these words."""
    ask_too(first, f"{MARK} {ASKED} escribe.")
    way(first, officers)
    page = body(client, "/en/recommendations/share/")
    assert f"{MARK} {ASKED} escribe." in page
    assert "Otra" in page
    assert "Universidad" not in page
    one = json.loads(body(client, "/api/v1/recommendations/share/"))
    assert (one["sent_from"], one["sector"], one["words_gone"]) == ("Otra", "energy", False)


def test_words_that_were_restricted_are_not_shown_from_the_next_letter(client, officers, first):
    ask_too(first, f"{MARK} {ASKED} escribe.")
    restrict(first, officers)
    assert MARK not in body(client, "/en/recommendations/share/")


@pytest.mark.parametrize("way", WAYS)
def test_without_any_other_letter_a_marker_stands_at_each_address(client, officers, first, way):
    way(first, officers)
    for path in ("/en/recommendations/share/", "/es/recommendations/share/", "/api/v1/recommendations/share/", CONTENT):
        assert MARK not in body(client, path, 410)
    assert "It is done." not in body(client, "/en/you-said-we-did/")


def test_what_a_delegation_took_off_leaves_a_marker(client, officers, first):
    publishing.unpublish(first.askings.get().recommendation, officers.rosa, "Too early.")
    for path in ("/en/recommendations/share/", "/api/v1/recommendations/share/", CONTENT):
        assert "Too early." not in body(client, path, 410)


def test_new_words_are_read_once_both_cleared_them(client, officers, first):
    ask_too(first, "Otra cosa, dicha de otro modo.")
    moves.withdraw(first)
    recommendation = first.askings.get().recommendation
    for officer, shown in ((officers.rosa, False), (officers.ruth, True)):
        seen = publishing.content_digest(
            publishing.public_content(recommendation, publishing.quoted_asking(recommendation))
        )
        publishing.clear(recommendation, officer, seen)
        assert ("Otra cosa" in body(client, "/en/recommendations/share/")) is shown


def test_a_consent_given_again_brings_the_words_back(client, first):
    ask_too(first, "Otra cosa, dicha de otro modo.")
    submission.change_consent(first, "nothing")
    submission.change_consent(first, "withheld")
    assert f"{MARK} {ASKED} escribe." in body(client, "/en/recommendations/share/")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("alone", [True, False])
def test_the_officers_read_it_on_their_first_page(client, officers, first, way, alone):
    if not alone:
        ask_too(first, "Otra cosa, dicha de otro modo.")
    way(first, officers)
    for officer in (officers.rosa, officers.ruth):
        client.force_login(officer)
        told = "(share) lost its words" in body(client, reverse("admin:index"))
        assert told, officer
    assert first.askings.get().recommendation.moves.filter(action="silenced").count() == 1


def test_who_reads_no_letters_is_not_told(client, first):
    ask_too(first, "Otra cosa, dicha de otro modo.")
    moves.withdraw(first)
    client.force_login(User.objects.get(username="carl"))
    assert "lost its words" not in body(client, reverse("admin:index"))
