"""Translations are read side by side and agreed together: by who may change the row, and just as they were read."""

import pytest
from django.contrib.messages import get_messages

from hled_portal.i18n.bilingual import TranslationState
from hled_portal.tests import factories as make
from hled_portal.tests.pages import form_data, get_form, page
from initiatives.editions import freezing, translation_confirmation
from initiatives.models import Fact, Initiative

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return make.make_cast()


@pytest.fixture
def initiative(cast):
    initiative = make.make_initiative()
    make.make_fact(initiative, "mine", "MX")
    make.make_fact(initiative, "theirs", "US")
    make.make_fact(initiative, "ours", "joint")
    make.make_fact(initiative, "draft", "MX", ready=False)
    return initiative


def address(initiative) -> str:
    return page(Initiative, "translations", initiative.pk)


def tokens(initiative, user) -> dict[str, str]:
    return {each.token: each.digest for each in translation_confirmation.unconfirmed_pairs([initiative], user)}


def post(client, initiative, digests: dict[str, str]):
    data = {"row": list(digests)} | {f"seen-{token}": value for token, value in digests.items()}
    return client.post(address(initiative), data)


def state(key: str) -> str:
    return Fact.objects.get(key=key).translation_state


def test_each_row_that_a_side_may_change_is_offered(cast, initiative):
    assert {each.row.key for each in translation_confirmation.unconfirmed_pairs([initiative], cast.ana)} == {
        "otay-mesa-ii",
        "mine",
        "ours",
    }
    assert {each.row.key for each in translation_confirmation.unconfirmed_pairs([initiative], cast.beth)} == {
        "otay-mesa-ii",
        "theirs",
        "ours",
    }
    assert translation_confirmation.unconfirmed_pairs([initiative], cast.luis) == []


def test_those_chosen_are_agreed_and_stay_ready(cast, client, initiative):
    client.force_login(cast.ana)
    digests = tokens(initiative, cast.ana)
    token = f"fact-{Fact.objects.get(key='mine').pk}-object"
    assert post(client, initiative, {token: digests[token]}).status_code == 302
    assert (state("mine"), state("ours")) == (TranslationState.AGREED, TranslationState.WORKING)
    mine = Fact.objects.get(key="mine")
    assert mine.ready
    assert not mine.translation_is_older()
    assert mine.history.first().history_user == cast.ana
    initiative.refresh_from_db()
    assert initiative.revision == 2


def test_each_pair_is_agreed_by_itself_and_a_changed_title_leaves_the_summary_out_of_date(cast, client, initiative):
    client.force_login(cast.ana)
    digests = tokens(initiative, cast.ana)
    title, summary = (f"initiative-{initiative.pk}-{name}" for name in ("title", "summary"))
    post(client, initiative, {title: digests[title]})
    initiative.refresh_from_db()
    assert (initiative.translation_state, initiative.unconfirmed_pairs()) == (TranslationState.WORKING, ["summary"])
    post(client, initiative, {summary: digests[summary]})
    initiative.refresh_from_db()
    assert (initiative.translation_state, initiative.unconfirmed_pairs()) == (TranslationState.AGREED, [])
    address = page(Initiative, "change", initiative.pk)
    for change in ({"summary_en": "A crossing with a road."}, {"title_es": "Mesa de Otay Dos"}):
        assert client.post(address, form_data(get_form(client, address)) | change).status_code == 302
    initiative.refresh_from_db()
    assert initiative.unconfirmed_pairs() == ["title", "summary"]
    refusals = [refusal.message for refusal in freezing.freeze_refusals("initiative", initiative.key)]
    assert "initiative “Otay Mesa II”: translation out of date in title (Spanish), summary (Spanish)." in refusals


def test_a_row_of_the_other_side_is_not_agreed(cast, client, initiative):
    client.force_login(cast.ana)
    theirs = {token: digest for token, digest in tokens(initiative, cast.beth).items() if "fact" in token}
    post(client, initiative, theirs)
    assert (state("theirs"), state("ours")) == (TranslationState.WORKING, TranslationState.AGREED)


def test_what_changed_meanwhile_is_refused_and_nothing_is_agreed(cast, client, initiative):
    digests = tokens(initiative, cast.ana)
    Fact.objects.filter(key="ours").update(object_es="otras obras")
    client.force_login(cast.ana)
    answer = post(client, initiative, digests)
    assert answer.status_code == 200
    shown_messages = [str(message) for message in get_messages(answer.wsgi_request)]
    assert shown_messages == ["“works at the crossing” changed since you opened this page. Read it again."]
    assert {state(key) for key in ("mine", "ours", "theirs")} == {TranslationState.WORKING}


def test_nothing_chosen_is_said_in_the_language_of_the_reader(cast, client, initiative):
    client.force_login(cast.ana)
    answer = client.post(address(initiative), headers={"Accept-Language": "es"})
    assert "Elija al menos una fila." in answer.content.decode()


def test_all_can_be_chosen_without_a_script(cast, client, initiative):
    client.force_login(cast.ana)
    html = client.get(address(initiative), {"chosen": "all"}).content.decode()
    assert html.count(" checked>") == 4
    assert '<p lang="es-MX">Mesa de Otay II</p>' in html


def test_who_only_reads_is_refused(cast, client, initiative):
    client.force_login(cast.luis)
    assert client.get(address(initiative)).status_code == 403
    assert post(client, initiative, tokens(initiative, cast.ana)).status_code == 403
    assert client.get(page(Initiative, "translations", initiative.pk + 1000)).status_code == 403


@pytest.mark.parametrize("count", [1, 6])
def test_the_page_takes_the_same_queries(cast, client, django_assert_num_queries, count):
    initiative = make.make_initiative()
    for number in range(count):
        make.make_fact(initiative, f"works-{number}")
    client.force_login(cast.ana)
    with django_assert_num_queries(QUERIES):
        assert client.get(address(initiative)).status_code == 200


QUERIES = 10
