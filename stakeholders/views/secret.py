"""Pages whose address is a secret."""

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

READ_AND_SEND = require_http_methods(["GET", "HEAD", "POST"])


def secret_page(view):
    """A page whose address is a secret: kept nowhere, told to nobody, open without an account.

    No token against forged requests: who could forge one knows the secret. And browsers that are told to send no
    referrer send no origin either, without which Django would refuse the token.
    """

    @wraps(view)
    def answer(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return csrf_exempt(login_not_required(answer))
