"""What a release for a meeting leaves out: initiatives that were edited and not proposed, or proposed for another day.

Only versions of shared rows and of ready facts are read, so that a side's drafts are not disclosed.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Max, Q

from hled_portal.i18n.delegations import Side
from hled_portal.models import ReleasePlan
from hled_portal.publishing.signed_text import OPEN, State
from initiatives.models import (
    Citation,
    DateChange,
    Edition,
    Fact,
    Initiative,
    Link,
    Participation,
    Reading,
    ReportingDuty,
)

#: Tables whose versions are read, and how each row leads to its initiative.
_OWN = ((Initiative, "id"), (Link, "initiative"), (ReportingDuty, "initiative"))
_SHARED = ((Participation, "initiative"), (Citation, "initiative"))
_FACT_TABLES = ((Reading, "fact"), (DateChange, "fact"), (Participation, "fact"), (Citation, "fact"))


@dataclass(frozen=True)
class UnreleasedChanges:
    """Initiatives by the reason why they are left out, and open texts in no release or another."""

    edited: list[Initiative]
    never_proposed: list[Initiative]
    elsewhere: list[Edition]

    def __bool__(self) -> bool:
        return bool(self.edited or self.never_proposed or self.elsewhere)


def find_unreleased(plan: ReleasePlan) -> UnreleasedChanges:
    """What the release leaves out. As many queries for one initiative as for many."""
    texts = Edition.objects.initiatives().filter(state__in=[*OPEN, State.PUBLISHED]).order_by("subject_key")
    texts = list(texts.select_related("plan").defer("content"))
    open_texts = {text.subject_key: text for text in texts if text.state in OPEN}
    public = {text.subject_key: text for text in texts if text.state == State.PUBLISHED}
    since = edited_at()
    edited, never = [], []
    for initiative in Initiative.objects.filter(replaced_by=None).order_by("key"):
        if initiative.key in open_texts:
            continue
        if initiative.key not in public:
            never.append(initiative)
        elif since.get(initiative.pk) and since[initiative.pk] > public[initiative.key].proposed_at:
            edited.append(initiative)
    elsewhere = [text for text in open_texts.values() if text.plan_id != plan.pk]
    return UnreleasedChanges(edited, never, elsewhere)


def edited_at() -> dict[int, datetime.datetime]:
    """When each initiative, or a related row that is no side's draft, was changed last. Ten queries."""
    edited: dict[int, datetime.datetime] = {}
    for model, column in (*_OWN, *_SHARED):
        _newest(edited, model.history.filter(**{f"{column}__isnull": False}), column)
    settled = Q(ready=True) | Q(side=Side.JOINT)
    _newest(edited, Fact.history.filter(settled, initiative__isnull=False), "initiative")
    of_settled = Q(fact__ready=True) | Q(fact__side=Side.JOINT)
    for model, column in _FACT_TABLES:
        rows = model.history.filter(of_settled, fact__initiative__isnull=False)
        _newest(edited, rows, f"{column}__initiative")
    return edited


def _newest(edited: dict[int, datetime.datetime], versions: Iterable, column: str) -> None:
    """Update the newest day of each initiative. One query."""
    rows = versions.order_by().values(subject=F(column)).annotate(newest=Max("history_date"))
    for subject, newest in rows.values_list("subject", "newest"):
        edited[subject] = max(newest, edited.get(subject, newest))
