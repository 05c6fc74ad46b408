"""What rows of a list are about to owe."""

import datetime

import pytest

from hled_portal.dates.as_of import Moment
from hled_portal.tests.factories import make_fact, make_initiative, make_meeting, make_pillar, make_source
from initiatives.editions import joint_texts
from initiatives.models import Citation, Edition
from initiatives.record import due_facts
from initiatives.record.pillars import Pillars

pytestmark = pytest.mark.django_db
DAY = datetime.date(2024, 8, 1)


def publish(*initiatives):
    source = make_source(meeting=make_meeting())
    for one in initiatives:
        Citation.objects.create(initiative=one, source=source, locator="item")
    joint_texts.enter_joint_text(source)
    return list(Edition.objects.public(Moment(DAY)).initiatives().order_by("subject_key"))


def make_one(key: str = "one"):
    one = make_initiative(key)
    make_fact(one, "later", date_edtf="2025", order=1)
    make_fact(one, "soon", date_edtf="2024-09", order=2)
    make_fact(one, "late", date_edtf="2024-06", order=3)
    make_fact(one, "done", date_edtf="2024-03", modality="happened", order=4)
    make_fact(one, "open", date_edtf="", order=5)
    return one


def keys(entries) -> list[str]:
    return [entry.fact_key for entry in entries]


def test_what_is_past_its_date_and_what_is_next():
    [one] = publish(make_one())
    found = due_facts.facts_due([one], Pillars(Moment(DAY)))[one.pk]
    assert (keys(found.past), keys(found.outcome), keys(found.ahead)) == (["late"], [], ["soon", "later"])


def test_after_the_cycle_an_outcome_was_not_published():
    cycle = make_pillar().cycle
    cycle.ends = datetime.date(2024, 7, 1)
    cycle.save()
    [one] = publish(make_one())
    found = due_facts.facts_due([one], Pillars(Moment(DAY)))[one.pk]
    assert (keys(found.past), keys(found.outcome)) == ([], ["late", "open"])


def test_of_what_owes_nothing_nothing_is_told():
    [one] = publish(make_initiative("one"))
    assert due_facts.facts_due([one], Pillars(Moment(DAY))) == {}


@pytest.mark.parametrize("count", [1, 6])
def test_one_query_for_one_and_for_many(django_assert_num_queries, count):
    found = publish(*(make_one(f"one-{n}") for n in range(count)))
    frame = Pillars(Moment(DAY))
    assert frame.editions
    with django_assert_num_queries(1):
        assert len(due_facts.facts_due(found, frame)) == count
