"""What single rows of a list are about to owe: the facts of an initiative past their date, and its next one."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from . import standing
from .chronicle import is_over
from .models import Edition, Entry
from .pillars import Pillars
from .standing import Standing


@dataclass
class Due:
    """Undecided facts of one initiative by their date; `outcome`: their cycle ended and nothing was published."""

    past: list[Entry] = field(default_factory=list)
    outcome: list[Entry] = field(default_factory=list)
    ahead: list[Entry] = field(default_factory=list)


def of(editions: Iterable[Edition], frame: Pillars, day: datetime.date) -> dict[int, Due]:
    """What is due of each of these initiatives, by primary key. One query."""
    found = {edition.pk: edition for edition in editions}
    due: dict[int, Due] = {}
    for entry in Entry.objects.filter(edition__in=found).undecided().order_by("latest", "order"):
        over = is_over(frame, found[entry.edition_id].pillar_key, day)
        stands = standing.of(entry.modality, entry.ended, entry.latest, day, cycle_over=over)
        mine = due.setdefault(entry.edition_id, Due())
        {Standing.PAST: mine.past, Standing.OUTCOME: mine.outcome}.get(stands, mine.ahead).append(entry)
    return due
