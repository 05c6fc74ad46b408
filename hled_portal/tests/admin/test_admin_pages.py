"""The desk: every page answers those whose work it is, and a fact is changed by the side that keeps it."""

import datetime
import re
from contextlib import nullcontext

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import strip_tags

from hled_portal.models import AccountChange, JobState, Mail, Publication, Release, ReleasePlan, SignIn, User
from hled_portal.tests import factories as make
from hled_portal.tests.pages import act, error_texts, errors, form_data, get_form, page, without_rendering
from initiatives import models as record
from stakeholders.models import Follower

pytestmark = pytest.mark.django_db

OWN = {record.FileJob}  # Each person sees her own files alone: the tests of imports try them.
FROZEN = {record.Edition, record.FactSheet, Release, Publication}
RUNNING = {JobState, Mail, Follower, AccountChange, SignIn}  # For who runs the portal, and for no delegation.
PORTAL = {Release, Publication, User, Group} | RUNNING
#: Tried by the tests of the desk of letters.
LETTERS = {model for model in admin.site._registry if model._meta.app_label == "stakeholders"} - {Follower}
TABLES = [model for model in admin.site._registry if model not in OWN | LETTERS]
WORKING = [model for model in TABLES if model._meta.app_label == "initiatives" and model not in FROZEN]


@pytest.fixture
def cast(db):
    cast = make.make_cast()
    cast.root = make.make_user("root", is_superuser=True)
    cast.sam = make.make_user("sam", "administrator")
    cast.tess = make.make_user("tess", "auditor", delegation="US")
    cast.stranger = make.make_user("stranger")
    return cast


def fill(cast) -> dict:
    """One row, or two, in every table."""
    initiative, meeting, body = make.make_initiative(), make.make_meeting(), make.make_organization()
    fact, figure, source = make.make_fact(initiative), make.make_figure(initiative, side="joint"), make.make_source()
    place, topic = make.make_place(), make.make_topic()
    stream = {"pillar": initiative.pillar, "number": 1, "name_en": "Ports", "name_es": "Puertos"}
    other = make.make_organization("usaid", country="US")
    day = datetime.date(2024, 4, 19)
    rows = [initiative, meeting, body, fact, source, place, topic, initiative.pillar, initiative.pillar.cycle]
    rows += [body.names.get(), record.Workstream.objects.create(key="2021-1-1", **stream)]
    rows += [
        record.Heading.objects.create(meeting=meeting, order=1, text_en="Trade", text_es="Comercio"),
        record.Attendance.objects.create(
            meeting=meeting,
            order=1,
            delegation="MX",
            person="A",
            office_en="Head",
            office_es="Titular",
            organization=body,
        ),
        record.Succession.objects.create(predecessor=other, successor=body),
        record.Alias.objects.create(place=place, text="Son.", language="es"),
        record.Link.objects.create(initiative=initiative, kind="informs", to_organization=other),
        record.ReportingDuty.objects.create(initiative=initiative, organization=body, user=cast.ana, every="P1M"),
        record.Staff.objects.create(user=cast.ana, organization=body),
        record.Participation.objects.create(fact=fact, role="lead", organization=body),
        record.Citation.objects.create(initiative=initiative, source=source, locator="p. 1"),
        record.Reading.objects.create(fact=figure, order=1, value=60, qualifier="almost"),
        record.DateChange.objects.create(
            fact=fact,
            old_edtf="2023",
            old_modality="expected",
            new_edtf="2024-12",
            new_modality="expected",
            reason="slipped",
            text_en="Rain.",
            text_es="Lluvia.",
            changed_on=day,
        ),
    ]
    edition = make.make_published(cast)
    rows += [edition, edition.release, Publication.objects.get(), cast.ana, Group.objects.get(name="editor")]
    rows += [make.make_follower()]
    rows += [make.make_fact_sheet(cast.ana), ReleasePlan.objects.create(name="Ministerial", created_by=cast.carl)]
    rows += [AccountChange.objects.create(user=cast.luis, requested_by=cast.carl, kind="password")]
    rows += [SignIn.objects.create(username="ana", ip_address="192.0.2.1")]
    rows += [JobState.objects.create(name="send mail", due_at="2024-04-19T18:00Z"), Mail.objects.create(event="x")]
    return {type(row): row for row in rows}


def statuses(client, rows, user, models=None) -> dict:
    """Answers of changelist, add page and change page of every table; written out where all of them are seen."""
    client.force_login(user)
    with nullcontext() if user.is_superuser else without_rendering():
        return _statuses(client, rows, models)


def _statuses(client, rows, models) -> dict:
    return {
        model: tuple(
            client.get(address).status_code
            for address in (page(model, "changelist"), page(model, "add"), page(model, "change", rows[model].pk))
        )
        for model in models or TABLES
    }


def test_every_page_answers_the_right_roles(cast, client):
    rows = fill(cast)
    assert set(rows) >= set(TABLES)
    shut = dict.fromkeys(TABLES, (403, 403, 403))
    read = dict.fromkeys(TABLES, (200, 403, 200))
    accounts = {User: (200, 200, 200), Group: (200, 403, 200)}
    assert statuses(client, rows, cast.stranger) == shut
    assert statuses(client, rows, cast.ana) == read | dict.fromkeys(WORKING, (200, 200, 200)) | {
        m: shut[m] for m in PORTAL
    }
    assert statuses(client, rows, cast.luis) == read | {m: shut[m] for m in PORTAL} | {ReleasePlan: (200, 200, 200)}
    assert statuses(client, rows, cast.tess, PORTAL) == {
        m: (shut if m in {User, Group} | RUNNING else read)[m] for m in PORTAL
    }
    assert statuses(client, rows, cast.sam) == shut | accounts | {m: read[m] for m in RUNNING}
    alone = {record.Fact, record.Reading, record.DateChange}
    free = {m: (200, 200, 200) for m in WORKING if m not in alone} | accounts
    assert statuses(client, rows, cast.root) == read | free


EMPTY_HEADING = re.compile(r"<th\b(?![^>]*aria-hidden)[^>]*>\s*</th>")


def test_pages_are_in_spanish_too_and_no_column_has_a_heading_without_words(cast, client):
    rows = fill(cast)
    client.force_login(cast.ana)
    for model in WORKING:
        for address in (page(model, "changelist"), page(model, "change", rows[model].pk)):
            answer = client.get(address, headers={"Accept-Language": "es"})
            assert answer.status_code == 200
            assert EMPTY_HEADING.search(answer.content.decode()) is None, address


def test_the_list_of_tables_beside_a_page_is_that_of_the_user_the_language_and_the_page(cast, client):
    """It is kept for all who may do the same."""
    add, people, here = page(record.Topic, "add"), page(User, "changelist"), 'aria-current="page">'

    def tables(user, language="en", model=record.Topic) -> str:
        client.force_login(user)
        client.cookies["django_language"] = language
        html = client.get(page(model, "changelist")).content.decode()
        return html.partition('id="nav-sidebar"')[2].partition("</nav>")[0]

    for _time in range(2):
        assert f'href="{add}"' in tables(cast.ana)
        assert f"{here}Topics" in tables(cast.ana)
        assert f"{here}Temas" in tables(cast.ana, "es")
        assert f"{here}Places" in tables(cast.ana, model=record.Place)
        assert f'href="{add}"' not in tables(cast.luis)
        assert people not in tables(cast.ana) + tables(cast.luis)
        assert people in tables(cast.root)
        assert page(record.Fact, "add") not in tables(cast.root)
    cast.ana.groups.set(Group.objects.filter(name="officer"))
    assert f'href="{add}"' not in tables(cast.ana)


def test_anonymous_visitors_are_sent_to_sign_in(client):
    for model in admin.site._registry:
        assert client.get(page(model, "changelist")).status_code == 302


def test_every_list_can_be_searched_and_every_table_that_is_hung_on_completes(cast, client):
    fill(cast)
    client.force_login(cast.ana)
    for model in WORKING:
        assert client.get(page(model, "changelist"), {"q": "a"}).status_code == 200
    choices = {"app_label": "initiatives", "model_name": "fact", "field_name": "initiative", "term": "otay"}
    answer = client.get("/admin/autocomplete/", choices)
    assert [row["text"] for row in answer.json()["results"]] == ["Otay Mesa II"]


# Sides


MATRIX = [
    ("ana", "MX", True),
    ("ana", "joint", True),
    ("ana", "US", False),
    ("beth", "MX", False),
    ("beth", "joint", True),
    ("beth", "US", True),
    ("zoe", "MX", False),
    ("zoe", "joint", False),
    ("root", "US", False),
    ("root", "joint", False),
    ("luis", "MX", False),
]


@pytest.mark.parametrize(("name", "side", "may"), MATRIX)
def test_a_fact_is_changed_by_the_side_that_keeps_it(cast, client, name, side, may):
    fact = make.make_fact(make.make_initiative(), side=side)
    address = page(record.Fact, "change", fact.pk)
    client.force_login(cast.ana if side != "US" else cast.beth)
    data = form_data(get_form(client, address)) | {"object_en": "changed"}
    client.force_login(getattr(cast, name))
    answer = client.post(address, data)
    assert answer.status_code == (302 if may else 403), answer.context and errors(answer)
    fact.refresh_from_db()
    assert fact.object_en == ("changed" if may else "works at the crossing")
    assert fact.initiative.revision == (2 if may else 1)


@pytest.mark.parametrize(("name", "sides"), [("ana", ["MX", "joint"]), ("beth", ["US", "joint"])])
def test_a_fact_is_entered_for_ones_own_side_or_for_both(cast, client, name, sides):
    client.force_login(getattr(cast, name))
    form = client.get(page(record.Fact, "add")).context["adminform"].form
    assert [value for value, _label in form.fields["side"].choices] == sides


def test_a_fact_is_not_given_to_the_other_side(cast, client):
    initiative = make.make_initiative()
    data = {"initiative": initiative.pk, "key": "x", "kind": "update", "order": 1, "action": "report", "side": "US"}
    data |= {"object_en": "a", "modality": "happened", "original_language": "en", "translation_state": "working"}
    client.force_login(cast.ana)
    empty = form_data(get_form(client, page(record.Fact, "add")))
    answer = client.post(page(record.Fact, "add"), empty | data)
    assert answer.context["adminform"].form.errors.keys() == {"side"}
    assert client.post(page(record.Fact, "add"), empty | data | {"side": "MX"}).status_code == 302
    assert list(record.Fact.objects.values_list("side", "ready")) == [("MX", False)]


def test_what_is_not_ready_is_seen_by_its_side_alone(cast, client):
    initiative = make.make_initiative()
    draft = make.make_figure(initiative, "draft", side="US", ready=False, object_en="unseen words")
    record.Reading.objects.create(fact=draft, value=7777)
    pages = [
        page(record.Fact, "changelist"),
        page(record.Reading, "changelist"),
        page(record.Initiative, "change", initiative.pk),
    ]
    completes = {"app_label": "initiatives", "model_name": "fact", "field_name": "of", "term": "draft"}
    for user, seen in ((cast.beth, True), (cast.ana, False), (cast.zoe, False), (cast.luis, False)):
        client.force_login(user)
        for address in pages:
            html = client.get(address).content.decode()
            assert ("unseen words" in html) == seen, (user, address)
        assert client.get(page(record.Fact, "change", draft.pk)).status_code == (200 if seen else 302)
        found = client.get("/admin/autocomplete/", completes).json()["results"]
        assert bool(found) == seen


def test_a_reading_is_not_hung_on_a_fact_of_the_other_side(cast, client):
    theirs = make.make_figure(make.make_initiative(), side="US")
    client.force_login(cast.ana)
    data = form_data(get_form(client, page(record.Reading, "add"))) | {"fact": theirs.pk, "value": "1"}
    answer = client.post(page(record.Reading, "add"), data)
    assert "fact" in answer.context["adminform"].form.errors
    assert record.Reading.objects.count() == 0


def test_a_save_takes_off_the_ready_mark_of_a_sides_own_fact(cast, client):
    initiative = make.make_initiative()
    own, joint = make.make_fact(initiative), make.make_fact(initiative, "both", side="joint")
    client.force_login(cast.ana)
    for fact in (own, joint):
        address = page(record.Fact, "change", fact.pk)
        client.post(address, form_data(get_form(client, address)) | {"object_en": "changed"})
        fact.refresh_from_db()
    assert (own.ready, joint.ready) == (False, True)
    address = page(record.Fact, "change", own.pk)
    client.post(address, form_data(get_form(client, address)) | {"ready": "on"})
    own.refresh_from_db()
    assert own.ready


def test_what_one_may_not_see_is_not_called_deleted(cast, client):
    theirs = make.make_fact(make.make_initiative(), "theirs", "US", ready=False)
    client.force_login(cast.ana)
    for pk in (theirs.pk, theirs.pk + 1):
        answer = client.get(page(record.Fact, "change", pk), follow=True)
        assert error_texts(answer) == ["This record does not exist, or you do not have permission to see it."]


# Saving


@pytest.mark.parametrize(("model", "named"), [(record.Topic, "tema"), (record.Source, "fuente")])
def test_what_was_added_agrees_with_no_gender_in_spanish(cast, client, model, named):
    client.force_login(cast.ana)
    client.cookies["django_language"] = "es"
    texts = {"key": "ports", "name_en": "Ports", "name_es": "Puertos", "kind": "fact_sheet", "date_edtf": "2024"}
    answer = client.post(page(model, "add"), form_data(get_form(client, page(model, "add"))) | texts, follow=True)
    assert strip_tags(error_texts(answer)[0]) == f"Se agregó: {named} “Puertos”."


def test_keys_are_set_once(cast, client):
    initiative = make.make_initiative()
    client.force_login(cast.ana)
    address = page(record.Initiative, "change", initiative.pk)
    data = form_data(get_form(client, address))
    assert "key" not in data
    assert client.post(address, data | {"key": "another", "title_en": "Changed"}).status_code == 302
    initiative.refresh_from_db()
    assert (initiative.key, initiative.title_en, initiative.revision) == ("otay-mesa-ii", "Changed", 2)


def test_two_editors_do_not_overwrite_each_other_unseen(cast, client):
    initiative = make.make_initiative()
    address = page(record.Initiative, "change", initiative.pk)
    client.force_login(cast.ana)
    first = form_data(get_form(client, address))
    client.force_login(cast.beth)
    assert client.post(address, first | {"title_en": "By Beth"}).status_code == 302
    client.force_login(cast.ana)
    answer = client.post(address, first | {"title_en": "By Ana"})
    assert "Someone else changed “By Beth” while you had this page open." in errors(answer)["__all__"][0]
    initiative.refresh_from_db()
    assert initiative.title_en == "By Beth"


def test_parts_of_an_initiative_raise_its_revision(cast, client):
    rows = fill(cast)
    client.force_login(cast.ana)
    revision = 1
    for model in (
        record.Link,
        record.ReportingDuty,
        record.Participation,
        record.Citation,
        record.DateChange,
        record.Reading,
    ):
        address = page(model, "change", rows[model].pk)
        assert client.post(address, form_data(get_form(client, address))).status_code == 302
        revision += 1
        assert record.Initiative.objects.get().revision == revision, model


def test_a_large_initiative_opens_and_saves(cast, client, django_assert_num_queries):
    initiative = make.make_initiative()
    for number in range(60):
        make.make_fact(initiative, f"milestone-{number}", order=number)
    client.force_login(cast.ana)
    address = page(record.Initiative, "change", initiative.pk)
    with django_assert_num_queries(20):
        answer = client.get(address)
    assert answer.content.decode().count("facts-state-") >= 60
    assert client.post(address, form_data(answer) | {"title_en": "Changed"}).status_code == 302


@pytest.mark.parametrize("count", [40, 200])
def test_a_figure_with_many_readings_opens_and_saves(cast, client, count):
    figure = make.make_figure(make.make_initiative())
    record.Reading.objects.bulk_create(record.Reading(fact=figure, order=n, value=n) for n in range(count))
    client.force_login(cast.ana)
    address = page(record.Fact, "change", figure.pk)
    assert client.post(address, form_data(get_form(client, address)) | {"object_en": "changed"}).status_code == 302
    figure.refresh_from_db()
    assert (figure.object_en, figure.readings.count()) == ("changed", count)


@pytest.mark.database
@pytest.mark.parametrize("key", ["x", "9" * 40, "\0"])
def test_forged_rows_are_refused(cast, client, key):
    initiative = make.make_initiative()
    client.force_login(cast.ana)
    address = page(record.Initiative, "change", initiative.pk)
    data = form_data(get_form(client, address))
    for name in ("places", "pillar", "parent"):
        answer = client.post(address, data | {name: [key]})
        assert answer.status_code == 200
        assert name in answer.context["adminform"].form.errors
    assert act(client, record.Initiative, "propose", [key]).status_code == 200
    assert client.get(page(record.Initiative, "change", "9" * 40)).status_code == 302


def test_a_translation_is_agreed_by_an_act_of_its_own_and_never_by_writing_it(cast, client):
    topic = make.make_topic()
    client.force_login(cast.ana)
    address = page(record.Topic, "change", topic.pk)
    changes = [
        ({"translation_state": "agreed"}, False),
        ({"name_en": "Supply chains and semiconductors"}, True),
        ({"name_es": "Cadenas de suministro y semiconductores"}, True),
        ({"translation_state-agree": "on"}, False),
        ({"name_en": "Chains", "name_es": "Cadenas", "translation_state-agree": "on"}, False),
    ]
    for change, older in changes:
        assert client.post(address, form_data(get_form(client, address)) | change).status_code == 302
        topic.refresh_from_db()
        assert (topic.translation_state, topic.translation_is_older()) == ("agreed", older), change


def test_a_part_is_agreed_on_the_page_of_its_whole(cast, client):
    body = make.make_organization()
    client.force_login(cast.ana)
    address = page(record.Organization, "change", body.pk)
    data = form_data(get_form(client, address)) | {"names-0-translation_state": "agreed"}
    assert client.post(address, data).status_code == 302
    name = body.names.get()
    assert (name.translation_state, name.translation_is_older()) == ("agreed", False)


# Verbs and files


@pytest.mark.parametrize(
    ("name", "goes_in", "comes_out"), [("stranger", 403, 403), ("luis", 403, 200), ("zoe", 403, 200), ("ana", 200, 200)]
)
def test_files_go_in_from_editors_and_out_to_readers(cast, client, name, goes_in, comes_out):
    client.force_login(getattr(cast, name))
    assert client.get(page(record.Fact, "import")).status_code == goes_in
    assert client.get(page(record.Fact, "export")).status_code == comes_out


def test_a_file_holds_what_its_reader_may_see(cast, client):
    initiative = make.make_initiative()
    make.make_fact(initiative, object_en="=seen words")
    make.make_fact(initiative, "draft", side="US", ready=False, object_en="unseen words")
    client.force_login(cast.ana)
    answer = client.post(page(record.Fact, "export"), {"form": "csv"})
    text = b"".join(answer.streaming_content).decode()
    assert "seen words" in text
    assert "unseen words" not in text


def send_facts(client, text: str):
    file = SimpleUploadedFile("facts.csv", text.encode(), "text/csv")
    return client.post(page(record.Fact, "import"), {"file": file}, follow=True)


@pytest.mark.parametrize(("side", "may"), [("MX", True), ("US", False), ("joint", True)])
def test_a_file_changes_facts_of_ones_own_side_only(cast, client, side, may):
    fact = make.make_fact(make.make_initiative(), side=side)
    client.force_login(cast.ana)
    shown = send_facts(client, "subject,key,object_en\ninitiative/otay-mesa-ii,works,from a file\n")
    job = record.FileJob.objects.get()
    assert (job.wrong == 0) == may
    client.post(page(record.FileJob, "confirm", job.pk), {"digest": job.digest})
    if not may:
        assert "This record belongs to the other delegation." in shown.content.decode()
    fact.refresh_from_db()
    assert fact.object_en == ("from a file" if may else "works at the crossing")
    assert fact.initiative.revision == (2 if may else 1)


def test_a_file_does_not_show_what_is_not_ready(cast, client):
    make.make_fact(make.make_initiative(), side="US", ready=False, object_en="unseen words")
    client.force_login(cast.ana)
    shown = send_facts(client, "subject,key\ninitiative/otay-mesa-ii,works\n")
    assert "unseen words" not in shown.content.decode()


# Accounts


def test_an_administrator_makes_no_superuser_and_changes_none(cast, client):
    client.force_login(cast.sam)
    address = page(User, "change", cast.sam.pk)
    data = form_data(get_form(client, address)) | {
        "is_superuser": "on",
        "date_joined_0": "2024-01-01",
        "date_joined_1": "00:00",
    }
    assert client.post(address, data).status_code == 302
    assert not User.objects.get(username="sam").is_superuser
    assert client.post(page(User, "change", cast.root.pk), data).status_code == 403
    assert client.post(f"/admin/hled_portal/user/{cast.root.pk}/password/", {"password1": "x"}).status_code == 403


def test_a_superuser_is_of_no_delegation(cast, client):
    client.force_login(cast.root)
    address = page(User, "change", cast.root.pk)
    answer = client.post(address, form_data(get_form(client, address)) | {"delegation": "US"})
    assert "A superuser cannot belong to a delegation." in answer.content.decode()
    assert User.objects.get(username="root").delegation == ""
