"""Pages for what went wrong before or outside a page: they need no database, no session and no readable host.

They speak the language of the address; where the address names none, both.
"""

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.translation import get_language_from_path
from django.utils.translation import gettext_lazy as _

from .context import HTML_LANGUAGES

TEXTS = {
    400: (_("Request not understood"), _("The portal could not read this request. Please go back and try again.")),
    415: (
        _("Form not readable"),
        _("This form was not sent as UTF-8, the only encoding that the portal reads."),
    ),
    500: (_("Something went wrong"), _("The portal could not answer. Please try again in a few minutes.")),
}


def bad_request(request, exception=None) -> HttpResponse:
    return answer(request, 400)


def server_error(request) -> HttpResponse:
    return answer(request, 500)


def answer(request, status: int) -> HttpResponse:
    """A page that stands alone."""
    html = render_to_string("alone.html", {"parts": _parts(request.path_info, status), "style_sheet": _style_sheet()})
    return HttpResponse(html, status=status, headers={"Cache-Control": "no-store"})


def _parts(path: str, status: int) -> list[dict]:
    """What is said, once for each language that the reader may have."""
    title, text = TEXTS[status]
    known = get_language_from_path(path)
    parts = []
    for code in [known] if known else dict(settings.LANGUAGES):
        with translation.override(code):
            home = str(_("Home page"))
            parts.append(
                {"code": code, "lang": HTML_LANGUAGES[code], "title": str(title), "text": str(text), "home": home}
            )
    return parts


def _style_sheet() -> str:
    """Its address; nothing where the assets are what is broken."""
    try:
        return static("portal.css")
    except ValueError:
        return ""
