"""The completeness board: each gap with its form, by agency, for a meeting; and its page."""

import csv
import datetime
import io

import pytest
from django.urls import reverse

from hled_portal.models import User
from hled_portal.tests import factories as make
from initiatives.dashboard import completeness
from initiatives.editions.snapshot import subject_rows
from initiatives.models import Citation, Meeting, Participation, Reading, ReportingDuty

pytestmark = [pytest.mark.database, pytest.mark.django_db]

DAY = datetime.date(2026, 5, 10)
PAGE = "/admin/completeness/"


@pytest.fixture
def cast(db):
    return make.make_cast()


@pytest.fixture
def meetings(db):
    """The last meeting and the next one."""
    return [make.make_meeting("2026-04-19"), make.make_meeting("2026-09-29")]


def board(user, **choices):
    found = completeness.all_meetings()
    return completeness.board(user, found, completeness.next_meeting(found, DAY), DAY, **choices)


def gaps(user, **choices):
    """Type and form of each gap, of every initiative."""
    rows = [row for agency in board(user, **choices).agencies for row in agency.rows]
    return [(gap.kind, gap.href) for row in rows for gap in row.gaps]


def make_complete(cast, key="otay-mesa-ii", **columns):
    """An initiative of SICT that lacks nothing and waits for its keys as it stands."""
    initiative = make.make_initiative(key, **columns)
    body = make.record.Organization.objects.filter(key="sict").first() or make.make_organization()
    source = make.record.Source.objects.first() or make.make_source()
    Participation.objects.create(initiative=initiative, role="lead", organization=body)
    Citation.objects.create(initiative=initiative, source=source)
    initiative.places.add(make.record.Place.objects.first() or make.make_place())
    settle(cast, initiative)
    return initiative


def settle(cast, initiative):
    """Agree every translation and propose."""
    for row in subject_rows(initiative):
        make.agreed(row)
    make.make_edition(cast.ana, initiative.key, subject_kind="initiative")


def test_what_lacks_nothing_is_complete(cast, meetings):
    make_complete(cast)
    found = board(cast.ana)
    assert gaps(cast.ana) == []
    assert (found.total, found.complete) == (1, 1)
    assert [(agency.name, agency.count, agency.complete) for agency in found.agencies] == [("SICT", 1, 1)]
    assert (found.meeting.key, found.before.key) == ("2026-09-29", "2026-04-19")


def test_each_gap_links_to_the_form_that_mends_it(cast, meetings):
    initiative = make.make_initiative(title_es="", summary_es="", stage="planned")
    fact = make.make_fact(initiative, "done", modality="happened", date_edtf="")
    late = make.make_fact(initiative, "late", date_edtf="2026-05-09")
    here = reverse("admin:initiatives_initiative_change", args=[initiative.pk])
    there, other = (reverse("admin:initiatives_fact_change", args=[row.pk]) for row in (fact, late))
    found = gaps(cast.ana)
    assert {(kind, href) for kind, href in found if kind != "not_proposed"} == {
        ("no_lead", here),
        ("no_place", here),
        ("no_source", here),
        ("stage", here),
        ("language", here),
        ("language", there),
        ("no_source", there),
        ("no_date", there),
        ("language", other),
        ("no_source", other),
        ("past", other),
    }
    assert "not_proposed" in dict(found)


def test_a_figure_needs_a_reading_since_the_meeting_before(cast, meetings):
    initiative = make_complete(cast)
    figure = make.agreed(make.make_figure(initiative))
    reading = Reading.objects.create(fact=figure, value=60, as_of_edtf="2026-04-19")
    Citation.objects.create(reading=reading, source=make.record.Source.objects.get())
    settled = {"not_proposed"}
    assert {kind for kind, _href in gaps(cast.ana)} - settled == {"no_reading"}
    Reading.objects.create(fact=figure, order=2, value=72, as_of_edtf="2026-05-01")
    assert {kind for kind, _href in gaps(cast.ana)} - settled == set()


def test_a_change_after_the_proposal_asks_for_another(cast, meetings):
    initiative = make_complete(cast)
    initiative.confidence = "at_risk"
    initiative.save()
    assert [kind for kind, _href in gaps(cast.ana)] == ["not_proposed"]


def test_a_draft_of_the_other_side_is_seen_nowhere(cast, meetings):
    initiative = make_complete(cast)
    make.make_fact(initiative, "secret", "US", date_edtf="2026-01-01", ready=False, object_es="")
    assert gaps(cast.ana) == []
    assert {kind for kind, _href in gaps(cast.beth)} == {"language", "no_source", "past"}


def test_who_has_a_duty_owes_a_report_until_one_is_there(cast, meetings):
    initiative = make_complete(cast)
    sict = make.record.Organization.objects.get()
    assert board(cast.ana).owing == []
    ReportingDuty.objects.create(initiative=initiative, organization=sict)
    make.make_fact(initiative, "us", "US", modality="happened", date_edtf="2026-05-01")
    figure = make.make_figure(initiative)
    other = make.make_organization("sedena")
    Reading.objects.create(fact=figure, order=1, value=60, as_of_edtf="2026-04-19", reporting_body=sict)
    Reading.objects.create(fact=figure, order=2, value=60, as_of_edtf="2026-05-02", reporting_body=other)
    assert [agency.name for agency in board(cast.ana).owing] == ["SICT"]
    assert [len(pillar.owed) for pillar in board(cast.ana).pillars] == [1]
    Reading.objects.create(fact=figure, order=3, value=72, as_of_edtf="2026-05-01", reporting_body=sict)
    assert board(cast.ana).owing == []


def test_a_board_of_one_side_or_of_one_pillar(cast, meetings):
    make_complete(cast)
    other = make.make_initiative("gsa-works", pillar=make.make_pillar(2))
    gsa = make.make_organization("gsa", country="US")
    ReportingDuty.objects.create(initiative=other, organization=gsa)
    assert [agency.key for agency in board(cast.ana).agencies] == ["gsa", "sict"]
    assert [agency.key for agency in board(cast.ana, side="US").agencies] == ["gsa"]
    assert [agency.key for agency in board(cast.ana, pillar="2021-1").agencies] == ["sict"]
    assert [(pillar.key, pillar.count) for pillar in board(cast.ana).pillars] == [("2021-1", 1), ("2021-2", 1)]
    bar = board(cast.ana).agencies[0].bar
    assert [(piece.name, piece.x, piece.width) for piece in bar] == [("lacking", "0.0", "600.0")]


@pytest.mark.parametrize("count", [1, 6])
@pytest.mark.only_on("sqlite")
def test_queries_do_not_grow_with_the_record(cast, meetings, django_assert_num_queries, count):
    body = make.make_organization()
    for n in range(count):
        initiative = make.make_initiative(f"initiative-{n}")
        ReportingDuty.objects.create(initiative=initiative, organization=body)
        Participation.objects.create(initiative=initiative, role="lead", organization=body)
        make.make_fact(initiative)
        Reading.objects.create(fact=make.make_figure(initiative), value=60, as_of_edtf="2026")
    user = User.objects.get(pk=cast.ana.pk)
    with django_assert_num_queries(23):
        assert board(user).total == count


# The page


def test_the_page_names_each_gap_and_links_to_it(cast, meetings, client):
    initiative = make.make_initiative()
    client.force_login(cast.carl)
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert f'<a href="/admin/initiatives/initiative/{initiative.pk}/change/">No lead</a>' in answer.content.decode()


@pytest.mark.only_on("sqlite")
def test_the_page_is_for_who_reads_the_record(cast, client):
    client.force_login(make.make_user("sam", "administrator"))
    assert client.get(PAGE).status_code == 403
    client.logout()
    assert client.get(PAGE).status_code == 302


@pytest.mark.parametrize("query", ["meeting=1999", "side=CA", "pillar=2021-9"])
@pytest.mark.only_on("sqlite")
def test_a_choice_that_is_not_there_is_not_found(cast, client, query):
    client.force_login(cast.ana)
    assert client.get(f"{PAGE}?{query}").status_code == 404


@pytest.mark.only_on("sqlite")
def test_the_board_of_an_earlier_meeting(cast, meetings, client):
    client.force_login(cast.ana)
    answer = client.get(f"{PAGE}?meeting=2026-04-19")
    assert answer.context["board"].meeting == Meeting.objects.get(key="2026-04-19")
    assert answer.context["board"].before is None


@pytest.mark.only_on("sqlite")
def test_the_board_as_a_file(cast, meetings, client):
    make_complete(cast)
    make.make_initiative("other")
    client.force_login(cast.ana)
    answer = client.get(f"{PAGE}?as=csv&pillar=2021-1")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [(row["agency"], row["initiative"], row["gap"]) for row in rows if row["gap"] in ("", "no_lead")] == [
        ("sict", "otay-mesa-ii", ""),
        ("", "other", "no_lead"),
    ]
    assert rows[-1]["form"].startswith("http://testserver/admin/initiatives/initiative/")
