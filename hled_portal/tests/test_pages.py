"""The frame of every page: languages, headers, footer, error pages."""

import datetime

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from hled_portal.web.absolute_urls import in_other_language

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("languages", "home"),
    [("es-MX,es;q=0.9,en;q=0.5", "/es/"), ("en-US", "/en/"), ("fr", "/en/"), ("", "/en/"), ("fr,es;q=0.2", "/es/")],
)
def test_the_root_leads_to_the_browsers_language(client, languages, home):
    answer = client.get("/", headers={"Accept-Language": languages})
    assert (answer.status_code, answer["Location"]) == (302, home)
    assert "Accept-Language" in answer["Vary"]


@pytest.mark.parametrize(("path", "lang"), [("/en/", "en"), ("/es/", "es-MX")])
def test_a_page_names_its_language_whatever_the_browser_says(client, path, lang):
    html = client.get(path, headers={"Accept-Language": "fr"}).content.decode()
    assert f'<html lang="{lang}">' in html
    assert '<link rel="alternate" hreflang="en" href="http://testserver/en/">' in html
    assert '<link rel="alternate" hreflang="es-MX" href="http://testserver/es/">' in html


@pytest.mark.parametrize(
    ("path", "spanish"),
    [
        ("/en/", "/es/"),
        ("/en/initiatives/x/?as_of=2024-04-19&q=a%20b", "/es/initiatives/x/?as_of=2024-04-19&q=a%20b"),
        ("/en?x=1", "/es/"),
        ("/en", "/es/"),
        ("/health/", "/es/"),
        ("/english/", "/es/"),
        ("//example.org/en/", "/es/"),
    ],
)
def test_language_switch_keeps_page_and_query(path, spanish):
    assert in_other_language(path, "es") == spanish


def test_footer_says_in_both_languages_that_nobody_owns_the_site(client, settings):
    html = client.get("/es/").content.decode()
    assert "This is not an official site of either government." in html
    assert "Este no es un sitio oficial de ninguno de los dos gobiernos." in html
    assert html.index("Este no es un sitio oficial") < html.index("This is not an official site")
    english = client.get("/en/").content.decode()
    assert english.index("This is not an official site") < english.index("Este no es un sitio oficial")
    settings.SITE_OWNERS = "Ministry A; Secretaría B"
    html = client.get("/es/").content.decode()
    assert "Ministry A; Secretaría B" in html
    assert "official site" not in html


def test_headers_of_a_page(client):
    answer = client.get("/en/")
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == policy["script-src"] == policy["style-src"] == policy["img-src"] == "'self'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_https_is_remembered_by_the_browser(client):
    assert "Strict-Transport-Security" not in client.get("/en/")
    assert client.get("/en/", secure=True)["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_cookies_are_closed(client):
    cookie = client.get("/en/sign-in/").cookies[settings.CSRF_COOKIE_NAME]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")


@pytest.mark.parametrize(("path", "title"), [("/en/no/", "Page not found"), ("/es/no/", "No se encontró la página")])
def test_a_missing_page_answers_in_the_readers_language(client, path, title):
    answer = client.get(path)
    assert answer.status_code == 404
    assert f"<h1>{title}</h1>" in answer.content.decode()


def test_numbers_and_days_are_written_as_in_mexico_and_in_the_united_states():
    template = Template("{% load humanize l10n %}{{ n|floatformat:'1g' }} {{ day|date:'DATE_FORMAT' }}")
    context = Context({"n": 1234567.5, "day": datetime.date(2024, 4, 19)})
    with translation.override("es"):
        assert template.render(context) == "1,234,567.5 19 de abril de 2024"
    with translation.override("en"):
        assert template.render(context) == "1,234,567.5 April 19, 2024"
