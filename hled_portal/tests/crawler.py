"""Reading a page as a robot and as a reader do: its head, its links, and its words with their language."""

import re
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from lxml import html as parser

#: What programs read is in no language.
CODE = {"code", "pre", "samp", "kbd"}
_LINK = re.compile(r'<a\b[^>]*?\shref="([^"]+)"')
#: What a page without rows says of a day.
NOTHING_YET = ("Nothing had been published by this date.", "En esta fecha aún no se había publicado nada.")
SPOKEN = {"alt", "aria-label", "placeholder", "title", "label"}
SPOKEN_META = {"description", "og:title", "og:description", "og:image:alt", "og:site_name"}


@dataclass
class Page:
    """What a parser found: addresses as they are written, words as pairs of language and text."""

    address: str
    lang: str = ""
    title: str = ""
    headings: int = 0
    metas: dict[str, str] = field(default_factory=dict)
    canonical: str = ""
    links: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    words: set[tuple[str, str]] = field(default_factory=set)
    scripts: int = 0


def addresses(html: str) -> set[str]:
    """Every address on a page, as it is written: its `links` alone, many times as fast as `read`."""
    document = parser.document_fromstring(html)
    forms = document.xpath("//form[not(@method) or translate(@method, 'GET', 'get') = 'get']/@action")
    return {*document.xpath("//@href"), *document.xpath("//@src"), *forms} - {""}


def read(address: str, html: str) -> Page:
    page = Page(address)
    _note_tree(page, parser.document_fromstring(html), "")
    return page


def _note_tree(page: Page, element, outer: str) -> None:
    """Note an element with what is in it; `outer` is the language around it."""
    tag, found = element.tag, dict(element.attrib)
    if not isinstance(tag, str):  # A comment.
        return
    language = found.get("lang", "zxx" if tag in CODE else outer)
    if found or tag == "h1":
        _note(page, tag, found, outer)
        for name in SPOKEN & found.keys():
            _say(page, found[name], language)
    text = element.text
    if tag == "title" and not page.title:
        page.title = (text or "").strip()
    if text and tag not in {"script", "style"}:
        _say(page, text, language)
    for child in element:
        _note_tree(page, child, language)
        if child.tail:
            _say(page, child.tail, language)


def _note(page: Page, tag: str, found: dict[str, str], language: str) -> None:
    page.ids.add(found.get("id", ""))
    page.headings += tag == "h1"
    page.scripts += tag == "script" and found.get("type") != "application/ld+json"  # Data, which nothing runs.
    if tag == "html":
        page.lang = found.get("lang", "")
    elif tag == "meta":
        name = found.get("name") or found.get("property", "")
        page.metas[name] = found.get("content", "")
        if name in SPOKEN_META:
            _say(page, found["content"], language)
    elif tag == "link" and found.get("rel") == "canonical":
        page.canonical = found["href"]
    page.links |= {found[name] for name in ("href", "src") if found.get(name)}
    if tag == "form" and found.get("method", "get").lower() == "get" and found.get("action"):
        page.links.add(found["action"])


def _say(page: Page, text: str, language: str) -> None:
    if text := " ".join(text.split()):
        page.words.add((language, text))


def inside(link: str, page: str, host: str = "testserver") -> tuple[str, str] | None:
    """The address within the site that a link on a page leads to, and its fragment; None where it leads outside."""
    if link[:1] == "/" != link[1:2] and "/." not in link:  # Most of them, without their parser.
        path, _mark, fragment = link.partition("#")
        return path.removesuffix("?"), fragment
    parts = urlsplit(urljoin(f"http://{host}{page}", link))
    if parts.scheme not in {"http", "https"} or parts.netloc != host:
        return None
    return parts.path + (f"?{parts.query}" if parts.query else ""), parts.fragment


def names_in_query(address: str) -> frozenset[str]:
    return frozenset(name for name, _value in parse_qsl(urlsplit(address).query, keep_blank_values=True))


def crawl_day(client, language: str, day: str, wanted) -> dict[str, str]:
    """Every page of a day that links lead to, by path, as far as it is wanted; each has to answer."""
    start = f"/{language}/"
    pages, waiting = {}, [start]
    while waiting:
        path = waiting.pop()
        answer = client.get(path, {"as_of": day})
        assert answer.status_code == 200, (path, day)
        pages[path] = answer.content.decode()
        for link in links(path, pages[path]):
            parts = urlsplit(link)
            is_page = not parts.netloc and parts.path.startswith(start) and parts.path.endswith("/")
            is_new = parts.path not in pages and parts.path not in waiting
            if is_page and is_new and parts.query == f"as_of={day}" and wanted(parts.path):
                waiting.append(parts.path)
    return pages


def links(address: str, html: str) -> list[str]:
    """Where the links of a page lead, without places within a page; many times as fast as `read`."""
    return [urldefrag(urljoin(address, unescape(href)))[0] for href in _LINK.findall(html)]
