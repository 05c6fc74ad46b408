"""Pages for what went wrong: in the reader's language where the address names it, with nothing to lean on."""

import pytest
from django.test import Client
from django.urls import get_resolver

from hled_portal.web import error_views


def shown(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize(
    ("path", "languages"),
    [("/es/initiatives/", ["es-MX"]), ("/en/", ["en"]), ("/api/v1/", ["en", "es-MX"]), ("/", ["en", "es-MX"])],
)
def test_a_failure_speaks_the_language_of_the_address_or_both(rf, path, languages):
    """Without the database: a test that has none may not touch it."""
    answer = get_resolver().resolve_error_handler(500)(rf.get(path))
    assert answer.status_code == 500
    assert f'<html lang="{languages[0]}">' in shown(answer)
    assert ("Something went wrong" in shown(answer)) == ("en" in languages)
    assert ("Algo salió mal" in shown(answer)) == ("es-MX" in languages)
    assert shown(answer).count("<h1>") == 1
    assert 'href="/static/portal.css"' in shown(answer)
    assert answer["Cache-Control"] == "no-store"


def test_a_failure_of_the_style_sheet_itself_is_told_too(rf, monkeypatch):
    def broken(name):
        raise ValueError(f"Missing staticfiles manifest entry for {name!r}")

    monkeypatch.setattr(error_views, "static", broken)
    assert "Algo salió mal" in shown(error_views.server_error(rf.get("/es/")))


def test_a_view_that_fails_answers_with_that_page(monkeypatch):
    def fail(request):
        raise RuntimeError("the database is gone")

    monkeypatch.setattr("hled_portal.dates.as_of.from_request", fail)
    answer = Client(raise_request_exception=False).get("/es/about/")
    assert answer.status_code == 500
    assert "Algo salió mal" in shown(answer)
    assert answer["Content-Security-Policy"]


def test_an_unknown_host_is_told_so_and_no_more(settings):
    settings.ALLOWED_HOSTS = ["portal.example"]
    answer = Client(raise_request_exception=False).get("/es/", headers={"Host": "other.example"})
    assert answer.status_code == 400
    assert "No se pudo procesar la solicitud" in shown(answer)
    assert "other.example" not in shown(answer)


@pytest.mark.django_db
def test_an_expired_form_is_told_in_the_readers_language():
    answer = Client(enforce_csrf_checks=True).post("/es/sign-in/", {"username": "ana"})
    assert answer.status_code == 403
    assert "<h1>El formulario caducó</h1>" in shown(answer)
