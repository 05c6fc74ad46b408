"""The page of one text and the queue: what an officer reads before she keys, what is refused, where work goes on."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from hled_portal.models import Opening, ReleasePlan, Step
from hled_portal.publishing import clearance, release_plans
from hled_portal.tests.factories import make_cast, make_cleared, make_edition, make_published, make_user, topic_content
from hled_portal.tests.pages import act, error_texts, page
from initiatives.models import Edition

pytestmark = pytest.mark.django_db
QUEUE = "/admin/initiatives/edition/queue/"


@pytest.fixture
def cast():
    cast = make_cast()
    cast.rosa = make_user("rosa", "officer", delegation="MX")
    cast.root = make_user("root", is_superuser=True)
    cast.both = make_user("both", "editor", "officer", delegation="MX")
    return cast


def do(client, text, verb, **data):
    address = reverse(f"admin:initiatives_edition_{verb}", args=[text.pk])
    return client.post(address, {f"seen_{text.pk}": text.digest, **data}, follow=True)


def shown(client, text, **query) -> str:
    return client.get(page(Edition, "change", text.pk), query).content.decode()


# One text


def test_an_officer_reads_what_a_text_changes_and_keys_it(cast, client):
    make_published(cast)
    edition = make_edition(cast.ana, content=topic_content("supply-chains", "Supply chains of the region"))
    client.force_login(cast.luis)
    html = shown(client, edition)
    assert "Proposed. Awaiting approval by both delegations." in html
    assert "Changes from version 1, now public" in html
    assert 'lang="en">of the region</span>' in html
    assert f'name="seen_{edition.pk}" value="{edition.digest}"' in html
    answer = do(client, edition, "key")
    assert error_texts(answer) == ["You approved Topic: Supply chains of the region."]
    assert "Approved by Mexico. Awaiting approval by the United States." in answer.content.decode()
    assert Edition.objects.get(pk=edition.pk).mx_officer == cast.luis


@pytest.mark.parametrize(
    ("name", "reason", "in_spanish"),
    [
        (
            "author",
            "You cannot approve a text that you proposed.",
            "Usted no puede dar el visto bueno a un texto que propuso.",
        ),
        ("zoe", "You do not belong to a delegation.", "Usted no pertenece a ninguna delegación."),
        ("root", "You do not belong to a delegation.", "Usted no pertenece a ninguna delegación."),
        ("beth", "You do not have permission to approve texts.", ""),
    ],
)
def test_who_cannot_key_reads_why_and_is_refused(cast, client, name, reason, in_spanish):
    cast.author = make_user("author", "editor", "officer", delegation="MX")
    edition = make_edition(cast.author)
    client.force_login(getattr(cast, name))
    assert reason in shown(client, edition)
    answer = do(client, edition, "key")
    assert f"Topic: Supply chains: {reason}" in error_texts(answer)
    assert Edition.objects.filter(us_officer=None, mx_officer=None, state="proposed").count() == 1
    answer = client.get(page(Edition, "change", edition.pk), headers={"Accept-Language": "es"})
    assert in_spanish in answer.content.decode()


def returned(cast):
    edition = make_edition(cast.ana)
    return clearance.return_text(edition, cast.carl, "Wrong day.")


def replaced(cast):
    edition = make_edition(cast.ana)
    return clearance.replace(edition, cast.ana, "")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_cleared, "Both delegations have already approved this text."),
        (make_published, "This text has already been published and does not need approval."),
        (returned, "This text was returned and does not need approval."),
        (replaced, "This text was replaced by a newer proposal and no longer needs approval."),
    ],
)
def test_a_text_that_waits_for_no_key_gets_none(cast, client, make, reason):
    edition = make(cast)
    before = Edition.objects.values().get()
    client.force_login(cast.rosa)
    assert f"Topic: Supply chains: {reason}" in error_texts(do(client, edition, "key"))
    assert Edition.objects.values().get() == before


def test_a_text_other_than_the_one_seen_is_not_keyed(cast, client):
    edition = make_edition(cast.ana)
    client.force_login(cast.luis)
    answer = do(client, edition, "key", **{f"seen_{edition.pk}": "0" * 64})
    assert error_texts(answer) == ["Topic: Supply chains: This text has changed since you opened it. Open it again."]
    assert Edition.objects.get().mx_digest == ""


def test_a_second_key_of_one_delegation_is_refused(cast, client):
    edition = make_edition(cast.ana)
    clearance.clear(edition, cast.luis, edition.digest)
    client.force_login(cast.rosa)
    assert error_texts(do(client, edition, "key")) == [
        "Topic: Supply chains: Your delegation has already approved this text."
    ]
    assert Edition.objects.get().mx_officer == cast.luis


def test_an_officer_who_changed_sides_is_refused_the_other_key(cast, client):
    edition = make_edition(cast.ana)
    clearance.clear(edition, cast.luis, edition.digest)
    cast.luis.delegation = "US"
    cast.luis.save()
    client.force_login(cast.luis)
    assert error_texts(do(client, edition, "key")) == [
        "Topic: Supply chains: The same person cannot approve for both delegations."
    ]
    assert Edition.objects.get().us_officer is None


def test_a_text_is_returned_with_a_comment_that_its_side_reads_first(cast, client):
    edition = make_edition(cast.ana)
    client.force_login(cast.carl)
    answer = do(client, edition, "return", comment="  ")
    assert "This field is required." in answer.content.decode()
    assert Edition.objects.get().state == "proposed"
    answer = do(client, edition, "return", comment="The name is too long.")
    assert error_texts(answer) == ["Topic: Supply chains was returned to the delegation that proposed it."]
    client.force_login(cast.ana)
    html = shown(client, edition)
    assert html.index("The name is too long.") < html.index("Content: not yet published")


def test_what_was_typed_stays_when_a_return_is_refused(cast, client):
    edition = make_published(cast)
    client.force_login(cast.beth)
    answer = do(client, edition, "withdraw", reason="other", words_en="Typed words", words_es="")
    assert "Typed words" not in answer.content.decode()  # Beth is no officer: she has no form.
    client.force_login(cast.carl)
    answer = do(client, edition, "withdraw", reason="other", words_en="Typed words", words_es="")
    assert "Typed words" in answer.content.decode()
    assert Edition.objects.get().state == "published"
    assert error_texts(do(client, edition, "withdraw", reason="error")) == ["Topic: Supply chains was withdrawn."]


def test_a_key_is_taken_back_and_set_anew(cast, client):
    edition = make_cleared(cast)
    client.force_login(cast.rosa)
    answer = do(client, edition, "take-back")
    assert error_texts(answer) == ["Your delegation's approval of Topic: Supply chains was withdrawn."]
    assert Edition.objects.values_list("state", "mx_officer").get() == ("proposed", None)
    answer = do(client, edition, "take-back")
    assert error_texts(answer) == ["Topic: Supply chains: Your delegation has not approved this text."]


def test_one_text_is_released_from_its_page(cast, client):
    edition = make_edition(cast.ana)
    client.force_login(cast.luis)
    assert error_texts(do(client, edition, "release")) == [
        "Topic: Supply chains has not been approved by both delegations."
    ]
    clearance.clear(edition, cast.luis, edition.digest)
    clearance.clear(edition, cast.carl, edition.digest)
    asked = do(client, edition, "release").content.decode()
    assert "This text becomes public immediately" in asked
    assert "Content: not yet published" in asked
    assert Edition.objects.get().state == "cleared"
    answer = do(client, edition, "release", confirmed="yes")
    assert error_texts(answer) == ["1 text published (publication 1)."]
    assert Edition.objects.get().state == "published"


def test_who_keyed_an_earlier_proposal_sees_first_what_changed_since(cast, client):
    make_published(cast)
    first = make_edition(cast.ana, content=topic_content("supply-chains", "Chains that Luis keyed"))
    clearance.clear(first, cast.luis, first.digest)
    clearance.replace(first, cast.ana, "Luis found a mistake.")
    second = make_edition(cast.ana, content=topic_content("supply-chains", "Chains that Luis has keyed"))
    client.force_login(cast.luis)
    html = shown(client, second)
    places = [
        html.index(words)
        for words in (
            "Luis found a mistake.",
            "Changes since the last text your delegation approved",
            "Changes from version 1",
        )
    ]
    assert places == sorted(places)
    client.force_login(cast.carl)
    assert "Changes since the last text your delegation approved" not in shown(client, second)


def test_the_frozen_content_stands_closed_on_the_page(cast, client):
    edition = make_edition(cast.ana)
    client.force_login(cast.luis)
    html = shown(client, edition)
    assert "<details>" in html
    assert '<th scope="row">name_es</th><td>Cadenas de suministro</td>' in html


@pytest.mark.parametrize("key", ["x", "9" * 40, "-1", "0"])
def test_a_text_that_cannot_be_there_is_not_found(cast, client, key):
    client.force_login(cast.luis)
    assert client.get(page(Edition, "change", key)).status_code == 404
    assert client.post(reverse("admin:initiatives_edition_key", args=[key])).status_code == 404


# The queue


def made(cast, count: int) -> list[Edition]:
    return [make_edition(cast.ana, f"topic-{number:03}") for number in range(count)]


def test_the_queue_goes_on_where_the_session_ended(cast, client):
    texts = made(cast, 4)
    client.force_login(cast.luis)
    shown(client, texts[0], queue="")
    html = client.get(QUEUE).content.decode()
    assert f'href="{page(Edition, "change", texts[1].pk)}?queue="' in html
    assert "0 of 4 approved by your delegation" in html
    answer = do(client, texts[1], "key", queue="")
    assert answer.redirect_chain[-1][0] == f"{page(Edition, 'change', texts[2].pk)}?queue="
    assert "Text 3 of 4" not in shown(client, texts[0], queue="")
    assert "Text 2 of 4" in shown(client, texts[0], queue="")
    client.logout()
    client.force_login(cast.luis)
    resumed = page(Edition, "change", texts[2].pk)  # It was on the screen when the session ended.
    assert f'class="button" href="{resumed}?queue="' in client.get(QUEUE).content.decode()


def test_many_texts_are_approved_with_one_message_after_the_refusals(cast, client):
    texts = made(cast, 33)
    clearance.clear(texts[0], cast.luis, texts[0].digest)
    client.force_login(cast.luis)
    seen = {f"seen_{text.pk}": text.digest for text in texts}
    answer = act(client, Edition, "set_key", texts, confirmed="yes", acknowledged="yes", **seen)
    assert error_texts(answer) == [
        "Topic: Supply chains: Your delegation has already approved this text.",
        "You approved 32 texts.",
    ]


def test_what_one_officer_opened_is_not_opened_for_another(cast, client):
    texts = made(cast, 1)
    client.force_login(cast.luis)
    shown(client, texts[0])
    shown(client, texts[0])
    assert Opening.objects.values_list("officer", "text_pk", "digest").get() == (
        cast.luis.pk,
        texts[0].pk,
        texts[0].digest,
    )
    client.force_login(cast.rosa)
    assert "<strong>never</strong>" in client.get(QUEUE).content.decode()


def test_an_editor_who_reads_a_text_opens_nothing_and_has_no_queue(cast, client):
    texts = made(cast, 1)
    client.force_login(cast.ana)
    shown(client, texts[0])
    assert not Opening.objects.exists()
    assert client.get(QUEUE).status_code == 403


def test_passed_releases_come_first_then_the_oldest(cast, client):
    old, soon, passed = made(cast, 3)
    now = timezone.now()
    for text, days in ((soon, 2), (passed, -2)):
        plan = ReleasePlan.objects.create(name=text.name, at=now + datetime.timedelta(days=days), created_by=cast.carl)
        release_plans.add_texts(plan, [text], cast.carl)
    client.force_login(cast.luis)
    html = client.get(QUEUE).content.decode()
    places = [html.index(f'id="text-{text.pk}"') for text in (passed, soon, old)]
    assert places == sorted(places)
    html = client.get(QUEUE, {"plan": passed.plan_id or Edition.objects.get(pk=passed.pk).plan_id}).content.decode()
    assert f'id="text-{passed.pk}"' in html
    assert f'id="text-{old.pk}"' not in html


def test_the_author_finds_her_own_text_told_apart(cast, client):
    make_edition(cast.both)
    client.force_login(cast.both)
    html = client.get(QUEUE).content.decode()
    assert "yours: a colleague must approve it" in html
    assert "Continue one by one" not in html


def test_the_queue_leads_to_its_next_text(cast, client):
    text = make_edition(cast.both)
    client.force_login(cast.luis)
    answer = client.get(QUEUE)
    assert answer.context["continue_url"].startswith(page(text, "change", text.pk))
    assert f'href="{answer.context["continue_url"]}"' in answer.content.decode()


@pytest.mark.parametrize("count", [1, 30, 140])
def test_the_queue_costs_the_same_for_one_text_and_for_many(cast, client, count, django_assert_num_queries):
    made(cast, count)
    client.force_login(cast.luis)
    client.get("/admin/")
    with django_assert_num_queries(8):
        assert client.get(QUEUE).status_code == 200


# Many together


def chosen(texts, **more) -> dict:
    return {"confirmed": "yes", **{f"seen_{text.pk}": text.digest for text in texts}, **more}


def test_texts_never_opened_stand_first_and_are_keyed_only_when_that_is_acknowledged(cast, client):
    texts = made(cast, 3)
    client.force_login(cast.luis)
    shown(client, texts[0])
    html = act(client, Edition, "set_key", texts).content.decode()
    assert "Texts that you have not opened: 2" in html
    places = [html.index(f'id="text-{text.pk}"') for text in (texts[1], texts[2], texts[0])]
    assert places == sorted(places)
    html = act(client, Edition, "set_key", texts, **chosen(texts)).content.decode()
    assert "Nothing was approved." in html
    assert not Edition.objects.exclude(mx_digest="").exists()
    answer = act(client, Edition, "set_key", texts, **chosen(texts, acknowledged="yes", queue=""))
    assert error_texts(answer) == ["You approved 3 texts."]
    assert answer.redirect_chain[-1][0] == QUEUE
    assert Edition.objects.filter(mx_officer=cast.luis).count() == 3


def test_many_that_were_all_opened_need_no_acknowledgement(cast, client):
    texts = made(cast, 2)
    client.force_login(cast.luis)
    for text in texts:
        shown(client, text)
    act(client, Edition, "set_key", texts, **chosen(texts))
    assert Edition.objects.filter(mx_officer=cast.luis).count() == 2


def test_one_refusal_among_many_stops_no_other(cast, client):
    texts = [*made(cast, 2), make_edition(cast.both, "mine")]
    client.force_login(cast.both)
    answer = act(client, Edition, "set_key", texts, **chosen(texts, acknowledged="yes"))
    assert "Topic: Supply chains: You cannot approve a text that you proposed." in error_texts(answer)
    assert Edition.objects.filter(mx_officer=cast.both).count() == 2


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_of_many_costs_the_same_for_one_text_and_for_many(cast, client, count, django_assert_num_queries):
    texts = made(cast, count)
    client.force_login(cast.luis)
    client.get("/admin/")
    with django_assert_num_queries(13):
        act(client, Edition, "set_key", texts)


def test_steps_stand_on_the_page_with_who_did_them(cast, client):
    edition = make_edition(cast.ana)
    clearance.clear(edition, cast.luis, edition.digest)
    client.force_login(cast.carl)
    assert "approval given, luis (Mexico)" in shown(client, edition)
    assert Step.objects.count() == 1
