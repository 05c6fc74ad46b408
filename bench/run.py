"""The figures, as ratios in one run on one machine; a ratio says more than seconds do.

Each workload is timed beside a reference that does the same job plainly. The median of several turns counts, the
two taken in turns so that a busy moment hits both. Writes bench/results.json and exits 0 whatever holds.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TURNS = 15


def seconds(job) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


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


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.update(ENVIRONMENT)
    import django

    django.setup()
    from bench import lighthouse, workloads

    workloads.load_record()
    rows = in_process_rows()
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
