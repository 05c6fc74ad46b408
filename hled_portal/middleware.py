"""What is decided about a request before anything reads it."""

from django.conf import settings
from django.core.exceptions import BadRequest
from django.shortcuts import render

from . import failures


def client_address(get_response):
    """Behind the one trusted proxy, the client is the last address in X-Forwarded-For; else the peer."""

    def middleware(request):
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        if settings.TRUST_PROXY and forwarded:
            request.META["REMOTE_ADDR"] = forwarded
        return get_response(request)

    return middleware


def refuse_unreadable(get_response):
    """Answer 415 to a body that is not UTF-8 and 400 to a NUL in the address.

    Django would answer 500: to the first when it compares the form's token with the cookie's,
    to the second on PostgreSQL, which cannot hold the character.
    """

    def middleware(request):
        charset = request.content_params.get("charset", "utf-8")
        if charset.lower() != "utf-8":
            return failures.answer(request, 415)
        query = request.META.get("QUERY_STRING", "")
        if "\0" in request.path_info or "\0" in query or "%00" in query:
            return failures.answer(request, 400)
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
