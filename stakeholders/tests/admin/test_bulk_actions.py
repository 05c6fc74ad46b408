"""Many submissions at once: the list, what its actions do with all that are selected, campaigns, and its file."""

import csv
import io
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from hled_portal.tests import factories as make
from hled_portal.tests.pages import error_texts, form_data, get_form, page
from stakeholders.models import Campaign, Letter, Recommendation, Response, ResponseDraft, Tag

pytestmark = pytest.mark.django_db
SHARED = "We urge both governments to open the border bridge for commercial trucks on Sundays as well."
RESPONSE = {
    "side": "joint",
    "outcome": "adopted",
    "text_en": "Done.",
    "text_es": "Hecho.",
    "confirmed_translation": "1",
}


@pytest.fixture
def cast(client):
    cast = make.make_officers()
    client.force_login(cast.rosa)
    return cast


def act(client, action: str, rows, table=Letter, **data):
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(page(table, "changelist"), chosen | data, follow=True)


def campaign_letters(number: int) -> list[Letter]:
    """Each sender adds a word of her own."""
    return [make.make_letter(f"I am number {n} of the valley. {SHARED} Yours, {n}.") for n in range(number)]


@pytest.mark.parametrize("number", [2, 30])
def test_the_list_shows_senders_words_campaigns_and_likeness_in_as_many_queries(
    client, cast, django_assert_num_queries, number
):
    letters = campaign_letters(number)
    other = make.make_letter("Something else that nobody else asks for, in one long sentence of its own.")
    row = make.make_recommendation(cast.rosa, other)
    row.campaign = Campaign.objects.create(key="roads", name_en="Roads", name_es="Caminos")
    row.save()
    with django_assert_num_queries(LIST_QUERIES):
        answer = client.get(page(Letter, "changelist"))
    text = answer.content.decode()
    assert "Eva Soto, Universidad de Sonora" in text
    assert "I am number 1 of the valley." in text
    assert "Roads" in text
    assert f'{page(Letter, "similar", letters[0].pk)}">{number - 1}</a>' in text
    assert page(Letter, "similar", other.pk) not in text


LIST_QUERIES = 15


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("q=Ana+Ejemplo", 1),
        ("q=ana%40example.org", 1),
        ("q=bridge", 1),
        ("q=nobody", 0),
        ("campaign=roads", 1),
        ("campaign=x", 0),
    ],
)
def test_submissions_are_searched_by_name_mail_and_words_and_filtered_by_campaign(client, cast, query, number):
    letter = make.make_letter("Open the bridge.", sender_name="Ana Ejemplo", email="ana@example.org")
    make.make_letter("Something else.")
    row = make.make_recommendation(cast.rosa, letter)
    row.campaign = Campaign.objects.create(key="roads", name_en="Roads", name_es="Caminos")
    row.save()
    assert client.get(f"{page(Letter, 'changelist')}?{query}").context["cl"].result_count == number


def test_points_are_accepted_as_they_are_written(client, cast):
    first, second = make.make_letter("One.\n\nTwo.", "Three."), make.make_letter("Four.")
    split = make.make_letter("Five.")
    make.make_recommendation(cast.rosa, split)
    answer = act(client, "accept_points", [first, second, split])
    assert error_texts(answer) == ["3 recommendations were created."]
    assert [row.text for row in Recommendation.objects.filter(askings__letter=first)] == ["One.\n\nTwo.", "Three."]
    assert split.askings.count() == 1
    following = make.make_letter("Six.")
    answer = client.post(page(Letter, "accept", following.pk), follow=True)
    assert following.askings.get().text == "Six."


def test_all_that_say_the_same_are_joined_in_one_step_with_their_own_words(client, cast):
    letters = campaign_letters(4)
    letters[3].points.create(order=2, text="And mend the road to the airport of the valley.")
    short = make.make_letter("Open it.")
    alike = client.get(page(Letter, "similar", letters[0].pk)).context["alike"]
    assert {each.letter for each in alike} == set(letters[1:])
    chosen = [letter.pk for letter in (letters[1], letters[3], short)]
    names = {"key": "sundays", "name_en": "Sundays", "name_es": "Domingos"}
    client.post(page(Letter, "similar", letters[0].pk), {"letter": chosen, **names})
    row = Recommendation.objects.get(campaign__key="sundays")
    assert [asking.letter for asking in row.askings.all()] == [letters[0], letters[1], letters[3]]
    assert "number 3" in row.askings.last().text
    assert "airport" in letters[3].askings.exclude(recommendation=row).get().recommendation.text
    assert not letters[2].askings.exists()
    assert not short.askings.exists()
    client.post(page(Letter, "similar", letters[0].pk), {"letter": [letters[2].pk]})
    assert row.askings.count() == 4


def test_a_refused_campaign_joins_nothing(client, cast):
    letters = campaign_letters(2)
    answer = client.post(page(Letter, "similar", letters[0].pk), {"letter": [letters[1].pk], "key": "no names"})
    assert error_texts(answer)
    assert not Recommendation.objects.exists()


def test_many_are_assigned_and_tagged(client, cast):
    letters = campaign_letters(2)
    assert error_texts(act(client, "assign_many", letters)) == [
        "The selection has no recommendations yet. Accept the points first."
    ]
    act(client, "accept_points", letters)
    assert "rosa" in act(client, "assign_many", letters).content.decode()
    act(client, "assign_many", letters, confirmed="yes", to=cast.rosa.pk)
    Tag.objects.create(key="roads", name_en="roads", name_es="caminos")
    act(client, "tag_many", Recommendation.objects.all(), Recommendation, confirmed="yes", tags=["roads"])
    for row in Recommendation.objects.all():
        assert (row.assignments.get().to, row.tags.get().key) == (cast.rosa, "roads")
    refused = act(client, "assign_many", letters, confirmed="yes", to=cast.ruth.pk)
    assert refused.context["form"].errors
    assert not Recommendation.objects.filter(assignments__to=cast.ruth).exists()


@pytest.mark.parametrize("number", [2, 30])
def test_many_take_as_many_queries_as_one(client, cast, number):
    tag = Tag.objects.create(key="roads", name_en="roads", name_es="caminos")
    accepted = [make.make_letter(f"Open bridge {n}.") for n in range(number)]  # Words are stored by the five hundred.
    joined = campaign_letters(number)
    counts = {}

    def count(name, post):
        with CaptureQueriesContext(connection) as queries:
            post()
        counts[name] = len(queries)

    count("accept", lambda: act(client, "accept_points", accepted))
    count("assign", lambda: act(client, "assign_many", accepted, confirmed="yes", to=cast.rosa.pk))
    count("tag", lambda: act(client, "tag_many", accepted, confirmed="yes", tags=[tag.key]))
    count("respond", lambda: act(client, "respond_to_many", accepted, confirmed="yes", **RESPONSE))
    chosen = {"letter": [letter.pk for letter in joined[1:]]}
    count("merge", lambda: client.post(page(Letter, "similar", joined[0].pk), chosen))
    assert counts == {"accept": 58, "assign": 45, "tag": 37, "respond": 49, "merge": 53}
    rows = Recommendation.objects.filter(askings__letter__in=accepted)
    assert Response.objects.count() == number
    assert number == rows.filter(assignments__to=cast.rosa, tags=tag, state="considered").count()
    assert (
        Response.objects.count() == Letter.objects.filter(pk__in=[r.pk for r in accepted], state="considered").count()
    )
    assert Recommendation.objects.get(askings__letter=joined[0]).askings.count() == number


def test_many_get_the_same_response_or_none_does(client, cast):
    letters = campaign_letters(3)
    act(client, "accept_points", letters)
    answer = act(client, "respond_to_many", letters[:2], confirmed="yes", **RESPONSE | {"confirmed_translation": ""})
    assert list(answer.context["form"].errors) == ["confirmed_translation"]
    act(client, "respond_to_many", letters[:2], confirmed="yes", **RESPONSE)
    assert [text.data["text_es"] for text in Response.objects.all()] == ["Hecho."] * 2
    answer = act(client, "respond_to_many", letters, confirmed="yes", **RESPONSE)
    assert "already has a response" in str(answer.context["form"].errors)
    assert (Response.objects.count(), ResponseDraft.objects.count()) == (2, 2)


def test_the_next_one_to_split_is_offered(client, cast):
    letters = campaign_letters(2)
    for name in ("change", "split"):
        link = f'<a href="{page(Letter, name, letters[0].pk)}">Next pending'
        assert link in client.get(page(Letter, name, letters[1].pk)).content.decode()
    act(client, "accept_points", letters)
    first, second = Recommendation.objects.order_by("key")
    assert page(Recommendation, "change", second.pk) in client.get(
        page(Recommendation, "change", first.pk)
    ).content.decode().replace("Next pending", "", 1)


@pytest.mark.parametrize(("name", "others"), [("rosa", "US"), ("ruth", "MX")])
def test_the_list_as_a_file_holds_what_the_reader_may_read(client, cast, name, others):
    client.force_login(getattr(cast, name))
    letter = make.make_letter("=Open it.", email="eva@example.org")
    make.make_letter("Not in this list.", state="restricted", restriction="abuse")
    for order, side in enumerate(("US", "MX", "joint"), 1):
        letter.parts.create(order=order, text=f"part for {side}", addressed=side)
    address = reverse("admin:stakeholders_letter_export", args=["csv"])
    assert client.get(address).status_code == 302
    assert not LogEntry.objects.exists()
    answer = client.post(f"{address}?state__exact=received")
    assert LogEntry.objects.get().user == getattr(cast, name)
    assert "no-store" in answer["Cache-Control"]
    text = b"".join(answer).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["number"], row["text"], row["email"]) == (letter.number, "'=Open it.", "eva@example.org")
    assert "part for joint" in row["confidential"]
    assert f"part for {others}" not in text
    workbook = load_workbook(io.BytesIO(b"".join(client.post(address.replace("csv", "xlsx")))))
    assert workbook.active.max_row == 3


def test_recommendations_are_named_by_their_words_beside_their_number_but_not_in_logs(client, cast):
    """A response draft, its list and its recommendation: with the author's words, then with the summary."""
    row = make.make_recommendation(cast.rosa, make.make_letter(SHARED))
    draft = ResponseDraft.objects.create(recommendation=row, side="joint", text_en="No.", text_es="No.")
    row.assignments.create(delegation="MX", to=cast.rosa, by=cast.rosa)
    addresses = [
        reverse("admin:index"),
        page(ResponseDraft, "changelist"),
        page(ResponseDraft, "change", draft.pk),
        page(Recommendation, "change", row.pk),
        page(Recommendation, "group", row.pk),
    ]
    words = "“We urge both governments to open the border bridge for commercial trucks…”"
    for summary, name in (("", words), ("Open the bridge.", "“Open the bridge.”")):
        Recommendation.objects.update(summary_en=summary, summary_es=summary)
        for address in addresses:
            assert f"{name} ({row.key})" in unescape(client.get(address).content.decode()), address
    client.post(page(ResponseDraft, "change", draft.pk), form_data(get_form(client, addresses[2])))
    assert not any("bridge" in entry.object_repr + entry.change_message for entry in LogEntry.objects.all())
