"""The pages of a release to come: who may do what, what they say, and that only the verbs change a plan."""

import datetime

import pytest
import time_machine
from django.urls import reverse

from hled_portal.models import Publication, ReleasePlan, Step
from hled_portal.publishing import clearance, kept_results, release_plans
from hled_portal.tests.factories import (
    make_cast,
    make_cleared,
    make_edition,
    make_fact,
    make_initiative,
    make_meeting,
    make_user,
    publish_with_keys,
    topic_content,
)
from hled_portal.tests.pages import error_texts
from initiatives.models import Edition

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 30, 15, 0, tzinfo=datetime.UTC)
LIST, ADD = "/admin/hled_portal/releaseplan/", "/admin/hled_portal/releaseplan/add/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW) as clock:
        yield clock


@pytest.fixture
def cast():
    cast = make_cast()
    cast.tess = make_user("tess", "auditor")
    cast.root = make_user("root", is_superuser=True)
    cast.stranger = make_user("stranger")
    return cast


@pytest.fixture
def plan(cast):
    plan = release_plans.make(cast.carl, "Ministerial", "", NOW + datetime.timedelta(hours=1))
    release_plans.add_texts(plan, [make_cleared(cast, "one"), make_edition(cast.ana, "two")], cast.carl)
    return plan


def page(plan, name: str = "change") -> str:
    return reverse(f"admin:hled_portal_releaseplan_{name}", args=[plan.pk])


def do(client, plan, verb: str, **more):
    return client.post(page(plan), {"verb": verb, **more}, follow=True)


# Who may


@pytest.mark.parametrize(
    ("name", "reads", "plans"),
    [
        ("luis", True, True),
        ("carl", True, True),
        ("ana", True, False),
        ("tess", True, False),
        ("root", True, False),
        ("zoe", True, False),
        ("stranger", False, False),
    ],
)
def test_officers_plan_and_others_read(cast, client, plan, name, reads, plans):
    client.force_login(getattr(cast, name))
    statuses = {address: client.get(address).status_code for address in (LIST, page(plan), page(plan, "docx"))}
    assert statuses == dict.fromkeys(statuses, 200 if reads else 403)
    for address in (ADD, page(plan, "edit"), page(plan, "choose")):
        assert client.get(address).status_code == (200 if plans else 403)
        assert plans or client.post(address, {"name": "x", "all": "1", "capital": "MX"}).status_code == 403
    for verb in ("agree", "disagree", "take_out", "release", "delete"):
        assert plans or client.post(page(plan), {"verb": verb}).status_code == 403
    if reads:
        assert bool(client.get(page(plan)).context["buttons"]) == plans


def test_forged_addresses_and_verbs_are_refused(cast, client, plan):
    client.force_login(cast.luis)
    for key in ("0", "x", "9" * 40):
        assert client.get(f"{LIST}{key}/change/").status_code == 404
    assert client.post(page(plan), {"verb": "publish"}).status_code == 403
    assert client.post(page(plan), {}).status_code == 403
    assert client.post(page(plan, "docx")).status_code == 403
    assert client.get(page(plan, "docx"), {"language": "fr"}).status_code == 404
    assert client.post(f"{LIST}{plan.pk}/delete/", {"post": "yes"}).status_code == 403


# Making, and the minute


def typed(**more) -> dict:
    return {"name": "Night before", "meeting_key": "", "day": "2026-12-01", "time": "10:00", "capital": "MX"} | more


def test_a_minute_is_read_back_in_both_capitals_before_it_is_kept(cast, client):
    client.force_login(cast.luis)
    answer = client.post(ADD, typed())
    assert "December 1, 2026, 10:00 Mexico City time and 11:00 Washington time" in answer.content.decode()
    assert not ReleasePlan.objects.exists()
    token = answer.context["read_back"]
    other = client.post(ADD, typed(time="10:30", read_back=token))
    assert "10:30 Mexico City time and 11:30 Washington time" in other.content.decode()
    assert not ReleasePlan.objects.exists()
    client.post(ADD, typed(read_back=token))
    assert ReleasePlan.objects.get().at == datetime.datetime(2026, 12, 1, 16, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"time": ""}, "Enter both the date and the time, or leave both empty."),
        ({"day": "2026-02-30"}, "Enter a valid date."),
        ({"day": "2027-03-14", "time": "02:30", "capital": "US"}, "02:30 in Washington occurs twice or not at all"),
        ({"day": "2026-11-01", "time": "01:30", "capital": "US"}, "01:30 in Washington occurs twice or not at all"),
        ({"day": "2026-11-29"}, "That time has already passed."),
        ({"name": ""}, "This field is required."),
        ({"meeting_key": "nowhere"}, "Select a valid choice."),
    ],
)
def test_what_is_typed_wrong_is_told_and_kept_on_the_page(cast, client, more, reason):
    client.force_login(cast.luis)
    answer = client.post(ADD, typed(**more))
    if answer.context["read_back"]:
        answer = client.post(ADD, typed(**more, read_back=answer.context["read_back"]))
    html = answer.content.decode()
    assert reason in html
    assert 'value="10:00"' in html or "time" in more
    assert not ReleasePlan.objects.exists()


def test_a_release_without_a_minute_goes_out_at_a_word(cast, client):
    client.force_login(cast.luis)
    answer = client.post(ADD, typed(day="", time=""))
    assert "an authorized person publishes it" in answer.content.decode()
    client.post(ADD, typed(day="", time="", read_back=answer.context["read_back"]))
    assert ReleasePlan.objects.get().at is None


def test_two_officers_do_not_overwrite_each_others_minute(cast, client, plan):
    client.force_login(cast.luis)
    seen = client.get(page(plan, "edit")).context["form"].initial["seen"]
    release_plans.change(plan, cast.carl, release_plans.mark(plan), "By Carl", "", plan.at)
    token = client.post(page(plan, "edit"), typed(seen=seen)).context["read_back"]
    answer = client.post(page(plan, "edit"), typed(seen=seen, read_back=token))
    assert "The release changed after you opened it. Open it again." in answer.content.decode()
    plan.refresh_from_db()
    assert plan.name == "By Carl"


def test_another_minute_ends_the_agreement_and_the_page_says_so(cast, client, plan):
    client.force_login(cast.luis)
    do(client, plan, "agree", seen=release_plans.plan_digest(plan))
    form = client.get(page(plan, "edit")).context["form"].initial
    assert (form["day"], form["time"]) == (datetime.date(2026, 11, 30), datetime.time(10))
    data = typed(seen=form["seen"])
    token = client.post(page(plan, "edit"), data).context["read_back"]
    answer = client.post(page(plan, "edit"), data | {"read_back": token}, follow=True)
    assert "Not valid: the release changed after luis agreed." in answer.content.decode()
    assert "agree" in answer.context["buttons"]


# The verbs


def test_texts_are_put_in_by_kind_all_at_once_or_chosen(cast, client):
    texts = [make_edition(cast.ana, f"topic-{n}") for n in range(3)]
    meeting = make_edition(cast.ana, "2026", subject_kind="meeting", content=topic_content("x"))
    plan = release_plans.make(cast.carl, "Ministerial")
    client.force_login(cast.luis)
    answer = client.get(page(plan, "choose"), {"kind": "topic"})
    assert [row["text"].pk for row in answer.context["rows"]] == [text.pk for text in texts]
    client.post(page(plan, "choose"), {"text": [f"edition:{texts[0].pk}", "edition:0", "x"], "chosen": "1"})
    assert list(Edition.objects.filter(plan=plan)) == [texts[0]]
    client.post(page(plan, "choose") + "?kind=topic", {"all": "1"})
    assert Edition.objects.filter(plan=plan).count() == 3
    answer = client.post(page(plan, "choose"), {"chosen": "1"})
    assert error_texts(answer)[-1] == "Select at least one text."
    do(client, plan, "take_out", text=[f"edition:{texts[1].pk}", f"edition:{meeting.pk}"])
    assert set(Edition.objects.filter(plan=plan)) == {texts[0], texts[2]}


def test_a_text_of_another_release_is_not_offered_and_not_taken(cast, client, plan):
    other = release_plans.make(cast.carl, "Another")
    client.force_login(cast.luis)
    assert client.get(page(other, "choose")).context["rows"] == []
    with pytest.raises(clearance.Refused, match="is in another release."):
        release_plans.add_texts(other, release_plans.plan_texts(plan), cast.luis)


def test_agreed_by_both_it_goes_out_at_a_word_but_not_before_its_minute(cast, client, plan, clock):
    text = Edition.objects.get(subject_key="two")
    for name in ("luis", "carl"):
        client.force_login(getattr(cast, name))
        answer = do(client, plan, "agree", seen=release_plans.plan_digest(plan))
        assert error_texts(answer) == ["Your delegation agrees to this time and these texts."]
    assert "release" not in answer.context["buttons"]
    assert error_texts(do(client, plan, "release")) == [
        "Both delegations agreed to a later time. It cannot be published yet.",
    ]
    clock.move_to(NOW + datetime.timedelta(hours=1))
    assert "release" in client.get(page(plan)).context["buttons"]
    assert error_texts(do(client, plan, "release")) == [
        "Topic: Supply chains has not been approved by both delegations."
    ]
    for officer in (cast.luis, cast.carl):
        clearance.clear(text, officer, text.digest)
    assert "become public immediately" in do(client, plan, "release").content.decode()
    assert "become public immediately" in do(client, plan, "release", confirmed="0" * 64).content.decode()
    assert not Publication.objects.exists()
    answer = do(client, plan, "release", confirmed=release_plans.plan_digest(plan))
    assert error_texts(answer) == ["Published (publication 1)."]
    assert "published (publication 1)" in answer.content.decode()
    assert answer.context["buttons"] == set()
    plan.refresh_from_db()
    assert (Publication.objects.count(), plan.release.released_by) == (2, cast.carl)


def test_what_was_not_seen_is_not_agreed_to(cast, client, plan):
    client.force_login(cast.luis)
    answer = do(client, plan, "agree", seen="0" * 64)
    assert error_texts(answer) == ["The release changed after you opened it. Open it again."]
    assert "Not yet." in answer.content.decode()


def test_an_agreement_is_taken_back(cast, client, plan):
    client.force_login(cast.luis)
    do(client, plan, "agree", seen=release_plans.plan_digest(plan))
    answer = do(client, plan, "disagree")
    plan.refresh_from_db()
    assert (plan.mx_digest, "agree" in answer.context["buttons"]) == ("", True)


def test_an_empty_release_is_deleted_and_no_other(cast, client, plan):
    client.force_login(cast.luis)
    assert error_texts(do(client, plan, "delete")) == ["Remove the texts first. Only an empty release can be deleted."]
    do(client, plan, "take_out", text=[f"edition:{pk}" for pk in Edition.objects.values_list("pk", flat=True)])
    assert error_texts(do(client, plan, "delete")) == ["The empty release was deleted."]
    assert not ReleasePlan.objects.exists()
    assert Step.objects.filter(action="deleted", plan_pk=plan.pk).exists()


# What the page says


def test_the_page_names_what_is_missing_with_links_and_who_holds_which_key(cast, client, plan):
    client.force_login(cast.carl)
    answer = client.get(page(plan))
    html = answer.content.decode()
    two = Edition.objects.get(subject_key="two")
    assert answer.context["lacks"] == [
        ("Both delegations must agree to this time and these texts.", ""),
        (
            "Topic: Supply chains has not been approved by both delegations.",
            f"/admin/initiatives/edition/{two.pk}/change/",
        ),
    ]
    assert "10:00 Mexico City time and 11:00 Washington time" in html
    assert html.count("luis<span") == html.count("carl<span") == 1
    assert "2 you have not opened" in html


def test_the_steps_of_a_release_stand_on_its_page(cast, client, plan):
    client.force_login(cast.luis)
    do(client, plan, "agree", seen=release_plans.plan_digest(plan))
    clearance.return_text(Edition.objects.get(subject_key="two"), cast.luis, "Not yet.")
    steps = [(row["step"].action, row["names"]) for row in client.get(page(plan)).context["steps"]]
    assert steps == [
        ("returned", ["Topic: Supply chains"]),
        ("agreed", []),
        ("planned", ["Topic: Supply chains"]),
        ("made", []),
    ]


def test_a_release_for_a_meeting_tells_what_it_leaves_out(cast, client):
    make_meeting("2026-11-30")
    untouched, edited, waiting = (make_initiative(key) for key in ("untouched", "edited", "waiting"))
    fact = make_fact(edited, side="joint")
    publish_with_keys(cast, untouched, edited)
    draft = make_fact(untouched, "draft", side="US", ready=False)
    fact.object_en = "other works"
    fact.save()
    make_initiative("new")
    make_edition(cast.ana, "waiting", subject_kind="initiative", content=topic_content("waiting"))
    plan = release_plans.make(cast.carl, "Ministerial", "2026-11-30")
    client.force_login(cast.luis)
    answer = client.get(page(plan))
    left = answer.context["left_out"]
    assert [row.key for row in left.edited] == ["edited"]
    assert [row.key for row in left.never_proposed] == ["new"]
    assert [text.subject_key for text in left.elsewhere] == ["waiting"]
    assert "Changed after publication and not proposed" in answer.content.decode()
    assert draft.pk
    assert waiting.pk


def test_many_texts_cost_as_many_queries_as_few(cast, client, django_assert_num_queries):
    make_meeting("2026-11-30")
    client.force_login(cast.luis)
    for count in (1, 140):
        plan = release_plans.make(cast.carl, "Ministerial", "2026-11-30")
        texts = [make_edition(cast.ana, f"topic-{count}-{n}") for n in range(count)]
        with django_assert_num_queries(9):
            assert len(client.get(page(plan, "choose")).context["rows"]) == count
        release_plans.add_texts(plan, texts, cast.carl)
        with django_assert_num_queries(26):
            answer = client.get(page(plan))
        assert answer.content.decode().count('type="checkbox"') == count
        kept_results.forget_results()
        with django_assert_num_queries(14):
            assert client.get(page(plan, "docx")).status_code == 200


def test_pages_are_in_spanish_too(cast, client, plan):
    cast.luis.language = "es"
    cast.luis.save()
    client.force_login(cast.luis)
    for address in (LIST, ADD, page(plan), page(plan, "edit"), page(plan, "choose")):
        assert client.get(address, headers={"Accept-Language": "es"}).status_code == 200
