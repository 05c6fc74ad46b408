"""Who reads letters and what is made of them: recommendations officers of the delegations, and nobody else.

A superuser or an administrator runs the portal and reads none; an auditor reads none. What is confidential, and what a
side keeps for itself, is read by the delegations that it is for.
"""

from django.db.models import Q

from hled_portal.i18n.delegations import Side
from stakeholders.models import Letter, Recommendation, ResponseDraft
from stakeholders.vocabulary import MoveAction


def can_read_letters(user) -> bool:
    """Whether the user is a recommendations officer of a delegation."""
    return bool(user.is_active and user.is_staff and user.delegation and user.has_perm("stakeholders.view_letter"))


def can_triage(user) -> bool:
    """Whether the user may do what triage does."""
    return can_read_letters(user) and user.has_perm("stakeholders.change_recommendation")


def readable_sides(user) -> tuple[str, ...]:
    """For whom a confidential text may be, that this user reads it; nobody's without a right to letters."""
    return (user.delegation, Side.JOINT) if can_read_letters(user) else ()


def open_to(user, rows):
    """Those of these parts, files or corrections that the user may read: what is for everyone, and what is for her."""
    return rows.filter(addressed__in=("", *readable_sides(user))) if can_read_letters(user) else rows.none()


def visible_letters(user):
    return Letter.objects.all() if can_read_letters(user) else Letter.objects.none()


def visible_recommendations(user):
    return Recommendation.objects.all() if can_read_letters(user) else Recommendation.objects.none()


def own_rows(user, rows):
    """Notes and assignments of the user's own delegation."""
    return rows.filter(delegation=user.delegation) if can_read_letters(user) else rows.none()


def visible_moves(user, row):
    """What was done with a letter or a recommendation, without what is of the other delegation alone.

    That is whom it gave the work to, and corrections that are confidential for it.
    """
    others = Q(action=MoveAction.ASSIGNED) & ~Q(delegation=user.delegation)
    others |= Q(action=MoveAction.CORRECTED) & ~Q(detail__in=("", *readable_sides(user)))
    return row.moves.exclude(others) if can_read_letters(user) else row.moves.none()


def drafts(user):
    """Answers that are being written: joint ones, those of the own side, and what the other side shared."""
    if not can_read_letters(user):
        return ResponseDraft.objects.none()
    return ResponseDraft.objects.filter(Q(side__in=readable_sides(user)) | Q(shared=True))


def writes_draft(user, draft: ResponseDraft) -> bool:
    """Whether the user's delegation writes this answer, alone or with the other."""
    return can_triage(user) and draft.side in readable_sides(user)
