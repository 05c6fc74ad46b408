"""Pages of people who follow: asking, confirming, changing, stopping; and what they tell nobody."""

import datetime
import re

import pytest
import time_machine
from django.http import QueryDict
from django.utils import timezone

from hled_portal.background import jobs, mail
from hled_portal.models import Mail
from hled_portal.tests.factories import make_follower
from hled_portal.tests.review import loaded_review
from stakeholders.models import Follower, FollowRequest
from stakeholders.notifications import following, subjects
from stakeholders.notifications.following import Subject

pytestmark = [pytest.mark.django_db]
EVA = "eva@example.org"
OTAY = "/en/follow/?subject=initiative/otay-mesa-ii"


@pytest.fixture(scope="module")
def review(django_db_setup, django_db_blocker):
    """The review, loaded once; each test goes back to it."""
    with django_db_blocker.unblock(), loaded_review():
        yield


@pytest.fixture(autouse=True)
def public(review, db):
    """What the review made public."""


@pytest.fixture(autouse=True)
def no_pace(settings):
    settings.SUBMISSION_LIMITS = [0]


def fill_in(client, path=OTAY, **changes):
    """Open the page, wait as long as a person, and send the form."""
    with time_machine.travel(timezone.now() - datetime.timedelta(minutes=1)):
        shown = client.get(path).context["form"].stamp
    data = {"address": EVA, "rhythm": "at_once", "shown": shown, "website_of_sender": ""} | changes
    return client.post(path, data)


def links() -> list[str]:
    """The addresses in the newest message, without the portal's own."""
    body = Mail.objects.latest("pk").body
    return [link.removeprefix(mail.site()) for link in re.findall(r"https?://\S+", body) if link != mail.site()]


def confirmed(client, path=OTAY, **changes) -> Follower:
    fill_in(client, path, **changes)
    client.post(links()[0])
    return Follower.objects.get(address__iexact=changes.get("address", EVA))


# Asking


def test_the_page_says_what_one_will_follow(client):
    answer = client.get(OTAY)
    assert answer.status_code == 200
    assert "Otay Mesa II" in answer.content.decode()
    assert answer.headers["Cache-Control"].count("no-store") == 1
    assert '<meta name="robots" content="noindex">' in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "All initiatives"),
        ("subject=pillar/2021-1", "Pillar 1: "),
        ("subject=meeting/2024-04-19", "review"),
        ("subject=initiatives&stage=under_way&page=2&as_of=2024-05-01", "Initiatives filtered by Status: in progress"),
        ("subject=initiatives&q=bridge", "Initiatives filtered by Keywords: bridge"),
    ],
)
def test_whatever_is_public_can_be_followed(client, query, title):
    named = client.get(f"/en/follow/?{query}").context["named"]
    assert title in named.title
    assert client.get(named.address).status_code == 200
    assert subjects.subject_from_query(client.get(f"/en/follow/?{query}").wsgi_request.GET) == named.subject


@pytest.mark.parametrize(
    "query",
    [
        "subject=initiative/none",
        "subject=topic/supply-chains",
        "subject=selection/x",
        "subject=initiatives/x",
        "subject=",
        "subject=initiatives&stage=nope",
        "subject=initiatives&q=" + "x" * 2000,
        "subject=initiative/" + "x" * 2000,
    ],
)
def test_what_is_not_public_cannot_be_followed(client, query):
    answer = client.get(f"/es/follow/?{query}")
    assert answer.status_code == 404
    assert "No hay nada a qué suscribirse" in answer.content.decode()
    assert client.post(f"/es/follow/?{query}", {"address": EVA}).status_code == 404
    assert not FollowRequest.objects.exists()


def test_asking_writes_one_message_with_a_link_and_follows_nothing(client):
    answer = fill_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/en/follow/sent/")
    assert "within 3 days" in client.get("/en/follow/sent/").content.decode()
    row = Mail.objects.get()
    assert (row.recipient, row.language, row.unsubscribe) == (EVA, "en", "")
    assert row.subject == "Confirm your subscription to: Otay Mesa II"
    assert "/en/follow/confirm/" in row.body
    assert not Follower.objects.exists()


def test_the_message_is_in_the_language_of_the_page(client):
    fill_in(client, "/es/follow/?subject=initiative/otay-mesa-ii")
    row = Mail.objects.get()
    assert row.subject == "Confirme su suscripción a: Mesa de Otay II"
    assert "oprima el botón" in row.body
    assert "/es/follow/confirm/" in row.body


def test_who_asks_learns_nothing_about_an_address(client):
    unknown = fill_in(client)
    confirmed(client, address="max@example.org")
    known = fill_in(client, address="max@example.org")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    same = list(Mail.objects.values_list("subject", flat=True))
    assert same == [same[0]] * 3


def test_no_words_of_a_stranger_are_sent_to_an_address(client):
    fill_in(client, "/en/follow/?subject=initiatives&q=buy+at+evil.example")
    row = Mail.objects.get()
    assert "evil" not in row.subject + row.body
    assert row.subject == "Confirm your subscription to: Initiatives filtered by Keywords"


@pytest.mark.parametrize("address", ["", "eva", "eva@", "eva@example.org\nBcc: x@example.org", "a" * 250 + "@x.org"])
def test_an_address_that_is_none_is_told_beside_its_field(client, address):
    answer = fill_in(client, address=address)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer.context["form"].errors["address"]
    assert 'href="#id_address"' in page
    assert 'id="id_address_error"' in page
    assert not Mail.objects.exists()


def test_a_rhythm_that_is_none_is_told(client):
    answer = fill_in(client, rhythm="hourly")
    assert answer.context["form"].errors["rhythm"]
    assert 'href="#id_rhythm"' in answer.content.decode()


# Machines


def test_a_program_that_fills_in_every_field_is_answered_and_ignored(client):
    answer = fill_in(client, website_of_sender="http://spam.example")
    assert answer["Location"] == "/en/follow/sent/"
    assert not FollowRequest.objects.exists()


def test_who_is_faster_than_a_person_sends_once_more(client):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        shown = client.get(OTAY).context["form"].stamp
        answer = client.post(OTAY, {"address": EVA, "rhythm": "weekly", "shown": shown})
        assert "The form was filled in too quickly." in answer.content.decode()
        assert answer.context["form"].stamp == shown
        clock.shift(2)
        assert client.post(OTAY, {"address": EVA, "rhythm": "weekly", "shown": shown}).status_code == 302


@pytest.mark.parametrize("shown", ["", "1700000000", "1700000000:forged", "x" * 500])
def test_a_page_that_was_open_for_too_long_is_sent_once_more(client, shown):
    answer = fill_in(client, shown=shown)
    assert answer.status_code == 200
    assert answer.context["form"].stamp != shown
    assert not FollowRequest.objects.exists()


def test_who_asks_too_often_waits(client, settings):
    settings.SUBMISSION_LIMITS = [2, 300]
    assert [fill_in(client, address=f"eva{n}@example.org").status_code for n in range(3)] == [302, 302, 429]
    answer = fill_in(client, address="eva9@example.org")
    assert answer["Retry-After"] == "3600"
    assert "try again in an hour" in answer.content.decode()
    assert FollowRequest.objects.count() == 2


def test_refused_requests_keep_nobody_else_from_following(client, settings):
    settings.SUBMISSION_LIMITS = [1, 3]
    assert [fill_in(client).status_code for _time in range(6)] == [302, *[429] * 5]
    client.defaults["REMOTE_ADDR"] = "198.51.100.2"
    assert fill_in(client, address="ines@example.org").status_code == 302


def test_all_together_wait_when_there_are_too_many(client, settings):
    settings.SUBMISSION_LIMITS = [100, 2]
    assert [fill_in(client, address=f"eva{n}@example.org").status_code for n in range(3)] == [302, 302, 429]


def test_nobody_fills_the_mail_of_another(client):
    answers = {fill_in(client)["Location"] for _ in range(8)}
    assert answers == {"/en/follow/sent/"}
    assert Mail.objects.count() == following.MAX_REQUESTS


def test_a_forged_request_is_refused(client):
    strict = type(client)(enforce_csrf_checks=True)
    assert strict.post(OTAY, {"address": EVA, "rhythm": "at_once"}).status_code == 403


# Confirming


def test_opening_the_link_confirms_nothing_and_the_button_does(client):
    fill_in(client)
    link = links()[0]
    assert client.get(link).status_code == 200
    assert client.head(link).status_code == 200
    assert not Follower.objects.exists()
    answer = client.post(link, follow=True)
    follower = Follower.objects.get()
    assert answer.redirect_chain[0][0] == f"/en/follow/{following.follower_secret(follower)}/"
    assert "Confirmed." in answer.content.decode()
    assert (follower.address, follower.language, follower.rhythm) == (EVA, "en", "at_once")
    assert [(row.kind, row.key) for row in follower.follows.all()] == [("initiative", "otay-mesa-ii")]
    assert follower.notified_up_to == follower.follows.get().since == 3  # 2023, 2024, and a consultation.
    assert not FollowRequest.objects.exists()


def test_a_link_works_once(client):
    fill_in(client)
    link = links()[0]
    client.post(link)
    answer = client.post(link)
    assert answer.status_code == 404
    assert "It has already been used, or is more than 3 days old." in answer.content.decode()
    assert Follower.objects.count() == 1


def test_a_second_subject_joins_the_first_and_the_newest_wish_counts(client):
    confirmed(client)
    follower = confirmed(client, "/es/follow/?subject=pillar/2021-1", address="EVA@example.org", rhythm="weekly")
    confirmed(client, "/es/follow/?subject=pillar/2021-1", rhythm="weekly")
    assert [row.kind for row in follower.follows.all()] == ["initiative", "pillar"]
    assert (follower.language, follower.rhythm) == ("es", "weekly")
    assert Follower.objects.count() == 1


@pytest.mark.database
def test_what_nobody_confirms_expires_and_is_erased(client):
    fill_in(client)
    link = links()[0]
    with time_machine.travel(timezone.now() + following.REQUEST_VALID_FOR):
        assert client.get(link).status_code == 404
        assert following.erase_unconfirmed(jobs.JobRun()) == "1 unconfirmed requests erased"
    assert not FollowRequest.objects.exists()
    assert not Mail.objects.exists()  # It still waited for the mail server.


@pytest.mark.parametrize("path", ["confirm/forged/", "forged/", "forged/unsubscribe/", "a.b/", "confirm/é.x/"])
def test_a_forged_link_opens_nothing(client, path):
    assert client.get(f"/en/follow/{path}").status_code == 404
    assert client.post(f"/en/follow/{path}").status_code == 404


def test_the_database_alone_opens_no_link(client):
    follower = confirmed(client)
    assert client.get(f"/en/follow/{follower.handle}/").status_code == 404
    assert following.request_token(FollowRequest(handle=follower.handle)) != following.follower_secret(follower)


# Changing and stopping


def page_of(follower, end="") -> str:
    return f"/en/follow/{following.follower_secret(follower)}/{end}"


def test_the_page_shows_what_one_follows_and_changes_it(client):
    follower = confirmed(client)
    confirmed(client, "/en/follow/?subject=initiatives&stage=under_way")
    page = client.get(page_of(follower)).content.decode()
    assert "Otay Mesa II" in page
    assert "Initiatives filtered by Status: in progress" in page
    assert EVA not in page
    client.post(page_of(follower), {"save": "1", "language": "es", "rhythm": "weekly"})
    follower.refresh_from_db()
    assert (follower.language, follower.rhythm) == ("es", "weekly")
    answer = client.post(page_of(follower), {"save": "1", "language": "fr", "rhythm": "weekly"})
    assert answer.context["form"].errors["language"]


def test_one_thing_less_and_with_the_last_one_the_address_goes(client):
    follower = confirmed(client)
    confirmed(client, "/en/follow/?subject=pillar/2021-1")
    first, second = follower.follows.all()
    assert (
        "You will no longer get updates about this."
        in client.post(page_of(follower), {"stop": first.pk}, follow=True).content.decode()
    )
    answer = client.post(page_of(follower), {"stop": second.pk})
    assert "your address has been deleted" in answer.content.decode()
    assert not Follower.objects.exists()


@pytest.mark.parametrize("number", ["0", "9" * 40, "x", "", "²"])
def test_nobody_stops_what_is_not_hers(client, number):
    other = make_follower("max@example.org", "pillar/2021-1")
    follower = confirmed(client)
    assert client.post(page_of(follower), {"stop": number or other.follows.get().pk}).status_code == 404
    assert other.follows.exists()


def test_opening_the_page_to_unsubscribe_stops_nothing_and_the_button_stops_all(client):
    follower = confirmed(client)
    mail.queue("release/9", EVA, "en", "follow_request", {"title": "x", "link": "y", "days": 3})
    fill_in(client)
    assert "<button" in client.get(page_of(follower, "unsubscribe/")).content.decode()
    assert Follower.objects.exists()
    client.post(page_of(follower, "unsubscribe/"))
    assert not Follower.objects.exists()
    assert not FollowRequest.objects.exists()
    assert not Mail.objects.waiting().filter(recipient__iexact=EVA).exists()


def test_a_mail_program_unsubscribes_in_one_click_without_cookies(client):
    """RFC 8058: a POST with this body to the address of List-Unsubscribe; it may come twice."""
    follower = confirmed(client)
    path = page_of(follower, "unsubscribe/")
    program = type(client)(enforce_csrf_checks=True)
    for _ in range(2):
        answer = program.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 200
        assert not answer.cookies
    assert not Follower.objects.exists()


def test_buttons_work_where_browsers_tell_no_origin(client):
    """Referrer-Policy: no-referrer makes a browser send `Origin: null` with a form."""
    strict = type(client)(enforce_csrf_checks=True)
    follower = confirmed(client)
    data = {"save": "1", "language": "es", "rhythm": "weekly"}
    assert strict.post(page_of(follower), data, headers={"Origin": "null"}).status_code == 302


@pytest.mark.parametrize("end", ["", "unsubscribe/"])
def test_secret_pages_are_kept_nowhere_and_told_to_nobody(client, end):
    answer = client.get(page_of(confirmed(client), end))
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in answer.content.decode()


def test_an_internal_portal_leaves_the_links_of_messages_open(client, settings):
    follower = confirmed(client)
    fill_in(client, "/en/follow/?subject=pillar/2021-1")
    link = links()[0]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    stranger = type(client)()
    assert stranger.get(OTAY).status_code == 302
    for path in (link, page_of(follower), page_of(follower, "unsubscribe/")):
        assert stranger.get(path).status_code == 200


def test_a_subject_that_is_no_longer_public_is_told_by_its_key(client):
    follower = make_follower(EVA, "initiative/no-longer-there")
    assert "no-longer-there (not public today)" in client.get(page_of(follower)).content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_the_queries_of_the_page_do_not_grow_with_what_one_follows(client, count, django_assert_num_queries):
    follower = make_follower(EVA, *(f"initiative/i-{n}" for n in range(count)))
    with django_assert_num_queries(3):
        client.get(page_of(follower))


def test_nobody_follows_without_end(client, monkeypatch):
    monkeypatch.setattr(following, "MAX_FOLLOWS", 1)
    confirmed(client)
    assert confirmed(client, "/en/follow/?subject=pillar/2021-1").follows.count() == 1


def test_a_subject_and_its_address_fit_each_other():
    for subject in (Subject("initiative", "otay-mesa-ii"), Subject("selection", query="stage=planned&q=a%26b")):
        assert subjects.subject_from_query(QueryDict(subjects.parameter(subject))) == subject
