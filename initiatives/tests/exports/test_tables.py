"""The record as tables: what each row says, and in how many queries."""

import datetime
from decimal import Decimal

import pytest
from django.utils import translation

from hled_portal.dates import as_of
from hled_portal.dates.as_of import Moment
from hled_portal.publishing import clearance, releasing
from hled_portal.tests.factories import (
    make_cast,
    make_fact,
    make_figure,
    make_initiative,
    make_meeting,
    make_organization,
    make_pillar,
    make_place,
    make_source,
    make_topic,
)
from initiatives.editions import joint_texts, proposing
from initiatives.exports import tables
from initiatives.exports.tables.table import FETCH_ROWS
from initiatives.models import Citation, DateChange, Edition, Link, Participation, Reading, Workstream

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = datetime.date(2024, 4, 19)
AT = Moment(DAY)
SITE = "https://dialogue.example"
#: The frame: publication, names, keys of initiatives, and the version for each of the two. A table: the order, and a
#: chunk of editions.
FRAME_QUERIES, TABLE_QUERIES = 5, 2


@pytest.fixture
def source():
    return make_source(meeting=make_meeting(), address="https://example.org/fact-sheet")


def publish(source, *initiatives):
    for initiative in initiatives:
        cited = {"order": initiative.citations.count() + 1, "locator": "item 1"}
        Citation.objects.get_or_create(initiative=initiative, source=source, defaults=cited)
    return joint_texts.enter_joint_text(source)


def rows(name: str, at: Moment = AT, kind: str = "initiative") -> list[dict]:
    frame = tables.ExportContext(at, SITE)
    public = Edition.objects.public(frame.at).of_kind(kind).order_by("subject_key")
    return list(tables.ALL[name].rows(public, frame))


def some(row: dict, *names: str) -> tuple:
    return tuple(row[name] for name in names)


# Every table


@pytest.mark.parametrize("table", tables.ALL.values(), ids=tables.ALL)
@pytest.mark.only_on("sqlite")
def test_columns_are_named_once_and_told_in_both_languages(table):
    columns = table.file_columns
    names = [column.name for column in columns]
    assert len(set(names)) == len(names)
    assert names[:3] == ["subject", "key", "edition"]
    assert set(table.identity) <= set(names)
    for column in columns:
        assert column.name == column.name.lower()
        english = str(column.about)
        with translation.override("es"):
            assert str(column.about) != english, column.name


@pytest.mark.parametrize("name", ["date", "value_as_of", "period"])
@pytest.mark.only_on("sqlite")
def test_each_date_has_its_four_columns(name):
    names = {column.name for column in [*tables.ALL["facts"].columns, *tables.ALL["readings"].columns]}
    assert {f"{name}_text", f"{name}_edtf", f"{name}_earliest", f"{name}_latest"} <= names


# Initiatives


def test_an_initiative_as_a_row(source):
    pillar = make_pillar(1)
    stream = Workstream.objects.create(key="2021-1-3", pillar=pillar, number=3, name_en="Borders", name_es="Fronteras")
    whole = make_initiative("border", title_en="Border", title_es="Frontera")
    works = make_initiative(pillar=pillar, workstream=stream, parent=whole)
    works.places.add(make_place("tijuana", kind="city", parent=make_place("baja", name_en="Baja", name_es="Baja")))
    works.topics.add(make_topic())
    make_fact(works, "done", modality="happened", date_edtf="2024-02")
    make_fact(works, "late", date_edtf="2024-03", order=2)
    make_fact(works, "next", date_edtf="2024-21", order=3)
    publish(source, whole, works)
    row = rows("initiatives")[1]
    assert some(row, "subject", "key", "edition") == ("initiative", "otay-mesa-ii", 1)
    assert some(row, "title_en", "title_es", "stage", "kind") == (
        "Otay Mesa II",
        "Mesa de Otay II",
        "under_way",
        "works",
    )
    assert some(row, "pillar", "pillar_number", "pillar_name_es") == ("2021-1", 1, "Reconstruir juntos")
    assert some(row, "workstream", "workstream_name_es", "parent") == ("2021-1-3", "Fronteras", "border")
    assert some(row, "places", "place_names_en") == (["tijuana"], ["Tijuana, Baja"])
    assert some(row, "topics", "topic_names_es") == (["supply-chains"], ["Cadenas de suministro"])
    assert some(row, "facts", "milestones", "milestones_met", "past_its_date") == (3, 3, 1, 1)
    assert some(row, "next_date_text", "next_date_edtf") == ("spring 2024", "2024-21")
    assert some(row, "next_date_earliest", "next_date_latest") == (
        datetime.date(2024, 3, 1),
        datetime.date(2024, 6, 30),
    )
    assert some(row, "last_reported", "sources") == (DAY, ["2024-04-19-fact-sheet"])
    assert row["digest"] == Edition.objects.get(subject_key="otay-mesa-ii").digest
    assert row["address"] == f"{SITE}/en/initiatives/otay-mesa-ii/?as_of=2024-04-19&publication=1"


def test_each_row_says_on_what_ground_it_is_public_and_of_which_moment(source):
    publish(source, make_initiative())
    row = rows("initiatives")[0]
    assert row["basis"] == "joint_text"
    assert row["basis_text_en"] == "Based on the joint document of April 19, 2024; not approved by either government."
    assert row["basis_text_es"].startswith("Texto elaborado a partir del documento conjunto del 19 de abril de 2024")
    assert some(row, "joint_text", "joint_text_address") == ("2024-04-19-fact-sheet", "https://example.org/fact-sheet")
    assert some(row, "public_from", "edition_publication", "as_of", "publication") == (DAY, 1, DAY, 1)


def test_a_cleared_text_is_called_cleared(source):
    cast, works = make_cast(), make_initiative()
    for row in (works, works.pillar, works.pillar.cycle):
        row.agree_translation()
        row.save()
    texts = proposing.propose("initiative", "otay-mesa-ii", cast.ana)
    for text in texts:
        clearance.clear(text, cast.luis, text.digest)
        clearance.clear(text, cast.carl, text.digest)
    releasing.release(texts, cast.luis)
    row = rows("initiatives", as_of.now())[0]
    assert some(row, "basis", "basis_text_en", "joint_text") == ("keys", "Text approved by both delegations.", "")


def test_what_is_not_public_is_not_named(source):
    hidden, works = make_initiative("hidden"), make_initiative("works", parent=make_initiative("parent"))
    Link.objects.create(initiative=works, order=1, kind="informs", to_initiative=hidden)
    Link.objects.create(initiative=works, order=2, kind="informs", unnamed_en="others", unnamed_es="otras")
    publish(source, works)
    assert [row["parent"] for row in rows("initiatives") if row["key"] == "works"] == [""]
    assert [some(row, "order", "initiative", "unnamed_es") for row in rows("links")] == [(2, "", "otras")]


# Facts and what hangs on them


def test_a_fact_as_a_row(source):
    works = make_initiative()
    fact = make_fact(works, date_edtf="2024-12", relation="by", date_wording_en="", order=4)
    fact.places.add(make_place("tijuana"))
    changed = {"old_modality": "expected", "new_modality": "expected", "changed_on": DAY, "reason": "slipped"}
    DateChange.objects.create(fact=fact, order=1, old_edtf="2024-06", new_edtf="2024-12", **changed)
    Citation.objects.create(fact=fact, order=1, source=source, locator="item 2")
    publish(source, works)
    row = rows("facts")[0]
    assert some(row, "subject", "key", "edition", "fact", "order") == ("initiative", "otay-mesa-ii", 1, "works", 4)
    assert some(row, "kind", "side", "action", "modality", "relation") == ("milestone", "MX", "begin", "expected", "by")
    assert row["sentence_en"] == "Mexico expects to begin works at the crossing in Tijuana by December 2024."
    assert row["sentence_es"] == "México prevé iniciar obras en el cruce en Tijuana para diciembre de 2024."
    assert some(row, "date_text", "date_edtf") == ("December 2024", "2024-12")
    assert some(row, "date_earliest", "date_latest") == (datetime.date(2024, 12, 1), datetime.date(2024, 12, 31))
    assert some(row, "first_date_text", "first_date_latest") == ("June 2024", datetime.date(2024, 6, 30))
    assert some(row, "places", "sources", "past_its_date") == (["tijuana"], ["2024-04-19-fact-sheet"], "")
    assert row["address"].endswith("/en/initiatives/otay-mesa-ii/?as_of=2024-04-19&publication=1#works")
    with translation.override("es"):
        assert some(rows("facts")[0], "date_text", "first_date_text") == ("diciembre de 2024", "junio de 2024")


def test_a_date_that_went_by_is_told_by_the_day_of_the_table(source):
    publish(source, make_fact(make_initiative(pillar=make_pillar(1)), date_edtf="2024-05").initiative)
    found = [rows("facts", Moment(datetime.date(2024, month, 1)))[0]["past_its_date"] for month in (5, 6)]
    assert found == ["", "past"]


def test_after_the_end_of_its_cycle_an_outcome_was_not_published(source):
    pillar = make_pillar(1)
    pillar.cycle.ends = datetime.date(2024, 12, 31)
    pillar.cycle.save()
    publish(source, make_fact(make_initiative(pillar=pillar), date_edtf="2024-05").initiative)
    assert rows("facts", Moment(datetime.date(2025, 1, 1)))[0]["past_its_date"] == "outcome"
    assert rows("initiatives", Moment(datetime.date(2025, 1, 1)))[0]["past_its_date"] == 0


def test_a_change_of_date_as_a_row(source):
    works = make_initiative()
    fact = make_fact(works, date_edtf="2024-12")
    changed = {"old_modality": "planned", "new_modality": "expected", "text_en": "Rain.", "text_es": "Lluvia."}
    changed |= {"changed_on": DAY, "reason": "slipped"}
    DateChange.objects.create(fact=fact, order=1, old_edtf="2024-06", new_edtf="2024-12", **changed)
    changed |= {"reason": "brought_forward"}
    DateChange.objects.create(fact=fact, order=2, old_edtf="2024-12-15", new_edtf="2024-12-01", **changed)
    publish(source, works)
    first, second = rows("date-changes")
    assert some(first, "fact", "order", "reason", "changed_on", "text_es") == ("works", 1, "slipped", DAY, "Lluvia.")
    assert some(first, "old_date_text", "old_modality", "new_date_edtf") == ("June 2024", "planned", "2024-12")
    assert [some(row, "days_slipped", "days_exact") for row in (first, second)] == [(184, False), (-14, True)]


def test_a_reading_as_a_row(source):
    works = make_initiative()
    figure = make_figure(works, measure="committed", unit_en="dollars", unit_es="dólares", currency="USD")
    body = make_organization("sedena", name_en="National Defense", name_es="Defensa Nacional")
    told = {"qualifier": "almost", "as_of_edtf": "2024-04", "reporting_body": body, "status": "actual"}
    Reading.objects.create(fact=figure, order=1, value=Decimal("-17.5"), **told)
    Reading.objects.create(fact=figure, order=2, value=None)
    publish(source, works)
    first, second = rows("readings")
    assert some(first, "value", "qualifier", "measure", "currency") == (Decimal("-17.5"), "almost", "committed", "USD")
    assert some(first, "unit_en", "unit_es") == ("dollars", "dólares")
    assert some(first, "reporting_body", "reporting_body_name_es") == ("sedena", "Defensa Nacional")
    assert some(first, "value_as_of_text", "value_as_of_latest") == ("April 2024", datetime.date(2024, 4, 30))
    assert some(second, "value", "reporting_body", "reporting_body_name_en", "value_as_of_earliest") == (
        None,
        "",
        "",
        None,
    )


def test_who_takes_part_in_an_initiative_and_in_a_fact(source):
    works = make_initiative()
    fact = make_fact(works)
    body = make_organization("sict", name_en="Infrastructure", name_es="Infraestructura")
    Participation.objects.create(initiative=works, order=1, role="lead", organization=body)
    Participation.objects.create(fact=fact, order=1, role="participant", unnamed_en="160 students", unnamed_es="160")
    publish(source, works)
    told = ("fact", "role", "organization", "organization_name_es", "unnamed_en")
    assert [some(row, *told) for row in rows("participation")] == [
        ("", "lead", "sict", "Infraestructura", ""),
        ("works", "participant", "", "", "160 students"),
    ]


def test_facts_of_a_meeting_are_in_the_whole_record(source):
    make_fact(None, "trade", meeting=source.meeting, kind="objective", action="", modality="", date_edtf="")
    publish(source, make_initiative())
    found = rows("facts", kind="meeting")
    assert [some(row, "subject", "key", "fact", "title_en") for row in found] == [
        ("meeting", "2024-04-19", "trade", "Mid-year review")
    ]


# Moments, chunks and queries


def test_before_on_and_after_the_day(source):
    publish(source, make_initiative())
    days = [datetime.date(2024, 4, day) for day in (18, 19, 20)]
    assert [len(rows("initiatives", Moment(day))) for day in days] == [0, 1, 1]
    assert rows("initiatives", Moment(days[2], publication=1))[0]["as_of"] == days[2]


def test_a_frame_is_fixed_to_a_publication(source):
    publish(source, make_initiative("one"))
    frame = tables.ExportContext(as_of.now(), SITE)
    publish(source, make_initiative("two"))
    keys = [row["key"] for row in tables.ALL["initiatives"].rows(Edition.objects.public(frame.at).initiatives(), frame)]
    assert keys == ["one"]
    assert frame.at.publication == 1


def test_what_is_withdrawn_while_a_table_is_read_is_left_out(source, monkeypatch):
    monkeypatch.setattr("initiatives.exports.tables.table.FETCH_ROWS", 1)
    publish(source, make_initiative("one"), make_initiative("two"))
    frame = tables.ExportContext(AT, SITE)
    found = tables.ALL["initiatives"].rows(
        Edition.objects.public(frame.at).initiatives().order_by("subject_key"), frame
    )
    assert next(found)["key"] == "one"
    releasing.withdraw(Edition.objects.get(subject_key="two"), make_cast().luis, "error")
    assert list(found) == []


@pytest.mark.parametrize("count", [1, 6])
@pytest.mark.only_on("sqlite")
def test_a_table_takes_the_same_queries_for_one_and_for_many(source, django_assert_num_queries, count):
    initiatives = [make_initiative(f"works-{number:02}") for number in range(count)]
    for initiative in initiatives:
        Reading.objects.create(fact=make_figure(initiative), order=1, value=1)
    publish(source, *initiatives)
    with django_assert_num_queries(FRAME_QUERIES):
        frame = tables.ExportContext(as_of.now(), SITE)
    for name in ("initiatives", "facts", "date-changes", "readings", "participation", "editions"):
        with django_assert_num_queries(TABLE_QUERIES, info=name):
            found = list(tables.ALL[name].rows(Edition.objects.public(frame.at).initiatives(), frame))
        assert len(found) == {"date-changes": 0, "participation": 0}.get(name, count), name
    assert count < FETCH_ROWS


def test_each_chunk_takes_one_query(source, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr("initiatives.exports.tables.table.FETCH_ROWS", 10)
    publish(source, *(make_initiative(f"works-{number:02}") for number in range(30)))
    frame = tables.ExportContext(as_of.now(), SITE)
    public = Edition.objects.public(frame.at).initiatives().order_by("-subject_key")
    with django_assert_num_queries(1 + 3):
        found = list(tables.ALL["initiatives"].rows(public, frame))
    assert [row["key"] for row in found] == [f"works-{number:02}" for number in reversed(range(30))]


# What was withdrawn


def test_a_withdrawn_text_leaves_its_marker(source, django_assert_num_queries):
    publish(source, make_initiative("stays"), make_initiative("goes", title_en="A secret", title_es="Un secreto"))
    words = ("It named a person.", "Nombraba a una persona.")
    releasing.withdraw(Edition.objects.get(subject_key="goes"), make_cast().luis, "personal_data", *words)
    frame = tables.ExportContext(AT, SITE)
    with django_assert_num_queries(3):
        (marker,) = tables.withdrawn_rows(frame, ("initiative",))
    assert some(marker, "subject", "key", "edition", "withdrawn", "public_from") == ("initiative", "goes", 1, True, DAY)
    assert some(marker, "withdrawn_by_en", "withdrawn_by_es") == ("Mexico", "México")
    assert some(marker, "withdrawn_reason_en", "withdrawn_words_es") == ("it contains personal data", words[1])
    assert marker["public_until"] == as_of.today()
    public = Edition.objects.public(frame.at).initiatives()
    table = tables.ALL["initiatives"]
    found = list(table.file_rows(table.rows(public, frame), frame))
    assert [some(row, "key", "withdrawn") for row in found] == [("stays", False), ("goes", True)]
    assert {name for name, value in found[1].items() if value is not None} == {*marker, "as_of", "publication"}
    assert {*found[0]} == {*found[1]} == {column.name for column in table.file_columns}


def test_nothing_withdrawn_takes_one_query(source, django_assert_num_queries):
    publish(source, make_initiative())
    frame = tables.ExportContext(AT, SITE)
    with django_assert_num_queries(1):
        assert tables.withdrawn_rows(frame, ("initiative",)) == []
