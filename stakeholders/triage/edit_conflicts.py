"""Version tokens of letters and recommendations: the number of the last move that the user may know of.

A verb is refused where somebody did the same kind of thing after the page was made.
"""

from collections.abc import Iterable

from django.db.models import Max
from django.utils.translation import gettext as _t

from hled_portal.publishing.edit_conflicts import VersionCheck, describe_change
from stakeholders.models import Letter, Move, Recommendation
from stakeholders.vocabulary import MoveAction

from . import access


class MoveVersion(VersionCheck):
    """`actions` are the kinds of moves that make a token stale; those of the other delegation alone do not count."""

    def __init__(self, row: Letter | Recommendation, user, actions: Iterable[str] = ()):
        super().__init__(row)
        self.moves, self.actions = access.visible_moves(user, row), actions

    def token(self) -> str:
        return str(self.moves.aggregate(last=Max("pk"))["last"] or 0)

    def is_stale(self, token: str) -> bool:
        return self._moves_since(token).exists()

    def changes_since(self, token: str) -> list[str]:
        return [describe_move(move) for move in self._moves_since(token).select_related("by")]

    def _moves_since(self, token: str):
        number = int(token) if token.isascii() and token.isdigit() and len(token) < 19 else 0
        return self.moves.filter(pk__gt=number, action__in=self.actions)


def version_tokens(rows: list[Recommendation]) -> dict[str, str]:
    """By key of the recommendation. One query; where a page shows the number alone, and no move."""
    numbers = Move.objects.filter(recommendation__in=rows).order_by().values_list("recommendation__key")
    return {key: str(last) for key, last in numbers.annotate(last=Max("pk"))}


def refuse_stale(row: Letter | Recommendation, user, token: str | None, *actions: str) -> None:
    """Raises EditConflict where the locked row had such a move since; None, for callers without a page, passes."""
    if token is not None:
        MoveVersion(row, user, actions).refuse_stale(token)


def describe_move(move: Move) -> str:
    by = {"person": move.by, "side": move.get_delegation_display()}
    who = _t("%(person)s (%(side)s)") % by if move.by else _t("the sender, or the portal")
    action = move.get_action_display()
    return describe_change(who, move.at, f"{action} ({move.detail})" if move.detail else action)


def describe_state_change(row: Letter | Recommendation) -> list[str]:
    """The move that brought the row into its present state."""
    last = row.moves.filter(after=row.state).select_related("by").last()
    return [describe_move(last)] if last else []


def find_merge(key: str) -> Move | None:
    """The move that joined a recommendation, which no longer exists by its own key, to another."""
    merges = Move.objects.filter(action=MoveAction.JOINED, detail=key, recommendation__isnull=False)
    return merges.select_related("by", "recommendation").last()


def describe_merge(key: str, merge: Move) -> str:
    values = {"key": key, "into": merge.recommendation.label, "move": describe_move(merge)}
    return _t("%(key)s was merged with %(into)s. %(move)s") % values


def missing_row_messages(row) -> list[str]:
    """Why a row no longer exists."""
    merge = find_merge(row.key) if isinstance(row, Recommendation) else None
    return [describe_merge(row.key, merge) if merge else _t("“%(row)s” no longer exists.") % {"row": row}]
