"""Finding what is public at a moment."""

import datetime
from collections import Counter

import pytest
from django.utils import translation

from hled_portal.dates.as_of import Moment, now
from hled_portal.publishing import clearance, releasing
from hled_portal.search import fulltext
from hled_portal.search.text_analysis import fold
from hled_portal.tests.factories import (
    agreed,
    make_cast,
    make_fact,
    make_initiative,
    make_meeting,
    make_organization,
    make_place,
    make_source,
    make_topic,
)
from initiatives.editions import joint_texts, proposing
from initiatives.filters import search_results
from initiatives.models import Alias, Citation, Edition, OrganizationName, Participation, SearchRow
from initiatives.record import register_lookup

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = datetime.date(2024, 4, 19)
SHEET = Moment(DAY)
RECORD = search_results.RecordResults()


@pytest.fixture
def source():
    return make_source(meeting=make_meeting())


@pytest.fixture
def cast():
    return make_cast()


def enter(source, *initiatives):
    """Publish the initiatives from the joint text."""
    for initiative in initiatives:
        Citation.objects.get_or_create(initiative=initiative, source=source, order=1, locator="item 1")
    joint_texts.enter_joint_text(source)


def clear_and_release(kind, key, cast):
    texts = proposing.propose(kind, key, cast.ana)
    for text in texts:
        clearance.clear(text, cast.luis, text.digest)
        clearance.clear(text, cast.carl, text.digest)
    releasing.release(texts, cast.carl)


def find_hits(query, at=SHEET, language="en", kind="", limit=1000) -> list:
    return RECORD.search(query, at, language, kind, limit)[1]


def find_keys(text, at=SHEET, language="en") -> list[str]:
    """Type and key of each result in order; a fact with its anchor."""
    with translation.override(language):
        query = search_results.parse_query(text, register_lookup.at_moment(at))
        hits = find_hits(query, at, language)
    keys = dict(Edition.objects.values_list("pk", "subject_key"))
    return [f"{hit.kind} {keys[hit.edition]}{'#' if hit.anchor else ''}{hit.anchor}" for hit in hits]


def find_results(text, at=SHEET, language="en") -> list:
    with translation.override(language):
        register = register_lookup.at_moment(at)
        query = search_results.parse_query(text, register)
        hits = find_hits(query, at, language)
        results = RECORD.results(hits, query, at, register)
    return [results[hit] for hit in hits]


def shown(excerpt) -> str:
    return "".join(f"[{part.text}]" if part.marked else part.text for part in excerpt.parts)


# Words


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("exportacion", "es"),
        ("Exportaciones", "es"),
        ("puente", "es"),
        ("puentes", "es"),
        ("capacitacion puente", "es"),
        ("bridges", "en"),
        ("bridge", "en"),
        ("bridge", "es"),
        ("puente", "en"),
    ],
)
def test_accents_endings_and_languages(source, text, language):
    summary = {"summary_es": "Capacitaciones para la exportación.", "summary_en": "Trainings for export."}
    enter(source, make_initiative("one", title_en="The bridges", title_es="Los puentes", **summary))
    enter(source, make_initiative("two", title_en="Roads", title_es="Caminos"))
    assert find_keys(text, language=language) == ["initiative one"]


def test_titles_stand_before_summaries_and_these_before_facts(source):
    works = make_initiative("works", title_en="Works", title_es="Obras")
    make_fact(works, "bridge", object_en="a bridge", object_es="un puente")
    enter(
        source,
        works,
        make_initiative("bridge-and-more", title_en="A bridge and very much more", title_es="Un cruce"),
        make_initiative("bridge", title_en="Bridge", title_es="Cruce"),
        make_initiative(
            "road", title_en="Road", title_es="Camino", summary_en="To a bridge.", summary_es="A un cruce."
        ),
    )
    assert find_keys("bridge") == [
        "initiative bridge",
        "initiative bridge-and-more",
        "initiative road",
        "fact works#bridge",
    ]
    # "puente" stands in one Spanish fact alone; the English bridge is found behind it, in the order of its weight.
    assert find_keys("bridge", language="es") == find_keys("bridge")
    assert find_keys("puente", language="es") == ["fact works#bridge"]


def test_the_language_of_the_page_comes_first(source):
    enter(
        source,
        make_initiative("a", title_en="Radio plan", title_es="Proyecto"),
        make_initiative("b", title_en="Project", title_es="Plan de radio"),
    )
    assert find_keys("radio plan") == ["initiative a", "initiative b"]
    assert find_keys("radio plan", language="es") == ["initiative b", "initiative a"]


def test_words_may_stand_apart_in_one_initiative(source):
    one = make_initiative(title_en="Semiconductors", title_es="Semiconductores")
    make_fact(one, "workshop", object_en="a workshop", object_es="un taller")
    make_fact(one, "visit", object_en="a visit", object_es="una visita")
    enter(source, one)
    assert find_keys("semiconductor workshops") == ["initiative otay-mesa-ii"]
    assert find_keys("workshop") == ["fact otay-mesa-ii#workshop"]
    assert find_keys("workshop visit") == ["initiative otay-mesa-ii"]
    assert find_keys("workshop road") == []
    assert RECORD.unknown_terms(
        search_results.parse_query("workshop road", register_lookup.at_moment(SHEET)), SHEET
    ) == ["road"]


def rank_in_python(query, at, language) -> list[tuple[str, str, str, int, str]]:
    """The hits of a query by the rules: kind, key, anchor, place and language of the best row of each."""
    editions = {edition.pk: edition for edition in Edition.objects.public(at)}
    kinds = list(search_results.RESULT_KINDS)
    ranked = []
    for row in SearchRow.objects.filter(fulltext.matching(SearchRow, query), edition__in=editions):
        edition = editions[row.edition_id]
        kind = "fact" if row.anchor else edition.subject_kind
        orders = {fact["key"]: fact["order"] for fact in edition.data.get("facts", ())}
        length = row.length if row.where == fulltext.Where.TITLE else 0
        title = fold(getattr(edition, f"title_{language}"))
        rank = (row.where, row.language != language, length, kinds.index(kind), title, edition.subject_key)
        hit = (kind, edition.subject_key, row.anchor, row.where, row.language)
        ranked.append((*rank, orders.get(row.anchor, -1), row.anchor, hit))
    best = {}
    for *_rank, hit in sorted(ranked):
        best.setdefault(hit[:3], hit)
    with_facts = {key for kind, key, anchor in best if anchor}
    return [hit for hit in best.values() if hit[3] != fulltext.Where.WHOLE or hit[1] not in with_facts]


ORDERED = [
    *("bridge", "puente", "puentes bridge", "road", "camino", "study", "estudio", "mexico", "border", "frontera"),
    *("bridge road", "estudio puente", "the", "a", "review", "jalisco", "sep", "17", '"second bridge"', "zeppelin"),
]


def test_hits_are_counted_ranked_and_limited_by_the_rules(source):
    """For each query and language: the order of equal titles, of capitals, accents and hyphens, and of many facts."""
    sep = make_organization("sep", name_en="Secretariat of the Border", name_es="Secretaría de la Frontera")
    place = make_place("jalisco", name_en="Border of Jalisco", name_es="Frontera de Jalisco")
    titles = {
        "zeta": ("Bridge", "Puente"),
        "a-bridge": ("Bridge", "Puente"),
        "ab": ("bridge", "Puénte"),
        "accent": ("Étude of a bridge", "Estudio de un puente"),
        "study": ("Study of a bridge", "Estudio del camino"),
        "hyphen": ("Bridge-road 17", "Camino del puente 17"),
        "second": ("Second bridge of the border, and a road to it", "Segundo puente"),
        "plain": ("Works", "Obras"),
        "spanish": ("Puente road", "Bridge"),
    }
    made = []
    for number, (key, (title_en, title_es)) in enumerate(titles.items()):
        one = make_initiative(key, title_en=title_en, title_es=title_es)
        one.places.add(place)
        for fact, order in (("b-first", 2), ("a-last", 2), ("c-10", 10), ("d-1", 1))[: number % 5]:
            each = make_fact(one, fact, order=order, object_en="a second bridge", object_es="un camino")
            Participation.objects.create(fact=each, order=1, role="lead", organization=sep)
        made.append(one)
    enter(source, *made)
    keys = dict(Edition.objects.values_list("pk", "subject_key"))
    register, some = register_lookup.at_moment(SHEET), 0
    for text, language in ((text, language) for text in ORDERED for language in ("en", "es")):
        query = search_results.parse_query(text, register)
        expected = rank_in_python(query, SHEET, language)
        counts, hits = RECORD.search(query, SHEET, language, "", 1000)
        assert [(hit.kind, keys[hit.edition], *hit[3:]) for hit in hits] == expected, (text, language)
        assert counts == Counter(hit[0] for hit in expected)
        assert find_hits(query, language=language, limit=3) == hits[:3]
        facts = [hit for hit in hits if hit.kind == "fact"]
        assert RECORD.search(query, SHEET, language, "fact", 2) == (counts, facts[:2])
        assert RECORD.search(query, SHEET, language, "recommendation", 20) == (counts, [])
        some += len(hits)
    assert some > 300


def test_facts_of_meetings_are_found(source):
    meeting = source.meeting
    enter(source, make_initiative())
    assert find_keys("mid-year review") == ["meeting 2024-04-19"]
    assert find_results("review")[0].path == f"/en/meetings/{meeting.key}/"


# Names


@pytest.fixture
def sep(source):
    """An initiative in whose fact SEP acts, in Guadalajara, on a topic."""
    sep = make_organization("sep", name_en="Secretariat of Education", name_es="Secretaría de Educación")
    sep.names.update(acronym_en="SEP", acronym_es="SEP")
    Alias.objects.create(organization=sep, text="Ministry of Education", language="en")
    jalisco = make_place("jalisco")
    one = make_initiative(title_en="English courses", title_es="Cursos de inglés")
    one.topics.add(make_topic(name_en="Workforce", name_es="Fuerza laboral"))
    course = make_fact(one, "course", object_en="a course", object_es="un curso")
    course.places.add(make_place("guadalajara", kind="city", parent=jalisco))
    Participation.objects.create(fact=course, order=1, role="lead", organization=sep)
    enter(source, one)
    return sep


INITIATIVE, FACT = "initiative otay-mesa-ii", "fact otay-mesa-ii#course"


@pytest.mark.usefixtures("sep")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sep", ["organization sep", INITIATIVE, FACT]),
        ("Secretaria de Educacion", ["organization sep", INITIATIVE, FACT]),
        ('"ministry of education"', ["organization sep", INITIATIVE, FACT]),
        ("sep course", [INITIATIVE, FACT]),
        ("sep road", []),
        ("Guadalajara", ["place guadalajara", INITIATIVE, FACT]),
        ("Jalisco", ["place jalisco", INITIATIVE, FACT]),
        ("jalisco sep", [INITIATIVE, FACT]),
        ("workforce", [INITIATIVE]),
        ("fuerza laboral", [INITIATIVE]),
    ],
)
def test_initiatives_and_facts_are_found_by_names(text, expected):
    assert find_keys(text) == expected


@pytest.mark.usefixtures("sep")
def test_names_are_those_of_the_day(sep, cast):
    name = sep.names.get()
    name.until_edtf = "2025"
    name.save()
    new = {"name_en": "National Institute of Learning", "name_es": "Instituto Nacional de Aprendizaje"}
    OrganizationName.objects.create(organization=sep, order=2, since_edtf="2025", **new)
    for row in sep.names.all():
        agreed(row)
    clear_and_release("organization", "sep", cast)
    assert find_keys("learning", now()) == ["organization sep", INITIATIVE, FACT]
    assert find_keys("learning", SHEET) == []
    assert find_keys("learning", Moment(now().day, publication=1)) == []
    assert "Institute of Learning" in shown(find_results("learning", now())[2].excerpt).replace("[", "").replace(
        "]", ""
    )
    assert "[SEP]" in shown(find_results("sep", SHEET)[2].excerpt)


@pytest.mark.usefixtures("sep")
def test_a_finding_tells_why_it_was_found():
    body, one, fact = find_results("sep")
    assert (body.kind, body.detail, shown(body.title), shown(body.excerpt)) == (
        "Organization",
        "Ministry",
        "Secretariat of Education ([SEP])",
        "",
    )
    assert (one.kind, shown(one.title), shown(one.excerpt)) == ("Initiative", "English courses", "A new crossing.")
    assert [shown(name) for name in one.names] == ["Secretariat of Education ([SEP])"]
    assert (fact.kind, fact.anchor, shown(fact.title), fact.names) == ("Item", "course", "English courses", [])
    assert "[SEP] expects to begin a course" in shown(fact.excerpt)
    alias = find_results('"ministry of education"')[0]
    assert shown(alias.excerpt) == "[Ministry of Education]"


@pytest.mark.usefixtures("sep")
def test_what_is_found_in_the_other_language_says_so():
    one = find_results("cursos")[0]
    assert (shown(one.title), one.title.language) == ("English courses", "en")
    assert (shown(one.excerpt), one.excerpt.language) == ("[Cursos] de inglés", "es")
    assert find_results("courses", language="es")[0].excerpt.language == "en"
    (name,) = find_results("fuerza cursos")[0].names
    assert (shown(name), name.language) == ("[Fuerza] laboral", "es")


# Moments


def test_only_what_was_public_on_the_day_is_found(source, cast):
    one = make_initiative(title_en="Bridge", title_es="Puente")
    enter(source, one)
    one.title_en, one.title_es = "Tunnel", "Túnel"
    for row in (one, one.pillar, one.pillar.cycle):
        agreed(row)
    clear_and_release("initiative", one.key, cast)
    assert find_keys("bridge", SHEET) == ["initiative otay-mesa-ii"]
    assert find_keys("tunnel", SHEET) == []
    assert find_keys("bridge", now()) == []
    assert find_keys("tunnel", now()) == ["initiative otay-mesa-ii"]
    assert find_keys("bridge", Moment(datetime.date(2024, 4, 18))) == []


def test_nothing_withdrawn_is_found_nor_anything_older(source, cast):
    one = make_initiative(title_en="Bridge", title_es="Puente")
    make_fact(one, object_en="a bridge", object_es="un puente")
    enter(source, one)
    one.summary_en, one.summary_es = "A new bridge.", "Un nuevo puente."
    for row in (one, one.pillar, one.pillar.cycle, one.facts.get()):
        agreed(row)
    clear_and_release("initiative", one.key, cast)
    newest = Edition.objects.initiatives().get(number=2)
    releasing.withdraw(newest, cast.luis, "error")
    assert find_keys("bridge", now()) == []
    assert find_keys("puente", now(), "es") == []
    assert find_keys("bridge", SHEET) == ["initiative otay-mesa-ii", "fact otay-mesa-ii#works"]


def test_drafts_and_proposals_are_not_found(source, cast):
    enter(source, make_initiative("public"))
    one = make_initiative("secret", title_en="Secret bridge", title_es="Puente secreto")
    for row in (one, one.pillar, one.pillar.cycle):
        agreed(row)
    proposing.propose("initiative", "secret", cast.ana)
    assert find_keys("secret", now()) == []


# As a filter


def test_editions_that_match(source):
    one = make_initiative(title_en="Bridge", title_es="Puente")
    make_fact(one, object_en="a road", object_es="un camino")
    enter(source, one, make_initiative("other"))
    public = Edition.objects.public(SHEET).initiatives()

    def keys(text):
        query = search_results.parse_query(text, register_lookup.at_moment(SHEET))
        return list(public.matching(query).values_list("subject_key", flat=True))

    assert keys("bridge") == keys("puente camino") == keys("bridge road") == ["otay-mesa-ii"]
    assert keys("crossing") == ["otay-mesa-ii", "other"]
    assert keys("") == keys("?") == []
