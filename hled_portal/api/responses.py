"""How the API answers: JSON for anybody's program, and problems that say what was wrong.

No session, no cookie and no form: whoever may read the pages may read the API, and nobody can write.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from hled_portal.files.download_writers import json_text

from . import parameters as asking

METHODS = "GET, HEAD, OPTIONS"
#: The record is public: a program in any browser may read it. There is no cookie that such a program could use.
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Accept, Accept-Language, If-None-Match",
    "Access-Control-Expose-Headers": "Content-Language, ETag",
    "Access-Control-Max-Age": "86400",
}


class Problem(Exception):
    """What keeps the API from answering. `detail` is lazy: it is in the reader's language.

    `errors` gives parameter → messages when it is called. `more`: further members of the answer.
    """

    def __init__(self, status: HTTPStatus, detail, errors: Callable[[], dict] = dict, **more):
        super().__init__(status)
        self.status, self.detail, self.errors, self.more = status, detail, errors, more


def invalid_parameters_problem(errors: Callable[[], dict]) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, _("Some parameters in the address are not valid."), errors)


def api_view(*parameters: asking.Parameter):
    """Make a view of the API of a function that takes the request, its parameters, and the parts of the path.

    It returns what the answer holds. `parameters`: all that the address may carry.
    """

    def decorate(view):
        @csrf_exempt  # A refused POST answers 405, not with a page about forms.
        @login_not_required  # Closed below, with 401 in place of the sign-in page.
        @wraps(view)
        def wrapper(request, **path):
            with override(asking.language_for_people(request)):
                return _opened(_answer(request, view, parameters, path))

        wrapper.parameters = parameters
        return wrapper

    return decorate


def _answer(request, view, parameters, path: dict) -> HttpResponse:
    if request.method == "OPTIONS":
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": METHODS})
    try:
        _guard(request)
        params = asking.parse_parameters(request, parameters)
        # The same bytes for all readers: the order of titles is that of the requested language, else of English.
        with override(params.language):
            content = view(request, params, **path)
        return content if isinstance(content, HttpResponse) else as_json(content)
    except asking.InvalidParameters as wrong:
        errors = wrong.errors
        return problem(invalid_parameters_problem(lambda: errors))
    except Http404:
        return problem(Problem(HTTPStatus.NOT_FOUND, _("Nothing was found at this address.")))
    except Problem as content:
        return problem(content)


def _guard(request) -> None:
    if request.method not in ("GET", "HEAD"):
        raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, _("The API is read-only."))
    if settings.PORTAL_READERS == "login" and not request.user.is_authenticated:
        raise Problem(HTTPStatus.UNAUTHORIZED, _("Sign in to use this portal."))


def _opened(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex"
    if settings.PORTAL_READERS != "login":
        for name, value in OPEN.items():
            response[name] = value
    return response


def problem(error: Problem) -> HttpResponse:
    """The problem as RFC 9457 writes it."""
    members = {"type": "about:blank", "title": error.status.phrase, "status": int(error.status)}
    members["detail"] = str(error.detail)
    if errors := error.errors():
        members["errors"] = {name: [str(message) for message in messages] for name, messages in errors.items()}
    response = as_json(members | error.more, "application/problem+json", error.status)
    if error.status == HTTPStatus.METHOD_NOT_ALLOWED:
        response["Allow"] = METHODS
    return response


def as_json(members: dict, content_type: str = "application/json", status: int = HTTPStatus.OK) -> HttpResponse:
    return HttpResponse(json_text(members), content_type=content_type, status=status)
