"""Which recommendations say nearly the same: candidates by the rare words that they share, then the library's score.

Never all pairs: a text is compared with at most `MOST_COMPARED` others, those that share most of its rarest stems.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count
from rapidfuzz import fuzz

from hled_portal.search import text_analysis
from stakeholders.models import Recommendation, RecommendationWord
from stakeholders.models.querysets import PUT_ASIDE

#: Stems of one text that are kept, and the rarest of them that are asked for.
MOST_KEPT, MOST_ASKED = 400, 40
MAX_COMPARED = 100
#: The score from which two texts are shown as alike, of 100.
LEAST = 60
#: Of a long text so many characters are compared.
COMPARED = 4000


@dataclass(frozen=True)
class Alike:
    """Another recommendation, how alike it is (of 100) and how many letters ask for it."""

    recommendation: Recommendation
    score: int
    asked_by: int


def index(recommendations: Iterable[Recommendation]) -> None:
    """Make the stems of these recommendations anew."""
    rows = list(recommendations)
    RecommendationWord.objects.filter(recommendation__in=rows).delete()
    RecommendationWord.objects.bulk_create(
        (RecommendationWord(recommendation=row, stem=stem) for row in rows for stem in _stems(row.text, row.language)),
        batch_size=500,
    )


def _stems(text: str, language: str) -> list[str]:
    return list(dict.fromkeys(text_analysis.stems(text, language)[: 4 * MOST_KEPT]))[:MOST_KEPT]


def suggestions(recommendation: Recommendation, at_most: int = 20) -> list[Alike]:
    """Those that are most like this one, the most alike first."""
    return alike(recommendation.text, recommendation.language, at_most, but=recommendation.pk)


def alike(text: str, language: str, at_most: int = 5, but: int | None = None) -> list[Alike]:
    """Recommendations that say nearly what a text says. Three queries, however many recommendations."""
    others = RecommendationWord.objects.exclude(recommendation=but).order_by()
    counted = others.filter(stem__in=_stems(text, language)).values("stem").annotate(n=Count("pk"))
    rare = [row["stem"] for row in counted.order_by("n", "stem")[:MOST_ASKED]]
    shared = others.filter(stem__in=rare).values("recommendation").annotate(n=Count("pk"))
    keys = [row["recommendation"] for row in shared.order_by("-n", "recommendation")[:MAX_COMPARED]]
    rows = Recommendation.objects.filter(pk__in=keys).exclude(state__in=PUT_ASIDE).annotate(n=Count("askings"))
    plain = _plain(text)
    scored = [Alike(row, round(_score(plain, _plain(row.text))), row.n) for row in rows.select_related("campaign")]
    similar = [each for each in scored if each.score >= LEAST]
    return sorted(similar, key=lambda each: (-each.score, each.recommendation.pk))[:at_most]


def _plain(text: str) -> str:
    return text_analysis.fold(text)[:COMPARED]


def _score(one: str, other: str) -> float:
    """Words in another order, or a sentence added, take little off."""
    return fuzz.token_sort_ratio(one, other, score_cutoff=LEAST)
