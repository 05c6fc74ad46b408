"""Files are given to ClamAV's daemon, in its own protocol; one that is away loses nothing."""

import socket
import struct
import threading

import pytest
from django.core.files.base import ContentFile

from hled_portal.background.jobs import JobRun
from hled_portal.tests.factories import make_letter
from stakeholders.letters import virus_scanning
from stakeholders.models import Attachment

pytestmark = [pytest.mark.database, pytest.mark.django_db]


class Daemon:
    """Answers as clamd does; finds a virus where the word stands."""

    def __init__(self, verdict=None):
        self.verdict, self.seen = verdict, b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _peer = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as sent:
                assert sent.read(10) == b"zINSTREAM\0"
                self.seen = b""
                while size := struct.unpack("!L", sent.read(4))[0]:
                    self.seen += sent.read(size)
                found = "stream: Eicar FOUND" if b"virus" in self.seen else "stream: OK"
                connection.sendall((self.verdict or found).encode() + b"\0")

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)


@pytest.fixture
def daemon(settings):
    daemon = Daemon()
    settings.CLAMD_ADDRESS = daemon.address
    yield daemon
    daemon.stop()


def attach(content: bytes, **columns) -> Attachment:
    row = Attachment(letter=make_letter(), name="a.txt", kind="txt", size=len(content), digest="d", **columns)
    row.file.save("file", ContentFile(content), save=False)
    row.save()
    return row


def test_files_are_scanned(daemon):
    clean, bad = attach(b"x" * 200_000, scan="waiting"), attach(b"a virus", scan="waiting")
    assert virus_scanning.scan_waiting(JobRun()) == "1 files without and 1 with a virus"
    clean.refresh_from_db()
    bad.refresh_from_db()
    assert (clean.scan, bad.scan) == ("clean", "infected")
    assert clean.file.storage.exists(clean.file.name)
    assert not bad.file.storage.exists(bad.file.name)
    assert virus_scanning.scan_waiting(JobRun()) is None


def test_a_scanner_that_is_away_leaves_the_files_waiting(settings):
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.CLAMD_ADDRESS = f"127.0.0.1:{free.getsockname()[1]}"
    row = attach(b"words", scan="waiting")
    with pytest.raises(OSError, match="refused"):
        virus_scanning.scan_waiting(JobRun())
    row.refresh_from_db()
    assert row.scan == "waiting"


def test_an_answer_that_is_no_verdict_marks_nothing(settings):
    daemon = Daemon("INSTREAM size limit exceeded. ERROR")
    settings.CLAMD_ADDRESS = daemon.address
    row = attach(b"words", scan="waiting")
    with pytest.raises(virus_scanning.Unanswered, match="size limit"):
        virus_scanning.scan_waiting(JobRun())
    daemon.stop()
    row.refresh_from_db()
    assert row.scan == "waiting"


def test_without_a_scanner_files_are_marked_as_not_scanned(settings):
    settings.CLAMD_ADDRESS = ""
    attach(b"words")
    assert virus_scanning.first_state() == "unscanned"
    assert virus_scanning.scan_waiting(JobRun()) is None
    settings.CLAMD_ADDRESS = "clamd:3310"
    assert virus_scanning.first_state() == "waiting"
