"""Letters into recommendations, in the words of their authors; duplicates and campaigns together."""

import pytest
from django.utils import timezone

from hled_portal.publishing.clearance import Refused
from hled_portal.tests.factories import make_initiative, make_letter, make_officers, make_pillar, make_recommendation
from stakeholders.models import Campaign, Recommendation
from stakeholders.triage import similarity, splitting
from stakeholders.triage.splitting import LetterPiece

pytestmark = [pytest.mark.database, pytest.mark.django_db]
LONG = "Uno: abran la ventanilla única.\nDos: traduzcan los formularios.\nTres: publiquen los plazos."


@pytest.fixture
def cast():
    return make_officers()


def test_a_letter_becomes_recommendations_with_its_own_words(cast):
    initiative = make_initiative(pillar=make_pillar(3))
    letter = make_letter(LONG, "Share laboratories.")
    letter.points.filter(order=1).update(pillar_key="2021-3", initiative_key=initiative.key)
    first, second = letter.points.all()
    pieces = [
        LetterPiece("abran la ventanilla única.", first),
        LetterPiece("Dos: traduzcan los formularios. […] publiquen los plazos.", first),
        LetterPiece("Share laboratories.", second),
    ]
    made = splitting.split(letter, pieces, cast.rosa)
    numbers = [int(row.key.rpartition("-")[2]) for row in made]
    assert numbers == [1, 2, 3]
    assert [row.text for row in made] == [piece.text for piece in pieces]
    assert made[0].pillar.key == "2021-3"
    assert [link.initiative for link in made[0].links.all()] == [initiative]
    assert made[2].pillar is None
    letter.refresh_from_db()
    assert letter.state == "received"  # Nobody considers yet what was only read.
    assert letter.moves.get(action="split").detail == ", ".join(row.key for row in made)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("text", "verbatim"),
    [
        ("Uno: abran la ventanilla única.", True),
        ("Uno: abran la ventanilla   única. Dos:", True),
        ("Uno: abran […] publiquen los plazos.", True),
        ("publiquen los plazos. […] Uno: abran", False),
        ("Uno: abrid la ventanilla única.", False),
        ("", False),
        ("[…]", False),
        ("Uno […]", False),
    ],
)
def test_what_is_cut_out_stands_in_the_letter(text, verbatim):
    assert splitting.is_verbatim(text, ["Otra cosa.", LONG]) is verbatim


def test_numbers_go_on_after_four_digits(cast):
    year = timezone.localdate().year
    for number in ("9999", "10000"):
        Recommendation.objects.create(key=f"r-{year}-{number}", text="x", language="en", received_on=f"{year}-01-01")
    letter = make_letter("Open the bridge.", "Mend the road.")
    rows = splitting.split(
        letter, [splitting.LetterPiece(point.text, point) for point in letter.points.all()], cast.rosa
    )
    assert [row.key for row in rows] == [f"r-{year}-10001", f"r-{year}-10002"]


@pytest.mark.only_on("sqlite")
def test_words_that_the_author_did_not_write_are_refused_and_nothing_is_made(cast):
    letter = make_letter(LONG)
    with pytest.raises(Refused, match="Passage 2"):
        splitting.split(
            letter, [LetterPiece("abran la ventanilla única."), LetterPiece("open the one-stop shop")], cast.rosa
        )
    assert not Recommendation.objects.exists()


@pytest.mark.only_on("sqlite")
def test_a_confidential_part_is_never_cut_from(cast):
    letter = make_letter("Abran.")
    letter.parts.create(order=1, text="Nuestro costo es 7.", addressed="MX")
    letter.corrections.create(text="Y el margen es 2.", addressed="MX")
    letter.corrections.create(text="Ciérrenla de noche.")
    splitting.split(letter, [LetterPiece("Ciérrenla de noche.")], cast.rosa)
    for text in ("Nuestro costo es 7.", "Y el margen es 2."):
        with pytest.raises(Refused, match="does not match the submission word for word."):
            splitting.split(letter, [LetterPiece(text)], cast.rosa)


def test_a_part_joins_what_others_ask_for_and_one_letter_asks_once(cast):
    recommendation = make_recommendation(cast.rosa)
    letter = make_letter("Que compartan los laboratorios.", "Abran.")
    splitting.split(letter, [LetterPiece("Que compartan los laboratorios.", into=recommendation)], cast.ruth)
    assert [asking.text for asking in recommendation.askings.all()][1] == "Que compartan los laboratorios."
    assert recommendation.text.startswith("Que los laboratorios compartan")
    with pytest.raises(Refused, match="once"):
        splitting.split(letter, [LetterPiece("Abran.", into=recommendation)], cast.ruth)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("state", ["withdrawn", "restricted"])
def test_nothing_is_made_of_a_letter_that_was_put_aside(cast, state):
    letter = make_letter("Abran.")
    letter.state, letter.restriction = state, "abuse" if state == "restricted" else ""
    with pytest.raises(Refused, match="Recommendations cannot be created from it."):
        raise Refused(splitting.split_refusals(letter, [LetterPiece("Abran.")]))


# Joining


def test_forty_letters_become_one_and_nothing_of_their_history_is_lost(cast):
    rows = [make_recommendation(cast.rosa, make_letter(f"Abran la ventanilla única, {n}.")) for n in range(5)]
    rows[3].notes.create(delegation="MX", author=cast.rosa, text="Mía")
    splitting.join(rows[0], rows[1:], cast.ruth)
    (one,) = Recommendation.objects.all()
    assert one.askings.count() == 5
    assert one.notes.get().text == "Mía"
    assert one.moves.filter(action="received").count() == 5
    assert one.moves.filter(action="joined").count() == 4


def test_a_letter_that_said_it_twice_asks_once(cast):
    letter = make_letter("Abran la ventanilla.", "Abran ya la ventanilla.")
    first, second = splitting.split(
        letter, [LetterPiece(point.text, point) for point in letter.points.all()], cast.rosa
    )
    splitting.join(first, [second], cast.rosa)
    assert [asking.text for asking in first.askings.all()] == ["Abran la ventanilla."]


def test_what_readers_know_by_its_key_is_not_joined_away(cast):
    from .test_moves import publish

    one, other = (make_recommendation(cast.rosa, make_letter(text)) for text in ("Abran.", "Abran ya."))
    publish(cast, other)
    with pytest.raises(Refused, match="is published or proposed for publication."):
        splitting.join(one, [other], cast.rosa)
    splitting.join(other, [one], cast.rosa)
    assert other.askings.count() == 2


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("mine", [True, False])
def test_joining_to_itself_or_to_nothing_is_refused(cast, mine):
    one = make_recommendation(cast.rosa)
    with pytest.raises(Refused):
        splitting.join(one, [one] if mine else [], cast.rosa)
    assert Recommendation.objects.count() == 1


def test_a_letter_is_taken_out_again_with_a_reason(cast):
    one, other = (make_recommendation(cast.rosa, make_letter(text)) for text in ("Abran.", "Cierren."))
    splitting.join(one, [other], cast.rosa)
    asking = one.askings.last()
    with pytest.raises(Refused, match="Explain why"):
        splitting.split_off(asking, cast.rosa, " ")
    made = splitting.split_off(asking, cast.rosa, "It asks for the contrary.")
    assert (made.text, made.askings.count(), one.askings.count()) == ("Cierren.", 1, 1)
    with pytest.raises(Refused, match="already belongs only to this one"):
        splitting.split_off(one.askings.get(), cast.rosa, "x")


def test_recommendations_are_grouped_as_a_campaign(cast):
    rows = [make_recommendation(cast.rosa, make_letter(f"Abran {n}.")) for n in range(3)]
    campaign = Campaign.objects.create(key="open-it", name_en="Open it", name_es="Ábranla")
    splitting.set_campaign(campaign, rows, cast.rosa)
    assert campaign.recommendations.count() == 3
    splitting.set_campaign(None, rows[:1], cast.rosa)
    assert campaign.recommendations.count() == 2


# What is alike


def test_nearly_the_same_is_suggested_with_its_score(cast):
    one = make_recommendation(cast.rosa, make_letter("Que los laboratorios compartan sus equipos con universidades."))
    same = make_recommendation(cast.rosa, make_letter("Que los laboratorios compartan sus equipos con universidades!"))
    make_recommendation(cast.rosa, make_letter("Publiquen los tiempos de espera en los puentes."))
    (alike,) = similarity.suggestions(one)
    assert (alike.recommendation, alike.asked_by) == (same, 1)
    assert alike.score >= 95


def test_candidates_are_found_by_rare_words_and_never_by_pairs(cast, django_assert_num_queries, monkeypatch):
    compared = []
    score = similarity._score
    monkeypatch.setattr(similarity, "_score", lambda one, other: compared.append(other) or score(one, other))
    one = make_recommendation(cast.rosa, make_letter("Quiero un telescopio en Guaymas para la frontera"))
    make_recommendation(cast.rosa, make_letter("Quiero un telescopio en Guaymas para la frontera norte"))
    rows = [
        Recommendation(key=f"x-{n}", text=f"Asunto {n} distinto", language="es", received_on="2026-01-01")
        for n in range(300)
    ]
    Recommendation.objects.bulk_create(rows)
    similarity.index(Recommendation.objects.filter(key__startswith="x-"))
    with django_assert_num_queries(3):
        found = similarity.suggestions(one)
    assert len(found) == 1
    assert len(compared) == 1
