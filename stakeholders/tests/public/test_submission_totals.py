"""Figures of all submissions: in, not yet reviewed, answered and waiting, whatever their senders let be published."""

import datetime

import pytest
from django.utils import timezone

from hled_portal.dates import as_of
from hled_portal.tests.factories import (
    make_answer,
    make_cast,
    make_consultation,
    make_heard,
    make_letter,
    make_officers,
    make_recommendation,
)
from stakeholders.models import Asking, Letter
from stakeholders.public import submission_totals

pytestmark = pytest.mark.django_db


def arrive(days: int, **columns) -> Letter:
    """A letter that came so many days ago."""
    return make_letter(created_at=timezone.now() - datetime.timedelta(days=days), **columns)


def moment(days: int = 0) -> as_of.Moment:
    return as_of.Moment(timezone.localdate() - datetime.timedelta(days=days))


@pytest.fixture
def letters(db):
    """Six of one consultation and one of none; one came today."""
    cast, officers = make_cast(), make_officers()
    call = make_consultation()
    make_heard(officers, arrive(40), key="one")
    make_answer(cast, "one")
    make_recommendation(officers.rosa, arrive(30, consent="nothing", consultation=call))
    for days in (269, 20, 0):
        arrive(days, consent="nothing", consultation=call)
    arrive(300, consultation=call, state="withdrawn", withdrawn_at=timezone.now() - datetime.timedelta(days=10))
    arrive(310, consultation=call, state="restricted", restriction="abuse")
    Asking.objects.update(joined_at=timezone.now() - datetime.timedelta(days=5))


@pytest.mark.usefixtures("letters")
def test_every_submission_counts(django_assert_num_queries):
    with django_assert_num_queries(1):
        now = submission_totals.count(moment())
    assert now.day == timezone.localdate() - datetime.timedelta(days=1)
    assert (now.received, now.unread, now.answered, now.waiting) == (6, 2, 0, 4)  # The response is of today.
    assert (now.longest_wait, now.unpublished) == (268, 3)
    then = submission_totals.count(moment(15))
    assert (then.received, then.unread, then.waiting, then.longest_wait) == (6, 5, 5, 285)
    assert submission_totals.count(moment(400)).longest_wait is None


@pytest.mark.usefixtures("letters")
def test_the_day_after_it_was_published_a_response_counts(monkeypatch):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    monkeypatch.setattr(submission_totals.timezone, "localdate", lambda *given: tomorrow)
    found = submission_totals.count(as_of.Moment(tomorrow))
    assert (found.received, found.answered, found.waiting) == (7, 1, 4)


@pytest.mark.usefixtures("letters")
def test_by_consultation_and_on_the_pages(client):
    assert submission_totals.count(moment(), "standing").received == 5
    html = client.get("/en/recommendations/consultations/standing/").content.decode()
    assert "including those whose senders asked that nothing be published" in html
    assert "<dt>Submissions received</dt><dd>5</dd>" in html
    assert "Longest wait" in html
