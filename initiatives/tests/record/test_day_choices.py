"""The days that a reader can choose, the banner of a dated page, and what was entered later."""

import datetime
import itertools
import re

import pytest
import time_machine

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import releasing
from hled_portal.tests.factories import make_cast, make_initiative, make_meeting
from hled_portal.tests.kept_rows import kept
from initiatives.models import Edition
from initiatives.record import day_choices
from initiatives.tests.views.test_editions import clear_and_release, enter, text

pytestmark = pytest.mark.django_db
SUMMER = datetime.date(2025, 7, 25)


def noon(year: int, month: int, day: int):
    return time_machine.travel(datetime.datetime(year, month, day, 18, tzinfo=datetime.UTC), tick=False)


@pytest.fixture
def record(db):
    """A record of two meetings on exact days, one before them, one without a day, and one that has not come."""
    one = kept(make_record)
    with noon(2025, 7, 25):
        yield one


def make_record():
    for key in ("2023-09-29", "2024-04-19", "2024-09-01", "2026-01-01"):
        make_meeting(key, name_en=f"Meeting of {key}", name_es=f"Reunión de {key}")
    make_meeting("autumn", date_edtf="2024-23")
    with noon(2025, 3, 1):
        one = make_initiative("otay", title_en="Otay", title_es="Otay")
        enter(one, "2024-04-19")
    return one


def test_meetings_on_days_that_the_record_knows_can_be_chosen(record):
    assert day_choices.choices() == day_choices.Choices(
        meetings=[
            day_choices.MeetingDay(datetime.date(2024, 9, 1), "Meeting of 2024-09-01"),
            day_choices.MeetingDay(datetime.date(2024, 4, 19), "Meeting of 2024-04-19"),
        ],
        begins=datetime.date(2024, 4, 19),
    )


def test_choices_take_one_query_two_without_a_meeting(record, django_assert_num_queries):
    with django_assert_num_queries(1):
        day_choices.choices()
    cast = make_cast()
    for meeting in Edition.objects.of_kind("meeting"):
        releasing.withdraw(meeting, cast.luis, "error")
    with django_assert_num_queries(2):
        assert day_choices.choices() == day_choices.Choices([], datetime.date(2024, 4, 19))


def test_an_empty_portal_has_no_days():
    assert day_choices.choices() == day_choices.Choices([], None)


def test_the_picker_offers_meetings_any_day_and_today(client, record):
    html = client.get("/en/initiatives/?stage=under_way&page=1&as_of=2024-09-01&publication=1").content.decode()
    assert (
        '<a href="?stage=under_way&amp;as_of=2024-09-01" aria-current="true">'
        "September 1, 2024: Meeting of 2024-09-01</a>"
    ) in html
    assert '<a href="?stage=under_way&amp;as_of=2024-04-19">' in html
    assert '<a href="?stage=under_way">Today</a>' in html
    assert '<input type="hidden" name="stage" value="under_way">' in html
    assert 'type="date" name="as_of" value="2024-09-01" min="2024-04-19"' in html


def test_the_banner_names_day_and_publication(client, record):
    words = text(client.get("/en/initiatives/?as_of=2024-09-01&publication=1"))
    assert "This page shows the record at the end of September 1, 2024." in words
    assert "It shows what this portal had recorded up to publication 1." in words
    assert "This page shows the record at the end of" not in text(client.get("/en/initiatives/"))


PAGES = [
    "",
    "initiatives/",
    "initiatives/otay/",
    "initiatives/otay/editions/",
    "initiatives/otay/editions/1/",
    "cycles/2021/pillars/1/",
    "meetings/",
    "meetings/2024-04-19/",
    "timeline/",
    "map/",
    "calendar/",
    "organizations/",
    "places/",
    "search/?q=otay",
]


def test_every_page_has_banner_and_picker(client, record):
    published = {"en": "March 1, 2025", "es": "1 de marzo de 2025"}
    for path, language in itertools.product(PAGES, published):
        address = f"/{language}/{path}{'&' if '?' in path else '?'}as_of=2024-09-01"
        answer = client.get(address)
        html = answer.content.decode()
        assert html.count('class="portal-as-of"') == 1, address
        assert "portal-as-of__banner" in html, address
        assert len(re.findall('name="as_of"[^>]*type="date"|type="date"[^>]*name="as_of"', html)) == 1, address
        assert published[language] in text(answer), address


def test_before_its_first_day_a_page_still_offers_the_days(client, record):
    answer = client.get("/en/initiatives/otay/?as_of=2024-04-18")
    assert answer.status_code == 404
    assert "portal-as-of__picker" in answer.content.decode()


# Entered later


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (Moment(datetime.date(2024, 9, 1)), (datetime.date(2025, 3, 1), datetime.date(2025, 3, 1))),
        (Moment(datetime.date(2025, 2, 28)), (datetime.date(2025, 3, 1), datetime.date(2025, 3, 1))),
        (Moment(datetime.date(2025, 3, 1)), None),
        (Moment(datetime.date(2024, 4, 18)), None),
        (Moment(SUMMER), None),
        (Moment(SUMMER, asked=False), None),
    ],
)
def test_what_was_entered_after_the_day_it_claims(record, at, expected):
    found = day_choices.entered_later(at)
    assert (found and (found.first, found.last)) == expected


def test_of_a_page_of_one_edition_that_edition_alone_counts(record):
    cast = make_cast()
    with noon(2025, 4, 1):
        clear_and_release(cast, record)
        enter(make_initiative("late", title_en="Late"), "2025-03-15")
    cleared = Edition.objects.get(subject_key="otay", number=2)
    at = Moment(datetime.date(2025, 3, 20))
    assert day_choices.entered_later(at).last == datetime.date(2025, 4, 1)
    assert day_choices.entered_later(Moment(datetime.date(2025, 4, 1)), cleared) is None
    assert day_choices.entered_later(at, Edition.objects.get(subject_key="otay", number=1)) is None


def test_several_days_are_told_from_the_first_to_the_last(client, record):
    with noon(2025, 4, 1):
        enter(make_initiative("late", title_en="Late"), "2024-06-01")
    words = text(client.get("/en/initiatives/?as_of=2024-09-01"))
    assert "Part of this was added to the portal between March 1, 2025 and April 1, 2025." in words


def test_today_takes_no_query_for_it(record, django_assert_num_queries):
    with django_assert_num_queries(0):
        day_choices.entered_later(Moment(SUMMER))
