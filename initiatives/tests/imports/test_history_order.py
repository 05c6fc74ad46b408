"""Texts in any order: an older one that is loaded later makes the record of its day, and adds to later days.

The directories are in `initiatives/tests/history`; those of 2025 are invented.
"""

import csv
import datetime
import json
import re
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import verification
from hled_portal.tests.crawler import NOTHING_YET, crawl_day
from hled_portal.tests.review import REVIEW, load_review, loaded_review
from initiatives.models import Edition, Initiative, Reading
from initiatives.vocabulary.fact_status import FactStatus

HISTORY = Path(__file__).parents[1] / "history"
FIRST, DATE_CHANGE, NAIVE, SECOND, THIRD = (
    HISTORY / "three-meetings" / name
    for name in (
        "1-2022-09-12",
        "2-2024-04-19-date-change",
        "3-2025-03-14-naive",
        "3-2025-03-14",
        "4-2025-09-12",
    )
)
APRIL = "2024-04-19"
CHANGES = ["made_precise 2024-04-19", "slipped 2025-03-14", "met 2025-09-12"]
#: Of Otay Mesa II on each day: status, date of its works, reported values, and each change of the date with its day.
KNOWN = {
    "2022-09-11": None,
    "2022-09-12": ("planned", "2023/2024", [], []),
    "2024-04-18": ("planned", "2023/2024", [], []),
    "2024-04-19": ("under_way", "2024-09-21", ["60"], CHANGES[:1]),
    "2025-03-14": ("under_way", "2025-12", ["60", "85"], CHANGES[:2]),
    "2025-09-12": ("completed", "2025-08-30", ["60", "85", "100"], CHANGES),
}

#: Files of a text that name no initiative, and those of which each row begins with the one that it belongs to.
REGISTER = ("cycles", "pillars", "workstreams", "topics", "places", "organizations", "organization_names", "aliases")
REGISTER += ("meetings", "sources", "headings", "attendances")
OF_INITIATIVES = ("initiatives", "facts", "readings", "participations", "citations")

pytestmark = pytest.mark.django_db


def load(directory, day: str = "") -> None:
    publish_as_of = datetime.date.fromisoformat(day) if day else None
    call_command("load_dialogue", directory, publish_as_of=publish_as_of, verbosity=0)


def on(day: str, kind: str, key: str) -> dict | None:
    at = Moment(datetime.date.fromisoformat(day))
    edition = Edition.objects.public(at).filter(subject_kind=kind, subject_key=key).first()
    return edition.data if edition else None


def known_on(day: str):
    data = on(day, "initiative", "otay-mesa-ii")
    if data is None:
        return None
    facts = {fact["key"]: fact for fact in data["facts"]}
    values = [reading["value"] for reading in facts["progress"]["readings"]] if "progress" in facts else []
    works = facts["works"]
    changes = [f"{change['reason']} {change['changed_on']}" for change in works["date_changes"]]
    return data["stage"], works["date_edtf"], values, changes


@pytest.fixture
def _review():
    with loaded_review():
        yield


def cut_out(directory: Path, folder: Path, *keys: str) -> Path:
    """The text in a folder with all that it says of these initiatives and of meetings, and of no other initiative."""
    names = "|".join(keys)
    kept = re.compile(rf"(meeting/|initiative/({names})[#,]|({names}),)")
    for name in REGISTER + OF_INITIATIVES:
        path = directory / f"{name}.csv"
        if not path.exists():
            continue
        header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        text = header + "".join(row for row in rows if name in REGISTER or kept.match(row))
        (folder / path.name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def excerpt(tmp_path_factory):
    """The review with what it says of Otay Mesa II and of the one-stop shop."""
    return cut_out(REVIEW, tmp_path_factory.mktemp("excerpt"), "otay-mesa-ii", "vui")


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """The release of 2014 with what it says of two initiatives, whose values are rows 2 to 4 of their file."""
    return cut_out(RELEASE, tmp_path_factory.mktemp("release"), "border-clusters", "border-master-plans")


def in_order(review):
    load(FIRST, "2022-09-12")
    load(review)
    load(DATE_CHANGE, APRIL)
    load(SECOND, "2025-03-14")
    load(THIRD, "2025-09-12")


def first_text_last(_review):
    """The older text adds to versions of three later days."""
    load_review()
    load(SECOND, "2025-03-14")
    load(THIRD, "2025-09-12")
    load(FIRST, "2022-09-12")


def without_a_recorded_change(review):
    load(FIRST, "2022-09-12")
    load(review, APRIL)
    load(SECOND, "2025-03-14")
    load(THIRD, "2025-09-12")


@pytest.mark.parametrize(
    "order", [in_order, pytest.param(first_text_last, marks=pytest.mark.database), without_a_recorded_change]
)
def test_each_day_shows_what_was_known_whatever_the_order(excerpt, order):
    order(excerpt)
    assert {day: known_on(day) for day in KNOWN} == KNOWN
    assert list(verification.verify()) == []
    before = Edition.objects.count()
    load(FIRST, "2022-09-12")
    assert (Edition.objects.count(), {day: known_on(day) for day in KNOWN}) == (before, KNOWN)
    works = Initiative.objects.get(key="otay-mesa-ii").facts.get(key="works")
    changes = works.date_changes.order_by("order").values_list("reason", "changed_on")
    assert works.date_edtf == KNOWN["2025-09-12"][1]
    assert [f"{reason} {changed_on}" for reason, changed_on in changes] == CHANGES


@pytest.mark.usefixtures("_review")
def test_a_text_that_repeats_a_position_replaces_no_value_and_no_citation(client):
    load(NAIVE, "2025-03-14")
    readings = Reading.objects.filter(fact__initiative__key="otay-mesa-ii").order_by("order")
    assert [(row.order, row.value, row.reporting_body_id is None) for row in readings] == [
        (1, 60, False),
        (2, 85, True),
    ]
    assert [citation.source.key for citation in readings[0].citations.all()] == ["2024-04-19-fact-sheet"]
    works = on("2025-03-14", "initiative", "otay-mesa-ii")["facts"][0]
    assert [citation["source"] for citation in works["citations"]] == ["2024-04-19-fact-sheet", "2025-03-14-fact-sheet"]
    load(NAIVE, "2025-03-14")
    assert readings.count() == 2
    for day, is_mentioned in (("2025-03-13", False), ("2025-03-14", True)):
        for language, words in (
            ("en", "last mentioned on March 14, 2025"),
            ("es", "última vez el 14 de marzo de 2025"),
        ):
            for path in ("", "items/?status=past", "initiatives/?q=Otay", "initiatives/otay-mesa-ii/", "calendar/"):
                address = f"/{language}/{path}{'&' if '?' in path else '?'}as_of={day}"
                assert (words in client.get(address).content.decode()) == is_mentioned, address
    for day in ("2024-04-19", "2025-03-14"):
        rows = b"".join(client.get(f"/en/facts.csv?as_of={day}").streaming_content).decode("utf-8-sig")
        table = {(row["key"], row["fact"]): row["last_mentioned"] for row in csv.DictReader(StringIO(rows))}
        assert table["otay-mesa-ii", "works"] == day
        answer = client.get(f"/api/v1/facts/?initiative=otay-mesa-ii&as_of={day}").json()
        assert {row["last_mentioned"] for row in answer["results"] if row["fact"] == "works"} == {day}


@pytest.mark.usefixtures("_review")
def test_an_older_joint_statement_fills_its_meeting_from_its_day_on(client):
    load(HISTORY / "2022-09-12", "2022-09-12")
    counts = {day: len(on(day, "meeting", "2022-09-12")["facts"]) for day in ("2022-09-12", "2024-04-19", "2025-01-01")}
    assert set(counts.values()) == {15}
    assert on("2022-09-11", "meeting", "2022-09-12") is None
    assert on("2022-10-01", "meeting", "2024-04-19") is None
    chairs = on("2022-10-01", "meeting", "2022-09-12")["attendances"]
    assert [chair["person"].split()[-1] for chair in chairs][:2] == ["Blinken", "Raimondo"]
    assert len(chairs) == 8
    for path in ("meetings/2022-09-12/", "meetings/", "initiatives/otay-mesa-ii/", "data/", "timeline/", "", "map/"):
        for language in ("en", "es"):
            for query in ("", "?as_of=2022-10-01", "?as_of=2022-09-11"):
                assert client.get(f"/{language}/{path}{query}").status_code in (200, 404)
    assert "Blinken" in client.get("/en/meetings/2022-09-12/?as_of=2022-10-01").content.decode()


@pytest.mark.usefixtures("_review")
def test_rows_of_an_older_text_change_no_row_of_a_newer_one():
    before = Initiative.objects.filter(key="otay-mesa-ii").values().get()
    load(FIRST, "2022-09-12")
    after = Initiative.objects.filter(key="otay-mesa-ii").values().get()
    assert before | {"revision": 0} == after | {"revision": 0}
    titles = json.dumps(on("2022-09-12", "source", "2022-09-12-fact-sheet"))
    assert "Second ministerial" in titles


@pytest.mark.usefixtures("_review")
def test_one_new_older_initiative_is_in_lists_and_files_of_its_day(client):
    load(HISTORY / "2022-09-12-new-initiative-only", "2022-09-12")
    for day, is_there in (("2022-09-11", False), ("2022-10-01", True), ("2024-05-01", True)):
        status = client.get(f"/en/initiatives/transport-electrification/?as_of={day}").status_code
        assert (status == 200) == is_there
        listed = client.get(f"/es/initiatives/?as_of={day}").context["filter"].qs
        assert bool(listed.filter(subject_key="transport-electrification")) == is_there
        rows = b"".join(client.get(f"/en/initiatives.csv?as_of={day}").streaming_content).decode()
        assert ("transport-electrification" in rows) == is_there


# A text of 2023 that gives another date than that of April 2024


def earlier_text(directory: Path) -> Path:
    """The April record of the one-stop shop as a text of 2023 would have had it: launched by then, without the day."""
    directory.mkdir()
    for name in ("cycles", "pillars", "workstreams", "topics", "places", "organizations", "organization_names"):
        (directory / f"{name}.csv").write_bytes((REVIEW / f"{name}.csv").read_bytes())
    files = {
        "sources": "key,kind,name_en,name_es,language,date_edtf\nreview-2023,fact_sheet,Text,Texto,en,2023-04-18\n",
        "initiatives": "key,pillar,kind,title_en,title_es,summary_en,summary_es,stage\n"
        "vui,2021-1,service,Shop,Ventanilla,A shop.,Una ventanilla.,completed\n",
        "facts": "subject,key,kind,order,side,action,object_en,object_es,modality,relation,date_edtf\n"
        "initiative/vui,launch,milestone,1,MX,launch,the shop,la ventanilla,happened,by,../2023-04-18\n",
        "citations": "of,order,source,locator\ninitiative/vui,1,review-2023,¶\ninitiative/vui#launch,1,review-2023,¶\n",
    }
    for name, rows in files.items():
        (directory / f"{name}.csv").write_text(rows, encoding="utf-8")
    return directory


@pytest.mark.parametrize("is_recorded", [True, False])
def test_the_date_that_april_corrects_after_an_earlier_text(client, tmp_path, excerpt, is_recorded):
    load(earlier_text(tmp_path / "2023"), "2023-04-18")
    if is_recorded:
        load(excerpt)
        load(HISTORY / "2024-04-19-after-2023", APRIL)
    else:
        load(excerpt, APRIL)
    known = {}
    for day in ("2023-04-18", APRIL):
        fact = next(fact for fact in on(day, "initiative", "vui")["facts"] if fact["key"] == "launch")
        known[day] = fact["date_edtf"], [(change["old_edtf"], change["new_edtf"]) for change in fact["date_changes"]]
    assert known == {"2023-04-18": ("../2023-04-18", []), APRIL: ("2023", [("../2023-04-18", "2023")])}
    if is_recorded:
        assert "The text of 2024 gives the year." in client.get("/en/initiatives/vui/").content.decode()
        assert "El texto de 2024 da el año." in client.get("/es/initiatives/vui/").content.decode()
        for day, language in (("2023-04-18", "en"), (APRIL, "es")):
            pages = crawl_day(client, language, day, lambda path: "/vui/" in path or path.count("/") == 3)
            assert f"/{language}/initiatives/vui/" in pages
            lists = {f"/{language}/{name}" for name in ("", "initiatives/", "timeline/")}
            assert lists <= pages.keys()
            assert [path for path in lists if any(words in pages[path] for words in NOTHING_YET)] == []


# A cycle that is over, and files with mistakes

RELEASE, ON_TRACK = HISTORY / "2014-06-30", "museic"


def test_a_release_of_one_government_on_an_earlier_cycle(client):
    load(RELEASE, "2014-06-30")
    load(HISTORY / "cycle-over", "2014-06-30")
    assert len(Edition.objects.public(Moment(datetime.date(2014, 7, 1))).initiatives()) == 10
    day = datetime.date(2026, 1, 1)
    (sixth,) = (
        Edition.objects.public(Moment(day)).get(subject_key="border-master-plans").entries.filter(fact_key="sixth")
    )
    assert sixth.status_on(day, cycle_over=True) == FactStatus.OUTCOME_NOT_PUBLISHED
    page = client.get("/en/initiatives/border-master-plans/").content.decode()
    assert "Based on an announcement of one government (U.S. Department of Commerce) of June 30, 2014:" in page
    assert "date passed, no update published" not in page
    assert client.get("/en/meetings/2014-06-27/fact-sheet/").status_code == 200
    assert [len(heading.items) for heading in client.get("/en/meetings/2014-06-27/").context["reported"]] == [10]
    for language, words in (
        ("en", ("as of June 30, 2014", "ended on December 31, 2016", "On track, as of June 30, 2014")),
        ("es", ("al 30 de junio de 2014", "concluyó el 31 de diciembre de 2016", "al 30 de junio de 2014")),
    ):
        page = client.get(f"/{language}/initiatives/{ON_TRACK}/").content.decode()
        assert all(each in page for each in words), language


#: A later text of that cycle, invented: it says that a cabinet-level meeting was held.
NEXT_MEETING = {
    "meetings": "key,cycle,kind,name_en,name_es,date_edtf\n"
    "2014-11-10,2013,{kind},Second meeting,Segunda reunión,2014-11-10\n",
    "sources": "key,kind,name_en,name_es,language,date_edtf,meeting\n"
    "second,joint_statement,Statement,Declaración,en,2014-11-10,2014-11-10\n",
    "facts": "subject,key,kind,order,side,action,object_en,object_es,modality,relation,date_edtf\n"
    "meeting/2014-11-10,held,event,1,joint,hold,the meeting,la reunión,happened,on,2014-11-10\n",
    "citations": "of,order,source,locator\nmeeting/2014-11-10#held,1,second,¶1\n",
}


@pytest.mark.parametrize(
    ("kind", "is_met", "is_first"),
    [("ministerial", True, False), ("mid_year_review", False, False), ("ministerial", True, True)],
)
def test_an_expected_meeting_is_met_by_the_meeting(client, tmp_path, release, kind, is_met, is_first):
    shutil.copy(RELEASE / "cycles.csv", tmp_path)
    for name, rows in NEXT_MEETING.items():
        (tmp_path / f"{name}.csv").write_text(rows.format(kind=kind), encoding="utf-8")
    texts = [(release, "2014-06-30"), (tmp_path, "2014-11-10")]
    for directory, day in reversed(texts) if is_first else texts:
        load(directory, day)
    expected = {}
    for day in ("2014-11-09", "2014-11-10"):
        fact = next(fact for fact in on(day, "meeting", "2014-06-27")["facts"] if fact["key"] == "next")
        expected[day] = fact["date_edtf"], fact["modality"], [change["reason"] for change in fact["date_changes"]]
    met = ("2014-11-10", "happened", ["met"]) if is_met else ("2014-23", "expected", [])
    assert expected == {"2014-11-09": ("2014-23", "expected", []), "2014-11-10": met}
    for language, words in (("en", "Second meeting"), ("es", "Segunda reunión")):
        page = client.get(f"/{language}/meetings/2014-06-27/").content.decode()
        assert (words in page.partition('id="next"')[2].partition("</li>")[0]) == is_met
    assert list(verification.verify()) == []
    editions = Edition.objects.count()
    load(release, "2014-06-30")
    assert on("2014-11-10", "meeting", "2014-06-27")["facts"][-1]["modality"] == met[1]
    assert Edition.objects.count() == editions


@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        (
            "facts",
            "happened,on,2014-04,yes",
            "happened,on,2035-04,yes",
            "facts.csv, row 7, column date_edtf: This cannot",
        ),
        (
            "facts",
            ",la revisión intermedia de los avances del diálogo",
            ",",
            "facts.csv, row 2, column object_es: This text",
        ),
        ("facts", "joint,launch,the dialogue", "joint,unknownverb,the dialogue", "choices: begin, complete, launch"),
        ("initiatives", "small-business-centers,2013-2", '"small-business-centers,2013-2', "initiatives.csv: Line 11 "),
        ("organizations", "doc,ministry,US", "doc,ministry,XX", "organizations.csv, row 2, column country: “XX”"),
    ],
)
def test_each_mistake_is_named_by_file_row_and_column(tmp_path, file, old, new, line):
    directory = Path(shutil.copytree(RELEASE, tmp_path / "text"))
    text = (directory / f"{file}.csv").read_text(encoding="utf-8")
    assert old in text
    (directory / f"{file}.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        load(directory, "2014-06-30")
    assert line in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert not Initiative.objects.exists()


def test_errors_of_all_files_come_together_without_those_that_follow_from_others(tmp_path):
    directory = Path(shutil.copytree(RELEASE, tmp_path / "text"))
    for file, old, new in (
        ("initiatives", "air-services,2013-1,reg", "air-services,2013-1,x"),
        ("meetings", "mid_year", "x"),
    ):
        text = (directory / f"{file}.csv").read_text(encoding="utf-8")
        (directory / f"{file}.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        load(directory, "2014-06-30")
    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "meetings.csv, row 2, column kind",
        "initiatives.csv, row 8, column kind",
    ]


def test_a_file_saved_by_a_spreadsheet_is_read(tmp_path):
    directory = Path(shutil.copytree(RELEASE, tmp_path / "text"))
    path = directory / "readings.csv"
    lines = path.read_text(encoding="utf-8").replace(",yes", ",Sí").splitlines()
    path.write_text("\n".join([f"{line.replace(',', ';')};;" for line in lines] + [";;;", "  ;"]), encoding="utf-8")
    load(directory)
    assert Reading.objects.filter(as_of_inferred=True).count() == 3


def test_a_check_names_each_change_and_saves_nothing(tmp_path, release):
    load(release)
    directory = Path(shutil.copytree(release, tmp_path / "text"))
    path = directory / "readings.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("actual,5,exactly", "actual,8,at_least"), encoding="utf-8")
    said = StringIO()
    call_command("load_dialogue", directory, check=True, stdout=said)
    assert "readings.csv, row 3, column value: “5” becomes “8”." in said.getvalue()
    assert "Nothing was saved" in said.getvalue()
    assert Reading.objects.filter(value=5).exists()


def test_another_value_for_a_published_one_needs_a_reason_that_the_history_shows(tmp_path, release):
    load(release, "2014-06-30")
    directory = Path(shutil.copytree(release, tmp_path / "text"))
    path = directory / "readings.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("actual,5,exactly", "actual,8,exactly"), encoding="utf-8")
    for options in ({}, {"overwrite": True}, {"check": True}, {"reason": "  "}):
        with pytest.raises(CommandError, match=r"readings\.csv, row 3, column value: This value is published"):
            call_command("load_dialogue", directory, verbosity=0, **options)
    assert Reading.objects.filter(value=5).exists()
    call_command("load_dialogue", directory, publish_as_of=datetime.date(2014, 6, 30), reason="A misprint", verbosity=0)
    reading = Reading.objects.get(value=8)
    assert reading.history.first().history_change_reason == "reason:A misprint"
    others = Reading.history.exclude(id=reading.pk).values_list("history_change_reason", flat=True)
    assert set(others) == {"load_dialogue"}
