"""What readers take away: the very rows of the page, in each form, on each day, and nothing that is not public."""

import csv
import datetime
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile

import openpyxl
import pytest

from hled_portal.publishing import clearance, releasing
from hled_portal.tests.factories import make_cast, make_fact
from initiatives.editions import proposing
from initiatives.models import Edition, Initiative

TABLES = ("initiatives", "facts", "date-changes", "readings", "participation")
ADDRESSES = [f"{name}.{form}" for name in TABLES for form in ("csv", "xlsx", "json")]
ADDRESSES += ["initiatives.geojson", "initiatives.ics", "initiatives.atom", "calendar.ics", "data/package.zip"]
#: The version; the frame 3, the order of the editions and one chunk, the markers.
CSV_QUERIES = 7


pytestmark = [
    pytest.mark.usefixtures("review", "kept_connection"),
    pytest.mark.django_db,
]


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def read(client, address: str) -> list[dict]:
    """The rows of a table that is taken away, as texts."""
    answer = client.get(address)
    assert answer.status_code == 200, body(answer)
    return parse_rows(address, body(answer))


def parse_rows(address: str, written: bytes) -> list[dict]:
    if ".json" in address:
        return json.loads(written)["rows"]
    if ".xlsx" in address:
        names, *rows = openpyxl.load_workbook(io.BytesIO(written)).worksheets[0].iter_rows(values_only=True)
        return [dict(zip(names, row, strict=True)) for row in rows]
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))


def on_the_page(client, address: str) -> list[tuple[str, int]]:
    """Key and edition of every initiative that the list shows, over all its pages."""
    context = client.get(address).context
    return [(row.subject_key, row.number) for row in context["filter"].rows(context["filter"].ids)]


# The rows of the page

QUERIES = [
    "",
    "pillar=2021-1",
    "pillar=2021-2&pillar=2021-4",
    "stage=completed",
    "stage=under_way&kind=works",
    "kind=works&country=MX",
    "organization=usaid",
    "organization=usaid&role=lead",
    "place=mexico",
    "topic=workforce",
    "past=yes",
    "figures=yes&sort=title",
    "sort=reported",
    "sort=expected",
    "delegation=MX&figures=no",
    "from=2024-01-01&to=2024-03-31",
    "confidence=at_risk",
    "page=2",
]


#: In Spanish, those whose rows or their order hang on the language.
ASKED = [("en", query) for query in QUERIES] + [("es", query) for query in ("", "figures=yes&sort=title", "page=2")]

IN_EACH_FORM = ["", "pillar=2021-2&pillar=2021-4", "figures=yes&sort=title", "page=2"]


@pytest.mark.parametrize(("language", "query"), ASKED)
def test_a_download_holds_exactly_the_rows_of_the_page(client, language, query):
    """All forms are written from the same rows: the others are compared for some of the queries."""
    shown = on_the_page(client, f"/{language}/initiatives/?{query}")
    for form in ("csv", "xlsx", "json") if query in IN_EACH_FORM else ("csv",):
        found = read(client, f"/{language}/initiatives.{form}?{query}")
        assert [(row["key"], int(row["edition"])) for row in found] == shown, form


@pytest.mark.parametrize("query", QUERIES)
def test_what_belongs_to_a_selection_is_of_its_initiatives_alone(client, query):
    shown = {key for key, _number in on_the_page(client, f"/en/initiatives/?{query}")}
    found = Edition.objects.initiatives().filter(subject_key__in=shown)
    facts = {(row.subject_key, fact["key"]) for row in found for fact in row.data["facts"]}
    kinds = {"kind": "", **dict(part.split("=") for part in query.split("&") if part)}["kind"]
    taken = read(client, f"/en/facts.csv?{query}")
    assert {(row["key"], row["fact"]) for row in taken} == facts, kinds
    readings = sum(len(fact["readings"]) for row in found for fact in row.data["facts"])
    assert len(read(client, f"/en/readings.json?{query}")) == readings


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("kind=milestone", 31),
        ("kind=event", 17),
        ("kind=update", 14),
        ("kind=figure", 13),
        ("kind=objective", 15),
        ("kind=milestone&kind=event", 48),
        ("kind=milestone&kind=works", 13),
        ("kind=figure&initiative=otay-mesa-ii", 1),
        ("initiative=otay-mesa-ii&initiative=otay-mesa-east", 4),
    ],
)
def test_facts_are_narrowed_by_their_kind_and_initiative(client, query, number):
    rows = read(client, f"/en/facts.csv?{query}")
    assert len(rows) == number
    kinds = {part.partition("=")[2] for part in query.split("&") if part.startswith("kind=")}
    assert {row["kind"] for row in rows} <= kinds or not kinds & {row["kind"] for row in rows}


def test_tables_are_joined_by_key_and_edition(client):
    facts = {(r["subject"], r["key"], r["edition"], r["fact"]) for r in read(client, "/en/facts.csv")}
    initiatives = {(r["subject"], r["key"], r["edition"]) for r in read(client, "/en/initiatives.csv")}
    assert {fact[:3] for fact in facts} <= initiatives
    readings = read(client, "/en/readings.csv")
    assert {(r["subject"], r["key"], r["edition"], r["fact"]) for r in readings} <= facts
    parts = read(client, "/en/participation.csv")
    assert {(r["subject"], r["key"], r["edition"], r["fact"]) for r in parts if r["fact"]} <= facts


# Forms


def test_both_languages_have_the_same_columns(client):
    for name in TABLES:
        first, second = (body(client.get(f"/{language}/{name}.csv")).decode("utf-8-sig") for language in ("en", "es"))
        assert first.splitlines()[0] == second.splitlines()[0]
        assert first.splitlines()[0].startswith("subject,key,edition,")


def test_words_of_dates_are_in_the_language_of_the_address(client):
    asked = "facts.json?initiative=otay-mesa-ii&kind=milestone"
    english, spanish = (read(client, f"/{language}/{asked}") for language in ("en", "es"))
    assert [(row["date_text"], row["date_edtf"]) for row in english] == [("September 21, 2024", "2024-09-21")]
    assert [(row["date_text"], row["date_edtf"]) for row in spanish] == [("21 de septiembre de 2024", "2024-09-21")]
    assert [row["sentence_es"] for row in english] == [row["sentence_es"] for row in spanish]
    assert (english[0]["address"], spanish[0]["address"]) == tuple(
        f"http://testserver/{language}{english[0]['address'].removeprefix('http://testserver/en')}"
        for language in ("en", "es")
    )


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_file_has_its_type_and_its_name(client, address):
    answer = client.get(f"/es/{address}?as_of=2024-05-01")
    form = address.rpartition(".")[2]
    what = {"geojson": "places", "ics": "calendar", "zip": "record"}.get(form, address.partition(".")[0])
    assert answer.status_code == 200
    assert f'filename="hled-{what}-2024-05-01-publication-3-es.{form}"' in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    expected = {
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "json": "application/json",
        "geojson": "application/geo+json",
        "ics": "text/calendar; charset=utf-8",
        "atom": "application/atom+xml; charset=utf-8",
        "zip": "application/zip",
    }
    assert answer["Content-Type"] == expected[form]
    assert answer.streaming == (form not in ("geojson", "atom"))
    answer.close()


def test_a_workbook_says_what_it_is_and_what_its_columns_mean(client):
    answer = client.get("/es/readings.xlsx?pillar=2021-1")
    book = openpyxl.load_workbook(io.BytesIO(body(answer)))
    assert book.sheetnames == ["readings", "columns", "about"]
    about = dict(list(book["about"].iter_rows(values_only=True))[1:])
    assert (about["selection"], about["publication"], about["language"]) == ("pillar=2021-1", 3, "es")
    assert about["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert about["dictionary"] == "http://testserver/es/data/"
    described = {row[1]: row[2:] for row in book["columns"].iter_rows(values_only=True)}
    names = [cell.value for cell in book["readings"][1]]
    assert list(described)[1:] == names
    kind, english, spanish, codes, codigos = described["qualifier"]
    assert (kind, english) == ("text", "the word before the number in the source")
    assert spanish == "la palabra que antecede al número en la fuente"
    assert "almost: almost" in codes
    assert "almost: casi" in codigos
    value = book["readings"][2][names.index("value")]
    assert value.data_type == "n"


@pytest.mark.parametrize(("language", "actor"), [("en", "GSA"), ("es", "la GSA")])
def test_the_workbook_of_items_opens_with_a_short_sheet_that_says_who_acts(client, language, actor):
    book = openpyxl.load_workbook(io.BytesIO(body(client.get(f"/{language}/facts.xlsx"))))
    short, full = book["facts-short"], book["facts"]
    assert (book.active.title, short.max_row) == ("facts-short", full.max_row)
    names = [cell.value for cell in short[1]]
    assert len(names) == 16
    rows = {(row[names.index("key")], row[names.index("fact")]): row for row in short.iter_rows(values_only=True)}
    assert rows["santa-teresa", "feasibility-study"][names.index(f"who_acts_{language}")] == actor


@pytest.mark.parametrize(
    ("address", "identifier"),
    [
        ("/en/initiatives.atom?stage=completed", r"<id>[^<]*</id>"),
        ("/en/calendar.ics", r"UID:[^\r]*"),
    ],
)
def test_identifiers_do_not_depend_on_the_host(client, settings, address, identifier):
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    found = [
        re.findall(identifier, body(client.get(address, headers={"Host": host})).decode())
        for host in ("testserver", "localhost")
    ]
    assert found[0] == found[1]
    assert len(found[0]) > 5


def test_json_says_what_it_is(client):
    found = json.loads(body(client.get("/en/initiatives.json?stage=completed&as_of=2024-05-01")))
    rows = found.pop("rows")
    assert len(rows) == found["count"] == 7
    assert found == {
        "table": "initiatives",
        "selection": "stage=completed",
        "as_of": "2024-05-01",
        "publication": 3,
        "language": "en",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "dictionary": "http://testserver/en/data/",
        "withdrawn": [],
        "count": 7,
    }


# What is asked wrongly


@pytest.mark.parametrize(
    "query", ["stage=finished", "pillar=2021-9", "from=12/04/2024", "role=lead", "initiative=nobody"]
)
@pytest.mark.parametrize("address", [a for a in ADDRESSES if a != "data/package.zip"])
def test_a_wrong_value_is_an_error_and_never_an_empty_or_a_full_file(client, address, query):
    answer = client.get(f"/en/{address}?{query}")
    assert answer.status_code == 400
    name = query.partition("=")[0]
    if address.endswith("json"):
        assert list(json.loads(answer.content)["errors"]) == [name]
    else:
        assert f"{name}: " in answer.content.decode()
        assert "Content-Disposition" not in answer


def test_errors_are_in_the_language_of_the_address(client):
    answer = client.get("/es/facts.json?kind=hito&initiative=nadie")
    assert answer.json() == {
        "errors": {
            "kind": ["Escoja una opción válida. hito no es una de las opciones disponibles."],
            "initiative": ["“nadie” no es la clave de ninguna iniciativa publicada."],
        }
    }


@pytest.mark.parametrize("name", ["initiatives", "readings", "participation", "date-changes"])
def test_kinds_of_facts_narrow_facts_alone(client, name):
    assert client.get(f"/en/{name}.csv?kind=milestone").status_code == 400


@pytest.mark.parametrize(
    "query", ["as_of=yesterday", "as_of=2999-01-01", "publication=4", "as_of=2024-04-19&publication=x"]
)
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_moment_that_is_none_is_an_error(client, address, query):
    assert client.get(f"/en/{address}?{query}").status_code == 400


@pytest.mark.parametrize("address", ["initiatives.pdf", "facts.geojson", "initiative.csv", "readings.ics"])
def test_there_are_no_other_files(client, address):
    assert client.get(f"/en/{address}").status_code == 404


def test_a_file_is_only_read(client):
    assert client.post("/en/initiatives.csv").status_code == 405
    assert client.head("/en/initiatives.csv").status_code == 200


# Moments


@pytest.mark.parametrize(
    ("language", "day", "number"), [("en", "2024-04-18", 0), ("es", "2024-04-19", 34), ("en", "2024-04-20", 34)]
)
def test_before_on_and_after_the_day_of_the_review(client, language, day, number):
    for address in ADDRESSES:
        answer = client.get(f"/{language}/{address}?as_of={day}")
        assert answer.status_code == 200
        assert answer["X-Robots-Tag"] == "noindex"
        written = body(answer)
        assert written
        if address in ("initiatives.csv", "initiatives.xlsx", "initiatives.json"):
            rows = parse_rows(address, written)
            assert len(rows) == number
            assert {str(row["as_of"])[:10] for row in rows} <= {day}


def test_what_is_public_now_may_be_indexed(client):
    assert "X-Robots-Tag" not in client.get("/en/initiatives.csv")
    assert client.get("/en/initiatives.csv?publication=1")["X-Robots-Tag"] == "noindex"


def test_a_cited_file_stays_the_same(client):
    """After a later release and after a second one of the same day: the same bytes."""
    cited = [f"/en/{address}?as_of=2024-05-01&publication=1" for address in ADDRESSES if ".xlsx" not in address]
    before = [body(client.get(address)) for address in cited]
    cast = make_cast()
    again(cast, "otay-mesa-ii", title_en="Otay Mesa II, renamed")
    again(cast, "otay-mesa-east", title_en="Otay Mesa East, renamed")
    assert [body(client.get(address)) for address in cited] == before
    now = {row["key"]: row for row in read(client, "/en/initiatives.csv")}
    assert now["otay-mesa-ii"]["title_en"] == "Otay Mesa II, renamed"
    assert [now["otay-mesa-ii"][name] for name in ("edition", "edition_publication", "publication")] == ["2", "4", "5"]


def again(cast, key: str, **columns):
    """Clear and release a new edition of an initiative, today."""
    initiative = Initiative.objects.get(key=key)
    for name, value in columns.items():
        setattr(initiative, name, value)
    initiative.save()
    texts = propose(initiative, cast)
    for text in texts:
        clearance.clear(text, cast.luis, text.digest)
        clearance.clear(text, cast.carl, text.digest)
    releasing.release(texts, cast.luis)


def propose(initiative, cast):
    """The proposal of an initiative whose translations are all agreed."""
    for row in [initiative, initiative.pillar, initiative.pillar.cycle, *initiative.pillar.workstreams.all()]:
        row.agree_translation()
        row.save()
    for rows in (initiative.facts.all(), initiative.participations.all(), initiative.links.all()):
        for row in rows:
            row.agree_translation()
            row.save()
            for part in [*getattr(row, "date_changes", initiative.facts.none()).all()]:
                part.agree_translation()
                part.save()
    for fact in initiative.facts.all():
        for part in fact.participations.all():
            part.agree_translation()
            part.save()
    return proposing.propose("initiative", initiative.key, cast.ana)


# Nothing that is not public

MARK = "unpublished-canary"


def test_nothing_unpublished_is_in_any_file(client):
    """Not from a working row, not from a proposal."""
    initiative = Initiative.objects.get(key="otay-mesa-ii")
    initiative.summary_en = initiative.summary_es = MARK
    initiative.save()
    make_fact(initiative, f"{MARK}-fact", object_en=MARK, object_es=MARK, order=90)
    assert any(MARK in text.content for text in propose(initiative, make_cast()))
    for language in ("en", "es"):
        for address in ADDRESSES if language == "en" else [address for address in ADDRESSES if "xlsx" not in address]:
            assert MARK.encode() not in unpacked(address, body(client.get(f"/{language}/{address}")))


def unpacked(address: str, written: bytes) -> bytes:
    """The contents of a zipped file, one after the other."""
    if not address.endswith(("xlsx", "zip")):
        return written
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_withdrawn_text_is_in_no_file_and_its_marker_in_each(client, language):
    words = ("It named a person.", "Nombraba a una persona.")
    releasing.withdraw(Edition.objects.get(subject_key="otay-mesa-ii"), make_cast().luis, "personal_data", *words)
    summary = Initiative.objects.get(key="otay-mesa-ii").summary_es.encode()
    for address in ADDRESSES:
        queries = ["", "?as_of=2024-04-19&publication=1", "?as_of=2024-04-19"][: 3 if language == "en" else 1]
        for query in queries[:2] if address.endswith(("xlsx", "zip")) else queries:  # They have the rows of others.
            written = unpacked(address, body(client.get(f"/{language}/{address}{query}")))
            written = written.replace(b"\r\n ", b"")
            assert summary not in written, address
            assert b"otay-mesa-ii" in written, address
            told = words[language == "es"].encode()
            assert told in written, address
    rows = read(client, f"/{language}/initiatives.csv")
    assert [row["key"] for row in rows if row["withdrawn"] == "true"] == ["otay-mesa-ii"]
    assert len(rows) == 34
    assert [row["withdrawn_by_es"] for row in rows[-1:]] == ["México"]
    assert "otay-mesa-ii" not in {row["key"] for row in read(client, f"/{language}/initiatives.json")}


# Queries


@pytest.mark.parametrize("query", ["", "initiative=otay-mesa-ii"])
@pytest.mark.parametrize("name", TABLES)
def test_a_csv_takes_the_same_queries_for_one_and_for_all(client, django_assert_num_queries, name, query):
    more = 1 if query else 0  # whether the key is that of a public initiative
    with django_assert_num_queries(CSV_QUERIES + more):
        body(client.get(f"/en/{name}.csv?{query}"))


@pytest.mark.parametrize(
    ("address", "number"),
    [("initiatives.geojson", 7), ("initiatives.ics", 8), ("calendar.ics", 8), ("initiatives.atom", 7)],
)
def test_other_files_take_few_queries(client, django_assert_num_queries, address, number):
    with django_assert_num_queries(number):
        body(client.get(f"/en/{address}"))


def test_xml_is_well_formed(client):
    assert ET.fromstring(body(client.get("/es/initiatives.atom"))).tag == "{http://www.w3.org/2005/Atom}feed"


# Links on pages


def test_the_list_links_what_it_shows(client):
    page = client.get("/en/initiatives/?stage=completed&as_of=2024-05-01&page=1").content.decode()
    links = re.findall(r'href="(/en/[a-z-]+\.(?:csv|xlsx|json|geojson|ics|atom)[^"]*)"', page)
    assert len(links) == 18
    for link in links:
        assert link.endswith("?stage=completed&amp;as_of=2024-05-01")
        answer = client.get(link.replace("&amp;", "&"))
        assert answer.status_code == 200
        answer.close()


def test_the_page_of_an_initiative_links_its_own_rows(client):
    page = client.get("/es/initiatives/otay-mesa-ii/").content.decode()
    assert 'href="/es/facts.csv?initiative=otay-mesa-ii"' in page
    assert {row["key"] for row in read(client, "/es/facts.csv?initiative=otay-mesa-ii")} == {"otay-mesa-ii"}


def test_days_are_real(client):
    rows = read(client, "/en/facts.xlsx?kind=milestone")
    assert isinstance(next(row["date_latest"] for row in rows if row["date_latest"]), datetime.datetime)


@pytest.mark.parametrize(
    ("language", "day"), [("en", "0001-01-01"), ("es", "1970-01-01"), ("en", "9999-12-31"), ("es", "9999-12-31")]
)
def test_every_download_answers_for_the_first_and_the_last_day(client, day, language):
    letters = [f"{name}.{form}" for name in ("recommendations", "answers") for form in ("csv", "xlsx", "json")]
    for name in ("data/iati.xml", "data/oc4ids.json"):  # A file of a standard is none without activities.
        assert client.get(f"/{language}/{name}", {"as_of": day}).status_code == (400 if day > "2999" else 404)
    for name in (*ADDRESSES, *letters):
        address = f"/{language}/{name}"
        answer = client.get(address, {"as_of": day})
        assert answer.status_code == (400 if day > "2999" else 200), address
        if answer.status_code == 200:
            assert body(answer), address
