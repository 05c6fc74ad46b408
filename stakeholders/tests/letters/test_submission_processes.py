"""Many people write at once, twice each, while workers are killed: whatever was acknowledged is there, once."""

import http.client
import os
import random
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from urllib.parse import urlencode

import psutil
import pytest
from django.conf import settings

from hled_portal.tests.processes import database_url, keep_figures, wait_for
from stakeholders.letters import submission
from stakeholders.letters.forms import LetterForm
from stakeholders.models import Point

from .test_submission import FILLED

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
#: `make attack` sends a thousand letters from twenty clients.
CLIENTS, EACH, PAUSE = (20, 50, 3.0) if os.environ.get("ATTACK") else (6, 6, 0.7)


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def post(port: int, path: str, body: str) -> str | None:
    """Where the answer leads; None when there was none, or no acknowledgment."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        return answer.getheader("Location") if answer.status == 302 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def form(number: int, stamp: str) -> dict:
    return FILLED | {
        "once": submission.new_form_key(),
        "shown": stamp,
        "points": "1",
        "text_1": f"Letter {number}.",
        "email": "",
    }


def write(port: int, numbers: range, stamp: str, told: dict) -> None:
    """Send each letter twice at once, and again until it is acknowledged, as a person would."""
    for number in numbers:
        body = urlencode(form(number, stamp))
        for _try in range(40):
            found = []
            send = lambda body=body, found=found: found.append(post(port, "/en/recommendations/new/", body))  # noqa: E731
            twice = [threading.Thread(target=send) for _time in range(2)]
            for thread in twice:
                thread.start()
            for thread in twice:
                thread.join()
            receipts = {place for place in found if place}
            if receipts:
                told[number] = receipts
                break
            time.sleep(0.3)


@contextmanager
def server(port: int, **environment):
    """The production server with three workers, as a process that can be asked for them."""
    options = ["--workers=3", "--worker-class=gthread", "--threads=8", "--no-control-socket", "--log-level=critical"]
    command = [sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{port}", *options, "hled_portal.wsgi:application"]
    process = subprocess.Popen(command, env=os.environ | environment, cwd=settings.BASE_DIR)
    try:
        wait_for(lambda: answers(port))
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def test_what_was_acknowledged_is_stored_once_while_workers_are_killed(tmp_path):
    url, port = database_url(tmp_path), free_port()
    environment = {"DATABASE_URL": url, "DEBUG": "1", "SUBMISSION_LIMITS": "0", "SECRET_KEY": settings.SECRET_KEY}
    stamp = LetterForm()._signer.sign(str(int(time.time()) - 60))
    told: dict[int, set] = {}
    slices = [range(number * EACH, (number + 1) * EACH) for number in range(CLIENTS)]
    writers = [threading.Thread(target=write, args=(port, numbers, stamp, told)) for numbers in slices]
    killed, begun = 0, time.monotonic()
    with server(port, **environment) as running:
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            time.sleep(PAUSE)
            if workers := running.children():
                random.choice(workers).kill()
                killed += 1
        stored = texts(url)
    keep_figures(
        storm="letters",
        database=url.partition(":")[0],
        clients=CLIENTS,
        sent=CLIENTS * EACH,
        acknowledged=len(told),
        stored=len(stored),
        stored_twice=len(stored) - len(set(stored)),
        workers_killed=killed,
        seconds=round(time.monotonic() - begun, 1),
    )
    assert killed > 1
    assert sorted(told) == list(range(CLIENTS * EACH))
    assert [receipts for receipts in told.values() if len(receipts) != 1] == []
    assert sorted(stored) == sorted(f"Letter {number}." for number in told)


def texts(url: str) -> list[str]:
    """The points that are stored, whichever database it is."""
    query = "SELECT text FROM stakeholders_point"
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return [row[0] for row in connection.execute(query)]
    return list(Point.objects.values_list("text", flat=True))
