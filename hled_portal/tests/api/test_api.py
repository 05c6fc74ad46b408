"""The read-only API: what it answers at which moment, how it refuses, and what it never tells."""

import json

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from hled_portal.api import parameters
from hled_portal.api.endpoints import API_ROOT, ENDPOINTS
from hled_portal.api.views import LETTERS
from hled_portal.publishing import releasing
from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.tests.factories import (
    make_cast,
    make_edition,
    make_fact,
    make_figure,
    make_initiative,
    make_meeting,
    make_organization,
    make_place,
    make_source,
    make_topic,
    make_user,
    move_date,
)
from hled_portal.tests.kept_rows import kept
from initiatives.editions import freezing, joint_texts
from initiatives.models import Citation, Edition, Link, Participation, Reading

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY, BEFORE = "2024-04-19", "2024-04-18"
LISTS = [endpoint for endpoint in ENDPOINTS if not endpoint.parts and endpoint.name != "compare"]
#: Version, publication, names, keys of initiatives, the last two where they are not kept; then how many, which,
#: contents and what was withdrawn; or one text alone.
FIRST_QUERIES, LIST_QUERIES, ONE_QUERIES = 8, 6, 3


def make_fact_sheet_source():
    return make_source(meeting=make_meeting(), address="https://example.org/fact-sheet")


@pytest.fixture
def source(request, db):
    """That of the crossing where a test reads it."""
    if "crossing" in request.fixturenames:
        return request.getfixturevalue("_crossing_and_source")[1]
    return make_fact_sheet_source()


def publish(source, *initiatives):
    """Enter the initiatives from the joint text."""
    for initiative in initiatives:
        Citation.objects.get_or_create(initiative=initiative, source=source, defaults={"order": 1, "locator": "item 1"})
    return joint_texts.enter_joint_text(source)


def publish_works(source, *keys: str):
    titles = [{"title_en": f"Works {key}", "title_es": f"Obra {key}"} for key in keys]
    return publish(source, *(make_initiative(key, **title) for key, title in zip(keys, titles, strict=True)))


@pytest.fixture
def _crossing_and_source(db):
    return kept(make_crossing)


@pytest.fixture
def crossing(_crossing_and_source):
    """One initiative with everything hanging on it, and the other side of it."""
    return _crossing_and_source[0]


def make_crossing():
    source = make_fact_sheet_source()
    organization = make_organization("usaid", name_en="Agency for Development", name_es="Agencia para el Desarrollo")
    initiative = make_initiative("otay-mesa-ii")
    other = make_initiative("otay-mesa-east", title_en="Otay Mesa East", summary_en="Its other side.")
    initiative.places.add(make_place("sonora"))
    initiative.topics.add(make_topic())
    make_fact(initiative)
    figure = make_figure(initiative, of=initiative.facts.get(key="works"), unit_en="%", unit_es="%")
    Reading.objects.create(fact=figure, order=1, value="60.5", qualifier="almost", as_of_edtf=DAY)
    Participation.objects.create(initiative=initiative, order=1, role="lead", organization=organization)
    Link.objects.create(initiative=initiative, order=1, kind="other_side", to_initiative=other)
    publish(source, initiative, other)
    return initiative, source


@pytest.fixture
def read(client):
    def get(path: str, status: int = 200, **headers) -> dict:
        answer = client.get(path if path.startswith(("/", "http")) else API_ROOT + path, headers=headers)
        assert answer.status_code == status, answer.content
        kind = "application/json" if status == 200 else "application/problem+json"
        assert answer["Content-Type"] == kind
        return answer.json()

    return get


def keys(answer: dict) -> list[str]:
    return [row["key"] for row in answer["results"]]


# Where everything is


@pytest.mark.only_on("sqlite")
def test_the_beginning_leads_to_every_list(read, crossing):
    answer = read("")
    assert (answer["as_of"], answer["publication"]) == (timezone.localdate().isoformat(), 1)
    lists = {endpoint.name for endpoint in LISTS} - {"index"}
    assert set(answer["links"]) == lists | {"compare", "schema", "documentation"}
    for name in lists:
        assert read(answer["links"][name])["publication"] == 1


@pytest.mark.parametrize(("day", "empty"), [(BEFORE, True), (DAY, False)])
def test_every_list_answers_for_a_day(read, crossing, day, empty):
    for endpoint in LISTS:
        answer = read(f"{endpoint.path}?as_of={day}")
        assert answer["as_of"] == day, endpoint.name
        if endpoint.name not in ("index", "date-changes", *LETTERS):
            assert (answer["results"] == []) is empty, endpoint.name


@pytest.mark.only_on("sqlite")
def test_an_unknown_address_is_a_problem_too(read, client):
    assert read("nothing/", 404)["detail"] == "Nothing was found at this address."
    assert client.get("/api/v1/initiatives").headers["Location"] == "/api/v1/initiatives/"


# Lists


def test_a_row_is_that_of_the_table_in_both_languages(read, crossing):
    (row,) = read("facts/?initiative=otay-mesa-ii&kind=milestone")["results"]
    assert row["sentence_en"] == "Mexico expects to begin works at the crossing in December 2024."
    assert row["sentence_es"].startswith("México prevé iniciar obras en el cruce")
    assert (row["date_text_en"], row["date_text_es"]) == ("December 2024", "diciembre de 2024")
    assert (row["date_edtf"], row["date_earliest"], row["date_latest"]) == ("2024-12", "2024-12-01", "2024-12-31")
    same = f"/initiatives/otay-mesa-ii/?as_of={timezone.localdate()}&publication=1#works"
    assert row["address_en"].endswith(f"/en{same}")
    assert row["address_es"].endswith(f"/es{same}")
    assert "date_text" not in row
    assert "address" not in row


def test_numbers_are_numbers(read, crossing):
    (row,) = read("readings/")["results"]
    assert (row["value"], row["qualifier"]) == (60.5, "almost")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["otay-mesa-ii", "otay-mesa-east"]),
        ("?place=sonora", ["otay-mesa-ii"]),
        ("?organization=usaid&role=lead", ["otay-mesa-ii"]),
        ("?organization=usaid&role=funder", []),
        ("?figures=no", ["otay-mesa-east"]),
        ("?initiative=otay-mesa-east&initiative=otay-mesa-ii&stage=under_way&stage=planned&sort=title", None),
    ],
)
def test_a_list_takes_the_filters_of_the_page(read, crossing, query, found):
    answer = read(f"initiatives/{query}")
    expected = sorted(["otay-mesa-ii", "otay-mesa-east"] if found is None else found)
    assert sorted(keys(answer)) == expected
    assert answer["count"] == len(expected)


def test_a_page_leads_to_the_next_with_filters_and_moment(read, source):
    publish_works(source, "a", "b", "c")
    first = read("initiatives/?stage=under_way&per_page=2&sort=title")
    assert (keys(first), first["count"], first["pages"], first["previous"]) == (["a", "b"], 3, 2, None)
    publish_works(source, "aa")
    second = read(first["next"])
    assert (keys(second), second["count"], second["next"]) == (["c"], 3, None)
    assert keys(read(second["previous"])) == ["a", "b"]
    assert keys(read("initiatives/?per_page=2&sort=title")) == ["a", "aa"]


def test_a_page_holds_all_rows_of_its_initiatives(read, crossing):
    answer = read("facts/?per_page=1&sort=title&initiative=otay-mesa-ii&initiative=otay-mesa-east&page=1")
    assert answer["pages"] == 2
    assert sum(len(read(f"facts/?per_page=1&page={page}")["results"]) for page in (1, 2)) == 2


@pytest.mark.parametrize(("language", "first"), [("en", "bridge"), ("es", "customs")])
def test_the_language_asked_for_orders_titles(read, source, language, first):
    bridge = make_initiative("bridge", title_en="Bridge", title_es="Puente")
    publish(source, bridge, make_initiative("customs", title_en="Customs", title_es="Aduana"))
    assert keys(read(f"initiatives/?sort=title&lang={language}"))[0] == first


@pytest.fixture
def conditional_requests(settings):
    """The middleware that the other tests leave out, whose tag is worked out from every file of the portal."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "hled_portal.web.http_cache.answer_conditionally"]


@pytest.mark.only_on("sqlite")
def test_the_browser_s_language_changes_no_byte(client, crossing):
    answers = [client.get("/api/v1/initiatives/", headers={"Accept-Language": code}) for code in ("en", "es")]
    assert answers[0].content == answers[1].content


# One text


def test_a_text_comes_as_it_was_signed(read, crossing):
    answer = read("initiatives/otay-mesa-ii/")
    edition = Edition.objects.initiatives().get(subject_key="otay-mesa-ii")
    assert digest(canonical(answer["content"])) == answer["digest"] == edition.digest
    assert (answer["edition"], answer["basis"], answer["public_from"]) == (1, "joint_text", DAY)
    assert answer["joint_text"] == "2024-04-19-fact-sheet"
    assert "not approved by either government" in answer["basis_text_en"]
    assert answer["names"]["organization"] == {
        "usaid": {"name_en": "Agency for Development", "name_es": "Agencia para el Desarrollo"}
    }
    assert answer["names"]["initiative"]["otay-mesa-east"]["name_en"] == "Otay Mesa East"
    assert set(answer["names"]) == {"initiative", "organization", "pillar", "place", "source", "topic"}


@pytest.mark.only_on("sqlite")
def test_a_text_names_its_pages_and_editions(read, client, crossing):
    answer = read("initiatives/otay-mesa-ii/")
    for name in ("address_en", "address_es"):
        assert client.get(answer[name]).status_code == 200
    assert client.get(answer["links"]["content"]).content.decode() == canonical(answer["content"])
    (edition,) = read(answer["links"]["editions"])["results"]
    assert read(edition["link"])["content"] == answer["content"]


@pytest.mark.parametrize("name", ["pillars", "meetings", "organizations", "places", "topics", "sources"])
def test_each_entry_of_the_register_can_be_asked_for(read, crossing, name):
    (row,) = read(f"{name}/")["results"]
    answer = read(f"{name}/{row['key']}/")
    assert answer["content"]["kind"] == answer["subject"] == row["subject"]
    assert digest(canonical(answer["content"])) == answer["digest"]


def test_a_text_of_a_later_day_says_since_when(read, crossing):
    answer = read(f"initiatives/otay-mesa-ii/?as_of={BEFORE}", 404)
    assert answer["public_from"] == DAY
    assert read("initiatives/nothing/", 404).keys() == {"type", "title", "status", "detail"}


def test_editions_are_told_the_newest_first(read, source, crossing):
    crossing.title_en = "Otay Mesa Two"
    crossing.save()
    publish(source, crossing)
    answer = read("initiatives/otay-mesa-ii/editions/")
    assert [(row["edition"], row["title_en"]) for row in answer["results"]] == [
        (2, "Otay Mesa Two"),
        (1, "Otay Mesa II"),
    ]
    assert read("initiatives/otay-mesa-ii/editions/1/")["content"]["title_en"] == "Otay Mesa II"
    assert read("initiatives/otay-mesa-ii/?publication=1")["edition"] == 1
    assert read("initiatives/otay-mesa-ii/editions/2/?publication=1", 404)["status"] == 404
    assert read("initiatives/otay-mesa-ii/editions/99999999999999999999/", 404)["status"] == 404


# What was withdrawn


@pytest.fixture
def withdrawn(crossing):
    """The edition of otay-mesa-ii, withdrawn by Mexico."""
    edition = Edition.objects.initiatives().get(subject_key="otay-mesa-ii")
    releasing.withdraw(edition, make_cast().luis, "error", "A wrong year.", "Un año equivocado.")
    return edition


@pytest.mark.parametrize("path", ["initiatives/otay-mesa-ii/", "initiatives/otay-mesa-ii/editions/1/"])
def test_a_withdrawn_text_is_gone_and_says_why(read, withdrawn, path):
    for moment in ("", f"?as_of={DAY}&publication=1"):
        answer = read(path + moment, 410)
        (marker,) = answer["withdrawn"]
        assert (marker["key"], marker["edition"], marker["withdrawn_by_en"]) == ("otay-mesa-ii", 1, "Mexico")
        assert marker["withdrawn_words_es"] == "Un año equivocado."
        assert "content" not in answer


def test_a_withdrawn_text_leaves_its_marker_and_no_word(client, read, withdrawn):
    words = withdrawn.data["summary_en"]
    for endpoint in LISTS:
        body = client.get(API_ROOT + endpoint.path).content.decode()
        assert words not in body
    answer = read("initiatives/")
    assert keys(answer) == ["otay-mesa-east"]
    assert [marker["key"] for marker in answer["withdrawn"]] == ["otay-mesa-ii"]
    history = read("initiatives/otay-mesa-ii/editions/")
    assert history["results"] == []
    assert [marker["edition"] for marker in history["withdrawn"]] == [1]


def test_the_log_tells_of_the_withdrawal(read, withdrawn):
    rows = read("releases/?per_page=100")["results"]
    assert rows[-1]["text"] == "initiative/otay-mesa-ii/1"
    assert (rows[-1]["action"], rows[-1]["withdrawal_delegation"], rows[-1]["number"]) == ("withdrawn", "MX", 2)
    assert [row["previous_hash"] for row in rows[1:]] == [row["hash"] for row in rows[:-1]]
    assert len(read("releases/?publication=1&per_page=100")["results"]) == len(rows) - 1
    assert "luis" not in json.dumps(rows)


# Two days


def test_two_days_are_compared_by_keys(read, source, crossing):
    move_date(crossing.facts.get(key="works"), "2025-03")
    make_fact(crossing, "start", modality="happened", date_edtf="2024-03")
    publish(source, crossing)
    later = make_source("2024-09-20-statement", date_edtf="2024-09-20", kind="joint_statement")
    publish(later, make_initiative("later"))
    answer = read(f"compare/?from={BEFORE}&to={DAY}")
    assert (answer["from"], answer["to"], answer["publication"]) == (BEFORE, DAY, 3)
    assert {row["key"] for row in answer["new"]} == {"otay-mesa-ii", "otay-mesa-east"}
    (new,) = read(f"compare/?from={DAY}")["new"]
    assert (new["key"], new["edition"]) == ("later", 1)
    assert read(f"compare/?from={BEFORE}&to={DAY}&publication=1")["publication"] == 1


def test_a_changed_initiative_names_the_facts_that_moved(read, source, crossing):
    later = make_source("2024-09-20-statement", date_edtf="2024-09-20", kind="joint_statement")
    move_date(crossing.facts.get(key="works"), "2025-03")
    crossing.stage = "suspended"
    crossing.save()
    Citation.objects.create(initiative=crossing, source=later, order=2, locator="item 2")
    publish(later)
    (row,) = read(f"compare/?from={DAY}")["changed"]
    assert (row["key"], row["edition_before"], row["edition"]) == ("otay-mesa-ii", 1, 2)
    assert (row["stage_before"], row["stage"]) == ("under_way", "suspended")
    assert row["facts"]["moved"] == ["works"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "from"),
        ("?from=2024", "from"),
        ("?from=2999-01-01", "from"),
        (f"?from={DAY}&to={BEFORE}", "to"),
        (f"?from={DAY}&as_of={DAY}", "as_of"),
    ],
)
@pytest.mark.only_on("sqlite")
def test_a_wrong_pair_of_days_is_named(read, crossing, query, name):
    assert name in read(f"compare/{query}", 400)["errors"]


# What cannot be asked


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("stage=finished", "stage"),
        ("kind=milestone", "kind"),
        ("organization=nobody", "organization"),
        ("initiative=nothing", "initiative"),
        ("role=lead", "role"),
        ("from=19/04/2024", "from"),
        ("as_of=2024-02-30", "as_of"),
        ("as_of=2999-01-01", "as_of"),
        ("publication=9", "publication"),
        ("publication=x", "publication"),
        ("page=0", "page"),
        ("page=1.5", "page"),
        ("per_page=101", "per_page"),
        ("lang=fr", "lang"),
        ("stages=planned", "stages"),
    ],
)
@pytest.mark.only_on("sqlite")
def test_a_wrong_parameter_is_named_in_both_languages(read, crossing, query, name):
    english = read(f"initiatives/?{query}", 400)
    spanish = read(f"initiatives/?{query}", 400, **{"Accept-Language": "es-MX"})
    assert english["errors"].keys() == spanish["errors"].keys() == {name}
    assert english["errors"] != spanish["errors"]
    assert english["detail"] != spanish["detail"]


@pytest.mark.only_on("sqlite")
def test_the_language_asked_for_is_that_of_problems(read, crossing):
    asked = read("initiatives/?stage=x&lang=es", 400, **{"Accept-Language": "en"})
    assert asked == read("initiatives/?stage=x", 400, **{"Accept-Language": "es"})


@pytest.mark.only_on("sqlite")
def test_a_page_beyond_the_last_is_not_found(read, crossing):
    assert read("initiatives/?page=2", 404)["detail"] == "This page does not exist; the list has fewer pages."


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.only_on("sqlite")
def test_nothing_can_be_written(client, crossing, method):
    answer = getattr(client, method)("/api/v1/initiatives/", data=b"{}", content_type="application/json")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json()["detail"] == "The API is read-only."


# For programs of anybody


@pytest.mark.only_on("sqlite")
def test_programs_on_other_sites_may_read(client, crossing):
    answer = client.get("/api/v1/initiatives/", headers={"Origin": "https://example.org"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    preflight = client.options("/api/v1/initiatives/", headers={"Access-Control-Request-Method": "GET"})
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert preflight["Access-Control-Allow-Methods"] == preflight["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.only_on("sqlite")
def test_no_cookie_is_set_or_heeded(client, crossing):
    answer = client.get("/api/v1/initiatives/")
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")


@pytest.mark.only_on("sqlite")
def test_head_answers_without_a_body(client, crossing):
    answer = client.head("/api/v1/initiatives/")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.usefixtures("conditional_requests")
def test_the_same_again_is_not_sent_again(client, source, crossing):
    tag = client.get("/api/v1/initiatives/")["ETag"]
    again = client.get("/api/v1/initiatives/", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    publish_works(source, "another")
    assert client.get("/api/v1/initiatives/", headers={"If-None-Match": tag}).status_code == 200


CLOSED = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
]


@override_settings(PORTAL_READERS="login", MIDDLEWARE=CLOSED)
@pytest.mark.only_on("sqlite")
def test_a_portal_with_sign_in_closes_its_api(client, crossing):
    paths = [endpoint.path.format(key="otay-mesa-ii", number=1) for endpoint in ENDPOINTS]
    paths = [API_ROOT + path for path in (*paths, "schema/", "nothing/")]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 401
        assert answer.json()["detail"] == "Sign in to use this portal."
        assert "Access-Control-Allow-Origin" not in answer
    client.force_login(make_user("zoe"))
    assert {client.get(path).status_code for path in paths} == {200, 400, 404}


# What is not public


def test_nothing_unpublished_leaks(client, source, crossing):
    """Words that stand in working rows and in a proposal only."""
    cast = make_cast()
    crossing.title_en = "SECRET working title"
    crossing.save()
    make_initiative("secret-initiative", title_en="SECRET initiative")
    make_fact(crossing, "secret-fact", object_en="SECRET object")
    make_organization("secret-body", name_en="SECRET body")
    make_edition(cast.ana, "secret-topic")
    make_edition(
        cast.ana, "otay-mesa-ii", subject_kind="initiative", content=freezing.freeze("initiative", "otay-mesa-ii")
    )
    for endpoint in ENDPOINTS:
        path = (
            API_ROOT
            + endpoint.path.format(key="otay-mesa-ii", number=1)
            + f"?from={BEFORE}" * (endpoint.name == "compare")
        )
        body = client.get(path).content.decode()
        assert "SECRET" not in body
        assert "secret" not in body
    for path in ("initiatives/secret-initiative/", "organizations/secret-body/", "topics/secret-topic/"):
        assert client.get(API_ROOT + path).status_code == 404
    assert client.get(f"{API_ROOT}initiatives/?organization=secret-body").status_code == 400


# Queries


@pytest.mark.parametrize("count", [1, 6])
def test_a_list_takes_the_same_queries(client, source, django_assert_num_queries, count):
    publish_works(source, *(f"works-{n:02}" for n in range(count)))
    with django_assert_num_queries(FIRST_QUERIES):
        assert len(client.get("/api/v1/initiatives/?per_page=100").json()["results"]) == count
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/api/v1/facts/?per_page=100")
    with django_assert_num_queries(ONE_QUERIES):
        client.get("/api/v1/initiatives/works-00/")


# Documentation


@pytest.mark.only_on("sqlite")
def test_the_address_of_the_documentation_leads_to_the_reader_s_language(client):
    assert client.get("/api/v1/docs/", headers={"Accept-Language": "es"}).url == "/es/data/api/"
    assert client.get("/api/v1/docs/?lang=en", headers={"Accept-Language": "es"}).url == "/en/data/api/"


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.only_on("sqlite")
def test_the_documentation_tells_every_address_and_parameter(client, crossing, language):
    page = client.get(f"/{language}/data/api/").content.decode()
    for endpoint in ENDPOINTS:
        assert f">GET {API_ROOT}{endpoint.path}</code>" in page
    for parameter in (*parameters.MOMENT, *parameters.PAGED, *parameters.SELECTION_PARAMETERS):
        assert f"<code>{parameter.name}</code>" in page
    assert "<script" not in page
    assert "curl" in page


@pytest.mark.only_on("sqlite")
def test_the_document_for_programs_speaks_both_languages(client):
    english, spanish = (client.get(f"/api/v1/schema/?lang={language}") for language in ("en", "es"))
    assert english.json()["info"]["title"] != spanish.json()["info"]["title"]
    assert english.json()["paths"].keys() == spanish.json()["paths"].keys()
    tag = english["ETag"]
    assert client.get("/api/v1/schema/?lang=en", headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/api/v1/schema/", headers={"If-None-Match": tag, "Accept-Language": "es"}).status_code == 200


@pytest.mark.only_on("sqlite")
def test_every_example_of_the_documentation_is_an_address():
    for endpoint in ENDPOINTS:
        path = API_ROOT + (endpoint.path + endpoint.example if endpoint.example.startswith("?") else endpoint.example)
        assert path.startswith(API_ROOT)
    assert reverse("api_index") == API_ROOT
