"""Tags of the portal's own pages."""

from django import template
from django.conf import settings
from django.urls import is_valid_path
from django.utils.translation import get_language_info

from hled_portal.context import HTML_LANGUAGES

register = template.Library()


def in_other_language(path: str, language: str) -> str:
    """The same page and query under `language`; its home page where the address has no language."""
    _, prefix, rest = (path.split("/", 2) + ["", ""])[:3]
    return f"/{language}/{rest}" if prefix.partition("?")[0] in dict(settings.LANGUAGES) else f"/{language}/"


@register.simple_tag(takes_context=True)
def language_links(context) -> list[dict]:
    """Each language with its own name and this page's address in it, query string included."""
    request = context["request"]
    exists = is_valid_path(request.path)
    links = []
    for code, _name in settings.LANGUAGES:
        path = in_other_language(request.get_full_path(), code)
        links.append(
            {
                "code": code,
                "html_lang": HTML_LANGUAGES[code],
                "name": get_language_info(code)["name_local"].capitalize(),
                "href": path,
                "absolute": (settings.SITE_URL or f"{request.scheme}://{request.get_host()}") + path,
                "exists": exists,
                "current": context["html_lang"] == HTML_LANGUAGES[code],
            }
        )
    return links
