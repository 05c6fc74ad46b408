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

from hled_portal.tests.processes import database_url, keep_figures, show_progress, wait_for
from stakeholders.letters import submission
from stakeholders.letters.forms import LetterForm
from stakeholders.models import Point

from .test_submission import FILLED

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
#: `make attack` sends 2,000 letters from twenty clients, and kills a worker after each ten.
CLIENTS, EACH, KILLS = (20, 100, 200) if os.environ.get("ATTACK") else (6, 6, 4)
FLOODER, OTHERS = "198.51.100.1", [f"203.0.113.{number}" for number in range(1, 101)]


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


def post(port: int, path: str, body: str, client: str = "") -> str | None:
    """Where the answer leads; None when there was none, or no acknowledgment."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, body, headers | ({"X-Forwarded-For": client} if client else {}))
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
    """The production server with three workers, as a process that can be asked for them.

    They are forked from one start, so that a killed worker costs as little as its fork.
    """
    options = [
        "--preload",
        "--workers=3",
        "--worker-class=gthread",
        "--threads=8",
        "--no-control-socket",
        "--log-level=critical",
    ]
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
            time.sleep(0.05)
            if killed == KILLS or len(told) * (KILLS + 1) < (killed + 1) * CLIENTS * EACH:
                continue
            if workers := running.children():
                random.choice(workers).kill()
                killed += 1
                show_progress("workers killed", killed, KILLS)
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
    assert KILLS * 0.9 < killed <= KILLS
    assert sorted(told) == list(range(CLIENTS * EACH))
    assert [receipts for receipts in told.values() if len(receipts) != 1] == []
    assert sorted(stored) == sorted(f"Letter {number}." for number in told)


@pytest.mark.attack
def test_one_address_that_floods_the_form_refuses_none_of_a_hundred_others(tmp_path):
    port, path, ending = free_port(), "/en/recommendations/new/", threading.Event()
    environment = {"DATABASE_URL": database_url(tmp_path), "DEBUG": "1", "SUBMISSION_LIMITS": "10,300"}
    environment |= {"SECRET_KEY": settings.SECRET_KEY, "TRUST_PROXY": "1"}
    stamp = LetterForm()._signer.sign(str(int(time.time()) - 60))
    flood, taken = [], []

    def flooding():
        while not ending.is_set():
            flood.append(post(port, path, urlencode(form(len(flood), stamp)), FLOODER))

    with server(port, **environment):
        flooders = [threading.Thread(target=flooding) for _number in range(4)]
        for thread in flooders:
            thread.start()
        wait_for(lambda: len(flood) > 40)
        for number, client in enumerate(OTHERS):
            taken.append(post(port, path, urlencode(form(-number - 1, stamp)), client))
            show_progress("others beside a flood", number + 1, len(OTHERS))
        ending.set()
        for thread in flooders:
            thread.join()
    accepted = sum(place is not None for place in flood)
    keep_figures(
        storm="one address against 100 others",
        database=environment["DATABASE_URL"].partition(":")[0],
        flood=len(flood),
        flood_accepted=accepted,
        others_refused=taken.count(None),
    )
    assert (taken.count(None), accepted) == (0, 10)


def texts(url: str) -> list[str]:
    """The points that are stored, whichever database it is."""
    query = "SELECT text FROM stakeholders_point"
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return [row[0] for row in connection.execute(query)]
    return list(Point.objects.values_list("text", flat=True))
