"""Filters of initiatives, on the review of April 2024; each selection is held against a plain one over the contents."""

import datetime
import itertools
import random

import pytest
from django.http import QueryDict
from django.utils import translation

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from initiatives.filters.initiative_filters import InitiativeFilter
from initiatives.models import Edition

AT = Moment(datetime.date(2024, 8, 1))


pytestmark = [pytest.mark.database, pytest.mark.usefixtures("review"), pytest.mark.django_db]


def chosen(query: str, at: Moment = AT) -> InitiativeFilter:
    return InitiativeFilter(QueryDict(query), at)


def keys(query: str, at: Moment = AT) -> list[str]:
    found = chosen(query, at)
    assert found.is_valid(), found.errors
    rows = list(found.qs)
    assert found.ids == [edition.pk for edition in rows]  # Of the counted bits, as pages show them.
    return [edition.subject_key for edition in rows]


# Each filter


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 34),
        ("pillar=2021-2", 5),
        ("pillar=2021-2&pillar=2021-4", 9),
        ("workstream=2021-1-3", 13),
        ("stage=completed", 7),
        ("stage=completed&stage=planned", 9),
        ("confidence=not_stated", 34),
        ("confidence=at_risk", 0),
        ("kind=works", 12),
        ("figures=yes", 10),
        ("figures=no", 24),
        ("past=yes", 5),
        ("past=no", 29),
        ("place=jalisco", 1),
        ("place=mexico", 16),
        ("country=MX", 16),
        ("place=texas", 7),
        ("country=US", 13),
        ("topic=workforce", 7),
        ("delegation=US&delegation=MX&delegation=joint", 34),
        ("pillar=&stage=&from=&to=&past=&sort=", 34),
        ("utm_source=letter&page=2&as_of=2024-08-01", 34),
    ],
)
def test_how_many_each_filter_finds(query, number):
    assert len(keys(query)) == number


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("place=guadalajara", {"canieti-forums"}),
        ("place=jalisco", {"canieti-forums"}),
        ("place=otay-mesa-new-crossing", {"otay-mesa-east", "otay-mesa-ii"}),
        ("place=otay-mesa-ii-poe", {"otay-mesa-ii"}),
        ("place=otay-mesa-new-crossing&country=US", {"otay-mesa-east"}),
        ("organization=sep", {"competency-certification-dialogue", "english-for-semiconductors"}),
        ("organization=sep&role=host", set()),
        # Named by initiatives, without a part in them.
        (
            "organization=sembrando-vida",
            {"sembrando-oportunidades", "sembrando-oportunidades-guatemala", "agricultural-innovation-guatemala"},
        ),
        # May 2024, spring and summer overlap; June 7 is later.
        ("from=2024-05-01&to=2024-05-31&kind=works", {"douglas"}),
        ("from=2024-06-07&to=2024-06-07&kind=works", {"piedras-negras-eagle-pass-ii", "douglas"}),
        ("to=2021-12-31", {"sembrando-oportunidades"}),
    ],
)
def test_what_a_filter_finds(query, expected):
    assert set(keys(query)) == expected


def test_a_role_and_its_organization_are_of_the_same_part():
    """SEDENA reports on two works and leads one of them: a leader of something else is not found."""
    assert set(keys("organization=sedena&role=reporting_body")) == {"otay-mesa-ii", "piedras-negras-eagle-pass-ii"}
    assert set(keys("organization=sedena&role=recipient")) == set()


# Wrong values


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("pillar=2021-9", "pillar", "2021-9 is not one of the available choices."),
        ("workstream=x", "workstream", "x is not one of the available choices."),
        ("stage=completed&stage=finished", "stage", "finished is not one of the available choices."),
        ("confidence=x", "confidence", "x is not one of the available choices."),
        ("kind=%00", "kind", "is not one of the available choices."),
        ("organization=nobody", "organization", "nobody is not one of the available choices."),
        ("organization=sep&role=boss", "role", "boss is not one of the available choices."),
        ("role=lead", "role", "To filter by role, choose an organization too."),
        ("delegation=CA", "delegation", "CA is not one of the available choices."),
        ("place=atlantis", "place", "atlantis is not one of the available choices."),
        ("country=XX", "country", "XX is not one of the available choices."),
        ("topic=x", "topic", "x is not one of the available choices."),
        ("from=12/04/2024", "from", "Enter a date as year, month and day, for example 2024-04-19."),
        ("to=2024-02-30", "to", "Enter a date as year, month and day, for example 2024-04-19."),
        ("from=2024-05-01&to=2024-04-30", "to", "This date is before the start of the period."),
        ("past=maybe", "past", "maybe is not one of the available choices."),
        ("figures=1", "figures", "1 is not one of the available choices."),
        ("sort=random", "sort", "random is not one of the available choices."),
    ],
)
def test_a_wrong_value_is_told_and_finds_nothing(query, field, words):
    found = chosen(query)
    assert not found.is_valid()
    assert list(found.errors) == [field]
    assert words in " ".join(found.errors[field])
    assert list(found.qs) == []


@pytest.mark.only_on("sqlite")
def test_a_role_of_a_wrong_organization_is_one_error():
    assert list(chosen("organization=nobody&role=lead").errors) == ["organization"]


def test_what_is_not_public_yet_is_no_choice():
    before = Moment(datetime.date(2024, 4, 18))
    assert list(chosen("organization=sep", before).errors) == ["organization"]
    assert list(chosen("pillar=2021-1", before).errors) == ["pillar"]
    assert keys("", before) == []


# Order


def test_orders():
    by_pillar = keys("")
    assert by_pillar == keys("sort=pillar")
    titles = [edition.title for edition in chosen("sort=title").qs]
    assert titles == sorted(titles, key=str.casefold)
    assert keys("sort=expected")[:2] == ["otay-mesa-ii", "douglas"]
    assert keys("sort=expected", Moment(datetime.date(2024, 4, 19)))[0] == "santa-teresa"
    for sort in ("title", "reported", "expected", "published"):
        assert sorted(keys(f"sort={sort}")) == sorted(by_pillar)
        assert set(keys(f"sort={sort}&stage=completed")) == set(keys("stage=completed"))


def test_titles_are_sorted_without_accents_and_capitals():
    titles = ["Árbol", "azul", "Zeta", "Ñandú", "nube"]
    for edition, title in zip(Edition.objects.public(AT).initiatives()[:5], titles, strict=True):
        Edition.objects.filter(pk=edition.pk).update(title_es=title, stage="suspended")
    with translation.override("es"):
        titles = [edition.title for edition in chosen("sort=title&stage=suspended").qs]
    assert titles == ["Árbol", "azul", "Ñandú", "nube", "Zeta"]


# The query of a selection


def test_a_selection_is_one_query_however_it_was_asked_for():
    query = (
        "sort=title&stage=planned&page=3&stage=completed&as_of=2024-08-01&utm_source=x&pillar=2021-1&to=&stage=planned"
    )
    found = chosen(query)
    assert found.query_string == "pillar=2021-1&stage=completed&stage=planned&sort=title"
    assert keys(found.query_string) == keys(query)
    assert chosen("").query_string == ""


# Combinations


def plainly(data: dict, values: dict, places: dict) -> bool:
    """The same selection without the index: over the content of one initiative."""
    parts = [*data["participations"], *(part for fact in data["facts"] for part in fact["participations"])]
    bodies = {(part["organization"], part["role"]) for part in parts}
    readings = [reading for fact in data["facts"] for reading in fact["readings"]]
    bodies |= {(reading["reporting_body"], "reporting_body") for reading in readings}
    bodies |= {(link["organization"], link["kind"]) for link in data["links"]}
    where = {*data["places"], *(place for row in (*data["facts"], *readings) for place in row["places"])}
    around = {holder for place in where for holder in plain_holders(place, places)}
    checks = {
        "pillar": lambda value: data["pillar"] in value,
        "workstream": lambda value: data["workstream"] in value,
        "stage": lambda value: data["stage"] in value,
        "confidence": lambda value: data["confidence"] in value,
        "kind": lambda value: data["initiative_kind"] in value,
        "organization": lambda value: any(
            body in value and role in values.get("role", [role]) for body, role in bodies
        ),
        "role": lambda value: True,
        "delegation": lambda value: any(fact["side"] in value for fact in data["facts"]),
        "place": lambda value: bool(around & set(value)),
        "country": lambda value: any(set(value) & plain_countries(place, places) for place in where),
        "topic": lambda value: bool(set(data["topics"]) & set(value)),
        "past": lambda value: (value == ["yes"]) == any(map(plainly_past, data["facts"])),
        "figures": lambda value: (value == ["yes"]) == any(fact["kind"] == "figure" for fact in data["facts"]),
        "from": lambda value: any(plainly_in(fact, values) for fact in data["facts"]),
        "to": lambda value: any(plainly_in(fact, values) for fact in data["facts"]),
    }
    return all(checks[name](value) for name, value in values.items())


def plain_holders(place: str, places: dict) -> set[str]:
    """A crossing is also in the cities, states and countries of its sides."""
    found = plain_above(place, places)
    for side in places.values():
        if side["parent"] == place and places[place]["place_kind"] == "crossing":
            found |= plain_above(side["city"], places) | plain_country(side, places)
    return found


def plain_above(place: str | None, places: dict) -> set[str]:
    if not place:
        return set()
    row = places[place]
    above = plain_above(row["parent"], places) | plain_above(row["city"], places)
    return {place} | above | plain_country(row, places)


def plain_country(place: dict, places: dict) -> set[str]:
    return {k for k, row in places.items() if row["place_kind"] == "country" and row["country"] == place["country"]}


def plain_countries(place: str, places: dict) -> set[str]:
    if places[place]["place_kind"] == "crossing":
        return {row["country"] for row in places.values() if row["parent"] == place}
    return {places[place]["country"]}


def plainly_past(fact: dict) -> bool:
    undecided = fact["modality"] in ("expected", "planned", "committed", "deadline") and fact["end_reason"] in (
        "",
        "met",
    )
    latest = edtf_dates.bounds(fact["date_edtf"])[1]
    return undecided and latest is not None and latest < AT.day


def plainly_in(fact: dict, values: dict) -> bool:
    earliest, latest = edtf_dates.bounds(fact["date_edtf"])
    if earliest is None and latest is None:
        return False
    first = datetime.date.fromisoformat(values.get("from", ["0001-01-01"])[0])
    last = datetime.date.fromisoformat(values.get("to", ["9999-12-31"])[0])
    return (earliest or latest) <= last and (latest or datetime.date.max) >= first


VALUES = {
    "pillar": ["2021-1", "2021-2", "2021-3", "2021-4"],
    "workstream": ["2021-1-1", "2021-1-3", "2021-4-3"],
    "stage": ["planned", "under_way", "completed"],
    "confidence": ["not_stated", "on_track"],
    "kind": ["works", "study", "training", "programme", "coordination", "forum"],
    "organization": ["sep", "usaid", "sedena", "dos", "amexcid", "bil", "sembrando-vida"],
    "role": ["lead", "partner", "funder", "reporting_body", "participant"],
    "delegation": ["US", "MX", "joint"],
    "place": ["mexico", "jalisco", "border-region", "otay-mesa-new-crossing", "united-states", "central-america"],
    "country": ["US", "MX", "GT", "HN"],
    "topic": ["workforce", "border-infrastructure", "semiconductors"],
    "past": ["yes", "no"],
    "figures": ["yes", "no"],
}
DAYS = ["2021-06-01", "2023-11-15", "2024-01-31", "2024-04-19", "2024-05-31", "2024-09-21"]


def some_selection(luck: random.Random) -> dict[str, list[str]]:
    values = {}
    for name in luck.sample(list(VALUES), luck.randint(1, 4)):
        single = name in ("past", "figures")
        values[name] = luck.sample(VALUES[name], 1 if single else luck.randint(1, 2))
    if "role" in values and "organization" not in values:
        values["organization"] = luck.sample(VALUES["organization"], 1)
    if luck.random() < 0.4:
        first, last = sorted(luck.sample(DAYS, 2))
        values |= {"from": [first], "to": [last]}
    return values


@pytest.fixture(scope="module")
def contents(review, django_db_blocker):
    with django_db_blocker.unblock():
        editions = list(Edition.objects.public(AT))
    initiatives = {e.subject_key: e.data for e in editions if e.subject_kind == "initiative"}
    return initiatives, {e.subject_key: e.data for e in editions if e.subject_kind == "place"}


def test_combined_filters_find_what_a_plain_selection_finds(contents):
    initiatives, places = contents
    luck, found = random.Random(4), 0
    for _turn in range(150):
        values = some_selection(luck)
        query = QueryDict(mutable=True)
        for name, some in values.items():
            query.setlist(name, some)
        expected = {key for key, data in initiatives.items() if plainly(data, values, places)}
        assert set(keys(query.urlencode())) == expected, values
        found += bool(expected)
    assert found > 50  # Selections that find nothing prove little.


@pytest.mark.only_on("sqlite")
def test_every_pair_of_filters_is_an_and(contents):
    for (one, first), (two, second) in itertools.combinations(VALUES.items(), 2):
        if "role" not in (one, two):
            alone = set(keys(f"{one}={first[0]}")) & set(keys(f"{two}={second[0]}"))
            assert set(keys(f"{one}={first[0]}&{two}={second[0]}")) == alone


# Queries


@pytest.mark.parametrize(
    ("query", "number"),
    [("", 1), ("stage=completed&kind=works&sort=title", 1), ("place=mexico&organization=sep", 4), ("past=yes", 3)],
)
def test_names_are_read_only_where_they_are_asked_for(django_assert_num_queries, query, number):
    with django_assert_num_queries(number):
        list(chosen(query).qs)
