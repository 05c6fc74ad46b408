"""Loading and exporting directories of CSV files."""

import csv
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from hled_portal.tests import factories as make
from initiatives.imports import directory_loader, file_tables, import_jobs
from initiatives.imports.directory_loader import BadFiles, export_directory, load_directory
from initiatives.models import Edition, Fact, Initiative, Organization, Participation, Pillar, Reading

OTHER_CYCLE = Path(__file__).parents[1] / "cycle_2013"
#: On SQLite; PostgreSQL reserves keys in fewer.
QUERIES_OF_A_LOAD = 75

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def directory(tmp_path):
    return Path(shutil.copytree(OTHER_CYCLE, tmp_path / "review"))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def lines_of(directory, **options) -> list[str]:
    with pytest.raises(BadFiles) as caught:
        load_directory(directory, **options)
    return caught.value.lines


def test_another_cycle_with_three_pillars_loads(directory):
    load_directory(directory)
    assert list(Pillar.objects.values_list("key", flat=True)) == ["2013-1", "2013-2", "2013-3"]
    reading = Reading.objects.get()
    assert (reading.fact.of.key, reading.value, reading.reporting_body.key) == ("begin", 2500000, "se")


def test_loading_twice_changes_nothing(directory):
    first = load_directory(directory)
    rows = {model: list(model.objects.order_by("pk").values()) for model in (Initiative, Fact, Organization)}
    second = load_directory(directory)
    assert sum(first.new.values()) == 26
    assert (sum(second.new.values()), sum(second.changed.values()), sum(second.same.values())) == (0, 0, 26)
    assert rows == {model: list(model.objects.order_by("pk").values()) for model in rows}


def test_export_load_export_gives_the_same_bytes(directory, tmp_path):
    load_directory(directory)
    export_directory(tmp_path / "one")
    Reading.objects.all().delete()
    Fact.objects.filter(of__isnull=False).delete()
    Initiative.objects.all().delete()
    load_directory(tmp_path / "one")
    export_directory(tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == 21
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_a_bad_row_changes_nothing_and_names_row_and_column(directory):
    replace(directory / "facts.csv", "expected,by,2016-06", "expected,by,12/06/2016")
    err = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("load_dialogue", str(directory), stderr=err, stdout=StringIO())
    assert str(caught.value).startswith("facts.csv, row 3, column date_edtf: ")
    assert caught.value.returncode == 1
    assert not Pillar.objects.exists()
    assert not Organization.objects.exists()


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        ("initiatives.csv", "border-study,2013-1", "border-study,2013-9", "pillar “2013-9” does not exist."),
        ("initiatives.csv", "under_way", "nearly", "“nearly” is not one of the choices"),
        ("facts.csv", "MX,begin", "MX,host", "This action can be used only for items of type “event”."),
        ("facts.csv", "begin,committed", "begin,", "Select what the figure measures."),
        ("facts.csv", "figure,3", "figure,three", "“three” is not valid here."),
        (
            "participations.csv",
            "se,,\n",
            "se,both,ambos\n",
            "A role must belong to one organization or one unnamed group.",
        ),
        ("readings.csv", "2500000", "a lot", "“a lot” is not valid here."),
        ("places.csv", "19.4326,-99.1332", "19.4326,", "Enter both latitude and longitude, in degrees."),
        ("aliases.csv", "organization/se", "fact/se", "does not match any record."),
        ("cycles.csv", "2016-12-31", "2012-12-31", "The end of a cycle must be after its start."),
    ],
)
def test_each_kind_of_mistake_is_named(directory, file, old, new, line):
    replace(directory / file, old, new)
    lines = lines_of(directory)
    assert all(reason.startswith(f"{file}, row ") for reason in lines)
    assert line in "\n".join(lines)
    assert not Initiative.objects.exists()


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("file", "model", "old", "new"),
    [
        ("initiatives", Initiative, "border-study,2013-1", "border-study,2013-9"),
        ("initiatives", Initiative, "under_way", "nearly"),
        ("facts", Fact, "MX,begin", "MX,host"),
        ("facts", Fact, "begin,committed", "begin,"),
        ("facts", Fact, "figure,3", "figure,three"),
        ("facts", Fact, "expected,by,2016-06", "expected,by,12/06/2016"),
        ("facts", Fact, "figure,3", "milestone,3"),
    ],
)
def test_the_command_and_the_staff_site_give_the_same_reasons(directory, file, model, old, new):
    load_directory(directory)
    Reading.objects.all().delete()
    Fact.objects.filter(of__isnull=False).delete()
    Fact.objects.all().delete()
    if model is Initiative:
        Participation.objects.all().delete()
        Initiative.objects.all().delete()
    replace(directory / f"{file}.csv", old, new)
    user = make.make_user("ana", "editor", delegation="MX")
    data = (directory / f"{file}.csv").read_bytes()
    job = import_jobs.receive(user, file_tables.import_table(model), f"{file}.csv", data)
    import_jobs.check_rows(job)
    by_staff_site = {
        f"{file}.csv, row {outcome['row']}{f', column {column}' if column else ''}: {reason}"
        for outcome in import_jobs.checked_rows(job)
        for column, reasons in outcome.get("errors", {}).items()
        for reason in reasons
        if reason != "This record belongs to the other delegation."
    }
    assert set(lines_of(directory)) == by_staff_site != set()


def test_a_parent_below_its_child_is_loaded(directory):
    rows = (directory / "initiatives.csv").read_text(encoding="utf-8").splitlines()
    cells = dict(zip(rows[0].split(","), next(csv.reader([rows[1]])), strict=True))
    write(directory / "initiatives.csv", [cells | {"key": "child", "parent": "border-study"}, cells])
    load_directory(directory)
    child = Initiative.objects.get(key="child")
    assert child.parent.key == "border-study"
    assert {version.history_change_reason for version in child.history.all()} == {"load_dialogue"}
    assert sum(load_directory(directory).same.values()) == 27


def _copies(directory, name: str, number: int) -> None:
    """Copies of the initiative of the directory, with its items and the roles in both."""
    for file in ("initiatives", "facts", "participations"):
        with (directory / f"{file}.csv").open(encoding="utf-8", newline="") as opened:
            rows = [row for row in csv.DictReader(opened) if "border-study" in "".join(row.values())]
        copies = [
            {column: cell.replace("border-study", f"{name}-{copy}") for column, cell in row.items()}
            for copy in range(number)
            for row in rows
            if row.get("kind") != "figure"
        ]
        write(directory / f"{file}.csv", copies)


def test_a_load_takes_as_many_statements_for_thirty_initiatives_as_for_four(
    directory, tmp_path, monkeypatch, django_assert_max_num_queries
):
    load_directory(directory)
    kept = ("initiatives.csv", "facts.csv", "participations.csv")
    for path in directory.iterdir():
        if path.name not in kept:
            path.unlink()
    few = Path(shutil.copytree(directory, tmp_path / "few"))
    _copies(few, "few", 4)
    _copies(directory, "many", 30)
    with django_assert_max_num_queries(QUERIES_OF_A_LOAD) as of_few:
        load_directory(few)
    lines = []
    monkeypatch.setattr(directory_loader, "ROWS_SHOWN", 60)
    with django_assert_max_num_queries(len(of_few)):
        load_directory(directory, progress=lines.append)
    assert lines[1:3] == ["facts.csv: 60 of 60 rows", "facts.csv: 60 + 0 / 0"]
    initiative = Initiative.objects.get(key="many-29")
    version = initiative.history.get()
    assert (version.history_type, version.history_change_reason) == ("+", "load_dialogue")
    assert [row.place.key for row in version.places.all()] == ["mexico-city"]
    assert initiative.facts.get(key="complete").date_latest.isoformat() == "2016-06-30"
    assert load_directory(directory).same == {"initiatives": 30, "facts": 60, "participations": 90}


def test_a_row_that_the_database_alone_refuses_is_named(directory, monkeypatch):
    replace(directory / "participations.csv", "se,,\n", "se,both,ambos\n")
    monkeypatch.setattr("hled_portal.files.constraint_validation.broken", lambda row: [])
    message = "A role must belong to one organization or one unnamed group."
    assert lines_of(directory) == [f"participations.csv, row 2: {message}"]


@pytest.mark.only_on("sqlite")
def test_rows_that_name_each_other_in_a_circle_are_refused(directory):
    rows = (directory / "places.csv").read_text(encoding="utf-8").splitlines()
    cells = dict(zip(rows[0].split(","), next(csv.reader([rows[1]])), strict=True))
    pairs = (("one", "two"), ("two", "one"))
    write(directory / "places.csv", [cells | {"key": key, "parent": parent} for key, parent in pairs])
    assert lines_of(directory)[0].startswith("places.csv, row ")


def write(path: Path, rows: list[dict]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.only_on("sqlite")
def test_cells_are_kept_as_they_are(directory):
    """Unlike those of a spreadsheet, in which an apostrophe before a formula is no part of the text."""
    replace(directory / "initiatives.csv", "A study that the tests made up.", "'=1+1")
    load_directory(directory)
    assert Initiative.objects.get().summary_en == "'=1+1"


@pytest.mark.only_on("sqlite")
def test_the_shape_of_a_file_is_checked(directory):
    replace(directory / "cycles.csv", "begins,ends", "begins,until")
    assert lines_of(directory) == ["cycles.csv: The column “until” does not exist."]
    (directory / "cycles.csv").write_text("name_en\nA\n", encoding="utf-8")
    assert lines_of(directory) == ["cycles.csv: The column “key”, which identifies the rows, is missing."]
    (directory / "cycles.csv").write_text("key,name_en\nA\n", encoding="utf-8")
    assert lines_of(directory) == ["cycles.csv: Row 2 has 1 cells instead of 2."]
    (directory / "cycles.csv").write_bytes(b"key,name_en\n2013,\xff\n")
    (line,) = lines_of(directory)
    assert line.startswith("cycles.csv: Line 2 is not UTF-8 text")
    (directory / "cycles.csv").write_text("key,name_en\n2013,a\n2013,b\n", encoding="utf-8")
    assert lines_of(directory) == ["cycles.csv: Row 3 has the same key as row 2. Change one of the two, or delete it."]
    (directory / "cycles.csv").write_text('key,name_en\n2013,"a\n', encoding="utf-8")
    (line,) = lines_of(directory)
    assert line.startswith("cycles.csv: Line 2 cannot be read as CSV")
    (directory / "letters.csv").write_text("key\n", encoding="utf-8")
    assert lines_of(directory) == ["letters.csv is not a file of a review.", line]


def test_what_the_portal_changed_is_not_overwritten_unasked(directory):
    load_directory(directory)
    Initiative.objects.update(summary_en="Edited in the portal.")
    replace(directory / "initiatives.csv", "A study that the tests made up.", "Changed in the file.")
    assert lines_of(directory) == [
        "initiatives.csv, row 2, column summary_en: Changed in the portal since the last load. Portal: “Edited in the "
        "portal.”. File: “Changed in the file.”."
    ]
    assert Initiative.objects.get().summary_en == "Edited in the portal."
    load_directory(directory, overwrite=True)
    assert Initiative.objects.get().summary_en == "Changed in the file."


def test_a_change_in_the_file_alone_is_loaded_and_raises_the_revision(directory):
    load_directory(directory)
    assert Initiative.objects.get().revision == 1
    replace(directory / "facts.csv", "expected,by,2016-06", "expected,by,2016-09")
    load_directory(directory)
    assert Fact.objects.get(key="complete").date_latest.isoformat() == "2016-09-30"
    assert Initiative.objects.get().revision == 2


def test_publishing_with_the_load_is_all_or_nothing(directory):
    with pytest.raises(CommandError, match="exactly one document dated 2016-02-26"):
        call_command("load_dialogue", str(directory), "--publish-as-of=2016-02-26", verbosity=0)
    assert not Pillar.objects.exists()
    call_command("load_dialogue", str(directory), "--publish-as-of=2016-02-25", verbosity=0)
    assert Edition.objects.published().count() == 10
    call_command("load_dialogue", str(directory), "--publish-as-of=2016-02-25", verbosity=0)
    assert Edition.objects.count() == 10


@pytest.mark.only_on("sqlite")
def test_if_empty_leaves_a_record_alone(directory):
    call_command("load_dialogue", str(directory), verbosity=0)
    replace(directory / "initiatives.csv", "A study that", "A survey that")
    call_command("load_dialogue", str(directory), if_empty=True, verbosity=0)
    assert Initiative.objects.get().summary_en == "A study that the tests made up."
