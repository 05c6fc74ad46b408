"""Pages whose address is a secret, and forms that anybody sends."""

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from hled_portal.web import rate_limits

READ_AND_SEND = require_http_methods(["GET", "HEAD", "POST"])


def secret_page(view):
    """A page whose address is a secret: stored nowhere, given to nobody, open without an account.

    No token against forged requests: who could forge one knows the secret. And browsers that are instructed to send no
    referrer send no origin either, without which Django would refuse the token.
    """

    @wraps(view)
    def answer(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return csrf_exempt(login_not_required(sensitive_post_parameters()(answer)))


def intake_page(view):
    """A page with a form that anybody sends: open without an account, kept nowhere, named by no search engine."""

    @wraps(view)
    def answer(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return csrf_exempt(login_not_required(sensitive_post_parameters()(answer)))


# Pace


def is_slow_enough(request, form, what: str) -> bool:
    if not rate_limits.too_often(what, request.META["REMOTE_ADDR"]):
        return True
    form.add_error(None, rate_limits.pace_error())
    return False


def paced(answer, form):
    """The answer, with Retry-After where the form says so."""
    if form.has_error(NON_FIELD_ERRORS, "pace"):
        answer.status_code = 429
        answer.headers["Retry-After"] = rate_limits.HOUR
    return answer
