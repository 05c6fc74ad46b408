"""What is public today is found by its state, and is the same as what a comparison of all days finds."""

import datetime

import pytest
import time_machine

from hled_portal.dates import as_of
from hled_portal.publishing import clearance
from hled_portal.tests import factories
from initiatives.models import Edition

pytestmark = [pytest.mark.django_db, pytest.mark.database]
EARLIER = factories.DAY - datetime.timedelta(days=30)


def test_what_is_public_today_is_the_newest_of_each_subject():
    cast = factories.make_cast()
    factories.make_edition(cast.ana, "proposed")
    factories.make_published(cast, "once")
    factories.make_joint_text("later-by-keys")
    factories.make_published(cast, "later-by-keys", content=factories.topic_content("later-by-keys", "Renamed"))
    factories.make_joint_text("older-text-later")
    older = factories.make_joint_text("older-text-later", day=EARLIER)
    withdrawn = factories.make_published(cast, "withdrawn")
    before = factories.make_joint_text("newest-withdrawn")
    newest = factories.make_published(
        cast, "newest-withdrawn", content=factories.topic_content("newest-withdrawn", "B")
    )
    for text in (withdrawn, newest, older):
        clearance.withdraw(text, cast.luis, "error")
    back = factories.make_published(cast, "withdrawn", content=factories.topic_content("withdrawn", "C"))

    at = as_of.now()
    found = set(Edition.objects.public(at))
    assert found == set(Edition.objects.all()._newest(at).exclude(state="withdrawn"))
    assert {edition.subject_key for edition in found} == {"once", "later-by-keys", "older-text-later", "withdrawn"}
    assert back in found
    assert before not in found
    assert set(Edition.objects.withdrawn(at)) == {newest}


def test_yesterday_and_a_publication_are_found_by_their_days():
    cast = factories.make_cast()
    with time_machine.travel(datetime.datetime(2026, 5, 1, 18, tzinfo=datetime.UTC)):
        first = factories.make_published(cast)
    with time_machine.travel(datetime.datetime(2026, 5, 3, 18, tzinfo=datetime.UTC)):
        second = factories.make_published(cast, content=factories.topic_content("supply-chains", "Chains"))
        yesterday = as_of.Moment(datetime.date(2026, 5, 2))
        assert list(Edition.objects.public(as_of.now())) == [second]
        assert list(Edition.objects.public(yesterday)) == [first]
        assert list(Edition.objects.public(as_of.Moment(as_of.today(), first.publication))) == [first]
