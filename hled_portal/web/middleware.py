"""What is decided about a request before anything reads it."""

import ipaddress
import logging

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpResponseNotAllowed
from django.shortcuts import render

from . import error_views

#: On every answer, whatever made it. What a view sets itself stays.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")
log = logging.getLogger(__name__)


def secure_headers(get_response):
    """Put what protects readers on every answer; what a signed-in user gets is kept by no browser and no cache."""

    def middleware(request):
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if "frame-ancestors *" in response.get("Content-Security-Policy", ""):
            del response["X-Frame-Options"]
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


def client_address(get_response):
    """Behind the one trusted proxy, the client is the last address in X-Forwarded-For; else the peer."""
    warned = False

    def middleware(request):
        nonlocal warned
        if settings.TRUST_PROXY:
            address = _address(request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip())
            request.META["REMOTE_ADDR"] = address or request.META["REMOTE_ADDR"]
        elif not warned and any(name in request.META for name in FORWARDED):
            warned = True
            log.warning(
                "A request came with X-Forwarded-For or X-Forwarded-Proto, which are not believed. Behind a proxy set "
                "TRUST_PROXY=1: without it forms over HTTPS answer 403 and all readers share the limits of one address."
            )
        return get_response(request)

    return middleware


def _address(forwarded: str) -> str:
    """The IP address, which some proxies write with a port; empty for anything else."""
    for host in (forwarded, forwarded.rpartition(":")[0]):
        try:
            return str(ipaddress.ip_address(host.strip("[]")))
        except ValueError:
            continue
    return ""


def refuse_unreadable(get_response):
    """Answer 405 to TRACE, 415 to a body that is not UTF-8 and 400 to a NUL in the address.

    Django would answer 500: to the first when it compares the form's token with the cookie's,
    to the second on PostgreSQL, which cannot hold the character.
    """

    def middleware(request):
        if request.method in {"TRACE", "TRACK"}:  # They would show a script the cookies that it cannot read.
            return HttpResponseNotAllowed(["GET", "HEAD", "POST", "OPTIONS"])
        charset = request.content_params.get("charset", "utf-8")
        if charset.lower() != "utf-8":
            return error_views.answer(request, 415)
        query = request.META.get("QUERY_STRING", "")
        if "\0" in request.path_info or "\0" in query or "%00" in query:
            return error_views.answer(request, 400)
        return get_response(request)

    return middleware


def explain_bad_request(get_response):
    """Answer a BadRequest of a view with a page that gives its reason, in the reader's language."""

    def middleware(request):
        return get_response(request)

    def process_exception(request, exception):
        if not isinstance(exception, BadRequest):
            return None
        context = {"reason": str(exception)}
        return render(request, "bad_request.html", context, status=400)

    middleware.process_exception = process_exception
    return middleware
