"""How followers and authors are notified of publications: each row has a cursor in the publication log.

Publishing calls nothing here. Messages and the cursors of their recipients are written in one short transaction:
killed between any two steps, nobody is notified twice, and nobody misses anything.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min, QuerySet

from hled_portal.background import mail
from hled_portal.background.jobs import JobRun
from hled_portal.models import Mail, Publication, PublicationAction

#: How many recipients one transaction writes to, other rows of the same addresses besides.
MESSAGES_A_TRANSACTION = 20


@dataclass(frozen=True)
class Delivery:
    """One message, or none where nothing concerns its reader, and the keys of the rows whose cursors it moves."""

    keys: list[int]
    message: Mail | None


def next_publication(recipients: QuerySet) -> int | None:
    """The first publication that one of these was not notified of."""
    lowest = recipients.aggregate(lowest=Min("notified_up_to"))["lowest"]
    if lowest is None:
        return None
    return Publication.objects.filter(number__gt=lowest).aggregate(number=Min("number"))["number"]


def notify(
    turn: JobRun, pending: QuerySet, concerned, up_to: int, compose_batch: Callable[[QuerySet], list[Delivery]]
) -> int:
    """Write to those whom it concerns, one batch in each transaction; then move the cursors of all others.

    `pending` are rows whose cursor is below `up_to`, and `concerned` is a condition on them.
    """
    sent = 0
    while turn.should_continue() and (batch := compose_batch(pending.filter(concerned))):  # The slow part: no lock yet.
        sent += _store(batch, pending, up_to)
    if not turn.cut:
        _move_cursors(pending, pending.exclude(concerned).values("pk"), up_to)
    return sent


def _store(batch: list[Delivery], pending: QuerySet, up_to: int) -> int:
    with transaction.atomic():
        rows = pending.select_for_update(of=("self",)).filter(pk__in=[key for each in batch for key in each.keys])
        still_pending = set(rows.values_list("pk", flat=True))
        # Whoever waited for the lock of another process leaves out what that one wrote; the rest of a delivery that
        # overlaps with it is composed anew.
        whole = [each for each in batch if still_pending.issuperset(each.keys)]
        messages = [each.message for each in whole if each.message]
        mail.store(messages)
        _move_cursors(pending, [key for each in whole for key in each.keys], up_to)
    return len(messages)


def _move_cursors(rows: QuerySet, keys, up_to: int) -> None:
    rows.model.objects.filter(pk__in=keys).update(notified_up_to=up_to)


def end_of_second(publication: Publication) -> datetime.datetime:
    """The log has whole seconds."""
    return datetime.datetime.fromisoformat(publication.data["at"]) + datetime.timedelta(seconds=1)


def rewrite_unsent(events: str, recompose: Callable[[Mail], Mail | None]) -> None:
    """After a withdrawal, compose anew what still waits for the mail server: the words are gone there too.

    `events`: a regular expression.
    """
    last = Publication.objects.filter(action=PublicationAction.WITHDRAWN).order_by("-position").first()
    if last is None:
        return
    for row in Mail.objects.waiting().filter(event__regex=events, queued_at__lt=end_of_second(last)):
        with transaction.atomic():
            row.delete()
            message = recompose(row)
            mail.store([message] if message else [])
