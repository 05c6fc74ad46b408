"""A recommendation becomes public by consent, in its author's words, once both delegations cleared the very same."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from hled_portal.models import PublicVersion
from hled_portal.publishing.clearance import Refused
from hled_portal.tests.factories import make_letter, make_officers, make_recommendation, make_user
from stakeholders.models import PublishedRecommendation
from stakeholders.triage import moves, publishing

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def cast():
    return make_officers()


def seen(recommendation) -> str:
    return publishing.content_digest(
        publishing.public_content(recommendation, publishing.quoted_asking(recommendation))
    )


def public() -> list[str]:
    return list(PublishedRecommendation.objects.public(timezone.now()).values_list("text", flat=True))


def test_not_public_on_one_clearance_and_public_on_two(cast):
    letter = make_letter("Abran la ventanilla.")
    recommendation = make_recommendation(cast.rosa, letter)
    publishing.clear(recommendation, cast.rosa, seen(recommendation))
    assert public() == []
    publishing.clear(recommendation, cast.ruth, seen(recommendation))
    assert public() == ["Abran la ventanilla."]
    row = PublishedRecommendation.objects.get()
    assert (row.language, row.us_officer, row.mx_officer) == ("es", cast.ruth, cast.rosa)
    assert (row.sector, row.country, row.summary_en) == ("education", "MX", "Share laboratories.")


def test_two_officers_of_one_delegation_make_nothing_public(cast):
    recommendation = make_recommendation(cast.rosa)
    publishing.clear(recommendation, cast.rosa, seen(recommendation))
    with pytest.raises(Refused, match="Your delegation has already approved this."):
        publishing.clear(recommendation, make_user("rita", "recommendations", delegation="MX"), seen(recommendation))
    assert public() == []


@pytest.mark.parametrize(
    ("columns", "letter", "reason"),
    [
        ({"summary_en": " "}, {}, "The summary in English is missing."),
        ({"summary_es": ""}, {}, "The summary in Spanish is missing."),
        ({}, {"consent": "nothing"}, "It cannot be published because no sender has given consent."),
    ],
)
def test_what_is_lacking_is_named(cast, columns, letter, reason):
    recommendation = make_recommendation(cast.rosa, make_letter(**letter), **columns)
    with pytest.raises(Refused, match=reason):
        publishing.clear(recommendation, cast.rosa, "")


def test_the_words_of_who_consented_are_taken_and_of_nobody_else(cast):
    recommendation = make_recommendation(cast.rosa, make_letter("Quiet words.", consent="nothing", language="en"))
    other = make_letter("Abran.", consent="withheld")
    recommendation.askings.create(letter=other, text="Abran.", language="es")
    publishing.clear(recommendation, cast.rosa, seen(recommendation))
    publishing.clear(recommendation, cast.ruth, seen(recommendation))
    assert public() == ["Abran."]


def test_only_what_was_seen_is_cleared(cast):
    recommendation = make_recommendation(cast.rosa)
    digest = seen(recommendation)
    recommendation.summary_es = "Otra cosa."
    recommendation.save()
    with pytest.raises(Refused, match="changed after you opened"):
        publishing.clear(recommendation, cast.rosa, digest)


def test_readers_keep_what_both_cleared_until_both_cleared_the_new(cast):
    recommendation = make_recommendation(cast.rosa)
    for officer in (cast.rosa, cast.ruth):
        publishing.clear(recommendation, officer, seen(recommendation))
    recommendation.summary_en = "Share all laboratories."
    recommendation.save()
    publishing.clear(recommendation, cast.ruth, seen(recommendation))
    row = PublishedRecommendation.objects.public(timezone.now()).get()
    assert row.summary_en == "Share laboratories."
    publishing.clear(recommendation, cast.rosa, seen(recommendation))
    row = PublishedRecommendation.objects.public(timezone.now()).get()
    assert row.summary_en == "Share all laboratories."


@pytest.mark.parametrize("gone", ["consent", "withdrawn", "restricted", "taken off"])
def test_it_leaves_the_public_at_once(cast, gone):
    letter = make_letter("Abran.")
    recommendation = make_recommendation(cast.rosa, letter)
    for officer in (cast.rosa, cast.ruth):
        publishing.clear(recommendation, officer, seen(recommendation))
    before = PublicVersion.objects.get().value
    if gone == "consent":
        letter.consent = "nothing"
        letter.save()
    elif gone == "withdrawn":
        moves.withdraw(letter)
    elif gone == "restricted":
        moves.restrict(recommendation, cast.ruth, "security")
    else:
        publishing.unpublish(recommendation, cast.ruth, "Too early.")
    assert public() == []
    assert gone == "consent" or PublicVersion.objects.get().value > before


def test_the_database_lets_nothing_be_public_on_one_clearance(cast):
    recommendation = make_recommendation(cast.rosa)
    publishing.clear(recommendation, cast.rosa, seen(recommendation))
    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedRecommendation.objects.update(published_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedRecommendation.objects.update(
            published_at=timezone.now(), us_officer=cast.rosa, mx_officer=cast.rosa, us_digest="1", mx_digest="1"
        )


def test_it_is_sorted_as_it_was_when_both_cleared(cast):
    recommendation = make_recommendation(cast.rosa)
    recommendation.answer_due = datetime.date(2030, 1, 1)
    recommendation.save()
    for officer in (cast.rosa, cast.ruth):
        row = publishing.clear(recommendation, officer, seen(recommendation))
    assert row.answer_due == datetime.date(2030, 1, 1)
