"""Scores of Lighthouse on phone settings, of pages that the production server serves from a database of its own.

Lighthouse comes from package-lock.json and drives the Chromium of the machine; it sends nothing anywhere. A
performance score below its goal is measured twice more and the median counts: other work on the machine lowers it.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from .rows import Row

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "node_modules" / ".bin" / "lighthouse"
REVIEW = ROOT / "initiatives" / "reviews" / "2024-04-19"
SWITCHES = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-domain-reliability"
)
TURNS = 3  # On a busy machine the browser now and then loses the start of the page from its trace.
GOALS = {"performance": 0.95, "accessibility": 1, "best-practices": 1, "seo": 1}
#: A sample: each page takes up to a minute. The tests check accessibility of every page.
LIGHTHOUSE_PAGES = {
    "home page": "/en/",
    "list of initiatives": "/en/initiatives/",
    "one initiative, in Spanish": "/es/initiatives/otay-mesa-ii/",
    "timeline, in Spanish": "/es/timeline/",
}
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def lighthouse_rows():
    """The score of each page and category; the goal is the least that holds."""
    with production_server() as site:
        for name, path in LIGHTHOUSE_PAGES.items():
            for category, score in scores(site + path).items():
                yield Row(f"{category}: {name}, on a phone", "Lighthouse", score, GOALS[category], "", least=True)


def scores(address: str) -> dict[str, float]:
    found = _measure(address)
    if found["performance"] < GOALS["performance"]:
        turns = [found["performance"], *(_measure(address)["performance"] for _turn in range(2))]
        found["performance"] = statistics.median(turns)
    return found


def _measure(address: str) -> dict[str, float]:
    command = [PROGRAM, address, "--quiet", "--output=json", "--no-enable-error-reporting"]
    command += [f"--chrome-flags={SWITCHES}", f"--only-categories={','.join(GOALS)}"]
    environment = os.environ | {"CHROME_PATH": CHROMIUM}
    for _turn in range(TURNS):
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if not done.returncode:
            break
    else:
        raise RuntimeError(f"Lighthouse failed on {address}:\n{done.stderr}")
    report = json.loads(done.stdout)
    for finding in _findings(report):
        print(f"    {address}: {finding}", file=sys.stderr)
    return {name: report["categories"][name]["score"] for name in GOALS}


def _findings(report: dict):
    """Yield each audit that cost points, performance apart: that one speaks in milliseconds."""
    for name, category in report["categories"].items():
        for part in category["auditRefs"]:
            audit = report["audits"][part["id"]]
            if name != "performance" and part["weight"] and audit["score"] is not None and audit["score"] < 1:
                yield f"{name}: {audit['title']}"


@contextmanager
def production_server():
    """`manage.py serve` on a free port over the real review; yields its address."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = os.environ | {
            "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
            "SECRET_KEY": "a-key-of-the-benchmarks-0123456789-0123456789-01234",
            "ALLOWED_HOSTS": "localhost",
            "PORT": str(port),
            "WORKERS": "2",
            "JOBS": "0",
            "EMAIL_URL": "dummymail://",
            "TRUST_PROXY": "0",
            "CONTACT": "contact@example.org",
        }
        for name in ("DEBUG", "SITE_URL", "PORTAL_READERS", "CACHE_URL"):
            environment.pop(name, None)
        for arguments in (
            ["migrate", "--verbosity=0"],
            ["load_dialogue", REVIEW, "--publish-as-of=2024-04-19", "--verbosity=0"],
            ["collectstatic", "--no-input", "--verbosity=0"],
        ):
            subprocess.run(_manage(*arguments), env=environment, stdout=subprocess.DEVNULL, check=True)
        server = subprocess.Popen(_manage("serve"), env=environment, stderr=subprocess.DEVNULL)
        try:
            _wait_for(f"http://localhost:{port}/health/ready")
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def _manage(*arguments) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)]


def _wait_for(address: str, seconds: int = 30) -> None:
    for _turn in range(seconds * 5):
        try:
            if urllib.request.urlopen(address, timeout=5).status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"The server did not answer at {address}.")
