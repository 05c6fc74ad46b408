"""What somebody else did with a letter or a recommendation while its page was open.

A page keeps the number of the last thing that was done with its row, as far as its reader may know of it. What the
page asks for is refused where somebody did the same kind of thing since, and its reader is told who, when and what:
nothing is done over unseen. Compare under the lock of the row, so that of two at one moment the second is told.
"""

from django.db.models import Max
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t

from hled_portal.publishing.clearance import Refused
from stakeholders.models import Letter, Move, Recommendation
from stakeholders.vocabulary import MoveAction

from . import access


def newest(user, row: Letter | Recommendation) -> int:
    """The number of the last move of the row that the user may know of; 0 where there is none."""
    return access.visible_moves(user, row).aggregate(newest=Max("pk"))["newest"] or 0


def newest_moves(rows: list[Recommendation]) -> dict[str, int]:
    """By key, the number of the last move of each. One query."""
    found = Move.objects.filter(recommendation__in=rows).order_by().values_list("recommendation__key")
    return dict(found.annotate(newest=Max("pk")))


def describe_move(move: Move) -> str:
    """When, who did what."""
    by = {"person": move.by, "side": move.get_delegation_display()}
    names = {
        "who": _t("%(person)s (%(side)s)") % by if move.by else _t("the sender, or the portal"),
        "when": date_format(localtime(move.at), "DATETIME_FORMAT"),
        "what": f"{move.get_action_display()} ({move.detail})" if move.detail else move.get_action_display(),
    }
    return _t("%(when)s, %(who)s: %(what)s.") % names


def done(row: Letter | Recommendation, user, seen: int, *actions: str) -> list[str]:
    """What was done since, of these kinds; whom the other delegation gave the work to is not told."""
    rows = access.visible_moves(user, row).filter(pk__gt=seen, action__in=actions)
    return [describe_move(move) for move in rows.select_related("by")]


def refuse(row: Letter | Recommendation, user, seen: int | None, *actions: str) -> None:
    """Raise Refused where one of these things was done with the locked row since `seen`; None compares nothing."""
    lines = [] if seen is None else done(row, user, seen, *actions)
    if lines:
        intro = _t("Somebody was at work on “%(row)s” while you had this page open; nothing of yours was done.")
        again = _t("Read it as it is now, and send yours again if it still holds. What you typed is kept on this page.")
        raise Refused([intro % {"row": row}, *lines, again])


def led_here(row: Letter | Recommendation) -> list[str]:
    """The move that brought the row into its present state."""
    found = row.moves.filter(after=row.state).select_related("by").last()
    return [describe_move(found)] if found else []


def went_into(key: str) -> Move | None:
    """What was joined to another recommendation, and is no longer there by its own key."""
    rows = Move.objects.filter(action=MoveAction.JOINED, detail=key, recommendation__isnull=False)
    return rows.select_related("by", "recommendation").last()


def missing_row_messages(row) -> list[str]:
    """Why a row is no longer there."""
    move = went_into(row.key) if isinstance(row, Recommendation) else None
    return [describe_merge(row.key, move) if move else _t("“%(row)s” is no longer there.") % {"row": row}]


def describe_merge(key: str, move: Move) -> str:
    names = {"key": key, "into": move.recommendation.key, "told": describe_move(move)}
    return _t("%(key)s was joined to %(into)s. %(told)s") % names
