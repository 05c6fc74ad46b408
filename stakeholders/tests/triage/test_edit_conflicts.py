"""Two officers at one letter, recommendation or answer: the second is told who did what, and loses nothing typed."""

import datetime

import pytest
from django.utils import timezone

from hled_portal.publishing.clearance import Refused
from hled_portal.tests import factories as make
from hled_portal.tests.pages import error_texts, form_data, get_form, page
from stakeholders.models import Campaign, Letter, Objection, Recommendation, ResponseDraft
from stakeholders.triage import moves, splitting
from stakeholders.triage.splitting import LetterPiece

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TEXT = "Que abran la ventanilla única para las empresas de la frontera."


@pytest.fixture
def cast():
    return make.make_officers()


@pytest.fixture
def recommendation(cast):
    return make.make_recommendation(cast.rosa, make.make_letter(TEXT))


def version(answer) -> str:
    return answer.content.decode().partition('name="version" value="')[2].partition('"')[0]


@pytest.fixture
def at(client, cast):
    """Send a form of a page as an officer, as it was when she opened it; returns a sender, to be called later."""

    def opened(person: str, address: str):
        client.force_login(getattr(cast, person))
        shown = version(client.get(address))

        def send(address: str, **data):
            client.force_login(getattr(cast, person))
            return client.post(address, {"version": shown} | data, follow=True)

        return send

    return opened


def test_a_letter_that_somebody_split_meanwhile_is_not_split_twice(at, cast):
    letter = make.make_letter(TEXT)
    address = page(Letter, "split", letter.pk)
    send = at("ruth", address)
    data = {"count": "1", "text_1": TEXT, "point_1": "1"}
    splitting.split(letter, [LetterPiece(TEXT, letter.points.get())], cast.rosa)
    answer = send(address, **data)
    key = Recommendation.objects.get().key
    assert "rosa (Mexico)" in error_texts(answer)[1]
    assert f"split into recommendations ({key})" in error_texts(answer)[1]
    assert f">{TEXT}</textarea>" in answer.content.decode().replace("\n", "")
    assert key in answer.content.decode()
    assert send(address, **data | {"version": version(answer)}).redirect_chain
    assert Recommendation.objects.count() == 2


def test_another_passage_is_asked_for_and_what_was_done_meanwhile_is_still_told(at, cast):
    letter = make.make_letter(TEXT)
    address = page(Letter, "split", letter.pk)
    send = at("ruth", address)
    splitting.split(letter, [LetterPiece(TEXT, letter.points.get())], cast.rosa)
    answer = send(address, count="1", text_1=TEXT, more="yes")
    answer = send(address, count="1", text_1=TEXT, version=version(answer))
    assert "rosa (Mexico)" in error_texts(answer)[1]
    assert Recommendation.objects.count() == 1


def test_a_letter_that_its_sender_took_back_meanwhile_keeps_what_was_typed(at):
    letter = make.make_letter(TEXT)
    address = page(Letter, "split", letter.pk)
    send = at("ruth", address)
    moves.withdraw(letter)
    answer = send(address, count="1", text_1=TEXT)
    assert answer.status_code == 200
    assert "Recommendations cannot be created from it." in error_texts(answer)[0]
    assert TEXT in answer.content.decode()


DAY = timezone.localdate() + datetime.timedelta(days=30)
#: A verb, its form, what the other did first, and the words for it.
MOVES = [
    ("due", {"due": "2030-01-01"}, lambda row, by: moves.set_due(row, by, DAY), f"response due date set ({DAY})"),
    ("restrict", {"restriction": "abuse", "reason": "Insults."}, lambda row, by: _aside_and_back(row, by), "restrict"),
    ("lift", {"reason": "Mended."}, lambda row, by: _back_and_aside(row, by), "restriction removed"),
]


def _aside_and_back(row, by):
    moves.restrict(row, by, "personal_data")
    moves.lift(row, by, "It is none.")


def _back_and_aside(row, by):
    moves.lift(row, by, "It is none.")
    moves.restrict(row, by, "security")


@pytest.mark.parametrize(("verb", "data", "other", "words"), MOVES, ids=[move[0] for move in MOVES])
def test_what_the_other_did_meanwhile_is_not_done_over_unseen(at, cast, recommendation, verb, data, other, words):
    if verb == "lift":
        moves.restrict(recommendation, cast.ruth, "abuse")
    send = at("ruth", page(Recommendation, "change", recommendation.pk))
    other(recommendation, cast.rosa)
    before = Recommendation.objects.values().get()
    answer = send(page(Recommendation, verb, recommendation.pk), **data)
    assert "rosa (Mexico)" in error_texts(answer)[1]
    assert words in "".join(error_texts(answer))
    assert Recommendation.objects.values().get() == before
    assert data.get("reason", "") in answer.content.decode()
    answer = send(page(Recommendation, verb, recommendation.pk), **data | {"version": version(answer)})
    assert len(error_texts(answer)) == 1
    assert Recommendation.objects.values().get() != before


def test_whom_the_other_delegation_gives_work_to_disturbs_nobody_and_a_colleague_is_told(at, cast, recommendation):
    colleague = make.make_user("rita", "recommendations", delegation="MX")
    send = at("rosa", page(Recommendation, "change", recommendation.pk))
    moves.assign(recommendation, cast.ruth, cast.ruth)
    address = page(Recommendation, "assign", recommendation.pk)
    assert error_texts(send(address, to=cast.rosa.pk)) == ["Assigned to rosa."]
    send = at("rosa", page(Recommendation, "change", recommendation.pk))
    moves.assign(recommendation, colleague, colleague)
    assert "rita (Mexico)" in error_texts(send(address, to=cast.rosa.pk))[1]
    assert recommendation.assignments.get(delegation="MX", ended_at=None).to == colleague


def test_an_objection_that_somebody_answered_keeps_the_answer_of_the_second(at, cast, recommendation):
    letter = recommendation.askings.get().letter
    objection = Objection.objects.create(letter=letter, once_digest="1", text="Falta algo.")
    send = at("ruth", page(Letter, "change", letter.pk))
    moves.answer_objection(objection, cast.rosa, "Se corrige.")
    answer = send(page(Letter, "answer-objection", letter.pk), objection=objection.pk, answer="Lo vemos mañana.")
    assert error_texts(answer) == ["rosa has already responded to this objection: “Se corrige.”"]
    assert "Lo vemos mañana." in answer.content.decode()


# Joined and grouped


@pytest.fixture
def same(cast, recommendation):
    return make.make_recommendation(cast.rosa, make.make_letter(f"{TEXT} Pronto."))


def test_a_recommendation_that_was_joined_leads_to_where_it_went_with_what_was_typed(
    at, client, cast, recommendation, same
):
    address = page(Recommendation, "change", same.pk)
    send = at("ruth", address)
    client.force_login(cast.rosa)
    client.post(page(Recommendation, "group", recommendation.pk), {"row": [same.key], "join": "yes"}, follow=True)
    answer = send(page(Recommendation, "note", same.pk), note="Ask Sonora.")
    assert error_texts(answer)[0].startswith(f"{same.key} was merged with {recommendation.label}. ")
    assert "rosa (Mexico)" in error_texts(answer)[0]
    assert "Ask Sonora." in answer.content.decode()
    assert client.get(address, follow=True).redirect_chain[0][0] == page(Recommendation, "change", recommendation.pk)
    answer = send(page(Recommendation, "edit", same.pk), summary_en="Open the one-stop shop.")
    assert "Open the one-stop shop." in answer.content.decode()
    with pytest.raises(Refused, match="was merged with"):
        splitting.recommendations_by_key([same.key])
    with pytest.raises(Refused, match="was merged with"):
        moves.consider(same, cast.ruth)
    client.force_login(make.make_user("carl", "officer"))
    assert client.get(address).status_code == 403


def test_a_campaign_that_the_other_chose_is_not_changed_unseen(at, cast, recommendation, same):
    one, two = (Campaign.objects.create(key=key, name_en=key, name_es=key) for key in ("one", "two"))
    address = page(Recommendation, "group", recommendation.pk)
    send = at("ruth", address)
    shown = {f"version_{row.key}": row.moves.last().pk for row in (recommendation, same)}
    splitting.set_campaign(one, [same], cast.rosa)
    answer = send(address, row=[same.key], campaign="two", group="yes", **shown)
    assert "added to a campaign (one)" in error_texts(answer)[1]
    assert not two.recommendations.exists()
    new = {"key": "three", "name_en": "Three", "name_es": "Tres"}
    send(address, row=[same.key], group="yes", **new, **shown)
    assert not Campaign.objects.filter(key="three").exists()
    assert f'name="version_{same.key}" value="{same.moves.last().pk}"' in answer.content.decode()


def test_a_letter_that_was_joined_elsewhere_is_not_taken_out_there(cast, recommendation, same):
    asking = same.askings.get()
    splitting.join(recommendation, [same], cast.rosa)
    with pytest.raises(Refused, match=f"now linked to “.*” .{recommendation.key}"):
        splitting.split_off(asking, cast.ruth, "Another matter.")


# Answers


def test_an_answer_that_both_write_tells_who_saved_what(client, cast, recommendation):
    draft = ResponseDraft.objects.create(recommendation=recommendation, side="joint", original_language="en")
    address = page(ResponseDraft, "change", draft.pk)
    client.force_login(cast.ruth)
    mine = form_data(get_form(client, address)) | {"text_en": "Not before 2027."}
    client.force_login(cast.rosa)
    client.post(
        address,
        form_data(get_form(client, address)) | {"text_en": "It is open.", "text_es": "Ya se abrió."},
        follow=True,
    )
    client.force_login(cast.ruth)
    text = client.post(address, mine).content.decode()
    assert "Someone else changed" in text
    assert "rosa, " in text
    assert "Changed Text (English) and Text (Spanish)" in text
    assert "Not before 2027." in text
    draft.refresh_from_db()
    assert (draft.text_en, draft.text_es) == ("It is open.", "Ya se abrió.")


def test_a_link_to_an_initiative_that_the_other_changed_is_not_written_over(client, cast, recommendation):
    link = recommendation.links.create(initiative=make.make_initiative())
    address = page(Recommendation, "edit", recommendation.pk)
    client.force_login(cast.ruth)
    mine = form_data(get_form(client, address)) | {"links-0-shaped": "on"}
    link.initiative = make.make_initiative("other-works")
    link.save()
    assert "Someone else changed" in client.post(address, mine).content.decode()
    link.refresh_from_db()
    assert (link.initiative.key, link.shaped) == ("other-works", False)
