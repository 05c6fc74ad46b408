"""Many people write at once, twice each, while the server is killed: whatever was acknowledged is there, once."""

import http.client
import socket
import threading
import time
from contextlib import closing
from urllib.parse import urlencode

import pytest
from django.conf import settings

from hled_portal.intake import GuardedForm
from hled_portal.tests.processes import database_url, starter, wait_for
from stakeholders import letters
from stakeholders.letter_forms import LetterForm

from .test_letters import FILLED

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS, EACH = 6, 6


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
        "once": letters.new_once(),
        "shown": stamp,
        "points": "1",
        "text_1": f"Letter {number}.",
        "email": "",
    }


def write(port: int, numbers: range, stamp: str, told: dict) -> None:
    """Send each letter twice at once, and again until it is acknowledged, as a person would."""
    for number in numbers:
        body = urlencode(form(number, stamp))
        for _try in range(20):
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


def test_what_was_acknowledged_is_stored_once_while_the_server_is_killed(tmp_path):
    url, port = database_url(tmp_path), free_port()
    environment = {"DATABASE_URL": url, "DEBUG": "1", "SUBMISSION_LIMITS": "0", "SECRET_KEY": settings.SECRET_KEY}
    stamp = GuardedForm._signer.fget(LetterForm()).sign(str(int(time.time()) - 60))
    told: dict[int, set] = {}
    with starter(**environment) as start:
        server = start("runserver", "--noreload", f"127.0.0.1:{port}")
        wait_for(lambda: answers(port))
        writers = [
            threading.Thread(target=write, args=(port, range(n * EACH, (n + 1) * EACH), stamp, told))
            for n in range(CLIENTS)
        ]
        for writer in writers:
            writer.start()
        for enough in (4, 16):
            wait_for(lambda enough=enough: len(told) >= enough)
            server.kill()
            server.wait()
            server = start("runserver", "--noreload", f"127.0.0.1:{port}")
        for writer in writers:
            writer.join(120)
        stored = texts(url)
    assert sorted(told) == list(range(CLIENTS * EACH))
    assert [receipts for receipts in told.values() if len(receipts) != 1] == []
    assert sorted(stored) == sorted(f"Letter {number}." for number in told)


def texts(url: str) -> list[str]:
    """The points that are stored, whichever database it is."""
    query = "SELECT text FROM stakeholders_point"
    if url.startswith("sqlite"):
        import sqlite3

        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return [row[0] for row in connection.execute(query)]
    from stakeholders.models import Point

    return list(Point.objects.values_list("text", flat=True))
