"""Public pages of organizations and places."""

import re

import pytest

from hled_portal.publishing import kept_results, releasing
from hled_portal.tests.factories import (
    make_cast,
    make_fact,
    make_figure,
    make_initiative,
    make_meeting,
    make_organization,
    make_place,
    make_source,
)
from initiatives.editions import joint_texts
from initiatives.models import Attendance, Citation, Edition, Link, OrganizationName, Participation, Reading, Succession
from initiatives.record import mentions

pytestmark = pytest.mark.django_db
LIST_QUERIES, ORGANIZATION_QUERIES, PLACE_QUERIES = 7, 9, 9


@pytest.fixture
def source():
    return make_source(meeting=make_meeting(), address="https://example.org/fact-sheet")


def publish(source, *initiatives):
    """Enter the initiatives from the joint text."""
    for initiative in initiatives:
        cited = {"order": initiative.citations.count() + 1, "locator": "item 1"}
        Citation.objects.get_or_create(initiative=initiative, source=source, defaults=cited)
    return joint_texts.enter_joint_text(source)


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def take_part(fact_or_initiative, organization, role="lead", order=1):
    of = "initiative" if hasattr(fact_or_initiative, "pillar") else "fact"
    return Participation.objects.create(**{of: fact_or_initiative}, order=order, role=role, organization=organization)


def make_full(source):
    """A body and a place of which the record says all that it can say."""
    ministry = make_organization("ministry", name_en="Ministry of Works", name_es="Ministerio de Obras")
    body = make_organization("body", name_en="Works Agency", name_es="Agencia de Obras", parent=ministry, kind="agency")
    body.names.update(acronym_en="WA", acronym_es="AO", since_edtf="2020")
    OrganizationName.objects.create(
        organization=body, order=2, name_en="Old Agency", name_es="Agencia Vieja", until_edtf="2020"
    )
    body.aliases.create(text="La Agencia", language="es")
    heir = make_organization("heir", name_en="New Agency", name_es="Agencia Nueva")
    body.ended_edtf = "2024-10"
    body.save()
    Succession.objects.create(predecessor=body, successor=heir)
    region = make_place("border", name_en="Border", name_es="Frontera", kind="region", country="")
    crossing = make_place(
        "crossing", name_en="The crossing", name_es="El cruce", kind="crossing", country="", parent=region
    )
    north = make_place(
        "north", name_en="North side", name_es="Lado norte", kind="port_of_entry", country="US", parent=crossing
    )
    south = make_place("south", name_en="South side", name_es="Lado sur", kind="port_of_entry", parent=crossing)
    one = make_initiative("works", title_en="The works", title_es="Las obras")
    one.places.add(south)
    take_part(one, body)
    late = make_fact(one, "late", date_edtf="2024-06", object_en="the first span", object_es="el primer tramo")
    late.places.add(south)
    take_part(late, body, "partner")
    figure = make_figure(one, "progress", object_en="progress", object_es="avance")
    Reading.objects.create(fact=figure, value=60, as_of_edtf="2024-04-19", reporting_body=body).places.add(south)
    Attendance.objects.create(
        meeting=source.meeting,
        order=1,
        delegation="MX",
        person="Ana Ruiz",
        office_en="head of it",
        office_es="su titular",
        organization=body,
    )
    source.meeting.place = north
    source.meeting.save()
    publish(source, one)
    return one


# Organizations


def test_page_of_an_organization_tells_all_that_the_record_says(client, source):
    make_full(source)
    answer = client.get("/en/organizations/body/?as_of=2024-12-31")
    html, words = answer.content.decode(), text(answer)
    assert "<h1>Works Agency (WA)</h1>" in html
    for expected in (
        "Added by the portal&#x27;s editors to accompany the document of April 19, 2024:",
        "Type Agency",
        "Country Mexico",
        "Part of Ministry of Works",
        "Ended October 2024",
        "Succeeded by New Agency",
        "Also known as La Agencia",
        "Works Agency WA Agencia de Obras 2020 –",
        "Old Agency – Agencia Vieja – 2020",
        "Initiatives by role Lead The works (in progress, as of April 19, 2024)",
        "Partner The works (in progress, as of April 19, 2024; in some items)",
        "Date passed, no update published June 2024",
        "Milestone: The works .",
        "The most recent information is from April 19, 2024.",
        "60%",
        "Ana Ruiz, head of it: Mid-year review",
        "This is version 1, current from April 19, 2024.",
    ):
        assert expected in words, expected
    assert '<span lang="es-MX">La Agencia</span>' in html
    assert 'href="/en/initiatives/works/?as_of=2024-12-31#late"' in html
    assert 'href="/en/initiatives/?organization=body&amp;as_of=2024-12-31"' in html
    assert 'href="/en/organizations/heir/?as_of=2024-12-31"' in html


def test_page_in_spanish(client, source):
    make_full(source)
    html = client.get("/es/organizations/body/").content.decode()
    assert "<h1>Agencia de Obras (AO)</h1>" in html
    assert '<span lang="en">Works Agency</span>' in html
    assert "<h1>Lado sur</h1>" in client.get("/es/places/south/").content.decode()


def test_an_end_without_successor_is_said(client, source):
    one = make_initiative("one")
    take_part(one, make_organization("usaid", ended_edtf="2025"))
    publish(source, one)
    assert "Ended 2025 Succeeded by No successor named" in text(client.get("/en/organizations/usaid/"))
    assert "USAID 1 initiative Closed 2025; no successor named" in text(client.get("/en/organizations/"))


def test_a_merged_organization_says_what_took_its_place_and_lends_it_its_facts(client, source):
    one = make_initiative("one", title_en="The works")
    new = make_organization("new", name_en="New body")
    take_part(one, make_organization("old", name_en="Old body", replaced_by=new))
    publish(source, one)
    html = client.get("/en/organizations/old/").content.decode()
    assert "This entry was merged into another:" in html
    assert '<a class="usa-link" href="/en/organizations/new/">New body</a>' in html
    assert "Lead The works" in text(client.get("/en/organizations/new/"))
    words = text(client.get("/en/organizations/"))
    assert "New body 1 initiative" in words
    assert "Old body" not in words


def test_a_programme_tells_the_initiatives_that_name_it(client, source):
    one = make_initiative("one", title_en="The works")
    programme = make_organization("programme", kind="programme", country="")
    Link.objects.create(initiative=one, order=1, kind="builds_on", to_organization=programme)
    publish(source, one)
    assert "Initiatives that mention it The works (builds on)" in text(client.get("/en/organizations/programme/"))
    html = client.get("/en/initiatives/one/").content.decode()
    assert 'Builds on: <a class="usa-link" href="/en/organizations/programme/">PROGRAMME</a>' in html


# Places


def test_page_of_a_place_tells_all_that_the_record_says(client, source):
    make_full(source)
    answer = client.get("/en/places/south/?as_of=2024-12-31")
    html, words = answer.content.decode(), text(answer)
    assert "<h1>South side</h1>" in html
    for expected in (
        "Type Port of entry",
        "Country Mexico",
        "Located in The crossing Border",
        "Other side of the crossing North side",
        "The works (in progress, as of April 19, 2024)",
        "Date passed, no update published June 2024",
        "60%",
    ):
        assert expected in words, expected
    assert "Sides North side South side" in text(client.get("/en/places/crossing/"))
    assert "The works (in progress, as of April 19, 2024; South side)" in text(client.get("/en/places/crossing/"))
    assert "Meetings held here Mid-year review" in text(client.get("/en/places/north/"))
    assert "No public initiative mentions this place or a place within it." in text(client.get("/en/places/north/"))


def test_list_of_places_shows_both_sides_of_a_crossing(client, source):
    make_full(source)
    words = text(client.get("/en/places/"))
    assert "Crossing Mexico United States Initiatives The crossing South side North side 1" in words
    assert "Border region; 1 initiative" in words


# The pages of both


def test_the_other_pages_link_to_them(client, source):
    make_full(source)
    html = client.get("/en/initiatives/works/?as_of=2024-12-31").content.decode()
    assert '<a class="usa-link" href="/en/organizations/body/?as_of=2024-12-31">Works Agency (WA)</a>' in html
    assert '<a class="usa-link" href="/en/places/south/?as_of=2024-12-31">South side, The crossing, Border</a>' in html
    meeting = client.get("/en/meetings/2024-04-19/").content.decode()
    assert '<a class="usa-link" href="/en/organizations/body/">Works Agency (WA)</a>' in meeting
    assert '<a class="usa-link" href="/en/places/north/">North side, The crossing, Border</a>' in meeting
    menu = client.get("/en/").content.decode()
    assert 'href="/en/organizations/"' in menu
    assert 'href="/en/places/"' in menu


def test_every_internal_link_keeps_the_day(client, source):
    make_full(source)
    for path in ("organizations/", "organizations/body/", "places/", "places/south/", "places/crossing/"):
        html = client.get(f"/en/{path}?as_of=2024-06-01").content.decode()
        assert '<meta name="robots" content="noindex">' in html
        links = set(re.findall(r'<a [^>]*href="(/[^"]*)"', html))
        assert {link for link in links if "as_of=2024-06-01" not in link} == set(), path


@pytest.mark.parametrize("path", ["organizations", "places"])
def test_before_the_record_a_list_is_empty_and_a_page_says_from_when(client, source, path):
    make_full(source)
    key = "body" if path == "organizations" else "south"
    assert "Nothing had been published by this date." in text(client.get(f"/en/{path}/?as_of=2024-04-18"))
    answer = client.get(f"/en/{path}/{key}/?as_of=2024-04-18")
    assert answer.status_code == 404
    assert "Its first version applies from April 19, 2024." in text(answer)
    assert client.get(f"/en/{path}/nothing/").status_code == 404
    assert client.get(f"/en/{path}/?as_of=yesterday").status_code == 400
    assert client.post(f"/en/{path}/").status_code == 405
    assert client.post(f"/en/{path}/{key}/").status_code == 405


@pytest.mark.parametrize(
    ("path", "kind", "key"), [("organizations", "organization", "body"), ("places", "place", "south")]
)
def test_what_was_withdrawn_is_gone_and_leaves_its_marker(client, source, path, kind, key):
    cast = make_cast()
    make_full(source)
    edition = Edition.objects.get(subject_kind=kind, subject_key=key)
    releasing.withdraw(edition, cast.luis, "error", "It was wrong.", "Estaba mal.")
    answer = client.get(f"/en/{path}/{key}/")
    assert answer.status_code == 410
    words = text(answer)
    assert f"{kind}/{key}/1" in words
    assert "It was wrong." in words
    assert f'href="/en/{path}/"' in answer.content.decode()
    listed = text(client.get(f"/en/{path}/"))
    assert f"{kind}/{key}/1" in listed
    assert "Works Agency" not in listed if kind == "organization" else "South side" not in listed
    assert client.get("/en/initiatives/works/").status_code == 200


@pytest.mark.parametrize("count", [1, 6])
def test_pages_take_the_same_queries_for_one_and_for_many(client, source, django_assert_num_queries, count):
    body, town = make_organization("body"), make_place("town")
    initiatives = []
    for n in range(count):
        one = make_initiative(f"works-{n}", title_en=f"Works {n}")
        one.places.add(town)
        fact = make_fact(one, "works")
        take_part(fact, body)
        fact.places.add(make_place(f"place-{n}", parent=town))
        figure = make_figure(one)
        Reading.objects.create(fact=figure, value=n, reporting_body=body)
        take_part(one, make_organization(f"body-{n}"))
        initiatives.append(one)
    publish(source, *initiatives)
    numbers = {
        "organizations/": LIST_QUERIES,
        "places/": LIST_QUERIES,
        "organizations/body/": ORGANIZATION_QUERIES,
        "places/town/": PLACE_QUERIES,
    }
    for path, number in numbers.items():
        kept_results.forget_results()
        with django_assert_num_queries(number):
            assert client.get(f"/en/{path}").status_code == 200


@pytest.mark.parametrize(
    ("path", "english", "spanish"),
    [
        ("organizations/body", "Initiatives 3 to 3 of 3, with", "Iniciativas 3 a 3 de 3, con"),
        ("places/town", "Initiatives 3 to 3 of 3, with", "Iniciativas 3 a 3 de 3, con"),
    ],
)
def test_a_page_tells_of_a_limited_number_of_initiatives(client, source, monkeypatch, path, english, spanish):
    monkeypatch.setattr(mentions, "INITIATIVES_ON_A_PAGE", 2)
    body, town = make_organization("body"), make_place("town")
    initiatives = [make_initiative(f"works-{n}", title_en=f"Works {n}", title_es=f"Obras {n}") for n in range(3)]
    for one in initiatives:
        one.places.add(town)
        fact = make_fact(one, "works")
        take_part(fact, body)
        fact.places.add(town)
    publish(source, *initiatives)
    pages = [
        client.get(f"/en/{path}/{query}").content.decode() for query in ("", "?page=2", "?page=99&as_of=2024-12-31")
    ]
    named = [sorted(set(re.findall(r"/en/initiatives/(works-\d)/[^\"]*#works", html))) for html in pages]
    assert named == [["works-0", "works-1"], ["works-2"], ["works-2"]]
    assert 'href="?page=2" rel="next"' in pages[0]
    assert english in text(client.get(f"/en/{path}/?page=2"))
    assert spanish in text(client.get(f"/es/{path}/?page=2"))


def test_an_entry_of_which_nothing_is_told_has_a_page_all_the_same(client, source):
    one = make_initiative("one")
    take_part(one, make_organization("body", parent=make_organization("quiet")))
    publish(source, one)
    words = text(client.get("/en/organizations/quiet/"))
    assert "No public text mentions its participation. The most recent information is from April 19, 2024." in words
