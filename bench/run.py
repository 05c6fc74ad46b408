"""All measurements: on SQLite and PostgreSQL, with the record of the review and with copies of it.

A process for each database fills it step by step and measures at each size; memory is that of a process of its own.
Writes bench/results.json, a report and a picture in `docs`, and exits 0 whatever holds.
`--database sqlite --sizes 34,300 --quick` measures less and writes to the file that `--output` names.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.json"
#: The review alone, and with copies of its initiatives up to about so many.
SIZES = (34, 1000, 10_000)
DATABASES = ("sqlite", "postgresql")
#: The portal under test: no settings of the machine.
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "hled_portal.settings",
    "SECRET_KEY": "a-key-of-the-benchmarks-0123456789-0123456789-01234",
    "ALLOWED_HOSTS": "testserver",
    "REQUIRE_TOTP": "0",
    "EMAIL_URL": "dummymail://",
}


def main() -> None:
    options = _options()
    if options.part:
        _write_part(options)
        return
    began, rows = time.monotonic(), []
    for database in options.database or DATABASES:
        rows += _measure_database(database, options)
    if not options.quick:
        rows += _in_process(["--part", "browser"], os.environ | ENVIRONMENT | {"DATABASE_URL": "sqlite://:memory:"})
    results = {
        "note": options.note,
        "minutes": round((time.monotonic() - began) / 60, 1),
        "machine": _machine(),
        "rows": rows,
    }
    options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if options.output == RESULTS:
        from bench import report

        report.write(results)
    for row in rows:
        holds = {True: "holds", False: "DOES NOT HOLD", None: ""}[row["holds"]]
        place = f"{row['database']} {row['size'] or ''}"
        print(
            f"{row['figure']:>9} {row['unit']:2} goal {row['goal'] or '':<5} {holds:<14} {place:<17} {row['workload']}"
        )


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", action="append", choices=DATABASES)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--quick", action="store_true", help="single turns, small files, no browser")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--note", default="", help="a sentence for the report, such as what else ran on the machine")
    parser.add_argument("--part", choices=["growth", "memory", "browser"], help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure_database(database: str, options) -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | ENVIRONMENT | {"MEDIA_ROOT": f"{folder}/media"}
        for name in ("DEBUG", "SITE_URL", "PORTAL_READERS", "CACHE_URL"):
            environment.pop(name, None)
        if database == "sqlite":
            environment["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        elif "DATABASE_URL" not in os.environ:
            from hled_portal.tests.plugin import start_postgresql

            server = start_postgresql()
            # What a second server process does for a statement would not be counted.
            server.psql("ALTER SYSTEM SET max_parallel_workers_per_gather = 0; SELECT pg_reload_conf();")
            environment["DATABASE_URL"] = os.environ.pop("DATABASE_URL")
        arguments = ["--sizes", options.sizes, *(["--quick"] if options.quick else [])]
        rows = _in_process(["--part", "growth", *arguments], environment)
        rows += _in_process(["--part", "memory", *arguments], environment)
        return [row | {"database": database} for row in rows]


def _in_process(arguments: list[str], environment: dict) -> list[dict]:
    with tempfile.NamedTemporaryFile(suffix=".json") as output:
        command = [sys.executable, __file__, *arguments, "--output", output.name]
        subprocess.run(command, env=environment, check=True)
        return json.loads(Path(output.name).read_text(encoding="utf-8"))


def _write_part(options) -> None:
    import django

    django.setup()
    gc.set_threshold(50_000, 20, 50)  # As a server has it (`gunicorn_settings`).
    from django.conf import settings
    from django.test.utils import override_settings

    from bench import parts

    plain_static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    sizes = [int(size) for size in options.sizes.split(",")]
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain_static}):
        rows = {
            "growth": lambda: parts.growth(sizes, quick=options.quick),
            "memory": lambda: parts.memory(quick=options.quick),
            "browser": parts.browser,
        }[options.part]()
    options.output.write_text(json.dumps(rows), encoding="utf-8")


def _machine() -> str:
    model = next((line for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ": unknown processor")
    return f"{os.cpu_count()} × {model.partition(':')[2].strip()}, Python {sys.version.split()[0]}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
