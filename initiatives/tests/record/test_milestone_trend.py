"""Milestones of a pillar from meeting to meeting."""

import datetime

import pytest

from hled_portal.dates.as_of import Moment
from hled_portal.tests.factories import make_fact, make_initiative, make_meeting, make_source, move_date
from hled_portal.tests.kept_rows import kept
from initiatives.editions import joint_texts
from initiatives.models import Citation
from initiatives.record import milestone_trend, progress

pytestmark = pytest.mark.django_db


def publish(key, *initiatives):
    source = make_source(f"{key}-text", date_edtf=key, meeting=make_meeting(key))
    for order, initiative in enumerate(initiatives, 2):
        Citation.objects.create(initiative=initiative, source=source, order=order + int(key[:4]))
    joint_texts.enter_joint_text(source)


def points(day, publication=None):
    at = Moment(datetime.date.fromisoformat(day), publication)
    found = milestone_trend.trend(progress.pillar_progress("2021-1", at), at)
    told = [(str(point.day), point.milestones.met, point.milestones.due) for point in found.points]
    return told, found


@pytest.fixture
def two_meetings(db):
    kept(publish_at_two_meetings)


def publish_at_two_meetings():
    """One milestone is expected in April 2023, told as met at the meeting of 2024; another is expected in May 2024."""
    one = make_initiative("one")
    works = make_fact(one, date_edtf="2023-04")
    publish("2023-04-18", one)
    move_date(works, "2023-04", "happened")
    make_fact(one, "next", date_edtf="2024-05")
    publish("2024-04-19", one)


@pytest.mark.usefixtures("two_meetings")
def test_each_meeting_shows_the_record_of_its_own_day():
    told, found = points("2024-06-01")
    assert told == [("2024-04-19", 1, 1), ("2024-06-01", 1, 2)]
    assert [point.meeting and point.meeting.subject_key for point in found.points] == ["2024-04-19", None]
    assert found.longest == 2


@pytest.mark.usefixtures("two_meetings")
def test_a_meeting_of_which_nothing_was_due_is_left_out_at_the_beginning():
    assert points("2023-06-01")[0] == []
    assert points("2024-04-19")[0] == []  # the meeting's own day shows itself
    assert points("2023-06-01")[1].longest == 1


def test_only_the_newest_meetings_are_asked(django_assert_num_queries):
    one = make_initiative("one")
    make_fact(one, date_edtf="2010")
    for year in range(2011, 2020):
        publish(f"{year}-04-18", one)
    at = Moment(datetime.date(2024, 6, 1), read={})
    found = progress.pillar_progress("2021-1", at)
    with django_assert_num_queries(1 + milestone_trend.MEETINGS):
        assert len(milestone_trend.trend(found, at).points) == milestone_trend.MEETINGS + 1


@pytest.mark.usefixtures("two_meetings")
def test_page_of_the_pillar_tells_it(client):
    html = client.get("/en/cycles/2021/pillars/1/?as_of=2024-06-01").content.decode()
    assert "Milestones at each meeting" in html
    assert '<a class="usa-link" href="/en/meetings/2024-04-19/?as_of=2024-06-01">Mid-year review</a>' in html
    assert "Hitos en cada reunión" in client.get("/es/cycles/2021/pillars/1/").content.decode()
    assert (
        "Milestones at each meeting" not in client.get("/en/cycles/2021/pillars/1/?as_of=2024-04-19").content.decode()
    )
