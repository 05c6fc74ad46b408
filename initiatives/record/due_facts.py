"""What single rows of a list are about to owe: the facts of an initiative past their date, and its next one."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from hled_portal.publishing import prepared_queries
from initiatives.models import Edition, Entry
from initiatives.vocabulary.fact_status import FactStatus

from .pillars import Pillars


@dataclass
class DueFacts:
    """Undecided facts of one initiative by their status; `ahead`: the expected ones that have a last day."""

    past: list[Entry] = field(default_factory=list)
    outcome: list[Entry] = field(default_factory=list)
    ahead: list[Entry] = field(default_factory=list)


def facts_due(editions: Iterable[Edition], pillars: Pillars) -> dict[int, DueFacts]:
    """What is due of each of these initiatives, by primary key. One query."""
    due: dict[int, DueFacts] = {}
    values = {"day": pillars.at.day, "closed": pillars.closed, "ids": json.dumps([edition.pk for edition in editions])}
    for entry in prepared_queries.fetch(_awaited, **values):
        mine = due.setdefault(entry.edition_id, DueFacts())
        if entry.status == FactStatus.DATE_PASSED:
            mine.past.append(entry)
        elif entry.status == FactStatus.OUTCOME_NOT_PUBLISHED:
            mine.outcome.append(entry)
        elif entry.latest is not None:
            mine.ahead.append(entry)
    return due


def _awaited(day, closed, ids):
    return Entry.objects.filter(edition__in=prepared_queries.among(ids)).awaited().with_status(day, closed)
