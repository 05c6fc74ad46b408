"""What staff do with letters and recommendations: one table of moves, and the only module that sets their states.

Each move is a row of `Move`: who, when, from where to where, and why. What splits, joins and publishes is in
`splitting.py` and `publishing.py`; they change states through this module.
"""

import datetime
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from hled_portal.i18n.delegations import Delegation, Side
from hled_portal.models import Removal
from hled_portal.publishing.clearance import Refused
from hled_portal.publishing.releasing import public_change
from hled_portal.publishing.signed_text import State
from stakeholders.models import (
    Asking,
    Assignment,
    Correction,
    Letter,
    Move,
    Note,
    Objection,
    PublishedRecommendation,
    Recommendation,
    Response,
    Tag,
)
from stakeholders.vocabulary import CaseState, MoveAction, Restriction

from . import access, edit_conflicts

_OPEN = (CaseState.RECEIVED, CaseState.CONSIDERED)
#: From which states a move leads to which. What is not here cannot be done.
MOVES: dict[str, tuple[tuple[str, ...], str]] = {
    MoveAction.CONSIDERED: ((CaseState.RECEIVED,), CaseState.CONSIDERED),
    MoveAction.ANSWERED: (_OPEN, CaseState.ANSWERED),
    MoveAction.REOPENED: ((CaseState.ANSWERED, CaseState.WITHDRAWN), CaseState.CONSIDERED),
    MoveAction.RESTRICTED: ((*_OPEN, CaseState.ANSWERED), CaseState.RESTRICTED),
    MoveAction.UNRESTRICTED: ((CaseState.RESTRICTED,), CaseState.CONSIDERED),
    MoveAction.WITHDRAWN: ((*_OPEN, CaseState.ANSWERED, CaseState.RESTRICTED), CaseState.WITHDRAWN),
}
PUT_ASIDE = (CaseState.WITHDRAWN, CaseState.RESTRICTED)
#: Steps by which words leave the readers, or come back to them: done again after a restore.
PUT_ASIDE_ACTIONS = (MoveAction.RESTRICTED, MoveAction.UNRESTRICTED, MoveAction.WITHDRAWN)
_RESTRICTIONS = (MoveAction.RESTRICTED, MoveAction.UNRESTRICTED)


def is_allowed(row: Letter | Recommendation, action: str) -> bool:
    """Whether the state of the row allows the move."""
    return row.state in MOVES[action][0]


def new_move(row: Letter | Recommendation, action: str, by=None, **more) -> Move:
    """What was done, not yet written down; `by` is None for the sender and for releases."""
    subject = {"letter": row} if isinstance(row, Letter) else {"recommendation": row}
    return Move(action=action, by=by, delegation=by.delegation if by else "", **subject, **more)


def log_move(row: Letter | Recommendation, action: str, by=None, **more) -> None:
    """Write down what was done."""
    new_move(row, action, by, **more).save()


def move_all(rows: list, action: str, by=None, reason: str = "", restriction: str = "") -> None:
    """Move locked rows of one table along the table of moves and log it. Raises Refused. For the modules of triage."""
    for row in rows:
        if not is_allowed(row, action):
            values = {"row": row, "state": row.get_state_display(), "move": MoveAction(action).label}
            refusal = _t("Status of %(row)s: %(state)s. This step is not possible: %(move)s.") % values
            raise Refused([*edit_conflicts.describe_state_change(row), refusal])
    if not rows:
        return
    after = MOVES[action][1]
    columns = {"state": after, "restriction": restriction}
    if isinstance(rows[0], Recommendation):
        columns["restriction_text"] = reason if restriction else ""
        columns |= {"answered_at": timezone.now()} if after == CaseState.ANSWERED else {}
    else:
        columns["withdrawn_at"] = timezone.now() if after == CaseState.WITHDRAWN else None
    log = [
        new_move(row, action, by, before=row.state, after=after, reason=reason, restriction=restriction) for row in rows
    ]
    for row in rows:
        for name, value in columns.items():
            setattr(row, name, value)
        if action in PUT_ASIDE_ACTIONS and (by is not None or isinstance(row, Letter)):
            note_removal(row, action, restriction)
    type(rows[0]).objects.filter(pk__in=[row.pk for row in rows]).update(**columns)
    Move.objects.bulk_create(log)


def move(row, action: str, by=None, reason: str = "", restriction: str = ""):
    """Move one locked row. Raises Refused."""
    move_all([row], action, by, reason, restriction)
    return row


def locked_all(rows: list) -> list:
    """The rows of one table as they are now, in the same order, until the transaction ends.

    Raises Refused for one that was joined to another meanwhile.
    """
    if not rows:
        return []
    current = type(rows[0]).objects.select_for_update(of=("self",)).order_by("pk").in_bulk([row.pk for row in rows])
    for row in rows:
        if row.pk not in current:
            raise Refused(edit_conflicts.missing_row_messages(row))
    return [current[row.pk] for row in rows]


def locked(row):
    """One row as it is now. Raises Refused."""
    return locked_all([row])[0]


def check_triage_permission(user) -> None:
    """Raises Refused for who does no triage."""
    if not access.can_triage(user):
        raise Refused([_t("You are not a recommendations officer in a delegation.")])


def note_removal(row: Letter | Recommendation, action: str, detail: str = "") -> None:
    """For the list of what a restore does again; a letter by the hash of its form."""
    name = f"letter {row.once_digest}" if isinstance(row, Letter) else f"recommendation {row.key}"
    Removal.objects.create(kind=str(action), name=name, detail=detail)


# States


def consider(recommendation: Recommendation, user) -> None:
    """Take under consideration. Raises Refused."""
    with transaction.atomic():
        consider_all(locked_all([recommendation]), user)


def consider_all(recommendations: list[Recommendation], user) -> None:
    """Take locked recommendations under consideration. Raises Refused."""
    check_triage_permission(user)
    move_all(recommendations, MoveAction.CONSIDERED, user)
    update_letter_states(recommendations)


def restrict(
    row: Letter | Recommendation, user, restriction: str, reason: str = "", version: str | None = None
) -> None:
    """Put a letter or a recommendation aside, and off the public pages at once; one delegation alone does it.

    Raises Refused.
    """
    with public_change():
        check_triage_permission(user)
        reasons = restriction_reason_refusals(restriction, reason)
        if reasons:
            raise Refused(reasons)
        row = locked(row)
        edit_conflicts.refuse_stale(row, user, version, *_RESTRICTIONS)
        put_aside(row, user, restriction, reason.strip())


def put_aside(row: Letter | Recommendation, user, restriction: str, reason: str) -> None:
    """Restrict a locked row and what hangs on it, whoever may; `user` is None for a restore."""
    if isinstance(row, Letter):
        with logging_lost_words(row):
            row = move(row, MoveAction.RESTRICTED, user, reason, restriction)
            _update_askings(row)
        return
    row = move(row, MoveAction.RESTRICTED, user, reason, restriction)
    published = getattr(row, "published", None)
    if published is not None:
        published.restricted_at, published.restriction = timezone.now(), restriction
        published.save()


def lift(row: Letter | Recommendation, user, reason: str, version: str | None = None) -> None:
    """Lift a restriction; what was public before is public again. Raises Refused."""
    with public_change():
        check_triage_permission(user)
        if not reason.strip():
            raise Refused([_t("Explain why the restriction is being removed.")])
        row = locked(row)
        edit_conflicts.refuse_stale(row, user, version, *_RESTRICTIONS)
        take_up(row, user, reason.strip())


def take_up(row: Letter | Recommendation, user, reason: str) -> None:
    """Undo what `put_aside` did to a locked row."""
    row = move(row, MoveAction.UNRESTRICTED, user, reason)
    if isinstance(row, Letter):
        _update_askings(row)
        return
    published = getattr(row, "published", None)
    if published is not None:
        published.restricted_at, published.restriction = None, ""
        published.save()
    update_answered_state(row.key)


def restriction_reason_refusals(restriction: str, reason: str) -> list[str]:
    if restriction not in Restriction.values:
        return [_t("Select a reason for the restriction.")]
    if restriction == Restriction.OTHER and not reason.strip():
        return [_t("Describe the other reason.")]
    return []


def withdraw(letter: Letter, reason: str = "") -> bool:
    """The sender takes the letter back: none of its words stay public. False when it was over already."""
    with public_change():
        letter = locked(letter)
        if letter.state in PUT_ASIDE:
            return False
        with logging_lost_words(letter):
            move(letter, MoveAction.WITHDRAWN, reason=reason)
            _update_askings(letter)
        return True


@contextmanager
def logging_lost_words(letter: Letter):
    """Write down on each public recommendation of the letter that readers lost its words by what is done within.

    Officers read it there and on their first page: the words of the next letter wait to be cleared.
    """
    recommendations = PublishedRecommendation.objects.public(timezone.now()).filter(
        recommendation__askings__letter=letter
    )
    with_words = list(recommendations.filter(words_gone=False).values_list("pk", flat=True))
    yield
    still = PublishedRecommendation.objects.public(timezone.now()).filter(pk__in=with_words, words_gone=False)
    lost = PublishedRecommendation.objects.filter(pk__in=with_words).exclude(pk__in=still.values("pk"))
    for row in lost.select_related("recommendation"):
        log_move(row.recommendation, MoveAction.SILENCED)


def _update_askings(letter: Letter) -> None:
    """What nobody asks for any more is withdrawn, or restricted with its only letter; what somebody does is opened."""
    rows = Recommendation.objects.filter(askings__letter=letter).order_by("pk")
    for recommendation in rows.select_for_update(of=("self",)):
        has_askings = recommendation.askings.exclude(letter__state__in=PUT_ASIDE).exists()
        if (
            not has_askings
            and is_allowed(recommendation, MoveAction.WITHDRAWN)
            and recommendation.state not in PUT_ASIDE
        ):
            move(recommendation, MoveAction.WITHDRAWN, reason=_t("No submission includes it any longer."))
        elif has_askings and recommendation.state == CaseState.WITHDRAWN:
            move(recommendation, MoveAction.REOPENED)
            update_answered_state(recommendation.key)


def update_answered_state(key: str) -> None:
    """Answered once both governments have a public answer, together or each its own; open again once one is gone.

    Called in the transaction of a release or a withdrawal.
    """
    recommendation = Recommendation.objects.select_for_update(of=("self",)).filter(key=key).first()
    if recommendation is None:
        return
    sides = set(Response.objects.filter(recommendation_key=key, state=State.PUBLISHED).values_list("side", flat=True))
    is_answered = Side.JOINT in sides or set(Delegation.values) <= sides
    if is_answered and is_allowed(recommendation, MoveAction.ANSWERED):
        move(recommendation, MoveAction.ANSWERED)
    elif not is_answered and recommendation.state == CaseState.ANSWERED:
        move(recommendation, MoveAction.REOPENED)
    update_letter_states([recommendation])


def update_letter_states(recommendations: list[Recommendation]) -> None:
    """Those of the letters that ask for one of these."""
    letters = Letter.objects.filter(pk__in=Asking.objects.filter(recommendation__in=recommendations).values("letter"))
    rows = letters.exclude(state__in=PUT_ASIDE).order_by("pk")
    update_states(list(rows.select_for_update(of=("self",))))


def update_states(letters: list[Letter]) -> None:
    """Locked letters are under consideration once a part of them is, and answered once all of them is."""
    states = {letter.pk: set() for letter in letters}
    parts = Asking.objects.filter(letter__in=letters).exclude(recommendation__state__in=PUT_ASIDE).order_by()
    for pk, state in parts.values_list("letter", "recommendation__state"):
        states[pk].add(state)
    next_moves = {MoveAction.ANSWERED: [], MoveAction.REOPENED: [], MoveAction.CONSIDERED: []}
    for letter in letters:
        present = states[letter.pk]
        all_answered = present == {CaseState.ANSWERED}
        if all_answered and is_allowed(letter, MoveAction.ANSWERED):
            next_moves[MoveAction.ANSWERED].append(letter)
        elif present and not all_answered and letter.state == CaseState.ANSWERED:
            next_moves[MoveAction.REOPENED].append(letter)
        elif present - {CaseState.RECEIVED} and is_allowed(letter, MoveAction.CONSIDERED):
            next_moves[MoveAction.CONSIDERED].append(letter)
    for action, rows in next_moves.items():
        move_all(rows, action)


# Work on a recommendation


def assign(recommendation: Recommendation, user, to, version: str | None = None) -> None:
    """Give it to an officer of the own delegation, or with None to nobody. Raises Refused."""
    with transaction.atomic():
        recommendation = locked(recommendation)
        edit_conflicts.refuse_stale(recommendation, user, version, MoveAction.ASSIGNED)
        assign_all([recommendation], user, to)


def assign_all(recommendations: list[Recommendation], user, to) -> None:
    """Give all to an officer of the own delegation, or with None to nobody. Raises Refused."""
    with transaction.atomic():
        check_triage_permission(user)
        if to is not None and not (access.can_triage(to) and to.delegation == user.delegation):
            raise Refused([_t("Assign it to a recommendations officer in your own delegation.")])
        rows, now = locked_all(recommendations), timezone.now()
        present = Assignment.objects.filter(recommendation__in=rows, delegation=user.delegation, ended_at=None)
        if to is not None:
            assigned = set(present.filter(to=to).values_list("recommendation", flat=True))
            rows = [row for row in rows if row.pk not in assigned]
        present.filter(recommendation__in=rows).update(ended_at=now)
        if to is not None:
            columns = {"delegation": user.delegation, "to": to, "by": user, "at": now}
            Assignment.objects.bulk_create(Assignment(recommendation=row, **columns) for row in rows)
        Move.objects.bulk_create(new_move(row, MoveAction.ASSIGNED, user) for row in rows)


def set_due(recommendation: Recommendation, user, day: datetime.date | None, version: str | None = None) -> None:
    """Set the date for an answer, which readers see of a public recommendation. Raises Refused."""
    with public_change():
        check_triage_permission(user)
        recommendation = locked(recommendation)
        edit_conflicts.refuse_stale(recommendation, user, version, MoveAction.DUE)
        if day is not None and day < recommendation.received_on:
            raise Refused([_t("The response due date cannot be before the recommendation was received.")])
        if recommendation.answer_due == day:
            return
        recommendation.answer_due = day
        recommendation.save(update_fields=["answer_due"])
        published = getattr(recommendation, "published", None)
        if published is not None:
            published.answer_due = day
            published.save()
        log_move(recommendation, MoveAction.DUE, user, detail=day.isoformat() if day else "")


def write_note(row: Letter | Recommendation, user, text: str) -> Note:
    """Keep a note that the other delegation never sees. Raises Refused."""
    check_triage_permission(user)
    if not text.strip():
        raise Refused([_t("Enter the note.")])
    subject = {"letter": row} if isinstance(row, Letter) else {"recommendation": row}
    return Note.objects.create(**subject, delegation=user.delegation, author=user, text=text.strip())


def tag(recommendation: Recommendation, user, tags: list[Tag]) -> None:
    check_triage_permission(user)
    recommendation.tags.set(tags)


def add_tags(recommendations: list[Recommendation], user, tags: list[Tag]) -> None:
    """Beside those that they have. Raises Refused."""
    check_triage_permission(user)
    through = Recommendation.tags.through
    pairs = [through(recommendation=row, tag=tag) for row in recommendations for tag in tags]
    through.objects.bulk_create(pairs, ignore_conflicts=True)


# What a sender added


def answer_objection(objection: Objection, user, answer: str) -> None:
    """Answer an objection of the sender, who reads the answer at the receipt. Raises Refused."""
    with transaction.atomic():
        check_triage_permission(user)
        objection = locked(objection)
        if not answer.strip():
            raise Refused([_t("Enter the response.")])
        if objection.answered_at is not None:
            names = {"person": objection.answered_by, "answer": objection.answer}
            raise Refused([_t("%(person)s has already responded to this objection: “%(answer)s”") % names])
        objection.answer, objection.answered_at, objection.answered_by = answer.strip(), timezone.now(), user
        objection.save(update_fields=["answer", "answered_at", "answered_by"])
        log_move(objection.letter, MoveAction.REPLIED, user)


def mark_as_read(corrections) -> None:
    """Corrections that were on the screen of who may read them."""
    unread = [row.pk for row in corrections if row.read_at is None]
    if unread:
        Correction.objects.filter(pk__in=unread).update(read_at=timezone.now())
