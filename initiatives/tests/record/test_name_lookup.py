"""The names of a day."""

import datetime

import pytest
from django.utils import translation

from initiatives.record import name_lookup

TODAY = datetime.date(2024, 12, 31)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


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
    names = name_lookup.Register(NAMES, TODAY)
    assert names.place("guadalajara") == "Guadalajara, Jalisco, Mexico"
    assert names.place("round") == "Round, About"
    assert names.place("unknown") == "unknown"


def test_bodies_that_ended_say_what_took_over():
    names = name_lookup.Register(NAMES, TODAY)
    assert names.organization("usaid") == "Agency for International Development (USAID)"
    assert names.afterlife("usaid") == "closed 2025; succeeded by Department of State (DOS)"
    assert names.afterlife("fund") == "closed June 2024; no successor named"
    assert names.afterlife("dos") == ""
    assert names.organization("nobody") == "nobody"


def test_a_source_without_a_public_edition_is_told_by_its_key():
    assert name_lookup.source_line("paper", name_lookup.Register({}, TODAY), "p. 2") == name_lookup.SourceLine(
        "paper", "", "", "p. 2"
    )
