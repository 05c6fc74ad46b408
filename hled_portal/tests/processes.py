"""Commands of the portal in processes of their own, on the database of a transactional test."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]


def database_url(folder) -> str:
    """The database of the present test, or, where that is one in memory, a copy of it in the folder."""
    if connection.vendor == "postgresql":
        return urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"]).geturl()
    path = folder / "portal.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    with closing(sqlite3.connect(path)) as copy:
        copy.execute("PRAGMA journal_mode=WAL")  # Two processes that did it at once would be in each other's way.
    return f"sqlite:///{path}"


@contextmanager
def starter(**environment):
    """A function that starts commands under an environment; what still runs afterwards is killed."""
    started = []

    def start(*arguments, **more) -> subprocess.Popen:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen([*MANAGE, *arguments], env={**os.environ, **environment, **more}, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen, seconds: float = 180) -> tuple[int, str]:
    """Exit code and everything it said."""
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out + err


#: Starts once and forks for each script: all of them in processes of their own, at the price of one start.
FORKS = """
import os, sys, time, traceback
from pathlib import Path
from django.db import connections
def meeting(me):
    def meet(step=0):
        Path({folder!r}, f"{{step}}-{{me}}").touch()
        while not all(Path({folder!r}, f"{{step}}-{{each}}").exists() for each in range({count})):
            time.sleep(0.001)
    return meet
connections.close_all()
children = []
for me in range({count}):
    if not (child := os.fork()):
        said, code = os.open(Path({folder!r}, f"said-{{me}}"), os.O_WRONLY | os.O_CREAT), 0
        os.dup2(said, 1), os.dup2(said, 2)
        try:
            exec({scripts!r}[me], {{"meet": meeting(me)}})
        except BaseException:
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        os._exit(code)
    children.append(child)
sys.exit(max(os.waitpid(child, 0)[1] for child in children) > 0)
"""


def run_at_once(folder, *scripts: str):
    """Run scripts against one database; returns what each said, and what asks that database afterwards.

    In a script `meet(step)` goes on once all of them have come to the same step.
    """
    url, count = database_url(folder), len(scripts)
    with starter(DATABASE_URL=url, DEBUG="1") as start:
        forks = FORKS.format(folder=str(folder), scripts=scripts, count=count)
        code, words = finish(start("shell", "--verbosity", "0", "--no-imports", "-c", forks), 1200)
    said = [Path(folder, f"said-{number}").read_text(encoding="utf-8") for number in range(count)]
    assert code == 0, (words, said)
    return said, lambda sql: _rows(url, sql)


def _rows(url: str, sql: str) -> list[tuple]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        return database.execute(sql).fetchall()


def wait_for(condition, seconds: float = 120):
    """The first true answer of the condition. Fails when none comes in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come in time")


def show_progress(what: str, done: int, of: int) -> None:
    """A line now and then, for `make attack`, which captures nothing."""
    if "ATTACK" in os.environ and done * 20 // of > (done - 1) * 20 // of:
        print(f"   {what}: {done} of {of}", flush=True)


def keep_figures(**figures) -> None:
    """Add a row to the file of the figures, where `make attack` names one."""
    if "ATTACK" not in os.environ:
        return
    kept = Path(os.environ["ATTACK"])
    rows = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else []
    kept.write_text(json.dumps([*rows, figures], indent=1) + "\n", encoding="utf-8")
