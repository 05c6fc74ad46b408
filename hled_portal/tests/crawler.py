"""Reading a page as a robot and as a reader do: its head, its links, and its words with their language."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
#: What programs read is in no language.
CODE = {"code", "pre", "samp", "kbd"}
_LINK = re.compile(r'<a\b[^>]*?\shref="([^"]+)"')
SPOKEN = ("alt", "aria-label", "placeholder", "title", "label")
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


class Reader(HTMLParser):
    def __init__(self, address: str):
        super().__init__()
        self.page = Page(address)
        self.open: list[tuple[str, str]] = []  # tags with the language inside them

    @property
    def language(self) -> str:
        return self.open[-1][1] if self.open else ""

    def handle_starttag(self, tag, attributes):
        found = {name: value or "" for name, value in attributes}
        language = found.get("lang", "zxx" if tag in CODE else self.language)
        if tag not in VOID:
            self.open.append((tag, language))
        self._note(tag, found)
        for name in SPOKEN:
            self._say(found.get(name, ""), language)

    handle_startendtag = handle_starttag

    def _note(self, tag: str, found: dict[str, str]) -> None:
        page = self.page
        page.ids.add(found.get("id", ""))
        page.headings += tag == "h1"
        page.scripts += tag == "script" and found.get("type") != "application/ld+json"  # Data, which nothing runs.
        if tag == "html":
            page.lang = found.get("lang", "")
        elif tag == "meta":
            name = found.get("name") or found.get("property", "")
            page.metas[name] = found.get("content", "")
            if name in SPOKEN_META:
                self._say(found["content"], self.language)
        elif tag == "link" and found.get("rel") == "canonical":
            page.canonical = found["href"]
        page.links |= {found[name] for name in ("href", "src") if found.get(name)}
        if tag == "form" and found.get("method", "get").lower() == "get" and found.get("action"):
            page.links.add(found["action"])

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tag = self.open[-1][0] if self.open else ""
        if tag == "title" and not self.page.title:
            self.page.title = data.strip()
        if tag not in {"script", "style"}:
            self._say(data, self.language)

    def _say(self, text: str, language: str) -> None:
        if text := " ".join(text.split()):
            self.page.words.add((language, text))


def read(address: str, html: str) -> Page:
    reader = Reader(address)
    reader.feed(html)
    reader.close()
    return reader.page


def inside(link: str, page: str, host: str = "testserver") -> tuple[str, str] | None:
    """The address within the site that a link on a page leads to, and its fragment; None where it leads outside."""
    parts = urlsplit(urljoin(f"http://{host}{page}", link))
    if parts.scheme not in {"http", "https"} or parts.netloc != host:
        return None
    return parts.path + (f"?{parts.query}" if parts.query else ""), parts.fragment


def names_in_query(address: str) -> frozenset[str]:
    return frozenset(name for name, _value in parse_qsl(urlsplit(address).query, keep_blank_values=True))


def links(address: str, html: str) -> list[str]:
    """Where the links of a page lead, without places within a page; many times as fast as `read`."""
    return [urldefrag(urljoin(address, unescape(href)))[0] for href in _LINK.findall(html)]
