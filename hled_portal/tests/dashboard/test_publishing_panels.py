"""What waits on the way of signed texts, for each person; and what is wrong there."""

import datetime

import pytest
from django.utils import timezone

from hled_portal.background import jobs
from hled_portal.dashboard import publishing_panels, registry
from hled_portal.models import JobState, ReleasePlan, User
from hled_portal.publishing import clearance, release_plans
from hled_portal.tests import factories as make
from stakeholders.triage import publishing

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOW = datetime.datetime(2026, 5, 10, 18, tzinfo=datetime.UTC)


@pytest.fixture
def cast(db):
    return make.make_cast()


def visit(user, limit=registry.LINES_SHOWN):
    """As the person comes to the desk, with nothing remembered."""
    return registry.PanelContext(User.objects.get(pk=user.pk), NOW, limit)


def lines(panel):
    return [(line.text, line.late) for line in panel.lines]


def proposed(cast, key, days=0, author="ana", **columns):
    content = make.topic_content(key, key.title())
    at = NOW - datetime.timedelta(days=days)
    return make.make_edition(getattr(cast, author), key, content=content, proposed_at=at, **columns)


def planned(cast, *texts, days=-3, name="Ministerial"):
    plan = ReleasePlan.objects.create(name=name, at=NOW + datetime.timedelta(days=days), created_by=cast.luis)
    release_plans.add_texts(plan, list(texts), cast.luis)
    return plan


def test_first_what_waits_though_its_minute_has_passed_then_the_oldest(cast):
    proposed(cast, "old", days=9)
    late, later = proposed(cast, "late", days=1), proposed(cast, "later", days=1)
    soon = proposed(cast, "soon", days=2)
    planned(cast, later, days=-3)
    planned(cast, late, days=-5)
    planned(cast, soon, days=2)
    assert lines(publishing_panels.awaiting_my_approval(visit(cast.carl))) == [
        ("Topic: Late", "5 days past the scheduled time"),
        ("Topic: Later", "3 days past the scheduled time"),
        ("Topic: Old", ""),
        ("Topic: Soon", ""),
    ]


def test_what_the_other_delegation_approved_comes_first_of_every_kind_of_text(cast, client):
    officers = make.make_officers()
    proposed(cast, "old", days=9)
    keyed = proposed(cast, "keyed", days=1)
    clearance.clear(keyed, cast.luis, keyed.digest)
    answer = make.make_cleared_answer(cast, "r-2026-1")
    clearance.take_back(answer, cast.carl)
    sheet = make.make_fact_sheet(cast.ana)
    panel = publishing_panels.awaiting_my_approval(visit(cast.carl))
    assert [line.text for line in panel.lines] == [keyed.caption, answer.caption, "Topic: Old", sheet.caption]
    assert "The other delegation has approved it." in panel.lines[0].note
    assert [(line.text, line.href) for line in panel.lists] == [
        ("Versions: 2", "/admin/initiatives/edition/queue/"),
        ("Fact sheets: 1", "/admin/initiatives/factsheet/queue/"),
        ("Responses: 1", "/admin/stakeholders/response/queue/"),
    ]
    made = make.make_recommendation(officers.rosa)
    seen = publishing.content_digest(publishing.public_content(made, publishing.quoted_asking(made)))
    publishing.clear(made, officers.rosa, seen)
    assert publishing_panels.awaiting_my_approval(visit(officers.rosa)) is None
    (line,) = publishing_panels.awaiting_my_approval(visit(officers.ruth)).lines
    assert line.text == f"Recommendation “Share laboratories.” ({made.key})"


def test_what_waits_for_a_key_is_what_this_officer_can_key(cast):
    keyed = proposed(cast, "keyed")
    clearance.clear(keyed, cast.luis, keyed.digest)
    proposed(cast, "own", author="luis")
    proposed(cast, "open")
    assert {text for text, _late in lines(publishing_panels.awaiting_my_approval(visit(cast.luis)))} == {"Topic: Open"}
    assert {text for text, _late in lines(publishing_panels.awaiting_my_approval(visit(cast.carl)))} == {
        "Topic: Keyed",
        "Topic: Own",
        "Topic: Open",
    }


def test_who_cannot_key_is_shown_no_panel_of_keys(cast):
    root = make.make_user("root", is_superuser=True)
    for user in (cast.ana, cast.zoe, root, make.make_user("rita", "recommendations", delegation="MX")):
        assert publishing_panels.awaiting_my_approval(visit(user)) is None


def test_what_came_back_has_its_comment_until_it_is_proposed_again(cast):
    text = proposed(cast, "ports")
    clearance.return_text(text, cast.carl, "The day is wrong.")
    (line,) = publishing_panels.returned(visit(cast.ana)).lines
    assert line.text == "Topic: Ports"
    assert "“The day is wrong.”" in line.note
    assert "carl (United States)" in line.note
    assert publishing_panels.returned(visit(cast.beth)).count == 0
    assert publishing_panels.returned(visit(cast.luis)).count == 0
    proposed(cast, "ports")
    assert publishing_panels.returned(visit(cast.ana)).count == 0


def test_where_stands_what_a_person_proposed(cast):
    proposed(cast, "one", days=5)
    two = proposed(cast, "two", days=4)
    clearance.clear(two, cast.carl, two.digest)
    three = make.make_cleared(cast, "three")
    four = make.make_cleared(cast, "four")
    planned(cast, four, days=2)
    proposed(cast, "other", author="beth")
    assert [(line.text, line.note) for line in publishing_panels.proposed(visit(cast.ana)).lines] == [
        ("Topic: One", "Awaiting approval by both delegations."),
        ("Topic: Two", "Awaiting approval by Mexico."),
        ("Topic: Supply chains", "Approved by both delegations. Not yet in a release."),
        (
            "Topic: Supply chains",
            "Approved. To be published with “Ministerial” on May 12, 2026 at 12:00 (Mexico City).",
        ),
    ]
    assert three.pk < four.pk


def test_a_release_to_come_says_what_it_lacks(cast):
    cleared, open_ = make.make_cleared(cast, "a"), proposed(cast, "b")
    clearance.clear(open_, cast.luis, open_.digest)
    planned(cast, cleared, open_)
    late, empty = publishing_panels.releases(visit(cast.ana)).lines + [None]
    assert empty is None
    assert late.late == "3 days past the scheduled time"
    assert late.note == (
        "Was scheduled for May 7, 2026 at 12:00 (Mexico City). 2 texts. 1 awaiting approval by the United States. "
        "Both delegations must agree to this time and these texts."
    )
    assert publishing_panels.releases(visit(make.make_user("sam", "administrator"))) is None


def test_an_agreed_and_cleared_release_lacks_nothing(cast):
    plan = planned(cast, make.make_cleared(cast, "a"), days=1)
    for officer in (cast.luis, cast.carl):
        plan = release_plans.agree_to_plan(plan, officer, release_plans.plan_digest(plan))
    (line,) = publishing_panels.releases(visit(cast.carl)).lines
    assert line.note == "Scheduled for May 11, 2026 at 12:00 (Mexico City). 1 text. Nothing is missing."


@pytest.mark.parametrize("count", [1, 30])
def test_queries_do_not_grow_with_what_waits(cast, django_assert_num_queries, count):
    for n in range(count):
        text = proposed(cast, f"open-{n}")
        planned(cast, text, name=f"Plan {n}")
        back = proposed(cast, f"back-{n}")
        clearance.return_text(back, cast.carl, "No.")
    officer, editor = visit(cast.carl), visit(cast.ana)
    assert not officer.user.has_perm("x")
    assert not editor.user.has_perm("x")
    with django_assert_num_queries(4 if count <= 10 else 5):
        assert publishing_panels.awaiting_my_approval(officer).count == count
    with django_assert_num_queries(5 if count <= 10 else 6):
        assert publishing_panels.releases(officer).count == count
    with django_assert_num_queries(3 if count <= 10 else 4):
        assert publishing_panels.returned(editor).count == count
    with django_assert_num_queries(3 if count <= 10 else 4):
        assert publishing_panels.proposed(editor).count == count
    assert len(publishing_panels.awaiting_my_approval(officer).lines) == min(count, 10)
    assert len(publishing_panels.awaiting_my_approval(visit(cast.carl, None)).lines) == count


# Warnings


def panel_lines(source, user):
    return [warning.text for warning in source(visit(user))]


KINDS = "versions, fact sheets, versions of consultations and responses"
SHORT = f"Too few people can approve {KINDS} for the United States: 1 active person."


def test_a_delegation_needs_two_active_officers(cast):
    make.make_user("nora", "officer", delegation="MX")
    make.make_user("olga", "officer", delegation="US", is_active=False)
    make.make_user("root", is_superuser=True)
    assert panel_lines(publishing_panels.too_few_officers, cast.ana) == [SHORT]
    sam = make.make_user("sam", "administrator")
    assert panel_lines(publishing_panels.too_few_officers, sam) == [SHORT]
    assert [warning.href for warning in publishing_panels.too_few_officers(visit(sam))] == ["/admin/hled_portal/user/"]
    assert panel_lines(publishing_panels.too_few_officers, make.make_user("tess", "auditor")) == []


def test_late_jobs_are_told_by_name(cast, monkeypatch):
    job = jobs.Job("send mail", datetime.timedelta(seconds=10), lambda turn: None)
    monkeypatch.setattr(jobs, "_registered", {job.name: job})
    assert panel_lines(publishing_panels.late_jobs, cast.ana) == ["Automatic tasks are overdue: messages."]
    state = JobState.objects.create(name="send mail", due_at=NOW, succeeded_at=NOW - datetime.timedelta(minutes=14))
    assert panel_lines(publishing_panels.late_jobs, cast.ana) == []
    JobState.objects.filter(pk=state.pk).update(succeeded_at=NOW - datetime.timedelta(minutes=16))
    assert panel_lines(publishing_panels.late_jobs, cast.ana) == ["Automatic tasks are overdue: messages."]


def test_every_job_has_a_name_for_people():
    assert {job.name for job in jobs.registered()} - publishing_panels.JOBS.keys() == set()


def test_a_release_that_failed_is_told_until_it_is_agreed_anew(cast):
    plan = planned(cast, proposed(cast, "a"))
    assert panel_lines(publishing_panels.failed_plans, cast.luis) == []
    ReleasePlan.objects.filter(pk=plan.pk).update(failed_at=timezone.now())
    assert len(panel_lines(publishing_panels.failed_plans, cast.luis)) == 1
    assert panel_lines(publishing_panels.failed_plans, make.make_user("sam", "administrator")) == []
