"""Many letters at once: accepted point by point as they are written, and joined where they say the same."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _t

from hled_portal.publishing.clearance import Refused
from hled_portal.publishing.releasing import public_change
from stakeholders.models import Campaign, Letter, Point, Recommendation
from stakeholders.vocabulary import CaseState

from . import moves, similarity, splitting

#: So many are done in one request.
MAX_LETTERS = 500


@dataclass(frozen=True)
class SimilarLetter:
    """A letter that nobody split yet and that says nearly what another says."""

    letter: Letter
    score: int
    beginning: str


def unsplit_letters() -> QuerySet[Letter]:
    return Letter.objects.filter(state=CaseState.RECEIVED, askings=None)


def next_unsplit(letter: Letter) -> Letter | None:
    """The letter to be split that follows this one in the list, the newest first; after the last, the first."""
    others = unsplit_letters().exclude(pk=letter.pk)
    return others.filter(created_at__lte=letter.created_at).first() or others.first()


def accept_points(letters: list[Letter], user) -> list[Recommendation]:
    """Make a recommendation of each point as it is written. Those split already are left alone. Raises Refused."""
    if len(letters) > MAX_LETTERS:
        raise Refused([_t("Select up to %(most)s submissions at a time.") % {"most": MAX_LETTERS}])
    with public_change():
        moves.check_triage_permission(user)
        open_letters = unsplit_letters().filter(pk__in=[letter.pk for letter in letters])
        splits = [
            (letter, [splitting.LetterPiece(point.text, point) for point in letter.points.all()])
            for letter in open_letters.prefetch_related("points").order_by("created_at", "pk")
        ]
        return splitting.split_all([each for each in splits if each[1]], user)


# Letters that say the same


def similar_letters(letter: Letter) -> list[SimilarLetter]:
    """Letters to be split of which a point says nearly what a point of this one says, the most alike first."""
    texts = list(letter.points.values_list("text", flat=True))
    points = Point.objects.filter(letter__in=unsplit_letters().exclude(pk=letter.pk)).select_related("letter")
    points = list(points)
    scores = similarity.similar_points(texts, points)
    best = {}
    for point in points:
        if point.pk in scores:
            row = SimilarLetter(point.letter, scores[point.pk][1], point.text)
            best[point.letter_id] = max(best.get(point.letter_id, row), row, key=lambda each: each.score)
    return sorted(best.values(), key=lambda each: (-each.score, each.letter.pk))[:MAX_LETTERS]


def join_similar(letter: Letter, others: list[Letter], user, campaign: Campaign | None = None) -> list[Recommendation]:
    """Join the others to what this letter asks for, each in its own words, and put all into a campaign.

    What they say beside it becomes recommendations of their own, so that no word is lost. Raises Refused.
    """
    with public_change():
        moves.check_triage_permission(user)
        rows = [row for row in _recommendations(letter) if row.state not in moves.PUT_ASIDE]
        if not rows:
            rows = accept_points([letter], user)
        if not rows:
            raise Refused([_t("This submission has no points that others can be merged with.")])
        pending = unsplit_letters().filter(pk__in=[other.pk for other in others])
        pending = pending.prefetch_related("points").order_by("created_at", "pk")
        splitting.split_all([(other, _pieces(other, rows)) for other in pending], user)
        if campaign is not None:
            splitting.set_campaign(campaign, rows, user)
        return rows


def _recommendations(letter: Letter) -> list[Recommendation]:
    return list(Recommendation.objects.filter(askings__letter=letter).order_by("pk"))


def _pieces(other: Letter, rows: list[Recommendation]) -> list[splitting.LetterPiece]:
    """A letter asks for the same thing once: what says it a second time stands alone."""
    points = list(other.points.all())
    scores = similarity.similar_points([row.text for row in rows], points)
    pieces, joined = [], set()
    for point in points:
        into = rows[scores[point.pk][0]] if point.pk in scores else None
        into = None if into in joined else into
        joined |= {into} - {None}
        pieces.append(splitting.LetterPiece(point.text, point, into))
    return pieces
