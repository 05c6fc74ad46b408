"""Works at the border as an OC4IDS package: it fits the standard, and says nothing that the record does not.

No package that the tests could install carries the standard's schema, and none of it is kept here. SCHEMA is our own
reading of the fields that we fill, from its reference for version 0.9: their types, what each needs, and the closed
lists. It is stricter than the standard, which lets other fields through: a field that is not listed here is an error.
"""

import datetime
import json

import jsonschema
import pytest

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import releasing
from hled_portal.tests.factories import (
    make_cast,
    make_fact,
    make_figure,
    make_initiative,
    make_meeting,
    make_organization,
    make_place,
    make_source,
)
from hled_portal.tests.review import loaded_review
from initiatives.editions import joint_texts
from initiatives.exports import oc4ids
from initiatives.exports.tables import ExportContext
from initiatives.models import Citation, Edition, Link, Participation, Reading

DAY = datetime.date(2024, 4, 19)
QUERIES = 8

TEXT = {"type": "string", "minLength": 1}
ADDRESS = {"type": "string", "format": "uri", "pattern": "^https?://"}
INSTANT = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([+-]\d{2}:\d{2}|Z)$"}
OURS = {"type": "object"}


def some(**properties) -> dict:
    """An object with one of these fields at least, and no other."""
    required = [name for name in properties if name == "id"]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "minProperties": 1,
        "additionalProperties": False,
    }


def many(items: dict) -> dict:
    return {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}


PERIOD = some(startDate=INSTANT, endDate=INSTANT)
PLACE = some(
    id=TEXT,
    description=TEXT,
    geometry=some(
        type={"const": "Point"},
        coordinates={"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    ),
    address=some(countryName=TEXT),
)
OBSERVATION = some(
    id=TEXT,
    period=PERIOD,
    value=some(amount={"type": "number"}, currency={"enum": ["USD", "MXN", "CAD"]}),
    measure={"type": ["string", "number"], "minLength": 1},
    unit=some(name=TEXT),
    notes=TEXT,
    hled=OURS,
)
METRICS = many(some(id=TEXT, title=TEXT, observations=many(OBSERVATION)))
MILESTONE = some(
    id=TEXT,
    title=TEXT,
    description=TEXT,
    dueDate=INSTANT,
    dateMet=INSTANT,
    status={"enum": ["scheduled", "met", "notMet", "partiallyMet"]},
    hled=OURS,
)
PROJECT = some(
    id=TEXT,
    identifiers=many(some(id=TEXT, scheme=TEXT)),
    updated=INSTANT,
    language=TEXT,
    title=TEXT,
    description=TEXT,
    status={"enum": ["identification", "preparation", "implementation", "completion", "completed", "cancelled"]},
    additionalClassifications=many(some(scheme=TEXT, id=TEXT, description=TEXT)),
    relatedProjects=many(some(id=TEXT, scheme=TEXT, identifier=TEXT, relationship=TEXT)),
    locations=many(PLACE),
    parties=many(some(id=TEXT, name=TEXT, identifier=some(scheme=TEXT, id=TEXT), roles=many(TEXT))),
    documents=many(some(id=TEXT, title=TEXT, url=ADDRESS, datePublished=INSTANT, language=TEXT)),
    milestones=many(MILESTONE),
    metrics=METRICS,
    forecasts=METRICS,
    hled=OURS,
)
SCHEMA = some(
    uri=ADDRESS,
    publishedDate=INSTANT,
    version={"type": "string", "pattern": r"^(\d+\.)(\d+)$"},
    publisher=some(name=TEXT),
    license=ADDRESS,
    publicationPolicy=ADDRESS,
    projects=many(PROJECT),
    hled=OURS,
) | {"required": ["uri", "publisher", "publishedDate", "projects", "version"]}


def package(language: str = "en", day: datetime.date = DAY, publication: int | None = None) -> dict | None:
    """The package of a day, which fits the schema."""
    frame = ExportContext(Moment(day, publication), "https://dialogue.example")
    found = oc4ids.package(frame, language, "https://dialogue.example/oc4ids", "https://dialogue.example/policy")
    if found is not None:
        check(json.loads(json.dumps(found)))
    return found


def check(found: dict) -> None:
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(found)


def projects(found: dict) -> dict[str, dict]:
    return {project["hled"]["key"]: project for project in found["projects"]}


# The review of April 2024


@pytest.fixture(scope="class")
def review(django_db_setup, django_db_blocker):
    """Load once for the class, in a transaction that is rolled back."""
    with django_db_blocker.unblock(), loaded_review():
        yield


@pytest.mark.django_db
@pytest.mark.usefixtures("review")
class TestReview:
    def test_its_twelve_works_are_projects(self):
        found = projects(package())
        assert len(found) == 12
        assert {"otay-mesa-ii", "otay-mesa-east", "rio-bravo", "donna"} <= set(found)

    def test_an_exact_day_is_due_at_its_end_in_mexico_city(self):
        (milestone,) = projects(package())["otay-mesa-ii"]["milestones"]
        assert (milestone["dueDate"], milestone["status"]) == ("2024-09-21T23:59:59-06:00", "scheduled")
        assert "dateMet" not in milestone

    @pytest.mark.parametrize("key", ["santa-teresa", "douglas", "rio-bravo", "otay-mesa-poe-modernization"])
    def test_no_month_no_season_and_no_unknown_day_becomes_a_day(self, key):
        project = projects(package())[key]
        for milestone in project["milestones"]:
            assert not {"dueDate", "dateMet"} & set(milestone)
        assert any(
            "is not an exact day, so it is given only in words and in EDTF." in note
            for note in project["hled"]["notes"]
        )

    def test_almost_sixty_percent_is_told_in_words_and_44_is_a_number(self):
        found = projects(package())
        (almost,) = found["otay-mesa-ii"]["metrics"][0]["observations"]
        assert almost["notes"].startswith("almost 60%")
        assert not {"measure", "unit", "value", "period"} & set(almost)
        metric = found["piedras-negras-eagle-pass-ii"]["metrics"][0]
        assert (metric["id"], metric["observations"][0]["measure"]) == ("physicalProgress", "44")

    def test_a_design_stage_is_no_progress(self):
        (metric,) = projects(package())["otay-mesa-east"]["metrics"]
        assert metric["id"] == "design"

    def test_a_phase_stands_there_only_where_the_stage_says_it(self):
        found = projects(package())
        assert {key for key, project in found.items() if "status" in project} == {
            "otay-mesa-poe-modernization",
            "rio-bravo",
        }
        assert found["douglas"]["hled"]["stage"] == "under_way"

    def test_it_says_that_no_government_has_cleared_it(self):
        for project in package()["projects"]:
            assert "not approved by either government" in project["hled"]["basis_text"]

    def test_each_language_has_its_own_package(self):
        english, spanish = (projects(package(language))["otay-mesa-ii"] for language in ("en", "es"))
        assert (english["title"], spanish["title"]) == ("Otay Mesa II", "Mesa de Otay II")
        assert (english["hled"]["title_es"], spanish["language"]) == ("Mesa de Otay II", "es")
        assert spanish["milestones"][0]["description"].endswith("21 de septiembre de 2024.")
        assert spanish["locations"][0]["address"] == {"countryName": "México"}

    @pytest.mark.parametrize("language", ["en", "es"])
    def test_the_address_gives_the_package_and_its_moment(self, client, language):
        answer = client.get(f"/{language}/data/oc4ids.json?as_of=2024-04-19")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
        found = answer.json()
        check(found)
        assert found["uri"] == f"http://testserver/{language}/data/oc4ids.json?as_of=2024-04-19&publication=3"
        assert found["hled"]["as_of"] == "2024-04-19"
        assert client.get(found["uri"]).json() == found
        assert client.get(found["publicationPolicy"]).status_code == 200

    def test_before_the_first_text_there_is_none(self, client):
        answer = client.get("/en/data/oc4ids.json?as_of=2024-04-18")
        assert answer.status_code == 404
        assert answer.content.decode() == "There were no border works in the record on that date.\n"


# Made-up works


@pytest.fixture
def source(db):
    return make_source(meeting=make_meeting(), address="https://example.org/fact-sheet")


def publish(source, *initiatives):
    for row in initiatives:
        Citation.objects.get_or_create(initiative=row, source=source, defaults={"order": 1, "locator": "item 1"})
    return joint_texts.enter_joint_text(source)


def build_project(source, initiative) -> dict:
    publish(source, initiative)
    return projects(package())[initiative.key]


@pytest.mark.parametrize(
    ("columns", "milestone"),
    [
        (
            {"modality": "happened", "date_edtf": "2024-03-01"},
            {"status": "met", "dateMet": "2024-03-01T00:00:00-06:00"},
        ),
        (  # Until 2022 Mexico City had summer time.
            {"modality": "deadline", "date_edtf": "2020-07-01"},
            {"status": "scheduled", "dueDate": "2020-07-01T23:59:59-05:00"},
        ),
        ({"modality": "happened", "date_edtf": "2024-03"}, {"status": "met"}),
        ({"modality": "under_way", "date_edtf": ""}, {}),
        (
            {"modality": "expected", "date_edtf": "2024-12-31", "end_reason": "dropped", "end_edtf": "2024-04"},
            {"dueDate": "2024-12-31T23:59:59-06:00"},
        ),
    ],
)
def test_a_milestone_says_what_the_fact_says(source, columns, milestone):
    initiative = make_initiative()
    if columns.get("end_reason"):
        columns = columns | {"end_text_en": "No funds.", "end_text_es": "Sin fondos."}
    make_fact(initiative, **columns)
    (found,) = build_project(source, initiative)["milestones"]
    assert {name: found[name] for name in ("status", "dateMet", "dueDate") if name in found} == milestone


def test_a_target_is_a_forecast_and_the_rest_are_metrics(source):
    initiative = make_initiative()
    figure = make_figure(initiative, unit_en="%", unit_es="%")
    Reading.objects.create(
        fact=figure, order=1, status="actual", value="60", qualifier="exactly", as_of_edtf="2024-03-01"
    )
    Reading.objects.create(fact=figure, order=2, status="target", value="100", qualifier="exactly")
    found = build_project(source, initiative)
    (actual,) = found["metrics"][0]["observations"]
    (target,) = found["forecasts"][0]["observations"]
    assert (actual["measure"], actual["unit"], target["measure"]) == ("60", {"name": "%"}, "100")
    assert actual["period"] == {"startDate": "2024-03-01T00:00:00-06:00", "endDate": "2024-03-01T23:59:59-06:00"}
    assert "period" not in target


@pytest.mark.parametrize(
    ("currency", "qualifier", "value"),
    [
        ("USD", "exactly", {"amount": 1500000.5, "currency": "USD"}),
        ("", "exactly", None),
        ("USD", "over", None),
    ],
)
def test_money_has_a_value_where_amount_and_currency_are_known(source, currency, qualifier, value):
    initiative = make_initiative()
    figure = make_figure(initiative, measure="announced", currency=currency)
    Reading.objects.create(fact=figure, order=1, value="1500000.50", qualifier=qualifier)
    found = build_project(source, initiative)
    (observation,) = found["metrics"][0]["observations"]
    assert observation.get("value") == value
    assert any("has no currency, so it is given only in words." in note for note in found["hled"]["notes"]) is (
        currency == ""
    )


def test_two_figures_of_progress_are_two_metrics(source):
    initiative = make_initiative()
    for key in ("north", "south"):
        Reading.objects.create(fact=make_figure(initiative, key), order=1, value="5", qualifier="exactly")
    assert [metric["id"] for metric in build_project(source, initiative)["metrics"]] == ["north", "south"]


def test_a_body_is_there_once_with_all_its_roles(source):
    initiative, body = make_initiative(), make_organization("sict")
    for order, role in enumerate(("lead", "funder"), 1):
        Participation.objects.create(initiative=initiative, order=order, role=role, organization=body)
    unnamed = {"unnamed_en": "the sponsors", "unnamed_es": "los promotores"}
    Participation.objects.create(initiative=initiative, order=3, role="recipient", **unnamed)
    known, group = build_project(source, initiative)["parties"]
    assert (known["id"], known["roles"], known["identifier"]["id"]) == ("X-HLED-ORG-sict", ["lead", "funder"], "sict")
    assert group == {"id": "3", "name": "the sponsors", "roles": ["recipient"]}


def test_the_other_side_is_a_project_of_its_own(source):
    one, other, unseen = make_initiative("one"), make_initiative("other"), make_initiative("unseen")
    for order, target in enumerate((other, unseen), 1):
        Link.objects.create(initiative=one, order=order, kind="other_side", to_initiative=target)
    publish(source, one, other)
    (related,) = projects(package())["one"]["relatedProjects"]
    assert (related["identifier"], related["relationship"]) == ("X-HLED-ACT-other", "other_side")


def test_a_point_stands_there_for_a_spot_alone(source):
    initiative = make_initiative()
    initiative.places.add(make_place("baja-california", latitude="30.5", longitude="-115.1"))
    initiative.places.add(make_place("otay", kind="port_of_entry", latitude="32.553", longitude="-116.904"))
    state, port = build_project(source, initiative)["locations"]
    assert "geometry" not in state
    assert port["geometry"] == {"type": "Point", "coordinates": [-116.904, 32.553]}


def test_only_works_are_there(source):
    publish(source, make_initiative("works"), make_initiative("programme", kind="programme"))
    assert set(projects(package())) == {"works"}


def test_a_withdrawn_text_leaves_its_marker_and_no_word(source):
    publish(source, make_initiative("kept"), make_initiative("gone", title_en="Unspeakable"))
    edition = Edition.objects.initiatives().get(subject_key="gone")
    releasing.withdraw(edition, make_cast().luis, "error", "A wrong year.", "Un año equivocado.")
    for found in (package(), package(publication=1)):
        assert set(projects(found)) == {"kept"}
        (marker,) = found["hled"]["withdrawn"]
        assert (marker["key"], marker["edition"], marker["withdrawn_words_en"]) == ("gone", 1, "A wrong year.")
        assert "Unspeakable" not in json.dumps(found)


def test_the_reading_of_the_standard_refuses_what_is_wrong(source):
    found = json.loads(json.dumps(build_project(source, make_initiative())))
    project = {"id": "x"}
    base = {
        "uri": "https://example.org",
        "version": "0.9",
        "publisher": {"name": "x"},
        "publishedDate": "2024-04-19T00:00:00Z",
    }
    check(base | {"projects": [project]})
    for wrong in ({"status": "under_way"}, {"title": ""}, {"milestones": []}, {"updated": "2024-04-19"}, {"more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            check(base | {"projects": [project | wrong]})
    assert found["hled"]["key"] == "otay-mesa-ii"


@pytest.mark.parametrize("count", [1, 6])
def test_it_takes_the_same_queries(source, django_assert_num_queries, count):
    publish(source, *(make_initiative(f"works-{n:02}") for n in range(count)))
    frame = Moment(DAY)
    with django_assert_num_queries(QUERIES):
        found = oc4ids.package(ExportContext(frame, ""), "en", "", "")
    assert len(found["projects"]) == count
