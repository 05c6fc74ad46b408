"""What a process of the measurements does, and how often each workload is repeated."""

import sys
import time
from collections.abc import Iterable, Iterator

from initiatives.models import Edition

from . import downloads, pages, record, staff_work, submissions
from .rows import Row

#: Turns of each page, from the first size up: at 10,000 initiatives a page takes long enough to be measured by few.
TURNS = {100: 15, 2000: 7, sys.maxsize: 3}
KEPT_TURNS = 200
#: Workloads whose growth has a goal: at most so many times what they take at the first size.
GROWTH_GOALS = {"first view": 1.5, "admin's first page": 1.5, "release of": 1.2}


def growth(sizes: list[int], *, quick: bool = False) -> list[dict]:
    """The workloads at each size, and what each takes as a multiple of what it takes at the first size."""
    record.load_record()
    rows: list[dict] = []
    for number, size in enumerate(sizes):
        count = record.fill(size) if number else size
        turns = 1 if quick else next(found for limit, found in TURNS.items() if size <= limit)
        _add(rows, count, pages.first_view_rows(1 if size > 2000 else 2.5, turns))
        _add(rows, count, [pages.admin_row(turns)])
        _add(rows, count, staff_work.release_rows(3 if quick else staff_work.RELEASED_TEXTS))
        _add(rows, count, downloads.download_rows())
        if number == 0:
            _add(rows, count, pages.kept_rows(5 if quick else KEPT_TURNS))
            _add(rows, count, [submissions.submission_row(2 if quick else 30)])
            _add(rows, count, [staff_work.import_row(*((40, 20) if quick else ()))])
            _add(rows, count, [staff_work.load_row(3 if quick else 1000)])
    return rows + _growth_rows(rows)


def _add(rows: list[dict], size: int, more: Iterable[Row]) -> None:
    began = time.monotonic()
    for row in more:
        rows.append(row.data(size=size))
        print(
            f"  {size:>6}  {row.workload}: {row.figure} {row.unit}  ({time.monotonic() - began:.0f} s)", file=sys.stderr
        )
        began = time.monotonic()


def _growth_rows(rows: list[dict]) -> list[dict]:
    return list(_growing(rows))


def _growing(rows: list[dict]) -> Iterator[dict]:
    first, last = rows[0]["size"], rows[-1]["size"]
    at = {(row["workload"], row["size"]): row["seconds"] for row in rows if row["seconds"]}
    for (workload, size), seconds in at.items():
        goal = next((goal for name, goal in GROWTH_GOALS.items() if workload.startswith(name)), None)
        if size == last != first and goal and (workload, first) in at:
            figure = round(seconds / at[workload, first], 2)
            yield Row(f"{workload}, {first} to {last:,}", "itself", figure, goal).data(size=last)


def memory(*, quick: bool = False) -> list[dict]:
    size = Edition.objects.initiatives().published().count()
    return [pages.memory_row(40 if quick else pages.MEMORY_PAGES).data(size=size)]


def browser() -> list[dict]:
    """Bytes on the wire, and Lighthouse's scores of some pages where it is installed."""
    from . import lighthouse, wire

    rows = list(wire.wire_rows())
    if lighthouse.PROGRAM.exists():
        rows += lighthouse.lighthouse_rows()
    else:
        print("Lighthouse is not installed (`make bench` installs it): its scores are left out.", file=sys.stderr)
    return [row.data(size=None, database="browser") for row in rows]
