"""Viruses in attachments: each file is given to ClamAV's daemon where `CLAMD_ADDRESS` names one.

The daemon's own protocol, INSTREAM, is six lines; its clients on the package index are unmaintained (clamd) or under
the GPL (clamav-client). A scanner that is away loses no letter: its files wait, and staff see that they do.
"""

import socket
import struct

from django.conf import settings
from django.utils import timezone

from hled_portal.background.jobs import JobRun
from stakeholders.models import Attachment
from stakeholders.vocabulary import ScanState

SECONDS = 60
SCAN_CHUNK_BYTES = 64 * 1024


class Unanswered(Exception):
    """The scanner gave no verdict."""


def first_state() -> ScanState:
    """What a new file is marked with."""
    return ScanState.WAITING if settings.CLAMD_ADDRESS else ScanState.UNSCANNED


def scan_waiting(turn: JobRun) -> str | None:
    """Give each waiting file of a letter to the scanner. Raises what the connection raises: the files wait on."""
    if not settings.CLAMD_ADDRESS:
        return None
    clean = infected_count = 0
    waiting = Attachment.objects.filter(scan__in=(ScanState.WAITING, ScanState.UNSCANNED), letter__isnull=False)
    for row in waiting.order_by("scanned_at", "pk")[:200]:
        if not turn.should_continue():
            break
        infected = _infected(row)
        clean, infected_count = clean + (not infected), infected_count + infected
    return f"{clean} files without and {infected_count} with a virus" if clean or infected_count else None


def _infected(row: Attachment) -> bool:
    with row.file.open("rb") as file:
        infected = has_virus(file)
    state = ScanState.INFECTED if infected else ScanState.CLEAN
    Attachment.objects.filter(pk=row.pk).update(scan=state, scanned_at=timezone.now())
    if infected:
        row.file.delete(save=False)  # The row keeps its name and type.
    return infected


def has_virus(file) -> bool:
    """Ask the daemon. Raises OSError when it is away, and Unanswered for what is no verdict."""
    with _connected() as connection:
        connection.sendall(b"zINSTREAM\0")
        while chunk := file.read(SCAN_CHUNK_BYTES):
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
        verdict = _received(connection)
    if verdict.endswith(" FOUND"):
        return True
    if verdict.endswith(" OK"):
        return False
    raise Unanswered(verdict[:200])


def _connected() -> socket.socket:
    """`host:port`, or the path of a socket."""
    address = settings.CLAMD_ADDRESS
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(SECONDS)
        connection.connect(address)
        return connection
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), SECONDS)


def _received(connection: socket.socket) -> str:
    reply = b""
    while not reply.endswith(b"\0") and (part := connection.recv(1024)):
        reply += part
    return reply.rstrip(b"\0\n").decode("utf-8", "replace")
