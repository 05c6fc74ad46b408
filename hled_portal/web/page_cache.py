"""Finished public pages: an answer that is the same for all is rendered once and kept compressed.

`http_cache` decides which answers these are and computes their tag, which changes with everything that they depend on.
This middleware stands before sessions, sign-in and CSRF: for a kept page none of them runs, and the only query reads
the public version, so that the first request after a release or withdrawal, on any server, shows it.

A new page takes the place of an older one of the same slot. Slots are limited, and addresses with a query have their
own: reading all combinations of filters removes no page without a query.
"""

import gzip
import hashlib
import logging

import brotli
from django.conf import settings
from django.core.cache import caches
from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from . import http_cache

ENCODINGS = {"br": lambda body: brotli.compress(body, quality=5), "gzip": lambda body: gzip.compress(body, 6, mtime=0)}
#: Slots of pages without a query, and of those with one.
PAGE_SLOTS, QUERY_SLOTS = 4096, 256
#: Slots of each address of at most two names, such as /en/map/: for host names and schemes.
VARIANTS = 8
MAX_BYTES = 128 * 1024  # of a compressed page
SECONDS = 2 * 24 * 3600  # The date is part of the tag: no page serves longer.
NOT_KEPT = {"Content-Length", "Content-Encoding", "Date"}
log = logging.getLogger(__name__)


def serve_kept_pages(get_response):
    """A middleware: answer with the kept page while it is the same; else keep what is answered."""

    def middleware(request):
        if not is_request_without_reader(request):
            return get_response(request)
        encoding = _encoding(request.headers.get("Accept-Encoding", ""))
        slot = _slot(request, encoding)
        kept = _read(slot)
        if kept and kept[0] == http_cache.compute_etag(request):
            return _answer(request, encoding, *kept[1:])
        response = get_response(request)
        if not _is_kept(request, response):
            return response
        body = ENCODINGS[encoding or "gzip"](response.content)
        headers = [(name, value) for name, value in response.items() if name not in NOT_KEPT]
        if len(body) <= MAX_BYTES:
            _write(slot, (request.public_tag, headers, body))
        return _answer(request, encoding, headers, body)

    return middleware


def is_request_without_reader(request) -> bool:
    """Whether nothing in the request says who asks: no cookie but that of forms, no credentials."""
    return (
        settings.PORTAL_READERS == "public"
        and request.method == "GET"
        and not set(request.COOKIES) - {settings.CSRF_COOKIE_NAME}
        and "Authorization" not in request.headers
        and not request.path_info.startswith(f"/{settings.ADMIN_PATH}")
    )


def _is_kept(request, response) -> bool:
    varies = response.get("Vary", "").lower()
    return (
        getattr(request, "is_same_for_all", False)
        and response.status_code == 200
        and not response.streaming
        and not response.cookies
        and not response.has_header("Content-Encoding")
        and "cookie" not in varies
        and "*" not in varies
    )


def _answer(request, encoding: str, headers, body: bytes) -> HttpResponse:
    response = HttpResponse(body if encoding else gzip.decompress(body))
    for name, value in headers:
        response[name] = value
    patch_vary_headers(response, ["Accept-Encoding"])
    if encoding:
        response["Content-Encoding"] = encoding
        if not response["ETag"].startswith("W/"):
            response["ETag"] = f"W/{response['ETag']}"
    response["Content-Length"] = str(len(response.content))
    return get_conditional_response(request, etag=response["ETag"], response=response)


def _encoding(accepted: str) -> str:
    """The best encoding that the client accepts; empty for none."""
    offers = [offer.replace(" ", "").partition(";q=") for offer in accepted.lower().split(",")]
    names = {name for name, _separator, weight in offers if not weight or weight.strip("0.")}
    return next((name for name in ENCODINGS if name in names), "")


def _slot(request, encoding: str) -> str:
    """The name of the slot of an address. Several addresses may share it: the tag tells whose page it holds."""
    address = "\n".join((request.scheme, request.get_host(), request.get_full_path(), http_cache.negotiated(request)))
    number = int.from_bytes(hashlib.sha256(address.encode()).digest()[:4], "big")
    if request.META.get("QUERY_STRING"):
        place = f"query:{number % QUERY_SLOTS}"
    elif request.path_info.strip("/").count("/") < 2 and len(request.path_info) < 100:
        place = f"{request.path_info.encode().hex()}:{number % VARIANTS}"
    else:
        place = f"page:{number % PAGE_SLOTS}"
    return f"{place}:{encoding or 'gzip'}"


def _read(slot: str):
    try:
        return caches["pages"].get(slot)
    except Exception:
        log.warning("The page cache cannot be read; pages are rendered.", exc_info=True)
        return None


def _write(slot: str, kept) -> None:
    try:
        caches["pages"].set(slot, kept, SECONDS)
    except Exception:
        log.warning("The page cache cannot be written; pages are rendered.", exc_info=True)
