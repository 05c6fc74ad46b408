"""Public pages of initiatives and pillars."""

import datetime
import re

import pytest
from django.utils.html import escape

from hled_portal.publishing import releasing
from hled_portal.tests.factories import (
    make_cast,
    make_fact,
    make_figure,
    make_initiative,
    make_meeting,
    make_organization,
    make_pillar,
    make_place,
    make_source,
    make_topic,
)
from hled_portal.tests.pages import fetched_rows
from initiatives.editions import joint_texts
from initiatives.models import Citation, DateChange, Edition, Heading, Link, Participation, Reading, Workstream

pytestmark = pytest.mark.django_db
DAY = datetime.date(2024, 4, 19)
HOME_QUERIES, LIST_QUERIES, INITIATIVE_QUERIES, PILLAR_QUERIES = 8, 12, 11, 12


@pytest.fixture
def source():
    return make_source(meeting=make_meeting(), address="https://example.org/fact-sheet")


def publish(source, *initiatives):
    """Enter the initiatives from the joint text."""
    for initiative in initiatives:
        cited = {"order": initiative.citations.count() + 1, "locator": "item 1"}
        Citation.objects.get_or_create(initiative=initiative, source=source, defaults=cited)
    return joint_texts.enter_joint_text(source)


def make_many(count, **columns):
    return [
        make_initiative(f"works-{n:02}", title_en=f"Works {n:02}", title_es=f"Obra {n:02}", **columns)
        for n in range(count)
    ]


def text(answer) -> str:
    """The words of a page, without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def titles(answer) -> list[str]:
    return re.findall(r"<h[234]><a [^>]*>([^<]*)</a>", answer.content.decode())


# List


def test_list_tells_each_initiative_in_order(client, source):
    pillar = make_pillar(1)
    works = Workstream.objects.create(key="2021-1-1", pillar=pillar, number=1, name_en="Borders", name_es="Fronteras")
    publish(
        source,
        make_initiative("b", title_en="Second", title_es="Segunda", pillar=pillar, workstream=works),
        make_initiative("a", title_en="First", title_es="Primera", pillar=pillar, workstream=works, stage="completed"),
        make_initiative("c", title_en="Another pillar", title_es="Otro pilar", pillar=make_pillar(2)),
    )
    answer = client.get("/en/initiatives/")
    assert titles(answer) == ["First", "Second", "Another pillar"]
    words = text(answer)
    assert "3 initiatives. The most recent information is from April 19, 2024." in words
    assert (
        "Pillar 1: Building back together Borders First completed as of April 19, 2024 Border works A new crossing."
        in words
    )
    assert words.count("based on joint documents of both governments and were not approved by either of them") == 1
    assert "in progress as of April 19, 2024 Border works" in words
    assert titles(client.get("/es/initiatives/")) == ["Primera", "Segunda", "Otro pilar"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"pillar": "2021-2"}, ["In two"]),
        ({"stage": "completed"}, ["In one"]),
        ({"pillar": "2021-2", "stage": "completed"}, []),
        ({"kind": "works"}, ["In one", "In two"]),
        ({"pillar": "", "stage": ""}, ["In one", "In two"]),
    ],
)
def test_list_is_filtered(client, source, query, expected):
    publish(
        source,
        make_initiative("one", title_en="In one", stage="completed"),
        make_initiative("two", title_en="In two", pillar=make_pillar(2)),
    )
    answer = client.get("/en/initiatives/", query)
    assert titles(answer) == expected
    assert ("No initiatives match these filters." in text(answer)) == (not expected)


@pytest.mark.parametrize("query", [{"pillar": "2021-9"}, {"stage": "finished"}, {"kind": "x", "pillar": "2021-1"}])
def test_an_invalid_filter_shows_its_error_and_nothing_else(client, source, query):
    publish(source, make_initiative())
    answer = client.get("/en/initiatives/", query)
    assert titles(answer) == []
    assert "is not one of the available choices" in text(answer)
    assert 'usa-error-message" id="error-' in answer.content.decode()


def test_pages_of_a_list_keep_filter_and_day(client, source):
    publish(source, *make_many(30))
    answer = client.get("/en/initiatives/?stage=under_way&as_of=2024-05-01")
    assert len(titles(answer)) == 25
    assert 'href="?stage=under_way&amp;as_of=2024-05-01&amp;page=2"' in answer.content.decode()
    second = client.get("/en/initiatives/?stage=under_way&as_of=2024-05-01&page=2")
    assert titles(second) == [f"Works {n}" for n in range(25, 30)]
    assert '<input type="hidden" name="as_of" value="2024-05-01">' in second.content.decode()


def test_before_the_record_the_list_is_empty_and_says_so(client, source):
    publish(source, make_initiative())
    words = text(client.get("/en/initiatives/?as_of=2024-04-18"))
    assert "Nothing had been published by this date. The record starts on April 19, 2024." in words
    assert "Nothing had been published by this date." in text(client.get("/en/initiatives/?as_of=1999-01-01"))


def test_an_empty_portal_has_pages(client):
    assert "Nothing had been published by this date." in text(client.get("/en/initiatives/"))


@pytest.mark.parametrize("count", [1, 30])
def test_list_takes_the_same_queries_for_one_and_for_many(client, source, django_assert_num_queries, count):
    publish(source, *make_many(count))
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/en/initiatives/")


@pytest.mark.parametrize("count", [1, 30])
def test_home_takes_the_same_queries_for_one_and_for_many(client, source, django_assert_num_queries, count):
    publish(source, *make_many(count))
    with django_assert_num_queries(HOME_QUERIES):
        client.get("/en/")


#: Rows that a page fetches once its figures are kept, and at most so many thousands of bytes of HTML.
ROWS_AND_SIZES = {
    "": (2, 14),
    "initiatives/": (53, 37),
    "initiatives/?stage=under_way": (53, 38),
    "initiatives/works-01/": (5, 17),
    "cycles/2021/pillars/1/": (4, 25),
    "timeline/": (122, 148),
    "search/?q=works": (45, 25),
}


@pytest.mark.parametrize("count", [70, 140])
def test_pages_fetch_no_more_of_a_larger_record(client, source, count):
    initiatives = make_many(count)
    for initiative in initiatives:
        make_fact(initiative)
    publish(source, *initiatives)
    for address, (number, kilobytes) in ROWS_AND_SIZES.items():
        client.get(f"/en/{address}")
        with fetched_rows() as rows:
            answer = client.get(f"/en/{address}")
        assert (address, len(rows)) == (address, number)
        assert len(answer.content) <= 1000 * kilobytes, address


# As of


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/en/initiatives/?as_of=2999-01-01", "2999-01-01 is in the future"),
        ("/en/initiatives/?as_of=yesterday", "“yesterday” is not a date."),
        ("/en/initiatives/x/?as_of=2024-02-30", "“2024-02-30” is not a date."),
        ("/en/cycles/2021/pillars/1/?as_of=<b>", "“&lt;b&gt;” is not a date."),
        ("/en/?as_of=x", "“x” is not a date."),
    ],
)
def test_what_is_no_day_answers_400_with_the_reason(client, path, words):
    answer = client.get(path)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert '<html lang="en">' in answer.content.decode()
    assert '<html lang="es-MX">' in client.get(path.replace("/en/", "/es/")).content.decode()


def test_every_internal_link_keeps_the_day(client, source):
    first, second = make_initiative("one"), make_initiative("two", title_en="Two")
    make_fact(second, date_edtf="2024-05")
    Link.objects.create(initiative=first, kind="complements", to_initiative=second)
    publish(source, first, second)
    for path in ("initiatives/", "initiatives/one/", "initiatives/two/", "cycles/2021/pillars/1/", ""):
        html = client.get(f"/en/{path}?as_of=2024-06-01").content.decode()
        assert '<meta name="robots" content="noindex">' in html
        links = set(re.findall(r'<a [^>]*href="(/[^"]*)"', html))
        lacking = {link for link in links if "as_of=2024-06-01" not in link and not link.endswith("content.json")}
        assert lacking == set(), path


# One initiative


def make_full(source):
    """An initiative of which the record says all that it can say."""
    sedena = make_organization("sedena", name_en="Secretariat of National Defense", name_es="Secretaría de la Defensa")
    jalisco = make_place("jalisco", name_en="Jalisco", name_es="Jalisco")
    city = make_place("guadalajara", name_en="Guadalajara", name_es="Guadalajara", kind="city", parent=jalisco)
    one = make_initiative("otay-mesa-ii", stage="under_way")
    one.places.add(city)
    one.topics.add(make_topic())
    Participation.objects.create(initiative=one, order=1, role="lead", organization=sedena)
    Participation.objects.create(
        initiative=one, order=2, role="partner", unnamed_en="three states", unnamed_es="tres estados"
    )
    works = make_fact(one, "works", date_edtf="2024-09", date_inferred=True)
    DateChange.objects.create(
        fact=works,
        old_edtf="2024-06",
        old_modality="expected",
        new_edtf="2024-09",
        new_modality="expected",
        reason="slipped",
        text_en="Heavy rain.",
        text_es="Lluvias.",
        changed_on=datetime.date(2024, 4, 19),
    )
    make_fact(one, "forum", kind="event", action="hold", modality="happened", date_edtf="2024-02", object_en="a forum")
    make_fact(one, "going-on", kind="update", action="coordinate", modality="under_way", date_edtf="")
    make_fact(
        one, "dropped", date_edtf="2024-08", end_reason="dropped", end_text_en="No funds.", end_text_es="Sin fondos."
    )
    make_fact(one, "aim", kind="objective", action="", modality="", date_edtf="", object_en="shorter waits")
    figure = make_figure(one, "progress", of=works, object_en="physical progress", object_es="avance físico")
    Reading.objects.create(fact=figure, value=60, qualifier="almost", as_of_edtf="2024-04-19", reporting_body=sedena)
    Citation.objects.create(fact=works, source=source, locator="item 7")
    publish(source, one)
    return one


def test_page_tells_all_that_the_record_says(client, source):
    make_full(source)
    answer = client.get("/en/initiatives/otay-mesa-ii/?as_of=2024-12-31")
    html, words = answer.content.decode(), text(answer)
    assert "<h1>Otay Mesa II</h1>" in html
    assert html.index("as of April 19, 2024") < html.index('id="facts-done"') < html.index('class="portal-terms"')
    assert "The source names no lead." not in words
    for expected in (
        "Based on the joint document of April 19, 2024:",
        "The wording and the Spanish translation are this portal",
        "Guadalajara, Jalisco",
        "Supply chains",
        "Lead Secretariat of National Defense",
        "Partner Three states",
        "September 2024 (inferred: the source does not state it in full)",
        "Date passed, no update published. The most recent information is from April 19, 2024.",
        "Date changed on April 19, 2024 from June 2024 (expected) to September 2024 (expected): later than expected.",
        "Heavy rain.",
        "Source: Fact sheet , April 19, 2024, item 7.",
        "No funds.",
        "Shorter waits.",
        "almost 60%",
        "This is version 1, current from April 19, 2024.",
    ):
        assert expected in words or escape(expected) in words, expected
    groups = ["Done", "In progress", "Expected", "No longer expected"]
    assert re.findall(r'<h3 id="facts-[a-z_]*">([^<]*)</h3>', html) == groups
    for anchor in ("works", "forum", "going-on", "dropped", "aim", "progress"):
        assert html.count(f'id="{anchor}"') == 1
    assert '<a class="usa-link" href="https://example.org/fact-sheet" rel="external">Fact sheet</a>' in html
    assert Edition.objects.get(subject_key="otay-mesa-ii").digest in html


def test_what_was_going_on_is_told_as_of_the_last_text(client, source):
    one = make_initiative()
    make_fact(one, modality="under_way", date_edtf="2024")
    publish(source, one)
    words = {
        day: text(client.get(f"/en/initiatives/otay-mesa-ii/?as_of={day}")) for day in ("2024-12-31", "2025-01-01")
    }
    assert all("In progress As of April 19, 2024." in each for each in words.values())
    ended = "The period stated in the source has ended, and no update has been published."
    assert [ended in words[day] for day in sorted(words)] == [False, True]


def test_where_nobody_leads_the_page_says_so(client, source):
    one = make_initiative()
    make_fact(one)
    publish(source, one)
    assert "Lead The source names no lead." in text(client.get("/en/initiatives/otay-mesa-ii/"))
    assert "La fuente no nombra" in text(client.get("/es/initiatives/otay-mesa-ii/"))


def test_nothing_is_past_its_date_before_the_last_day(client, source):
    make_full(source)
    assert "Date passed, no update" not in text(client.get("/en/initiatives/otay-mesa-ii/?as_of=2024-09-30"))
    assert "Date passed, no update" in text(client.get("/en/initiatives/otay-mesa-ii/?as_of=2024-10-01"))


def test_after_its_cycle_an_outcome_is_told_as_not_published(client, source):
    cycle = make_pillar().cycle
    cycle.ends = datetime.date(2024, 10, 31)
    cycle.save()
    make_full(source)
    words = text(client.get("/en/initiatives/otay-mesa-ii/?as_of=2024-12-31"))
    assert "Outcome not published." in words
    assert "Date passed, no update" not in words


def test_page_in_spanish(client, source):
    make_full(source)
    html = client.get("/es/initiatives/otay-mesa-ii/").content.decode()
    assert '<html lang="es-MX">' in html
    assert "<h1>Mesa de Otay II</h1>" in html
    assert "casi 60%" in html


def test_links_are_shown_both_ways_and_only_to_what_is_public(client, source):
    one, two = make_initiative("one", title_en="One"), make_initiative("two", title_en="Two", parent=None)
    part = make_initiative("part", title_en="A part", parent=one)
    Link.objects.create(initiative=one, order=1, kind="complements", to_initiative=two)
    Link.objects.create(
        initiative=one, order=2, kind="informs", to_initiative=make_initiative("secret", title_en="Secret")
    )
    Link.objects.create(initiative=one, order=3, kind="builds_on", unnamed_en="earlier work", unnamed_es="obra previa")
    publish(source, one, two, part)
    html, words = (f(client.get("/en/initiatives/one/")) for f in (lambda a: a.content.decode(), text))
    assert "Complements: Two" in words
    assert "Builds on: earlier work" in words
    assert "Secret" not in words
    assert "/en/initiatives/secret/" not in html
    assert "Parts A part (in progress, as of April 19, 2024)" in words
    assert "One (complements)" in text(client.get("/en/initiatives/two/"))
    assert "Part of One" in text(client.get("/en/initiatives/part/"))
    assert client.get("/en/initiatives/secret/").status_code == 404


@pytest.mark.parametrize("count", [1, 6])
def test_page_takes_the_same_queries_for_one_fact_and_for_many(client, source, django_assert_num_queries, count):
    one = make_initiative("one")
    for n in range(count):
        fact = make_fact(one, f"works-{n}", order=n)
        fact.places.add(make_place(f"place-{n}"))
        Participation.objects.create(fact=fact, role="lead", organization=make_organization(f"body-{n}"))
        Link.objects.create(initiative=one, order=n, kind="informs", to_initiative=make_initiative(f"other-{n}"))
    publish(source, one, *(make_initiative(f"here-{n}", parent=one) for n in range(count)))
    with django_assert_num_queries(INITIATIVE_QUERIES):
        assert client.get("/en/initiatives/one/").status_code == 200


def test_each_edition_is_listed_and_the_page_shows_the_newest_of_the_day(client, source):
    one = make_initiative("one", title_en="Old title")
    publish(source, one)
    one.title_en = "New title"
    one.save()
    publish(make_source("2024-10-01-statement", date_edtf="2024-10-01"), one)
    assert "<h1>New title</h1>" in client.get("/en/initiatives/one/").content.decode()
    old = client.get("/en/initiatives/one/?as_of=2024-09-30")
    assert "<h1>Old title</h1>" in old.content.decode()
    assert "editions/2/" not in old.content.decode()
    words = text(client.get("/en/initiatives/one/"))
    assert (
        "Version 2, current from October 1, 2024 ( JSON of version 2 ) Version 1, current from April 19, 2024" in words
    )


def test_merged_initiative_says_what_took_its_place(client, source):
    new = make_initiative("new", title_en="The new one")
    old = make_initiative("old", replaced_by=new)
    publish(source, new, old)
    html = client.get("/en/initiatives/old/").content.decode()
    assert "This initiative was merged into another." in html
    assert '<a class="usa-link" href="/en/initiatives/new/">The new one</a>' in html


@pytest.mark.parametrize(("path", "title"), [("/en/", "Page not found"), ("/es/", "No se encontró la página")])
def test_no_public_edition_answers_404_in_the_readers_language(client, path, title):
    make_initiative("unpublished")
    answer = client.get(f"{path}initiatives/unpublished/")
    assert answer.status_code == 404
    assert title in text(answer)


def test_before_its_first_edition_a_page_says_from_when_it_is_public(client, source):
    publish(source, make_initiative("one"))
    answer = client.get("/en/initiatives/one/?as_of=2024-04-18")
    assert answer.status_code == 404
    assert "Its first version applies from April 19, 2024." in text(answer)


# Signed bytes


def test_signed_bytes_are_served_as_they_are(client, source):
    publish(source, make_initiative("one"))
    edition = Edition.objects.get(subject_key="one")
    answer = client.get("/en/initiatives/one/editions/1/content.json")
    assert answer.content == edition.content.encode()
    assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["one/editions/2", "one/editions/0", "two/editions/1", f"one/editions/{'9' * 40}"])
def test_bytes_that_were_never_released_are_not_found(client, source, path):
    publish(source, make_initiative("one"))
    assert client.get(f"/en/initiatives/{path}/content.json").status_code == 404


def test_a_withdrawn_text_is_gone(client, source):
    publish(source, make_initiative("one"))
    releasing.withdraw(Edition.objects.get(subject_key="one"), make_cast().luis, "error", "A wrong year.", "Un año.")
    for path in ("editions/1/content.json", ""):
        answer = client.get(f"/en/initiatives/one/{path}")
        assert answer.status_code == 410
        assert "was withdrawn" in text(answer)
        assert "Withdrawn by the delegation of Mexico: it contains an error. A wrong year." in text(answer)
        assert "A new crossing" not in text(answer)
    answer = client.get("/en/initiatives/")
    assert titles(answer) == []
    assert "initiative/one/1 : version 1, public from April 19, 2024 to" in text(answer)


# Pillars


def test_pillar_page(client, source):
    pillar = make_pillar(1)
    works = Workstream.objects.create(key="2021-1-1", pillar=pillar, number=1, name_en="Borders", name_es="Fronteras")
    for key, words in (("2023-04-18", "An old introduction."), ("2024-04-19", "The newest introduction.")):
        meeting = source.meeting if key == source.meeting.key else make_meeting(key)
        Heading.objects.create(
            meeting=meeting,
            order=1,
            pillar=pillar,
            text_en="Pillar I",
            text_es="Pilar I",
            introduction_en=words,
            introduction_es="Introducción.",
        )
    under, free = (
        make_initiative("under", title_en="Under it", workstream=works),
        make_initiative("free", title_en="Free"),
    )
    make_fact(under, "late", date_edtf="2024-05")
    make_fact(under, "soon", date_edtf="2025-05", object_en="a bridge")
    publish(source, under, free)
    answer = client.get("/en/cycles/2021/pillars/1/?as_of=2024-12-31")
    words = text(answer)
    assert "<h1>Pillar 1: Building back together</h1>" in answer.content.decode()
    assert "The newest introduction. From the document of: Mid-year review, April 19, 2024." in words
    assert "An old introduction." not in words
    assert words.index("Workstream 1: Borders") < words.index("No workstream")
    assert titles(answer) == ["Under it", "Free"]
    assert words.index("Date passed, no update published") < words.index("May 2024") < words.index("May 2025")
    assert "/en/about/measures/" in answer.content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_pillar_takes_the_same_queries_for_one_and_for_many(client, source, django_assert_num_queries, count):
    initiatives = make_many(count)
    for initiative in initiatives:
        make_fact(initiative)
    publish(source, *initiatives)
    with django_assert_num_queries(PILLAR_QUERIES):
        answer = client.get("/en/cycles/2021/pillars/1/")
    rest, pillar = answer.context["workstreams"][-1], answer.context["pillar"]
    assert (len(titles(answer)), rest.total, rest.has_more) == (min(count, 15), count, count > 15)
    assert (len(pillar.past_their_date), "All 30 items" in text(answer)) == (min(count, 10), count > 10)


def test_pillar_without_its_cycle_goes_to_the_newest_one(client, source):
    publish(source, make_initiative())
    answer = client.get("/es/pillars/1/?as_of=2024-05-01")
    assert (answer.status_code, answer["Location"]) == (302, "/es/cycles/2021/pillars/1/?as_of=2024-05-01")


@pytest.mark.parametrize(
    "path", ["pillars/9/", "cycles/2021/pillars/9/", "cycles/1999/pillars/1/", "pillars/1/?as_of=2000-01-01"]
)
def test_a_pillar_that_is_not_public_is_not_found(client, source, path):
    publish(source, make_initiative())
    assert client.get(f"/en/{path}").status_code == 404


@pytest.mark.parametrize("path", ["initiatives/", "initiatives/one/", "cycles/2021/pillars/1/", "pillars/1/"])
def test_pages_only_read(client, path):
    assert client.post(f"/en/{path}").status_code == 405
