"""The main pages are made right after a publication, so that no reader waits for them.

The job asks the portal itself for them, and `page_cache.py` keeps what it answers. That helps readers where all
processes share a cache (`CACHE_URL`).
"""

from collections.abc import Callable, Iterable
from functools import cache
from io import BytesIO
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.cache import caches
from django.core.handlers.wsgi import WSGIHandler
from django.utils.translation import override

from hled_portal.dates.as_of import today
from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.publishing import timed_changes

from . import http_cache, navigation, page_cache

#: In the cache of pages: what the main pages were made from last.
PREPARED_FROM = "main-pages-prepared-from"

_more_pages: list[Callable[[], Iterable[str]]] = []


def register_pages(paths: Callable[[], Iterable[str]]) -> None:
    """Name more main pages, by their paths in the active language; called from `ready()`."""
    _more_pages.append(paths)


def prepare_main_pages(run) -> str | None:
    """Prepare them once for each public version, day and software. A page that is kept already costs one query."""
    if settings.PORTAL_READERS != "public" or not settings.SITE_URL or _is_of_this_process():
        return None
    version = (timed_changes.public_version(), today().isoformat(), http_cache.software_version())
    if caches["pages"].get(PREPARED_FROM) == version:
        return None
    paths = _main_pages()
    for path in paths:
        for encoding in page_cache.ENCODINGS:
            if not run.should_continue():
                return None
            _get(path, encoding)
    caches["pages"].set(PREPARED_FROM, version, page_cache.SECONDS)
    return f"{len(paths)} main pages were prepared."


def _is_of_this_process() -> bool:
    return settings.CACHES["pages"]["BACKEND"].endswith(("LocMemCache", "DummyCache"))


def _main_pages() -> list[str]:
    paths = []
    for language in LANGUAGES:
        with override(language):
            paths += filter(None, (navigation.named_url(name) for group in navigation.MENU for name, _label in group))
            paths += [path for more in _more_pages for path in more()]
    return paths


@cache
def _application() -> WSGIHandler:
    return WSGIHandler()


def _get(path: str, encoding: str) -> None:
    site = urlsplit(settings.SITE_URL)
    environ = {
        "PATH_INFO": path,
        "HTTP_HOST": site.netloc,
        "HTTP_ACCEPT_ENCODING": encoding,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": BytesIO(),
    }
    setup_testing_defaults(environ)
    _application()(environ, lambda _status, _headers: None).close()
