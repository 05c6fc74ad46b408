"""The records that many tests begin with: made once, and as they were for each test."""

import pytest

from hled_portal.tests.factories import make_topic
from hled_portal.tests.kept_rows import kept
from initiatives.models import Topic

pytestmark = [pytest.mark.database, pytest.mark.django_db]
MADE = []


def make_one():
    MADE.append(make_topic(name_en="Ports"))
    return MADE[-1]


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_record_is_made_once_and_no_test_sees_what_another_did_to_it(turn):
    topic = kept(make_one)
    assert len(MADE) == 1
    assert (topic.name_en, list(Topic.objects.all()), topic.history.count()) == ("Ports", [topic], 1)
    topic.name_en = "Changed"
    topic.save()
    assert make_topic("another").pk > topic.pk


def test_a_record_is_made_of_nothing_else():
    make_topic()
    with pytest.raises(AssertionError, match="not empty"):
        kept(make_topic)
