"""Names of the whole register, and what was merged into what."""

import datetime

import pytest

from initiatives.record.register_lookup import Entered, Registers, alphabetical

DAY = datetime.date(2024, 4, 19)


def place(name: str, parent: str | None = None, replaced_by: str | None = None) -> dict:
    kind = "state" if parent else "country"
    names = {"name_en": name, "name_es": name, "parent": parent, "replaced_by": replaced_by}
    return names | {"place_kind": kind, "country": ""}


@pytest.fixture
def names():
    return Registers(
        {
            ("place", "mexico"): place("México"),
            ("place", "jalisco"): place("Jalisco", "mexico"),
            ("place", "old"): place("Old", replaced_by="older"),
            ("place", "older"): place("Older", replaced_by="jalisco"),
            ("place", "ring-1"): place("Ring 1", replaced_by="ring-2"),
            ("place", "ring-2"): place("Ring 2", replaced_by="ring-1"),
            ("topic", "trade"): {"name_en": "Trade", "name_es": "Comercio", "replaced_by": None},
        },
        DAY,
    )


def test_choices_are_whole_names_in_alphabetical_order(names):
    assert names.choices("place")[:3] == [
        ("jalisco", "Jalisco, México"),
        ("mexico", "México"),
        ("old", "Old"),
    ]
    assert names.choices("topic") == [("trade", "Trade")]
    assert names.choices("organization") == []


@pytest.mark.parametrize(
    ("key", "heir"),
    [("old", "jalisco"), ("older", "jalisco"), ("jalisco", "jalisco"), ("x", "x"), ("ring-1", "ring-2")],
)
def test_what_was_merged_leads_to_what_took_its_place(names, key, heir):
    assert names.heir("place", key) == heir


def test_an_entry_stands_for_all_that_was_merged_into_it(names):
    assert names.merged("place", ["jalisco"]) == {"jalisco", "older", "old"}
    assert names.merged("place", ["old", "nowhere"]) == {"old", "nowhere"}


def test_only_public_entries_have_a_page(names):
    assert names.entered("place", ["mexico", "jalisco", "nowhere"]) == [
        Entered("jalisco", "Jalisco, México"),
        Entered("mexico", "México"),
    ]
    assert names.one("place", None) is None
    assert names.page_key("place", "nowhere") == ""
    assert names.page_key("place", "mexico") == "mexico"


def test_alphabets_know_neither_accents_nor_capitals():
    words = ["Zapopan", "Ávila", "ñandú", "avance", "Nogales"]
    assert sorted(words, key=alphabetical) == ["avance", "Ávila", "ñandú", "Nogales", "Zapopan"]
