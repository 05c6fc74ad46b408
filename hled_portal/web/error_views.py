"""Pages for what went wrong before or outside a page: they need no database, no session and no readable host.

They speak the language of the address; where the address names none, both.
"""

import errno
import re
import sys
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.translation import get_language_from_path
from django.utils.translation import gettext_lazy as _

from .context_processors import HTML_LANGUAGES

FORM = "application/x-www-form-urlencoded"
TEXTS = {
    400: (_("The request could not be processed"), _("The portal could not read this request. Go back and try again.")),
    413: (
        _("Form too large. Nothing was saved"),
        _(
            "This form is larger than the portal accepts. Nothing was saved, but your text is not "
            "lost: go back in your browser, where the form is as you left it, and save it in parts. "
            "The text you sent is also shown below so you can copy it."
        ),
    ),
    415: (
        _("This form could not be read"),
        _("This form was not sent in UTF-8, the only encoding the portal accepts."),
    ),
    503: (
        _("The portal is not available at this moment"),
        _(
            "Nothing was saved. Try again in a minute. If you sent a form, the text you typed is shown below so you "
            "can copy it, and your browser still has the form if you go back."
        ),
    ),
    500: (_("Something went wrong"), _("The portal could not respond. Try again in a few minutes.")),
}


#: How much of a form that is too large is read, to be given back to its sender, in bytes.
MAX_RETURNED_BYTES = 10 * 1024 * 1024
#: What no person typed.
_UNTYPED = (
    "csrfmiddlewaretoken",
    "seen",
    "version_token",
    "version",
    "read",
    "TOTAL_FORMS",
    "INITIAL_FORMS",
    "MIN_NUM_FORMS",
    "MAX_NUM_FORMS",
    "once",
    "shown",
    "draft",
    "next",
)
SECRETS = re.compile("password|code|token|_user", re.IGNORECASE)
#: Seconds after which a browser may try again.
RETRY_SECONDS = 15
SQLITE_OUTAGES = ("locked", "disk", "readonly", "unable to open", "full", "malformed")
DISK_OUTAGES = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}


def bad_request(request, exception=None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return answer(request, 413, typed=_typed(request))
    return answer(request, 400)


def _typed(request) -> str:
    """What stood in the form, a line for each field; nothing to another site, which could put its words here.

    The body is read to its end, as far as it is given back, for a browser that still sends shows no answer.
    """
    body = getattr(request, "_body", None) or request.read(MAX_RETURNED_BYTES)
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin" or request.content_type != FORM:
        return ""
    pairs = parse_qsl(body.decode("utf-8", "replace"))
    return _as_lines(pairs)


def _as_lines(pairs) -> str:
    return "\n".join(f"{name}: {value}" for name, value in pairs if value and name.rpartition("-")[2] not in _UNTYPED)


def server_error(request) -> HttpResponse:
    """500, or 503 where it is the database, the disk or the media folder that does not work: that passes by itself."""
    if not is_outage(sys.exc_info()[1]):
        return answer(request, 500)
    response = answer(request, 503, typed=_typed_in_form(request))
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def is_outage(error: BaseException | None) -> bool:
    if isinstance(error, OperationalError):
        # On SQLite, a mistake of ours in a statement is an OperationalError too.
        return connection.vendor != "sqlite" or any(words in str(error) for words in SQLITE_OUTAGES)
    return isinstance(error, InterfaceError) or (isinstance(error, OSError) and error.errno in DISK_OUTAGES)


def _typed_in_form(request) -> str:
    """What was typed into the form that could not be saved, as far as it was read; no password or code."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return ""
    try:
        pairs = [(name, value) for name, values in request.POST.lists() for value in values]
    except (OSError, MultiPartParserError):
        return ""
    return _as_lines((name, value) for name, value in pairs if not SECRETS.search(name))


def answer(request, status: int, typed: str = "") -> HttpResponse:
    """A page without the site navigation; `typed` is the content of a form to return."""
    parts = _parts(request.path_info, status)
    reference = getattr(request, "request_id", "")
    context = {"parts": parts, "style_sheet": _style_sheet(), "typed": typed, "reference": reference}
    html = render_to_string("alone.html", context)
    return HttpResponse(html, status=status, headers={"Cache-Control": "no-store"})


def _parts(path: str, status: int) -> list[dict]:
    """What is said, once for each language that the reader may have."""
    title, text = TEXTS[status]
    known = None if status == 503 else get_language_from_path(path)
    parts = []
    for code in [known] if known else dict(settings.LANGUAGES):
        with translation.override(code):
            texts = {"title": title, "text": text, "home": _("Home page"), "reference": _("Reference of this error:")}
            parts.append(
                {"code": code, "lang": HTML_LANGUAGES[code]} | {name: str(each) for name, each in texts.items()}
            )
    return parts


def _style_sheet() -> str:
    """Its address; nothing where the assets are what is broken."""
    try:
        return static("portal.css")
    except ValueError:
        return ""
