"""The whole record as a data package, checked by frictionless."""

import csv
import datetime
import io
import json
import zipfile

import pytest
from django.utils import translation
from frictionless import Package

from hled_portal.dates import as_of
from hled_portal.dates.as_of import Moment
from hled_portal.publishing import releasing
from hled_portal.tests.factories import make_cast
from initiatives.exports import data_package, tables
from initiatives.exports.tables import ExportContext
from initiatives.models import Edition, Entry

AT = Moment(datetime.date(2024, 5, 1), publication=1)
#: The names of each table's editions are read once: order and chunk for each of 20 tables, and the markers.
QUERIES = 2 * 20 + 1


pytestmark = [pytest.mark.usefixtures("review"), pytest.mark.django_db]


def made(at=AT) -> bytes:
    return b"".join(data_package.archive(ExportContext(at, "https://dialogue.example")))


def opened(at=AT) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(made(at)))


def rows(archive: zipfile.ZipFile, name: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode(), newline="")))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("at", [AT, Moment(datetime.date(2024, 4, 18))], ids=["after", "before"])
def test_it_is_a_data_package(tmp_path, language, at):
    """Every row against its schema: types, closed lists, keys, and the keys that tables are joined by."""
    path = tmp_path / "record.zip"
    with translation.override(language):
        path.write_bytes(made(at))
    report = Package(str(path)).validate()
    assert report.valid, [(task.name, error.message) for task in report.tasks for error in task.errors]
    assert {task.name for task in report.tasks} == {*tables.ALL, "withdrawn"}


def test_a_wrong_row_would_be_found(tmp_path):
    """The check itself: a fact of no edition, and a word that is no date."""
    opened().extractall(tmp_path)
    facts = (tmp_path / "facts.csv").read_text(encoding="utf-8")
    found = facts.replace("initiative,otay-mesa-ii,1,works", "initiative,nowhere,1,works").replace(
        ",2024-09-21,", ",soon,"
    )
    (tmp_path / "facts.csv").write_text(found, encoding="utf-8", newline="")
    report = Package(str(tmp_path / "datapackage.json")).validate()
    errors = {error.type for task in report.tasks for error in task.errors}
    assert {"foreign-key", "type-error"} <= errors


def test_it_holds_the_whole_record():
    archive = opened()
    assert len(rows(archive, "editions")) == Edition.objects.public(AT).count()
    assert len(rows(archive, "facts")) == Entry.objects.filter(edition__in=Edition.objects.public(AT)).count()
    assert {row["subject"] for row in rows(archive, "facts")} == {"initiative", "meeting"}
    numbers = {name: len(rows(archive, name)) for name in tables.ALL}
    assert {name for name, number in numbers.items() if not number} == {"date-changes", "reporting-duties"}


def test_it_describes_its_columns_and_its_licence():
    described = json.loads(opened().read("datapackage.json"))
    assert described["licenses"][0]["name"] == "CC-BY-4.0"
    assert (described["as_of"], described["publication"], described["version"]) == ("2024-05-01", 1, "2024-05-01.1")
    by_name = {resource["name"]: resource for resource in described["resources"]}
    value = next(field for field in by_name["readings"]["schema"]["fields"] if field["name"] == "value")
    assert value["type"] == "number"
    assert value["description"] == (
        "value, not rounded; empty if unknown / valor, sin redondear; vacío si no se conoce"
    )
    assert by_name["facts"]["schema"]["primaryKey"] == ["subject", "key", "fact"]
    archive = opened()
    for resource in described["resources"]:
        assert archive.getinfo(resource["path"]).file_size == resource["bytes"]


def test_the_guide_is_in_both_languages():
    guide = opened().read("README.md").decode()
    assert guide.startswith("# Record of the U.S.-Mexico High-Level Economic Dialogue\n")
    assert "\n# Registro del Diálogo Económico de Alto Nivel México-Estados Unidos\n" in guide
    assert "complete public record at the end of May 1, 2024" in guide
    assert "al cierre del 1 de mayo de 2024" in guide
    for name in (*tables.ALL, "withdrawn"):
        assert guide.count(f"- `{name}.csv`: ") == 2
    assert "&#x27;" not in guide


def test_the_same_record_is_the_same_file():
    assert made() == made()
    assert made() != made(Moment(datetime.date(2024, 5, 2), publication=1))


def test_what_was_withdrawn_is_a_table():
    cast = make_cast()
    for kind, key in (("initiative", "otay-mesa-ii"), ("topic", "workforce")):
        releasing.withdraw(Edition.objects.get(subject_kind=kind, subject_key=key), cast.luis, "error")
    archive = opened()
    found = [(row["subject"], row["key"], row["edition"]) for row in rows(archive, "withdrawn")]
    assert found == [("initiative", "otay-mesa-ii", "1"), ("topic", "workforce", "1")]
    assert {row["withdrawn_reason_es"] for row in rows(archive, "withdrawn")} == {"contiene un error"}
    assert "otay-mesa-ii" not in {row["key"] for row in rows(archive, "facts")}
    assert "workforce" not in {row["key"] for row in rows(archive, "topics")}


def test_it_is_sent_as_it_is_made_with_two_queries_for_each_table(client, django_assert_num_queries):
    pieces = data_package.archive(ExportContext(as_of.now(), "https://dialogue.example"))
    with django_assert_num_queries(0):
        assert next(pieces).startswith(b"PK")
    with django_assert_num_queries(QUERIES):
        assert max(map(len, pieces)) < 64 * 1024
    answer = client.get("/es/data/package.zip")
    assert (answer.streaming, answer.headers["Content-Type"]) == (True, "application/zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    assert archive.testzip() is None
    assert rows(archive, "initiatives")


@pytest.mark.parametrize(
    ("day", "dated"),
    [("0001-01-01", (1980, 1, 1)), ("1970-01-01", (1980, 1, 1)), ("1980-01-02", (1980, 1, 2))],
)
def test_a_day_that_a_zip_cannot_hold_is_the_nearest_one(day, dated):
    archive = opened(Moment(datetime.date.fromisoformat(day)))
    assert {entry.date_time[:3] for entry in archive.infolist()} == {dated}
    assert json.loads(archive.read("datapackage.json"))["as_of"] == day


def test_the_last_day_of_the_calendar_has_an_archive():
    archive = opened(Moment(datetime.date.max))
    assert {entry.date_time[:3] for entry in archive.infolist()} == {(2107, 12, 31)}
