"""Check constraints in Python: the same answers as the database's."""

import pytest
from django.db.models import CheckConstraint, F, Q
from django.db.models.functions import Length

from hled_portal.files import constraint_validation
from hled_portal.tests import factories as make
from initiatives import models as record
from initiatives.imports.resources import FILES

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.mark.parametrize("kind", ["milestone", "event", "update", "figure", "objective"])
@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"action": "begin", "modality": "expected"},
        {"action": "", "modality": ""},
        {"mode": "virtual"},
        {"series_position": 3, "series_size": 2},
        {"series_position": 2, "series_size": None},
        {"end_edtf": "2024"},
        {"end_reason": "met", "modality": "expected"},
        {"measure": "physical_progress", "currency": "USD"},
        {"measure": "committed", "currency": "USD"},
        {"initiative": None},
    ],
)
def test_facts_are_judged_as_the_database_judges_them(kind, columns):
    fact = record.Fact(initiative=make.make_initiative(), key="x", kind=kind, side="MX", object_en="words")
    for name, value in columns.items():
        setattr(fact, name, value)
    rules = [rule for rule in fact._meta.constraints if isinstance(rule, CheckConstraint)]
    by_database = [
        str(rule.get_violation_error_message()) for rule in rules if not constraint_validation._applies(rule, fact)
    ]
    assert [str(message) for message in constraint_validation.broken(fact)] == by_database


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        (Q(a=1), True),
        (Q(a=2), False),
        (Q(none=1), None),
        (~Q(none=1), None),
        (Q(none__isnull=True) & ~Q(a=2), True),
        (Q(none=1) | Q(a=1), True),
        (Q(none=1) & Q(a=2), False),
        (Q(a__lt=F("b")), True),
        (Q(a__range=(2, 3)), False),
        (Q(a__in=[1, 5]), True),
    ],
)
def test_conditions_are_read_as_sql_reads_them(condition, met):
    assert constraint_validation.met(condition, {"a": 1, "b": 2, "none": None}.get) is met


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("condition", [Q(a__regex="x"), Q(a=Length("b")), Q(a=1) ^ Q(b=1)])
def test_what_only_a_database_can_answer_is_left_to_it(condition):
    with pytest.raises(constraint_validation.UnknownCondition):
        constraint_validation.met(condition, {"a": 1, "b": 2}.get)


def test_every_rule_of_the_record_is_read_without_the_database(django_assert_num_queries):
    rows = [resource._meta.model() for resource in FILES.values()]
    with django_assert_num_queries(0):
        for row in rows:
            constraint_validation.broken(row)
