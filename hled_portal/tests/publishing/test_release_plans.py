"""Releases to come: agreed by both sides, gone out at their minute, all or nothing."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from hled_portal.models import Publication, ReleasePlan, Step
from hled_portal.publishing import clearance, release_plans, releasing
from hled_portal.publishing.clearance import Refused
from hled_portal.tests.factories import (
    make_cast,
    make_cleared,
    make_cleared_answer,
    make_edition,
    make_heard,
    make_officers,
)
from hled_portal.tests.pages import act as choose
from hled_portal.tests.pages import error_texts
from initiatives.models import Edition

pytestmark = [pytest.mark.database, pytest.mark.django_db]
MINUTE = datetime.datetime(2026, 11, 30, 16, 0, tzinfo=datetime.UTC)


class Turn:
    """A run of a job that nobody ends."""

    def should_continue(self) -> bool:
        return True


@pytest.fixture
def cast():
    return make_cast()


def make_plan(cast, *texts, at=MINUTE) -> ReleasePlan:
    plan = ReleasePlan.objects.create(name="Ministerial", at=at, created_by=cast.carl)
    release_plans.add_texts(plan, list(texts), cast.carl)
    return plan


def agree(plan, *officers) -> None:
    for officer in officers:
        release_plans.agree_to_plan(plan, officer, release_plans.plan_digest(plan))
    plan.refresh_from_db()


def states() -> list[str]:
    return list(Edition.objects.order_by("subject_key").values_list("state", flat=True))


def run_at(moment) -> None:
    with time_machine.travel(moment, tick=False):
        release_plans.publish_due_plans(Turn())


def test_an_agreed_plan_goes_out_at_its_minute_under_one_number(cast):
    plan = make_plan(cast, make_cleared(cast, "one"), make_cleared(cast, "two"))
    agree(plan, cast.luis, cast.carl)
    run_at(MINUTE - datetime.timedelta(seconds=1))
    assert states() == ["cleared", "cleared"]
    run_at(MINUTE)
    assert states() == ["published", "published"]
    plan.refresh_from_db()
    assert plan.release.publication == 1
    assert set(Publication.objects.values_list("number", flat=True)) == {1}
    run_at(MINUTE + datetime.timedelta(hours=1))
    assert Publication.objects.count() == 2


@pytest.mark.parametrize("names", [(), ("luis",), ("carl",)])
def test_a_plan_without_both_agreements_does_not_go_out(cast, names):
    plan = make_plan(cast, make_cleared(cast))
    agree(plan, *(getattr(cast, name) for name in names))
    run_at(MINUTE)
    assert states() == ["cleared"]
    plan.refresh_from_db()
    assert plan.failed_at == MINUTE
    assert release_plans.plan_refusals(plan) == ["Both delegations must agree to this time and these texts."]


def test_all_or_nothing(cast):
    cleared, proposed = make_cleared(cast, "one"), make_edition(cast.ana, "two")
    plan = make_plan(cast, cleared, proposed)
    agree(plan, cast.luis, cast.carl)
    run_at(MINUTE)
    assert states() == ["cleared", "proposed"]
    plan.refresh_from_db()
    assert release_plans.plan_refusals(plan) == ["Topic: Supply chains has not been approved by both delegations."]


def test_what_failed_waits_for_people_and_goes_out_once_agreed_again(cast):
    proposed = make_edition(cast.ana)
    plan = make_plan(cast, proposed)
    agree(plan, cast.luis, cast.carl)
    run_at(MINUTE)
    for officer in (cast.luis, cast.carl):
        clearance.clear(proposed, officer, proposed.digest)
    run_at(MINUTE + datetime.timedelta(minutes=1))
    assert states() == ["cleared"]
    agree(plan, cast.luis)
    run_at(MINUTE + datetime.timedelta(minutes=2))
    assert states() == ["published"]


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("change", ["minute", "put_in", "take_out", "replace"])
def test_whatever_changes_ends_the_agreement(cast, change):
    text = make_cleared(cast)
    plan = make_plan(cast, text, make_cleared(cast, "other"))
    agree(plan, cast.luis, cast.carl)
    assert release_plans.is_agreed(plan)
    if change == "minute":
        plan.at = MINUTE + datetime.timedelta(minutes=1)
        plan.save()
    elif change == "put_in":
        release_plans.add_texts(plan, [make_cleared(cast, "third")], cast.luis)
    elif change == "take_out":
        release_plans.remove_texts(plan, [text], cast.luis)
    else:
        clearance.replace(text, cast.ana, "Newer words.")
    plan.refresh_from_db()
    assert not release_plans.is_agreed(plan)
    with pytest.raises(Refused, match="Both delegations must agree to this time and these texts."):
        release_plans.publish(plan)


def test_an_agreement_is_over_what_was_seen(cast):
    plan = make_plan(cast, make_cleared(cast))
    seen = release_plans.plan_digest(plan)
    release_plans.add_texts(plan, [make_cleared(cast, "other")], cast.luis)
    with pytest.raises(Refused, match="changed after you opened it"):
        release_plans.agree_to_plan(plan, cast.carl, seen)


def test_an_agreement_can_be_taken_back(cast):
    plan = make_plan(cast, make_cleared(cast))
    agree(plan, cast.luis, cast.carl)
    plan = release_plans.disagree(plan, cast.luis)
    assert (plan.mx_officer, plan.mx_digest) == (None, "")
    assert not release_plans.is_agreed(plan)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("name", "reason"),
    [("beth", "You do not have permission to schedule releases."), ("zoe", "You do not belong to a delegation.")],
)
def test_who_cannot_plan(cast, name, reason):
    plan = make_plan(cast, make_cleared(cast))
    user = getattr(cast, name)
    for act in (
        lambda: release_plans.add_texts(plan, [make_cleared(cast, "other")], user),
        lambda: release_plans.remove_texts(plan, release_plans.plan_texts(plan), user),
        lambda: release_plans.agree_to_plan(plan, user, release_plans.plan_digest(plan)),
        lambda: release_plans.disagree(plan, user),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert reason in refused.value.messages


def test_what_was_returned_is_not_put_into_a_release(cast):
    text = make_edition(cast.ana)
    clearance.return_text(text, cast.luis, "Not yet.")
    with pytest.raises(Refused, match="is neither proposed nor approved."):
        make_plan(cast, text)
    assert not Step.objects.filter(action="planned").exists()


def test_a_plan_that_went_out_is_closed(cast):
    plan = make_plan(cast, make_cleared(cast), at=timezone.now())
    agree(plan, cast.luis, cast.carl)
    release_plans.publish(plan)
    with pytest.raises(Refused, match="This release has already been published."):
        release_plans.publish(plan)
    with pytest.raises(Refused, match="This release has already been published."):
        release_plans.add_texts(plan, [make_cleared(cast, "other")], cast.carl)


# What both sides agreed to goes out with that release only


def make_texts(cast, kind: str):
    """One text of each kind that is agreed for later, and another that is in no release."""
    if kind == "edition":
        return make_cleared(cast, "one"), make_cleared(cast, "two")
    officers = make_officers()
    rows = [make_heard(officers), make_heard(officers)]
    return tuple(make_cleared_answer(cast, row.key) for row in rows)


@pytest.mark.parametrize("kind", ["edition", pytest.param("response", marks=pytest.mark.only_on("sqlite"))])
@pytest.mark.parametrize(
    "way",
    ["verb", "verb_of_many"]
    + [pytest.param(way, marks=pytest.mark.only_on("sqlite")) for way in ("button", "action", "action_on_many")],
)
def test_a_text_of_an_agreed_release_goes_out_no_other_way(cast, client, kind, way):
    text, other = make_texts(cast, kind)
    plan = make_plan(cast, text)
    agree(plan, cast.luis, cast.carl)
    client.force_login(cast.luis)
    if way.startswith("verb"):
        with pytest.raises(Refused) as refused:
            releasing.release([other, text] if way == "verb_of_many" else [text], cast.luis)
        reasons = refused.value.messages
    elif way == "button":
        name = f"admin:{text._meta.label_lower.replace('.', '_')}_release"
        reasons = error_texts(client.post(reverse(name, args=[text.pk]), follow=True))
    else:
        chosen = [other, text] if way == "action_on_many" else [text]
        reasons = error_texts(choose(client, type(text), "release", chosen))
    assert any("“Ministerial”" in reason for reason in reasons)
    assert not Publication.objects.exists()
    assert set(type(text).objects.values_list("state", flat=True)) == {"cleared"}
    assert release_plans.is_agreed(plan)
    run_at(MINUTE)
    text.refresh_from_db()
    assert text.state == "published"


@pytest.mark.only_on("sqlite")
def test_the_button_of_a_text_of_an_agreed_release_says_why_it_does_nothing(cast, client):
    text = make_cleared(cast)
    agree(make_plan(cast, text), cast.luis, cast.carl)
    client.force_login(cast.luis)
    page = client.get(reverse("admin:initiatives_edition_change", args=[text.pk])).content.decode()
    assert "is in the scheduled release “Ministerial”" in page


def test_a_release_takes_no_text_of_another_that_was_agreed_too(cast):
    """`release_as_agreed` is for the texts of its own plan."""
    text, other = make_cleared(cast, "one"), make_cleared(cast, "two")
    agree(make_plan(cast, text), cast.luis, cast.carl)
    plan = make_plan(cast, other)
    agree(plan, cast.luis, cast.carl)
    with pytest.raises(Refused, match="“Ministerial”"):
        releasing.release_as_agreed(plan, [other, text])
    assert states() == ["cleared", "cleared"]


def test_no_command_publishes_a_text_of_an_agreed_release(cast):
    text = make_edition(None, basis="joint_text", source_key="2024-04-19-fact-sheet")
    agree(make_plan(cast, text), cast.luis, cast.carl)
    with pytest.raises(Refused, match="“Ministerial”"):
        releasing.release_joint_text([text], datetime.date(2024, 4, 19))


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("change", ["never_agreed", "disagreed", "taken_out"])
def test_a_text_goes_out_alone_where_no_agreement_stands(cast, change):
    text = make_cleared(cast)
    plan = make_plan(cast, text)
    if change != "never_agreed":
        agree(plan, cast.luis, cast.carl)
    if change == "disagreed":
        release_plans.disagree(plan, cast.luis)
    elif change == "taken_out":
        release_plans.remove_texts(plan, [text], cast.carl)
    releasing.release([text], cast.luis)
    assert states() == ["published"]


def test_a_text_that_is_put_into_a_release_this_very_moment_does_not_go_out(cast, monkeypatch):
    """Both sides may agree between the look at the plans and the lock of the text."""
    text = make_cleared(cast)
    take_the_line = releasing._take_the_line

    def meanwhile():
        agree(make_plan(cast, text), cast.luis, cast.carl)
        return take_the_line()

    monkeypatch.setattr(releasing, "_take_the_line", meanwhile)
    with pytest.raises(Refused, match="Ministerial"):
        releasing.release([text], cast.luis)
