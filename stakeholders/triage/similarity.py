"""Which recommendations say nearly the same: candidates by the rare words that they share, then the library's score.

Never all pairs: a text is compared with at most `MOST_COMPARED` others, those that share most of its rarest stems.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Sum

from hled_portal.search import text_analysis
from stakeholders.models import Point, Recommendation, RecommendationWord
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
    rows = (
        Recommendation.objects.filter(pk__in=keys)
        .exclude(state__in=PUT_ASIDE)
        .annotate(n=Sum("askings__letter__copies"))
    )
    plain = _plain(text)
    scored = [Alike(row, round(_score(plain, _plain(row.text))), row.n) for row in rows.select_related("campaign")]
    similar = [each for each in scored if each.score >= LEAST]
    return sorted(similar, key=lambda each: (-each.score, each.recommendation.pk))[:at_most]


#: A shorter sentence is a greeting as well as a claim.
LEAST_SENTENCE = 40


def fingerprint(texts: Iterable[str]) -> str:
    """The same for letters of one campaign: of their longest sentence, which stays when a sender adds a word.

    Empty for a text without letters.
    """
    whole = "\n".join(texts)
    sentences = [" ".join(_words(sentence)) for sentence in re.split(r"[.!?\n]+", text_analysis.fold(whole))]
    longest = max(sentences, key=len)
    marked = longest if len(longest) >= LEAST_SENTENCE else " ".join(_words(text_analysis.fold(whole)))
    return hashlib.sha256(marked.encode()).hexdigest()[:32] if marked else ""


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


#: From this score on, a letter is offered as one of a campaign.
LEAST_OF_CAMPAIGN = 80


def similar_points(texts: list[str], points: Iterable[Point]) -> dict[int, tuple[int, int]]:
    """For each point that says nearly what one of the texts says: the place of that text, and the score."""
    from rapidfuzz import fuzz

    plain = [_plain(text) for text in texts]
    found = {}
    for point in points:
        other = _plain(point.text)
        scores = [fuzz.token_set_ratio(text, other, score_cutoff=LEAST_OF_CAMPAIGN) for text in plain]
        # Of a text and a longer one around it, the set says 100: their lengths must be alike too.
        scores = [
            score if min(len(text), len(other)) * 2 >= max(len(text), len(other)) else 0
            for score, text in zip(scores, plain, strict=True)
        ]
        if scores and (best := max(scores)):
            found[point.pk] = (scores.index(best), round(best))
    return found


def _plain(text: str) -> str:
    return text_analysis.fold(text)[:COMPARED]


def _score(one: str, other: str) -> float:
    """Words in another order, or a sentence added, take little off."""
    from rapidfuzz import fuzz

    return fuzz.token_sort_ratio(one, other, score_cutoff=LEAST)
