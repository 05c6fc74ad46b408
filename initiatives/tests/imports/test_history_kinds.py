"""What readers are told of each kind of statement that texts make."""

import datetime
import html
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from hled_portal.publishing import verification
from hled_portal.tests.review import loaded_review

HISTORY = Path(__file__).parents[1] / "history"
KINDS, TEXT_DAY = HISTORY / "kinds", "2025-05-05"
PAGES = (
    "",
    "initiatives/",
    "meetings/",
    "meetings/2025-05-05/",
    "timeline/",
    "data/",
    "map/",
    "organizations/fonadin/",
)

pytestmark = pytest.mark.django_db


def words(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", " ", response.content.decode())))


@pytest.fixture(scope="module")
def _kinds(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), loaded_review():
        call_command("load_dialogue", KINDS, publish_as_of=datetime.date.fromisoformat(TEXT_DAY), verbosity=0)
        yield


#: Of each item its words once the day of the text is past, in English and in Spanish.
TOLD = [
    (
        "negative",
        "In May 2025, Mexico planned no larger ports of entry, new bridges or new crossings.",
        "En mayo de 2025, México no contemplaba ninguna ampliación de puertos de entrada ni puentes o cruces nuevos.",
    ),
    (
        "year-or",
        "In May 2025, Mexico expected to complete these works in 2023 or 2024.",
        "En mayo de 2025, México preveía concluir estas obras en 2023 o 2024.",
    ),
    (
        "engagements",
        "Meetings with stakeholders: at least 21 from August 31, 2021 to September 12, 2022.",
        "Reuniones con partes interesadas: al menos 21 del 31 de agosto de 2021 al 12 de septiembre de 2022.",
    ),
    (
        "trade",
        "Trade over 864 billion (the text does not name the currency) Actual – 2022",
        "Comercio más de 864 mil millones (el texto no indica la moneda) Observado – 2022",
    ),
    ("ytd", "Trade not stated Actual – January–July 2023", "Comercio no se indica Observado – enero a julio de 2023"),
    (
        "council",
        "planned to hold the inaugural meeting of the council in the following months.",
        "tenían previsto celebrar la reunión inaugural del consejo en los meses siguientes.",
    ),
    ("inv-range", "Jobs Count 5,000 to 7,000 jobs Target", "Empleos Cantidad de 5,000 a 7,000 empleos Meta"),
    (
        "inv-cofin",
        "Shared cost Committed amount 1.5 million United States dollars Actual – 2024–2026; 3 years United States"
        " Agency for International Development (USAID)",
        "Costo compartido Monto comprometido 1.5 millones de dólares estadounidenses Observado – 2024 a 2026; 3 años"
        " Agencia Mexicana de Cooperación Internacional para el Desarrollo (AMEXCID)",
    ),
    (
        "inv-cond",
        "expected to begin construction by 2026, once funds are appropriated.",
        "preveían iniciar la construcción para 2026, una vez que se asignen los recursos.",
    ),
    (
        "inv-monthly",
        "the United States and Mexico had held technical calls every 2 months since 2023.",
        "México y los Estados Unidos celebraban llamadas técnicas cada 2 meses desde 2023.",
    ),
    (
        "inv-one",
        "1 plant About 1 million plants Over 1.5 billion plants",
        "1 planta Alrededor de 1 millón de plantas Más de 1,500 millones de plantas",
    ),
]


@pytest.mark.usefixtures("_kinds")
def test_each_kind_of_statement_is_told_as_what_it_is(client):
    pages = {language: words(client, f"/{language}/initiatives/kinds/") for language in ("en", "es")}
    for key, english, spanish in TOLD:
        assert english in pages["en"], key
        assert spanish in pages["es"], key
    assert "not known (baseline)" not in pages["en"]
    assert "Mexico plans no larger ports" in words(client, f"/en/initiatives/kinds/?as_of={TEXT_DAY}")
    assert "The period stated in the source has ended" not in pages["en"]  # What goes on since 2023 has not.


@pytest.mark.usefixtures("_kinds")
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_meeting_without_headings_lists_its_initiatives(client, language):
    page = words(client, f"/{language}/meetings/2025-05-05/")
    title, count = {
        "en": ("Initiatives in the documents of this meeting", "Jobs: 5,000 to 7,000 (target)."),
        "es": ("Iniciativas en los documentos de esta reunión", "Empleos: de 5,000 a 7,000 (meta)."),
    }[language]
    assert title in page
    assert count in page
    assert "editors" not in page
    assert len(client.get(f"/{language}/meetings/2025-05-05/").context["reported"][0].items) == 1


@pytest.mark.usefixtures("_kinds")
def test_pages_of_each_day_answer_and_nothing_is_there_before_its_text(client):
    assert list(verification.verify()) == []
    for day, is_there in (("2024-04-19", False), ("2025-05-04", False), (TEXT_DAY, True), ("2026-01-01", True)):
        for language in ("en", "es"):
            status = client.get(f"/{language}/initiatives/kinds/?as_of={day}").status_code
            assert (status == 200) == is_there
            for path in PAGES:
                assert client.get(f"/{language}/{path}?as_of={day}").status_code in (200, 404)
        rows = client.get(f"/en/initiatives/?as_of={day}&q=probe").context["filter"].qs
        assert bool(rows.filter(subject_key="kinds")) == is_there
