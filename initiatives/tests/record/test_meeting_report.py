"""What was reported at a meeting, under the headings of its text."""

import datetime
import re

import pytest

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import releasing
from hled_portal.tests.factories import make_cast, make_fact, make_initiative, make_meeting, make_pillar, make_source
from initiatives.editions import joint_texts
from initiatives.models import Citation, Edition, Heading, Workstream
from initiatives.record import meeting_report, name_lookup

pytestmark = pytest.mark.django_db
AT = Moment(datetime.date(2024, 6, 1))


@pytest.fixture
def meeting():
    return make_meeting()


@pytest.fixture
def source(meeting):
    return make_source(meeting=meeting)


@pytest.fixture
def headings(meeting):
    pillar = make_pillar()
    works = Workstream.objects.create(key="2021-1-1", pillar=pillar, number=1, name_en="Borders", name_es="Fronteras")
    texts = {"introduction_en": "Both governments worked.", "introduction_es": "Ambos gobiernos trabajaron."}
    return [
        Heading.objects.create(meeting=meeting, order=1, pillar=pillar, text_en="Pillar I", text_es="Pilar I", **texts),
        Heading.objects.create(
            meeting=meeting, order=2, pillar=pillar, workstream=works, text_en="Borders", text_es="Fronteras"
        ),
    ]


def make_cited(key, source, heading, place, **columns):
    """An initiative with one fact, both cited under a heading."""
    initiative = make_initiative(key, **columns)
    fact = make_fact(initiative, object_en=f"works of {key}", object_es=f"obras de {key}")
    for cited in ({"initiative": initiative}, {"fact": fact}):
        Citation.objects.create(source=source, order=1, heading=heading, heading_order=place, **cited)
    return initiative


def report_rows():
    edition = Edition.objects.public(AT).of_kind("meeting").get(subject_key="2024-04-19")
    found = meeting_report.reported(edition, name_lookup.register_names(edition.data, AT), AT)
    return [(row.order, row.level, row.text, [item.edition.subject_key for item in row.items]) for row in found], found


def test_initiatives_stand_under_their_heading_in_its_order(source, headings):
    make_cited("second", source, headings[1], 2)
    make_cited("first", source, headings[1], 1)
    make_cited("whole", source, headings[0], 1)
    joint_texts.enter_joint_text(source)
    rows, found = report_rows()
    assert rows == [(1, 1, "Pillar I", ["whole"]), (2, 2, "Borders", ["first", "second"])]
    assert found[0].introduction == "Both governments worked."
    (fact,) = found[1].items[0].facts
    assert (fact.key, fact.sentence) == (
        "works",
        "In April 2024, Mexico expected to begin works of first in December 2024.",
    )


def test_what_cites_another_meeting_is_not_told(source, headings):
    other = make_meeting("2023-04-18")
    elsewhere = Heading.objects.create(meeting=other, order=1, text_en="Other", text_es="Otro")
    make_cited("here", source, headings[0], 1)
    make_cited("there", source, elsewhere, 1)
    both = make_cited("both", source, headings[1], 1)
    Citation.objects.create(initiative=both, source=source, order=2, heading=elsewhere, heading_order=1)
    joint_texts.enter_joint_text(source)
    edition = Edition.objects.public(AT).of_kind("meeting").get(subject_key="2024-04-19")
    found = meeting_report.reported(edition, name_lookup.register_names(edition.data, AT), AT)
    assert [[item.edition.subject_key for item in row.items] for row in found] == [["here"], ["both"]]


def test_page_of_the_meeting_in_both_languages(client, source, headings):
    make_cited("one", source, headings[1], 1, title_en="One", title_es="Uno")
    joint_texts.enter_joint_text(source)
    html = client.get("/en/meetings/2024-04-19/?as_of=2024-06-01").content.decode()
    assert "Reported progress, by heading" in html
    assert 'href="/en/initiatives/one/?as_of=2024-06-01#works"' in html
    spanish = re.sub(r"<[^>]*>", "", client.get("/es/meetings/2024-04-19/").content.decode())
    assert "En abril de 2024, México preveía iniciar obras de one en diciembre de 2024." in spanish


def test_a_withdrawn_initiative_leaves_its_marker_alone(client, source, headings):
    make_cited("one", source, headings[1], 1, title_en="A secret title")
    joint_texts.enter_joint_text(source)
    releasing.withdraw(Edition.objects.get(subject_key="one"), make_cast().luis, "error")
    html = client.get("/en/meetings/2024-04-19/").content.decode()
    assert "A secret title" not in html
    assert "initiative/one/1" in html


def change_later(initiative, day="2024-05-01"):
    """A later text of no meeting changes the fact and its initiative."""
    fact = initiative.facts.get()
    fact.object_en = "works told of later"
    fact.save()
    initiative.title_en = "A later title"
    initiative.save()
    later = make_source(f"{day}-text", date_edtf=day, meeting=make_meeting(day))
    Citation.objects.create(initiative=initiative, source=later, locator="item 1", order=2)
    joint_texts.enter_joint_text(later)


def test_what_was_told_later_was_not_reported_there(client, source, headings):
    initiative = make_cited("one", source, headings[1], 1, title_en="One")
    joint_texts.enter_joint_text(source)
    as_of_its_day = report_rows()[1]
    change_later(initiative)
    for query in ("", "?as_of=2024-06-01", "?as_of=2024-04-30"):
        html = client.get(f"/en/meetings/2024-04-19/{query}").content.decode()
        assert "begin works of one in December 2024" in html
        assert "told of later" not in html
        assert "A later title" not in html
    assert report_rows()[1][1].items[0].facts == as_of_its_day[1].items[0].facts
    assert "told of later" in client.get("/en/initiatives/one/").content.decode()


def test_an_initiative_that_was_public_only_later_is_shown_by_its_first_edition(source, headings):
    joint_texts.enter_joint_text(source)
    initiative = make_cited("late", source, headings[1], 1)
    with_text = make_source("2024-05-01-text", date_edtf="2024-05-01", meeting=make_meeting("2024-05-01"))
    Citation.objects.create(initiative=initiative, source=with_text, locator="item 1", order=2)
    joint_texts.enter_joint_text(with_text)
    assert [item.edition.subject_key for item in report_rows()[1][1].items] == ["late"]


def test_of_a_withdrawn_edition_of_its_day_the_marker_stands_alone(client, source, headings):
    initiative = make_cited("one", source, headings[1], 1, title_en="A secret title")
    joint_texts.enter_joint_text(source)
    change_later(initiative)
    releasing.withdraw(Edition.objects.get(subject_key="one", number=1), make_cast().luis, "error")
    html = client.get("/en/meetings/2024-04-19/").content.decode()
    assert "A secret title" not in html
    assert "told of later" not in html
    assert "initiative/one/1" in html


@pytest.mark.parametrize("count", [1, 6])
def test_the_queries_are_the_same_for_one_and_for_many(source, headings, django_assert_num_queries, count):
    for n in range(count):
        make_cited(f"works-{n}", source, headings[1], n)
    joint_texts.enter_joint_text(source)
    edition = Edition.objects.public(AT).of_kind("meeting").get(subject_key="2024-04-19")
    names = name_lookup.register_names(edition.data, AT)
    with django_assert_num_queries(5):
        assert len(meeting_report.reported(edition, names, AT)[1].items) == count


def test_a_long_report_has_pages_with_the_headings_of_their_initiatives(
    client, monkeypatch, source, headings, django_assert_num_queries
):
    Heading.objects.create(
        meeting=source.meeting, order=3, pillar=headings[0].pillar, text_en="Pillar II", text_es="Pilar II"
    )
    for n in range(5):
        make_cited(f"works-{n}", source, headings[1], n, title_en=f"Works {n}")
    beside = make_initiative("beside", title_en="Named beside")
    Citation.objects.create(initiative=beside, source=source, order=1)
    joint_texts.enter_joint_text(source)
    assert "usa-pagination" not in client.get("/en/meetings/2024-04-19/").content.decode()
    monkeypatch.setattr(meeting_report, "INITIATIVES_ON_A_PAGE", 2)
    shown = []
    for number in (1, 2, 3):
        html = client.get(f"/en/meetings/2024-04-19/?page={number}").content.decode()
        report = html[html.index('id="reported"') : html.index("usa-pagination")]
        found = re.findall(r"<h[34]>([^<]+)</h|/initiatives/([a-z0-9-]+)/\">(?:Works|Named)", report)
        shown.append([heading or key for heading, key in found])
    assert shown == [
        ["Pillar I", "Borders", "works-0", "works-1"],
        ["Pillar I", "Borders", "works-2", "works-3"],
        ["Pillar I", "Borders", "works-4", "Pillar II", "Initiatives under no heading", "beside"],
    ]
    edition = Edition.objects.public(AT).of_kind("meeting").get(subject_key="2024-04-19")
    names = name_lookup.register_names(edition.data, AT)
    assert len(meeting_report.reported(edition, names, AT)[1].items) == 5
    with django_assert_num_queries(3):  # The texts of the meeting, the version of the record and this page alone.
        meeting_report.report_page(edition, names, AT, "2")
