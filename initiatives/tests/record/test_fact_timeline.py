"""The life of one subject: a lane for each standing."""

import datetime

from initiatives.record import fact_timeline
from initiatives.record.name_lookup import Register

DAY = datetime.date(2024, 6, 1)


def fact(modality, edtf, **columns):
    return {
        "action": "complete",
        "modality": modality,
        "date_edtf": edtf,
        "date_wording_en": "",
        "date_wording_es": "",
        "date_changes": [],
        "end_reason": "",
        "end_edtf": "",
        "end_text_en": "",
        "end_text_es": "",
        "kind": "milestone",
        "side": "MX",
        "object_en": "the bridge",
        "object_es": "el puente",
        "relation": "on",
        "participations": [],
        "places": [],
        "duration": "",
        "mode": "",
        "series_position": None,
        "series_size": None,
        "series_rhythm": "",
    } | columns


def life(*facts, **options):
    return fact_timeline.build_fact_timeline(list(facts), Register({}, DAY), DAY, **{"cycle_over": False} | options)


def test_facts_stand_in_the_lane_of_their_standing():
    found = life(
        fact("happened", "2024-02"),
        fact("under_way", "2024-03/.."),
        fact("expected", "2024-05"),
        fact("expected", "2024-09"),
        fact("expected", "2024-08", end_reason="dropped"),
    )
    assert [label for label, _lane in found.lanes] == [
        "Done",
        "In progress",
        "Expected, planned or with a deadline",
        "Date passed, no update published",
        "No longer expected",
    ]
    assert [len(lane.signs) for _label, lane in found.lanes] == [1] * 5
    assert found.today == "55.66%"
    assert found.ticks[0].label == "2024"
    assert found.is_worth_drawing
    assert not life(*[fact("happened", "2024-02-01")] * 9, fact("expected", "2024-05")).is_worth_drawing
    assert not life(fact("happened", "2024-02"), fact("expected", "2024-05")).is_worth_drawing
    assert found.lanes[0][1].signs[0].words == "The bridge was completed in February 2024."


def test_what_was_met_is_done():
    (lane,) = life(fact("happened", "2024-02", end_reason="met")).lanes
    assert lane[0] == "Done"


def test_after_the_cycle_an_outcome_was_not_published():
    (lane,) = life(fact("expected", "2024-05"), cycle_over=True).lanes
    assert lane[0] == "Outcome not published"


def test_what_is_done_ends_with_the_text_that_tells_it():
    (lane,) = life(fact("happened", "2024"), last_reported=datetime.date(2024, 4, 19)).lanes
    assert lane[1].signs[0].x == "60.16%"


def test_a_moved_date_shows_where_it_was_first():
    changes = [{"old_edtf": "2023-07-02", "old_modality": "expected"}]
    found = life(fact("expected", "2024-09", date_changes=changes))
    assert found.lanes[0][1].signs[0].moved_from == "0.33%"
    assert [tick.label for tick in found.ticks if tick.label] == ["Jul 2023", "2024"]


def test_without_a_date_there_is_no_picture():
    assert life(fact("expected", ""), {"action": "", "date_edtf": "2024"}) is None


def test_a_day_beside_the_years_has_no_line():
    assert life(fact("expected", "2026")).today == ""
