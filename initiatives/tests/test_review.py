"""The review of April 2024 as `make run` shows it: counts, terms and sentences stand here as literals."""

import csv
import datetime
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils.translation import override

from hled_portal.dates.as_of import Moment
from initiatives.content import snapshot_content
from initiatives.models import Edition
from initiatives.record import name_lookup, place_maps, progress
from initiatives.wording.sentences import Names, sentence

HERE = Path(__file__).parent
DAY = datetime.date(2024, 4, 19)
NOTICE = {
    "en": "The wording and the Spanish translation are this portal's. Neither government has approved them.",
    "es": "La redacción y la traducción al español son de este portal.",
}


def rows(name: str) -> list[dict]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


pytestmark = [pytest.mark.usefixtures("review"), pytest.mark.django_db]


@pytest.fixture
def texts():
    return {edition.name: edition for edition in Edition.objects.public(Moment(DAY))}


@pytest.mark.database
def test_four_pillars_with_true_counts():
    """On the day of the review nothing was past its date."""
    found = progress.progress_by_pillar(Moment(DAY))
    assert [(p.number, p.initiatives) for p in found] == [(1, 24), (2, 5), (3, 1), (4, 4)]
    assert [tuple(p.stages.values()) for p in found] == [
        (0, 18, 6, 0, 0, 0),
        (1, 4, 0, 0, 0, 0),
        (0, 0, 1, 0, 0, 0),
        (1, 3, 0, 0, 0, 0),
    ]
    assert [(p.milestones.met, p.milestones.due) for p in found] == [(0, 0)] * 4
    assert [p.milestones.first_published_when_met for p in found] == [12, 5, 0, 3]
    assert [p.statuses["past"] for p in found] == [0, 0, 0, 0]
    assert [p.statuses["ahead"] for p in found] == [12, 2, 0, 2]  # five have no last day
    assert name_lookup.record_days(Moment(DAY)) == name_lookup.RecordDays(DAY, DAY)


@pytest.mark.database
def test_counts_two_years_later():
    found = progress.progress_by_pillar(Moment(datetime.date(2026, 4, 19)))
    assert [(p.milestones.met, p.milestones.due) for p in found] == [(0, 7), (0, 2), (0, 0), (0, 0)]
    assert [p.milestones.first_published_when_met for p in found] == [12, 5, 0, 3]
    assert [p.statuses["past"] for p in found] == [7, 2, 0, 2]
    assert [p.statuses["ahead"] for p in found] == [5, 0, 0, 0]


@pytest.mark.parametrize(
    ("language", "day", "words"),
    [
        (
            "en",
            "2024-04-19",
            ["No date promised for an outcome has passed yet.", "20 other milestones were already met"],
        ),
        ("es", "2024-04-19", ["Todavía no ha pasado ninguna fecha", "20 hitos más ya estaban cumplidos"]),
        (
            "en",
            "2026-04-19",
            [
                "None of the 9 outcomes promised in April 2024 for a date that has since passed has been published.",
                "All 11 items",
                "Pillar 1: Building Back Together",
                "24 initiatives, as of April 19, 2024.",
            ],
        ),
        (
            "es",
            "2026-04-19",
            ["No se ha publicado ninguno de los 9 resultados comprometidos en abril de 2024", "Los 11 elementos"],
        ),
    ],
)
def test_home_tells_the_counts_in_both_languages(client, language, day, words):
    page = re.sub(r"<[^>]*>|\s+", " ", client.get(f"/{language}/?as_of={day}").content.decode())
    page = re.sub(r" +([,.])", r"\1", re.sub(" +", " ", page))
    assert [word for word in words if word not in page] == []


def test_the_day_before_nothing_was_public(client):
    assert "Nothing had been published by this date." in client.get("/en/?as_of=2024-04-18").content.decode()
    assert progress.progress_by_pillar(Moment(DAY - datetime.timedelta(days=1))) == []


@pytest.mark.parametrize("term", rows("ticked_terms.csv"), ids=lambda t: f"{t['locator']} {t['term_en']}")
def test_each_ticked_term_stands_in_the_record(texts, term):
    edition = texts[term["subject"]]
    named = [texts["/".join(key)].content for key in _at_any_remove(edition.data, texts)]
    assert any(term["expected"] in content for content in [edition.content, *named]), term


def _at_any_remove(data: dict, texts: dict) -> set[tuple[str, str]]:
    found, waiting = set(), [data]
    while waiting:
        new = snapshot_content.needed(waiting.pop()) - found
        found |= new
        waiting += [texts["/".join(key)].data for key in new]
    return found


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_fact_makes_its_sentence(texts, language):
    """Who, what, where and when of every item and of the narrative, from records alone."""
    kinds = ("organization", "place", "source")
    names = Names({tuple(name.split("/")): e.data for name, e in texts.items() if e.subject_kind in kinds}, on=DAY)
    told = {
        f"{name}#{fact['key']}": sentence(fact, names, language)
        for name, edition in texts.items()
        for fact in edition.data.get("facts", ())
    }
    assert told == {row["fact"]: row[language] for row in rows("review_sentences.csv")}


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_reader_finds_each_fact_on_its_page(client, language):
    expected = {}
    for row in rows("review_sentences.csv"):
        kind, _slash, key = row["fact"].partition("#")[0].partition("/")
        expected.setdefault((kind, key), []).append((row["fact"], row[language]))
    assert len(expected) == 35
    for (kind, key), facts in expected.items():
        page = " ".join(client.get(f"/{language}/{kind}s/{key}/?as_of={DAY}").content.decode().split())
        assert NOTICE[language] in page, key
        for fact, words in facts:
            assert f'id="{fact.partition("#")[2]}"' in page, fact
            assert _escaped(words).removesuffix(".") in page, (fact, words)


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("'", "&#x27;")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Marisa Lago", "Chief Officer for North America", "799 billion dollars", "Mid-year review of 2024"]),
        ("es", ["Alejandro Encinas Nájera", "Jefe de Unidad para América del Norte", "799 mil millones de dólares"]),
    ],
)
def test_the_meeting_has_its_principals_and_figures(client, language, words, django_assert_num_queries):
    with django_assert_num_queries(12):
        page = client.get(f"/{language}/meetings/2024-04-19/").content.decode()
    for word in words:
        assert word in page
    assert page.count("<h3>") >= 4


def test_meetings_are_listed_as_of_the_day(client, django_assert_num_queries):
    with django_assert_num_queries(4):
        page = client.get("/en/meetings/").content.decode()
    assert page.count("/en/meetings/20") == 6
    assert client.get("/en/meetings/2024-04-19/?as_of=2024-04-18").status_code == 404
    assert "Nothing had been published by this date." in client.get("/en/meetings/?as_of=2024-04-18").content.decode()


#: What each place has: the works of a crossing are found from the city, state and country of the side they are on.
WORKS = {
    ("texas", "Texas", "Texas"): {
        "bridge-of-the-americas",
        "brownsville-gateway",
        "donna",
        "piedras-negras-eagle-pass-ii",
        "reynosa-pharr",
        "rio-bravo",
        "vui",
    },
    ("chihuahua", "Chihuahua", "Chihuahua"): {"canieti-forums"},
    ("tijuana", "Tijuana", "Tijuana"): {"otay-mesa-ii"},
    ("el-paso", "El Paso", "El Paso"): {"bridge-of-the-americas"},
    ("new-mexico", "New Mexico", "Nuevo México"): {"santa-teresa"},
    ("tamaulipas", "Tamaulipas", "Tamaulipas"): {"rio-bravo", "reynosa-pharr"},
}


@pytest.mark.parametrize(("names", "expected"), WORKS.items())
def test_a_city_and_a_state_have_the_works_of_their_sides_of_crossings(client, names, expected):
    key, english, spanish = names
    found = client.get(f"/en/initiatives/?place={key}&as_of={DAY}").context["filter"].qs
    assert {edition.subject_key for edition in found} == expected
    for language, name in (("en", english), ("es", spanish)):
        page = client.get(f"/{language}/places/{key}/?as_of={DAY}").content.decode()
        results = client.get(f"/{language}/search/", {"q": name, "as_of": DAY}).content.decode()
        for initiative in expected:
            assert f"/{language}/initiatives/{initiative}/" in page, (name, initiative)
            assert f"/{language}/initiatives/{initiative}/" in results, (name, initiative)


SOURCE = "https://www.state.gov/2024-u-s-mexico-high-level-economic-dialogue-mid-year-review-fact-sheet/"
#: Whether the joint document says what the page says, or the page was only published with it.
PAGES = [
    ("initiatives/otay-mesa-ii", True),
    ("meetings/2024-04-19", True),
    ("meetings/2022-04-18", False),
    ("places/otay-mesa-ii-poe", False),
    ("organizations/sedena", False),
]


@pytest.mark.parametrize(("page", "is_own"), PAGES)
def test_a_page_tells_what_its_document_says_and_links_it(client, page, is_own):
    english, spanish = (client.get(f"/{lang}/{page}/?as_of={DAY}").content.decode() for lang in ("en", "es"))
    assert ("Based on the joint document of April 19, 2024:" in english) == is_own
    assert ("Added by the portal&#x27;s editors to accompany the document of April 19, 2024:" in english) != is_own
    assert ("agregó los nombres, fechas, lugares y coordenadas que no indica" in spanish) != is_own
    assert SOURCE in english
    assert SOURCE in spanish


def test_a_source_says_where_in_it(client):
    assert "pillar I, third heading, fourth item" in client.get("/en/initiatives/otay-mesa-ii/").content.decode()
    assert "pilar I, tercer encabezado, cuarto punto" in client.get("/es/initiatives/otay-mesa-ii/").content.decode()


def test_the_end_of_usaid_counts_from_its_own_day_and_names_its_own_source(client):
    before = client.get("/en/organizations/usaid/").content.decode()
    directory = Path(__file__).parents[1] / "reviews" / "2025-07-01"
    for _again in range(2):
        call_command("load_dialogue", str(directory), publish_as_of=datetime.date(2025, 7, 1), if_new=True, verbosity=0)
    pages = {day: client.get(f"/en/organizations/usaid/?as_of={day}").content.decode() for day in (DAY, "2025-07-01")}
    assert "Ended" not in before
    assert "Ended" not in pages[DAY]
    assert (
        "“Making Foreign Aid Great Again”: statement of the Secretary of State on the end of USAID"
        in pages["2025-07-01"]
    )
    assert "Based on an announcement of one government (Department of State) of July 1, 2025:" in pages["2025-07-01"]
    spanish = client.get("/es/organizations/usaid/").content.decode()
    assert "“Making Foreign Aid Great Again”: declaración del Secretario de Estado sobre el fin de la USAID" in spanish


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_map_names_the_ten_states_of_the_border(language):
    with override(language):
        drawn = [label.lines[0][0] for label in place_maps.maps(Moment(DAY)).border.states]
        assert drawn == [str(name.text) for name in place_maps.STATE_LABELS]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/en/items/?status=past", "In April 2024, SEDENA expected to complete the works at Piedras Negras"),
        ("/es/calendar/", "En abril de 2024, la SEDENA preveía concluir las obras de Piedras Negras"),
    ],
)
def test_what_a_text_expected_is_in_the_past_once_its_day_is_over(client, address, words):
    assert words in client.get(address).content.decode()
