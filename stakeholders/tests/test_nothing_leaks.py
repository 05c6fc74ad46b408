"""Nothing of a letter that is not public, restricted or confidential is read by anyone without the right.

A mark stands in every field of such letters and of the desk's work on them. Every public address is read, then every
page of the desk as each who must not see it: no mark stands there, and the pages are the same to the letter as
before those letters were there. So no count, figure, order, suggestion or size tells of them.
"""

import datetime
import io
import json
import re
import zipfile
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from hled_portal.background.jobs import JobRun
from hled_portal.dates import timezones
from hled_portal.models import Mail, PublicVersion
from hled_portal.publishing import clearance, release_plans
from hled_portal.tests import factories as make
from hled_portal.tests.crawler import links
from hled_portal.tests.pages import page
from initiatives.models import Initiative, Meeting
from stakeholders.letters import receipt_links, submission
from stakeholders.models import (
    Asking,
    Attachment,
    Campaign,
    FileOfLetters,
    Letter,
    LetterDraft,
    PublishedRecommendation,
    Recommendation,
    Response,
    ResponseDraft,
    Tag,
)
from stakeholders.notifications import author_notifications, follower_notifications
from stakeholders.triage import moves, publishing, splitting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_connection")]
#: Stands in everything that a reader of the public pages must not read; what follows it tells which field it was.
MARK = "mirlitonia"
#: Stands beside the mark in words of letters, and is what is searched for: pages tell what was asked.
ASKED = "zurribanda"
PUBLIC = "recomendada"
#: In summaries of the desk, which clearing officers read with an answer; and in answers on their way, which they and
#: auditors read.
SUMMARY = "resumidora"
PROPOSED = "propuestina"
MARKS = re.compile(f"{MARK}|{SUMMARY}|{PROPOSED}", re.IGNORECASE)
NOWHERE = "no-such-key"
#: What differs between two answers to the same question.
_PASSING = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|name="(?:once|shown)" value="[^"]*"'
    r'|name="version_[^"]*" value="\d+"'  # That somebody works on it can be seen, not what is done.
    r"|<updated>[^<]*\.\d+\+00:00</updated>"  # Of a feed without entries.
    r'|value="[0-9a-f]{64}@[^"]*"'  # What was seen of a row, and when.
)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }


@pytest.fixture
def cast():
    cast = make.make_cast()
    officers = make.make_officers()
    cast.rosa, cast.ruth = officers.rosa, officers.ruth
    return cast


@pytest.fixture
def public(cast):
    """What everybody reads: an initiative, a consultation, and two recommendations, one of them answered."""
    make.publish_with_keys(cast, make.make_initiative())
    call = make.make_consultation("standing")
    one = make.make_heard(
        cast, marked_letter("withheld", f"Más {PUBLIC} para la frontera.", consultation=call, consent="withheld")
    )
    make.make_heard(cast, make.make_letter(f"Otra {PUBLIC}, con nombre.", email="eva@example.org"))
    make.make_answer(cast, one.key, text_en="It is done.", initiatives=["otay-mesa-ii"])
    work_on(one.recommendation, cast)
    return one


# The letters that must not be seen


def marked_letter(name: str, words: str = "", **columns) -> Letter:
    """A letter with a mark in every field; without `words` in its words too."""
    mark = f"{MARK}-{name}"
    columns = {
        "sender_name": f"{mark} name",
        "organization": f"{mark} organization",
        "represented": f"{mark} represented",
        "contact_name": f"{mark} contact",
        "introduction": f"{mark} {ASKED} introduction",
        "email": f"{mark}@example.org",
        "confirmed_at": timezone.now() - datetime.timedelta(minutes=5),
        "sector": "energy",
        "country": "CA",
    } | columns
    letter = make.make_letter(words or f"{mark} {ASKED} words.", **columns)
    for order, side in enumerate(("US", "MX", "joint"), 1):
        letter.parts.create(order=order, text=f"{mark} {ASKED} part {side}", addressed=side)
        letter.corrections.create(text=f"{mark} {ASKED} correction {side}", addressed=side)
        attach(letter, f"{mark}-{side}.txt", side)
    letter.corrections.create(text=f"{mark} {ASKED} correction")
    attach(letter, f"{mark}.txt", "")
    letter.handovers.create(
        name=f"{mark} colleague", email=f"{mark}-c@example.org", secret_digest=submission.digest(mark)
    )
    letter.notes.create(delegation="US", author=officer("ruth"), text=f"{mark} note of US")
    letter.notes.create(delegation="MX", author=officer("rosa"), text=f"{mark} note of MX")
    return letter


def officer(name: str):
    return make.User.objects.get(username=name)


def attach(letter: Letter, name: str, side: str) -> Attachment:
    row = Attachment(letter=letter, name=name, kind="txt", size=9, digest=f"{name}{side}"[:64], addressed=side)
    row.scan = "clean"
    row.file.save("file", ContentFile(f"{MARK} content {side}".encode()), save=False)
    row.save()
    return row


def work_on(recommendation: Recommendation, cast) -> None:
    """What the desk keeps to itself of a recommendation: notes, tag, campaign, drafts of answers, objections."""
    mark = f"{MARK}-{recommendation.key}"
    tag = Tag.objects.get_or_create(key=f"{MARK}-tag", defaults={"name_en": f"{MARK} tag", "name_es": f"{MARK} tag"})
    recommendation.tags.add(tag[0])
    names = {"name_en": f"{MARK} campaign", "name_es": f"{MARK} campaign"}
    recommendation.campaign = Campaign.objects.get_or_create(key=f"{MARK}-campaign", defaults=names)[0]
    recommendation.save()
    for user in (cast.rosa, cast.ruth):
        recommendation.notes.create(delegation=user.delegation, author=user, text=f"{mark} note of {user.delegation}")
        moves.assign(recommendation, user, user)
    for side in ("US", "MX", "joint"):
        texts = {"text_en": f"{mark} draft of {side}", "text_es": f"{mark} draft of {side}"}
        recommendation.drafts.create(side=side, outcome="adopted", **texts)
    initiative = Initiative.objects.first() or make.make_initiative()
    recommendation.links.create(initiative=initiative, shaped=True)
    recommendation.drafts.get(side="joint").initiatives.add(initiative)
    asking = recommendation.askings.first()
    letter = asking.letter
    letter.objections.create(asking=asking, text=f"{mark} objection", answer=f"{mark} heard", once_digest=mark[:64])


def split(letter: Letter, cast, **columns) -> Recommendation:
    summaries = {"summary_en": f"{SUMMARY} {ASKED}", "summary_es": f"{SUMMARY} {ASKED}"}
    return make.make_recommendation(cast.rosa, letter, **(summaries | columns))


def seen(recommendation) -> str:
    return publishing.content_digest(
        publishing.public_content(recommendation, publishing.quoted_asking(recommendation))
    )


def publish(recommendation, cast) -> Recommendation:
    for user in (cast.rosa, cast.ruth):
        publishing.clear(recommendation, user, seen(recommendation))
    return Recommendation.objects.get(pk=recommendation.pk)


def heard_ones() -> list[Recommendation]:
    """The two of `public`."""
    return list(Recommendation.objects.filter(text__contains=PUBLIC).order_by("pk"))


def unsplit(cast):
    marked_letter("unsplit")


def unpublished(cast):
    work_on(split(marked_letter("unpublished"), cast), cast)


def on_one_key(cast):
    row = split(marked_letter("one-key"), cast)
    publishing.clear(row, cast.rosa, seen(row))


def nothing_published(cast):
    split(marked_letter("nothing", consent="nothing"), cast)


def restricted_first(cast):
    moves.restrict(split(marked_letter("restricted-first"), cast), cast.ruth, "other", f"{MARK} reason")


def letter_restricted(cast):
    letter = marked_letter("letter-restricted")
    publish(split(letter, cast), cast)
    moves.restrict(letter, cast.ruth, "other", f"{MARK} reason")


def letter_withdrawn(cast):
    letter = marked_letter("withdrawn")
    publish(split(letter, cast), cast)
    moves.withdraw(letter)


def consent_taken_back(cast):
    letter = marked_letter("taken-back")
    row = publish(split(letter, cast), cast)
    make.make_cleared_answer(cast, row.key, text_en=f"{PROPOSED} {ASKED}", text_es=PROPOSED)
    submission.change_consent(letter, "nothing")


def taken_off(cast):
    row = publish(split(marked_letter("taken-off"), cast), cast)
    publishing.unpublish(row, cast.ruth, f"{MARK} reason")


def of_a_campaign(cast):
    """Letters of a campaign whose senders want nothing published, joined to what is public."""
    heard = heard_ones()[0]
    for number in range(3):
        letter = marked_letter(f"campaign-{number}", consent="nothing")
        splitting.split(
            letter, [splitting.LetterPiece(letter.points.get().text, letter.points.get(), heard)], cast.rosa
        )


def to_a_hidden_call(cast):
    """Calls that nobody knows of yet, one of them public from tomorrow on, with letters."""
    texts = dict.fromkeys(("title_en", "title_es", "text_en", "text_es"), f"{MARK} {ASKED} call")
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    meeting = make.make_meeting()
    for key, at in ((f"{MARK}-call", None), (f"{MARK}-tomorrow", tomorrow)):
        marked_letter(key, consultation=make.make_consultation(key, published_at=at, meeting=meeting, **texts))


def edited_summary(cast):
    """The desk edits the summary of what is public, and one delegation clears it."""
    row = heard_ones()[1]
    row.summary_en = row.summary_es = f"{SUMMARY} {ASKED} anew"
    row.save()
    publishing.clear(row, cast.ruth, seen(row))


def answers_on_their_way(cast):
    """Answers that are proposed, and cleared and planned, but not released."""
    row = split(marked_letter("proposed"), cast)
    words = {"text_en": f"{PROPOSED} {ASKED}", "text_es": f"{PROPOSED} {ASKED}"}
    made = make.make_cleared_answer(cast, row.key, **words)
    make.make_cleared_answer(cast, heard_ones()[1].key, side="US", **words)
    plan = release_plans.make(cast.luis, "Spring")
    release_plans.add_texts(plan, [made], cast.luis)


def unfinished(cast):
    """Files of a form with an error, and a file of letters that waits for its officer."""
    draft = LetterDraft.objects.create(secret_digest=submission.digest(MARK))
    row = Attachment(draft=draft, name=f"{MARK}.txt", kind="txt", size=9, digest="d")
    row.file.save("file", ContentFile(MARK.encode()), save=False)
    row.save()
    FileOfLetters.objects.create(owner=cast.ruth, name=f"{MARK}.csv", channel="sheet", content=MARK.encode())


HIDDEN = [
    unsplit,
    unpublished,
    on_one_key,
    nothing_published,
    letter_restricted,
    letter_withdrawn,
    consent_taken_back,
    taken_off,
    restricted_first,
    of_a_campaign,
    to_a_hidden_call,
    edited_summary,
    answers_on_their_way,
    unfinished,
]


def hide_all(cast) -> None:
    for each in HIDDEN:
        each(cast)


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
    "home initiatives geojson initiatives_calendar atom data package iati oc4ids calendar_file map timeline calendar",
    "compare organizations places meetings newest_pillar you_said_we_did recommendations recommendations_atom",
    "about measures accessibility privacy api_docs follow letter_new letter_lost letter_lost_sent follow_sent sign_in",
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
    "pillar": [["2021", 1]],
    "newest_pillar": [[1]],
    "consultation": [["standing"]],
    "recommendation_table": [[name, form] for name in TABLES for form in ("csv", "json", "xlsx")],
}
#: Addresses that are a secret, or do something: nobody who has not the secret learns anything (`test_receipts.py`).
SECRET = {"follow_confirm", "following", "receipt", "letter_confirm", "letter_relink", "letter_handover"}
SECRET |= {"unsubscribe", "author_stop", "sign_out"}
#: Asked for with the keys of what is public, and of what is not.
KEYED = {"recommendation", "answer_content"}
ASKED_WITH_QUERIES = ["recommendation_list", "recommendation_table", "recommendations_atom", "search"]


def addresses(queries=QUERIES) -> list[str]:
    """Every public address with what can be asked, but those of recommendations by their keys."""
    found = ["/", "/sitemap.xml", "/robots.txt", "/api/v1/", "/api/v1/schema/", "/api/v1/docs/"]
    plain = [(name, []) for name in " ".join(PLAIN).split() if name not in ARGUMENTS]
    plain += [(name, list(each)) for name, some in ARGUMENTS.items() for each in some]
    found += [reverse(name, args=arguments) for name, arguments in plain]
    for base in ("/en/recommendations/published/", "/api/v1/recommendations/"):
        found += [f"{base}?{urlencode(query)}" for query in queries]
    for base in ("/en/search/", "/en/recommendations.csv", "/en/answers.json", "/en/recommendations.atom"):
        found += [f"{base}?{urlencode(query)}" for query in queries[:8]]
    spanish = ["recommendations/", "recommendations/published/", f"search/?q={ASKED}", "you-said-we-did/"]
    found += [f"/es/{path}" for path in [*spanish, "initiatives/otay-mesa-ii/", "cycles/2021/pillars/1/"]]
    for name in ("answers", "consultations"):
        found += [f"/api/v1/{name}/?{urlencode(query)}" for query in ({}, {"q": ASKED}, {"per_page": "1"})]
    found += [f"/api/v1/{name}/" for name in ("initiatives", "organizations", "sources", "topics", "meetings")]
    found += ["/api/v1/releases/?per_page=100", "/api/v1/compare/?from=2024-04-18&to=2024-04-19"]
    found += [f"/en/initiatives/?q={ASKED}", f"/en/organizations/?q={ASKED}", "/en/recommendations/new/?consultation=x"]
    return found


def read(client, address: str) -> str:
    """The answer with its headers; archives unpacked."""
    answer = client.get(address)
    body = b"".join(answer) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            # The letter of an office document that says when it was written.
            names = [name for name in archive.namelist() if name != "docProps/core.xml"]
            body = b"\n".join(name.encode() + archive.read(name) for name in names)
    heads = {name: value for name, value in answer.items() if name not in ("ETag", "Expires", "Content-Length")}
    return _PASSING.sub("", f"{answer.status_code} {heads}\n{body.decode('utf-8', 'replace')}")


def differing(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """The addresses whose answers differ, with the first piece that does."""
    found = {}
    for address in before:
        old, new = before[address], after.get(address, "")
        if old != new:
            at = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
            found[address] = f"{old[max(0, at - 80) : at + 80]} != {new[max(0, at - 80) : at + 80]}"
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


def of_key(key: str) -> list[str]:
    """Every public address that takes the key of a recommendation or of a consultation."""
    found = [f"/en/recommendations/{key}/", f"/en/recommendations/{key}/?as_of={timezone.localdate()}"]
    found += [f"/es/recommendations/{key}/answers/{side}/editions/1/content.json" for side in ("joint", "US", "MX")]
    found += [f"/api/v1/recommendations/{key}/", f"/en/recommendations/consultations/{key}/"]
    found += [f"/en/recommendations/published/?consultation={key}", f"/api/v1/recommendations/?consultation={key}"]
    return [*found, f"/en/recommendations/new/?consultation={key}", f"/en/recommendations.csv?consultation={key}"]


def test_a_key_that_is_not_public_answers_as_one_that_nothing_has(cast, public, client):
    hide_all(cast)
    make.make_answer(cast, Recommendation.objects.get(askings__letter__sender_name=f"{MARK}-unpublished name").key)
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
        for address in of_key(key):
            answer = getattr(client, method)(address)
            heads = sorted((k, v) for k, v in answer.items() if k not in ("ETag", "Expires"))
            told = re.sub(key, "KEY", answer.content.decode(), flags=re.IGNORECASE)
            told = f"{answer.status_code} {heads} {told}"
            found[address.replace(key, "KEY")] = _PASSING.sub("", told)
        return found

    for method in ("get", "head", "options"):
        nothing = answers("r-2020-0001", method)
        assert {each[:3] for each in nothing.values()} <= {"404", "405", "400", "200", "204"}
        for key in sorted(hidden - once_public)[:: 1 if method == "get" else 4]:
            assert differing(nothing, answers(key, method)) == {}, (method, key)
        assert differing(answers("x" * len(f"{MARK}-call"), method), answers(f"{MARK}-call", method)) == {}


def test_what_was_public_and_is_restricted_says_that_alone(cast, public, client):
    row = publish(split(marked_letter("restricted"), cast), cast)
    make.make_answer(cast, row.key, text_en=f"{PROPOSED} words")
    moves.restrict(row, cast.ruth, "other", f"{MARK} reason")
    for address in of_key(row.key)[:6]:
        answer = client.get(address)
        assert answer.status_code in (404, 410)
        assert not MARKS.search(answer.content.decode()), address
    told = {address: read(client, address) for address in addresses([{"q": ASKED}])}
    assert [address for address, text in told.items() if MARKS.search(text) or row.key in text] == []


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


# The log, messages, and stores of pages


def test_the_log_names_no_answer_to_what_is_not_public(cast, public, client):
    """Its row is there, for the chain goes on over it: without the key, the digest and the words of a withdrawal."""
    shown = client.get("/api/v1/releases/?per_page=100").json()["results"]
    row = split(marked_letter("private"), cast)
    answer = make.make_answer(cast, row.key, text_en=f"{PROPOSED} words")
    clearance.withdraw(answer, cast.carl, "other", f"{MARK} why", f"{MARK} por qué")
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
            make.make_answer(cast, row.key, text_en=f"{PROPOSED} words")
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
    call = make.make_consultation(f"{MARK}-call", published_at=None)
    pillar = make.make_pillar(7, name_en=f"{MARK} pillar", name_es=f"{MARK} pilar")
    row = make.make_heard(cast, make.make_letter(f"Más {PUBLIC}."), consultation=call, pillar=pillar)
    for address in ("/en/recommendations.csv", "/en/recommendations.json", f"/api/v1/recommendations/{row.key}/"):
        told = read(client, address)
        assert PUBLIC in told
        assert MARK not in told
        assert "2021-7" not in told
    call.published_at = timezone.now()
    call.save()
    assert f"{MARK}-call" in read(client, "/en/recommendations.csv")


# The desk, as everybody who must not see it


#: Where the matter of letters stands at the desk, with the rows of the record that it hangs on.
DESK = re.compile(r"^/admin/(stakeholders/|hled_portal/|log/|completeness/|initiatives/(initiative|meeting)/\d)")
SORTED = re.compile(r"[?&](o|_\w+)=")


def crawl(client) -> dict[str, str]:
    """These pages of the desk, from the first page and the lists along every link."""
    waiting = ["/admin/", "/admin/log/"]
    waiting += [page(model, "changelist") for model in admin.site._registry if model._meta.app_label != "initiatives"]
    waiting += [page(type(row), name, row.pk) for row in hung_on() for name in ("change", "delete", "history")]
    found: dict[str, str] = {}
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        answer = client.get(address)
        text = b"".join(answer).decode("utf-8", "replace")
        answer.close()
        found[address] = f"{answer.status_code} {answer.get('Location', '')} {_PASSING.sub('', text)}"
        if "text/html" in answer.get("Content-Type", "") and "?" not in address:
            waiting += [link for link in links(address, text) if DESK.match(link) and not SORTED.search(link)]
    return found


def hung_on() -> list:
    return [*Initiative.objects.all(), *Meeting.objects.all()]


STRANGERS = {
    "editor": ("beth", ("editor",), {}, MARKS),
    "no role": ("stranger", (), {}, MARKS),
    "administrator": ("sam", ("administrator",), {}, MARKS),
    "officer": ("carl", ("officer",), {}, re.compile(MARK, re.IGNORECASE)),
    "recommendations of no delegation": ("rita", ("recommendations",), {}, re.compile(f"{MARK}|{SUMMARY}")),
    "auditor of US": ("for-us", ("auditor",), {"audits": "US"}, re.compile(f"{MARK}|{SUMMARY}", re.IGNORECASE)),
    "auditor of both": ("joint", ("auditor",), {"audits": "joint"}, re.compile(f"{MARK}|{SUMMARY}", re.IGNORECASE)),
    "superuser": ("root", (), {"is_superuser": True}, re.compile(f"{MARK}|{SUMMARY}", re.IGNORECASE)),
}


def test_the_desk_tells_strangers_nothing(cast, public):
    hide_all(cast)
    for role in STRANGERS:
        with transaction.atomic():  # What a page notes of its reader changes nothing for the next one.
            look_around(role)
            transaction.set_rollback(True)


def look_around(role: str) -> None:
    name, roles, columns, marks = STRANGERS[role]
    client = Client()
    client.force_login(make.User.objects.filter(username=name).first() or make.make_user(name, *roles, **columns))
    found = crawl(client)
    assert [address for address, told in found.items() if marks.search(told)] == [], role
    if role in ("officer", "superuser"):
        assert any(PROPOSED in told for told in found.values())
    for model in (Response, Letter, Recommendation, Asking, ResponseDraft, Attachment):
        asked = {"app_label": "stakeholders", "model_name": model._meta.model_name, "term": MARK}
        for field in ("letter", "recommendation", "tags", "campaign", "initiatives"):
            told = client.get(reverse("admin:autocomplete"), asked | {"field_name": field})
            assert not MARKS.search(told.content.decode()), role
    for lookup in ("recommendation_links__isnull", "response_drafts", "recommendation_links__recommendation__key"):
        assert client.get(page(Initiative, "changelist"), {lookup: "0"}).status_code in (302, 400, 403), lookup
    for lookup in ("consultations__isnull", "consultations__key", "consultations"):
        assert client.get(page(Meeting, "changelist"), {lookup: "0"}).status_code in (302, 400, 403), lookup
    for word in (MARK, SUMMARY, ASKED):
        told = client.get(page(Response, "changelist"), {"q": word})
        assert not marks.search(told.content.decode().replace(word, "")), role


SIDES = {"rosa": ("MX", "US"), "ruth": ("US", "MX")}


@pytest.mark.parametrize("name", SIDES)
def test_the_other_delegation_s_own_is_not_there(cast, public, client, name):
    """What one delegation alone may read changes nothing of the desk of the other."""
    side, other = SIDES[name]
    colleague = {"US": cast.ruth, "MX": cast.rosa}[other]
    letter = public.asking.letter
    client.force_login(getattr(cast, name))
    client.get(page(Letter, "change", letter.pk))  # Its corrections are no longer new.
    before = crawl(client)
    letter.parts.create(order=9, text=f"{PROPOSED} part", addressed=other)
    submission.correct(letter, f"{PROPOSED} correction", other)
    attach(letter, f"{PROPOSED}.txt", other)
    letter.notes.create(delegation=other, author=colleague, text=f"{PROPOSED} note")
    public.recommendation.notes.create(delegation=other, author=colleague, text=f"{PROPOSED} note")
    moves.assign(public.recommendation, colleague, None)
    moves.assign(public.recommendation, colleague, colleague)
    public.recommendation.drafts.filter(side=other).update(text_en=f"{PROPOSED} draft", outcome="not_adopted")
    FileOfLetters.objects.create(owner=colleague, name=f"{PROPOSED}.csv", channel="sheet", content=b"x")
    after = crawl(client)
    assert differing(before, after) == {}
    assert sorted(before) == sorted(after)
    assert [address for address, told in after.items() if f"note of {other}" in told or f"part {other}" in told] == []
    assert [address for address, told in after.items() if f"draft of {other}" in told or f"-{other}.txt" in told] == []
    assert any(f"note of {side}" in told for told in after.values())


@pytest.mark.parametrize("name", SIDES)
def test_no_lookup_finds_what_is_of_the_other_delegation(cast, public, client, name):
    """Lists are narrowed by addresses too: none asks for parts, notes, files or drafts."""
    client.force_login(getattr(cast, name))
    lookups = ["parts__text__contains", "notes__text__contains", "notes__isnull", "parts__addressed", "attachments"]
    lookups += ["corrections__text__contains", "handovers__isnull", "moves__by", "author__isnull", "secret_digest"]
    for lookup in [*lookups, "once_digest__startswith", "email__startswith", "parts", "notes", "moves"]:
        answer = client.get(page(Letter, "changelist"), {lookup: "1"})
        assert answer.status_code in (302, 400), lookup
    lookups = ["notes__text__contains", "drafts__text_en__contains", "drafts__isnull", "assignments__to", "assignments"]
    for lookup in [*lookups, "drafts", "askings__letter__email", "askings__letter__parts__text", "notes__isnull"]:
        answer = client.get(page(Recommendation, "changelist"), {lookup: "1"})
        assert answer.status_code in (302, 400), lookup
    for word in ("note of", "part US", "part MX", "correction", "draft of", "@example.org", "content"):
        for model in (Letter, Recommendation):
            assert client.get(page(model, "changelist"), {"q": f'"{word}"'}).context["cl"].result_count == 0, word


def test_a_file_is_taken_by_its_own_letter_alone_and_never_shown(cast, public, client):
    other = marked_letter("other")
    client.force_login(cast.rosa)
    for row in Attachment.objects.all():
        may = row.addressed in ("", "MX", "joint")
        for letter in (row.letter, other if row.letter != other else public.asking.letter):
            for method in (client.get, client.head):
                answer = method(reverse("admin:stakeholders_letter_file", args=[letter.pk, row.pk]))
                assert answer.status_code == (200 if may and letter == row.letter else 404)
                if answer.status_code == 200:
                    assert answer["Content-Disposition"].startswith("attachment;")
                    assert answer["Content-Type"] == "application/octet-stream"
                    assert answer["X-Content-Type-Options"] == "nosniff"
                    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
                    assert "no-store" in answer["Cache-Control"]
                answer.close()
    client.logout()
    for row in Attachment.objects.all():
        for address in (f"/media/{row.file.name}", f"/{row.file.name}", f"/static/{row.file.name}"):
            assert client.get(address).status_code == 404


def test_a_closing_day_passes_for_all_at_once(cast, client):
    """A consultation is known from its moment on: the page, the list and the form say the same."""
    at = timezone.now() + datetime.timedelta(hours=1)
    call = make.make_consultation("later", published_at=at)
    addresses = ["/en/recommendations/consultations/later/", "/en/recommendations/", "/en/recommendations/new/"]
    addresses += ["/en/consultations.csv", "/api/v1/consultations/", "/sitemap.xml"]
    assert [address for address in addresses if "What should come next?" in read(client, address)] == []
    call.published_at = timezone.now()
    call.save()
    assert len([address for address in addresses if "What should come next?" in read(client, address)]) == 5
    assert timezones.midnights(call.opens)
