"""The log of the desk: who did what, by person, side, table and day, as a page and as files, by sides."""

import csv
import io

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.urls import reverse
from openpyxl import load_workbook

from hled_portal.models import AccountChange, User
from hled_portal.tests import factories as make
from hled_portal.tests.pages import form_data, get_form, page
from initiatives.models import Fact, Topic

pytestmark = [pytest.mark.database, pytest.mark.django_db]
LOG = "/admin/log/"


@pytest.fixture
def cast(db):
    cast = make.make_cast()
    cast.root = make.make_user("root", is_superuser=True)
    cast.sam = make.make_user("sam", "administrator")
    cast.joint = make.make_user("joint", "auditor", audits="joint")
    cast.for_us = make.make_user("for-us", "auditor", audits="US")
    cast.rosa = make.make_user("rosa", "recommendations", delegation="MX")
    return cast


def by(user, row):
    """Save the row in the name of this user."""
    row._history_user = user
    row.save()
    return row


def log_lines(client, **asked) -> list[tuple]:
    answer = client.get(LOG, asked)
    assert answer.status_code == 200
    return [(str(line["what"]), line["name"], line["done"]) for line in answer.context["lines"]]


@pytest.mark.parametrize(
    ("reader", "record", "accounts"),
    [
        ("ana", False, False),
        ("rosa", False, False),
        ("zoe", False, False),
        ("luis", True, True),
        ("carl", True, True),
        ("joint", True, True),
        ("for_us", True, True),
        ("sam", False, True),
        ("root", False, True),
    ],
)
def test_who_reads_the_log(cast, client, reader, record, accounts):
    make.make_topic()
    client.force_login(getattr(cast, reader))
    answer = client.get(LOG)
    assert answer.status_code == (200 if accounts else 403)
    if accounts:
        tables = dict(answer.context["form"].fields["table"].choices)
        assert ("account" in tables, "topic" in tables, "step" in tables) == (True, record, record)
        assert bool(answer.context["lines"]) == record


@pytest.mark.parametrize(("reader", "seen"), [("luis", {"MX", "joint"}), ("carl", {"US", "joint"})])
def test_the_log_of_an_officer_holds_what_her_side_sees(cast, client, reader, seen):
    initiative = make.make_initiative()
    for side in ("US", "MX", "joint"):
        make.make_fact(initiative, f"of-{side.lower()}", side=side)
    client.force_login(getattr(cast, reader))
    names = {name.rpartition(" · ")[2] for what, name, _done in log_lines(client, table="fact")}
    assert names == {f"of-{side.lower()}" for side in seen}


@pytest.mark.parametrize(("reader", "seen"), [("for_us", {"of-us"}), ("joint", {"of-us", "of-mx"})])
def test_an_auditor_reads_within_its_naming(cast, client, reader, seen):
    initiative = make.make_initiative()
    for side in ("US", "MX"):
        make.make_fact(initiative, f"of-{side.lower()}", side=side, ready=False)
    client.force_login(getattr(cast, reader))
    assert {name.rpartition(" · ")[2] for _what, name, _done in log_lines(client, table="fact")} == seen
    shown = client.get(page(Fact, "changelist")).context["cl"].result_list
    assert {fact.key for fact in shown} == seen


def test_the_log_is_narrowed_by_person_side_table_and_day(cast, client):
    with time_machine.travel("2024-04-18T12:00Z", tick=False):
        topic = by(cast.ana, Topic(key="ports", name_en="Ports", name_es="Puertos"))
    with time_machine.travel("2024-04-20T03:00Z", tick=False):  # The 19th in Mexico City.
        topic.name_en = "Harbours"
        by(cast.beth, topic)
        make.make_pillar()
    client.force_login(cast.joint)
    created, changed = ("topic", "ports", "new"), ("topic", "ports", "")
    assert log_lines(client, person="ana") == [created]
    assert log_lines(client, side="US") == [changed]
    assert log_lines(client, side="-", table="pillar") == [("pillar", "2021-1", "new")]
    assert log_lines(client, table="topic") == [changed, created]
    assert log_lines(client, table="topic", since="2024-04-19", until="2024-04-19") == [changed]
    assert log_lines(client, until="2024-04-18") == [created]
    assert client.get(LOG, {"since": "yesterday"}).context["form"].errors


def test_steps_and_releases_are_in_the_log(cast, client):
    make.make_published(cast)
    client.force_login(cast.luis)
    assert log_lines(client)[:4] == [
        ("text", "topic/supply-chains", "published"),
        ("release", "publication 1", ""),
        ("text", "topic/supply-chains", "approval given"),
        ("text", "topic/supply-chains", "approval given"),
    ]


def test_what_an_account_may_do_is_kept_with_what_it_could_before(cast, client):
    client.force_login(cast.sam)
    address = page(User, "change", cast.rosa.pk)
    officer = Group.objects.get(name="officer")
    data = form_data(get_form(client, address)) | {"groups": [officer.pk], "delegation": "US"}
    assert client.post(address, data).status_code == 302
    client.force_login(cast.root)  # Another administrator: the account can approve.
    change = {"action": "approve_changes", "_selected_action": AccountChange.objects.get().pk}
    client.post(page(AccountChange, "changelist"), change)
    client.force_login(cast.luis)
    lines = client.get(LOG, {"table": "account"}).context["lines"]
    said = {(entry["by"], entry["reason"]) for entry in lines}
    assert (cast.sam, "Requested: delegation, roles or address.") in said
    assert (cast.root, "Approved: delegation, roles or address, requested by sam.") in said
    line = lines[0]
    pieces = {
        str(change.label): [(piece.mark, piece.text) for piece in change.pieces if piece.mark]
        for change in line["changes"]
    }
    assert (line["name"], line["by"]) == ("rosa", cast.root)
    assert pieces == {
        "delegation": [("del", "Mexico"), ("ins", "United States")],
        "roles": [("del", "recommendations"), ("ins", "officer")],
    }


def test_a_changed_password_is_in_the_log(cast, client):
    client.force_login(cast.sam)
    words = {"password1": "correct horse battery", "password2": "correct horse battery", "usable_password": "true"}
    assert client.post(f"/admin/hled_portal/user/{cast.luis.pk}/password/", words).status_code == 302
    client.force_login(cast.carl)
    (line,) = client.get(LOG, {"table": "account"}).context["lines"]
    assert (line["name"], line["reason"]) == ("luis", "Requested: password.")


@pytest.mark.only_on("sqlite")
def test_the_log_as_a_file_runs_no_formula(cast, client):
    topic = by(cast.ana, Topic(key="ports", name_en="Ports", name_es="Puertos"))
    topic.name_en = "=cmd|' /C calc'!A0"
    by(cast.ana, topic)
    client.force_login(cast.joint)
    answer = client.get(LOG, {"as": "csv", "table": "topic"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert rows[0] | {"at": ""} == {
        "at": "",
        "person": "ana",
        "side": "Mexico",
        "what": "topic",
        "done": "",
        "name": "ports",
        "reason": "",
        "field": "name (English)",
        "old": "Ports",
        "new": "'=cmd|' /C calc'!A0",
    }
    book = load_workbook(io.BytesIO(b"".join(client.get(LOG, {"as": "xlsx"}))))
    cells = [[cell.value for cell in row] for row in book["log"].iter_rows()]
    assert cells[0] == ["at", "person", "side", "what", "done", "name", "reason", "field", "old", "new"]
    assert "'=cmd|' /C calc'!A0" in cells[1]


@pytest.mark.parametrize("count", [1, 30])
def test_the_log_costs_the_same_for_many_lines(cast, client, django_assert_num_queries, count):
    topic = make.make_topic()
    for number in range(count):
        topic.name_en = f"words {number}"
        by(cast.ana, topic)
    client.force_login(cast.joint)
    with django_assert_num_queries(8):
        assert len(client.get(LOG).context["lines"]) == count + 1


def test_the_log_is_paged(cast, client):
    topic = make.make_topic()
    for _number in range(60):
        topic.save()
    client.force_login(cast.joint)
    first = client.get(LOG, {"table": "topic"})
    assert (len(first.context["lines"]), 'href="?table=topic&amp;p=2"' in first.content.decode()) == (50, True)
    assert len(client.get(LOG, {"table": "topic", "p": "2"}).context["lines"]) == 11


@pytest.mark.only_on("sqlite")
def test_the_address_of_the_log():
    assert reverse("admin:hled_portal_log") == LOG


# Accounts


@pytest.mark.only_on("sqlite")
def test_an_administrator_changes_nothing_of_what_the_own_account_may_do(cast, client):
    client.force_login(cast.sam)
    address = page(User, "change", cast.sam.pk)
    officer = Group.objects.get(name="officer")
    forged = {"groups": [officer.pk], "delegation": "US", "audits": "joint", "is_superuser": "on"}
    assert client.post(address, form_data(get_form(client, address)) | forged).status_code == 302
    sam = User.objects.get(username="sam")
    assert (sam.delegation, sam.audits, sam.is_superuser) == ("", "", False)
    assert [group.name for group in sam.groups.all()] == ["administrator"]


def test_roles_are_changed_by_nobody_at_the_desk(cast, client):
    client.force_login(cast.root)
    group = Group.objects.get(name="editor")
    assert client.get(page(Group, "change", group.pk)).status_code == 200
    assert client.post(page(Group, "change", group.pk), {"name": "x"}).status_code == 403
    assert client.get(page(Group, "add")).status_code == 403


@pytest.mark.parametrize(
    ("roles", "more", "words"),
    [
        (["editor"], {"audits": "US"}, "Only auditors can be assigned a delegation to audit."),
        (["auditor"], {}, "Select which delegation appointed the auditor, or both."),
        (["auditor", "editor"], {"audits": "US"}, "An auditor cannot hold any other role."),
        (
            ["auditor"],
            {"audits": "US", "delegation": "US"},
            "An auditor cannot belong to a delegation or administer the system.",
        ),
    ],
)
@pytest.mark.only_on("sqlite")
def test_an_auditor_is_named_by_a_side_and_holds_no_other_role(cast, client, roles, more, words):
    client.force_login(cast.root)
    somebody = make.make_user("somebody")
    address = page(User, "change", somebody.pk)
    groups = list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))
    answer = client.post(address, form_data(get_form(client, address)) | {"groups": groups} | more)
    assert words in answer.content.decode()
    named = {"groups": [Group.objects.get(name="auditor").pk], "audits": "MX"}
    assert client.post(address, form_data(get_form(client, address)) | named).status_code == 302
