"""The site and its data set in the words of schema.org, for search engines.

A `script` of this type is data: no browser runs it, and the pages' policy lets it through without an exception.
"""

import json

from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from . import license
from .absolute_urls import absolute
from .context_processors import HTML_LANGUAGES
from .navigation import named_url

#: What would end the script or begin markup inside it.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def website(request) -> dict:
    thing = _thing("WebSite", request, "home")
    if search := named_url("search"):
        target = {"@type": "EntryPoint", "urlTemplate": absolute(request, search) + "?q={search_term_string}"}
        thing["potentialAction"] = {
            "@type": "SearchAction",
            "target": target,
            "query-input": "required name=search_term_string",
        }
    return thing


def dataset(request) -> dict:
    about = {
        "description": _("The public record of the U.S.-Mexico High-Level Economic Dialogue, in tables and files."),
        "license": license.ADDRESS,
        "isAccessibleForFree": True,
    }
    return _thing("Dataset", request, "data") | about


BUILDERS = {"website": website, "dataset": dataset}


def script(request, kind: str) -> str:
    """The element that carries it."""
    data = json.dumps(BUILDERS[kind](request), ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(data))  # noqa: S308 - escaped above


def _thing(kind: str, request, name: str) -> dict:
    return {
        "@context": "https://schema.org",
        "@type": kind,
        "name": _("U.S.-Mexico High-Level Economic Dialogue"),
        "alternateName": ["HLED", "DEAN"],
        "url": absolute(request, named_url(name)),
        "inLanguage": list(HTML_LANGUAGES.values()),
    }
