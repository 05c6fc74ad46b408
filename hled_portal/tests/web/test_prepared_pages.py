"""After a publication the main pages are kept before a reader asks for them."""

import pytest
from django.core.cache import caches
from django.test import Client

from hled_portal.background.jobs import JobRun
from hled_portal.publishing import releasing
from hled_portal.tests import factories
from hled_portal.web import http_cache, page_cache, prepared_pages
from initiatives.editions import joint_texts
from initiatives.models import Citation

from .test_page_cache import MIDDLEWARE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("record", "shared_cache", "kept_connection")]


@pytest.fixture
def record():
    """A published initiative with its meeting and pillar."""
    source = factories.make_source(meeting=factories.make_meeting())
    Citation.objects.create(initiative=factories.make_initiative(), source=source, locator="item 1")
    joint_texts.enter_joint_text(source)


@pytest.fixture
def shared_cache(settings, tmp_path, monkeypatch):
    """A cache that processes share, and a portal that answers as it does for readers."""
    pages = {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": tmp_path,
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
    settings.CACHES = {**settings.CACHES, "pages": pages}
    settings.MIDDLEWARE = MIDDLEWARE
    settings.SITE_URL = "http://testserver"
    prepared_pages._application.cache_clear()
    http_cache.software_version.cache_clear()
    yield
    prepared_pages._application.cache_clear()
    http_cache.software_version.cache_clear()


def is_ready(path: str, encoding: str, django_assert_num_queries) -> bool:
    """Whether the first reader gets it without that it is rendered: the public version alone is read."""
    with django_assert_num_queries(1):
        answer = Client().get(path, headers={"Accept-Encoding": encoding, "Accept": "text/html,*/*;q=0.8"})
    return answer.status_code == 200 and answer["Content-Encoding"] == encoding


def test_main_pages_are_ready_after_each_publication(django_assert_num_queries):
    assert prepared_pages.prepare_main_pages(JobRun(seconds=600))
    for path in ("/en/", "/es/initiatives/", "/en/timeline/", "/es/cycles/2021/pillars/1/"):
        for encoding in page_cache.ENCODINGS:
            assert is_ready(path, encoding, django_assert_num_queries), path
    with django_assert_num_queries(1):
        assert prepared_pages.prepare_main_pages(JobRun(seconds=600)) is None
    cast = factories.make_cast()
    text = factories.make_published(cast)
    assert prepared_pages.prepare_main_pages(JobRun(seconds=600))
    assert is_ready("/en/", "br", django_assert_num_queries)
    releasing.withdraw(text, cast.luis, "error", "Wrong.", "Erróneo.")
    assert prepared_pages.prepare_main_pages(JobRun(seconds=600))
    assert is_ready("/en/initiatives/", "br", django_assert_num_queries)


def test_a_job_that_is_stopped_goes_on_where_it_was():
    stopped = JobRun(seconds=0)
    assert prepared_pages.prepare_main_pages(stopped) is None
    assert stopped.cut
    assert caches["pages"].get(prepared_pages.PREPARED_FROM) is None
    assert prepared_pages.prepare_main_pages(JobRun(seconds=600))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_READERS", "login"),
        ("SITE_URL", ""),
        (
            "CACHES",
            {name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} for name in ("default", "pages")},
        ),
    ],
)
def test_nothing_is_made_where_nobody_would_get_it(settings, django_assert_num_queries, name, value):
    setattr(settings, name, value)
    with django_assert_num_queries(0):
        assert prepared_pages.prepare_main_pages(JobRun(seconds=600)) is None
