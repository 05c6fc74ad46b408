"""What moved in one initiative between two contents."""

import copy

import pytest
from django.utils.translation import override

from initiatives.record.fact_changes import Measured, MovedDate, Reason, compare_facts, days_text
from initiatives.tests.content.test_diff import CONTENT, FACT, READING, with_fact
from initiatives.wording.names import Names

NOBODY = Names({})


def moved(old: dict, new: dict, language: str = "en"):
    with override(language):
        return compare_facts(old, new, NOBODY, language)


def date_change(old: str, new: str, reason: str = "slipped", text: str = "Heavy rain.", **columns) -> dict:
    change = {"order": 1, "old_edtf": old, "old_modality": "expected", "new_edtf": new, "new_modality": "expected"}
    change |= {"reason": reason, "changed_on": "2024-10-01", "text_en": text, "text_es": "Lluvias."}
    return change | columns


def lists(found) -> dict:
    return {name: rows for name, rows in vars(found).items() if rows}


def test_nothing_moved():
    assert lists(moved(CONTENT, copy.deepcopy(CONTENT))) == {}


def test_a_date_that_moved_is_counted_in_days_about_where_it_is_no_exact_day():
    new = with_fact(date_edtf="2024-09", date_changes=[date_change("2024-06", "2024-09")])
    assert lists(moved(CONTENT, new)) == {
        "moved": [
            MovedDate(
                key="works",
                name="Complete the works",
                old="June 2024 (expected)",
                new="September 2024 (expected)",
                days="about 92 days later",
                earlier=False,
                reasons=[Reason("later than expected", "Heavy rain.")],
            )
        ]
    }


@pytest.mark.parametrize(
    ("old", "new", "days", "earlier"),
    [
        ("2024-06-30", "2024-07-01", "1 day later", False),
        ("2024-06-30", "2024-06-01", "29 days earlier", True),
        ("2024", "2024-12-30", "within the period given before", False),
        ("../2024", "2024-12-30", "about 1 day earlier", True),
        ("2024-12", "2028-12", "about 1,461 days later", False),
        ("2024-12", "2024-12-31", "", False),
        ("2024-12", "", "", False),
        ("2024-03/..", "2024-04", "", False),
    ],
)
def test_days_go_from_latest_day_to_latest_day(old, new, days, earlier):
    (found,) = moved(with_fact(date_edtf=old), with_fact(date_edtf=new)).moved
    assert (found.days, found.earlier, found.reasons) == (days, earlier, [])


def test_days_in_spanish():
    with override("es"):
        assert days_text(92, False) == "alrededor de 92 días después"
        assert days_text(-1, True) == "1 día antes"


def test_only_reasons_that_are_new_are_told():
    first = date_change("2024-05", "2024-06", text="Old news.")
    second = date_change("2024-06", "2024-05-15", "brought_forward", "Good weather.", order=2)
    old = with_fact(date_changes=[first])
    (found,) = moved(old, with_fact(date_edtf="2024-05-15", date_changes=[first, second])).moved
    assert found.reasons == [Reason("moved earlier", "Good weather.")]
    assert found.days == "about 46 days earlier"


def test_a_milestone_newly_met_is_no_date_that_moved():
    new = with_fact(modality="happened", date_edtf="2024-07-15", relation="on")
    found = lists(moved(CONTENT, new))
    assert list(found) == ["met"]
    assert found["met"][0].sentence == "The works were completed on July 15, 2024."
    assert found["met"][0].days == "about 15 days later"


def test_an_event_that_took_place_is_no_milestone():
    event = {"kind": "event", "action": "host", "relation": "on"}
    found = lists(moved(with_fact(**event), with_fact(**event, modality="happened")))
    assert list(found) == ["held"]


def test_new_readings_stand_beside_what_they_replace():
    second = READING | {"order": 2, "value": "75", "qualifier": "exactly", "as_of_edtf": "2024-10-01"}
    found = lists(moved(CONTENT, with_fact(1, readings=[READING, second | {"as_of_inferred": False}])))
    assert found == {
        "measured": [
            Measured(
                key="progress",
                name="New crossing",
                old=["almost 60% (sedena, as of April 19, 2024, inferred date)"],
                new=["75% (sedena, as of October 1, 2024)"],
            )
        ]
    }


def test_a_corrected_reading_stands_beside_itself_and_a_lost_one_alone():
    other = READING | {"order": 2, "status": "target", "value": "100", "qualifier": "exactly"}
    old = with_fact(1, readings=[READING, other])
    (found,) = moved(old, with_fact(1, readings=[READING | {"value": "61"}, other])).measured
    assert [line.partition(" (")[0] for line in (*found.old, *found.new)] == ["almost 60%", "almost 61%"]
    (found,) = moved(old, with_fact(1, readings=[READING])).measured
    assert [line.partition(" (")[0] for line in found.old] == ["Target: 100%"]
    assert found.new == []


def test_a_first_target_is_compared_with_no_reading_of_another_status():
    target = READING | {"order": 2, "status": "target", "value": "100"}
    assert moved(CONTENT, with_fact(1, readings=[READING, target])).measured[0].old == []


def test_new_facts_are_told_in_sentences():
    new = copy.deepcopy(CONTENT)
    new["facts"].append(FACT | {"key": "signs", "object_en": "the signs", "order": 3})
    found = lists(moved(CONTENT, new))
    assert list(found) == ["new"]
    assert found["new"][0].sentence == "Mexico expects to complete the signs by June 2024."


@pytest.mark.parametrize("before", [True, False])
def test_a_milestone_that_was_dropped_says_why(before):
    end = {"end_reason": "dropped", "end_edtf": "2024-09", "end_text_en": "No funds.", "end_text_es": "Sin fondos."}
    old = CONTENT if before else CONTENT | {"facts": CONTENT["facts"][1:]}
    found = lists(moved(old, with_fact(**end, date_edtf="2024-12")))
    assert list(found) == ["gone"]
    assert found["gone"][0].reason == "discontinued, September 2024"
    assert found["gone"][0].sentence.endswith("This milestone was dropped in September 2024: No funds.")


def test_a_fact_that_vanished_has_no_reason():
    found = lists(moved(CONTENT, CONTENT | {"facts": CONTENT["facts"][1:]}))
    assert [(row.key, row.reason) for row in found["gone"]] == [("works", "")]


def test_what_was_dropped_long_ago_is_no_news():
    dropped = {"end_reason": "dropped", "end_edtf": "2024-01"}
    assert lists(moved(with_fact(**dropped), with_fact(**dropped))) == {}
