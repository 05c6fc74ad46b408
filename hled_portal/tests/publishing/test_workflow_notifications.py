"""Who is notified of which step at the desk: who must act, once, in one message, without a word of any text."""

import datetime
import threading

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from hled_portal.background import mail
from hled_portal.models import Mail, PendingStepNotification, ReleasePlan, Remark, StepAction, User
from hled_portal.publishing import clearance, release_plans, releasing, remarks, workflow_notifications
from hled_portal.publishing.canonical_json import canonical
from hled_portal.publishing.clearance import note
from hled_portal.tests.factories import make_cast, make_cleared, make_edition, make_published, make_user, topic_content
from initiatives.models import Edition

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 30, 15, 0, tzinfo=datetime.UTC)
MINUTE = NOW + datetime.timedelta(hours=1)
MARKER = "uncleared-marker"


class Turn:
    def should_continue(self) -> bool:
        return True


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def cast(clock):
    """The cast with addresses, and Rosa and Paul, second officers."""
    cast = make_cast()
    cast.rosa = make_user("rosa", "officer", delegation="MX")
    cast.paul = make_user("paul", "officer", delegation="US")
    for user in User.objects.all():
        user.email = f"{user.username}@example.org"
        user.save()
        setattr(cast, user.username, user)
    return cast


@pytest.fixture
def sent_messages(clock):
    """What the job writes of the steps since the last call, by the name of the reader."""

    def run_job() -> dict[str, str]:
        clock.shift(workflow_notifications.QUIET)
        Mail.objects.all().delete()
        workflow_notifications.send_notifications(Turn())
        assert not PendingStepNotification.objects.exists()
        return {row.recipient.partition("@")[0]: f"{row.subject}\n{row.body}" for row in Mail.objects.all()}

    return run_job


def propose(author, key: str = "supply-chains", **columns) -> Edition:
    text = make_edition(author, key, content=topic_content(key, f"{MARKER} {key}"), **columns)
    note(text, StepAction.PROPOSED, author)
    return text


def key(text, *officers):
    for officer in officers:
        clearance.clear(text, officer, text.digest)
    text.refresh_from_db()
    return text


def plan_of(cast, *texts, at=MINUTE) -> ReleasePlan:
    plan = release_plans.make(cast.carl, MARKER, "2026-11-30", at)
    release_plans.add_texts(plan, list(texts), cast.carl)
    return plan


def agree(plan, *officers):
    for officer in officers:
        release_plans.agree_to_plan(plan, officer, release_plans.plan_digest(plan))


# Each rule


def test_a_proposal_waits_for_the_officers_of_both_sides(cast, sent_messages):
    propose(cast.ana)
    messages = sent_messages()
    assert messages.keys() == {"luis", "rosa", "carl", "paul"}
    assert "1 text is awaiting approval by your delegation:\n- topic/supply-chains\n" in messages["luis"]


def test_remarks_reach_the_editors_who_proposed_and_replies_reach_who_left_them(cast, sent_messages):
    make_user("eva", "editor", delegation="MX", email="eva@example.org", language="es")
    text = propose(cast.ana)
    sent_messages()
    remarks.leave_remark(text, cast.beth, "", f"{MARKER}: which year?")
    messages = sent_messages()
    assert messages.keys() == {"ana", "eva"}
    assert messages["ana"].startswith("New remark on 1 proposal\n")
    assert messages["eva"].startswith("Nueva observación en 1 propuesta\n")
    assert f"/edition/{text.pk}/change/#remarks" in messages["eva"]
    remarks.answer_remark(text, Remark.objects.get().pk, cast.ana, f"{MARKER}: 2026.")
    messages = sent_messages()
    assert messages.keys() == {"beth"}
    assert messages["beth"].startswith("Your remark has a reply\n")
    assert MARKER not in "".join(messages.values())
    remarks.leave_remark(text, cast.carl, "", "And which month?")
    remarks.close_remark(text, Remark.objects.latest("pk").pk, cast.carl)
    assert sent_messages() == {}


def test_the_author_is_not_asked_for_her_key(cast, sent_messages):
    cast.ana.groups.set(cast.luis.groups.all())
    propose(cast.ana)
    assert sent_messages().keys() == {"luis", "rosa", "carl", "paul"}


def test_one_key_asks_for_the_other_sides(cast, sent_messages):
    text = propose(cast.ana)
    sent_messages()
    key(text, cast.luis)
    assert sent_messages().keys() == {"carl", "paul"}


def test_what_is_cleared_is_told_to_those_who_plan_releases(cast, sent_messages):
    text = propose(cast.ana)
    sent_messages()
    key(text, cast.luis, cast.carl)
    messages = sent_messages()
    assert messages.keys() == {"luis", "rosa", "paul"}  # Carl's key was the last one.
    assert "1 text was approved by both delegations and can be published:" in messages["luis"]


def test_a_returned_text_is_told_to_its_author_and_the_editors_of_her_side(cast, sent_messages):
    make_user("memo", "editor", delegation="MX", email="memo@example.org")
    text = propose(cast.ana)
    sent_messages()
    clearance.return_text(text, cast.carl, MARKER)
    messages = sent_messages()
    assert messages.keys() == {"ana", "memo"}
    assert "1 text was returned. Open it to read the comment:" in messages["ana"]
    assert f"/admin/initiatives/edition/{text.pk}/change/" in messages["ana"]


def test_a_key_taken_back_is_told_to_who_keyed_and_waits_again(cast, sent_messages):
    text = key(propose(cast.ana), cast.luis, cast.carl)
    sent_messages()
    clearance.take_back(text, cast.rosa)
    messages = sent_messages()
    assert messages.keys() == {"luis", "carl"}
    assert "An approval was withdrawn from 1 text you approved:" in messages["carl"]
    assert "text is awaiting approval by your delegation:" in messages["luis"]
    assert "awaiting approval" not in messages["carl"]


def test_a_replaced_text_is_told_to_who_keyed_it(cast, sent_messages):
    text = key(propose(cast.ana), cast.luis)
    sent_messages()
    clearance.replace(text, cast.ana, MARKER)
    assert sent_messages().keys() == {"luis"}


def test_a_withdrawal_is_told_to_the_officers_of_both_sides_at_once(cast, sent_messages, clock):
    text = make_published(cast)
    sent_messages()
    Mail.objects.all().delete()
    releasing.withdraw(text, cast.carl, "error")
    workflow_notifications.send_notifications(Turn())
    assert Mail.objects.count() == 3  # Luis, Rosa and Paul.


def test_a_release_of_one_is_told_to_who_wrote_and_keyed_it(cast, sent_messages):
    text = key(propose(cast.ana), cast.luis, cast.carl)
    sent_messages()
    releasing.release([text], cast.paul)
    assert sent_messages().keys() == {"ana", "luis", "carl"}


def test_an_agreement_waits_for_the_other_side(cast, sent_messages):
    plan = plan_of(cast, make_cleared(cast))
    sent_messages()
    agree(plan, cast.luis)
    messages = sent_messages()
    assert messages.keys() == {"carl", "paul"}
    assert f"- {plan.pk} (2026-11-30)" in messages["carl"]
    agree(plan, cast.carl)
    assert sent_messages() == {}


@pytest.mark.parametrize("what", ["minute", "put_in", "take_out", "return"])
def test_a_change_is_told_to_those_who_had_agreed(cast, sent_messages, what):
    text = make_cleared(cast)
    plan = plan_of(cast, text, make_cleared(cast, "other"))
    more = make_cleared(cast, "third")
    agree(plan, cast.luis)
    sent_messages()
    if what == "minute":
        later = MINUTE + datetime.timedelta(hours=1)
        release_plans.change(plan, cast.carl, release_plans.mark(plan), plan.name, plan.meeting_key, later)
    elif what == "put_in":
        release_plans.add_texts(plan, [more], cast.carl)
    elif what == "take_out":
        release_plans.remove_texts(plan, [text], cast.carl)
    else:
        clearance.return_text(text, cast.carl, MARKER)
    messages = sent_messages()
    assert "1 release changed after you agreed to it. Review it again:" in messages["luis"]
    assert messages.keys() == ({"luis", "ana"} if what == "return" else {"luis"})


def test_an_agreement_taken_back_is_told_to_the_other_side(cast, sent_messages):
    plan = plan_of(cast, make_cleared(cast))
    agree(plan, cast.luis, cast.carl)
    sent_messages()
    release_plans.disagree(plan, cast.luis)
    assert sent_messages().keys() == {"carl", "paul"}


def test_a_release_that_went_out_is_told_to_all_whom_it_concerns(cast, sent_messages, clock):
    plan = plan_of(cast, make_cleared(cast))
    agree(plan, cast.luis, cast.carl)
    sent_messages()
    clock.move_to(MINUTE)
    release_plans.publish_due_plans(Turn())
    messages = sent_messages()
    assert messages.keys() == {"ana", "luis", "rosa", "carl", "paul"}
    assert messages["rosa"].startswith("A release was published\n")


def test_a_release_that_failed_is_told_to_all_whom_it_concerns_at_once(cast, sent_messages, clock):
    plan = plan_of(cast, make_cleared(cast))
    sent_messages()
    clock.move_to(MINUTE)
    release_plans.publish_due_plans(Turn())
    Mail.objects.all().delete()
    workflow_notifications.send_notifications(Turn())
    subjects = {row.recipient.partition("@")[0]: row.subject for row in Mail.objects.all()}
    assert subjects == dict.fromkeys(["ana", "luis", "rosa", "carl", "paul"], "A release could not be published")
    assert plan.release_id is None


# One message, nobody else, no words


def test_140_proposals_are_one_message_for_each_officer(cast, sent_messages, django_assert_num_queries):
    texts = [propose(cast.ana, f"topic-{n:03}") for n in range(140)]
    assert len(texts) == 140
    workflow_notifications.send_notifications(Turn())
    assert not Mail.objects.exists()  # More may come: the last step is not a minute old.
    messages = sent_messages()
    assert messages.keys() == {"luis", "rosa", "carl", "paul"}
    assert messages["carl"].startswith("140 texts are awaiting your approval\n")
    assert messages["carl"].count("- topic/") == 30
    assert "- and 110 more\nhttp" in messages["carl"]


def test_many_steps_cost_as_many_queries_as_few(cast, clock, django_assert_num_queries):
    for count in (1, 30):
        for number in range(count):
            propose(cast.ana, f"topic-{count}-{number}")
        clock.shift(workflow_notifications.QUIET)
        with django_assert_num_queries(10):
            workflow_notifications.send_notifications(Turn())


def test_a_message_does_not_wait_for_ever(cast, clock):
    for minute in range(12):
        propose(cast.ana, f"topic-{minute}")
        workflow_notifications.send_notifications(Turn())
        clock.shift(datetime.timedelta(seconds=55))
    assert Mail.objects.filter(recipient="luis@example.org").count() == 1


def test_no_word_of_a_text_a_comment_or_a_release_is_in_any_message(cast, sent_messages):
    text = propose(cast.ana)
    plan = plan_of(cast, text)
    agree(plan, cast.luis)
    bodies = list(sent_messages().values())
    clearance.return_text(text, cast.carl, MARKER)
    bodies += sent_messages().values()
    text = key(propose(cast.ana), cast.luis)
    clearance.replace(text, cast.ana, MARKER)
    plan.refresh_from_db()
    bodies += sent_messages().values()
    assert len(bodies) >= 6
    rows = canonical([list(map(str, row)) for row in Mail.objects.values_list()])
    assert MARKER not in rows + "".join(bodies)


@pytest.mark.parametrize("columns", [{"email": ""}, {"is_active": False}, {"is_staff": False}, {"email": "nowhere"}])
def test_who_cannot_be_written_to_is_passed_over(cast, sent_messages, columns):
    User.objects.filter(pk=cast.rosa.pk).update(**columns)
    propose(cast.ana)
    assert sent_messages().keys() == {"luis", "carl", "paul"}


def test_two_people_of_one_mailbox_hear_both(cast, sent_messages):
    User.objects.filter(username__in=["luis", "rosa"]).update(email="visto-bueno@example.org")
    propose(cast.ana)
    sent_messages()
    assert Mail.objects.filter(recipient="visto-bueno@example.org").count() == 2


def test_what_is_settled_by_then_is_not_told(cast, sent_messages):
    text = key(propose(cast.ana), cast.luis, cast.carl)
    releasing.release([text], cast.carl)
    messages = sent_messages()
    assert messages.keys() == {"ana", "luis"}
    assert "awaiting" not in "".join(messages.values())


def test_a_message_is_in_the_language_of_its_reader(cast, sent_messages):
    User.objects.filter(pk=cast.luis.pk).update(language="es")
    propose(cast.ana)
    messages = sent_messages()
    assert messages["luis"].startswith("1 texto está en espera de su visto bueno\n")
    assert messages["rosa"].startswith("1 text is awaiting your approval\n")


# Killed, and twice at once


def test_killed_between_message_and_mark_it_sends_neither_none_nor_two(cast, clock, monkeypatch):
    propose(cast.ana)
    clock.shift(workflow_notifications.QUIET)
    with monkeypatch.context() as patch:
        patch.setattr(workflow_notifications.mail, "store", _store_and_die)
        with pytest.raises(KeyboardInterrupt):
            workflow_notifications.send_notifications(Turn())
    assert (Mail.objects.count(), PendingStepNotification.objects.count()) == (0, 1)
    workflow_notifications.send_notifications(Turn())
    workflow_notifications.send_notifications(Turn())
    assert (Mail.objects.count(), PendingStepNotification.objects.count()) == (4, 0)


def _store_and_die(messages):
    Mail.objects.bulk_create(messages)
    raise KeyboardInterrupt


def test_a_step_that_is_committed_after_a_later_one_is_told_too(cast, sent_messages):
    early = propose(cast.ana, "early")
    step_pk = PendingStepNotification.objects.get().pk
    PendingStepNotification.objects.all().delete()  # Its transaction is still open: nobody sees it.
    propose(cast.ana, "late")
    assert "topic/early" not in sent_messages()["luis"]
    PendingStepNotification.objects.create(step_id=step_pk)
    assert "topic/early" in sent_messages()["luis"]
    assert early.state == "proposed"


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_write_one_message(clock):
    cast = make_cast()
    User.objects.filter(pk=cast.luis.pk).update(email="luis@example.org")
    propose(cast.ana)
    clock.shift(workflow_notifications.QUIET)
    barrier = threading.Barrier(2)

    def run():
        barrier.wait()
        workflow_notifications.send_notifications(Turn())
        connection.close()

    if connection.vendor == "postgresql":
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    else:  # The database of the tests is in memory, and of one thread: one after the other.
        workflow_notifications.send_notifications(Turn())
        workflow_notifications.send_notifications(Turn())
    assert [row.recipient for row in Mail.objects.all()] == ["luis@example.org"]
    assert timezone.now() > NOW
    assert mail.site().startswith("http")
