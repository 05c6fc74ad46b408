"""Organizations: their list by country and kind, names over time, and what became of them. On the review of 2024."""

import datetime
from copy import deepcopy
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from hled_portal.dates.as_of import Moment
from initiatives.record import organizations, register_lookup
from initiatives.record.organizations import NameRow
from initiatives.record.register_lookup import Entered

AT = Moment(datetime.date(2024, 8, 1))
LATER = Moment(datetime.date(2025, 8, 1))


pytestmark = [
    pytest.mark.usefixtures("review"),
    pytest.mark.django_db,
]


def countries(at=AT) -> dict:
    return {country.title: country.kinds for country in organizations.by_country(register_lookup.at_moment(at), at)}


@pytest.fixture
def usaid_ended():
    """The text of 2025 that says so."""
    directory = Path(__file__).parents[2] / "reviews" / "2025-07-01"
    call_command("load_dialogue", str(directory), publish_as_of=datetime.date(2025, 7, 1), verbosity=0)


def test_countries_come_in_the_alphabet_of_the_reader():
    assert list(countries()) == ["Canada", "Mexico", "United States", "Of several countries"]
    with translation.override("es"):
        assert list(countries()) == ["Canadá", "Estados Unidos", "México", "De varios países"]


def test_each_is_listed_under_its_kind_with_the_number_of_its_initiatives():
    mexico = {kind.title: kind.organizations for kind in countries()["Mexico"]}
    assert list(mexico) == [
        "Ministries, secretariats and departments",
        "Agencies",
        "Chambers",
        "Universities",
        "Programs",
    ]
    assert [(row.key, row.initiatives) for row in mexico["Programs"]] == [
        ("jovenes-construyendo-el-futuro", 1),
        ("sembrando-vida", 3),
    ]


def test_what_ended_says_so_in_the_list(usaid_ended):
    for at, ended in ((AT, {}), (LATER, {"usaid": "closed 2025; no successor named"})):
        rows = [row for kinds in countries(at).values() for kind in kinds for row in kind.organizations]
        assert {row.key: row.afterlife for row in rows if row.afterlife} == ended


def test_a_list_takes_one_query_beside_the_register(django_assert_num_queries):
    names = register_lookup.at_moment(AT)
    with django_assert_num_queries(1):
        organizations.by_country(names, AT)


def test_names_are_told_the_present_one_first():
    found = organizations.build_organization_page("sict", register_lookup.at_moment(AT))
    assert found.name == "Secretariat of Infrastructure, Communications and Transportation (SICT)"
    assert found.names == [
        NameRow(
            "Secretariat of Infrastructure, Communications and Transportation",
            "SICT",
            "Secretaría de Infraestructura, Comunicaciones y Transportes",
            "October 2021",
            "",
        ),
        NameRow(
            "Secretariat of Communications and Transportation",
            "SCT",
            "Secretaría de Comunicaciones y Transportes",
            "",
            "October 2021",
        ),
    ]


def test_what_became_of_an_organization(usaid_ended):
    names = register_lookup.at_moment(LATER, "source")
    usaid = organizations.build_organization_page("usaid", names)
    assert (usaid.ended, usaid.successors, usaid.kind, usaid.country) == ("2025", [], "Agency", "United States")
    assert usaid.ended_source.date == "July 1, 2025"
    assert [(alias["text"], alias["language"]) for alias in usaid.aliases] == [
        ("U.S. Agency for International Development", "en")
    ]
    assert organizations.build_organization_page("nist", names).parent == Entered("doc", "Department of Commerce (DOC)")
    assert [part.key for part in organizations.build_organization_page("doc", names).parts] == ["nist"]


def test_successors_are_told_both_ways_and_merged_entries_too():
    names = deepcopy(register_lookup.at_moment(AT))  # Kept for later tests.
    names.contents[("organization", "usaid")] |= {"successors": ["dos"]}
    names.contents[("organization", "gac")] |= {"replaced_by": "oecd"}
    assert [entry.key for entry in organizations.build_organization_page("usaid", names).successors] == ["dos"]
    assert [entry.key for entry in organizations.build_organization_page("dos", names).took_over] == ["usaid"]
    assert organizations.build_organization_page("gac", names).replaced_by.key == "oecd"
    assert [entry.key for entry in organizations.build_organization_page("oecd", names).merged] == ["gac"]
    rows = organizations.by_country(names, AT)
    assert "Canada" not in [country.title for country in rows]
