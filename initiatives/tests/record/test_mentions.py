"""Where the record names an organization or a place, on the review of 2024."""

import datetime
from copy import deepcopy

import pytest

from hled_portal.dates.as_of import Moment
from initiatives.record import mentions, register_lookup

AT = Moment(datetime.date(2024, 8, 1))


pytestmark = [pytest.mark.usefixtures("review"), pytest.mark.django_db]


def mentioned_facts(keys: set[str], at: Moment = AT) -> dict[str, list[tuple[str, str]]]:
    """Initiative and fact of each group of an organization's facts."""
    names = register_lookup.at_moment(at, "pillar", "source")
    editions = mentions.mentioning_initiatives(at, "organization", keys)
    groups = mentions.facts(editions, mentions.organization_mention(keys), names, at.day)
    return {group.key: [(fact.edition.subject_key, fact.line.key) for fact in group.facts] for group in groups}


def test_what_sep_promised_is_past_its_date_in_august_and_expected_in_april():
    promised = [("competency-certification-dialogue", "dialogue")]
    assert mentioned_facts({"sep"})["past"] == promised
    assert mentioned_facts({"sep"}, Moment(datetime.date(2024, 4, 19)))["ahead"] == promised


def test_what_is_over_comes_the_newest_first():
    found = mentioned_facts({"usaid"})
    assert list(found) == ["past", "under_way", "done"]
    names = register_lookup.at_moment(AT, "pillar", "source")
    editions = mentions.mentioning_initiatives(AT, "organization", {"usaid"})
    groups = mentions.facts(editions, mentions.organization_mention({"usaid"}), names, AT.day)
    done = next(group for group in groups if group.key == "done")
    assert done.facts[0].line.date == "early 2024"
    assert done.facts[-1].line.date == "December 2021"


def test_only_facts_in_which_it_takes_part_are_told():
    facts = [fact for some in mentioned_facts({"sedena"}).values() for fact in some]
    assert facts == [("piedras-negras-eagle-pass-ii", "works"), ("otay-mesa-ii", "works")]


def test_readings_that_it_reported():
    names = register_lookup.at_moment(AT, "pillar", "source")
    editions = mentions.mentioning_initiatives(AT, "organization", {"sedena"})
    found = mentions.readings(editions, mentions.organization_mention({"sedena"}), names, AT.day)
    assert [(row.edition.subject_key, row.row.figure_key, row.row.value) for row in found] == [
        ("otay-mesa-ii", "progress", "almost 60%"),
        ("piedras-negras-eagle-pass-ii", "progress", "44%"),
    ]


def test_initiatives_by_role_say_whether_in_all_of_it():
    editions = mentions.mentioning_initiatives(AT, "organization", {"usaid"})
    found = {group.role: group.parts for group in mentions.roles(editions, {"usaid"})}
    assert list(found) == ["lead", "supporter"]
    assert [(part.edition.subject_key, part.whole) for part in found["supporter"]] == [
        ("regulatory-certainty-strategy", False)
    ]
    assert all(part.whole for part in found["lead"])


def test_initiatives_that_name_a_programme():
    editions = mentions.mentioning_initiatives(AT, "organization", {"sembrando-vida"})
    assert [(link.label, link.edition.subject_key) for link in mentions.links(editions, {"sembrando-vida"})] == [
        ("builds on", "agricultural-innovation-guatemala"),
        ("builds on", "sembrando-oportunidades"),
        ("builds on", "sembrando-oportunidades-guatemala"),
    ]
    assert mentions.roles(editions, {"sembrando-vida"}) == []


def test_who_spoke_for_an_organization_at_meetings():
    found = mentions.attended(mentions.public_meeting_editions(AT), {"sre"})
    assert [(row.key, row.person) for row in found] == [("2024-04-19", "Roberto Velasco")]


def test_facts_at_a_place_and_inside_it():
    names = register_lookup.at_moment(AT, "pillar", "source")
    keys = names.places.inside(["jalisco"])
    editions = mentions.mentioning_initiatives(AT, "place", keys)
    groups = mentions.facts(editions, mentions.place_mention(keys), names, AT.day)
    assert {fact.edition.subject_key for group in groups for fact in group.facts} == {"canieti-forums"}


def test_after_its_cycle_an_outcome_is_not_published():
    names = deepcopy(register_lookup.at_moment(AT, "pillar", "source"))
    for (kind, _key), content in names.contents.items():
        if kind == "pillar":
            content["cycle"]["ends"] = "2024-07-01"
    editions = mentions.mentioning_initiatives(AT, "organization", {"sep"})
    groups = mentions.facts(editions, mentions.organization_mention({"sep"}), names, AT.day)
    assert [group.key for group in groups] == ["under_way", "done", "outcome"]
