"""The menu and the links at the foot of each page, by the names of their addresses.

A name whose page is not built is left out, so that the table can hold the whole map of the site.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

#: Groups of the menu: what, when, where and who, what stakeholders said, and background.
MENU = (
    (("home", _("Progress")), ("initiatives", _("Initiatives")), ("meetings", _("Meetings"))),
    (("timeline", _("Timeline")), ("calendar", _("Calendar")), ("compare", _("Compare"))),
    (("map", _("Map")), ("places", _("Places")), ("organizations", _("Organizations"))),
    (("recommendations", _("Recommendations")), ("you_said_we_did", _("Responses"))),
    (("data", _("Data")), ("about", _("About"))),
)
FOOT = (
    ("about", _("About this portal")),
    ("measures", _("How figures are calculated")),
    ("accessibility", _("Accessibility")),
    ("privacy", _("Privacy")),
    ("data", _("Data")),
    ("api_docs", _("API documentation")),
    ("follow", _("Get email updates")),
    ("letter_new", _("Send a recommendation")),
)


@dataclass(frozen=True)
class Link:
    href: str
    label: str
    current: str  # the value of aria-current: page, true (a page below it) or nothing


def menu(path: str, query: str = "") -> list[list[Link]]:
    """The groups of the menu on the page at `path`; `query` is the moment that the reader chose."""
    return [group for names in MENU if (group := _links(names, path, query))]


def foot(path: str, query: str = "") -> list[Link]:
    return _links(FOOT, path, query)


def named_url(name: str) -> str:
    """The address of a page without parts to fill in; empty where it is not built."""
    return _named_url(name, get_language(), get_urlconf(), get_script_prefix())


@lru_cache(maxsize=500)
def _named_url(name: str, *_depends_on) -> str:
    """Each page has two dozen of them."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _links(names, path: str, query: str) -> list[Link]:
    home = named_url("home")
    links = [(named_url(name), label) for name, label in names]
    return [Link(href + query, label, _current(href, path, home)) for href, label in links if href]


def _current(href: str, path: str, home: str) -> str:
    if path == href:
        return "page"
    return "true" if href != home and path.startswith(href) else ""
