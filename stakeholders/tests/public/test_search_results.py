"""The order of recommendations and responses that a search finds."""

from collections import Counter

import pytest

from hled_portal.dates import as_of
from hled_portal.search import fulltext
from hled_portal.search.text_analysis import parse_query
from hled_portal.tests.factories import make_answer, make_cast, make_heard, make_initiative, make_letter, make_officers
from initiatives.filters.search_results import RecordResults
from stakeholders.models import RecommendationRow
from stakeholders.public.search_results import RecommendationResults

pytestmark = [pytest.mark.database, pytest.mark.django_db]
SUMMARIES = {
    "b-one": ("Bridges for trucks.", "Puentes para camiones."),
    "b-two": ("A bridge.", "Un puente."),
    "ab": ("Roads.", "Caminos."),
    "a-b": ("Roads and bridges.", "Caminos y puentes."),
}


def rank_in_python(query, language) -> list[tuple]:
    """Kind, key and anchor of each hit with its best row: recommendations before responses, each by key and side."""
    ranked = []
    for row in RecommendationRow.objects.filter(fulltext.matching(RecommendationRow, query)):
        one = row.recommendation or row.response
        key, anchor = (one.key, "") if row.recommendation else (one.recommendation_key, f"answer-{one.side}")
        kind = "recommendation" if row.recommendation else "answer"
        other = row.language != language
        ranked.append(
            (row.where, other, kind == "answer", key, anchor, (kind, one.pk, anchor, row.where, row.language))
        )
    best = {}
    for *_rank, hit in sorted(ranked):
        best.setdefault(hit[:3], hit)
    return list(best.values())


def test_hits_are_counted_ranked_and_limited_by_the_rules():
    make_initiative()
    cast, officers = make_cast(), make_officers()
    for key, (summary_en, summary_es) in SUMMARIES.items():
        letter = make_letter("Un puente, por favor.")
        make_heard(officers, letter, key=key, summary_en=summary_en, summary_es=summary_es)
        for side in ("US", "MX"):
            make_answer(cast, key, side=side, text_en="The bridge stands.", text_es="El puente está.")
    source, at = RecommendationResults(), as_of.now()
    for text, language in (
        (text, language) for text in ("bridge", "puente", "road", "stands", "zinc") for language in ("en", "es")
    ):
        query = parse_query(text)
        expected = rank_in_python(query, language)
        counts, hits = source.search(query, at, language, "", 100)
        assert [(hit.kind, hit.edition, *hit[3:]) for hit in hits] == expected, (text, language)
        assert counts == Counter(hit[0] for hit in expected)
        for kind in ("recommendation", "answer"):
            of_kind = [hit for hit in hits if hit.kind == kind]
            assert source.search(query, at, language, kind, 2) == (counts, of_kind[:2])
        assert source.search(query, at, language, "fact", 9) == (counts, [])
        assert RecordResults().search(query, at, language, "answer", 9)[1] == []
    assert len(source.search(parse_query("puente"), at, "es", "", 100)[1]) == 12
