"""What the joint texts of the dialogue say of recommendations, loaded with the review and never called cleared."""

import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from hled_portal.dates import as_of
from hled_portal.publishing import verification
from initiatives.models import Edition
from stakeholders.models import (
    Area,
    Consultation,
    ConsultationEdition,
    PublishedRecommendation,
    Recommendation,
    Response,
    ResponseLink,
)

pytestmark = pytest.mark.django_db
REVIEW = Path(__file__).resolve().parents[3] / "initiatives" / "reviews" / "2024-04-19"


@pytest.fixture
def loaded(review):
    return timezone.now()


def test_the_four_areas_of_april_2024_are_what_a_public_call_is_about(loaded):
    areas = ["semiconductors", "cybersecurity", "workforce", "border"]
    assert list(Area.objects.values_list("key", flat=True)) == areas
    (call,) = ConsultationEdition.objects.public(as_of.now()).open(loaded)
    assert (call.basis, call.public_from.isoformat()) == ("joint_text", "2024-04-19")
    assert [area["key"] for area in call.data["areas"]] == areas
    for row in (*Area.objects.all(), *Consultation.objects.all()):
        assert row.missing_texts() == []


def test_what_the_review_of_2023_took_up_is_public_and_linked(loaded):
    keys = {"one-stop-shop-for-investors": ["vui"], "cybersecurity-framework": ["cybersecurity-workshop"]}
    keys["cybersecurity-capacity"] = []
    for row in PublishedRecommendation.objects.public(loaded):
        assert (row.source_key, row.us_officer, row.mx_officer) == ("2023-04-18-review", None, None)
        assert row.summary_en
        assert row.summary_es
        response = Response.objects.get(recommendation_key=row.key)
        assert (response.basis, response.outcome, response.us_digest) == ("joint_text", "adopted", "")
        assert response.public_from.isoformat() == "2023-04-18"
        links = ResponseLink.objects.filter(response=response).values_list("initiative_key", flat=True)
        assert list(links) == keys.pop(row.key)
        assert row.recommendation.state == "answered"
    assert keys == {}
    assert Edition.objects.published().filter(subject_kind="source", subject_key="2023-04-18-review").exists()
    assert list(verification.verify()) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_their_pages_say_where_they_come_from(loaded, client, language):
    text = client.get(f"/{language}/recommendations/one-stop-shop-for-investors/").content.decode()
    assert "approved by both delegations" not in text
    assert {"en": "Text of the 2023 mid-year review", "es": "Texto de la revisión intermedia de 2023"}[language] in text
    assert f"/{language}/initiatives/vui/" in text
    assert ">one-stop-shop-for-investors<" not in text
    assert "Recommendation one-stop-shop" not in text
    assert "Recomendación one-stop-shop" not in text


TAKEN_UP = {
    "en": [
        "Set up a one-stop shop where investors find what they need to know to invest in Mexico.",
        "Promote the Cybersecurity Framework of the National Institute of Standards and Technology (NIST) in Mexico.",
        "Increase capacity and coordination in cybersecurity.",
    ],
    "es": [
        "Crear una ventanilla única en la que quienes invierten encuentren lo que necesitan saber para invertir en",
        "Promover en México el Marco de Ciberseguridad del Instituto Nacional de Estándares y Tecnología (NIST).",
        "Aumentar la capacidad y la coordinación en ciberseguridad.",
    ],
}


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_of_responses_has_the_three_that_were_taken_up(loaded, client, language):
    text = client.get(f"/{language}/you-said-we-did/").content.decode()
    assert [words for words in TAKEN_UP[language] if words not in text] == []
    assert "both countries" not in text
    assert "ambos países" not in text


@pytest.mark.database
def test_loading_it_again_changes_nothing(loaded):
    before = list(Recommendation.objects.values()), Response.objects.count(), Edition.objects.count()
    call_command("load_dialogue", str(REVIEW), "--publish-as-of", "2024-04-19", verbosity=0)
    assert (list(Recommendation.objects.values()), Response.objects.count(), Edition.objects.count()) == before


@pytest.mark.database
def test_a_row_that_is_there_is_not_changed_unasked(loaded, tmp_path):
    directory = tmp_path / "review"
    directory.mkdir()
    shutil.copy(REVIEW / "recommendations.csv", directory)
    path = directory / "recommendations.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("A one-stop shop for", "One stop for"), encoding="utf-8")
    with pytest.raises(CommandError, match="recommendations.csv, row 2, column text"):
        call_command("load_dialogue", str(directory), verbosity=0)
    call_command("load_dialogue", str(directory), "--overwrite", verbosity=0)
    assert Recommendation.objects.get(key="one-stop-shop-for-investors").text == "One stop for investors."
