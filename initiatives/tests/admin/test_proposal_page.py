"""Proposing at the desk: what would be frozen is shown, by person and side, and only what was shown is proposed."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from hled_portal.publishing import clearance
from hled_portal.tests.factories import (
    agreed,
    make_cast,
    make_fact,
    make_initiative,
    make_organization,
    make_pillar,
    make_place,
    make_user,
    publish_with_keys,
)
from hled_portal.tests.kept_rows import kept
from hled_portal.tests.pages import act, error_texts, page
from initiatives.editions import proposing
from initiatives.models import Edition, Fact, Initiative, OrganizationName, Participation, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(db):
    return kept(make_record)


@pytest.fixture
def cast(request, db):
    """Those of the record where a test reads it, else a cast alone."""
    return request.getfixturevalue("record")[0] if "initiative" in request.fixturenames else make_cast()


@pytest.fixture
def initiative(record):
    """Published once, with a milestone of each side."""
    return record[1]


def make_record():
    cast, initiative = make_cast(), make_initiative()
    make_fact(initiative, "works")
    make_fact(initiative, "road", "US", object_en="a road", object_es="un camino", order=2)
    publish_with_keys(cast, initiative)
    return cast, Initiative.objects.get()


def address(row) -> str:
    return reverse(f"admin:initiatives_{row._meta.model_name}_propose", args=[row.pk])


def rewrite(row, **columns):
    for name, value in columns.items():
        setattr(row, name, value)
    return agreed(row)


def shown(client, row) -> str:
    return client.get(address(row)).content.decode()


def propose(client, row, /, **data):
    return client.post(address(row), {"confirmed": "yes", **data}, follow=True)


def seen(row) -> dict:
    return {f"seen_{row.key}": proposing.draft(row._meta.model_name, row.key).digest}


def proposals():
    return Edition.objects.filter(state="proposed")


def test_each_change_is_shown_in_both_languages_and_only_what_was_shown_is_proposed(initiative, cast, client):
    rewrite(initiative, summary_en="A new crossing with a road.", summary_es="Un nuevo cruce con camino.")
    client.force_login(cast.ana)
    html = shown(client, initiative)
    assert "Changes from version 1" in html
    assert 'lang="en">crossing with a road.</span>' in html
    assert 'lang="es-MX">cruce con camino.</span>' in html
    assert not proposals().exists()
    before = seen(initiative)
    rewrite(initiative, title_en="Otay Mesa East II")
    answer = propose(client, initiative, **before)
    assert error_texts(answer) == [
        "Otay Mesa East II: The data changed after you opened this page. Read it again before you propose it."
    ]
    assert not proposals().exists()
    assert "East" in answer.content.decode()
    answer = propose(client, initiative, **seen(initiative))
    assert error_texts(answer) == ["Proposed for approval: Initiative: Otay Mesa East II."]
    assert answer.redirect_chain[-1][0] == page(Edition, "change", proposals().get().pk)


def test_a_post_without_what_was_shown_proposes_nothing(initiative, cast, client):
    rewrite(initiative, title_en="Otay Mesa East II")
    client.force_login(cast.ana)
    propose(client, initiative)
    assert not proposals().exists()


def test_a_proposal_names_who_of_which_side_changed_what(initiative, cast, client):
    for user, title in ((cast.ana, "First"), (cast.beth, "Second")):
        initiative._history_user = user
        rewrite(initiative, title_en=title)
    client.force_login(cast.ana)
    html = shown(client, initiative)
    assert "<strong>ana (Mexico)</strong>" in html
    assert "<strong>beth (United States)</strong>" in html


def test_each_side_reads_its_own_drafts_by_name_and_of_the_other_s_nothing(initiative, cast, client):
    Fact.objects.filter(key="works").update(ready=False)
    make_fact(initiative, "marker-in-a-draft", "MX", object_en="ZEBRAMARKER", object_es="ZEBRAMARKER", ready=False)
    client.force_login(cast.ana)
    html = shown(client, initiative)
    assert "Not included: your delegation has not marked it as ready" in html
    assert "ZEBRAMARKER" in html
    client.force_login(cast.beth)
    html = shown(client, initiative)
    assert "ZEBRAMARKER" not in html
    assert "marker-in-a-draft" not in html
    assert "Not included: your delegation has not marked it as ready" not in html


def test_items_of_a_first_proposal_are_ticked_and_those_of_a_later_one_are_not(initiative, cast, client):
    first = make_initiative("new")
    for subject, ticked in ((initiative, 0), (first, 1)):
        make_fact(subject, "draft", "MX", ready=False)
        client.force_login(cast.ana)
        html = shown(client, subject)
        assert html.count('name="ready"') == 1
        assert html.count(" checked>") == ticked


def test_a_half_done_edit_neither_blocks_nor_rides_along(initiative, cast, client):
    Fact.objects.filter(key="works").update(object_en="HALF", object_es="", ready=False)
    rewrite(initiative, title_en="Otay Mesa East II")
    client.force_login(cast.beth)
    propose(client, initiative, **seen(initiative))
    assert "HALF" not in proposals().get().content
    assert [fact["key"] for fact in proposals().get().data["facts"]] == ["works", "road"]


def test_each_refusal_leads_to_its_form(initiative, cast, client):
    fact = Fact.objects.get(key="works")
    fact.object_es = ""
    fact.save()
    initiative.title_es = ""
    initiative.save()
    client.force_login(cast.ana)
    html = shown(client, initiative)
    back = urlencode({"back": address(initiative)})
    assert f'href="{page(Fact, "change", fact.pk)}?{back}#id_object_es"' in html
    assert f'href="{page(Initiative, "change", initiative.pk)}?{back}#id_title_es"' in html
    assert '<button class="button" type="submit">' not in html
    propose(client, initiative, **seen(initiative))
    assert not proposals().exists()


def test_translations_of_all_that_goes_with_it_are_agreed_in_place(initiative, cast, client):
    body = make_organization("sict")
    make_place("tijuana", name_en="Tijuana", name_es="Tijuana")
    Participation.objects.create(initiative=initiative, role="lead", organization=body)
    initiative.places.set(Place.objects.all())
    initiative.title_es, initiative.translation_state = "Mesa de Otay Dos", "working"
    initiative.agreed_digest = ""
    initiative.save()
    client.force_login(cast.ana)
    answer = client.get(address(initiative))
    pairs = {each.token: each.digest for each in answer.context["rows"][0]["pairs"]}
    assert [token.partition("-")[0] for token in pairs] == [
        "initiative",
        "initiative",
        "organizationname",
        "place",
    ]
    assert "It cannot be proposed yet" not in answer.content.decode()
    chosen = {"row": list(pairs)} | {f"seen-{token}": digest for token, digest in pairs.items()}
    left = propose(client, initiative, **seen(initiative), **(chosen | {"row": list(pairs)[:3]}))
    assert "the translation is not confirmed" in error_texts(left)[-1]
    assert not proposals().exists()
    answer = propose(client, initiative, **seen(initiative), **chosen)
    assert "Proposed for approval" in error_texts(answer)[-1]
    assert {edition.name for edition in proposals()} == {
        "initiative/otay-mesa-ii",
        "organization/sict",
        "place/tijuana",
    }


@pytest.mark.parametrize("many", [False, True])
def test_a_draft_is_included_by_a_tick_and_read_before_it_is_proposed(initiative, cast, client, many):
    mine = agreed(make_fact(initiative, "mine", "MX", object_en="a lane", object_es="un carril", ready=False))
    theirs = agreed(make_fact(initiative, "theirs", "US", ready=False))
    client.force_login(cast.ana)
    chosen = seen(initiative) | {"ready": [str(mine.pk), str(theirs.pk)]}
    if many:
        answer = act(client, Initiative, "propose", [initiative], confirmed="yes", **chosen)
    else:
        answer = propose(client, initiative, **chosen)
    assert error_texts(answer) == ["1 item is now included. Read the text again and propose it."]
    assert not proposals().exists()
    assert "a lane" in (html := answer.content.decode())
    assert f'name="ready" value="{mine.pk}"' not in html
    assert set(Fact.objects.filter(ready=False)) == {theirs}
    propose(client, initiative, **seen(initiative))
    assert {fact["key"] for fact in proposals().get().data["facts"]} == {"works", "mine", "road"}


def test_entries_of_the_register_come_with_it(initiative, cast, client):
    body = make_organization("sict")
    agreed(OrganizationName.objects.get())
    agreed(Participation(initiative=initiative, role="lead", organization=body))
    client.force_login(cast.ana)
    assert "Organization: SICT" in shown(client, initiative)
    propose(client, initiative, **seen(initiative))
    assert {edition.name for edition in proposals()} == {"initiative/otay-mesa-ii", "organization/sict"}


def test_an_open_proposal_with_a_key_is_shown_with_it_and_replaced_with_a_reason(initiative, cast, client):
    rewrite(initiative, title_en="Second")
    first = proposing.propose("initiative", initiative.key, cast.ana)[0]
    clearance.clear(first, cast.carl, first.digest)
    rewrite(initiative, title_en="Third")
    client.force_login(cast.ana)
    record = client.get(page(Initiative, "change", initiative.pk)).content.decode()
    assert "Approval of the United States: given by carl on" in record
    assert "It already has an approval. Why is it being replaced?" in shown(client, initiative)
    answer = propose(client, initiative, **seen(initiative))
    assert error_texts(answer) == [
        "Third: Initiative: Second already has an approval. Explain why it is being replaced."
    ]
    propose(client, initiative, **seen(initiative), **{f"reason_{initiative.key}": "Carl was right."})
    first.refresh_from_db()
    assert first.state == "replaced"
    client.force_login(cast.carl)
    html = client.get(page(Edition, "change", proposals().get().pk)).content.decode()
    assert html.index("Carl was right.") < html.index("Changes since the last text your delegation approved")


def test_what_waits_as_it_stands_and_what_did_not_change_is_told(initiative, cast, client):
    client.force_login(cast.ana)
    assert "has not changed since its published version." in shown(client, initiative)
    rewrite(initiative, title_en="Second")
    proposing.propose("initiative", initiative.key, cast.ana)
    assert "is already awaiting approval without changes." in shown(client, initiative)


def test_a_returned_text_is_corrected_and_proposed_anew(initiative, cast, client):
    rewrite(initiative, title_en="Second")
    first = proposing.propose("initiative", initiative.key, cast.ana)[0]
    clearance.return_text(first, cast.carl, "Not this title.")
    client.force_login(cast.ana)
    html = client.get(page(Edition, "change", first.pk)).content.decode()
    assert f'href="{address(initiative)}"' in html
    record = client.get(page(Initiative, "change", initiative.pk)).content.decode()
    assert "<blockquote>Not this title.</blockquote>" in record
    assert f'href="{page(Edition, "change", first.pk)}"' in record
    rewrite(initiative, title_en="Third")
    propose(client, initiative, **seen(initiative))
    client.force_login(cast.carl)
    html = client.get(page(Edition, "change", proposals().get().pk)).content.decode()
    assert "Not this title." in html
    since = html[html.index("Changes since the text your delegation returned") :]
    assert 'lang="en">Third</span>' in since[: since.index("Changes from version 1")]


@pytest.mark.parametrize("name", ["luis", "zoe", "root", "anonymous"])
def test_who_does_not_propose(initiative, cast, client, name):
    cast.root = make_user("root", is_superuser=True)
    rewrite(initiative, title_en="Second")
    if name != "anonymous":
        client.force_login(getattr(cast, name))
    propose(client, initiative, **seen(initiative))
    assert not proposals().exists()


@pytest.mark.parametrize("key", ["x", "9" * 40, "-1", "0"])
def test_a_subject_that_cannot_be_there_is_not_found(cast, client, key):
    client.force_login(cast.ana)
    assert client.get(reverse("admin:initiatives_initiative_propose", args=[key])).status_code == 404


def test_many_are_shown_on_one_page_and_proposed_each_by_itself(initiative, cast, client):
    other = agreed(make_initiative("otay-mesa-east", title_en="Otay Mesa East", title_es="Mesa de Otay Este"))
    body = make_organization("sict")
    agreed(OrganizationName.objects.get())
    for row in (initiative, other):
        agreed(Participation(initiative=row, role="lead", organization=body))
    broken = make_initiative("broken", title_en="Broken works", title_es="")
    client.force_login(cast.ana)
    html = act(client, Initiative, "propose", [initiative, other, broken]).content.decode()
    assert html.count("Organization: SICT") == 2
    assert "It cannot be proposed yet" in html
    assert not proposals().exists()
    given = {"confirmed": "yes", **seen(initiative), **seen(other), **seen(broken)}
    answer = act(client, Initiative, "propose", [initiative, other, broken], **given)
    assert {edition.name for edition in proposals()} == {
        "initiative/otay-mesa-ii",
        "initiative/otay-mesa-east",
        "organization/sict",
    }
    assert any("Broken works" in line for line in error_texts(answer))
    told = [line for line in error_texts(answer) if line.startswith("Proposed for approval:")]
    assert told == error_texts(answer)[-1:]  # One message for all of them, after the refusals.
    assert "It cannot be proposed yet" in answer.content.decode()


def test_every_kind_of_subject_has_its_page(cast, client):
    client.force_login(cast.ana)
    pillar = make_pillar()
    agreed(pillar), agreed(pillar.cycle)
    assert "Content: not yet published" in shown(client, pillar)
    propose(client, pillar, **seen(pillar))
    assert proposals().get().name == "pillar/2021-1"


@pytest.mark.parametrize("count", [1, 6])
def test_the_page_costs_the_same_for_one_change_and_many(initiative, cast, client, count, django_assert_num_queries):
    for number in range(count):
        initiative._history_user = cast.ana
        rewrite(initiative, title_en=f"Title {number}")
    client.force_login(cast.ana)
    client.get(address(initiative))
    with django_assert_num_queries(41):
        client.get(address(initiative))


def test_a_value_that_no_version_can_have_is_named_on_the_page_of_the_initiative(initiative, cast, client):
    """Only a shell can save such a value."""
    Initiative.objects.update(stage="")
    client.force_login(cast.ana)
    for answer in (client.get(address(initiative), follow=True), propose(client, initiative)):
        assert answer.redirect_chain == [(page(Initiative, "change", initiative.pk), 302)]
        (message,) = error_texts(answer)
        assert message == f"“{initiative}”: the value of “status” is missing or not allowed. Correct it first."
    assert error_texts(act(client, Initiative, "propose", [initiative])) == [message]
