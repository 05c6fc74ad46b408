"""The OpenAPI document: it is sound, and the API does what it says, whatever is asked."""

import datetime
import os

import jsonschema
import pytest
import schemathesis
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, strategies
from hypothesis import settings as bounds
from schemathesis import GenerationMode

from hled_portal.api import openapi
from hled_portal.api.endpoints import API_ROOT, ENDPOINTS
from hled_portal.publishing.releasing import withdraw
from hled_portal.tests.factories import (
    make_answer,
    make_cast,
    make_consultation,
    make_fact,
    make_figure,
    make_heard,
    make_initiative,
    make_meeting,
    make_officers,
    make_organization,
    make_place,
    make_source,
    make_topic,
)
from hled_portal.wsgi import application
from initiatives.content.content_schema import content_schema
from initiatives.editions import joint_texts
from initiatives.models import Citation, DateChange, Edition, Participation, Reading

pytestmark = [pytest.mark.usefixtures("kept_connection"), pytest.mark.django_db]
DAY = datetime.date(2024, 4, 19)
#: What stands for a key where the document asks for one: some that are public, one withdrawn, one unknown.
KEYS = {
    "key": [
        "otay-mesa-ii",
        "withdrawn-works",
        "2021-1",
        "2024-04-19",
        "usaid",
        "sonora",
        "share-laboratories",
        "nothing",
    ],
    "pillar": ["2021-1"],
    "organization": ["usaid"],
    "place": ["sonora"],
    "topic": ["supply-chains"],
    "initiative": ["otay-mesa-ii"],
    "consultation": ["standing"],
    "publication": [2, 3],
    "as_of": ["2024-04-19", "2025-01-01"],
    "from": ["2024-04-18", "2024-04-19"],
}
EXAMPLES = 40 if "ATTACK" in os.environ else 4


@pytest.fixture
def record():
    """A small record with a row in each table, and one text withdrawn."""
    source = make_source(meeting=make_meeting(), address="https://example.org/fact-sheet")
    initiative, other = make_initiative(), make_initiative("withdrawn-works")
    initiative.places.add(make_place())
    initiative.topics.add(make_topic())
    fact = make_fact(initiative)
    change = {"old_edtf": "2024-10", "new_edtf": "2024-12", "reason": "slipped", "changed_on": DAY}
    modality = {"old_modality": "expected", "new_modality": "expected"}
    DateChange.objects.create(fact=fact, order=1, text_en="Rain.", text_es="Lluvia.", **change, **modality)
    Reading.objects.create(fact=make_figure(initiative, of=fact), order=1, value="60.5", qualifier="almost")
    lead = {"role": "lead", "organization": make_organization("usaid")}
    Participation.objects.create(initiative=initiative, order=1, **lead)
    for row in (initiative, other):
        Citation.objects.create(initiative=row, source=source, order=1, locator="item 1")
    joint_texts.enter_joint_text(source)
    make_consultation()
    cast = make_cast()
    withdraw(Edition.objects.initiatives().get(subject_key=other.key), cast.luis, "law")
    heard = make_heard(make_officers(), key="share-laboratories")
    make_answer(cast, heard.key, initiatives=["otay-mesa-ii"])


@pytest.fixture
def document(client):
    return client.get("/api/v1/schema/").json()


def test_the_document_names_each_address_once(document):
    assert set(document["paths"]) == {API_ROOT + endpoint.path for endpoint in ENDPOINTS}
    names = [operation["get"]["operationId"] for operation in document["paths"].values()]
    assert len(set(names)) == len(names)


def test_every_reference_leads_somewhere(document):
    def references(value):
        if isinstance(value, dict):
            yield from [value["$ref"]] if "$ref" in value else []
            for part in value.values():
                yield from references(part)
        elif isinstance(value, list):
            for part in value:
                yield from references(part)

    for reference in set(references(document)):
        _hash, _components, kind, name = reference.split("/")
        assert name in document["components"][kind], reference


@pytest.mark.usefixtures("record")
def test_every_list_holds_a_row_that_fits_its_schema(client, document):
    for endpoint in ENDPOINTS:
        path = API_ROOT + endpoint.path.format(key="otay-mesa-ii", number=1)
        if endpoint.name == "recommendations_one":
            path = f"{API_ROOT}recommendations/share-laboratories/"
        elif endpoint.parts and not endpoint.path.startswith("initiatives"):
            continue
        answer = client.get(path + "?from=2024-04-18" * (endpoint.name == "compare")).json()
        if "results" in answer:
            assert answer["results"], path
        schema = {"$ref": f"#/components/schemas/{endpoint.answer}", "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer)


def test_a_member_that_is_not_described_does_not_fit(document):
    schema = {"$ref": "#/components/schemas/index", "components": document["components"]}
    good = {"as_of": "2024-04-19", "publication": 1, "licence": "https://example.org/", "links": {}}
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(good)
    assert not validator.is_valid(good | {"more": 1})


def test_the_schema_of_contents_is_the_one_that_they_were_signed_under(document):
    assert document["components"]["schemas"]["content.initiative"]["properties"]["facts"]["items"] == {
        "$ref": "#/components/schemas/content.fact"
    }
    assert content_schema()["$defs"].keys() == {name.partition(".")[2] for name in openapi._contents()}


# The document against the API, with what a machine thinks of


def _past(days: strategies.SearchStrategy) -> strategies.SearchStrategy:
    return days.map(datetime.date.isoformat)


@pytest.fixture
def described(settings):
    """The document as schemathesis reads it. A day that has not come is no day of the record."""
    settings.ALLOWED_HOSTS = ["localhost"]
    today = datetime.date(2026, 1, 1)
    schemathesis.openapi.format("date", _past(strategies.dates(datetime.date(1990, 1, 1), today)))
    found = schemathesis.openapi.from_wsgi(reverse("api_schema"), application)
    found.config.checks.positive_data_acceptance.expected_statuses = ["200", "404", "410"]
    found.config.generation.allow_x00 = False  # A NUL is refused before any view is asked.
    return found


@pytest.mark.usefixtures("record")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
def test_the_api_does_what_its_document_says(described, mode):
    """Seeded and bounded; `make attack` asks more."""
    for found in described.get_all_operations():
        _ask(found.ok(), mode)


def _choose(case) -> None:
    """Put keys and numbers of the record where the document, which lists none, lets any be."""
    for name, values in KEYS.items():
        for part in (case.path_parameters, case.query):
            if part and name in part:
                part[name] = values[len(str(part)) % len(values)]
    query = case.query or {}
    query.pop("workstream", None)  # The record has none.
    if "organization" not in query:
        query.pop("role", None)
    if "from" in query:
        query.pop("to", None)


def _ask(operation, mode) -> None:
    @bounds(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        if mode is GenerationMode.POSITIVE:
            _choose(case)
        case.call_and_validate(headers={"Accept-Encoding": "identity"})  # Its client reads no gzip.

    ask()
