"""What single rows of a list are about to owe: the facts of an initiative past their date, and its next one."""

from collections.abc import Iterable
from dataclasses import dataclass, field

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
    by_pk = {edition.pk: edition for edition in editions}
    due: dict[int, DueFacts] = {}
    for entry in Entry.objects.filter(edition__in=by_pk).awaited().with_status(pillars.at.day, pillars.closed):
        mine = due.setdefault(entry.edition_id, DueFacts())
        if entry.status == FactStatus.DATE_PASSED:
            mine.past.append(entry)
        elif entry.status == FactStatus.OUTCOME_NOT_PUBLISHED:
            mine.outcome.append(entry)
        elif entry.latest is not None:
            mine.ahead.append(entry)
    return due
