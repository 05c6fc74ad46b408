"""Folding, stemming, reading queries, and marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hled_portal.search import text_analysis
from hled_portal.search.text_analysis import Term, excerpt, fold, key_stem, marked, parse_query, stem


def shown(found) -> str:
    return "".join(f"[{part.text}]" if part.marked else part.text for part in found.parts)


def words(text) -> list[tuple[str, ...]]:
    return [term.words for term in parse_query(text).terms]


# Stems


@pytest.mark.parametrize(
    "alike",
    [
        ["exportación", "exportacion", "EXPORTACIÓN", "exportaciones", "exportacio\u0301n"],
        ["capacitación", "capacitacion", "capacitaciones"],
        ["puente", "puentes", "Puentes"],
        ["pilar", "pilares"],
        ["línea", "líneas", "lineas"],
        ["país", "países", "paises"],
        ["México", "mexico", "mexicano", "mexicanas"],
        ["SEDENA", "sedena"],
        ["niño", "nino", "niños"],
    ],
)
def test_spanish_forms_of_a_word_are_one(alike):
    assert len({stem(word, "es") for word in alike}) == 1


@pytest.mark.parametrize(
    "alike",
    [
        ["bridge", "bridges", "Bridges", "bridging"],
        ["crossing", "crossings"],
        ["agency", "agencies"],
        ["train", "trained", "training"],
        ["Mexico", "México", "Mexico's", "MEXICO’S"],
        ["U.S.", "US", "u.s"],
        ["1,000", "1000"],
    ],
)
def test_english_forms_of_a_word_are_one(alike):
    assert len({stem(word, "en") for word in alike}) == 1


#: One and many of the words that people look for here.
PLURALS_ES = (
    "año años|chip chips|pyme pymes|vez veces|luz luces|mes meses|país países|ley leyes|red redes|bien bienes|"
    "plan planes|pie pies|tren trenes|voz voces|juez jueces|raíz raíces|pez peces|cruz cruces|fin fines|"
    "gas gases|sol soles|sal sales|mar mares|río ríos|vía vías|día días|web webs|dato datos|meta metas|"
    "obra obras|puente puentes|cruce cruces|aduana aduanas|frontera fronteras|carril carriles|sector sectores|"
    "semiconductor semiconductores|taller talleres|foro foros|seminario seminarios|acuerdo acuerdos|"
    "reunión reuniones|región regiones|inversión inversiones|capacitación capacitaciones|"
    "estudiante estudiantes|mujer mujeres|joven jóvenes|agricultor agricultores|empresa empresas|"
    "cadena cadenas|capaz capaces|eficaz eficaces|feliz felices|lápiz lápices|matriz matrices|"
    "directriz directrices|interés intereses|francés franceses|autobús autobuses"
)
PLURALS_EN = (
    "year years|chip chips|bus buses|box boxes|city cities|company companies|supply supplies|study studies|"
    "agency agencies|country countries|bridge bridges|crossing crossings|port ports|entry entries|"
    "device devices|industry industries|student students|farmer farmers|forum forums|tire tires|"
    "webinar webinars|process processes|tax taxes|class classes|lane lanes|truck trucks|law laws|plan plans|"
    "program programs|woman women|child children|man men|person people|analysis analyses|index indices|"
    "criterion criteria|foot feet|life lives|half halves|shelf shelves|knife knives|gas gases|lens lenses|"
    "match matches|day days|key keys|way ways|fee fees"
)
#: Words that look alike and are not one.
OTHERS_ES = "paso pasta|red rey|planta plan|gas gasto|mar marco|ley leer|pez peso|voz vos|chip chico|luz lujo|año ajo"
OTHERS_EN = "chip china|bus business|plan plant|port portion|law lawn|tax taxi|day dairy|man many|lens lend"


@pytest.mark.parametrize(
    ("language", "table", "alike"),
    [("es", PLURALS_ES, True), ("en", PLURALS_EN, True), ("es", OTHERS_ES, False), ("en", OTHERS_EN, False)],
)
def test_one_and_many_meet_and_others_do_not(language, table, alike):
    pairs = [pair.split() for pair in table.split("|")]
    wrong = [pair for pair in pairs if (stem(pair[0], language) == stem(pair[1], language)) != alike]
    assert wrong == []


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("one", "other"), [("bridge", "border"), ("60", "600"), ("SEP", "SE"), ("I", "II")])
def test_different_words_are_not(language, one, other):
    assert stem(one, language) != stem(other, language)


@given(st.text(max_size=60), st.sampled_from(["en", "es"]))
def test_a_stem_is_small_letters_and_digits_behind_a_letter(text, language):
    for found in text_analysis.stems(text, language):
        assert found.isascii()
        assert found.isalnum()
        assert found[0].isalpha()
        assert found == found.lower()
        assert len(found) <= text_analysis.MAX_WORD


def test_letters_without_an_accent_of_their_own_are_folded_too():
    assert fold("Łódź Ærø straße İ ᴬ") == "lodz aero strasse i a"


def test_other_scripts_are_found_as_they_are_written():
    assert stem("中国", "en") == stem("中国", "es") != stem("中", "es")


def test_a_key_stands_in_a_text_as_it_is():
    key = key_stem("organization", "sep")
    assert text_analysis.stems(f"{key.upper()} signed", "en") == [key, "sign"]
    assert key != key_stem("place", "sep")


# Queries


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the bridge at Otay", [("bridge",), ("Otay",)]),
        ("puente de la frontera", [("puente",), ("frontera",)]),
        ("the of", [("the",), ("of",)]),
        ("mid-year 17.5", [("mid", "year"), ("17", "5")]),
        ("puente,cruce SRE/SE", [("puente",), ("cruce",), ("SRE",), ("SE",)]),
        ('"port of entry" works', [("port", "of", "entry"), ("works",)]),
        ("“puerto de entrada”", [("puerto", "de", "entrada")]),
        ("«uno dos» tres", [("uno", "dos"), ("tres",)]),
        ('"unclosed bridge', [("unclosed",), ("bridge",)]),
        ("bridge Bridge BRIDGE", [("BRIDGE",)]),
        ('NEAR(bridge) -x * "', [("NEAR",), ("bridge",), ("x",)]),
        ("???", []),
        ('"" "?"', []),
        ("", []),
    ],
)
def test_queries_are_read(text, expected):
    assert words(text) == expected
    assert bool(parse_query(text)) == bool(expected)


def test_a_long_query_is_shortened_and_says_so():
    assert not parse_query("bridge " * 28).shortened
    assert words("bridge " * 100) == [("bridge",)]
    long = parse_query("word" * 2500)
    assert long.shortened
    assert len(long.text) == 200
    many = parse_query(" ".join(f"w{n}" for n in range(13)))
    assert many.shortened
    assert len(many.terms) == 12


@given(st.text(max_size=300))
def test_no_query_is_too_odd_to_read(text):
    query = parse_query(text)
    for term in query.terms:
        assert all(term.stems("en"))
        assert all(term.stems("es"))
    excerpt(text, query, "es")


def test_words_of_a_term_stand_together_in_order():
    term = Term(("port", "of", "entry"))
    assert term.is_in(text_analysis.stems("the ports of entry", "en"), "en")
    assert not term.is_in(text_analysis.stems("entry of a port", "en"), "en")


# Marks


@pytest.mark.parametrize(
    ("text", "query", "language", "expected"),
    [
        ("El puente y los Puentes.", "puente", "es", "El [puente] y los [Puentes]."),
        ("La exportación", "exportaciones", "es", "La [exportación]"),
        ("La exportacio\u0301n sube", "exportacion", "es", "La [exportacio\u0301n] sube"),
        ("At the port of entry, a port", '"port of entry"', "en", "At the [port of entry], a port"),
        ("The U.S. and US", "us", "en", "The [U.S.] and [US]"),
        ("about 17.5 million", "17.5", "en", "about [17.5] million"),
        ("<b>bridge</b> & co", "bridge", "en", "<b>[bridge]</b> & co"),
        ("Nothing here", "bridge", "en", "Nothing here"),
        ("mid-year year", "mid-year year", "en", "[mid-year] [year]"),
        ("", "bridge", "en", ""),
    ],
)
def test_what_was_asked_for_is_marked(text, query, language, expected):
    assert shown(marked(text, parse_query(query), language)) == expected


def test_an_excerpt_shows_where_most_of_the_words_stand():
    text = (
        "A bridge is mentioned first. "
        + "Other words follow here. " * 20
        + "Then a bridge at Otay Mesa. "
        + "End. " * 40
    )
    found = excerpt(text, parse_query("bridge otay"), "en")
    assert found.terms == {0, 1}
    assert "[bridge] at [Otay] Mesa" in shown(found)
    assert shown(found).startswith("… ")
    assert shown(found).endswith(" …")
    assert len(str(found)) < 300


def test_an_excerpt_without_a_mark_is_the_beginning():
    assert str(excerpt("First words. " + "More words. " * 50, parse_query("bridge"), "en")).startswith("First words.")
    assert str(excerpt("Short.", parse_query("bridge"), "en")) == "Short."


def test_an_excerpt_of_one_endless_word_is_cut_all_the_same():
    assert len(str(excerpt("x" * 5000 + " bridge", parse_query("bridge"), "en"))) < 300
    assert len(str(excerpt("x" * 5000, parse_query("bridge"), "en"))) < 300


@given(st.text(max_size=600), st.sampled_from(["en", "es"]))
def test_an_excerpt_is_a_piece_of_its_text(text, language):
    query = parse_query(" ".join(text.split()[:3]))
    found = marked(text, query, language)
    assert str(found) == text
    piece = "".join(part.text for part in excerpt(text, query, language).parts if part.text not in ("… ", " …"))
    assert piece in text
