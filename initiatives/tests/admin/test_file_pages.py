"""Files at the desk: sent in, shown, decided on, written; and taken away."""

import csv
import io
import json
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from hled_portal.tests import factories as make
from hled_portal.tests.pages import page
from initiatives import models as record
from initiatives.editions import joint_texts
from initiatives.models import FileJob, FileState

pytestmark = pytest.mark.django_db

WORKS = "initiative/otay-mesa-ii"


@pytest.fixture
def cast():
    return make.make_cast()


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana)
    return SimpleNamespace(user=cast.ana, client=client, **vars(cast))


def send(client, model, data, name="facts.csv"):
    """Send a file in; follows to the page that shows what it would change."""
    data = data.encode() if isinstance(data, str) else data
    return client.post(page(model, "import"), {"file": SimpleUploadedFile(name, data)}, follow=True)


def text_of(answer) -> str:
    return answer.content.decode()


def errors_of(job) -> dict:
    """What is wrong, by row and column."""
    from initiatives.imports.import_jobs import checked_rows

    return {outcome["row"]: outcome["errors"] for outcome in checked_rows(job) if outcome["kind"] == "wrong"}


def confirm(client, job, **more):
    address = reverse("admin:initiatives_filejob_confirm", args=[job.pk])
    return client.post(address, {"digest": job.digest} | more, follow=True)


def workbook(*rows) -> bytes:
    found, buffer = Workbook(), io.BytesIO()
    for row in rows:
        found.active.append(row)
    found.save(buffer)
    return buffer.getvalue()


# In


def test_each_change_is_shown_then_written_as_shown(ana):
    initiative = make.make_initiative()
    make.make_fact(initiative, object_en="old words")
    make.make_fact(initiative, "same")
    rows = f"subject,key,kind,side,action,modality,object_en,object_es\n{WORKS},works,milestone,MX,begin,expected,"
    rows += f"new words,\n{WORKS},other,milestone,MX,begin,expected,other works,otras obras\n"
    rows += f"{WORKS},same,milestone,MX,begin,expected,works at the crossing,obras en el cruce\n"
    shown = send(ana.client, record.Fact, "\ufeff" + rows)
    job = FileJob.objects.get()
    assert (job.state, job.new, job.changed, job.same, job.wrong) == (FileState.CHECKED, 1, 1, 1, 0)
    assert "<del>old words</del>" in text_of(shown)
    assert "<ins>new words</ins>" in text_of(shown)
    assert not record.Fact.objects.filter(object_en="new words").exists()
    confirm(ana.client, job)
    job.refresh_from_db()
    assert (job.state, job.reasons) == (FileState.WRITTEN, "")
    changed, new = record.Fact.objects.get(key="works"), record.Fact.objects.get(key="other")
    assert (changed.object_en, changed.object_es, changed.ready) == ("new words", "", False)
    assert (new.object_es, new.date_latest, new.ready) == ("otras obras", None, False)
    initiative.refresh_from_db()
    assert initiative.revision == 2


def test_history_tells_who_changed_what_by_which_file(ana):
    place = make.make_place()
    fact = make.make_fact(make.make_initiative(), object_en="old words")
    send(ana.client, record.Fact, f"subject,key,object_en,places,date_edtf\n{WORKS},works,new words,sonora,2025\n")
    confirm(ana.client, FileJob.objects.get())
    newest, before = fact.history.all()
    assert (newest.history_user, newest.history_change_reason, newest.history_type) == (ana.user, "facts.csv", "~")
    assert [link.place for link in newest.places.all()] == [place]
    assert {change.field for change in newest.diff_against(before).changes} >= {"object_en", "places", "date_edtf"}
    fact.refresh_from_db()
    assert str(fact.date_latest) == "2025-12-31"


def test_errors_name_row_column_and_reason(ana):
    make.make_initiative()
    rows = "subject,key,kind,side,action,modality,object_en,date_edtf,order\n"
    rows += f"{WORKS},one,milestone,MX,host,expected,words,2024,1\n"
    rows += f"{WORKS},two,milestone,MX,begin,expected,words,soon,x\n"
    rows += f"initiative/none,three,figure,MX,,,words,,1\n{WORKS},four,figure,MX,,,words,,1\n{WORKS},FIVE,,,,,,,\n"
    shown = send(ana.client, record.Fact, rows)
    job = FileJob.objects.get()
    errors = errors_of(job)
    assert errors[2] == {"action": ["This action can be used only for items of type “Event”."]} or "action" in errors[2]
    assert set(errors[3]) >= {"order"}
    assert errors[4] == {"subject": ["initiative “none” does not exist."]} or set(errors[4]) == {"subject"}
    assert errors[5] == {"": ["Select what the figure measures."]}
    assert set(errors[6]) == {"key"}
    assert job.wrong == 5
    assert "Save these changes" not in text_of(shown)
    confirm(ana.client, job)
    assert not record.Fact.objects.exists()
    answer = ana.client.get(reverse("admin:initiatives_filejob_errors", args=[job.pk]))
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert lines[0] == ["Row", "Key", "Column", "Reason"]
    assert ["5", f"{WORKS} · four", "", "Select what the figure measures."] in lines


def test_what_changed_since_the_preview_is_named_and_nothing_is_written(ana):
    initiative = make.make_initiative()
    fact, other = make.make_fact(initiative, object_en="old words"), make.make_fact(initiative, "other")
    send(ana.client, record.Fact, f"subject,key,object_en\n{WORKS},works,a\n{WORKS},other,b\n")
    fact.object_en = "meanwhile"
    fact.save()
    shown = confirm(ana.client, job := FileJob.objects.get())
    job.refresh_from_db()
    assert job.state == FileState.REFUSED
    assert f"Row 2, {WORKS} · works: someone changed it" in text_of(shown)
    other.refresh_from_db()
    assert other.object_en == "works at the crossing"
    ana.client.post(reverse("admin:initiatives_filejob_again", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == FileState.CHECKED
    confirm(ana.client, job)
    assert set(record.Fact.objects.values_list("object_en", flat=True)) == {"a", "b"}


def test_a_fact_on_which_rows_hang_may_not_change_its_kind_meanwhile(ana):
    figure = make.make_figure(make.make_initiative())
    send(ana.client, record.Reading, f"fact,order,value\n{WORKS}#progress,1,72\n", "readings.csv")
    record.Fact.objects.filter(pk=figure.pk).update(side="US")
    shown = confirm(ana.client, FileJob.objects.get())
    assert "Row 2: the item it belongs to changed in the portal after the file was checked." in text_of(shown)
    assert not record.Reading.objects.exists()


def test_a_new_row_that_somebody_else_made_meanwhile_is_refused(ana):
    initiative = make.make_initiative()
    send(
        ana.client,
        record.Fact,
        f"subject,key,kind,side,action,modality,object_en\n{WORKS},works,milestone,MX,begin,expected,a\n",
    )
    make.make_fact(initiative)
    shown = confirm(ana.client, job := FileJob.objects.get())
    job.refresh_from_db()
    assert job.state == FileState.REFUSED
    assert "Nothing was saved" in text_of(shown)
    assert record.Fact.objects.get().object_en == "works at the crossing"


def test_readings_take_off_the_ready_mark_of_their_figure(ana):
    initiative = make.make_initiative()
    own, joint = make.make_figure(initiative), make.make_figure(initiative, "joint", "joint")
    send(ana.client, record.Reading, f"fact,order,value\n{WORKS}#progress,1,-3.50\n{WORKS}#joint,1,4\n")
    confirm(ana.client, FileJob.objects.get())
    own.refresh_from_db(), joint.refresh_from_db(), initiative.refresh_from_db()
    assert (own.ready, joint.ready, initiative.revision) == (False, True, 2)
    assert own.readings.get().value == -3.5
    assert own.history.first().history_user == ana.user


def test_rows_of_a_file_may_name_each_other(ana):
    make.make_pillar()
    rows = "key,pillar,parent,kind,title_en,summary_en,stage\n"
    rows += "child,2021-1,mother,works,A child,Words.,planned\nmother,2021-1,,works,A mother,Words.,planned\n"
    send(ana.client, record.Initiative, rows)
    confirm(ana.client, job := FileJob.objects.get())
    assert errors_of(job) == {}
    assert record.Initiative.objects.get(key="child").parent.key == "mother"


def test_rows_that_name_each_other_in_a_circle_are_refused(ana):
    make.make_pillar()
    rows = "key,pillar,parent,kind,title_en,summary_en,stage\n"
    rows += "one,2021-1,two,works,One,Words.,planned\ntwo,2021-1,one,works,Two,Words.,planned\n"
    send(ana.client, record.Initiative, rows)
    assert FileJob.objects.get().wrong > 0


def test_a_row_that_changed_since_its_export_is_not_overwritten(ana):
    fact = make.make_fact(make.make_initiative())
    rows = exported(ana.client, record.Fact)
    assert len(rows[0]["as_exported"]) == 13
    fact.object_en = "newer words"
    fact.save()
    rows[0]["object_en"] = "from the file"
    send(ana.client, record.Fact, json.dumps(rows))
    assert set(errors_of(FileJob.objects.get())[2]) == {"as_exported"}


def test_a_file_that_writes_texts_does_not_agree_their_translation(ana):
    fact = make.agreed(make.make_fact(make.make_initiative()))
    send(ana.client, record.Fact, f"subject,key,object_en\n{WORKS},works,new words\n")
    confirm(ana.client, FileJob.objects.get())
    fact.refresh_from_db()
    assert fact.translation_is_older()
    send(ana.client, record.Fact, f"subject,key,object_es\n{WORKS},works,palabras nuevas\n")
    confirm(ana.client, FileJob.objects.first())
    fact.refresh_from_db()
    assert fact.translation_is_older()
    send(ana.client, record.Fact, f"subject,key,agreed_digest\n{WORKS},works,forged\n")
    assert FileJob.objects.first().same == 1


def test_who_changed_a_date_is_who_sent_the_file_and_a_slip_has_its_sentence(ana):
    make.make_fact(make.make_initiative())
    rows = "fact,order,old_edtf,old_modality,new_edtf,new_modality,reason,changed_on,changed_by,text_en\n"
    rows += f"{WORKS}#works,1,2024,expected,2025,expected,slipped,2024-06-01,%s,%s\n"
    send(ana.client, record.DateChange, rows % ("beth", "Rain."))
    assert errors_of(FileJob.objects.get()) == {2: {"changed_by": ["The portal fills in this column."]}}
    send(ana.client, record.DateChange, rows % ("", ""))
    assert errors_of(FileJob.objects.first()) == {2: {"text_en": ["Explain in one sentence why it is later."]}}
    send(ana.client, record.DateChange, rows % ("", "Rain."))
    confirm(ana.client, FileJob.objects.first())
    assert record.DateChange.objects.get().changed_by == ana.user


# Sides


def test_the_other_sides_drafts_are_nowhere(ana):
    initiative = make.make_initiative()
    make.make_figure(initiative, "draft", side="US", ready=False, object_en="MARKER", unit_en="MARKER")
    for model, rows in (
        (record.Fact, f"subject,key,object_en\n{WORKS},draft,mine\n"),
        (record.Fact, f"subject,key,of,kind,side,object_en,measure\n{WORKS},x,draft,figure,MX,a,physical_progress\n"),
        (record.Reading, f"fact,order,value\n{WORKS}#draft,1,3\n"),
    ):
        assert "MARKER" not in text_of(send(ana.client, model, rows))
        job = FileJob.objects.first()
        assert "MARKER" not in json.dumps(errors_of(job))
        assert job.wrong == 1
    assert errors_of(job) == {2: {"fact": [f"item “{WORKS}#draft” does not exist."]}}
    assert [row["key"] for row in exported(ana.client, record.Fact)] == []


def test_a_file_replaces_no_published_value(ana):
    source, figure = make.make_source(meeting=make.make_meeting()), make.make_figure(make.make_initiative())
    figure.readings.create(order=1, value=60)
    record.Citation.objects.create(initiative=figure.initiative, source=source, order=1, locator="1")
    joint_texts.enter_joint_text(source)
    send(ana.client, record.Reading, f"fact,order,value\n{WORKS}#progress,1,61\n{WORKS}#progress,2,62\n")
    ((row, errors),) = errors_of(FileJob.objects.first()).items()
    assert (row, list(errors)) == (2, ["value"])
    assert "This value is published. Change it on its own page" in errors["value"][0]


def test_facts_of_the_other_side_are_not_changed_though_they_are_seen(ana):
    fact = make.make_fact(make.make_initiative(), side="US")
    for rows in (f"subject,key,object_en\n{WORKS},works,mine\n", f"subject,key,side\n{WORKS},works,MX\n"):
        send(ana.client, record.Fact, rows)
        assert errors_of(FileJob.objects.first()) == {2: {"": ["This record belongs to the other delegation."]}}
    fact.refresh_from_db()
    assert fact.side == "US"


@pytest.mark.parametrize("name", ["beth", "luis", "zoe"])
@pytest.mark.only_on("sqlite")
def test_a_file_is_its_senders_alone(ana, client, name):
    make.make_topic()
    send(ana.client, record.Topic, "key,name_en\nsupply-chains,New\n")
    job = FileJob.objects.get()
    client.force_login(getattr(ana, name))
    assert client.get(reverse("admin:initiatives_filejob_change", args=[job.pk])).status_code == 404
    assert client.get(reverse("admin:initiatives_filejob_errors", args=[job.pk])).status_code == 404
    for verb in ("confirm", "cancel", "again"):
        address = reverse(f"admin:initiatives_filejob_{verb}", args=[job.pk])
        assert client.post(address, {"digest": job.digest}).status_code == 404
    assert job.name not in text_of(client.get(reverse("admin:initiatives_filejob_changelist")))
    assert record.Topic.objects.get().name_en == "Supply chains"


def test_who_lost_the_right_after_the_preview_writes_nothing(ana):
    make.make_topic()
    send(ana.client, record.Topic, "key,name_en\nsupply-chains,New\n")
    ana.user.groups.clear()
    assert confirm(ana.client, FileJob.objects.get()).status_code in (403, 404)
    assert record.Topic.objects.get().name_en == "Supply chains"


def test_only_the_previewed_file_is_written_and_only_once(ana):
    make.make_topic()
    send(ana.client, record.Topic, "key,name_en\nsupply-chains,New\n")
    job = FileJob.objects.get()
    shown = confirm(ana.client, job, digest="0" * 64)
    assert "This file is not awaiting a decision." in text_of(shown)
    confirm(ana.client, job)
    shown = confirm(ana.client, job)
    assert "This file is not awaiting a decision." in text_of(shown)
    assert record.Topic.objects.get().history.count() == 2


def test_a_cancelled_file_is_not_written(ana):
    make.make_topic()
    send(ana.client, record.Topic, "key,name_en\nsupply-chains,New\n")
    job = FileJob.objects.get()
    ana.client.post(reverse("admin:initiatives_filejob_cancel", args=[job.pk]))
    job.refresh_from_db()
    assert (job.state, bytes(job.content)) == (FileState.CANCELLED, b"")
    confirm(ana.client, job)
    assert record.Topic.objects.get().name_en == "Supply chains"


# Out


def exported(client, model, query: str = "", **data) -> list[dict]:
    answer = client.post(page(model, "export") + query, {"form": "json"} | data)
    return json.loads(b"".join(answer.streaming_content), parse_float=str)["rows"]


def test_an_export_comes_back_without_a_change(ana):
    initiative = make.make_initiative()
    make.make_fact(initiative, object_en="=1+1", object_es="-3 grados")
    make.make_figure(initiative).readings.create(order=1, value="-3.5")
    for model in (record.Fact, record.Reading, record.Initiative):
        for form in ("csv", "json", "xlsx"):
            answer = ana.client.post(page(model, "export"), {"form": form})
            send(ana.client, model, b"".join(answer.streaming_content))
            job = FileJob.objects.first()
            assert (job.same, job.rows_all - job.same) == (model.objects.count(), 0), (model, form, errors_of(job))


@pytest.mark.only_on("sqlite")
def test_texts_are_harmless_in_a_spreadsheet_and_numbers_stay_numbers(ana):
    make.make_fact(initiative := make.make_initiative(), object_en="=1+1")
    make.make_figure(initiative).readings.create(order=1, value="-3.5")
    rows = b"".join(ana.client.post(page(record.Fact, "export"), {"form": "csv"}).streaming_content).decode()
    assert "'=1+1" in rows
    assert rows.startswith("\ufeffsubject,")
    answer = ana.client.post(page(record.Reading, "export"), {"form": "xlsx"})
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert -3.5 in [cell.value for cell in sheet[2]]
    assert answer["Content-Disposition"].startswith('attachment; filename="readings-20')


def test_an_export_follows_the_filters_the_search_and_the_selection(ana):
    initiative = make.make_initiative()
    for key, side in (("one", "MX"), ("two", "US"), ("three", "joint")):
        make.make_fact(initiative, key, side)
    keys = lambda rows: {row["key"] for row in rows}  # noqa: E731
    assert keys(exported(ana.client, record.Fact)) == {"one", "two", "three"}
    assert keys(exported(ana.client, record.Fact, "?side__exact=US")) == {"two"}
    assert keys(exported(ana.client, record.Fact, "?q=thre")) == {"three"}
    chosen = record.Fact.objects.get(key="one").pk
    assert keys(exported(ana.client, record.Fact, keys=str(chosen))) == {"one"}
    shown = ana.client.post(
        page(record.Fact, "changelist"), {"action": "export_selected", "_selected_action": [chosen]}
    )
    assert f'value="{chosen}"' in text_of(shown)
    assert ana.client.post(page(record.Fact, "export"), {"form": "csv", "keys": "9" * 30}).status_code == 200
    assert ana.client.get(page(record.Fact, "export") + "?ready__exact=perhaps").status_code == 302
    assert ana.client.get(page(record.Fact, "export") + "?nothing=1").status_code == 400


def test_an_export_takes_as_many_queries_for_thirty_rows_as_for_one(ana, django_assert_num_queries):
    initiative = make.make_initiative()
    make.make_fact(initiative)

    def export():
        b"".join(ana.client.post(page(record.Fact, "export"), {"form": "csv"}).streaming_content)

    with django_assert_num_queries(8):
        export()
    for number in range(29):
        make.make_fact(initiative, f"more-{number}").places.add(make.make_place(f"place-{number}"))
    with django_assert_num_queries(8):
        export()


# Templates


@pytest.mark.parametrize("name", sorted(__import__("initiatives.imports.resources", fromlist=["FILES"]).FILES))
@pytest.mark.only_on("sqlite")
def test_each_table_has_a_template_that_explains_its_columns(ana, name):
    from initiatives.imports.resources import FILES

    model = FILES[name]._meta.model
    answer = ana.client.get(page(model, "blank", "xlsx"), headers={"accept-language": "es"})
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    columns = [cell.value for cell in book.worksheets[0][1]]
    assert [row[0].value for row in book.worksheets[1].iter_rows(min_row=2)] == columns
    assert "agreed_digest" not in columns
    answer = ana.client.get(page(model, "blank", "csv"))
    assert b"".join(answer.streaming_content).decode("utf-8-sig").strip().split(",") == columns
    shown = ana.client.get(page(model, "import"))
    assert f"<code>{columns[0]}</code>" in text_of(shown)


# Unreadable files


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The submitted file is empty."),
        (b"key,name_en\n", "This file has no rows after the first one."),
        ("key,name_en\na,\u00e9\n".encode("latin-1"), "not UTF-8"),
        ("key,name_en\na,b\n".encode("utf-16"), "UTF-16"),
        (b"key,name_en\na,\x00\n", "not a table"),
        (b"key,secret\na,b\n", "The column “secret” does not exist."),
        (b"name_en\nb\n", "The column “key”, which identifies the rows, is missing"),
        (b"key,key\na,b\n", "has “key” twice"),
        (b"key,name_en\na,b\na,c\n", "Row 3 has the same key as row 2."),
        (b'key,name_en\na,"b\n', "cannot be read as CSV"),
        (b"key,name_en\na,b,c\n", "more cells than"),
        (b"[1, 2]", "list of rows"),
        (b'[{"key": "a", "name_en": "b"}, {"key": "c"}]', "Row 3 does not have the column “name_en”"),
        (b"[" * 50_000, "cannot be read"),
        (b'[{"key": {"a": 1}}]', "the value must be text or a number."),
        (b"PK\x03\x04 nothing", "damaged"),
        (b"%PDF-1.7\x00", "not a table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is an old or password-protected Office file."),
        ((",".join(f"c{n}" for n in range(100_000)) + "\n1").encode(), "more than 100 columns"),
        (b"key,name_en\na," + b"x" * 40_000, "too long"),
        (workbook(["key", "name_en"], ["a", "=1+1"]), "Cell B2 contains a formula"),
    ],
)
@pytest.mark.only_on("sqlite")
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(ana, data, reason):
    shown = send(ana.client, record.Topic, data)
    assert shown.status_code == 200
    assert reason in text_of(shown)
    assert not FileJob.objects.filter(wrong=0).exists()


@pytest.mark.parametrize(
    ("model", "rows", "columns"),
    [
        (record.Topic, [{"key": "x" * 200, "name_en": "a"}], {"key"}),
        (record.Topic, [{"key": "", "name_en": "a"}], {"key"}),
        (record.Topic, [{"key": "a", "name_en": "x" * 300}], {"name_en"}),
        (record.Reading, [{"fact": "x#y/z", "order": "1"}], {"fact"}),
        (record.Reading, [{"fact": f"{WORKS}#progress", "order": "9" * 30}], {"order"}),
        (record.Reading, [{"fact": f"{WORKS}#progress", "order": "1", "value": "1E+999999999"}], {"value"}),
        (record.Reading, [{"fact": f"{WORKS}#progress", "order": "1E+99999999"}], {"order"}),
        (record.Reading, [{"fact": f"{WORKS}#progress", "order": "-1"}], {"order"}),
        (record.Reading, [{"fact": f"{WORKS}#progress", "order": "1", "value": "NaN"}], {"value"}),
        (record.Heading, [{"meeting": "2024-04-19", "order": "²"}], {"meeting", "order"}),
        (record.Alias, [{"of": "user/ana", "text": "a", "language": "en"}], {"of"}),
        (record.Attendance, [{"meeting": "x" * 5000, "order": "1"}], {"meeting"}),
        (record.Citation, [{"of": f"{WORKS}#progress/" + "9" * 40, "order": "1"}], {"of"}),
    ],
)
def test_hostile_cells_are_errors_of_their_columns(ana, model, rows, columns):
    make.make_figure(make.make_initiative())
    answer = send(ana.client, model, json.dumps(rows))
    assert answer.status_code == 200
    job = FileJob.objects.get()
    assert set(errors_of(job)[2]) >= columns or set(errors_of(job)[2]) <= columns
    assert job.wrong == 1
