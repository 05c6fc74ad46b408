"""The status of a dated fact on a day: one rule, over plain values (`fact_status`) and in SQL (`status_conditions`).

- Discontinued: it ended without being met, whatever its date.
- Done, under way: as the text says, whatever its date.
- Expected, planned, committed to or with a deadline: once its last day is before the day, its date has passed with
  no update published; if the cycle of its subject is over too, its outcome was not published.
- An open end (`2023-06/..`) has no last day, so it never passes: the fact stays expected, also after its cycle.
- Without any date a fact is expected until its cycle is over; after that its outcome was not published.
- A figure or an objective has no modality and no status.
"""

import datetime

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.dates import edtf_dates

from .actions import Modality
from .choices import EndReason

#: Modalities of what is yet to be decided.
AWAITED = (Modality.EXPECTED, Modality.PLANNED, Modality.COMMITTED, Modality.DEADLINE)
_NOT_DISCONTINUED = ("", EndReason.MET)


class FactStatus(models.TextChoices):
    """The values are part of addresses, style sheets, files and the API."""

    DONE = "done", _("done")
    UNDER_WAY = "under_way", _("in progress")
    EXPECTED = "ahead", _("expected, planned or with a deadline")
    DATE_PASSED = "past", _("date passed, no update published")
    OUTCOME_NOT_PUBLISHED = "outcome", _("outcome not published")
    DISCONTINUED = "ended", _("no longer expected")


def fact_status(
    *,
    modality: str,
    ended: str,
    earliest: datetime.date | None,
    latest: datetime.date | None,
    day: datetime.date,
    cycle_over: bool = False,
) -> FactStatus | None:
    """The status at the end of `day`; `ended` is the reason of the end, if any. None without a modality."""
    if not modality or modality not in AWAITED or ended not in _NOT_DISCONTINUED:
        return settled_status(modality, ended)
    is_undated = earliest is None and latest is None
    has_passed = latest is not None and latest < day
    if cycle_over and (has_passed or is_undated):
        return FactStatus.OUTCOME_NOT_PUBLISHED
    return FactStatus.DATE_PASSED if has_passed else FactStatus.EXPECTED


def settled_status(modality: str, ended: str) -> FactStatus | None:
    """The status that no day changes; None while the fact is awaited."""
    if modality and ended not in _NOT_DISCONTINUED:
        return FactStatus.DISCONTINUED
    return {Modality.HAPPENED: FactStatus.DONE, Modality.UNDER_WAY: FactStatus.UNDER_WAY}.get(modality)


def frozen_fact_status(fact: dict, day: datetime.date, *, cycle_over: bool = False) -> FactStatus | None:
    """The status of a fact of a frozen content."""
    earliest, latest = edtf_dates.bounds(fact["date_edtf"])
    return fact_status(
        modality=fact["modality"],
        ended=fact["end_reason"],
        earliest=earliest,
        latest=latest,
        day=day,
        cycle_over=cycle_over,
    )


def is_cycle_over(ends: datetime.date | None, day: datetime.date) -> bool:
    """Whether a cycle with this last day, if it has one, had ended before `day`."""
    return ends is not None and ends < day


# The same rule in SQL


def awaited_condition(ended: str = "ended") -> Q:
    """What is neither settled nor discontinued; `ended` names the column with the reason of the end."""
    return Q(**{"modality__in": AWAITED, f"{ended}__in": _NOT_DISCONTINUED})


def status_conditions(
    day: datetime.date, cycle_over: Q, *, ended: str = "ended", earliest: str = "earliest", latest: str = "latest"
) -> dict[FactStatus, Q]:
    """A condition for each status; a row meets at most one of them.

    `cycle_over`: the condition that the cycle of the row's subject is over. The others name columns.
    """
    continued = Q(**{f"{ended}__in": _NOT_DISCONTINUED})
    awaited = awaited_condition(ended)
    has_passed = Q(**{f"{latest}__lt": day})
    is_ahead = Q(**{f"{latest}__gte": day})
    has_no_end = Q(**{f"{earliest}__isnull": False, f"{latest}__isnull": True})
    is_undated = Q(**{f"{earliest}__isnull": True, f"{latest}__isnull": True})
    return {
        FactStatus.DONE: continued & Q(modality=Modality.HAPPENED),
        FactStatus.UNDER_WAY: continued & Q(modality=Modality.UNDER_WAY),
        FactStatus.EXPECTED: awaited & (is_ahead | has_no_end | (is_undated & ~cycle_over)),
        FactStatus.DATE_PASSED: awaited & has_passed & ~cycle_over,
        FactStatus.OUTCOME_NOT_PUBLISHED: awaited & (has_passed | is_undated) & cycle_over,
        FactStatus.DISCONTINUED: ~continued & ~Q(modality=""),
    }


def status_expression(conditions: dict[FactStatus, Q]) -> Case:
    """The status of a row as a column, null without one."""
    whens = [When(condition, then=Value(status.value)) for status, condition in conditions.items()]
    return Case(*whens, default=None, output_field=models.CharField(null=True))


def label_as_of(label: str, day: datetime.date | None) -> str:
    """A status as the last text gave it: “in progress, as of April 19, 2024”."""
    if day is None:
        return label
    return _t("%(status)s, as of %(date)s") % {"status": label, "date": date_format(day, "DATE_FORMAT")}
