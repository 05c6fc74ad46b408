"""The page of the search."""

import datetime
import re

import pytest

from hled_portal.publishing.releasing import withdraw
from initiatives.editions import joint_texts
from initiatives.models import Citation, Edition

from .factories import make_cast, make_fact, make_initiative, make_meeting, make_source

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = datetime.date(2024, 4, 19)
QUERIES = 9


@pytest.fixture
def source():
    return make_source(meeting=make_meeting())


def enter(source, *initiatives):
    for initiative in initiatives:
        Citation.objects.get_or_create(initiative=initiative, source=source, order=1, locator="item 1")
    joint_texts.enter_joint_text(source)


def make_bridges(count):
    made = []
    for n in range(count):
        one = make_initiative(f"bridge-{n:02}", title_en=f"Bridge {n:02}", title_es=f"Puente {n:02}")
        make_fact(one, object_en=f"bridge {n:02}", object_es=f"puente {n:02}")
        made.append(one)
    return made


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", answer.content.decode()))


def results(answer) -> list[str]:
    """Addresses of the results on the page."""
    return re.findall(r'portal-item__title[^>]*><a [^>]*href="([^"]*)"', answer.content.decode())


# What it shows


def test_results_are_marked_linked_and_told_by_kind(client, source):
    one = make_initiative(title_en="Bridges & more", title_es="Puentes y más")
    make_fact(one, "works", object_en="works at the <b>bridge</b>", object_es="obras en el puente")
    enter(source, one)
    answer = client.get("/en/search/?q=bridge")
    html = answer.content.decode()
    assert results(answer) == ["/en/initiatives/otay-mesa-ii/", "/en/initiatives/otay-mesa-ii/#works"]
    assert "<mark>Bridges</mark> &amp; more" in html
    assert "&lt;b&gt;<mark>bridge</mark>&lt;/b&gt;" in html
    words = text(answer)
    assert "2 results for “bridge”. The most recent information is from April 19, 2024." in words
    assert "Initiative In progress, as of April 19, 2024" in words
    assert "Item Milestone: Bridges &amp; more" in words
    assert "Based on the joint document of April 19, 2024; not approved by either government." in words
    assert 'value="bridge"' in html
    assert '<meta name="robots" content="noindex">' in html
    assert 'href="/en/initiatives/?q=bridge"' in html


@pytest.mark.only_on("sqlite")
def test_the_page_speaks_spanish(client, source):
    enter(source, *make_bridges(1))
    answer = client.get("/es/search/?q=puentes")
    assert results(answer) == ["/es/initiatives/bridge-00/", "/es/initiatives/bridge-00/#works"]
    assert "2 resultados para “puentes”." in text(answer)
    assert 'lang="es-MX"' not in answer.content.decode().partition("<main")[2].partition("</main>")[0]


def test_a_word_of_the_other_language_is_found_with_its_language(client, source):
    enter(source, *make_bridges(1))
    answer = client.get("/es/search/?q=bridge")
    assert results(answer) == ["/es/initiatives/bridge-00/", "/es/initiatives/bridge-00/#works"]
    assert '<p><span lang="en"><mark>Bridge</mark> 00</span></p>' in answer.content.decode()
    assert (
        '<p><span lang="es-MX"><mark>Puente</mark> 00</span></p>' in client.get("/en/search/?q=puente").content.decode()
    )


def test_one_kind_can_be_looked_at(client, source):
    enter(source, *make_bridges(2))
    answer = client.get("/en/search/?q=bridge&kind=fact&as_of=2024-04-19")
    assert results(answer) == [f"/en/initiatives/bridge-0{n}/?as_of=2024-04-19#works" for n in (0, 1)]
    assert "All 4" in text(answer)
    assert "Initiatives 2" in text(answer)
    assert 'href="?q=bridge&amp;kind=initiative&amp;as_of=2024-04-19"' in answer.content.decode()
    assert 'href="?q=bridge&amp;as_of=2024-04-19"' in answer.content.decode()


def test_results_are_paged(client, source):
    enter(source, *make_bridges(30))
    first = client.get("/en/search/?q=bridge")
    assert "60 results for “bridge”. Page 1 of 3." in text(first)
    third = client.get("/en/search/?q=bridge&page=3")
    pages = [first, client.get("/en/search/?q=bridge&page=2"), third]
    every = [address for answer in pages for address in results(answer)]
    assert len(every) == len(set(every)) == 60
    assert '<ol class="portal-list" start="41">' in third.content.decode()
    assert results(client.get("/en/search/?q=bridge&page=x")) == results(first)
    assert results(client.get("/en/search/?q=bridge&page=99")) == results(third)


@pytest.mark.parametrize("count", [1, 30])
def test_a_search_takes_the_same_queries_for_one_and_for_many(client, source, django_assert_num_queries, count):
    enter(source, *make_bridges(count))
    with django_assert_num_queries(QUERIES):
        assert results(client.get("/en/search/?q=bridge"))


# Moments


def test_the_search_is_of_the_day(client, source):
    enter(source, *make_bridges(1))
    assert len(results(client.get("/en/search/?q=bridge&as_of=2024-04-19"))) == 2
    before = client.get("/en/search/?q=bridge&as_of=2024-04-18")
    assert results(before) == []
    assert "0 results for “bridge”." in text(before)
    assert "Nothing had been published by this date." in text(before)
    assert "This page shows the record at the end of April 18, 2024." in text(before)
    assert '<input type="hidden" name="as_of" value="2024-04-18">' in before.content.decode()


@pytest.mark.parametrize(
    "path", ["?q=x&as_of=2024-02-30", "?as_of=2999-01-01", "?q=x&publication=9", "?q=x&kind=letter"]
)
@pytest.mark.only_on("sqlite")
def test_what_is_no_day_no_publication_and_no_kind_answers_400(client, path):
    answer = client.get(f"/en/search/{path}")
    assert answer.status_code == 400
    assert "The request could not be processed" in text(answer)


def test_withdrawn_texts_leave_a_marker_and_no_word(client, source):
    enter(source, *make_bridges(2))
    withdraw(Edition.objects.get(subject_key="bridge-00"), make_cast().luis, "error")
    for query in ("q=bridge", "q=bridge&as_of=2024-04-19", "q=00"):
        answer = client.get(f"/en/search/?{query}")
        assert not any("bridge-00" in address for address in results(answer))
        assert "Bridge 00" not in text(answer)
        assert "it contains an error" in text(answer)


# What people type


@pytest.mark.only_on("sqlite")
def test_an_empty_search_says_what_can_be_looked_for(client):
    for path in ("/en/search/", "/en/search/?q=", "/en/search/?q=%20"):
        answer = client.get(path)
        assert "Search for a crossing, an organization or its acronym, a topic or any other word." in text(answer)
    assert "Busque un cruce" in text(client.get("/es/search/"))


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("q", ["???", '""', "-", "¿?", "…"])
def test_what_has_no_word_is_explained(client, q):
    answer = client.get("/en/search/", {"q": q})
    assert answer.status_code == 200
    assert "cannot be searched." in text(answer)


@pytest.mark.only_on("sqlite")
def test_nothing_found_helps(client, source):
    enter(source, *make_bridges(1))
    answer = client.get("/en/search/?q=bridge zeppelin&as_of=2024-05-01")
    assert "0 results for “bridge zeppelin”." in text(answer)
    assert "No results for: zeppelin." in text(answer)
    assert 'href="/en/initiatives/?as_of=2024-05-01"' in answer.content.decode()
    assert 'href="?q=bridge+zeppelin"' in answer.content.decode()


HOSTILE = [
    "NEAR(bridge",
    '"',
    '"bridge',
    "bridge*",
    "-bridge",
    "bridge AND OR NOT",
    "folded:bridge",
    "bridge & !x | (y <-> :*",
    "'; DROP TABLE initiatives_searchrow; --",
    "%s%d{0}{{ x }}{% load %}",
    "<script>alert(1)</script>",
    "\u202eegdirb",
    "中国 мост جسر",
    "a" * 10_000,
    "bridge " * 1500,
    '"' * 10_000,
    "\\",
]


def test_no_text_breaks_the_page(client, source):
    enter(source, *make_bridges(1))
    for q in HOSTILE:
        for path in ("/es/search/", "/en/initiatives/"):
            answer = client.get(path, {"q": q})
            assert answer.status_code == 200, q
            assert "<script>alert" not in answer.content.decode()


def test_nul_is_refused_as_everywhere(client):
    assert client.get("/en/search/?q=%00bridge").status_code == 400


def test_a_long_text_says_that_its_beginning_counts(client, source):
    enter(source, *make_bridges(1))
    answer = client.get("/en/search/", {"q": "bridge " * 200})
    assert "The search was too long; only the first words were used." in text(answer)
    assert len(results(answer)) == 2


@pytest.mark.only_on("sqlite")
def test_every_page_has_the_search_and_keeps_the_day(client, source):
    enter(source, *make_bridges(1))
    html = client.get("/en/initiatives/?as_of=2024-05-01").content.decode().partition("<main")[0]
    assert 'action="/en/search/"' in html
    assert '<input type="hidden" name="as_of" value="2024-05-01">' in html


# The filter of the list


def test_the_list_is_filtered_by_words(client, source):
    enter(source, *make_bridges(2))
    answer = client.get("/en/initiatives/?q=bridge 01")
    assert re.findall(r'<h[23]><a href="/en/initiatives/(bridge-\d\d)', answer.content.decode()) == ["bridge-01"]
    assert "Enter at least one word to search for." in text(client.get("/en/initiatives/?q=???"))
