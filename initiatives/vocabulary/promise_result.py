"""What became of the first published date of a milestone: the score, one rule in SQL over `fact_status`.

- Promised: first published as expected, committed to or with a deadline. It counts once its first published date has
  passed, whatever its date is now; a plan promises nothing.
- Met by that date or after it: as far as the dates tell. “By April 2024” does not say on which side of March it was.
- First published as already met: no promise was ever public, so it is counted apart.
- Everything else does not count: events and updates, what was discontinued, what is not due yet, and what had no
  published outcome when its cycle ended.
"""

import datetime

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from .actions import FactKind, Modality
from .fact_status import FactStatus

PROMISES = (Modality.EXPECTED, Modality.COMMITTED, Modality.DEADLINE)


class PromiseResult(models.TextChoices):
    """The values are part of addresses."""

    ON_TIME = "on_time", _("met by the date promised")
    LATE = "late", _("met after the date promised")
    TIMING_UNKNOWN = "timing_unknown", _("met, not known whether by the date promised")
    OPEN = "open", _("date promised has passed, not published as met")
    FIRST_PUBLISHED_MET = "first_met", _("first published as already met")
    NOT_COUNTED = "none", _("not a promise for a date that has passed")


#: Met after all.
PROMISES_MET = (PromiseResult.ON_TIME, PromiseResult.LATE, PromiseResult.TIMING_UNKNOWN)
#: Promised for a date that has passed.
PROMISES_DUE = (*PROMISES_MET, PromiseResult.OPEN)


def result_expression(day: datetime.date, statuses: dict[FactStatus, Q]) -> Case:
    """The result of a row as a column; `statuses`: the condition of each status on that day."""
    milestone = Q(kind=FactKind.MILESTONE)
    due = milestone & Q(first_modality__in=PROMISES, first_latest__lt=day)
    still_open = statuses[FactStatus.DATE_PASSED] | statuses[FactStatus.EXPECTED] | statuses[FactStatus.UNDER_WAY]
    met = Case(
        When(latest__lte=F("first_latest"), then=Value(PromiseResult.ON_TIME.value)),
        When(earliest__gt=F("first_latest"), then=Value(PromiseResult.LATE.value)),
        default=Value(PromiseResult.TIMING_UNKNOWN.value),
    )
    first_met = milestone & Q(first_modality=Modality.HAPPENED) & statuses[FactStatus.DONE]
    return Case(
        When(due & statuses[FactStatus.DONE], then=met),
        When(due & still_open, then=Value(PromiseResult.OPEN.value)),
        When(first_met, then=Value(PromiseResult.FIRST_PUBLISHED_MET.value)),
        default=Value(PromiseResult.NOT_COUNTED.value),
        output_field=models.CharField(),
    )
