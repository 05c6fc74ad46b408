"""A page asked for again is told to be the same exactly while it is the same."""

import datetime

import pytest
import time_machine
from django.conf import settings

from hled_portal.models import PublicVersion
from hled_portal.publishing import releasing, timed_changes
from hled_portal.tests import factories
from hled_portal.tests.web.test_outages import LOCKED, failing
from hled_portal.web import http_cache
from stakeholders.models import opening_and_closing

pytestmark = pytest.mark.django_db
MIDDLEWARE = "hled_portal.web.http_cache.answer_conditionally"
NOON = datetime.datetime(2026, 5, 1, 18, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def conditional_requests(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def again(client, path, answer):
    return client.get(path, headers={"If-None-Match": answer["ETag"]})


def test_a_page_that_is_the_same_is_not_made_again(client, clock, django_assert_num_queries):
    first = client.get("/en/initiatives/")
    assert first["Cache-Control"] == "public, no-cache"
    with django_assert_num_queries(1):
        second = again(client, "/en/initiatives/", first)
    assert (second.status_code, second.content) == (304, b"")
    assert second["ETag"] == first["ETag"]


def test_each_address_language_and_host_has_a_tag_of_its_own(client, clock, settings):
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    found = {
        client.get("/en/")["ETag"],
        client.get("/es/")["ETag"],
        client.get("/en/?as_of=2026-04-01")["ETag"],
        client.get("/en/", headers={"Host": "localhost"})["ETag"],
        client.get("/en/", secure=True)["ETag"],
    }
    assert len(found) == 5
    assert client.get("/en/", headers={"Accept": "text/html"})["ETag"] in found


@pytest.mark.parametrize(("path", "tags"), [("/en/", 1), ("/sitemap.xml", 2)])
def test_only_an_address_without_language_depends_on_that_of_the_browser(client, path, tags):
    found = {client.get(path, headers={"Accept-Language": language})["ETag"] for language in ("en", "es")}
    assert len(found) == tags


def test_a_release_and_a_withdrawal_change_every_page(client, clock):
    cast = factories.make_cast()
    empty = client.get("/en/meetings/")
    edition = factories.make_published(cast)
    released = again(client, "/en/meetings/", empty)
    assert released.status_code == 200
    releasing.withdraw(edition, cast.luis, "error", "It was wrong.", "Estaba mal.")
    withdrawn = again(client, "/en/meetings/", released)
    assert withdrawn.status_code == 200
    assert len({empty["ETag"], released["ETag"], withdrawn["ETag"]}) == 3


def test_tomorrow_is_another_page(client, clock):
    first = client.get("/en/")
    clock.shift(datetime.timedelta(days=1))
    assert again(client, "/en/", first).status_code == 200


#: What opens and closes within the day of Mexico City; 04:00 is midnight in Washington.
TURNS = {
    "opened": {"opens": datetime.date(2026, 5, 2)},
    "closed": {"opens": datetime.date(2026, 4, 1), "closes": datetime.date(2026, 5, 1)},
}


@pytest.mark.parametrize("path", ["/sitemap.xml", "/api/v1/consultations/", "/en/"])
@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("by_job", [True, False])
def test_what_the_clock_changes_is_another_page_at_once(client, clock, path, turn, by_job):
    call = factories.make_consultation("work-plan", **TURNS[turn])
    at = opening_and_closing(call.opens, call.closes)[turn == "closed"]
    clock.move_to(at - datetime.timedelta(seconds=1))
    first = client.get(path)
    before = PublicVersion.objects.get().value
    assert again(client, path, first).status_code == 304
    clock.move_to(at)
    if by_job:
        assert timed_changes.run_timed_changes(None)
        assert PublicVersion.objects.get().value == before + 1
    second = again(client, path, first)
    assert second.status_code == 200
    assert PublicVersion.objects.get().value == before + 1
    assert again(client, path, second).status_code == 304
    assert timed_changes.run_timed_changes(None) is None


def test_what_opened_is_read_while_nothing_can_be_written(client, clock, monkeypatch):
    call = factories.make_consultation("work-plan", opens=datetime.date(2026, 5, 2))
    clock.move_to(opening_and_closing(call.opens, call.closes)[0])
    with monkeypatch.context() as patch:
        patch.setattr(timed_changes, "count_timed_changes", failing(LOCKED))
        first = client.get("/sitemap.xml")
        assert "work-plan" in first.content.decode()
        clock.shift(datetime.timedelta(seconds=1))
        assert again(client, "/sitemap.xml", first).status_code == 200
    second = again(client, "/sitemap.xml", first)
    assert (second.status_code, again(client, "/sitemap.xml", second).status_code) == (200, 304)


def test_a_consultation_that_is_not_public_changes_no_page(client, clock):
    factories.make_consultation("work-plan", opens=datetime.date(2026, 5, 2), is_public=False)
    clock.move_to(datetime.datetime(2026, 5, 2, 3, 59, tzinfo=datetime.UTC))
    first = client.get("/sitemap.xml")
    clock.shift(datetime.timedelta(minutes=2))
    assert again(client, "/sitemap.xml", first).status_code == 304


def test_new_software_is_another_page(client, clock, monkeypatch):
    first = client.get("/en/")
    monkeypatch.setattr(http_cache, "software_version", lambda: "another")
    assert again(client, "/en/", first).status_code == 200


@pytest.mark.parametrize("path", ["/en/sign-in/", "/en/no-such-page/", "/admin/login/"])
def test_forms_failures_and_the_desk_have_no_tag_of_the_record(client, path):
    answer = client.get(path)
    assert "ETag" not in answer
    assert "public" not in answer.get("Cache-Control", "")


def test_a_signed_in_reader_gets_no_tag(client):
    client.force_login(factories.make_user("ana", "editor"))
    assert "ETag" not in client.get("/en/")


def test_a_reader_who_once_saw_a_form_gets_one(client):
    client.get("/en/sign-in/")
    assert client.cookies[settings.CSRF_COOKIE_NAME].value
    assert "ETag" in client.get("/en/")
    assert "ETag" not in client.get("/en/sign-in/")


def test_the_software_has_one_version_that_follows_its_settings(settings):
    http_cache.software_version.cache_clear()
    first = http_cache.software_version()
    settings.SITE_OWNERS = "Ministry A"
    assert http_cache.software_version() == first, "it is worked out once for each process"
    http_cache.software_version.cache_clear()
    assert http_cache.software_version() != first
    http_cache.software_version.cache_clear()


def test_a_page_with_no_cookie_depends_on_none(client):
    """Stores between the portal and its readers may keep it."""
    assert "Cookie" not in client.get("/en/").get("Vary", "")
