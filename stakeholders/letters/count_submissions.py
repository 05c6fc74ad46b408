"""Counts all submissions for the public figures."""

import datetime

from django.db.models import Exists, Min, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from stakeholders.models import Asking, Letter, Response
from stakeholders.vocabulary import CaseState, Consent


def count_submissions(day: datetime.date, consultation_key: str) -> dict:
    """The numbers as of the end of a day. One query."""
    answers = Response.objects.filter(state__in=["published", "superseded"], public_from__lte=day)
    split = Asking.objects.filter(letter=OuterRef("pk"), joined_at__date__lte=day)
    answered = split.filter(recommendation__key__in=answers.values("recommendation_key"))
    letters = Letter.objects.filter(created_at__date__lte=day)
    if consultation_key:
        letters = letters.filter(consultation__key=consultation_key)
    closed = Q(withdrawn_at__date__lte=day) | Q(state=CaseState.RESTRICTED)
    open_ = ~closed & Q(is_answered=False)
    totals = letters.annotate(is_split=Exists(split), is_answered=Exists(answered)).aggregate(
        received=_copies(),
        unread=_copies(~closed & Q(is_split=False)),
        answered=_copies(Q(is_answered=True)),
        waiting=_copies(open_),
        oldest=Min("created_at", filter=open_),
        unpublished=_copies(Q(consent=Consent.NOTHING)),
    )
    oldest = totals.pop("oldest")
    return totals | {"longest_wait": (day - timezone.localdate(oldest)).days if oldest else None}


def _copies(condition: Q | None = None) -> Coalesce:
    """How many submissions: a docket may count many alike ones as one."""
    return Coalesce(Sum("copies", filter=condition), 0)
