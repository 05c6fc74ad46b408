"""Prepared queries: compiled once, and with the values of each call the same rows as the queryset."""

import datetime

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import prepared_queries
from hled_portal.tests.factories import make_initiative, make_meeting, make_source
from hled_portal.tests.plugin import rolled_back
from initiatives.editions import joint_texts
from initiatives.models import Citation, Edition, Entry

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAYS = [datetime.date(2024, 4, 18), datetime.date(2024, 4, 19), datetime.date(2026, 1, 1)]
built = []


def editions(at, keys):
    built.append(at)
    return (
        Edition.objects.public(at).initiatives().filter(subject_key__in=keys).order_by("subject_key").defer("content")
    )


def results(limit, at, closed):
    entries = Entry.objects.filter(edition__in=Edition.objects.public(at)).with_result(at.day, closed).order_by()
    return entries.values_list("result", "edition__last_reported").annotate(number=Count("pk"))[:limit]


@pytest.fixture(scope="module", autouse=True)
def record(django_db_setup, django_db_blocker):
    with rolled_back(django_db_blocker):
        source = make_source("text", date_edtf="2024-04-19", meeting=make_meeting())
        for number, key in enumerate(("one", "two", "three")):
            Citation.objects.create(initiative=make_initiative(key), source=source, order=number)
        joint_texts.enter_joint_text(source)
        yield


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("publication", [None, 0, 1])
@pytest.mark.parametrize("keys", [[], ["two"], ["one", "nothing"], ["three", "two"]])
def test_rows_are_those_of_the_queryset(day, publication, keys):
    at = Moment(day, publication)
    rows = prepared_queries.fetch(editions, at=at, keys=keys)
    assert rows == list(editions(at, keys))
    assert all("content" in row.get_deferred_fields() and row.last_reported == DAYS[1] for row in rows)
    counts = list(results(5, at, keys))
    assert prepared_queries.fetch(results, 5, at=at, closed=keys) == counts
    assert len(prepared_queries.fetch_raw(results, 5, at=at, closed=keys or ["none"])) == len(counts)


def test_it_is_built_once_for_each_language_and_shape_and_asks_each_time():
    prepared_queries.fetch(editions, at=Moment(DAYS[1]), keys=["one"])
    built.clear()
    with CaptureQueriesContext(connection) as queries:
        found = [prepared_queries.fetch(editions, at=Moment(day), keys=["one"]) for day in DAYS]
    assert [len(rows) for rows in found] == [0, 1, 1]
    assert (len(built), len(queries)) == (0, 3)
    with translation.override("es"):
        prepared_queries.fetch(editions, at=Moment(DAYS[1]), keys=["one"])
    assert len(built) == 1


def test_a_builder_that_decides_by_a_value_fails_at_its_first_call():
    with pytest.raises(TypeError):
        prepared_queries.fetch(lambda day: Edition.objects.filter(public_from=max(day, DAYS[0])), day=DAYS[1])
    with pytest.raises(FieldError):
        prepared_queries.fetch(lambda day: Edition.objects.filter(nothing=day), day=DAYS[1])
