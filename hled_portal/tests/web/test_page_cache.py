"""A kept page is exactly the page that would be rendered now, and nothing that belongs to one reader is kept."""

import datetime
import gzip

import brotli
import pytest
import time_machine
from django.conf import settings as configured
from django.core.cache import caches
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hled_portal.publishing import releasing
from hled_portal.tests import factories
from hled_portal.web import page_cache

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2026, 5, 1, 18, tzinfo=datetime.UTC)
PLACE = configured.MIDDLEWARE.index("django.contrib.sessions.middleware.SessionMiddleware")
MIDDLEWARE = [
    *configured.MIDDLEWARE[:PLACE],
    "hled_portal.web.page_cache.serve_kept_pages",
    *configured.MIDDLEWARE[PLACE:],
    "hled_portal.web.http_cache.answer_conditionally",
]


@pytest.fixture(autouse=True)
def kept_pages(settings):
    settings.MIDDLEWARE = MIDDLEWARE


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def queries(client, path, **more) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(path, **more)
    return len(captured)


def is_kept(client, path, **more) -> bool:
    """Whether a second request is answered without rendering: it reads the public version and nothing else."""
    caches["pages"].clear()
    client.get(path, **more)
    return queries(client, path, **more) == 1 and bool(caches["pages"]._cache)


@pytest.mark.parametrize("path", ["/en/", "/es/initiatives/", "/en/initiatives/?sort=title", "/en/timeline/"])
@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0", None)])
def test_a_kept_page_is_the_rendered_one(client, path, accepted, encoding):
    factories.make_published(factories.make_cast())
    rendered = Client(headers={"Accept-Encoding": "identity"}).get(path, HTTP_COOKIE="other=1")
    headers = {"Accept-Encoding": accepted}
    for _turn in range(2):
        answer = client.get(path, headers=headers)
        assert answer.get("Content-Encoding") == encoding
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
        assert unpack(answer.content) == rendered.content
        assert answer["Content-Length"] == str(len(answer.content))
        assert "Accept-Encoding" in answer["Vary"]
        for name in ("Content-Type", "Content-Language", "X-Frame-Options", "Content-Security-Policy"):
            assert answer[name] == rendered[name], name
    assert queries(client, path, headers=headers) == 1
    same = client.get(path, headers={**headers, "If-None-Match": answer["ETag"]})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", answer["ETag"])


def test_a_kept_page_builds_no_query(client, monkeypatch):
    client.get("/en/")
    client.get("/en/")

    def fail(*_arguments, **_more):
        raise AssertionError("compiled anew")

    monkeypatch.setattr(SQLCompiler, "as_sql", fail)
    assert client.get("/en/").status_code == 200
    with pytest.raises(AssertionError):
        client.get("/en/meetings/")


@pytest.mark.parametrize(
    ("path", "more", "status"),
    [
        ("/en/no-such-page/", {}, 404),
        ("/", {}, 302),
        ("/en/initiatives", {}, 301),
        ("/en/?as_of=never", {}, 400),
        ("/en/sign-in/", {}, 200),
        ("/admin/login/", {}, 302),
        ("/en/recommendations/", {}, 200),
        ("/en/recommendations/new/", {}, 200),
        ("/en/", {"HTTP_COOKIE": f"{configured.SESSION_COOKIE_NAME}=forged"}, 200),
        ("/sitemap.xml", {"HTTP_COOKIE": "django_language=es"}, 200),
        ("/en/", {"HTTP_AUTHORIZATION": "Basic YTpi"}, 200),
        ("/en/", {"REQUEST_METHOD": "HEAD"}, 200),
    ],
)
def test_what_depends_on_its_reader_or_is_no_page_is_not_kept(client, path, more, status):
    for _turn in range(2):
        assert client.get(path, **more).status_code == status
    assert not caches["pages"]._cache


def test_a_page_that_only_signed_in_readers_see_is_not_kept(client, settings):
    settings.PORTAL_READERS = "login"
    assert not is_kept(client, "/en/")


def test_a_member_of_staff_gets_a_page_of_their_own_and_leaves_none(client):
    client.force_login(factories.make_user("ana", "editor"))
    assert "ETag" not in client.get("/en/")
    assert not caches["pages"]._cache
    assert is_kept(Client(), "/en/")
    assert queries(client, "/en/") > 1


def test_a_reader_who_once_saw_a_form_gets_the_same_page(client):
    client.get("/en/sign-in/")
    assert client.cookies[configured.CSRF_COOKIE_NAME].value
    assert is_kept(client, "/en/")


def test_a_release_a_withdrawal_and_the_next_day_show_at_once(client, clock):
    cast = factories.make_cast()
    path = "/api/v1/topics/"
    assert b"supply-chains" not in client.get(path).content
    edition = factories.make_published(cast)
    assert b"supply-chains" in client.get(path).content
    assert queries(client, path) == 1
    releasing.withdraw(edition, cast.luis, "error", "It was wrong.", "Estaba mal.")
    assert b"Supply chains" not in client.get(path).content
    clock.shift(datetime.timedelta(days=1))
    assert queries(client, path) > 1


def test_what_is_not_published_yet_never_shows(client):
    cast = factories.make_cast()
    edition = factories.make_cleared(cast)
    assert is_kept(client, "/api/v1/topics/")
    assert b"supply-chains" not in client.get("/api/v1/topics/").content
    releasing.release([edition], cast.luis)
    assert b"supply-chains" in client.get("/api/v1/topics/").content


def test_addresses_of_one_slot_never_take_each_others_page(client, monkeypatch, settings):
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    for name in ("PAGE_SLOTS", "QUERY_SLOTS", "VARIANTS"):
        monkeypatch.setattr(page_cache, name, 1)
    requests = [
        ("/sitemap.xml", {"HTTP_HOST": "localhost"}),
        ("/sitemap.xml", {"HTTP_HOST": "testserver"}),
        ("/api/v1/topics/?page=x", {"HTTP_ACCEPT_LANGUAGE": "es"}),
        ("/api/v1/topics/?page=x", {"HTTP_ACCEPT_LANGUAGE": "en"}),
        ("/en/initiatives/?sort=title", {}),
        ("/es/initiatives/?sort=title", {}),
        ("/en/initiatives/?q=otay", {}),
        ("/en/initiatives/?q=otay", {"wsgi.url_scheme": "https"}),
    ]
    alone = []
    for path, more in requests:
        caches["pages"].clear()
        alone.append(client.get(path, **more).content)
    for _turn in range(2):
        assert [client.get(path, **more).content for path, more in requests] == alone


def test_reading_every_combination_of_filters_removes_no_page(client, monkeypatch):
    monkeypatch.setattr(page_cache, "QUERY_SLOTS", 3)
    client.get("/en/initiatives/")
    for number in range(20):
        client.get(f"/en/search/?q=a{number}")
    assert queries(client, "/en/initiatives/") == 1
    assert len(caches["pages"]._cache) <= 4


def test_a_large_page_is_not_kept(client, monkeypatch):
    monkeypatch.setattr(page_cache, "MAX_BYTES", 100)
    assert not is_kept(client, "/en/")


def test_without_its_store_pages_are_rendered(client, monkeypatch, caplog):
    def fail(*_arguments, **_more):
        raise ConnectionError("no such server")

    for name in ("get", "set"):
        monkeypatch.setattr(caches["pages"], name, fail)
    assert client.get("/en/").status_code == 200
    assert "cannot be read" in caplog.text


def test_the_kept_page_needs_no_session_sign_in_or_form_token():
    order = [name.rpartition(".")[2] for name in MIDDLEWARE]
    for later in ("SessionMiddleware", "CsrfViewMiddleware", "AuthenticationMiddleware", "LocaleMiddleware"):
        assert order.index("serve_kept_pages") < order.index(later)
