"""What readers see by the clock alone: once such a time has passed, the counter of public changes rises.

An app registers in `ready()` the rows that change what readers see between two times. The job counts them, and so
does the first conditional request after them, which may come before the job.
"""

from collections.abc import Callable

from django.db import OperationalError, transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Value
from django.utils import timezone

from hled_portal.models import Publication, PublicVersion

from . import prepared_queries

#: Takes two times, the earlier one as an expression, and gives the rows that changed after it and up to the other.
Changed = Callable[[object, object], QuerySet]
_registered: list[Changed] = []


def register_timed_change(changed: Changed) -> None:
    if changed not in _registered:
        _registered.append(changed)


def public_version() -> str:
    """The counter of public changes, with all that changed by the clock until now, and the head of the log.

    One query where nothing changed by the clock. The head tells apart what a restored backup counts a second time.
    """
    rows = _read_version()
    if not rows or rows[0][1]:
        try:
            count_timed_changes()
        except OperationalError:  # Nothing can be written now: pages are still read, each anew.
            return f"uncounted {timezone.now().isoformat()}"
        rows = _read_version()
    value, _is_behind, head = rows[0]
    return f"{value} {head or ''}"


def version_of(database: str) -> str:
    """The version that a copy of the database has, as `public_version` gives it; empty where it has none."""
    head = Publication.objects.order_by("-position").values("hash")[:1]
    rows = PublicVersion.objects.using(database).filter(pk=1).values_list("value", Subquery(head))
    return next((f"{value} {head or ''}" for value, head in rows), "")


def _read_version() -> list[tuple]:
    return prepared_queries.fetch_raw(_version_with_head, tuple(_registered), now=timezone.now())


def _version_with_head(registered: tuple[Changed, ...], now):
    head = Publication.objects.order_by("-position").values("hash")[:1]
    return _version(registered, now).annotate(head=Subquery(head)).values_list("value", "is_behind", "head")


def _version(registered, now):
    behind = Q(pk__in=())
    for changed in registered:
        behind |= Q(Exists(changed(OuterRef("counted_at"), now)))
    return PublicVersion.objects.filter(pk=1).annotate(is_behind=ExpressionWrapper(behind, BooleanField()))


def count_timed_changes() -> int:
    """Raise the counter once for all that changed by the clock since it was counted last."""
    with transaction.atomic():
        PublicVersion.objects.get_or_create(pk=1)
        row = PublicVersion.objects.select_for_update().get(pk=1)
        now = timezone.now()
        if any(changed(Value(row.counted_at), now).exists() for changed in _registered):
            row.value, row.counted_at = row.value + 1, now
            row.save(update_fields=["value", "counted_at"])
        return row.value


def run_timed_changes(_turn) -> str | None:
    """The job."""
    found = _version(_registered, timezone.now()).filter(is_behind=True)
    return f"public version {count_timed_changes()}" if found.exists() else None
