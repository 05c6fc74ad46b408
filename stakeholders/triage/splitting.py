"""Making recommendations of letters: split, join, part, and put into campaigns. The words of the author stay.

A passage is in the letter word for word; "[…]" marks what was left out between two passages.
Confidential parts are never cut from.
"""

import re
from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _t

from hled_portal.publishing.clearance import Refused
from hled_portal.publishing.releasing import public_change
from initiatives.models import Initiative, Pillar
from stakeholders.models import (
    LONGEST_POINT,
    Asking,
    Campaign,
    InitiativeLink,
    Letter,
    Move,
    Point,
    Recommendation,
    Response,
)
from stakeholders.vocabulary import MoveAction

from . import edit_conflicts, moves, similarity

#: Between two passages of one point.
OMISSION_MARK = "[…]"
MAX_PIECES = 30
#: Version tokens by key of a recommendation.
VersionTokens = dict[str, str]


@dataclass(frozen=True)
class LetterPiece:
    """Words of a letter that ask for one thing; `into` is what they join, where others ask for it already."""

    text: str
    point: Point | None = None
    into: Recommendation | None = None


def open_text(letter: Letter) -> list[str]:
    """What of the letter is not confidential: its points, its introduction and what was added for everyone."""
    added = [correction.text for correction in letter.corrections.all() if not correction.addressed]
    return [*(point.text for point in letter.points.all()), letter.introduction, *added]


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def is_verbatim(text: str, sources: list[str]) -> bool:
    """Whether all passages are in one of the sources, in their order; line breaks do not count."""
    passages = [_flat(passage) for passage in text.split(OMISSION_MARK)]
    return all(passages) and any(_is_contained(passages, _flat(source)) for source in sources)


def _is_contained(passages: list[str], source: str) -> bool:
    at = 0
    for passage in passages:
        start = source.find(passage, at)
        if start < 0:
            return False
        at = start + len(passage)
    return True


def split(letter: Letter, pieces: list[LetterPiece], user, version: str | None = None) -> list[Recommendation]:
    """Make a recommendation of each piece, or join it to one that is there. Raises Refused, and makes none."""
    with public_change():
        letter = moves.locked(letter)
        edit_conflicts.refuse_stale(letter, user, version, MoveAction.SPLIT)
        return split_all([(letter, pieces)], user)


def split_all(splits: list[tuple[Letter, list[LetterPiece]]], user) -> list[Recommendation]:
    """Split many letters, or none; in as many queries as one. Raises Refused."""
    with public_change():
        moves.check_triage_permission(user)
        letters = moves.locked_all([letter for letter, _pieces in splits])
        prefetch_related_objects(letters, "points", "corrections", "askings")
        splits = [(letter, pieces) for letter, (_shown, pieces) in zip(letters, splits, strict=True)]
        reasons = [reason for letter, pieces in splits for reason in split_refusals(letter, pieces)]
        if reasons:
            raise Refused(reasons)
        return _take_all(splits, user)


def _take_all(splits: list[tuple[Letter, list[LetterPiece]]], user) -> list[Recommendation]:
    new = [(letter, piece.text.strip(), piece.point) for letter, pieces in splits for piece in pieces if not piece.into]
    made = _make_all(new)
    similarity.index(made)
    remaining, askings, log, taken = iter(made), [], [], []
    for letter, pieces in splits:
        rows = []
        for piece in pieces:
            row = piece.into or next(remaining)
            action, after = (MoveAction.JOINED, "") if piece.into else (MoveAction.RECEIVED, row.state)
            log.append(moves.new_move(row, action, user, after=after, detail=letter.number))
            askings.append(
                Asking(
                    recommendation=row,
                    letter=letter,
                    point=piece.point,
                    text=piece.text.strip(),
                    language=letter.language,
                    joined_by=user,
                )
            )
            rows.append(row)
        log.append(moves.new_move(letter, MoveAction.SPLIT, user, detail=_joined_keys(rows)))
        taken += rows
    Asking.objects.bulk_create(askings)
    Move.objects.bulk_create(log)
    moves.update_states([letter for letter, _pieces in splits])
    return taken


def _joined_keys(rows) -> str:
    """Keys that fit into the log."""
    text = ", ".join(row.key for row in rows)
    return text if len(text) <= 200 else f"{text[:199]}…"


def split_refusals(letter: Letter, pieces: list[LetterPiece]) -> list[str]:
    """Why a letter cannot be split so, piece by piece."""
    if letter.state in moves.PUT_ASIDE:
        values = {"row": letter, "state": letter.get_state_display()}
        return [_t("Status of %(row)s: %(state)s. Recommendations cannot be created from it.") % values]
    if not pieces:
        return [_t("Select at least one passage.")]
    if len(pieces) > MAX_PIECES:
        return [_t("A submission can be split into up to %(most)s recommendations at a time.") % {"most": MAX_PIECES}]
    words, reasons = open_text(letter), []
    for number, piece in enumerate(pieces, 1):
        if not is_verbatim(piece.text, words):
            message = _t(
                "Passage %(number)s does not match the submission word for word. Keep the original "
                "words and use […] where you leave some out."
            )
            reasons.append(message % {"number": number})
        if len(piece.text) > LONGEST_POINT:
            reasons.append(_t("Passage %(number)s is too long.") % {"number": number})
    joined = [piece.into.pk for piece in pieces if piece.into is not None]
    existing = {asking.recommendation_id for asking in letter.askings.all()}
    if len(joined) > len(set(joined)) or existing & set(joined):
        reasons.append(_t("A submission can include the same recommendation only once."))
    return reasons + [reason for piece in pieces if piece.into for reason in _merge_refusals(piece.into)]


def _merge_refusals(recommendation: Recommendation) -> list[str]:
    if recommendation.state not in moves.PUT_ASIDE:
        return []
    values = {"row": recommendation, "state": recommendation.get_state_display()}
    return [_t("Status of %(row)s: %(state)s. Nothing can be merged with it.") % values]


def _make_all(parts: list[tuple[Letter, str, Point | None]]) -> list[Recommendation]:
    """Recommendations of these words, linked to what their points name."""
    points = [point for _letter, _text, point in parts if point]
    pillars = Pillar.objects.in_bulk({point.pillar_key for point in points} - {""}, field_name="key")
    initiatives = Initiative.objects.in_bulk({point.initiative_key for point in points} - {""}, field_name="key")
    made = Recommendation.objects.bulk_create(
        Recommendation(
            key=key,
            consultation_id=letter.consultation_id,
            pillar=pillars.get(point.pillar_key) if point else None,
            text=text,
            language=letter.language,
            original_language=letter.language,
            received_on=timezone.localdate(letter.created_at),
        )
        for key, (letter, text, point) in zip(_next_keys(len(parts)), parts, strict=True)
    )
    InitiativeLink.objects.bulk_create(
        InitiativeLink(recommendation=row, initiative=initiatives[point.initiative_key])
        for row, (_letter, _text, point) in zip(made, parts, strict=True)
        if point and point.initiative_key in initiatives
    )
    return made


def _next_keys(number: int) -> list[str]:
    """The next numbers of the year; the line of public changes keeps two from taking the same."""
    year = timezone.localdate().year
    beginning = f"r-{year}-"
    numbered = Recommendation.objects.filter(key__regex=rf"^{beginning}[0-9]{{4,}}$")
    last = numbered.order_by(Length("key").desc(), "-key").values_list("key", flat=True).first()
    first = int(last.rpartition("-")[2]) + 1 if last else 1
    return [f"{beginning}{place:04d}" for place in range(first, first + number)]


# Joining and parting


def _refuse_regrouped(rows: list[Recommendation], keys: list[str], user, versions: VersionTokens | None) -> None:
    """Raises Refused where one of the locked rows was joined, parted or grouped since the page was made."""
    existing_keys = {row.key for row in rows}
    gone = [(key, edit_conflicts.find_merge(key)) for key in keys if key not in existing_keys]
    if gone:
        raise Refused(
            [edit_conflicts.describe_merge(key, merge) for key, merge in gone if merge]
            or [_missing_message(gone[0][0])]
        )
    for row in rows:
        regrouped = (MoveAction.JOINED, MoveAction.PARTED, MoveAction.GROUPED)
        edit_conflicts.refuse_stale(row, user, (versions or {}).get(row.key), *regrouped)


def _missing_message(key: str) -> str:
    return _t("The recommendation “%(key)s” does not exist.") % {"key": key[:80]}


def recommendations_by_key(keys: list[str]) -> list[Recommendation]:
    """The recommendations with these keys. Raises Refused for one that is not there, with what it was joined to."""
    keys = [key.lower()[:80] for key in keys]
    by_key = {row.key: row for row in Recommendation.objects.filter(key__in=keys)}
    for key in keys:
        if key not in by_key:
            move = edit_conflicts.find_merge(key)
            raise Refused([edit_conflicts.describe_merge(key, move) if move else _missing_message(key)])
    return list(by_key.values())


def merge_refusals(into: Recommendation, others: list[Recommendation]) -> list[str]:
    """Why these cannot become one: readers know them by their own keys, or the state forbids it."""
    reasons = _merge_refusals(into)
    for other in others:
        reasons += _merge_refusals(other)
        if other.pk == into.pk:
            reasons.append(_t("A recommendation cannot be merged with itself."))
        if getattr(other, "published", None) is not None:
            reasons.append(
                _t("%(row)s is published or proposed for publication. Merge the other one with it instead.")
                % {"row": other.label}
            )
        if Response.objects.filter(recommendation_key=other.key).exists() or other.drafts.exists():
            reasons.append(_t("%(row)s already has a response or a draft response.") % {"row": other.label})
    return reasons if others else [_t("Select what to merge.")]


def join(
    into: Recommendation, others: list[Recommendation], user, versions: VersionTokens | None = None
) -> Recommendation:
    """Make these one recommendation, for which all their letters ask. Raises Refused.

    What was done with the others goes on in the history of the one that stays.
    """
    with public_change():
        moves.check_triage_permission(user)
        into = moves.locked(into)
        keys = [row.key for row in others]
        others = list(Recommendation.objects.select_for_update(of=("self",)).filter(key__in=keys))
        _refuse_regrouped([into, *others], keys, user, versions)
        reasons = merge_refusals(into, others)
        if reasons:
            raise Refused(reasons)
        for other in others:
            _merge(into, other, user)
        return into


def _merge(into: Recommendation, other: Recommendation, user) -> None:
    letters = set(into.askings.values_list("letter", flat=True))
    for asking in other.askings.all():
        if asking.letter_id in letters:  # One letter that said it twice asks once, in its first words.
            continue
        asking.recommendation = into
        asking.save(update_fields=["recommendation"])
    linked = set(into.links.values_list("initiative", flat=True))
    other.links.exclude(initiative__in=linked).update(recommendation=into)
    into.tags.add(*other.tags.all())
    other.moves.update(recommendation=into)
    other.notes.update(recommendation=into)
    moves.log_move(into, MoveAction.JOINED, user, detail=other.key)
    other.delete()


def split_off(asking: Asking, user, reason: str) -> Recommendation:
    """Take a letter out of a recommendation and give its words one of their own. Raises Refused."""
    shown = asking.recommendation_id
    with public_change():
        moves.check_triage_permission(user)
        asking = moves.locked(asking)
        if asking.recommendation_id != shown:
            raise Refused([_t("The submission is now linked to %(key)s.") % {"key": asking.recommendation.label}])
        recommendation, letter = moves.locked(asking.recommendation), asking.letter
        if not reason.strip():
            raise Refused([_t("Explain why the submission is being removed.")])
        if recommendation.askings.count() < 2:
            raise Refused([_t("No other submission includes it: it already belongs only to this one.")])
        published = getattr(recommendation, "published", None)
        if published is not None and published.asking_id == asking.pk:
            raise Refused([_t("The words of this submission are public. Remove them from the public pages first.")])
        (made,) = _make_all([(letter, asking.text, asking.point)])
        asking.recommendation = made
        asking.save(update_fields=["recommendation"])
        similarity.index([made])
        moves.log_move(recommendation, MoveAction.PARTED, user, reason=reason.strip(), detail=made.key)
        moves.log_move(
            made, MoveAction.PARTED, user, after=made.state, reason=reason.strip(), detail=recommendation.key
        )
        moves.update_letter_states([made])
        return made


def set_campaign(
    campaign: Campaign | None, rows: list[Recommendation], user, versions: VersionTokens | None = None
) -> None:
    """Group these as one campaign, or take them out of theirs. Raises Refused."""
    with public_change():
        moves.check_triage_permission(user)
        if not rows:
            raise Refused([_t("Select what to group.")])
        keys = [row.key for row in rows]
        rows = list(Recommendation.objects.select_for_update(of=("self",)).filter(key__in=keys))
        _refuse_regrouped(rows, keys, user, versions)
        for row in rows:
            if row.campaign_id != (campaign.pk if campaign else None):
                row.campaign = campaign
                row.save(update_fields=["campaign"])
                moves.log_move(row, MoveAction.GROUPED, user, detail=campaign.key if campaign else "")
