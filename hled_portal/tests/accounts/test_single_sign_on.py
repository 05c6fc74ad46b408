"""Single sign-on, against a provider on this machine: only for accounts that exist, and never in place of a code."""

import re
import time
import warnings
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests
from axes.models import AccessLog
from django.conf import settings as project
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import SuspiciousOperation
from django.test import Client
from django.urls import reverse

from hled_portal.accounts import second_factor, sessions
from hled_portal.accounts.single_sign_on import SingleSignOnBackend
from hled_portal.management.commands import serve
from hled_portal.models import User
from hled_portal.tests import factories as make

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import oidc_provider_mock

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
PEOPLE = {
    "1": {"email": "Luis@example.org", "email_verified": True},
    "2": {"email": "luis@example.org", "email_verified": True},
    "unverified": {"email": "luis@example.org", "email_verified": False},
    "unsaid": {"email": "luis@example.org"},
    "words": {"email": "luis@example.org", "email_verified": "true"},
    "nameless": {},
    "stranger": {"email": "stranger@example.org", "email_verified": True},
}


@pytest.fixture(scope="module")
def provider():
    people = [oidc_provider_mock.User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    with oidc_provider_mock.run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(autouse=True)
def configured(settings, provider):
    found = requests.get(f"{provider}/.well-known/openid-configuration", timeout=5).json()
    settings.OIDC_ENABLED, settings.OIDC_ISSUER = True, found["issuer"]
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = found["authorization_endpoint"]
    settings.OIDC_OP_TOKEN_ENDPOINT = found["token_endpoint"]
    settings.OIDC_OP_USER_ENDPOINT = found["userinfo_endpoint"]
    settings.OIDC_OP_JWKS_ENDPOINT = found["jwks_uri"]
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = "portal", "a secret"
    settings.AUTHENTICATION_BACKENDS = [*project.AUTHENTICATION_BACKENDS, sessions.SINGLE_SIGN_ON]
    settings.OIDC_VERIFY_KID = False  # The provider of the tests has one key, and names it in no token.
    settings.AXES_ENABLED = True


@pytest.fixture
def luis():
    return make.make_user("luis", "officer", email="luis@example.org")


def sign_in(client: Client, sub: str, language: str = "en", following: str = "", **query):
    """What a browser does: the button, the page of the provider, and the way back."""
    start = client.get(f"/oidc/authenticate/?{urlencode({'language': language, 'next': following})}")
    page = requests.post(start["Location"], data={"sub": sub}, allow_redirects=False, timeout=5)
    back = urlsplit(page.headers["Location"])
    assert back.path == "/oidc/callback/"
    values = {name: value[0] for name, value in parse_qs(back.query).items()} | query
    return client.get(f"{back.path}?{urlencode(values)}", REMOTE_ADDR="192.0.2.7")


def is_signed_in(client: Client) -> bool:
    return SESSION_KEY in client.session


def test_an_existing_account_signs_in_and_is_known_by_its_subject_from_then_on(client, luis):
    answer = sign_in(client, "1")
    assert (answer.status_code, answer["Location"], answer["Cache-Control"]) == (
        302,
        reverse("admin:index"),
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    assert client.session[SESSION_KEY] == str(luis.pk)
    User.objects.update(email="another@example.org")
    make.make_user("ana", email="luis@example.org")
    other = Client()
    sign_in(other, "1")
    assert other.session[SESSION_KEY] == str(luis.pk)
    logged = AccessLog.objects.values_list("username", "ip_address", "path_info")
    assert set(logged) == {("luis", "192.0.2.7", "/oidc/callback/")}
    root = make.make_user("root", is_superuser=True)
    client.force_login(root)
    assert "single sign-on" in client.get(reverse("admin:hled_portal_signin_changelist")).content.decode()


@pytest.mark.parametrize("sub", sorted(PEOPLE.keys() - {"1"} - {"2"}))
def test_what_is_not_a_verified_address_of_an_account_is_refused(client, luis, sub):
    answer = sign_in(client, sub)
    assert answer["Location"] == "/en/sign-in/"
    assert "Single sign-on was not possible" in client.get(answer["Location"]).content.decode()
    assert not is_signed_in(client)
    assert User.objects.get().oidc_subject is None


@pytest.mark.parametrize("stored", [None, "1"])
def test_a_deactivated_account_is_refused_and_its_session_ends(client, luis, stored):
    if stored:
        sign_in(client, "1")
    User.objects.update(is_active=False)
    assert client.get(reverse("admin:index")).status_code == 302
    sign_in(client, "1")
    assert not client.get("/en/").wsgi_request.user.is_authenticated
    assert User.objects.get().oidc_subject == stored


def test_an_account_has_one_subject_and_an_address_one_account(client, luis):
    sign_in(client, "1")
    other = Client()
    sign_in(other, "2")
    assert not is_signed_in(other)
    second_factor.reset(luis)
    make.make_user("ana", email="LUIS@example.org")
    sign_in(other, "2")
    assert not is_signed_in(other)


def test_nothing_the_provider_says_takes_the_place_of_a_code(client, luis, settings):
    settings.REQUIRE_TOTP, settings.REAUTHENTICATE_MINUTES = True, 15
    answer = sign_in(client, "1", following="/en/about/")
    assert answer["Location"] == "/en/sign-in/code/?next=%2Fen%2Fabout%2F"
    assert client.get(reverse("admin:index")).status_code == 302
    assert sessions.CONFIRMED not in client.session
    assert {sessions.BEGAN, sessions.SEEN} <= set(client.session.keys())


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "Sign in with Login.gob"), ("es", "Iniciar sesión con Login.gob")]
)
def test_the_button_is_in_both_languages_and_comes_back_in_them(client, settings, language, heading):
    settings.OIDC_PROVIDER_NAME = "Login.gob"
    page = client.get(f"/{language}/sign-in/?next=/{language}/about/").content.decode()
    link = re.search(r'href="(/oidc/authenticate/[^"]+)"', page).group(1).replace("&amp;", "&")
    assert heading in page
    assert parse_qs(urlsplit(link).query) == {"language": [language], "next": [f"/{language}/about/"]}
    assert sign_in(client, "stranger", language)["Location"] == f"/{language}/sign-in/"


def test_it_is_off_unless_it_is_configured(client, settings):
    settings.OIDC_ENABLED = False
    assert "/oidc/" not in client.get("/en/sign-in/").content.decode()
    assert [client.get(f"/oidc/{name}/").status_code for name in ("authenticate", "callback")] == [404, 404]


@pytest.mark.parametrize("query", [{"state": "forged"}, {"code": "forged"}, {"error": "access_denied"}])
def test_a_forged_return_signs_nobody_in(client, luis, query):
    assert sign_in(client, "1", **query)["Location"] == "/en/sign-in/"
    assert not is_signed_in(client)


def test_a_return_works_once_and_in_its_own_browser(client, luis):
    start = client.get("/oidc/authenticate/")
    page = requests.post(start["Location"], data={"sub": "1"}, allow_redirects=False, timeout=5)
    back = urlsplit(page.headers["Location"])
    other = Client()
    other.get(f"{back.path}?{back.query}")
    assert not is_signed_in(other)
    client.get(f"{back.path}?{back.query}")
    client.logout()
    client.get(f"{back.path}?{back.query}")
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_ISSUER", "https://another.example"),
        ("OIDC_RP_SIGN_ALGO", "HS256"),
        ("OIDC_OP_TOKEN_ENDPOINT", "http://localhost:1/"),
        ("OIDC_OP_JWKS_ENDPOINT", "http://localhost:1/"),
        ("OIDC_OP_USER_ENDPOINT", "http://localhost:1/"),
    ],
)
def test_another_issuer_or_a_provider_that_is_away_signs_nobody_in(client, luis, settings, name, value):
    setattr(settings, name, value)
    assert sign_in(client, "1")["Location"] == "/en/sign-in/"
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"aud": "another client"}, "audience"),
        ({"aud": ["portal", "another client"]}, "party"),
        ({"iss": "https://another.example"}, "issuer"),
        ({"exp": None}, "end"),
        ({"sub": None}, "subject"),
        ({"exp": 1}, "ExpiredSignature"),
        ({"nonce": "another"}, "Nonce"),
    ],
)
def test_a_token_for_another_client_is_refused(settings, changed, reason):
    settings.OIDC_RP_SIGN_ALGO = "HS256"  # Of the test alone: `serve` refuses it.
    settings.OIDC_RP_CLIENT_SECRET = key = "x" * 64
    good = {"iss": settings.OIDC_ISSUER, "aud": "portal", "sub": "1", "nonce": "n", "exp": int(time.time()) + 60}
    backend = SingleSignOnBackend()
    assert backend.verify_token(jwt.encode(good, key), nonce="n") == good
    token = {name: value for name, value in (good | changed).items() if value is not None}
    with pytest.raises((SuspiciousOperation, jwt.PyJWTError)) as refused:
        backend.verify_token(jwt.encode(token, key), nonce="n")
    assert reason in f"{type(refused.value).__name__} {refused.value}"


def test_claims_of_another_subject_are_refused(client, luis, monkeypatch):
    original = SingleSignOnBackend.__mro__[1].get_userinfo
    monkeypatch.setattr(SingleSignOnBackend.__mro__[1], "get_userinfo", lambda *args: original(*args) | {"sub": "x"})
    sign_in(client, "1")
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"ISSUER": "https://a.example"}, "OIDC_RP_CLIENT_ID, OIDC_RP_CLIENT_SECRET"),
        (dict.fromkeys(project.OIDC_PARTS, "https://a.example"), None),
        (dict.fromkeys(project.OIDC_PARTS, "http://a.example"), "OIDC_OP_TOKEN_ENDPOINT must start with https://"),
        ({"algorithm": "HS256"}, "OIDC_RP_SIGN_ALGO"),
        ({"algorithm": "none"}, "OIDC_RP_SIGN_ALGO"),
    ],
)
def test_half_a_configuration_is_refused(settings, changes, reason):
    settings.OIDC_RP_SIGN_ALGO = changes.pop("algorithm", "RS256")
    settings.OIDC_PARTS = dict.fromkeys(project.OIDC_PARTS, "") | changes
    told = "\n".join(serve.single_sign_on_refusals())
    assert reason in told if reason else told == ""
