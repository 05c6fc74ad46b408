"""What of an edition can be found."""

import pytest
from django.core.management import call_command

from hled_portal.publishing.releasing import withdraw
from hled_portal.search import text_analysis
from hled_portal.search.fulltext import Where
from hled_portal.tests.factories import (
    make_cast,
    make_fact,
    make_initiative,
    make_meeting,
    make_organization,
    make_pillar,
    make_source,
)
from initiatives.content import search_documents
from initiatives.editions import joint_texts
from initiatives.models import (
    Attendance,
    Citation,
    DateChange,
    Edition,
    Heading,
    Link,
    Participation,
    SearchRow,
    Workstream,
)
from initiatives.wording.names import Names

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def published():
    """An initiative with a fact, and its meeting."""
    meeting = make_meeting()
    sedena = make_organization("sedena", name_en="Secretariat of Defense", name_es="Secretaría de la Defensa")
    pillar = make_pillar()
    Workstream.objects.create(key="2021-1-1", pillar=pillar, number=1, name_en="Borders", name_es="Fronteras")
    one = make_initiative()
    Participation.objects.create(initiative=one, order=1, role="partner", unnamed_en="states", unnamed_es="estados")
    Link.objects.create(initiative=one, order=1, kind="part_of", unnamed_en="a programme", unnamed_es="un programa")
    works = make_fact(one)
    Participation.objects.create(fact=works, order=1, role="lead", organization=sedena)
    DateChange.objects.create(
        fact=works,
        changed_on="2024-03-01",
        old_edtf="2024-06",
        old_modality="expected",
        new_edtf="2024-12",
        new_modality="expected",
        reason="slipped",
        text_en="Heavy rain.",
        text_es="Lluvias intensas.",
    )
    Attendance.objects.create(
        meeting=meeting, order=1, delegation="MX", person="Ana Paz", office_en="chair", office_es="presidenta",
        organization=sedena,
    )  # fmt: skip
    Heading.objects.create(meeting=meeting, order=1, text_en="Border works", text_es="Obras fronterizas")
    Citation.objects.create(initiative=one, source=make_source(meeting=meeting), order=1, locator="item 1")
    joint_texts.enter_joint_text(one.citations.get().source)
    return one


def texts_by_place(kind, language="en") -> dict[tuple, tuple]:
    data = Edition.objects.get(subject_kind=kind).data
    names = Names({})
    return {(p.where.name, p.anchor): p.texts for p in search_documents.passages(data, names, language)}


def folded(kind, where, anchor="", language="en") -> str:
    rows = SearchRow.objects.filter(edition__subject_kind=kind, language=language, where=where, anchor=anchor)
    return rows.get().folded


@pytest.mark.usefixtures("published")
def test_an_initiative_is_found_by_title_summary_facts_and_all_of_it():
    sentence = texts_by_place("initiative")["STATEMENT", "works"][0]
    assert "works at the crossing" in sentence
    assert texts_by_place("initiative") == {
        ("TITLE", ""): ("Otay Mesa II",),
        ("SUMMARY", ""): ("Otay Mesa II", "A new crossing."),
        ("STATEMENT", "works"): (sentence, "Heavy rain."),
        ("WHOLE", ""): ("Otay Mesa II", "A new crossing.", "states", "a programme", sentence, "Heavy rain."),
    }
    assert texts_by_place("initiative", "es")["SUMMARY", ""] == ("Mesa de Otay II", "Un nuevo cruce.")
    assert texts_by_place("initiative", "es")["STATEMENT", "works"][1] == "Lluvias intensas."


@pytest.mark.usefixtures("published")
def test_meetings_pillars_and_bodies_are_found_too():
    assert texts_by_place("meeting")["WHOLE", ""] == ("Mid-year review", "Ana Paz, chair", "Border works")
    assert texts_by_place("pillar")["SUMMARY", ""] == ("Building back together", "Borders")
    assert texts_by_place("organization", "es") == {("TITLE", ""): ("Secretaría de la Defensa",)}
    assert texts_by_place("source") == {}


@pytest.mark.usefixtures("published")
def test_rows_hold_keys_where_names_would_stand():
    key = text_analysis.key_stem("organization", "sedena")
    works = folded("initiative", Where.STATEMENT, "works")
    assert works.startswith(key)
    for word in ("sedena", "defens", "secretariat"):
        assert word not in works.split()
    assert key in folded("initiative", Where.SUMMARY, language="es").split()
    assert key not in folded("initiative", Where.TITLE).split()


@pytest.mark.usefixtures("published")
def test_the_index_is_made_again_alike():
    columns = ("pk", "edition", "language", "where", "anchor", "length", "folded")
    before = set(SearchRow.objects.values_list(*columns))
    assert before
    call_command("rebuild_index", verbosity=0)
    assert set(SearchRow.objects.values_list(*columns)) == before


@pytest.mark.usefixtures("published")
def test_nothing_stays_of_a_withdrawn_text():
    edition = Edition.objects.get(subject_kind="initiative")
    withdraw(edition, make_cast().luis, "error")
    assert not edition.search_rows.exists()
    call_command("rebuild_index", verbosity=0)
    assert not edition.search_rows.exists()


def test_all_names_and_aliases_of_a_body_count():
    names = [
        {"name_en": "Old", "name_es": "Viejo", "acronym_en": "O", "acronym_es": ""},
        {"name_en": "New", "name_es": "", "acronym_en": "O", "acronym_es": ""},
    ]
    aliases = [{"text": "Newish", "language": "en"}, {"text": "Nuevo", "language": "es"}]
    content = {"names": names, "aliases": aliases}
    assert search_documents.register_texts(content, "en") == ["Old", "New", "O", "Newish"]
    assert search_documents.register_texts(content, "es") == ["Viejo", "New", "Nuevo"]
    assert search_documents.register_texts({"name_en": "Trade", "name_es": "Comercio"}, "es") == ["Comercio"]
