"""The moment that an address asks for."""

import datetime
from unittest import mock

import pytest
from django.utils import translation

from hled_portal.dates import as_of
from hled_portal.dates.as_of import Moment
from hled_portal.tests.factories import make_joint_text

TODAY = datetime.date(2024, 12, 31)
DAY = datetime.date(2024, 4, 19)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(as_of.timezone, "localdate", lambda: TODAY)
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("query", "day"),
    [
        ({}, TODAY),
        ({"as_of": ""}, TODAY),
        ({"as_of": "2024-04-19"}, datetime.date(2024, 4, 19)),
        ({"as_of": "2024-12-31"}, TODAY),
        ({"as_of": "1850-01-01"}, datetime.date(1850, 1, 1)),
    ],
)
def test_the_day_of_an_address(rf, query, day):
    assert as_of.from_request(rf.get("/", query)).day == day


@pytest.mark.parametrize(
    "text", ["2024-04", "20240419", "2024-02-30", "today", "2024-4-19", "2024-W16-5", "٢٠٢٤-04-19", " 2024-04-19"]
)
def test_what_is_no_day_is_refused_by_name(rf, text):
    with pytest.raises(as_of.UnreadableMoment, match="is not a date. Enter year, month and day") as refused:
        as_of.from_request(rf.get("/", {"as_of": text}))
    assert text in str(refused.value)


def test_a_day_to_come_is_refused(rf):
    with pytest.raises(as_of.UnreadableMoment, match="is in the future"):
        as_of.from_request(rf.get("/", {"as_of": "2025-01-01"}))


@pytest.mark.parametrize(("instant", "day"), [("2025-01-01T05:59:59", 31), ("2025-01-01T06:00:00", 1)])
def test_today_is_today_in_mexico_city(rf, monkeypatch, instant, day):
    monkeypatch.undo()
    now = datetime.datetime.fromisoformat(instant).replace(tzinfo=datetime.UTC)
    with mock.patch("django.utils.timezone.now", return_value=now):
        assert as_of.from_request(rf.get("/")).day.day == day


def test_a_moment_says_how_it_is_asked_for():
    assert as_of.now().query == ""
    assert Moment(DAY).query == "as_of=2024-04-19"
    assert Moment(DAY, 3).query == "as_of=2024-04-19&publication=3"
    assert Moment(DAY, 3, asked=False).query == "publication=3"


@pytest.mark.django_db
def test_a_publication_that_is_in_the_log(rf):
    make_joint_text()
    found = as_of.from_request(rf.get("/", {"as_of": "2024-04-19", "publication": "1"}))
    assert found == Moment(DAY, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["0", "2", "-1", "1.0", "one", "9" * 40, "١", " 1"])
def test_a_publication_that_is_not_in_the_log_is_refused_by_name(rf, text):
    make_joint_text()
    with pytest.raises(as_of.UnreadableMoment, match="does not exist. The latest is") as refused:
        as_of.from_request(rf.get("/", {"publication": text}))
    assert text in str(refused.value)


def test_every_part_of_a_page_speaks_of_the_same_moment(rf):
    request = rf.get("/", {"as_of": "2024-04-19"})
    assert as_of.from_request(request) is as_of.from_request(request)
