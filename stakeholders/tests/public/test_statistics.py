"""Figures of how recommendations are heard: those still waiting count at their present age."""

import datetime

import pytest
from django.utils import timezone

from hled_portal.dates import as_of
from hled_portal.tests.factories import make_answer, make_cast, make_heard, make_letter, make_officers
from initiatives.record.pillars import Pillars
from stakeholders.models import PublishedRecommendation
from stakeholders.public import statistics
from stakeholders.public.statistics import StatisticsLine, Wait


def line(*waits: tuple[int, bool]) -> StatisticsLine:
    return StatisticsLine("", "", [Wait(days, answered, "", "", "") for days, answered in waits])


@pytest.mark.parametrize(
    ("waits", "median", "at_least"),
    [
        ([(10, True)], 10, False),
        ([(10, True), (20, True), (30, True)], 20, False),
        ([(10, True), (400, False), (500, False)], 400, True),
        ([(10, True), (20, True), (500, False)], 20, False),
        ([(10, True), (5, False), (30, True)], 10, True),
        ([(10, True), (21, True)], 16, False),
        ([(7, False)], 7, True),
    ],
)
def test_the_median_counts_who_waits_at_the_present_age(waits, median, at_least):
    found = line(*waits)
    assert (found.median, found.at_least) == (median, at_least)


def test_of_nothing_there_is_no_median_and_no_wait():
    assert (line().median, line().longest, line((3, True)).longest) == (None, None, None)


def test_the_longest_wait_is_that_of_the_oldest_without_an_answer():
    assert line((90, True), (30, False), (60, False)).longest == 60


@pytest.fixture
def heard(db):
    """Two of mining, one of them answered after its 10 days, and one of energy from the United States."""
    cast, officers = make_cast(), make_officers()
    letters = {"one": ("mining", "MX"), "two": ("mining", "MX"), "three": ("energy", "US")}
    for days, (key, (sector, country)) in enumerate(letters.items(), 1):
        make_heard(officers, make_letter(sector=sector, country=country), key=key)
        received = timezone.localdate() - datetime.timedelta(10 * days)
        PublishedRecommendation.objects.filter(key=key).update(received_on=received)
    make_answer(cast, "one")


@pytest.mark.usefixtures("heard")
def test_figures_by_sector_and_country():
    at = as_of.now()
    found = statistics.build_statistics(at, Pillars(at))
    assert (found.whole.received, found.whole.answered, found.whole.waiting) == (3, 1, 2)
    assert (found.whole.longest, found.whole.median, found.whole.at_least) == (30, 20, True)
    pillars, sectors, countries = found.tables
    assert [(one.label, one.received) for one in pillars.lines] == [("Not stated", 3)]
    assert [(one.key, one.answered, one.waiting) for one in sectors.lines] == [("energy", 0, 1), ("mining", 1, 1)]
    assert [(one.key, one.received) for one in countries.lines] == [("US", 1), ("MX", 2)]


@pytest.mark.usefixtures("heard")
def test_bars_are_geometry_as_text(client):
    at = as_of.now()
    ((one, bars),) = statistics.build_statistics(at, Pillars(at)).tables[0].bars()
    assert [(bar.name, bar.x, bar.width) for bar in bars] == [("met", "0.0", "200.0"), ("unmet", "200.0", "400.0")]
    assert '<rect class="portal-fill--unmet" x="200.0"' in client.get("/es/you-said-we-did/").content.decode()


@pytest.mark.usefixtures("heard")
def test_a_past_day_counts_ages_at_that_day():
    day = timezone.localdate() - datetime.timedelta(5)
    PublishedRecommendation.objects.update(published_at=timezone.now() - datetime.timedelta(9))
    at = as_of.Moment(day)
    found = statistics.build_statistics(at, Pillars(at))
    assert (found.whole.answered, found.whole.longest) == (0, 25)
