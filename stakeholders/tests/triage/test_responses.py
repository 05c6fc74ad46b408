"""Answers: frozen, cleared by two keys, released with editions, joint or one for each delegation."""

import datetime
import json

import pytest
from django.core.exceptions import ValidationError

from hled_portal.publishing import clearance, release_plans, releasing, verification
from hled_portal.publishing.clearance import Refused
from hled_portal.tests import factories as make
from initiatives.editions import proposing
from stakeholders.models import Response, ResponseDraft, ResponseLink
from stakeholders.triage import responses

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def cast():
    found = make.make_cast()
    officers = make.make_officers()
    found.rosa, found.ruth = officers.rosa, officers.ruth
    return found


@pytest.fixture
def recommendation(cast):
    return make.make_recommendation(cast.rosa)


def draft_of(recommendation, side: str = "joint", **columns) -> ResponseDraft:
    columns = {"outcome": "adopted", "text_en": "We share them.", "text_es": "Los compartimos."} | columns
    columns.setdefault("translation_state", "agreed")
    draft = ResponseDraft(recommendation=recommendation, side=side, **columns)
    if draft.translation_state == "agreed":
        draft.agree_translation()
    draft.save()
    return draft


def cleared(cast, draft, author) -> Response:
    text = responses.propose(draft, author)
    clearance.clear(text, cast.luis, text.digest)
    return clearance.clear(text, cast.carl, text.digest)


def test_an_answer_is_not_public_on_one_key_and_public_on_two(cast, recommendation):
    text = responses.propose(draft_of(recommendation), cast.rosa)
    clearance.clear(text, cast.luis, text.digest)
    with pytest.raises(ValidationError):
        releasing.release([text], cast.luis)
    clearance.clear(text, cast.carl, text.digest)
    releasing.release([text], cast.luis)
    text.refresh_from_db()
    recommendation.refresh_from_db()
    assert (text.text, text.outcome, text.words_es) == (
        f"response/{recommendation.key}/joint/1",
        "adopted",
        "Los compartimos.",
    )
    assert recommendation.state == "answered"
    assert recommendation.askings.get().letter.state == "answered"
    assert list(verification.verify()) == []


def test_where_governments_differ_each_answers_and_both_answers_are_needed(cast, recommendation):
    us = cleared(cast, draft_of(recommendation, "US"), cast.ruth)
    releasing.release([us], cast.carl)
    recommendation.refresh_from_db()
    assert recommendation.state == "considered"
    mx = cleared(cast, draft_of(recommendation, "MX", outcome="not_adopted", text_es="No es posible."), cast.rosa)
    releasing.release([mx], cast.carl)
    recommendation.refresh_from_db()
    assert recommendation.state == "answered"
    with pytest.raises(Refused, match="separate for each delegation"):
        responses.propose(draft_of(recommendation), cast.rosa)


def test_an_answer_that_is_withdrawn_opens_the_recommendation_again(cast, recommendation):
    initiative = make.make_initiative()
    make.publish_with_keys(cast, initiative)
    draft = draft_of(recommendation)
    draft.initiatives.add(initiative)
    text = cleared(cast, draft, cast.rosa)
    releasing.release([text], cast.luis)
    assert ResponseLink.objects.get().initiative_key == "otay-mesa-ii"
    releasing.withdraw(text, cast.carl, "error")
    text.refresh_from_db()
    recommendation.refresh_from_db()
    assert (text.words_en, text.outcome, recommendation.state) == ("", "", "considered")
    assert not ResponseLink.objects.exists()


def test_a_link_waits_until_the_initiative_is_public_with_it(cast, recommendation):
    initiative = make.make_initiative()
    recommendation.links.create(initiative=initiative, shaped=False)
    text = cleared(cast, draft_of(recommendation), cast.rosa)
    with pytest.raises(Refused, match="links to the initiative “Otay Mesa II”, which is not public"):
        releasing.release([text], cast.luis)
    for row in (initiative, initiative.pillar, initiative.pillar.cycle):
        make.agreed(row)
    texts = proposing.propose("initiative", initiative.key, cast.ana)
    for each in texts:
        clearance.clear(each, cast.luis, each.digest)
        clearance.clear(each, cast.carl, each.digest)
    releasing.release([*texts, text], cast.luis)
    assert ResponseLink.objects.get().shaped is False


def test_it_goes_out_with_editions_by_a_plan(cast, recommendation):
    text = cleared(cast, draft_of(recommendation), cast.rosa)
    edition = make.make_cleared(cast)
    plan = release_plans.make(cast.luis, "Ministerial")
    release_plans.add_texts(plan, [text, edition], cast.luis)
    digest = release_plans.plan_digest(plan)
    release_plans.agree_to_plan(plan, cast.luis, digest)
    plan = release_plans.agree_to_plan(plan, cast.carl, digest)
    release_plans.publish(plan)
    text.refresh_from_db()
    edition.refresh_from_db()
    assert text.publication == edition.publication


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"outcome": ""}, "Choose an outcome."),
        ({"text_es": ""}, "is missing"),
        ({"text_en": ""}, "is missing"),
        ({"translation_state": "working"}, "the translation is not confirmed."),
    ],
)
def test_what_is_lacking_is_named(cast, recommendation, columns, reason):
    with pytest.raises(Refused, match=reason):
        responses.propose(draft_of(recommendation, **columns), cast.rosa)
    assert not Response.objects.exists()


@pytest.mark.parametrize("name", ["ruth", "ana", "luis", "zoe"])
def test_only_its_own_side_proposes_an_answer(cast, recommendation, name):
    with pytest.raises(Refused, match="You do not have permission to propose this response."):
        responses.propose(draft_of(recommendation, "MX"), getattr(cast, name))


def test_only_what_was_read_is_proposed_and_a_keyed_one_is_replaced_with_a_reason(cast, recommendation):
    draft = draft_of(recommendation)
    with pytest.raises(Refused, match="changed after you opened"):
        responses.propose(draft, cast.rosa, seen="0")
    text = responses.propose(draft, cast.rosa)
    with pytest.raises(Refused, match="is already awaiting approval without changes."):
        responses.propose(draft, cast.rosa)
    clearance.clear(text, cast.luis, text.digest)
    draft.outcome = "partly"
    draft.save()
    with pytest.raises(Refused, match="already has an approval."):
        responses.propose(draft, cast.rosa)
    responses.propose(draft, cast.rosa, "Only a part.")
    assert [row.state for row in Response.objects.order_by("pk")] == ["replaced", "proposed"]


def test_nothing_that_was_put_aside_is_answered(cast, recommendation):
    from stakeholders.triage import moves

    draft = draft_of(recommendation)
    moves.restrict(recommendation, cast.rosa, "abuse")
    with pytest.raises(Refused, match="It cannot receive a response."):
        responses.propose(draft, cast.rosa)


def test_the_content_is_canonical_and_holds_keys_alone(cast, recommendation):
    draft = draft_of(recommendation)
    draft.initiatives.add(make.make_initiative())
    assert json.loads(responses.freeze(draft)) == {
        "initiatives": [{"key": "otay-mesa-ii", "shaped": True}],
        "kind": "response",
        "outcome": "adopted",
        "recommendation": recommendation.key,
        "schema_version": 1,
        "side": "joint",
        "text_en": "We share them.",
        "text_es": "Los compartimos.",
    }


def test_what_changes_is_told_field_by_field(cast, recommendation):
    draft = draft_of(recommendation)
    old = json.loads(responses.freeze(draft))
    draft.outcome, draft.text_en = "partly", "We share some of them."
    (part,) = responses.parts(old, json.loads(responses.freeze(draft)), {})
    assert [(change.name, change.language) for change in part.changes] == [("outcome", ""), ("text", "en")]
    assert responses.parts(old, old, {}) == []
    (part,) = responses.parts(None, old, {})
    assert [change.name for change in part.changes] == ["outcome", "text", "text"]


def test_an_answer_from_a_joint_text_is_never_called_cleared(cast, recommendation):
    text = responses.freeze_joint_text_response(
        draft_of(recommendation, translation_state="working"), "2023-04-18-review"
    )
    releasing.release_joint_text([text], datetime.date(2023, 4, 18))
    text.refresh_from_db()
    assert (text.basis, text.us_officer, text.public_from.isoformat()) == ("joint_text", None, "2023-04-18")
    assert responses.freeze_joint_text_response(ResponseDraft.objects.get(), "2023-04-18-review") is None


def test_a_caption_tells_nothing_of_the_letter(cast, recommendation):
    text = responses.propose(draft_of(recommendation), cast.rosa)
    assert text.caption == f"Response of both governments to recommendation {recommendation.key}"
