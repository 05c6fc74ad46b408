"""Conditional requests: a browser that requests a public page again gets 304 while the page is the same.

A public page depends on its address, the counter of public changes (`PublicVersion`; by the clock too:
`timed_changes`), the day in Mexico City, and the software with its settings. Their hash is the page's ETag, known
before the page is rendered. Caches may keep the page but revalidate each time: after a withdrawal none shows it.

Only views that read published texts alone are covered: never pages of stakeholders, a form, a page that sets a cookie,
or anything that a signed-in user gets.
"""

import hashlib
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from django.conf import settings
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language_from_path

from hled_portal.dates.as_of import today
from hled_portal.publishing import timed_changes

PUBLIC_PACKAGES = {"initiatives", "hled_portal"}
SOFTWARE_FOLDERS = ("hled_portal", "initiatives", "stakeholders", "templates")
SOFTWARE_SUFFIXES = {".py", ".html", ".txt", ".xml", ".mo", ".json"}
KEEP = "public, no-cache"  # Any store may keep it, and must ask before it shows it again.
SETTINGS = ("DEBUG", "SITE_URL", "SITE_OWNERS", "CONTACT", "ADMIN_PATH", "PORTAL_READERS", "INSTALLED_APPS")


def answer_conditionally(get_response):
    """A middleware: answer 304 where the reader's copy is the same; else name the version of what is sent."""

    def middleware(request):
        response = get_response(request)
        tag = getattr(request, "public_tag", None)
        if tag is None or not _is_same_for_all(request, response):
            return response
        if "ETag" not in response:
            response["ETag"] = tag
        response["Cache-Control"] = KEEP
        request.is_same_for_all = True  # `page_cache` may keep it.
        return get_conditional_response(request, etag=response["ETag"], response=response)

    def process_view(request, view, _args, _kwargs):
        if not _may_be_same_for_all(request, view):
            return None
        request.public_tag = compute_etag(request)
        if "If-None-Match" not in request.headers:
            return None
        answer = get_conditional_response(request, etag=request.public_tag)
        if answer is None or answer.status_code != 304:
            return None
        answer["ETag"], answer["Cache-Control"] = request.public_tag, KEEP
        return answer

    middleware.process_view = process_view
    return middleware


def compute_etag(request) -> str:
    """The ETag of what a public address answers at this moment. One query where nothing changed by the clock.

    Computed once for a request, before anything of its page is read: what changes meanwhile gives another tag.
    """
    if not hasattr(request, "computed_tag"):
        request.public_version = timed_changes.public_version()
        parts = [
            request.scheme,
            request.get_host(),
            request.get_full_path(),
            negotiated(request),
            request.public_version,
            today().isoformat(),
            software_version(),
        ]
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        request.computed_tag = f'"{digest[:32]}"'
    return request.computed_tag


def negotiated(request) -> str:
    """What a page depends on beside its address: languages, where the address has none. No view looks at `Accept`."""
    return "" if get_language_from_path(request.path_info) else request.headers.get("Accept-Language", "")


@cache
def software_version() -> str:
    """A digest of the portal's files, of its packages and of the settings that pages show."""
    digest = hashlib.sha256()
    for path in _files():
        digest.update(str(path).encode() + path.read_bytes())
    digest.update(repr(sorted((packages.name, packages.version) for packages in distributions())).encode())
    digest.update(repr([getattr(settings, name, None) for name in SETTINGS]).encode())
    return digest.hexdigest()


def _files():
    for name in SOFTWARE_FOLDERS:
        paths = sorted((settings.BASE_DIR / name).rglob("*"))
        yield from (path for path in paths if path.suffix in SOFTWARE_SUFFIXES and "tests" not in path.parts)
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists():
        yield manifest


def _may_be_same_for_all(request, view) -> bool:
    package = view.__module__.partition(".")[0]
    stranger = not set(request.COOKIES) - {settings.CSRF_COOKIE_NAME}
    return request.method in {"GET", "HEAD"} and package in PUBLIC_PACKAGES and stranger


def _is_same_for_all(request, response) -> bool:
    """Whether the answer is a page alone: no form with a token, no cookie, no word of its own on keeping it."""
    if response.status_code != 200 or response.has_header("Cache-Control") or response.cookies:
        return False
    return response.streaming or b"csrfmiddlewaretoken" not in response.content
