"""The verbs of two keys: who may clear and release, and what they refuse."""

import datetime
import json

import pytest
from django.core.exceptions import ValidationError

from hled_portal.dates.as_of import Moment
from hled_portal.models import Publication, PublicVersion, Release, Step
from hled_portal.publishing import releasing
from hled_portal.publishing.canonical_json import digest
from hled_portal.publishing.clearance import Refused, clear, replace, return_text, take_back
from hled_portal.publishing.releasing import release, release_joint_text, withdraw
from hled_portal.publishing.verification import verify
from hled_portal.tests.factories import (
    DAY,
    make_cast,
    make_cleared,
    make_edition,
    make_joint_text,
    make_published,
    make_user,
    topic_content,
)
from initiatives.models import Edition

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def cast(db):
    return make_cast()


def test_one_key_leaves_a_text_proposed(cast):
    edition = make_edition(cast.ana)
    edition = clear(edition, cast.luis, edition.digest)
    assert (edition.state, edition.mx_officer, edition.us_officer) == ("proposed", cast.luis, None)


@pytest.mark.parametrize("order", [("luis", "carl"), ("carl", "luis")])
def test_two_keys_in_any_order_clear_a_text(cast, order):
    edition = make_edition(cast.ana)
    for name in order:
        edition = clear(edition, getattr(cast, name), edition.digest)
    edition.refresh_from_db()
    assert (edition.state, edition.mx_officer, edition.us_officer) == ("cleared", cast.luis, cast.carl)
    assert edition.us_digest == edition.mx_digest == edition.digest
    assert edition.number is None


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("zoe", "You do not belong to a delegation."),
        ("ana", "You cannot approve a text that you proposed."),
        ("beth", "You do not have permission to approve texts."),
    ],
)
def test_who_cannot_set_a_key(cast, name, reason):
    edition = make_edition(cast.ana)
    with pytest.raises(Refused) as refused:
        clear(edition, getattr(cast, name), edition.digest)
    assert reason in refused.value.messages
    edition.refresh_from_db()
    assert edition.us_officer is None
    assert edition.mx_officer is None


@pytest.mark.only_on("sqlite")
def test_a_superuser_and_an_inactive_officer_cannot_set_a_key(cast):
    root = make_user("root", is_superuser=True)
    gone = make_user("gone", "officer", delegation="US", is_active=False)
    edition = make_edition(cast.ana)
    for officer, reason in (
        (root, "You do not belong to a delegation."),
        (gone, "You do not have permission to approve texts."),
    ):
        with pytest.raises(Refused) as refused:
            clear(edition, officer, edition.digest)
        assert refused.value.messages == [reason]


def test_a_key_is_over_the_text_that_was_seen(cast):
    edition = make_edition(cast.ana)
    with pytest.raises(Refused, match="This text has changed since you opened it."):
        clear(edition, cast.luis, digest("another"))


def test_a_delegation_has_one_key(cast):
    second = make_user("rosa", "officer", delegation="MX")
    edition = make_edition(cast.ana)
    clear(edition, cast.luis, edition.digest)
    for officer in (cast.luis, second):
        with pytest.raises(Refused, match="Your delegation has already approved this text."):
            clear(edition, officer, edition.digest)
    edition.refresh_from_db()
    assert (edition.state, edition.mx_officer) == ("proposed", cast.luis)


def test_an_officer_who_changed_sides_does_not_hold_both_keys(cast):
    edition = make_edition(cast.ana)
    clear(edition, cast.luis, edition.digest)
    cast.luis.delegation = "US"
    cast.luis.save()
    with pytest.raises(Refused, match="The same person cannot approve for both delegations."):
        clear(edition, cast.luis, edition.digest)


def test_a_release_publishes_all_of_its_texts_under_one_number(cast):
    texts = [make_cleared(cast, "one"), make_cleared(cast, "two")]
    made = release(texts, cast.luis)
    rows = Edition.objects.order_by("subject_key")
    assert [(e.state, e.number, e.publication, e.release) for e in rows] == [
        ("published", 1, made.publication, made)
    ] * 2
    assert [(p.action, p.text, p.number) for p in Publication.objects.all()] == [
        ("released", "topic/one/1", 1),
        ("released", "topic/two/1", 1),
    ]
    assert PublicVersion.objects.get().value == 1


def test_a_release_with_one_uncleared_text_publishes_none(cast):
    texts = [make_cleared(cast, "one"), make_edition(cast.ana, "two")]
    with pytest.raises(Refused, match="Topic: Supply chains has not been approved"):
        release(texts, cast.luis)
    assert Edition.objects.filter(number__isnull=False).count() == 0
    assert Publication.objects.count() == Release.objects.count() == 0


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("name", ["ana", "zoe"])
def test_who_cannot_release(cast, name):
    edition = make_cleared(cast)
    with pytest.raises(Refused, match="You do not have permission to publish texts."):
        release([edition], getattr(cast, name))
    assert Publication.objects.count() == 0


@pytest.mark.only_on("sqlite")
def test_an_empty_release_is_refused(cast):
    with pytest.raises(ValidationError, match="at least one text"):
        release([], cast.luis)


def test_a_new_edition_supersedes_the_one_before(cast):
    first = make_published(cast)
    second = make_published(cast, content=topic_content("supply-chains", "Supply chains and semiconductors"))
    first.refresh_from_db()
    assert (first.state, first.number, second.state, second.number) == ("superseded", 1, "published", 2)
    actions = list(Publication.objects.values_list("action", "text", "number"))
    assert actions[1:] == [("superseded", "topic/supply-chains/1", 2), ("released", "topic/supply-chains/2", 2)]


def test_the_log_is_a_chain_of_hashes_that_names_both_keys(cast):
    make_published(cast, "one")
    make_published(cast, "two")
    first, second = Publication.objects.all()
    assert json.loads(first.entry)["previous"] == releasing.GENESIS
    assert json.loads(second.entry)["previous"] == first.hash == digest(first.entry)
    officers = {side: key["officer"] for side, key in json.loads(second.entry)["keys"].items()}
    assert officers == {"US": "carl", "MX": "luis"}


def test_a_joint_text_counts_from_its_own_day_and_has_no_keys():
    edition = make_joint_text()
    assert (edition.state, edition.basis, edition.public_from) == ("published", "joint_text", DAY)
    assert json.loads(Publication.objects.get().entry)["keys"] == {"US": None, "MX": None}


def test_a_joint_text_is_not_loaded_over_what_officers_cleared(cast):
    cleared = make_published(cast)
    other = topic_content("supply-chains", "Another name")
    late = make_edition(None, content=other, basis="joint_text", source_key="2024-04-19-fact-sheet")
    with pytest.raises(Refused, match="was approved by the delegations."):
        release_joint_text([late], cleared.public_from)
    assert list(Edition.objects.filter(number__isnull=False).values_list("basis", flat=True)) == ["keys"]


def test_an_older_joint_text_is_the_edition_of_its_own_day_only():
    newest, day = make_joint_text(), DAY - datetime.timedelta(days=1)
    other = topic_content("supply-chains", "Another name")
    older = make_edition(None, content=other, basis="joint_text", source_key="older")
    release_joint_text([older], day)
    assert [list(Edition.objects.public(Moment(at))) for at in (day, DAY)] == [[older], [newest]]
    older.refresh_from_db()
    assert (older.state, older.number) == ("superseded", 2)


def test_an_older_text_repeats_the_earliest_edition_from_its_own_day(cast):
    newest = make_published(cast)
    older = make_edition(None, basis="joint_text", source_key="older")
    release_joint_text([older], DAY)
    older.refresh_from_db()
    newest.refresh_from_db()
    assert (older.state, older.number, older.public_from) == ("superseded", 2, DAY)
    assert (newest.state, newest.number) == ("published", 1)
    assert list(Edition.objects.public(Moment(DAY))) == [older]
    assert list(Edition.objects.public(Moment(newest.public_from))) == [newest]
    assert list(verify()) == []


def test_an_older_text_repeats_nothing_that_was_withdrawn(cast):
    withdraw(make_published(cast), cast.luis, "error")
    older = make_edition(None, basis="joint_text", source_key="older")
    with pytest.raises(Refused, match="was withdrawn"):
        release_joint_text([older], DAY)


def test_an_older_text_may_follow_another_before_what_officers_cleared(cast):
    make_joint_text()
    cleared = make_published(cast, content=topic_content("supply-chains", "Another name"))
    late = make_edition(None, basis="joint_text", source_key="older")
    release_joint_text([late], DAY + datetime.timedelta(days=1))
    assert list(Edition.objects.public(Moment(cleared.public_from))) == [cleared]
    after = make_edition(None, basis="joint_text", source_key="after")
    with pytest.raises(Refused, match="was approved by the delegations."):
        release_joint_text([after], cleared.public_from)


def test_a_proposal_is_not_released_as_a_joint_text(cast):
    with pytest.raises(Refused, match="is not based on a published document."):
        release_joint_text([make_cleared(cast)], DAY)
    assert Publication.objects.count() == 0


# Withdrawing


@pytest.mark.parametrize("name", ["luis", "carl"])
def test_either_side_withdraws_alone(cast, name):
    edition = make_published(cast)
    before = PublicVersion.objects.get().value
    row = withdraw(edition, getattr(cast, name), "error", "A wrong year.", "Un año equivocado.")
    edition.refresh_from_db()
    assert edition.state == "withdrawn"
    assert (row.action, row.text, row.number) == ("withdrawn", edition.text, edition.publication + 1)
    assert row.data["withdrawal"] == {
        "delegation": getattr(cast, name).delegation,
        "officer": getattr(cast, name).username,
        "reason": "error",
        "words_en": "A wrong year.",
        "words_es": "Un año equivocado.",
    }
    assert PublicVersion.objects.get().value == before + 1
    assert list(verify()) == []


def test_an_edition_that_was_superseded_can_be_withdrawn(cast):
    first, second = make_published(cast), make_published(cast, content=topic_content("supply-chains", "Other words"))
    withdraw(first, cast.carl, "law")
    second.refresh_from_db()
    assert second.state == "published"
    assert list(verify()) == []


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("name", "reason", "words", "message"),
    [
        ("zoe", "error", ("", ""), "You do not belong to a delegation."),
        ("ana", "error", ("", ""), "You do not have permission to approve texts."),
        ("luis", "", ("", ""), "Explain why the text is being withdrawn."),
        ("luis", "other", ("", ""), "Explain the reason in both languages."),
        ("luis", "error", ("A wrong year.", ""), "Enter the explanation in both languages."),
    ],
)
def test_what_cannot_be_withdrawn_so(cast, name, reason, words, message):
    edition = make_published(cast)
    with pytest.raises(Refused) as refused:
        withdraw(edition, getattr(cast, name), reason, *words)
    assert message in refused.value.messages
    edition.refresh_from_db()
    assert edition.state == "published"


@pytest.mark.only_on("sqlite")
def test_what_is_not_public_cannot_be_withdrawn(cast):
    with pytest.raises(Refused, match="Only a published text can be withdrawn."):
        withdraw(make_cleared(cast), cast.luis, "error")
    edition = make_published(cast, "other-topic")
    withdraw(edition, cast.luis, "error")
    with pytest.raises(Refused, match="Only a published text can be withdrawn."):
        withdraw(edition, cast.luis, "error")


def test_a_joint_text_is_never_loaded_over_what_was_withdrawn(cast):
    withdraw(make_joint_text(), cast.luis, "error")
    with pytest.raises(
        Refused, match="was withdrawn. It can be published again only with the approval of both delegations."
    ):
        make_joint_text()


# Returning, taking back, and the steps


def steps(text) -> list[tuple]:
    return list(Step.objects.filter(text_pk=text.pk).values_list("action", "by__username", "delegation", "comment"))


def test_a_text_is_returned_with_a_comment(cast):
    edition = make_edition(cast.ana)
    clear(edition, cast.luis, edition.digest)
    edition = return_text(edition, cast.carl, " The year is wrong. ")
    assert edition.state == "returned"
    assert steps(edition) == [
        ("keyed", cast.luis.username, "MX", ""),
        ("returned", cast.carl.username, "US", "The year is wrong."),
    ]


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("name", "comment", "reason"),
    [
        ("carl", "  ", "Enter a comment explaining why the text is being returned."),
        ("beth", "No.", "You do not have permission to approve texts."),
        ("zoe", "No.", "You do not belong to a delegation."),
    ],
)
def test_what_cannot_be_returned_so(cast, name, comment, reason):
    edition = make_edition(cast.ana)
    with pytest.raises(Refused) as refused:
        return_text(edition, getattr(cast, name), comment)
    assert reason in refused.value.messages
    assert steps(edition) == []


def test_what_is_public_is_not_returned_and_loses_no_key(cast):
    edition = make_published(cast)
    with pytest.raises(Refused, match="Only a text that is awaiting approval or approved can be returned."):
        return_text(edition, cast.carl, "Late.")
    with pytest.raises(Refused, match="An approval can be withdrawn only before the text is published."):
        take_back(edition, cast.carl)


def test_a_side_takes_its_own_key_back_before_release(cast):
    edition = make_cleared(cast)
    edition = take_back(edition, cast.carl)
    assert (edition.state, edition.us_officer, edition.mx_officer) == ("proposed", None, cast.luis)
    with pytest.raises(Refused, match="Your delegation has not approved this text."):
        take_back(edition, cast.carl)
    edition = clear(edition, cast.carl, edition.digest)
    assert edition.state == "cleared"


def test_another_officer_of_the_side_may_take_its_key_back(cast):
    edition = make_cleared(cast)
    edition = take_back(edition, make_user("eva", "officer", delegation="MX"))
    assert edition.mx_officer is None
    assert edition.us_officer == cast.carl


def test_a_proposal_with_a_key_is_replaced_with_a_reason_only(cast):
    edition = make_edition(cast.ana)
    clear(edition, cast.luis, edition.digest)
    with pytest.raises(Refused, match="already has an approval."):
        replace(edition, cast.ana, " ")
    edition = replace(edition, cast.ana, "A new figure came in.")
    assert (edition.state, edition.mx_digest) == ("replaced", edition.digest)
    assert steps(edition)[-1] == ("replaced", cast.ana.username, "MX", "A new figure came in.")


def test_each_step_is_written_from_proposal_to_withdrawal(cast):
    edition = make_published(cast)
    withdraw(edition, cast.luis, "error", "A wrong year.", "Un año equivocado.")
    assert [action for action, *_rest in steps(edition)] == ["keyed", "keyed", "released", "withdrawn"]
