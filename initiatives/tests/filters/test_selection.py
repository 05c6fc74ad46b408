"""Reading a selection for files: the list's own, with initiatives by key and kinds of facts."""

import datetime

import pytest
from django.http import QueryDict

from hled_portal.dates.as_of import Moment
from hled_portal.tests.factories import make_initiative, make_meeting, make_pillar, make_source
from initiatives.editions import joint_texts
from initiatives.filters import selection
from initiatives.models import Citation
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.choices import InitiativeKind

pytestmark = pytest.mark.django_db
AT = Moment(datetime.date(2024, 4, 19))


@pytest.fixture(autouse=True)
def _record():
    source = make_source(meeting=make_meeting())
    for initiative in (make_initiative("one"), make_initiative("two", pillar=make_pillar(2), kind="study")):
        Citation.objects.create(initiative=initiative, source=source, order=1, locator="item 1")
    joint_texts.enter_joint_text(source)


def chosen(query: str, **more):
    found = selection.parse_selection(QueryDict(query), AT, **more)
    return [edition.subject_key for edition in found.editions], found.fact_kinds, found.query


def errors(query: str, **more) -> dict:
    found = selection.parse_selection(QueryDict(query), AT, **more)
    assert list(found.editions) == []
    return found.errors


def test_no_kind_of_fact_is_a_kind_of_initiative():
    """Both are asked for by the word `kind`."""
    assert not set(FactKind.values) & set(InitiativeKind.values)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (["one", "two"], [], "")),
        ("pillar=2021-2&page=3&as_of=2024-04-19", (["two"], [], "pillar=2021-2")),
        ("initiative=one", (["one"], [], "initiative=one")),
        ("initiative=two&initiative=one&initiative=", (["one", "two"], [], "initiative=one&initiative=two")),
        ("initiative=one&kind=study", ([], [], "kind=study&initiative=one")),
    ],
)
def test_what_is_chosen(query, expected):
    assert chosen(query) == expected


@pytest.mark.parametrize(
    ("query", "keys", "kinds"),
    [
        ("kind=milestone", ["one", "two"], ["milestone"]),
        ("kind=milestone&kind=study&kind=event", ["two"], ["event", "milestone"]),
        ("kind=works", ["one"], []),
    ],
)
def test_kinds_of_facts_beside_kinds_of_initiatives(query, keys, kinds):
    assert chosen(query, facts=True)[:2] == (keys, kinds)


def test_errors_choose_nothing():
    assert set(errors("kind=milestone")) == {"kind"}
    assert set(errors("kind=hito", facts=True)) == {"kind"}
    assert errors("initiative=one&initiative=three") == {
        "initiative": ["“three” is not the key of a published initiative."]
    }
    assert set(errors("initiative=three&stage=x&sort=x")) == {"initiative", "stage", "sort"}


def test_an_initiative_of_another_day_is_unknown():
    found = selection.parse_selection(QueryDict("initiative=one"), Moment(datetime.date(2024, 4, 18)))
    assert list(found.errors) == ["initiative"]
