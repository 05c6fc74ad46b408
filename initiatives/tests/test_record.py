"""The day that an address asks for, and the names of that day."""

import datetime
from unittest import mock

import pytest
from django.utils import translation

from initiatives import record

TODAY = datetime.date(2024, 12, 31)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(record.timezone, "localdate", lambda: TODAY)
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
    assert record.as_of(rf.get("/", query)) == day


@pytest.mark.parametrize(
    "text", ["2024-04", "20240419", "2024-02-30", "today", "2024-4-19", "2024-W16-5", "٢٠٢٤-04-19", " 2024-04-19"]
)
def test_what_is_no_day_is_refused_by_name(rf, text):
    with pytest.raises(record.UnreadableDay, match="is not a day") as refused:
        record.as_of(rf.get("/", {"as_of": text}))
    assert text in str(refused.value)


def test_a_day_to_come_is_refused(rf):
    with pytest.raises(record.UnreadableDay, match="2025-01-01 has not come yet"):
        record.as_of(rf.get("/", {"as_of": "2025-01-01"}))


@pytest.mark.parametrize(("instant", "day"), [("2025-01-01T05:59:59", 31), ("2025-01-01T06:00:00", 1)])
def test_today_is_today_in_mexico_city(rf, monkeypatch, instant, day):
    monkeypatch.undo()
    now = datetime.datetime.fromisoformat(instant).replace(tzinfo=datetime.UTC)
    with mock.patch("django.utils.timezone.now", return_value=now):
        assert record.as_of(rf.get("/")).day == day


def place(name, parent=None):
    return {"name_en": name, "name_es": name, "parent": parent, "place_kind": "city"}


def body(name, acronym="", ended="", successors=(), **more):
    names = [{"name_en": name, "name_es": name, "acronym_en": acronym, "acronym_es": acronym, "until_edtf": ""} | more]
    return {"names": names, "ended_edtf": ended, "successors": list(successors), "organization_kind": "agency"}


NAMES = {
    ("place", "guadalajara"): place("Guadalajara", "jalisco"),
    ("place", "jalisco"): place("Jalisco", "mexico"),
    ("place", "mexico"): place("Mexico"),
    ("place", "round"): place("Round", "about"),
    ("place", "about"): place("About", "round"),
    ("organization", "usaid"): body("Agency for International Development", "USAID", "2025", ["dos"]),
    ("organization", "dos"): body("Department of State", "DOS"),
    ("organization", "fund"): body("The Fund", ended="2024-06"),
}


def test_names_of_places_go_up_to_the_country_and_never_round_in_circles():
    names = record.Register(NAMES, TODAY)
    assert names.place("guadalajara") == "Guadalajara, Jalisco, Mexico"
    assert names.place("round") == "Round, About"
    assert names.place("unknown") == "unknown"


def test_bodies_that_ended_say_what_took_over():
    names = record.Register(NAMES, TODAY)
    assert names.organization("usaid") == "Agency for International Development (USAID)"
    assert names.afterlife("usaid") == "ended 2025; taken over by Department of State (DOS)"
    assert names.afterlife("fund") == "ended June 2024; no successor named"
    assert names.afterlife("dos") == ""
    assert names.organization("nobody") == "nobody"


def test_a_source_without_a_public_edition_is_told_by_its_key():
    assert record.source_line("paper", record.Register({}, TODAY), "p. 2") == record.SourceLine("paper", "", "", "p. 2")
