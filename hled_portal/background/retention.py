"""Personal data is erased once its period is over: each kind with its period, and how it is done.

Apps register kinds in `ready()`; docs/privacy.md lists what is kept and for how long.
"""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from . import status
from .jobs import JobRun

BATCH = 20
#: `status` says nothing of what the next runs of the job erase anyway.
GRACE = datetime.timedelta(days=2)


@dataclass(frozen=True)
class Kind:
    """`days` names a setting, or is a number. `due(before)` are the rows to erase.

    `erase(rows)` leaves none of them due; they are locked, in one short transaction.
    """

    name: str
    days: str | int
    due: Callable[[datetime.datetime], QuerySet]
    erase: Callable[[list[Model]], None]

    @property
    def period(self) -> datetime.timedelta:
        return datetime.timedelta(days=getattr(settings, self.days) if isinstance(self.days, str) else self.days)


_registered: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Registering the same name again replaces it."""
    _registered[kind.name] = kind


def registered_kinds() -> list[Kind]:
    return list(_registered.values())


def erase_due(turn: JobRun) -> str | None:
    """The job: what is due of each kind, in batches."""
    counts = {kind.name: _erase(turn, kind) for kind in registered_kinds()}
    parts = [f"{name}: {count}" for name, count in counts.items() if count]
    return f"erased: {', '.join(parts)}" if parts else None


def _erase(turn: JobRun, kind: Kind) -> int:
    count = 0
    while turn.should_continue():
        with transaction.atomic():
            keys = list(kind.due(timezone.now() - kind.period).order_by("pk").values_list("pk", flat=True)[:BATCH])
            rows = kind.due(timezone.now() - kind.period).filter(pk__in=keys).order_by("pk")
            locked = list(rows.select_for_update(of=("self",)))
            kind.erase(locked)
        count += len(locked)
        if len(keys) < BATCH:
            break
    return count


def report_retention() -> Iterator[status.StatusLine]:
    """One line: how much is kept longer than its period."""
    now = timezone.now()
    late = {kind.name: kind.due(now - kind.period - GRACE).count() for kind in registered_kinds()}
    parts = [f"{name}: {count}" for name, count in late.items() if count]
    text = f"kept longer than their periods: {', '.join(parts)}" if parts else "nothing is kept longer than its period"
    yield status.StatusLine(f"personal data: {text}", too_old=bool(parts))
