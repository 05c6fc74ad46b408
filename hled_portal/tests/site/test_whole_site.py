"""The whole site over the review of April 2024, as a robot finds it: no broken link, and no page in two languages."""

import json
import re
from collections import Counter, deque
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client, override_settings
from django.urls import Resolver404, resolve

from hled_portal.i18n import catalogues
from hled_portal.tests import crawler
from hled_portal.tests.review import loaded_review
from hled_portal.web.context_processors import HTML_LANGUAGES
from initiatives.models import Edition

MIDDLEWARE = [*settings.MIDDLEWARE, "hled_portal.web.http_cache.answer_conditionally"]
#: Addresses without a language.
ONCE = ["/api/v1/", "/api/v1/schema/", "/api/v1/docs/", "/sitemap.xml", "/robots.txt", "/health/live", "/health/ready"]


# The crawl

#: Addresses with the same page and the same names in their query are variants: one is followed, and where there are two
#: names or more one of both languages. So are files of one format with the same names in their query; without a query
#: each file is.
VARIANTS = 1
NO_PAGES = re.compile(r"^/(static|admin|media)/")


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """Every page that a link leads to. The review is loaded in a transaction that is rolled back."""
    with django_db_blocker.unblock(), loaded_review(), override_settings(MIDDLEWARE=MIDDLEWARE):
        yield crawl(["/en/", "/es/", *ONCE])


pytestmark = [pytest.mark.usefixtures("site"), pytest.mark.django_db]


def crawl(starts: list[str]) -> SimpleNamespace:
    client = Client(raise_request_exception=False)
    found = SimpleNamespace(pages={}, faults=[], anchors=set(), seen=Counter(), asked_again=set())
    waiting = deque((start, "") for start in starts)
    queued = set(starts)
    while waiting:
        address, origin = waiting.popleft()
        for target, fragment in visit(client, address, origin, found):
            if fragment:
                found.anchors.add((address, target, fragment))
            if target not in queued and is_wanted(target, found.seen):
                queued.add(target)
                waiting.append((target, address))
    return found


def visit(client, address: str, origin: str, found: SimpleNamespace) -> list[tuple[str, str]]:
    """Fetch an address and note what is wrong with it; returns where it leads."""
    if NO_PAGES.match(address):
        found.faults += broken_file(address, origin)
        return []
    answer = client.get(address)
    if answer.status_code in {301, 302}:
        return [crawler.inside(answer["Location"], address)]
    if answer.status_code != 200:
        found.faults.append(f"{address}: {answer.status_code}, linked from {origin}")
        return []
    if not answer["Content-Type"].startswith("text/html"):
        answer.getvalue()  # A download streams: it is made while it is read, and closed at its end.
        return []
    page = found.pages[address] = crawler.read(address, answer.content.decode())
    found.faults += not_the_same(client, address, answer, found.asked_again)
    inside = [crawler.inside(link, address) for link in page.links]
    return [target for target in inside if target]


def not_the_same(client, address: str, answer, asked: set[str]) -> list[str]:
    """The fault of a page that is not told to be the same when it is asked for again; one of each kind is."""
    name = f"{address[:4]}{answer.resolver_match.view_name}"
    if "ETag" not in answer or name in asked:
        return []
    asked.add(name)
    again = client.get(address, headers={"If-None-Match": answer["ETag"]})
    return [] if again.status_code == 304 else [f"{address}: {again.status_code} when asked for again"]


def broken_file(address: str, origin: str) -> list[str]:
    if not address.startswith("/static/") or finders.find(address.removeprefix("/static/")):
        return []
    return [f"{address}: no such file, linked from {origin}"]


def is_wanted(address: str, seen: Counter) -> bool:
    path, question, _query = address.partition("?")
    form = path.rpartition("/")[2]
    if not (question or form):
        return True
    try:
        name = resolve(path).view_name
    except Resolver404:
        name = path
    names = crawler.names_in_query(address)
    language = path[:4] if len(names) < 2 else ""
    variant = (name, form.rpartition(".")[2] if names and "." in form else form, language, names)
    seen[variant] += 1
    return seen[variant] <= VARIANTS


# Links and heads


def test_no_link_is_broken(site):
    assert not site.faults, "\n".join(site.faults)
    assert len(site.pages) > 150


def test_each_anchor_exists(site):
    missing = [
        f"{page} -> {target}#{fragment}"
        for page, target, fragment in sorted(site.anchors)
        if target in site.pages and fragment not in site.pages[target].ids
    ]
    assert not missing, "\n".join(missing)


def test_each_page_has_its_head(site):
    wrong = []
    for address, page in site.pages.items():
        language = HTML_LANGUAGES[address[1:3]]
        path = address.partition("?")[0]
        told = {
            "language": page.lang == language,
            "one h1": page.headings == 1,
            "title": len(page.title) > 20,
            "description": 25 <= len(page.metas.get("description", "")) <= 1000,
            "canonical": page.canonical == f"http://testserver{path}",
            "robots": ("noindex" in page.metas.get("robots", "")) >= ("as_of=" in address),
            "no script": page.scripts == ("/recommendations/new/" in address),  # It keeps what is typed.
        }
        wrong += [f"{address}: {name}" for name, holds in told.items() if not holds]
    assert not wrong, "\n".join(wrong)


def test_pages_of_one_kind_have_different_titles(site):
    """An initiative may be named as the place where it is."""
    titles = Counter((address.split("/")[2], page.title) for address, page in site.pages.items() if "?" not in address)
    twice = [title for (_kind, title), count in titles.items() if count > 1]
    assert not twice, "\n".join(twice)


def test_the_sitemap_lists_what_may_be_indexed_alone(site, client):
    """Every page of it was found by its links too, and keeps itself out of no index."""
    listed = re.findall(r"<loc>http://testserver(.*?)</loc>", client.get("/sitemap.xml").content.decode())
    assert len(listed) > 250
    assert [address for address in listed if address not in site.pages] == []
    assert [address for address in listed if "robots" in site.pages[address].metas] == []


def test_each_page_is_in_both_languages(site):
    plain = {address for address in site.pages if "?" not in address}
    english = {address[4:] for address in plain if address.startswith("/en/")}
    spanish = {address[4:] for address in plain if address.startswith("/es/")}
    assert english ^ spanish == set()


# Languages

#: Words that only one of the languages has. A proper name may hold them: those of the record are taken out first.
ONLY_ENGLISH = re.compile(r"\b(the|and|of|with|which|this|from|by|for|was|were|has|have|is|are)\b", re.IGNORECASE)
ONLY_SPANISH = re.compile(r"\b(el|los|las|del|para|con|una|que|por|este|esta|fue|son|según|como)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]|%%")


def other_texts(language: str) -> set[str]:
    """Every text of the catalogue and of the record in the other language that has another wording in this one.

    A name that is used in this language too is none: the record has it as an alias.
    """
    found, aliases = set(), set()
    for message in catalogues.load():
        if message.id:
            found |= _told_apart(message, language)
    for content in Edition.objects.values_list("content", flat=True):
        data = json.loads(content)
        found |= _of_record(data, language)
        aliases |= {alias["text"] for alias in data.get("aliases", ()) if alias["language"] == language}
    return found - aliases


def _told_apart(message, language: str) -> set[str]:
    ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    theirs, ours = (ids, strings) if language == "es" else (strings, ids)
    return {text for text in theirs if text and text not in ours}


def _of_record(data, language: str) -> set[str]:
    """Texts of the other language among the pairs of a content, at any depth."""
    if isinstance(data, list):
        return set().union(*(_of_record(item, language) for item in data), set())
    if not isinstance(data, dict):
        return set()
    other = "en" if language == "es" else "es"
    found = set().union(*(_of_record(value, language) for value in data.values()), set())
    for name, value in data.items():
        if name.endswith(f"_{other}") and isinstance(value, str) and value:
            mine = data.get(name.removesuffix(other) + language)
            found |= {value} if mine and mine != value and value not in mine else set()
    return found


def spoken(site, language: str) -> dict[str, str]:
    """Every text that the pages of a language give in that language, each with the first page that gives it."""
    found = {}
    for address, page in site.pages.items():
        if address.startswith(f"/{language}/"):
            for lang, text in page.words:
                if lang == HTML_LANGUAGES[language]:
                    found.setdefault(text, address)
    return found


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_text_of_the_other_language_stands_on_a_page(site, language):
    texts = spoken(site, language)
    whole = "\n".join(texts)
    wrong = []
    for text in sorted(other_texts(language)):
        parts = [part.strip(" .:;,()") for part in PLACEHOLDER.split(text)]
        longest = max(parts, key=len)
        if len(parts) == 1 and text in texts:
            wrong.append(f"{texts[text]}: {text}")
        elif longest.count(" ") >= 2 and len(longest) >= 16 and longest in whole:
            found = next((where for said, where in texts.items() if longest in said), "?")
            wrong.append(f"{found}: {longest}")
    assert not wrong, "\n".join(wrong)


def proper_names() -> set[str]:
    """Texts of the record that are the same in both languages, or stand in the words of the other one."""
    found = set()
    for content in Edition.objects.values_list("content", flat=True):
        found |= _names(json.loads(content))
    return {name for name in found if " " in name}


def _names(data) -> set[str]:
    if isinstance(data, list):
        return set().union(*(map(_names, data)), set())
    if not isinstance(data, dict):
        return set()
    found = set().union(*(map(_names, data.values())), set())
    for name, value in data.items():
        mine = data.get(name.removesuffix("en") + "es") if name.endswith("_en") else None
        found |= {text for text in (value, mine) if mine and value and (value in mine or mine in value)}
        if name in {"name", "title", "alias", "text"} and isinstance(value, str):
            found.add(value)
    return found


@pytest.mark.parametrize(("language", "others"), [("en", ONLY_SPANISH), ("es", ONLY_ENGLISH)])
def test_what_stands_in_another_language_is_marked(site, language, others):
    """Two and more words of the other language in a text that is not marked as such."""
    names = sorted(proper_names(), key=len, reverse=True)
    wrong = []
    for text, where in spoken(site, language).items():
        if len(others.findall(text)) >= 2:
            for name in names:
                text = text.replace(name, "")
            if len(others.findall(text)) >= 2:
                wrong.append(f"{where}: {text}")
    assert not wrong, "\n".join(wrong)
