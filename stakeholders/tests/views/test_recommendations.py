"""What readers see of recommendations: the way in, consultations, the list, one of them, and what became of them."""

import datetime
import json

import feedparser
import pytest
import time_machine
from django.utils import timezone

from hled_portal.dates import timezones
from hled_portal.publishing import kept_results, releasing
from hled_portal.tests.factories import (
    make_answer,
    make_cast,
    make_consultation,
    make_heard,
    make_initiative,
    make_letter,
    make_officers,
    make_recommendation,
    publish_with_keys,
)
from initiatives.exports import feeds
from stakeholders.models import ConsultationEdition, PublishedRecommendation, Recommendation
from stakeholders.triage import moves, publishing

pytestmark = pytest.mark.django_db
MARK = "Mirlitonia"
#: Stands beside the mark, and is what is searched for: pages tell the words that were asked.
ASKED = "zurribanda"


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def officers():
    return make_officers()


def words(client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


# The way in, and consultations


def test_consultations_stand_by_what_they_are_now(client):
    today = timezone.localdate()
    make_consultation("open-call", title_en="Open call", closes=today)
    make_consultation("standing-call", title_en="Standing call")
    make_consultation("closed-call", title_en="Closed call", closes=today - datetime.timedelta(2))
    make_consultation("hidden-call", title_en="Hidden call", is_public=False)
    page = words(client, "/en/recommendations/")
    places = [page.index(f'id="{name}"') for name in ("open", "standing", "closed")]
    titles = [page.index(f"{name} call</a>") for name in ("Open", "Standing", "Closed")]
    assert all(place < title for place, title in zip(places, titles, strict=True))
    assert titles == sorted(titles)
    assert "Hidden" not in page


#: The last day, and the later midnight of the two capitals after it: always that of Mexico City, one hour or two later.
CLOSINGS = [
    ("2026-02-27", "2026-02-28T06:00Z", "February 28, 2026, 00:00 Mexico City time and 01:00 Washington time"),
    ("2026-07-15", "2026-07-16T06:00Z", "July 16, 2026, 00:00 Mexico City time and 02:00 Washington time"),
    # The night before the clocks of Washington go forward, and the night in which they have; those of Mexico stay.
    ("2026-03-07", "2026-03-08T06:00Z", "March 8, 2026, 00:00 Mexico City time and 01:00 Washington time"),
    ("2026-03-08", "2026-03-09T06:00Z", "March 9, 2026, 00:00 Mexico City time and 02:00 Washington time"),
    # At this very moment the clocks of Washington go back to 01:00.
    ("2026-10-31", "2026-11-01T06:00Z", "November 1, 2026, 00:00 Mexico City time and 01:00 Washington time"),
    ("2026-11-01", "2026-11-02T06:00Z", "November 2, 2026, 00:00 Mexico City time and 01:00 Washington time"),
]


@pytest.mark.parametrize(("minutes", "told"), [(-1, ">Open<"), (1, ">Closed<")])
@pytest.mark.parametrize(("last", "closes", "in_words"), CLOSINGS)
def test_a_consultation_closes_by_itself_at_the_later_midnight(client, last, closes, in_words, minutes, told):
    day, midnight = datetime.date.fromisoformat(last), datetime.datetime.fromisoformat(closes)
    call = make_consultation("work-plan", closes=day)
    assert ConsultationEdition.objects.get().closes_at == max(timezones.midnights(day, after=True)) == midnight
    with time_machine.travel(midnight + datetime.timedelta(minutes=minutes)):
        page = words(client, "/en/recommendations/consultations/work-plan/")
        form = words(client, "/en/recommendations/new/?consultation=work-plan")
    assert told in page
    assert in_words in page
    assert (f'href="/en/recommendations/new/?consultation={call.key}"' in page) is (told == ">Open<")
    assert ("is not accepting submissions today." in form) is (told == ">Closed<")


@pytest.mark.parametrize(("minutes", "told"), [(-1, ">Upcoming<"), (1, ">Open<")])
def test_a_consultation_opens_by_itself_at_the_earlier_midnight(client, minutes, told):
    make_consultation("work-plan", opens=datetime.date(2026, 7, 15), closes=datetime.date(2026, 7, 20))
    opens = datetime.datetime(2026, 7, 15, 4, tzinfo=datetime.UTC)
    with time_machine.travel(opens + datetime.timedelta(minutes=minutes)):
        assert told in words(client, "/en/recommendations/consultations/work-plan/")


def test_the_page_of_a_consultation_tells_what_was_received_and_what_became_of_it(client, cast, officers):
    call = make_consultation()
    heard = make_heard(officers, consultation=call, key="share")
    make_answer(cast, heard.key, "not_adopted")
    make_heard(officers, key="another")
    page = words(client, "/en/recommendations/consultations/standing/")
    assert "/en/recommendations/share/" in page
    assert "<strong>not adopted</strong>" in page
    assert "/en/recommendations/another/" not in page
    assert words(client, "/es/recommendations/consultations/standing/")
    assert client.get("/en/recommendations/consultations/nothing/").status_code == 404


# One recommendation


def test_the_words_stand_in_their_language_under_the_summary_of_the_reader(client, officers):
    make_heard(officers, make_letter("Compartan los laboratorios."), key="share")
    for language, summary in (("en", "Share laboratories."), ("es", "Compartir laboratorios.")):
        page = words(client, f"/{language}/recommendations/share/")
        assert f">{summary}</h1>" in page
        assert 'lang="es-MX"><p>Compartan los laboratorios.</p></blockquote>' in page


def test_the_name_is_joined_while_one_reads(client, officers):
    letter = make_letter(email="eva@example.org", confirmed_at=timezone.now())
    make_heard(officers, letter, key="share")
    path = "/en/recommendations/share/"
    assert "Eva Soto, Universidad de Sonora" in words(client, path)
    letter.consent = "withheld"
    letter.save()
    page = words(client, path)
    assert "Eva" not in page
    assert "Sonora" not in page
    assert "The sender asked us not to publish the name." in page
    letter.consent = "nothing"
    letter.save()
    words(client, path, 410)


def test_how_many_ask_counts_those_that_consent(client, officers):
    heard = make_heard(officers, key="share")
    for consent in ("name", "withheld", "nothing"):
        letter = make_letter(consent=consent)
        heard.recommendation.askings.create(letter=letter, text="Lo mismo.", language="es")
    assert "3 submissions" in words(client, "/en/recommendations/share/")


def test_answers_stand_with_their_keys_and_what_they_shaped(client, cast, officers):
    publish_with_keys(cast, make_initiative())
    heard = make_heard(officers, key="share")
    make_answer(cast, heard.key, "partly", "US", text_en="We lend two.", initiatives=["otay-mesa-ii"])
    page = words(client, "/en/recommendations/share/")
    assert "We lend two." in page
    assert "Approved by the delegation of Mexico on" in page
    assert "This is version 1" in page
    assert '<a class="usa-link" href="/en/initiatives/otay-mesa-ii/">Otay Mesa II</a> (in progress)' in page
    assert "The response of the other government (Mexico) has not been published." in page
    make_answer(cast, heard.key, "not_adopted", "MX", text_en="We cannot.")
    page = words(client, "/en/recommendations/share/")
    assert "The response of the other government" not in page
    signed = client.get("/en/recommendations/share/answers/MX/editions/1/content.json")
    assert signed.json()["text_en"] == "We cannot."


def test_an_overdue_answer_is_told(client, cast, officers):
    due = timezone.localdate() - datetime.timedelta(1)
    heard = make_heard(officers, key="share", answer_due=due)
    assert "A response was due on" in words(client, "/en/recommendations/share/")
    assert "1 recommendation." in words(client, "/en/recommendations/published/?overdue=yes")
    make_answer(cast, heard.key)
    assert "A response was due on" not in words(client, "/en/recommendations/share/")
    assert "0 recommendations." in words(client, "/en/recommendations/published/?overdue=yes")


def test_a_withdrawn_answer_leaves_its_marker_alone(client, cast, officers):
    heard = make_heard(officers, key="share")
    answer = make_answer(cast, heard.key, text_en=f"{MARK} comes.")
    releasing.withdraw(answer, cast.carl, "error")
    for path in ("recommendations/share/", "you-said-we-did/", "recommendations.atom", "answers.csv"):
        answered = client.get(f"/en/{path}")
        content = b"".join(answered) if answered.streaming else answered.content
        assert b"response/share/joint/1" in content or b"share" in content, path
        assert MARK.encode() not in content, path
    assert "it contains an error" in words(client, "/en/recommendations/share/")
    gone = words(client, "/en/recommendations/share/answers/joint/editions/1/content.json", 410)
    assert MARK not in gone


# The moment


def test_a_recommendation_is_not_there_before_it_was_published(client, officers):
    make_heard(officers, key="share")
    assert "was published on" in words(client, "/en/recommendations/share/?as_of=2024-04-19", 404)
    assert "0 recommendations." in words(client, "/en/recommendations/published/?as_of=2024-04-19")


def test_a_day_before_the_answer_still_waits(client, cast, officers):
    day = timezone.now() - datetime.timedelta(3)
    heard = make_heard(officers, key="share")
    PublishedRecommendation.objects.update(published_at=day, received_on=day.date())
    make_answer(cast, heard.key, text_en=f"{MARK} comes.")
    past = f"?as_of={timezone.localdate() - datetime.timedelta(1)}"
    assert MARK not in words(client, f"/en/recommendations/share/{past}")
    assert "No response has been published." in words(client, f"/en/recommendations/share/{past}")
    assert MARK in words(client, "/en/recommendations/share/")


# You said, we did


def test_the_answer_no_is_shown_with_its_reason(client, cast, officers):
    heard = make_heard(officers, key="share")
    make_heard(officers, key="waits")
    make_answer(cast, heard.key, "not_adopted", text_en="No law allows it.")
    page = words(client, "/en/you-said-we-did/")
    assert "Response from both governments: not adopted" in page
    assert "No law allows it." in page
    assert "/en/recommendations/waits/" not in page


def test_links_run_both_ways(client, cast, officers):
    initiative = make_initiative()
    publish_with_keys(cast, initiative)
    heard = make_heard(officers, key="share", pillar=initiative.pillar)
    assert "Recommendations from stakeholders" not in words(client, "/en/initiatives/otay-mesa-ii/")
    assert "/en/recommendations/share/" in words(client, "/en/cycles/2021/pillars/1/")
    make_answer(cast, heard.key, initiatives=["otay-mesa-ii"])
    page = words(client, "/en/initiatives/otay-mesa-ii/")
    assert "Recommendations from stakeholders" in page
    assert "/en/recommendations/share/" in page
    moves.restrict(heard.recommendation, officers.rosa, "security")
    assert "/en/recommendations/share/" not in words(client, "/en/initiatives/otay-mesa-ii/")


# Nothing that is not public


PATHS = (
    "recommendations/",
    "recommendations/published/",
    f"recommendations/published/?q={ASKED}",
    "you-said-we-did/",
    "recommendations.csv",
    "recommendations.json",
    "answers.csv",
    "answers.json",
    "consultations.json",
    "recommendations.atom",
    f"search/?q={ASKED}",
    "initiatives/otay-mesa-ii/",
    "cycles/2021/pillars/1/",
)
PROGRAMS = ("recommendations/", "answers/", "consultations/", f"recommendations/?q={ASKED}")


def listed(client) -> str:
    """All that is read in public without knowing a key."""
    paths = [f"/{language}/{path}" for language in ("en", "es") for path in PATHS]
    found = []
    for path in [*paths, *(f"/api/v1/{path}" for path in PROGRAMS), "/sitemap.xml"]:
        answer = client.get(path)
        assert answer.status_code == 200, path
        found.append((b"".join(answer) if answer.streaming else answer.content).decode())
    return " ".join(found)


def guessed(client, key: str) -> list:
    """What addresses with the key answer."""
    content = f"/en/recommendations/{key}/answers/joint/editions/1/content.json"
    return [client.get(path) for path in (f"/en/recommendations/{key}/", f"/api/v1/recommendations/{key}/", content)]


@pytest.fixture
def record(cast):
    publish_with_keys(cast, make_initiative())


def marked(officers, key: str = "marked-one", **letter) -> Recommendation:
    letter = make_letter(f"{MARK} {ASKED} escribe.", sender_name=MARK, organization=MARK, represented=MARK, **letter)
    letter.parts.create(order=1, text=f"{MARK} secreta", addressed="joint")
    texts = {"summary_en": f"{MARK} {ASKED} one.", "summary_es": f"{MARK} {ASKED} uno."}
    return make_recommendation(officers.rosa, letter, key=key, **texts)


def seen(recommendation) -> str:
    return publishing.content_digest(
        publishing.public_content(recommendation, publishing.quoted_asking(recommendation))
    )


def publish(recommendation, officers) -> None:
    for officer in (officers.rosa, officers.ruth):
        publishing.clear(recommendation, officer, seen(recommendation))


def hide_on_one_key(recommendation, officers):
    publishing.clear(recommendation, officers.rosa, seen(recommendation))


def hide_restricted(recommendation, officers):
    publish(recommendation, officers)
    moves.restrict(recommendation, officers.ruth, "security")


def hide_taken_off(recommendation, officers):
    publish(recommendation, officers)
    publishing.unpublish(recommendation, officers.ruth, "Too early.")


def hide_letter_withdrawn(recommendation, officers):
    publish(recommendation, officers)
    moves.withdraw(recommendation.askings.get().letter)


def hide_consent_taken_back(recommendation, officers):
    publish(recommendation, officers)
    letter = recommendation.askings.get().letter
    letter.consent = "nothing"
    letter.save()


#: What hides a recommendation, and what its own addresses answer then.
HIDDEN = {
    "never-published": (lambda *_all: None, 404),
    "on-one-key": (hide_on_one_key, 404),
    "restricted": (hide_restricted, 410),
    "taken-off": (hide_taken_off, 410),
    "letter-withdrawn": (hide_letter_withdrawn, 410),
    "consent-taken-back": (hide_consent_taken_back, 410),
}


@pytest.mark.usefixtures("record")
def test_nothing_of_what_is_not_public_is_read_anywhere(client, cast, officers):
    for name, (hide, _status) in HIDDEN.items():
        recommendation = marked(officers, f"marked-{name}")
        hide(recommendation, officers)
        make_answer(cast, recommendation.key, text_en=f"{MARK} {ASKED} answered.", initiatives=["otay-mesa-ii"])
    found = listed(client)
    assert MARK not in found
    assert [name for name in HIDDEN if f"marked-{name}" in found] == []
    assert '"count":0' in client.get("/api/v1/recommendations/").content.decode()
    for name, (_hide, status) in HIDDEN.items():
        answers = guessed(client, f"marked-{name}")
        assert [answer.status_code for answer in answers] == [status] * 3, name
        assert not [answer for answer in answers if MARK in answer.content.decode()], name


@pytest.mark.usefixtures("record")
def test_a_public_one_shows_its_words_and_never_the_confidential_part(client, officers):
    publish(marked(officers), officers)
    page = words(client, "/en/recommendations/marked-one/")
    assert f"{MARK} {ASKED} escribe." in page
    assert "secreta" not in page
    assert "0 recommendations." in words(client, "/en/recommendations/published/?q=secreta")
    assert "1 recommendation." in words(client, f"/en/recommendations/published/?q={ASKED}")
    assert "marked-one" in words(client, f"/en/search/?q={ASKED}")


# The list


NARROWED = {
    "": {"one", "two"},
    "state=answered": {"one"},
    "state=received&state=considered": {"two"},
    "outcome=adopted": {"one"},
    "outcome=not_adopted": set(),
    "sector=mining": {"two"},
    "country=MX": {"one"},
    "consultation=standing": {"two"},
    "q=lithium": {"two"},
    "q=done": {"one"},
    "sector=mining&country=MX": set(),
}


def test_the_list_is_narrowed(client, cast, officers):
    make_answer(cast, make_heard(officers, key="one").key)
    letter = make_letter("Refine lithium here.", language="en", sector="mining", country="US")
    make_heard(officers, letter, key="two", consultation=make_consultation())
    for query, found in NARROWED.items():
        page = words(client, f"/en/recommendations/published/?{query}")
        assert {key for key in ("one", "two") if f'href="/en/recommendations/{key}/"' in page} == found, query
        told = client.get(f"/en/recommendations.json?{query}")
        assert {row["key"] for row in json.loads(b"".join(told))["rows"]} == found, query


def test_a_wrong_value_is_an_error_and_finds_nothing(client, officers):
    make_heard(officers, key="one")
    for query in ("state=nope", "outcome=x", "pillar=9", "sector=x", "country=XX", "consultation=x"):
        page = words(client, f"/en/recommendations/published/?{query}")
        assert "The filters are not valid, so no results are shown." in page, query
        assert "/en/recommendations/one/" not in page, query
        assert client.get(f"/en/recommendations.csv?{query}").status_code == 400, query
        assert client.get(f"/api/v1/recommendations/?{query}").status_code == 400, query


def test_the_list_is_sorted(client, cast, officers):
    for number, key in enumerate(("first", "second", "third")):
        make_heard(officers, key=key, received_on=datetime.date(2026, 1, 1 + number))
    make_answer(cast, "second")

    def order(sort):
        page = words(client, f"/en/recommendations/published/?sort={sort}")
        return sorted(("first", "second", "third"), key=lambda key: page.index(f"/en/recommendations/{key}/"))

    assert order("received") == ["third", "second", "first"]
    assert order("oldest") == ["first", "second", "third"]
    assert order("answered") == ["second", "third", "first"]


#: The queries of each page, file and list of the API, whether there is one recommendation or several.
QUERIES = {
    "/en/recommendations/published/": 14,
    "/en/recommendations/": 8,
    "/en/you-said-we-did/": 15,
    "/en/recommendations/consultations/standing/": 14,
    "/en/recommendations/r-0/": 11,
    "/en/answers.csv": 14,
    "/en/consultations.csv": 9,
    "/en/recommendations.csv": 12,
    "/en/recommendations.atom": 9,
    "/api/v1/recommendations/": 13,
    "/api/v1/answers/": 15,
    "/api/v1/consultations/": 9,
}


@pytest.mark.parametrize("count", [1, 6])
def test_a_page_takes_the_same_queries_for_one_and_for_many(client, cast, officers, django_assert_num_queries, count):
    publish_with_keys(cast, make_initiative())
    call = make_consultation()
    for number in range(count):
        make_heard(officers, key=f"r-{number}", consultation=call)
        make_answer(cast, f"r-{number}", initiatives=["otay-mesa-ii"])
    for number in range(1, count):
        make_consultation(f"call-{number}")
    for path, queries in QUERIES.items():
        kept_results.forget_results()
        with django_assert_num_queries(queries, info=path):
            answer = client.get(path)
            assert b"".join(answer) if answer.streaming else answer.content
        if path.startswith("/api/"):
            assert answer.json()["count"] == count, path


def test_older_recommendations_and_responses_follow_on_pages_of_the_feed(client, cast, officers, monkeypatch):
    """Also where several became public at the same instant."""
    with time_machine.travel("2024-07-01T12:00Z", tick=False):
        keys = [make_heard(officers, make_letter(f"Open lane {number}.")).key for number in range(3)]
        make_answer(cast, keys[0], "adopted")
        make_answer(cast, keys[1], "adopted")
    whole = [entry.id for entry in feedparser.parse(client.get("/en/recommendations.atom").content).entries]
    assert len(set(whole)) == len(whole) == 5
    monkeypatch.setattr(feeds, "MAX_ENTRIES", 1)
    paged, address = [], "/en/recommendations.atom"
    while address:
        page = feedparser.parse(client.get(address).content)
        paged += [entry.id for entry in page.entries]
        address = next((link.href for link in page.feed.links if link.rel == "next"), "")
    assert paged == whole
