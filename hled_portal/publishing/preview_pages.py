"""Proposals as the public pages that they would become, for staff and for who was given a link.

Each app registers how the page of its texts is built. A preview is kept by no browser and found by no robot.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import override

from hled_portal.dates import as_of

from .signed_text import Signed


@dataclass(frozen=True)
class PreviewPage:
    """A template and its context; `path` is the address of the public page, after the language."""

    template: str
    path: str
    context: dict


#: Kept by nobody, found by nobody, and the address is given to nobody.
PRIVATE_HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}
_builders: dict[type[Signed], Callable[[Signed], PreviewPage]] = {}


def register_preview(model: type[Signed], build: Callable[[Signed], PreviewPage]) -> None:
    """`build` gets a text and answers in the active language."""
    _builders[model] = build


def has_preview(text: Signed) -> bool:
    return type(text) in _builders and not text.number


def render_preview(request, text: Signed, language: str, **context) -> HttpResponse:
    """The page as readers would see it, marked as not public; `context` goes over that of the page."""
    with override(language):
        shown = _builders[type(text)](text)
        values = {"edition": {"title": text.caption}} | shown.context | {"page": shown.template, "text": text} | context
        html = render_to_string("initiatives/preview.html", values, _as_a_reader(request, language, shown.path))
    return HttpResponse(html, headers=PRIVATE_HEADERS)


def _as_a_reader(request, language: str, path: str):
    """The request at the public address of the page: its menu, its links and its language are those of readers."""
    public = copy.copy(request)
    public.path = public.path_info = f"/{language}/{path}"
    public.GET, public.META = QueryDict(), {**request.META, "QUERY_STRING": ""}
    as_of.from_request(public)
    return public
