"""The ready flag: a side's own fact is included in proposals once that side marked it ready.

Saving such a fact, or a row related to it, clears the flag unless the same save sets it, so that unfinished work is
neither published with a proposal nor blocks it (`editions/snapshot.py`). A joint fact has no draft.
"""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from hled_portal.i18n.delegations import Side
from initiatives.models import Fact
from initiatives.visibility import may_edit, owning_fact, owning_initiative


def has_draft(fact: Fact) -> bool:
    """Whether the fact can be a draft: a joint fact cannot."""
    return fact.side != Side.JOINT


def clear_ready_flag(rows: Iterable[Model]) -> list[Fact]:
    """Clear the flag of the facts of these saved or deleted rows; returns those that had it.

    The caller raises the revision of the initiative.
    """
    keys = {fact.pk for row in rows if (fact := owning_fact(row)) is not None and has_draft(fact)}
    ready = list(Fact.objects.filter(pk__in=keys, ready=True)) if keys else []
    for fact in ready:
        _mark(fact, False)
    return ready


def set_initial_flag(fact: Fact, *, marked: bool = False) -> None:
    """A fact entered in the staff site begins as a draft of its side; the caller saves."""
    fact.ready = marked or not has_draft(fact)


def mark_ready(fact: Fact, user) -> None:
    """Mark a fact of the user's own side as ready to be proposed. Raises ValidationError."""
    _decide(fact, user, True)


def mark_unready(fact: Fact, user) -> None:
    """Make a fact of the user's own side a draft again: proposals take it as it was last published, or not at all."""
    _decide(fact, user, False)


def _decide(fact: Fact, user, ready: bool) -> None:
    if not has_draft(fact):
        raise ValidationError(_("Joint items have no draft. They are always ready."))
    if not may_edit(user, fact.side):
        raise ValidationError(_("This record belongs to the other delegation."))
    if fact.ready != ready:
        with transaction.atomic():
            _mark(fact, ready)
            if (initiative := owning_initiative(fact)) is not None:
                initiative.touch()


def _mark(fact: Fact, ready: bool) -> None:
    """Saved as an instance, so that the history records who changed the flag."""
    fact.ready = ready
    fact.save(update_fields=["ready"])
