"""The figures, as ratios in one run on one machine; a ratio says more than seconds do.

Each workload is timed beside a reference that does the same job plainly (`stock.py`), in processor time of server and
database. The median of several turns counts, the two taken in turns so that a busy moment hits both. Pages are timed
again with 10,000 initiatives (`synthetic.py`). Writes bench/results.json and exits 0 whatever holds.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TURNS = 15
MANY = 10_000


def seconds(job) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


def median_seconds(job, turns: int = 5) -> float:
    job()
    return statistics.median(seconds(job) for _turn in range(turns))


def ratio(job, reference, turns: int = TURNS) -> float:
    """How many times as long `job` takes as `reference`, by medians after a first turn that warms up."""
    job(), reference()
    pairs = [(seconds(job), seconds(reference)) for _turn in range(turns)]
    mine, others = zip(*pairs, strict=True)
    return statistics.median(mine) / statistics.median(others)


def result(workload: str, reference: str, found: float, goal: float, *, least: bool = False) -> dict:
    """One row: the goal is the largest ratio that holds, or with `least` the smallest."""
    return {
        "workload": workload,
        "reference": reference,
        "ratio": round(found, 3),
        "goal": goal,
        "holds": found >= goal if least else found <= goal,
    }


#: The portal under test: a database in memory, and no settings of the machine.
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "hled_portal.settings",
    "DATABASE_URL": "sqlite://:memory:",
    "SECRET_KEY": "a-key-of-the-benchmarks-0123456789-0123456789-01234",
    "ALLOWED_HOSTS": "testserver",
    "REQUIRE_TOTP": "0",
}


def in_process_rows(ratio=ratio, file_rows: int = 10_000) -> list[dict]:
    """The rows that need no server: pages, loading, and a file of so many facts."""
    from django.conf import settings
    from django.test.utils import override_settings

    from bench import files, workloads

    plain_static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain_static}):
        rows = [result(*row) for row in workloads.all_rows(ratio)]
        return rows + [result(*row) for row in files.file_rows(file_rows)]


def growth_rows(number: int = MANY, ratio=ratio) -> list[dict]:
    """The pages with so many initiatives: beside the stock pages, and beside themselves with those of the review."""
    from django.conf import settings
    from django.test.utils import override_settings

    from bench import synthetic, workloads

    plain_static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain_static}):
        before = workloads.seconds_by_page(median_seconds)
        count = synthetic.fill(number)
        after = workloads.seconds_by_page(median_seconds)
        rows = [
            result(f"{name}, {count:,} initiatives", "itself with those of the review", after[name] / before[name], 1.5)
            for name in before
        ]
        few_turns = lambda job, reference: ratio(job, reference, turns=5)  # noqa: E731
        beside = workloads.first_view_rows(few_turns, 1)
        return rows + [result(f"{name}, {count:,} initiatives", *rest) for name, *rest in beside]


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.update(ENVIRONMENT)
    import django

    django.setup()
    from bench import lighthouse, workloads

    workloads.load_record()
    rows = in_process_rows() + growth_rows()
    if lighthouse.PROGRAM.exists():
        rows += [result(*row, least=True) for row in lighthouse.lighthouse_rows()]
    else:
        print("Lighthouse is not installed (`make bench` installs it): its scores are left out.", file=sys.stderr)
    (ROOT / "bench" / "results.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    for row in rows:
        holds = "holds" if row["holds"] else "DOES NOT HOLD"
        print(f"{row['ratio']:>9}  goal {row['goal']:<5} {holds:<14} {row['workload']} / {row['reference']}")


if __name__ == "__main__":
    main()
