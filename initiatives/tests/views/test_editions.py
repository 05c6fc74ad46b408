"""The list of an initiative's editions, the page of one, what changed between two, and citations in files."""

import datetime
import re

import pytest
import rispy
import time_machine

from hled_portal.publishing import clearance, kept_results, releasing
from hled_portal.tests.factories import (
    agreed,
    make_cast,
    make_fact,
    make_figure,
    make_initiative,
    make_meeting,
    make_organization,
    make_source,
)
from initiatives.editions import joint_texts, proposing
from initiatives.models import Citation, DateChange, Edition, Meeting, Participation, Reading

pytestmark = pytest.mark.django_db
LIST_QUERIES, EDITION_QUERIES, SECOND_QUERIES = 4, 11, 13


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def enter(initiative, day: str, **columns):
    """Enter the initiative, with these columns, from a joint text of that day."""
    for name, value in columns.items():
        setattr(initiative, name, value)
    initiative.save()
    source = make_source(
        f"{day}-text", date_edtf=day, meeting=Meeting.objects.first(), address="https://example.org/text"
    )
    order = initiative.citations.count() + 1
    Citation.objects.create(initiative=initiative, source=source, locator="item 1", order=order)
    return joint_texts.enter_joint_text(source)


@pytest.fixture
def two():
    """An initiative with an edition of April and one of October 2024."""
    make_meeting("2024-04-19")
    one = make_initiative("otay", title_en="Otay", title_es="Mesa de Otay", summary_en="Works go on.")
    Participation.objects.create(initiative=one, order=1, role="lead", organization=make_organization("sict"))
    works = make_fact(one, "works", date_edtf="2024-06")
    figure = make_figure(one, "progress", object_en="new crossing", object_es="nuevo cruce")
    Reading.objects.create(fact=figure, value=60, as_of_edtf="2024-04-19")
    enter(one, "2024-04-19")
    works.date_edtf = "2024-09"
    works.save()
    DateChange.objects.create(
        fact=works,
        old_edtf="2024-06",
        old_modality="expected",
        new_edtf="2024-09",
        new_modality="expected",
        reason="slipped",
        text_en="Heavy rain.",
        text_es="Lluvias.",
        changed_on=datetime.date(2024, 10, 1),
    )
    enter(one, "2024-10-01", summary_en="Works have ended.", summary_es="Las obras terminaron.", stage="completed")
    return one


def clear_and_release(cast, initiative, **columns) -> Edition:
    """A new edition with both keys."""
    for name, value in columns.items():
        setattr(initiative, name, value)
    changes = DateChange.objects.filter(fact__initiative=initiative)
    for row in (initiative, *initiative.facts.all(), *changes, initiative.pillar, initiative.pillar.cycle):
        agreed(row)
    texts = proposing.propose("initiative", initiative.key, cast.ana)
    for made in texts:
        clearance.clear(made, cast.luis, made.digest)
        clearance.clear(made, cast.carl, made.digest)
    releasing.release(texts, cast.luis)
    return Edition.objects.get(pk=texts[0].pk)


# The list


def test_each_edition_is_told_with_its_days_and_what_it_rests_on(client, two):
    words = text(client.get("/en/initiatives/otay/editions/"))
    assert "Version 2 Otay Current from October 1, 2024. Based on the joint document of October 1, 2024;" in words
    assert "Version 1 Otay Current from April 19, 2024 until the next version, on October 1, 2024." in words
    assert Edition.objects.get(subject_key="otay", number=1).digest in words
    assert "Version 2" not in text(client.get("/en/initiatives/otay/editions/?as_of=2024-09-30"))
    assert "Versión 2" in text(client.get("/es/initiatives/otay/editions/"))


def test_an_initiative_that_never_was_public_has_no_editions(client):
    make_initiative("secret")
    for path in ("", "1/", "1/cite.bib"):
        assert client.get(f"/en/initiatives/secret/editions/{path}").status_code == 404


@pytest.mark.parametrize("count", [1, 5])
def test_list_takes_the_same_queries_for_one_and_for_many(client, django_assert_num_queries, count):
    make_meeting("2024-04-19")
    one = make_initiative("otay")
    for n in range(count):
        enter(one, f"2024-05-0{n + 1}", title_en=f"Title {n}")
    with django_assert_num_queries(LIST_QUERIES):
        assert client.get("/en/initiatives/otay/editions/").status_code == 200


# One edition


def test_an_edition_says_what_it_said_when_it_counted(client, two):
    first, second = (client.get(f"/en/initiatives/otay/editions/{n}/") for n in (1, 2))
    assert "Works go on." in text(first)
    assert "June 2024" in text(first)
    assert "Works have ended" not in text(first)
    assert "Current from April 19, 2024 until the next version, on October 1, 2024." in text(first)
    assert "Works have ended." in text(second)
    assert '<meta name="robots" content="noindex">' in second.content.decode()


def test_what_changed_is_told_field_by_field_in_both_languages(client, two):
    html, words = (f(client.get("/en/initiatives/otay/editions/2/")) for f in (lambda a: a.content.decode(), text))
    assert "Changes from version 1 to version 2" in words
    assert (
        '<del><span class="usa-sr-only">Removed: </span><span lang="en">go on.</span>'
        '<span class="usa-sr-only">;</span></del>'
    ) in html
    assert "Summary (Spanish) Removed: Un nuevo cruce. ; Added: Las obras terminaron. ;" in words
    assert "Status Removed: in progress ; Added: completed ;" in words
    assert "Milestone: Begin works at the crossing" in words
    assert "later than expected. Heavy rain. / Lluvias." in words
    spanish = text(client.get("/es/initiatives/otay/editions/2/"))
    assert spanish.index("Las obras terminaron.") < spanish.index("have ended.")


def test_the_first_edition_has_nothing_before_it(client, two):
    words = text(client.get("/en/initiatives/otay/editions/1/"))
    assert "There is no earlier version to show." in words


def test_any_two_editions_are_compared_from_the_older_to_the_newer(client, two):
    words = text(client.get("/en/initiatives/otay/editions/1/?against=2"))
    assert "Changes from version 1 to version 2" in words
    assert "Status Removed: in progress ; Added: completed ;" in words


@pytest.mark.parametrize("against", ["1", "7", "x", "-1", "9" * 40, "²"])
def test_what_cannot_be_compared_is_told_beside_the_field(client, two, against):
    answer = client.get("/en/initiatives/otay/editions/1/", {"against": against})
    assert answer.status_code == 200
    assert f"“{against}” is not another version that can be shown here." in text(answer)
    assert 'aria-describedby="against-error"' in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "status"),
    [("3/", 404), ("2/?as_of=2024-09-30", 404), ("1/?as_of=2024-09-30", 200), (f"{'9' * 40}/", 404)],
)
def test_an_edition_that_the_moment_does_not_know_is_not_found(client, two, path, status):
    answer = client.get(f"/en/initiatives/otay/editions/{path}")
    assert answer.status_code == status
    if path.startswith("2/"):
        assert "Version 2 applies from October 1, 2024." in text(answer)


def test_before_its_publication_an_edition_was_not_recorded(client, two):
    answer = client.get("/en/initiatives/otay/editions/2/?publication=1")
    assert answer.status_code == 404
    assert "It was added in publication 2." in text(answer)


def test_keys_are_told_by_delegation_and_day_and_name_nobody(client, two):
    cast = make_cast()
    with time_machine.travel(datetime.datetime(2025, 3, 1, 18, tzinfo=datetime.UTC)):
        clear_and_release(cast, two, title_en="Cleared title")
    words = text(client.get("/en/initiatives/otay/editions/3/"))
    assert "Approved by the delegation of the United States on March 1, 2025." in words
    assert "Approved by the delegation of Mexico on March 1, 2025." in words
    assert "Published on this portal on March 1, 2025 (publication 3)." in words
    for name in ("luis", "carl", "ana"):
        assert name not in words.lower().split()


def test_names_on_an_edition_stay_those_of_its_day(client, two):
    organization = Participation.objects.get().organization
    organization.names.update(name_en="Ministry of Infrastructure", name_es="Secretaría de Infraestructura")
    enter(two, "2024-11-01", title_en="Third")
    assert "Ministry of Infrastructure" in text(client.get("/en/initiatives/otay/"))
    assert "Ministry of Infrastructure" not in text(client.get("/en/initiatives/otay/editions/2/"))


def test_pages_take_the_same_queries_whatever_the_edition_says(client, two, django_assert_num_queries):
    with django_assert_num_queries(EDITION_QUERIES):
        client.get("/en/initiatives/otay/editions/1/")
    kept_results.forget_results()
    with django_assert_num_queries(SECOND_QUERIES):
        client.get("/en/initiatives/otay/editions/2/")
    for n in range(30):
        fact = make_fact(two, f"works-{n}", order=n)
        Participation.objects.create(fact=fact, role="lead", organization=make_organization(f"body-{n}"))
    enter(two, "2024-11-01")
    kept_results.forget_results()
    with django_assert_num_queries(SECOND_QUERIES):
        client.get("/en/initiatives/otay/editions/3/")


# Withdrawn


def test_a_withdrawn_edition_leaves_its_marker_and_nothing_else(client, two):
    edition = Edition.objects.get(subject_key="otay", number=1)
    releasing.withdraw(edition, make_cast().luis, "error", "A wrong date.", "Una fecha equivocada.")
    for path in ("1/", "1/content.json", "1/cite.bib", "1/cite.ris"):
        for language, marker in (("en", "A wrong date."), ("es", "Una fecha equivocada.")):
            answer = client.get(f"/{language}/initiatives/otay/editions/{path}")
            assert answer.status_code == 410, path
            assert marker in text(answer)
            assert "Works go on." not in text(answer)
    listed = client.get("/en/initiatives/otay/editions/")
    assert "Version 1, withdrawn" in text(listed)
    assert "A wrong date." in text(listed)
    second = client.get("/en/initiatives/otay/editions/2/")
    assert "There is no earlier version to show." in text(second)
    assert "go on." not in text(second)
    assert client.get("/en/initiatives/otay/").status_code == 200


def test_earlier_editions_keep_their_addresses_when_the_newest_is_withdrawn(client, two):
    edition = Edition.objects.get(subject_key="otay", number=2)
    releasing.withdraw(edition, make_cast().carl, "early")
    assert client.get("/en/initiatives/otay/").status_code == 410
    assert client.get("/en/initiatives/otay/cite.bib").status_code == 410
    assert client.get("/en/initiatives/otay/editions/1/").status_code == 200
    assert client.get("/en/initiatives/otay/editions/1/?against=2").status_code == 200
    assert "Works have ended" not in text(client.get("/en/initiatives/otay/editions/1/?against=2"))


# Citations


def test_pages_cite_themselves_and_give_files(client, two):
    for path in ("", "editions/1/"):
        html = client.get(f"/en/initiatives/otay/{path}").content.decode()
        assert "Cite this page" in html
        (href,) = re.findall(r'href="([^"]*cite\.bib[^"]*)"', html)
        answer = client.get(href.replace("&amp;", "&"))
        assert answer.headers["Content-Type"] == "application/x-bibtex; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="hled-otay-')
        assert f"/en/initiatives/otay/{path}?as_of=" in answer.content.decode()


def test_ris_of_an_edition_names_its_number_and_no_hash(client, two):
    answer = client.get("/es/initiatives/otay/editions/1/cite.ris?as_of=2024-12-31&publication=2")
    (found,) = rispy.loads(answer.content.decode())
    edition = Edition.objects.get(subject_key="otay", number=1)
    assert found["title"] == "Mesa de Otay"
    assert found["edition"] == "1"
    assert found["urls"] == ["http://testserver/es/initiatives/otay/editions/1/?as_of=2024-12-31&publication=2"]
    assert edition.digest not in str(found)


def test_a_cited_page_says_that_no_government_cleared_it(client, two):
    words = text(client.get("/en/initiatives/otay/"))
    assert "Based on the joint document of October 1, 2024; not approved by either government. Accessed" in words
