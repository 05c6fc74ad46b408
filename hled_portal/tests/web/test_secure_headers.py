"""Headers on every kind of answer, judged by the public scoring rules of the HTTP Observatory."""

import pytest
from django.conf import settings
from django.test import Client

from hled_portal.tests import factories as make

#: All that the rules give. With 130, which is asked for, one small header could still be missing.
FULL = 135


def policy(answer) -> dict[str, set[str]]:
    parts = (part.strip().split() for part in answer["Content-Security-Policy"].split(";"))
    return {name: set(sources) for name, *sources in parts}


def score(answer) -> int:
    """100 and what the rules take away or give; https, and a redirect to it, are the proxy's (`test_settings`)."""
    rules = policy(answer)
    unsafe = {"'unsafe-inline'", "'unsafe-eval'", "data:", "*", "http:", "https:"}
    if rules.get("default-src") != {"'none'"} or any(sources & unsafe for sources in rules.values()):
        return 75
    points = 100 + 10  # No unsafe source, and nothing by default.
    points += 5 if rules.get("frame-ancestors") == {"'none'"} else -20
    points += 0 if answer.get("X-Content-Type-Options") == "nosniff" else -5
    points += 5 if answer.get("Referrer-Policy") in {"no-referrer", "same-origin"} else -5
    points += 10 if answer.get("Cross-Origin-Resource-Policy") == "same-origin" else 0
    age = int(answer.get("Strict-Transport-Security", "max-age=0").partition("=")[2].partition(";")[0])
    points += 0 if age >= 15_768_000 else -20
    cookies = answer.cookies.values()
    if not all(each["secure"] and each["httponly"] and each["samesite"] for each in cookies):
        return points - 40
    points += 5 if all(each["path"] == "/" and not each["domain"] for each in cookies) else 0
    return points


@pytest.fixture
def static_file(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "portal.css").write_text("p {}")


ANSWERS = [
    ("/en/", {}, 200),
    ("/", {}, 302),
    ("/en/initiatives", {}, 301),
    ("/en/no/", {}, 404),
    ("/no", {}, 404),
    ("/en/?as_of=never", {}, 400),
    ("/en/?q=%00", {}, 400),
    ("/en/", {"HTTP_HOST": "evil.example"}, 400),
    ("/en/sign-in/", {"REQUEST_METHOD": "POST"}, 403),
    ("/en/sign-in/", {"CONTENT_TYPE": "text/plain; charset=latin-1"}, 415),
    ("/admin/", {"REQUEST_METHOD": "TRACE"}, 405),
    ("/en/sign-in/", {}, 200),
    ("/en/recommendations/new/", {}, 200),
    ("/en/initiatives.csv", {}, 200),
    ("/en/data/package.zip", {}, 200),
    ("/api/v1/initiatives/", {}, 200),
    ("/sitemap.xml", {}, 200),
    ("/static/portal.css", {}, 200),
    ("/static/no.css", {}, 404),
    ("/admin/", {}, 302),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "more", "status"), ANSWERS)
def test_every_kind_of_answer_has_the_full_score(static_file, path, more, status):
    answer = Client(enforce_csrf_checks=True).get(path, secure=True, **more)
    assert answer.status_code == status
    assert score(answer) == FULL
    answer.close()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_probes_have_them_too(client, path):
    answer = client.get(path)
    assert policy(answer)["default-src"] == {"'none'"}
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.django_db
def test_an_error_has_them_too(client, monkeypatch):
    monkeypatch.setattr("hled_portal.pages.render", lambda *arguments, **more: 1 / 0)
    client.raise_request_exception = False
    answer = client.get("/en/", secure=True)
    assert answer.status_code == 500
    assert score(answer) == FULL


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/en/", "/en/about/", "/admin/", "/en/data/package.zip"])
def test_what_a_signed_in_user_gets_is_kept_nowhere(client, path):
    client.force_login(make.make_user("ana", "editor"))
    answer = client.get(path, secure=True)
    assert "no-store" in answer["Cache-Control"]
    assert score(answer) == FULL
    answer.close()


def test_no_other_host_sets_our_cookies():
    assert settings.SESSION_COOKIE_NAME.startswith("__Host-")
    assert settings.CSRF_COOKIE_NAME.startswith("__Host-")
