"""What was never published can be deleted by who may edit it; what was ends with a reason; parts can be removed."""

import pytest

from hled_portal.tests import factories as make
from hled_portal.tests.pages import act, error_texts, errors, form_data, get_form, page
from initiatives import models as record
from initiatives.editions import proposing

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return make.make_cast()


@pytest.fixture
def initiative(cast):
    return make.make_initiative()


def delete(client, row):
    return client.post(page(type(row), "delete", row.pk), {"post": "yes"}, follow=True)


def exists(row) -> bool:
    return type(row).objects.filter(pk=row.pk).exists()


def remove(client, row, prefix: str):
    """Tick the box of the first inline row of a page, and save."""
    address = page(type(row), "change", row.pk)
    return client.post(address, form_data(get_form(client, address)) | {f"{prefix}-0-DELETE": "on"})


def test_what_was_never_published_is_deleted_by_its_side(cast, client, initiative):
    fact, figure = make.make_fact(initiative), make.make_figure(initiative)
    reading = record.Reading.objects.create(fact=figure, order=1, value=6000)
    body, place = make.make_organization(), make.make_place()
    for person, deleted in ((cast.beth, False), (cast.luis, False), (cast.ana, True)):
        client.force_login(person)
        for row in (fact, reading, figure):
            answer = delete(client, row)
            assert exists(row) is not deleted
    assert answer.redirect_chain[-1][0] == page(record.Initiative, "change", initiative.pk)
    for row in (body, place, initiative):
        delete(client, row)
        assert not exists(row)
    assert record.Fact.history.filter(history_type="-").count() == 2


def test_a_body_that_is_named_and_an_initiative_with_a_draft_of_the_other_side_stay(cast, client, initiative):
    body = make.make_organization()
    record.Participation.objects.create(initiative=initiative, role="lead", organization=body)
    client.force_login(cast.ana)
    delete(client, body)
    make.make_fact(initiative, "theirs", "US", object_en="ZEBRA", ready=False)
    html = delete(client, initiative).content.decode()
    assert "ZEBRA" not in html
    assert exists(body)
    assert exists(initiative)


def test_what_was_published_or_awaits_approval_is_not_deleted(cast, client, initiative):
    fact, figure = make.make_fact(initiative), make.make_figure(initiative)
    reading = record.Reading.objects.create(fact=figure, order=1, value=60)
    make.publish_with_keys(cast, initiative)
    draft = make.agreed(make.make_fact(initiative, "new"))
    proposing.propose("initiative", initiative.key, cast.ana)
    client.force_login(cast.ana)
    for row in (fact, figure, reading, draft, initiative, initiative.pillar):
        html = delete(client, row).content.decode()
        assert exists(row)
        assert "It cannot be deleted." in html
    act(client, record.Fact, "delete_selected", [fact, draft], post="yes")
    assert exists(draft)
    wrong = errors(remove(client, figure, "readings"))["readings"]
    assert "was published or is awaiting approval. It cannot be deleted." in str(wrong)
    assert exists(reading)


def test_a_value_entered_by_mistake_is_removed_from_the_page_of_its_figure(cast, client, initiative):
    figure = make.make_figure(initiative)
    make.publish_with_keys(cast, initiative)
    reading = record.Reading.objects.create(fact=figure, order=1, value=6000)
    client.force_login(cast.ana)
    assert remove(client, figure, "readings").status_code == 302
    assert not exists(reading)


def test_a_published_participation_link_or_citation_is_removed_and_the_next_version_says_so(cast, client, initiative):
    other = make.make_initiative("otay-mesa-east")
    body, source = make.make_organization(), make.agreed(make.make_source())
    make.agreed(body.names.get())
    parts = {
        "participations": make.agreed(record.Participation(initiative=initiative, role="lead", organization=body)),
        "links": make.agreed(record.Link(initiative=initiative, kind="complements", to_initiative=other)),
    }
    record.Citation.objects.create(initiative=initiative, source=source, locator="item 1")
    make.publish_with_keys(cast, other, initiative)
    client.force_login(cast.ana)
    for prefix in (*parts, "citations"):
        assert remove(client, initiative, prefix).status_code == 302
    text = proposing.propose("initiative", initiative.key, cast.ana)[0]
    assert all(text.data[prefix] == [] for prefix in (*parts, "citations"))
    client.force_login(cast.luis)
    html = client.get(page(record.Edition, "change", text.pk)).content.decode()
    assert "Changes from version 1, now public" in html
    assert "<del" in html


def test_a_deletion_is_told_in_the_language_of_the_reader(cast, client, initiative):
    fact = make.make_fact(initiative)
    make.publish_with_keys(cast, initiative)
    client.force_login(cast.ana)
    answer = client.get(page(record.Fact, "delete", fact.pk), headers={"Accept-Language": "es"})
    assert "se publicó o está en espera de visto bueno" in answer.content.decode()
    assert error_texts(answer) == []
