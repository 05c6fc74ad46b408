"""What search engines read: which addresses there are, in which languages, and what to leave alone.

Addresses with a day of the past are not listed. They are kept out of the indexes by `noindex` on the page itself,
so robots.txt must not forbid them: what a robot may not read it cannot leave out.
"""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from hled_portal.web.absolute_urls import absolute, in_any_language
from hled_portal.web.context_processors import HTML_LANGUAGES
from hled_portal.web.navigation import FOOT, MENU
from initiatives.models import Edition
from stakeholders.models import ConsultationEdition
from stakeholders.public import published

#: The page of each kind of subject; a pillar's address has its cycle and its number.
PAGES = {
    "initiative": "initiative",
    "meeting": "meeting",
    "organization": "organization",
    "place": "place",
    "pillar": "pillar",
}
#: Pages that keep themselves out of the indexes: each choice of days is another page, and a form is none to find.
NOT_LISTED = {"compare", "follow", "letter_new"}


#: Pages in one sitemap, each in both languages. The format allows 50,000 addresses.
PAGES_IN_A_SITEMAP = 2000


@require_safe
def sitemap(request):
    """Every undated public page, each with its languages; an index of sitemaps where there are too many for one."""
    named = list(_pages())
    parts = -(-len(named) // PAGES_IN_A_SITEMAP)
    part = request.GET.get("part")
    if part is None and parts > 1:
        addresses = [absolute(request, f"/sitemap.xml?part={number}") for number in range(1, parts + 1)]
        return render(request, "sitemap_index.xml", {"addresses": addresses}, content_type="application/xml")
    if part is not None and part not in map(str, range(1, parts + 1)):
        raise Http404
    start = (int(part or 1) - 1) * PAGES_IN_A_SITEMAP
    pages = [_languages(request, name, arguments) for name, arguments in named[start : start + PAGES_IN_A_SITEMAP]]
    context = {"pages": [page for page in pages if page]}
    return render(request, "sitemap.xml", context, content_type="application/xml")


@login_not_required
@require_safe
def robots(request):
    lines = ["User-agent: *"]
    if settings.PORTAL_READERS == "login":
        lines += ["Disallow: /"]
    else:
        # A desk that was moved is not given away here.
        lines += ["Disallow: /admin/", "Allow: /", "", f"Sitemap: {absolute(request, '/sitemap.xml')}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _pages():
    """Yield the name and the arguments of each address. Three queries."""
    now = as_of.now()
    names = [name for group in MENU for name, _label in group] + [name for name, _label in FOOT]
    yield from (
        (name, ()) for name in dict.fromkeys([*names, "items", "recommendation_list"]) if name not in NOT_LISTED
    )
    public = Edition.objects.public(now).filter(subject_kind__in=PAGES)
    subjects = public.order_by("subject_kind", "subject_key").values_list("subject_kind", "subject_key")
    for kind, key in subjects:
        cycle, _dash, number = key.rpartition("-")
        yield PAGES[kind], (cycle, number) if kind == "pillar" else (key,)
    yield from (
        ("recommendation", (key,))
        for key in published.public_recommendations(now).order_by("key").values_list("key", flat=True)
    )
    calls = ConsultationEdition.objects.public(now).order_by("consultation_key")
    yield from (("consultation", (key,)) for key in calls.values_list("consultation_key", flat=True))


def _languages(request, name: str, arguments: tuple) -> list[dict]:
    """The address in each language and without one; nothing where the page is not built."""
    links = []
    for code, _label in settings.LANGUAGES:
        with translation.override(code):
            try:
                path = reverse(name, args=arguments)
            except NoReverseMatch:
                return []
        links.append({"html_lang": HTML_LANGUAGES[code], "path": path, "absolute": absolute(request, path)})
    default = absolute(request, in_any_language(links[0]["path"]))
    return [*links, {"html_lang": "x-default", "absolute": default}] if links[0]["path"] != links[-1]["path"] else links
