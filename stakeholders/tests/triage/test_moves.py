"""Moves of letters and recommendations: one table, one door, and a row for each."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from hled_portal.models import PublicVersion
from hled_portal.publishing.clearance import Refused
from hled_portal.tests.factories import make_letter, make_officers, make_recommendation, make_user
from stakeholders.models import Letter, Move, PublishedRecommendation
from stakeholders.triage import moves as triage
from stakeholders.triage import publishing
from stakeholders.vocabulary import CaseState, MoveAction

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def cast():
    return make_officers()


def moves(row) -> list[tuple[str, str, str]]:
    return list(row.moves.values_list("action", "before", "after"))


def publish(cast, recommendation) -> PublishedRecommendation:
    seen = publishing.content_digest(
        publishing.public_content(recommendation, publishing.quoted_asking(recommendation))
    )
    publishing.clear(recommendation, cast.rosa, seen)
    return publishing.clear(recommendation, cast.ruth, seen)


def test_a_recommendation_goes_along_the_table_and_each_move_is_kept(cast):
    recommendation = make_recommendation(cast.rosa)
    triage.consider(recommendation, cast.ruth)
    assert moves(recommendation) == [("received", "", "received"), ("considered", "received", "considered")]
    last = recommendation.moves.last()
    assert (last.by, last.delegation) == (cast.ruth, "US")


@pytest.mark.only_on("sqlite")
def test_every_state_that_a_move_leads_to_is_one_and_nothing_leads_back_to_received():
    assert {to for _from, to in triage.MOVES.values()} == set(CaseState.values) - {"received"}


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("action", triage.MOVES)
def test_what_the_table_does_not_hold_is_refused_and_changes_nothing(cast, action):
    recommendation = make_recommendation(cast.rosa)
    for state in CaseState.values:
        recommendation.state = state
        if triage.is_allowed(recommendation, action):
            continue
        with pytest.raises(Refused, match="This step is not possible:"):
            triage.move(recommendation, action, cast.rosa)
        recommendation.refresh_from_db()
        assert recommendation.state == "received"
        assert recommendation.moves.count() == 1


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("roles", [("editor",), ("officer",), ("auditor",), ("administrator",), ()])
def test_no_other_role_moves_anything(cast, roles):
    recommendation = make_recommendation(cast.rosa)
    stranger = make_user("x", *roles, delegation="" if roles == ("auditor",) else "MX")
    for do in (
        lambda: triage.consider(recommendation, stranger),
        lambda: triage.restrict(recommendation, stranger, "abuse"),
        lambda: triage.assign(recommendation, stranger, cast.rosa),
        lambda: triage.set_due(recommendation, stranger, datetime.date(2030, 1, 1)),
        lambda: triage.write_note(recommendation, stranger, "x"),
        lambda: publishing.clear(recommendation, stranger, ""),
    ):
        with pytest.raises(Refused, match="not a recommendations officer"):
            do()
    assert moves(recommendation) == [("received", "", "received")]


@pytest.mark.only_on("sqlite")
def test_a_recommendations_officer_without_a_delegation_moves_nothing(cast):
    recommendation = make_recommendation(cast.rosa)
    with pytest.raises(Refused):
        triage.consider(recommendation, make_user("zoe", "recommendations"))


# Restricting


def test_one_side_restricts_at_once_with_a_typed_reason_and_lifts_it_again(cast):
    recommendation = make_recommendation(cast.rosa)
    published = publish(cast, recommendation)
    before = PublicVersion.objects.get().value
    triage.restrict(recommendation, cast.ruth, "personal_data")
    published.refresh_from_db()
    assert published.restriction == "personal_data"
    assert PublicVersion.objects.get().value > before
    triage.lift(recommendation, cast.ruth, "The name was taken out.")
    published.refresh_from_db()
    recommendation.refresh_from_db()
    assert (published.restricted_at, recommendation.state) == (None, "considered")
    assert [row.restriction for row in recommendation.moves.filter(action="restricted")] == ["personal_data"]


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(("restriction", "reason"), [("", "x"), ("nonsense", "x"), ("other", " ")])
def test_a_restriction_without_its_reason_is_refused(cast, restriction, reason):
    with pytest.raises(Refused):
        triage.restrict(make_recommendation(cast.rosa), cast.rosa, restriction, reason)


def test_the_database_keeps_the_reason_too(cast):
    recommendation = make_recommendation(cast.rosa)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(recommendation).objects.update(state="restricted")


# Withdrawing


def test_a_sender_who_withdraws_takes_what_only_that_letter_asks_for_along(cast):
    letter = make_letter("Abran la ventanilla única.")
    recommendation = make_recommendation(cast.rosa, letter)
    publish(cast, recommendation)
    assert triage.withdraw(letter) is True
    assert triage.withdraw(letter) is False
    recommendation.refresh_from_db()
    letter.refresh_from_db()
    assert (letter.state, recommendation.state) == ("withdrawn", "withdrawn")
    assert letter.withdrawn_at is not None
    assert [row.by for row in Move.objects.filter(action=MoveAction.WITHDRAWN)] == [None, None]


def test_what_another_letter_asks_for_too_goes_on(cast):
    first, second = make_letter("Abran la ventanilla única."), make_letter("Abran la ventanilla única.")
    recommendation = make_recommendation(cast.rosa, first)
    recommendation.askings.create(letter=second, text="Abran la ventanilla única.", language="es")
    triage.withdraw(first)
    recommendation.refresh_from_db()
    assert recommendation.state == "received"
    triage.withdraw(second)
    recommendation.refresh_from_db()
    assert recommendation.state == "withdrawn"


def test_a_letter_is_considered_with_its_first_part(cast):
    letter = make_letter()
    recommendation = make_recommendation(cast.rosa, letter)
    Letter.objects.update(state="received")
    triage.consider(recommendation, cast.rosa)
    letter.refresh_from_db()
    assert letter.state == "considered"


# Work


def test_it_is_assigned_to_one_officer_of_each_delegation(cast):
    recommendation = make_recommendation(cast.rosa)
    triage.assign(recommendation, cast.rosa, cast.rosa)
    triage.assign(recommendation, cast.ruth, cast.ruth)
    triage.assign(recommendation, cast.rosa, cast.rosa)
    other = make_user("rita", "recommendations", delegation="MX")
    triage.assign(recommendation, cast.rosa, other)
    open_ = recommendation.assignments.filter(ended_at=None).values_list("delegation", "to__username")
    assert sorted(open_) == [("MX", "rita"), ("US", "ruth")]
    with pytest.raises(Refused, match="own delegation"):
        triage.assign(recommendation, cast.rosa, cast.ruth)
    triage.assign(recommendation, cast.rosa, None)
    assert recommendation.assignments.filter(ended_at=None).count() == 1


def test_the_date_for_an_answer_reaches_readers(cast):
    recommendation = make_recommendation(cast.rosa)
    publish(cast, recommendation)
    day = recommendation.received_on + datetime.timedelta(days=90)
    triage.set_due(recommendation, cast.rosa, day)
    assert PublishedRecommendation.objects.get().answer_due == day
    with pytest.raises(Refused, match="before the recommendation was received"):
        triage.set_due(recommendation, cast.rosa, datetime.date(2001, 1, 1))


def test_an_objection_is_answered_once(cast):
    letter = make_letter()
    objection = letter.objections.create(text="No pedí eso.", once_digest="1")
    with pytest.raises(Refused, match="Enter the response"):
        triage.answer_objection(objection, cast.rosa, "  ")
    triage.answer_objection(objection, cast.rosa, "La separamos de nuevo.")
    with pytest.raises(Refused, match="already"):
        triage.answer_objection(objection, cast.ruth, "Again.")
    objection.refresh_from_db()
    assert (objection.answer, objection.answered_by) == ("La separamos de nuevo.", cast.rosa)
