"""What search engines are told: the sitemap, robots.txt, and the head of each page."""

import re
from xml.etree import ElementTree

import pytest

from hled_portal import search_engines
from initiatives.editions import joint_texts

from . import factories

pytestmark = pytest.mark.django_db
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def listed(client, path="/sitemap.xml") -> dict[str, dict[str, str]]:
    """Each address of the sitemap with its languages."""
    answer = client.get(path)
    assert answer["Content-Type"] == "application/xml"
    tree = ElementTree.fromstring(answer.content)
    return {
        url.find("s:loc", NAMES).text: {link.get("hreflang"): link.get("href") for link in url.findall("x:link", NAMES)}
        for url in tree.findall("s:url", NAMES)
    }


def test_the_sitemap_lists_each_page_in_both_languages(client, settings):
    settings.SITE_URL = "https://portal.example"
    joint_texts.enter_joint_text(factories.make_source(meeting=factories.make_meeting()))
    found = listed(client)
    languages = {
        "en": "https://portal.example/en/about/privacy/",
        "es-MX": "https://portal.example/es/about/privacy/",
        "x-default": "https://portal.example/about/privacy/",
    }
    assert found["https://portal.example/en/about/privacy/"] == languages
    assert found["https://portal.example/es/about/privacy/"] == languages
    assert found["https://portal.example/en/"]["x-default"] == "https://portal.example/"
    assert "https://portal.example/es/meetings/2024-04-19/" in found
    assert not [address for address in found if "?" in address]


def test_a_sitemap_with_too_many_pages_is_an_index_of_its_parts(client, settings, monkeypatch):
    settings.SITE_URL = "https://portal.example"
    whole = set(listed(client))
    monkeypatch.setattr(search_engines, "PAGES_IN_A_SITEMAP", 7)
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    assert index.tag == f"{{{NAMES['s']}}}sitemapindex"
    addresses = [address.text for address in index.findall("s:sitemap/s:loc", NAMES)]
    assert addresses[0] == "https://portal.example/sitemap.xml?part=1"
    parts = [set(listed(client, address.removeprefix("https://portal.example"))) for address in addresses]
    assert len(parts) > 1
    assert set().union(*parts) == whole
    assert sum(map(len, parts)) == len(whole)
    for part in ("0", "x", "", str(len(parts) + 1)):
        assert client.get(f"/sitemap.xml?part={part}").status_code == 404, part


def test_the_sitemap_asks_once_for_each_kind_of_public_texts(client, django_assert_num_queries):
    with django_assert_num_queries(3):
        client.get("/sitemap.xml")


def test_an_address_without_language_leads_to_the_readers_own(client):
    answer = client.get("/about/privacy/", headers={"Accept-Language": "es-MX"})
    assert (answer.status_code, answer["Location"]) == (302, "/es/about/privacy/")


def test_robots_may_read_all_but_the_desk(client, settings):
    settings.SITE_URL = "https://portal.example"
    text = client.get("/robots.txt").content.decode()
    assert text.splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Allow: /",
        "",
        "Sitemap: https://portal.example/sitemap.xml",
    ]


def test_an_internal_portal_closes_all(client, settings):
    settings.PORTAL_READERS = "login"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    assert client.get("/robots.txt").content.decode() == "User-agent: *\nDisallow: /\n"
    assert client.get("/sitemap.xml").status_code == 302


def head(client, path: str) -> dict[str, str]:
    html = client.get(path).content.decode().partition("</head>")[0]
    found = dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', html))
    found |= {f"link {rel}": href for rel, href in re.findall(r'<link rel="(canonical)" href="([^"]+)"', html)}
    return found | {f"to {lang}": href for lang, href in re.findall(r'hreflang="([^"]+)" href="([^"]+)"', html)}


def test_the_head_of_a_page_names_it_without_noise(client, settings):
    settings.SITE_URL = "https://portal.example"
    found = head(client, "/es/initiatives/?as_of=2024-04-19&page=2")
    assert found["link canonical"] == found["og:url"] == "https://portal.example/es/initiatives/"
    assert found["to en"] == "https://portal.example/en/initiatives/"
    assert found["to es-MX"] == "https://portal.example/es/initiatives/"
    assert found["to x-default"] == "https://portal.example/initiatives/"
    assert found["robots"] == "noindex"
    assert found["og:locale"] == "es_MX"
    assert found["og:title"] == "Iniciativas"
    assert found["og:image"] == "https://portal.example/static/card-es.png"
    assert found["description"] == found["og:description"]
    assert "robots" not in head(client, "/es/initiatives/")


def test_a_title_with_marks_is_escaped_once(client):
    meeting = factories.make_meeting(name_en='Review & “more” <of> "it"', name_es="Revisión")
    joint_texts.enter_joint_text(factories.make_source(meeting=meeting))
    html = client.get("/en/meetings/2024-04-19/").content.decode()
    assert "<title>Review &amp; “more” &lt;of&gt; &quot;it&quot; | " in html


def test_a_missing_page_has_no_canonical_address(client):
    assert "link canonical" not in head(client, "/es/no-such-page/")
