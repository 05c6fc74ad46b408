"""The history of a row: who changed what, from what to what, and back again; a side's own is its own."""

import pytest

from hled_portal.i18n.delegations import Side
from hled_portal.tests import factories as make
from hled_portal.tests.pages import error_texts, form_data, get_form, page
from initiatives import models as record
from initiatives.models import Fact, Initiative, Reading, Topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    cast = make.make_cast()
    cast.joint = make.make_user("joint", "auditor", audits="joint")
    cast.for_us = make.make_user("for-us", "auditor", audits="US")
    return cast


def change(client, user, row, **values):
    """Save the row's form with other values, as this user."""
    client.force_login(user)
    address = page(type(row), "change", row.pk)
    answer = client.post(address, form_data(get_form(client, address)) | values)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    row.refresh_from_db()


def words(answer) -> list[tuple]:
    """What each line of the page tells: what it is of, who, and the changes with the old struck out."""
    found = []
    for line in answer.context["lines"]:
        told = {}
        for each in line["changes"]:
            told[str(each.label)] = " ".join(
                {"del": f"[-{piece.text}-]", "ins": f"[+{piece.text}+]"}.get(piece.mark, piece.text)
                for piece in each.pieces
            )
        found.append((str(line["what"]), line["done"], getattr(line["by"], "username", ""), line["side"], told))
    return found


def test_a_change_is_told_by_person_and_side_from_what_to_what(cast, client):
    initiative = make.make_initiative()
    place = make.make_place()
    change(client, cast.ana, initiative, title_en="Otay Mesa East", stage="completed", places=[place.pk])
    shown = words(client.get(page(Initiative, "history", initiative.pk)))
    assert ("initiative", "", "ana", "Mexico", {"places": "[+Sonora+]"}) in shown
    assert (
        "initiative",
        "",
        "ana",
        "Mexico",
        {"title (English)": "Otay Mesa [-II-] [+East+]", "status": "[-in progress-] [+completed+]"},
    ) in shown
    assert shown[-1][1] == "new"
    spanish = client.get(page(Initiative, "history", initiative.pk), headers={"Accept-Language": "es"})
    assert "en curso" in spanish.content.decode()


def test_the_history_of_a_fact_tells_of_its_parts(cast, client):
    figure = make.make_figure(make.make_initiative())
    reading = Reading.objects.create(fact=figure, order=1, value=60, qualifier="almost")
    change(client, cast.ana, reading, value="72")
    shown = words(client.get(page(Fact, "history", figure.pk)))
    assert ("reported value", "", "ana", "Mexico", {"value": "[-60-] [+72+]"}) in shown


def test_the_history_of_an_initiative_tells_of_what_hangs_on_its_facts(cast, client):
    figure = make.make_figure(make.make_initiative(), side="joint")
    Reading.objects.create(fact=figure, order=1, value=7213)
    theirs = make.make_figure(figure.initiative, "theirs", side="US")
    Reading.objects.create(fact=theirs, order=1, value=8417)
    for user, seen in ((cast.ana, False), (cast.beth, True)):
        client.force_login(user)
        html = client.get(page(Initiative, "history", figure.initiative.pk)).content.decode()
        assert ("7213" in html, "8417" in html) == (True, seen)


@pytest.mark.parametrize(
    ("reader", "side", "seen"),
    [
        ("ana", "MX", True),
        ("luis", "MX", True),
        ("beth", "MX", False),
        ("carl", "MX", False),
        ("joint", "MX", True),
        ("for_us", "MX", False),
        ("for_us", "US", True),
        ("beth", "joint", True),
    ],
)
def test_how_a_sides_fact_came_about_is_its_own(cast, client, reader, side, seen):
    """The fact itself is ready; its history still holds what it was before."""
    fact = make.make_fact(make.make_initiative(), side=side, ready=False, object_en="rough words")
    group = record.Participation.objects.create(fact=fact, role="lead", unnamed_en="rough group", unnamed_es="grupo")
    group.unnamed_en = "group"
    group.save()
    fact.object_en, fact.ready = "words", True
    fact.save()
    client.force_login(getattr(cast, reader))
    for row in (fact, fact.initiative, fact.participations.get()):
        text = client.get(page(type(row), "history", row.pk)).content.decode()
        assert ("rough" in text) == seen, row
    assert ("Only that delegation can see it" in client.get(page(Fact, "history", fact.pk)).content.decode()) == (
        not seen
    )


def test_the_history_of_a_fact_that_became_joint_begins_there(cast, client):
    fact = make.make_fact(make.make_initiative(), object_en="rough words", ready=False)
    fact.side, fact.object_en = Side.JOINT, "words of both"
    fact.save()
    fact.object_en = "other words of both"
    fact.save()
    client.force_login(cast.beth)
    answer = client.get(page(Fact, "history", fact.pk))
    assert "rough" not in answer.content.decode()
    assert words(answer)[0][4] == {"description (English)": "[+other+] words of both"}
    assert words(answer)[1][4] == {}


@pytest.mark.database
def test_commands_and_files_are_named(cast, client):
    topic = make.make_topic()
    for reason in ("load_dialogue", "topics.csv"):
        topic._change_reason = reason
        topic.name_en += "."
        topic.save()
    client.force_login(cast.ana)
    reasons = [line["reason"] for line in client.get(page(Topic, "history", topic.pk)).context["lines"]]
    assert reasons == ["by a file import: topics.csv", "by the command load_dialogue", ""]


# Back


def go_back(client, row, version, newest=None):
    address = page(type(row), "revert", row.pk, version.pk)
    shown = client.get(address)
    answer = client.post(address, {"newest": newest or shown.context["newest"]}, follow=True)
    row.refresh_from_db()
    return shown, error_texts(answer)


def test_an_editor_goes_back_to_an_earlier_version(cast, client):
    initiative = make.make_initiative()
    place = make.make_place()
    initiative.places.set([place])
    first = initiative.history.first()
    change(client, cast.ana, initiative, title_en="Wrong", places=[])
    revision = initiative.revision
    shown, said = go_back(client, initiative, first)
    assert said == ["The earlier data was restored."]
    assert {str(c.label) for c in shown.context["difference"].changes} == {"title (English)", "places"}
    assert (initiative.title_en, list(initiative.places.all())) == ("Otay Mesa II", [place])
    assert initiative.revision == revision + 1
    newest = initiative.history.first()
    assert newest.history_user == cast.ana
    assert "data restored as of" in client.get(page(Initiative, "history", initiative.pk)).content.decode()


def test_going_back_makes_a_sides_fact_a_draft(cast, client):
    fact = make.make_fact(make.make_initiative(), object_en="first words")
    first = fact.history.first()
    fact.object_en = "second words"
    fact.save()
    client.force_login(cast.ana)
    go_back(client, fact, first)
    assert (fact.object_en, fact.ready) == ("first words", False)


def test_going_back_is_judged_like_any_save(cast, client):
    fact = make.make_fact(make.make_initiative(), object_en="")
    first = fact.history.first()
    fact.object_en = "words"
    fact.save()
    client.force_login(cast.ana)
    _shown, said = go_back(client, fact, first)
    assert said != ["The earlier data was restored."]
    assert fact.object_en == "words"


def test_nobody_goes_back_over_what_was_saved_in_between(cast, client):
    topic = make.make_topic()
    first = topic.history.first()
    topic.name_en = "By Beth"
    topic.save()
    client.force_login(cast.ana)
    _shown, said = go_back(client, topic, first, newest=first.pk)
    assert said == ["Someone else changed this record in the meantime. Check its history again."]
    assert topic.name_en == "By Beth"


@pytest.mark.parametrize(("reader", "status"), [("luis", 403), ("beth", 403), ("joint", 403), ("ana", 200)])
def test_who_may_not_change_a_row_does_not_go_back(cast, client, reader, status):
    fact = make.make_fact(make.make_initiative())
    first = fact.history.first()
    fact.object_en = "changed"
    fact.save()
    client.force_login(getattr(cast, reader))
    address = page(Fact, "revert", fact.pk, first.pk)
    assert client.get(address).status_code == status
    if status == 403:
        assert client.post(address, {"newest": fact.history.first().pk}).status_code == 403
        fact.refresh_from_db()
        assert fact.object_en == "changed"


def test_a_version_of_another_row_is_no_way_back(cast, client):
    topic, other = make.make_topic(), make.make_topic("ports")
    client.force_login(cast.ana)
    assert client.get(page(Topic, "revert", topic.pk, other.history.first().pk)).status_code == 404


@pytest.mark.parametrize("count", [1, 6])
def test_a_history_costs_the_same_for_many_versions(cast, client, django_assert_num_queries, count):
    fact = make.make_fact(make.make_initiative())
    for number in range(count):
        fact.object_en = f"words {number}"
        fact.save()
    client.force_login(cast.ana)
    with django_assert_num_queries(12):
        assert len(client.get(page(Fact, "history", fact.pk)).context["lines"]) == count + 1
