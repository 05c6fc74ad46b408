"""Sign-in: guessing is slowed, nothing tells which accounts there are, sessions end, a new password comes by email."""

import datetime
import re
import time

import pytest
import time_machine
from axes.models import AccessLog
from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hled_portal.accounts import sign_in
from hled_portal.models import Mail
from hled_portal.security.log_redaction import masked
from hled_portal.tests import factories as make

pytestmark = pytest.mark.django_db
SIGN_IN = "/en/sign-in/"
WORDS = "una frase larga 7"


@pytest.fixture
def luis():
    luis = make.make_user("luis", "officer", email="luis@example.org")
    luis.set_password(WORDS)
    luis.save()
    return luis


def attempt(username: str, password: str, address: str = "192.0.2.1", **more):
    client = Client(REMOTE_ADDR=address)
    return client, client.post(SIGN_IN + more.pop("query", ""), {"username": username, "password": password} | more)


def test_a_session_ends_with_its_time_and_with_its_account(luis, client):
    def is_inside() -> bool:
        return get_user(client).is_authenticated

    client.force_login(luis)
    assert is_inside()
    Session.objects.update(expire_date=timezone.now() - datetime.timedelta(seconds=1))
    assert not is_inside()
    client.force_login(luis)
    assert is_inside()
    luis.is_active = False
    luis.save()
    assert not is_inside()


def test_a_guesser_waits_and_the_officer_does_not(luis, settings):
    settings.AXES_ENABLED = True
    statuses = [attempt("luis", f"guess {n}")[1].status_code for n in range(7)]
    assert statuses == [200] * 4 + [429] * 3
    refused = attempt("luis", WORDS)[1]
    assert (refused.status_code, refused["Retry-After"]) == (429, "900")
    assert "Try again in 15 minutes" in refused.content.decode()
    assert attempt("luis", WORDS, "198.51.100.2")[1].status_code == 302
    assert attempt("ana", "guess")[1].status_code == 200
    with time_machine.travel(time.time() + 901):
        assert attempt("luis", WORDS)[1].status_code == 302


def test_each_sign_in_is_recorded(luis, settings):
    settings.AXES_ENABLED = True
    attempt("luis", WORDS)
    assert list(AccessLog.objects.values_list("username", "ip_address")) == [("luis", "192.0.2.1")]


@pytest.mark.parametrize("name", ["luis", "nobody"])
def test_a_refused_sign_in_takes_the_same_time_for_every_name(luis, settings, monkeypatch, name):
    settings.SIGN_IN_SECONDS, clock, slept = 5, iter([100.0, 100.0 + len(name)]), []
    monkeypatch.setattr(sign_in.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(sign_in.time, "sleep", slept.append)
    _client, answer = attempt(name, "wrong")
    assert slept == [max(0, 5 - len(name))]
    assert "luis" not in answer.context["form"].errors.as_text()


@pytest.mark.parametrize("name", ["luis", "nobody"])
def test_so_does_the_request_for_a_new_password(luis, settings, monkeypatch, name):
    settings.SIGN_IN_SECONDS, clock, slept = 5, iter([100.0, 100.0 + len(name)]), []
    monkeypatch.setattr(sign_in.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(sign_in.time, "sleep", slept.append)
    ask(f"{name}@example.org")
    assert slept == [max(0, 5 - len(name))]


@pytest.mark.parametrize(
    ("query", "address"),
    [("", "/admin/"), ("?next=/en/about/", "/en/about/"), ("?next=//evil.example/", "/admin/")],
)
def test_the_page_after_it(luis, query, address):
    assert attempt("luis", WORDS, query=query)[1]["Location"] == address


@pytest.mark.parametrize("signed_in", [False, True])
def test_the_staff_site_has_no_sign_in_page_of_its_own(client, luis, signed_in):
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0] == "/en/sign-in/?next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"username": "luis", "password": WORDS}).status_code == 302
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize(
    ("idle", "hours", "minutes", "kept"),
    [(60, 12, 59, True), (60, 12, 61, False), (0, 12, 700, True), (0, 12, 721, False), (0, 0, 10_000, True)],
)
def test_a_session_ends(luis, settings, idle, hours, minutes, kept):
    settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS = idle, hours
    client, _answer = attempt("luis", WORDS)
    with time_machine.travel(time.time() + minutes * 60):
        assert client.get("/admin/").status_code == (200 if kept else 302)


def test_who_goes_on_working_stays_until_the_last_hour(luis, settings):
    settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS = 60, 12
    client, _answer = attempt("luis", WORDS)
    began = time.time()
    statuses = []
    for minutes in range(0, 760, 50):
        with time_machine.travel(began + minutes * 60):
            statuses.append(client.get("/admin/").status_code)
    assert statuses == [200] * 15 + [302]


# A new password


def ask(address: str):
    return Client().post("/en/sign-in/reset/", {"email": address})


def test_the_answer_says_nothing_about_the_address(luis):
    known, unknown = ask("luis@example.org"), ask("nobody@example.org")
    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"] == "/en/sign-in/reset/sent/"
    assert [row.recipient for row in Mail.objects.all()] == ["luis@example.org"]
    assert "luis" not in Mail.objects.get().body


def test_the_link_sets_a_password_once_and_is_in_no_log(luis):
    ask("luis@example.org")
    link = re.search(r"https?://[^/]+(/\S+/sign-in/reset/\S+)", Mail.objects.get().body)[1]
    assert masked(link).endswith("/…/")
    client = Client()
    form = client.get(link)["Location"]
    assert (
        client.post(form, {"new_password1": "otra frase 8 larga", "new_password2": "otra frase 8 larga"}).status_code
        == 302
    )
    assert SESSION_KEY not in client.session
    assert attempt("luis", "otra frase 8 larga")[1].status_code == 302
    assert "expired" in Client().get(link).content.decode()
    with time_machine.travel(time.time() + 3601):
        assert "expired" in Client().get(link).content.decode()


def test_links_are_not_asked_for_without_end(luis, settings):
    settings.SUBMISSION_LIMITS = [1, 300]
    assert [ask(f"{n}@example.org").status_code for n in range(2)] == [302, 429]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("path", ["sign-in/", "sign-in/reset/", "sign-in/reset/sent/", "sign-in/reset/x/y/"])
def test_pages_answer_in_both_languages(client, language, path):
    answer = client.get(f"/{language}/{path}")
    assert answer.status_code == 200
    assert f'lang="{language}' in answer.content.decode()
