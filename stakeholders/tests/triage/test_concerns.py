"""Objections and unread corrections are on the pages where officers decide, and deciding over one takes a word."""

import datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from hled_portal.models import Step
from hled_portal.publishing import clearance, release_plans, releasing
from hled_portal.publishing.clearance import Refused
from hled_portal.tests import factories as make
from hled_portal.tests.pages import act, error_texts, page
from stakeholders.models import Objection, Recommendation, Response, ResponseDraft
from stakeholders.triage import publishing, responses

pytestmark = pytest.mark.django_db
OBJECTION, EXPLAIN = "1 objection from a sender has no response.", "Explain why you continue."


@pytest.fixture
def cast():
    cast = make.make_cast()
    officers = make.make_officers()
    cast.rosa, cast.ruth = officers.rosa, officers.ruth
    return cast


@pytest.fixture
def recommendation(cast):
    return make.make_recommendation(cast.rosa)


@pytest.fixture
def letter(recommendation):
    return recommendation.askings.get().letter


@pytest.fixture
def objection(letter):
    return Objection.objects.create(letter=letter, text="This is not what we asked for.", once_digest="1")


@pytest.fixture
def draft(recommendation):
    texts = {"text_en": "We share them.", "text_es": "Los compartimos."}
    return make.agreed(ResponseDraft(recommendation=recommendation, side="joint", outcome="adopted", **texts))


def test_proposing_approving_and_publishing_a_response_over_an_objection_takes_a_word(cast, objection, draft):
    with pytest.raises(Refused) as refused:
        responses.propose(draft, cast.rosa)
    assert refused.value.messages == [OBJECTION, EXPLAIN]
    text = responses.propose(draft, cast.rosa, "It concerns another point.")
    for officer in (cast.luis, cast.carl):
        with pytest.raises(Refused, match="Explain why you continue"):
            clearance.clear(text, officer, text.digest)
        clearance.clear(text, officer, text.digest, f"Seen by {officer}.")
    text.refresh_from_db()
    with pytest.raises(Refused, match="Explain why you continue"):
        releasing.release([text], cast.luis)
    releasing.release([text], cast.luis, "Both delegations saw it.")
    comments = list(
        Step.objects.filter(text_pk=text.pk, table="stakeholders.response").values_list("comment", flat=True)
    )
    assert comments == ["It concerns another point.", "Seen by luis.", "Seen by carl.", "Both delegations saw it."]


def test_what_is_settled_asks_for_nothing(cast, objection, draft):
    Objection.objects.update(answered_at=timezone.now(), answer="Split anew.")
    text = responses.propose(draft, cast.rosa)
    clearance.clear(text, cast.luis, text.digest)
    assert set(Step.objects.values_list("comment", flat=True)) == {""}


@pytest.mark.parametrize(("addressed", "seen_by"), [("", "rosa ruth"), ("joint", "rosa ruth"), ("US", "ruth")])
def test_an_unread_correction_counts_for_whom_it_is(cast, recommendation, letter, draft, addressed, seen_by):
    correction = letter.corrections.create(text="We meant 2025.", addressed=addressed)
    seen = publishing.content_digest(
        publishing.public_content(recommendation, publishing.quoted_asking(recommendation))
    )
    for name in ("rosa", "ruth"):
        user = getattr(cast, name)
        sees = name in seen_by.split()
        assert bool(Response(recommendation_key=recommendation.key).concerns(user)) is sees
        if sees:
            with pytest.raises(Refused, match="1 correction from a sender has not been read."):
                publishing.clear(recommendation, user, seen)
        publishing.clear(recommendation, user, seen, "Read aloud." if sees else "")
    reasons = list(recommendation.moves.filter(action="cleared").order_by("pk").values_list("reason", flat=True))
    assert reasons == ["Read aloud." if name in seen_by.split() else "" for name in ("rosa", "ruth")]
    assert correction.read_at is None


def test_the_pages_show_it_before_one_decides(cast, client, recommendation, objection, draft):
    client.force_login(cast.rosa)
    for address in (
        page(Recommendation, "change", recommendation.pk),
        reverse("admin:stakeholders_responsedraft_propose", args=[draft.pk]),
    ):
        html = client.get(address).content.decode()
        assert f"Objection to submission {objection.letter.number}" in html
        assert "This is not what we asked for." in html
    text = responses.propose(draft, cast.rosa, "It concerns another point.")
    client.force_login(cast.luis)
    html = client.get(page(Response, "change", text.pk)).content.decode()
    assert OBJECTION in html
    assert "This is not what we asked for." not in html
    address = reverse("admin:stakeholders_response_key", args=[text.pk])
    answer = client.post(address, {f"seen_{text.pk}": text.digest}, follow=True)
    assert EXPLAIN in error_texts(answer)[0]
    answer = client.post(address, {f"seen_{text.pk}": text.digest, "word": "Seen."}, follow=True)
    assert error_texts(answer)[0].startswith("You approved")
    client.force_login(cast.carl)
    sent = {"confirmed": "yes", "acknowledged": "yes", f"seen_{text.pk}": text.digest}
    assert "Why you continue" in act(client, Response, "set_key", [text], **sent).content.decode()
    act(client, Response, "set_key", [text], **sent, word="Seen too.")
    text.refresh_from_db()
    assert text.state == "cleared"
    confirmed = act(client, Response, "release", [text], confirmed="yes")
    assert OBJECTION in confirmed.content.decode()
    act(client, Response, "release", [text], confirmed="yes", word="Published with both knowing.")
    text.refresh_from_db()
    assert text.state == "published"


def test_what_is_raised_after_an_agreement_waits_for_people(cast, client, letter, draft):
    text = responses.propose(draft, cast.rosa)
    for officer in (cast.luis, cast.carl):
        clearance.clear(text, officer, text.digest)
    plan = release_plans.make(cast.luis, "Responses", at=timezone.now() + datetime.timedelta(hours=1))
    release_plans.add_texts(plan, [text], cast.luis)
    Objection.objects.create(letter=letter, text="Before.", once_digest="1")
    present = release_plans.plan_digest(plan)
    for officer in (cast.luis, cast.carl):
        client.force_login(officer)
        sent = {"verb": "agree", "seen": present}
        assert EXPLAIN in error_texts(client.post(page(type(plan), "change", plan.pk), sent, follow=True))[-1]
        client.post(page(type(plan), "change", plan.pk), sent | {"word": f"Seen by {officer}."})
    plan.refresh_from_db()
    assert release_plans.plan_refusals(plan) == []
    assert release_plans.find_late_concerns(plan, [text]) == []
    assert list(Step.objects.filter(action="agreed").values_list("comment", flat=True)) == [
        "Seen by luis.",
        "Seen by carl.",
    ]
    letter.corrections.create(text="We meant 2025.", addressed="US")
    assert release_plans.find_late_concerns(plan, [text], "MX") == []
    assert len(release_plans.find_late_concerns(plan, [text], "US")) == 1
    with time_machine.travel(plan.at + datetime.timedelta(minutes=1)):
        release_plans.publish_due_plans(SimpleNamespace(should_continue=lambda: True))
        plan.refresh_from_db()
        assert plan.failed_at is not None
        shown = client.get(page(type(plan), "change", plan.pk)).content.decode()
        assert "senders raised something after the agreement" in shown
        with pytest.raises(Refused, match=EXPLAIN):
            release_plans.publish_now(plan, cast.carl)
        release_plans.publish_now(plan, cast.carl, "The correction is another point.")
    text.refresh_from_db()
    assert text.state == "published"
