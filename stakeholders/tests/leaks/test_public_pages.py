"""No public page, file, message or API answer tells of letters that are hidden.

Every public address is read: no mark stands there, and the pages are the same to the letter as before those letters
were there. So no count, figure, order, suggestion or size tells of them.
"""

import json
import re
from urllib.parse import urlencode

import pytest
from django.urls import get_resolver, reverse
from django.utils import timezone

from hled_portal.background.jobs import JobRun
from hled_portal.models import Mail
from hled_portal.publishing import releasing
from hled_portal.tests import factories as make
from stakeholders.letters import receipt_links, submission
from stakeholders.models import (
    Letter,
    PublishedRecommendation,
    Recommendation,
    Response,
)
from stakeholders.notifications import author_notifications, follower_notifications
from stakeholders.triage import moves, publishing

from .hidden_letters import (
    ASKED,
    MARK,
    MARKS,
    PASSING,
    PROPOSED,
    PUBLIC,
    differing,
    heard_ones,
    hide_all,
    marked_letter,
    publish,
    read,
    split,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_connection")]


# Every public address

#: Each address of the site by its name; `None` for those whose every use is tested on its own.
KEYS = ["otay-mesa-ii"]
QUERIES = [
    {},
    {"q": ASKED},
    {"q": f'"{ASKED} words"'},
    {"q": PUBLIC},
    {"sector": "energy"},
    {"country": "CA"},
    {"consultation": f"{MARK[:6]}"},
    {"consultation": "standing"},
    *({"state": state} for state in ("received", "considered", "answered", "restricted", "withdrawn")),
    {"outcome": "adopted"},
    {"overdue": "yes"},
    *({"sort": sort} for sort in ("received", "oldest", "answered", "asked")),
    {"page": "2"},
    {"as_of": "2024-04-19"},
    {"publication": "1"},
    {"sort": "asked_by"},
    {"campaign": "x"},
]
TABLES = ["recommendations", "answers", "consultations"]
RECORD = ["initiatives", "facts", "date-changes", "readings", "participation"]
PLAIN = [
    "home initiatives items geojson initiatives_calendar atom data package iati oc4ids calendar_file map timeline",
    "calendar compare organizations places meetings newest_pillar you_said_we_did recommendations recommendations_atom",
    "about measures accessibility privacy api_docs follow letter_new letter_lost letter_lost_sent follow_sent sign_in",
    "password_reset password_reset_sent",
]
ARGUMENTS = {
    "initiative": [["otay-mesa-ii"]],
    "editions": [["otay-mesa-ii"]],
    "edition": [["otay-mesa-ii", 1]],
    "edition_content": [["otay-mesa-ii", 1]],
    "citation": [["otay-mesa-ii", "bib"], ["otay-mesa-ii", "ris"]],
    "edition_citation": [["otay-mesa-ii", 1, "bib"]],
    "table": [[name, form] for name in RECORD for form in ("csv", "json")],
    "organization": [["sict"]],
    "place": [["sonora"]],
    "meeting": [["2024-04-19"]],
    "fact_sheet": [["2024-04-19"]],
    "fact_sheet_file": [["2024-04-19", "md"]],
    "pillar": [["2021", 1]],
    "pillar_embed": [["2021", 1]],
    "pillar_chart": [["2021", 1, "svg"]],
    "newest_pillar": [[1]],
    "consultation": [["standing"]],
    "recommendation_table": [[name, form] for name in TABLES for form in ("csv", "json", "xlsx")],
}
#: Addresses that are a secret, or do something: nobody who has not the secret learns anything (`test_receipts.py`).
SECRET = {"follow_confirm", "following", "receipt", "letter_confirm", "letter_relink", "letter_handover"}
SECRET |= {"unsubscribe", "author_stop", "sign_out"}
#: Steps of signing in (`hled_portal/tests/accounts/`).
SECRET |= {"second_factor", "second_factor_setup", "reauthenticate", "password_reset_confirm"}
SECRET |= {"oidc_authentication_init", "oidc_authentication_callback"}
#: Links to proposals (`hled_portal/tests/publishing/test_preview_links.py`).
SECRET |= {"shared_preview"}
#: Asked for with the keys of what is public, and of what is not.
KEYED = {"recommendation", "answer_content"}
ASKED_WITH_QUERIES = ["recommendation_list", "recommendation_table", "recommendations_atom", "search"]


def addresses(queries=QUERIES) -> list[str]:
    """Every public address with what can be asked, but those of recommendations by their keys."""
    found = ["/", "/sitemap.xml", "/robots.txt", "/api/v1/", "/api/v1/schema/", "/api/v1/docs/"]
    plain = [(name, []) for name in " ".join(PLAIN).split() if name not in ARGUMENTS]
    plain += [(name, list(each)) for name, some in ARGUMENTS.items() for each in some]
    found += [reverse(name, args=arguments) for name, arguments in plain]
    # One filter narrows the page, the files and the API.
    for base, some in {
        "/en/recommendations/published/": queries,
        "/api/v1/recommendations/": queries[::3],
        "/en/search/": queries[:4],
        "/en/recommendations.csv": queries[:8:2],
        "/en/answers.json": queries[:8:2],
        "/en/recommendations.atom": queries[:8:2],
    }.items():
        found += [f"{base}?{urlencode(query)}" for query in some]
    spanish = ["recommendations/", "recommendations/published/", f"search/?q={ASKED}", "you-said-we-did/"]
    found += [f"/es/{path}" for path in [*spanish, "initiatives/otay-mesa-ii/", "cycles/2021/pillars/1/"]]
    for name in ("answers", "consultations"):
        found += [f"/api/v1/{name}/?{urlencode(query)}" for query in ({}, {"q": ASKED}, {"per_page": "1"})]
    found += [f"/api/v1/{name}/" for name in ("initiatives", "organizations", "sources", "topics", "meetings")]
    found += ["/api/v1/releases/?per_page=100", "/api/v1/compare/?from=2024-04-18&to=2024-04-19"]
    found += [f"/en/initiatives/?q={ASKED}", f"/en/organizations/?q={ASKED}", "/en/recommendations/new/?consultation=x"]
    return found


def test_every_address_is_asked():
    """An address that is new is asked, or stands among those that are tested on their own."""
    known = {*" ".join(PLAIN).split(), *ARGUMENTS, *SECRET, *KEYED, *ASKED_WITH_QUERIES, "sitemap", "robots"}
    names = set()

    def walk(patterns):
        for pattern in patterns:
            if getattr(pattern, "app_name", "") == "admin":
                continue
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns)
            else:
                names.add(pattern.name or "")

    walk(get_resolver().url_patterns)
    assert sorted(name for name in names - known if name and not name.startswith("api_")) == []


def test_no_public_address_tells_anything_of_what_is_hidden(cast, public, client):
    asked = addresses()
    before = {address: read(client, address) for address in asked}
    hide_all(cast)
    after = {address: read(client, address) for address in asked}
    assert [address for address in asked if MARKS.search(after[address])] == []
    assert differing(before, after) == {}
    assert PUBLIC in after["/en/recommendations.csv?"]


# Keys and numbers that are guessed


#: Addresses that tell of recommendations and answers, of what they concern, or of everything.
TELLING = re.compile(
    r"recommendation|answer|consultation|search|you-said|/releases|sitemap|^/$|/en/$|otay-mesa-ii/|pillars|data/$|package|\.atom"
)


def of_key(key: str) -> list[str]:
    """Every public address that takes the key of a recommendation or of a consultation."""
    found = [f"/en/recommendations/{key}/", f"/en/recommendations/{key}/?as_of={timezone.localdate()}"]
    found += [f"/es/recommendations/{key}/answers/{side}/editions/1/content.json" for side in ("joint", "US", "MX")]
    found += [f"/api/v1/recommendations/{key}/", f"/en/recommendations/consultations/{key}/"]
    found += [f"/en/recommendations/published/?consultation={key}", f"/api/v1/recommendations/?consultation={key}"]
    return [*found, f"/en/recommendations/new/?consultation={key}", f"/en/recommendations.csv?consultation={key}"]


def test_a_key_that_is_not_public_answers_as_one_that_nothing_has(cast, public, client):
    hide_all(cast)
    unpublished = Recommendation.objects.get(askings__letter__sender_name=f"{MARK}-unpublished name")
    make.make_answer(cast, unpublished.key, word="Read.")
    hidden = set(Recommendation.objects.values_list("key", flat=True)) - {row.key for row in heard_ones()}
    assert len(hidden) == 9
    once_public = PublishedRecommendation.objects.once_public(timezone.now()).filter(key__in=hidden)
    once_public = set(once_public.values_list("key", flat=True))
    for address in (address for key in once_public for address in of_key(key)[:6]):
        answer = client.get(address)
        assert answer.status_code in (404, 410)
        assert not MARKS.search(answer.content.decode()), address

    def answers(key: str, method: str) -> dict[str, str]:
        found = {}
        for address in of_key(key)[:: 1 if method == "get" else 3]:
            answer = getattr(client, method)(address)
            heads = sorted((k, v) for k, v in answer.items() if k not in ("ETag", "Expires", "X-Request-ID"))
            told = re.sub(key, "KEY", answer.content.decode(), flags=re.IGNORECASE)
            told = f"{answer.status_code} {heads} {told}"
            found[address.replace(key, "KEY")] = PASSING.sub("", told)
        return found

    for method in ("get", "head", "options"):
        nothing = answers("r-2020-0001", method)
        assert {each[:3] for each in nothing.values()} <= {"404", "405", "400", "200", "204"}
        for key in sorted(hidden - once_public)[:: 1 if method == "get" else 4]:
            assert differing(nothing, answers(key, method)) == {}, (method, key)
        assert differing(answers("x" * len(f"{MARK}-call"), method), answers(f"{MARK}-call", method)) == {}


def test_what_was_public_and_is_restricted_says_that_alone(cast, public, client):
    row = publish(split(marked_letter("restricted"), cast), cast)
    make.make_answer(cast, row.key, text_en=f"{PROPOSED} words", word="Read.")
    moves.restrict(row, cast.ruth, "other", f"{MARK} reason")
    for address in of_key(row.key)[:6]:
        answer = client.get(address)
        assert answer.status_code in (404, 410)
        assert not MARKS.search(answer.content.decode()), address
    asked = [address for address in addresses([{"q": ASKED}]) if TELLING.search(address)]
    told = {address: read(client, address) for address in asked}
    assert len(told) > 40
    assert [address for address, text in told.items() if MARKS.search(text) or row.key in text] == []


# The log, messages, and stores of pages


def test_the_log_names_no_answer_to_what_is_not_public(cast, public, client):
    """Its row is there, for the chain goes on over it: without the key, the digest and the words of a withdrawal."""
    shown = client.get("/api/v1/releases/?per_page=100").json()["results"]
    row = split(marked_letter("private"), cast)
    answer = make.make_answer(cast, row.key, text_en=f"{PROPOSED} words", word="Read.")
    releasing.withdraw(answer, cast.carl, "other", f"{MARK} why", f"{MARK} por qué")
    text = client.get("/api/v1/releases/?per_page=100").content.decode()
    logged = json.loads(text)["results"]
    assert logged[: len(shown)] == shown
    assert [each["text"] for each in logged[len(shown) :]] == ["response", "response"]
    assert not MARKS.search(text)
    assert row.key not in text
    assert answer.digest not in text
    assert [each["previous_hash"] for each in logged[1:]] == [each["hash"] for each in logged[:-1]]
    publish(row, cast)
    named = client.get("/api/v1/releases/?per_page=100").json()["results"]
    assert named[-1]["text"] == f"response/{row.key}/joint/1"
    assert named[-1]["withdrawal_words_en"] == f"{MARK} why"


def test_messages_to_others_hold_nothing(cast, public, client):
    """Followers, authors of other letters, and people of the desk; and no message holds a word of a letter."""
    make.make_follower("eva@example.org", "initiative/otay-mesa-ii", "selection/", "pillar/2021-1")
    author_notifications.enrol()
    hide_all(cast)
    for row in Recommendation.objects.exclude(state__in=("withdrawn", "restricted", "answered")):
        if not Response.objects.filter(recommendation_key=row.key, state__in=("proposed", "cleared")).exists():
            make.make_answer(cast, row.key, text_en=f"{PROPOSED} words", word="Read.")
    moves.consider(Recommendation.objects.filter(state="received").first(), cast.rosa)
    for letter in Letter.objects.filter(email__startswith=MARK):
        receipt_links.send_link(letter.email, "en")
    follower_notifications.notify_at_once(JobRun())
    author_notifications.notify_authors(JobRun())
    messages = list(Mail.objects.all())
    assert len(messages) > 10
    for mail in messages:
        told = f"{mail.subject} {mail.body}".replace(mail.recipient, "")
        assert MARK not in told, mail.event
        if not mail.recipient.startswith(MARK):
            assert PROPOSED not in told, mail.event


HEARD = ["/en/initiatives/otay-mesa-ii/", f"/en/search/?q={PUBLIC}", "/api/v1/recommendations/", "/sitemap.xml"]


@pytest.mark.parametrize("gone", ["restricted", "taken off", "withdrawn", "consent", "name"])
def test_no_store_of_pages_shows_it_any_more(cast, public, client, gone, settings):
    """Pages are asked for anew with the tag of the copy: it is no longer the same."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "hled_portal.web.http_cache.answer_conditionally"]
    row, letter = public.recommendation, public.asking.letter
    tags = {address: client.get(address)["ETag"] for address in HEARD}
    for address, tag in tags.items():
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304, address
    {
        "restricted": lambda: moves.restrict(row, cast.ruth, "security"),
        "taken off": lambda: publishing.unpublish(row, cast.ruth, "Too early."),
        "withdrawn": lambda: moves.withdraw(letter),
        "consent": lambda: submission.change_consent(letter, "nothing"),
        "name": lambda: submission.change_consent(letter, "name"),
    }[gone]()
    for address, tag in tags.items():
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 200, address
