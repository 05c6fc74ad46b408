"""Rows of stemmed words: each database finds the same ones."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hled_portal.search import fulltext, text_analysis
from hled_portal.search.fulltext import Where
from hled_portal.tests.factories import make_edition
from initiatives.models import SearchRow

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TEXTS = {
    "bridge": ("en", ["Second span of the bridge", "Bridges of 17.5 km at the port of entry."]),
    "puente": (
        "es",
        ["Segundo cuerpo del puente", "La exportación por 17 puentes, 5 en el puerto de entrada"],
    ),
    "named": ("en", ["It signed an agreement"]),
}
SEP = ("organization", "sep")


@pytest.fixture
def edition():
    return make_edition()


@pytest.fixture
def rows(edition):
    for order, (anchor, (language, texts)) in enumerate(TEXTS.items()):
        keys = [SEP] if anchor == "named" else []
        columns = fulltext.index_columns(texts, language, keys)
        SearchRow.of_edition(edition, order, anchor=anchor, where=Where.TITLE, **columns).save()


def matching_rows(text: str, **keys) -> set[str]:
    query = text_analysis.parse_query(text)
    if keys:
        query = query.with_keys(lambda term: keys.get(term.words[0], ()))
    return set(SearchRow.objects.filter(fulltext.matching(SearchRow, query)).values_list("anchor", flat=True))


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bridges", {"bridge"}),
        ("BRIDGE span", {"bridge"}),
        ("bridge missing", set()),
        ("puente", {"puente"}),
        ("exportacion", {"puente"}),
        ("exportaciones puentes", {"puente"}),
        ("17", {"bridge", "puente"}),
        ("17.5", {"bridge"}),
        ("5 17", {"bridge", "puente"}),
        ('"port of entry"', {"bridge"}),
        ('"entry port"', set()),
        ('"bridge bridges"', set()),
        ('"puerto de entrada" exportación', {"puente"}),
        ("k0", set()),
        ("", set()),
        ("?", set()),
    ],
)
def test_every_word_must_stand_in_the_row(text, expected):
    assert matching_rows(text) == expected


@pytest.mark.usefixtures("rows")
def test_a_name_stands_for_its_key():
    key = text_analysis.key_stem(*SEP)
    assert matching_rows("sep") == set()
    assert matching_rows("sep", sep=[key]) == {"named"}
    assert matching_rows("sep agreement", sep=[key]) == {"named"}
    assert matching_rows("sep bridge", sep=[key]) == set()
    assert matching_rows("agreement", agreement=[key]) == {"named"}
    assert matching_rows(key) == {"named"}


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    "text",
    [
        "NEAR(bridge puente)",
        "bridge AND NOT puente OR",
        "bridge* ^bridge -bridge",
        "folded:bridge {a b}: x",
        '"""',
        "'; DROP TABLE x; --",
        "bridge & | ! <-> :*",
        "\0bridge",
        "\ud800",
        "%s %(x)s",
        "bridge " * 2000,
        "x" * 10_000,
        "1e5 0x1f 1e5e 2024-04-19 a@b.c http://x.y/z?q=1",
    ],
)
def test_odd_texts_are_asked_for_as_words(text):
    matching_rows(text)


@pytest.mark.usefixtures("rows")
def test_a_term_may_stand_for_very_many_keys():
    keys = [text_analysis.key_stem("place", f"place-{n}") for n in range(2000)]
    assert matching_rows("mexico", mexico=[*keys, text_analysis.key_stem(*SEP)]) == {"named"}


WORDS = st.lists(st.sampled_from("bridge bridges puente a of 17 1e5 e5 5e 0x1f x1 5 k0 中 ñ".split()), max_size=6)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(WORDS, min_size=1, max_size=4), asked=st.lists(st.tuples(st.booleans(), WORDS), max_size=3))
def test_the_database_answers_as_the_words_do(edition, texts, asked):
    query = text_analysis.parse_query(
        " ".join('"{}"'.format(" ".join(w)) if quoted else " ".join(w) for quoted, w in asked)
    )
    edition.search_rows.all().delete()
    expected = set()
    for order, words in enumerate(texts):
        columns = fulltext.index_columns([" ".join(words)], "es")
        SearchRow.of_edition(edition, order, anchor=str(order), where=Where.TITLE, **columns).save()
        if query and all(term.is_in(columns["folded"].split(), "es") for term in query.terms):
            expected.add(str(order))
    held = SearchRow.objects.filter(fulltext.matching(SearchRow, query))
    assert set(held.values_list("anchor", flat=True)) == expected
