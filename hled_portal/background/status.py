"""The lines of `manage.py status`. Each app registers its reports in `ready()`."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class StatusLine:
    """One job, queue or file store."""

    text: str
    too_old: bool = False


_sources: dict[str, Callable[[], Iterable[StatusLine]]] = {}


def register_report(name: str, source: Callable[[], Iterable[StatusLine]]) -> None:
    """Register a source of lines. Registering the same name again replaces it."""
    _sources[name] = source


def lines() -> list[StatusLine]:
    return [line for source in _sources.values() for line in source()]


def ago(then: datetime.datetime | None, now: datetime.datetime) -> str:
    """“never”, or the time since then in its largest unit; “in the future” where the clock was ahead."""
    if then is None:
        return "never"
    seconds = int((now - then).total_seconds())
    when = "ago" if seconds >= 0 else "in the future"
    seconds = abs(seconds)
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} {when}"
    return f"{seconds} s {when}"
