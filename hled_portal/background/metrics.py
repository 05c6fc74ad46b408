"""Figures for Prometheus at /metrics: requests, jobs, outbox and backup, and nothing about a person.

The processes of a server count in files of one folder (`PROMETHEUS_MULTIPROC_DIR`, which `serve` empties). A worker
takes the first free file and goes on from what stands there, so that replaced workers leave none behind. What the
database knows is read when it is asked for.
"""

import fcntl
import hmac
import itertools
import os
import time
from pathlib import Path

from django.conf import settings
from django.db import Error
from django.http import HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from . import backup, jobs, mail

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if not os.path.isdir(FOLDER):  # A command beside the server, which counts for itself alone.
    FOLDER = ""
METHODS = {"GET", "HEAD", "POST"}
_held = {}


def _slot() -> int:
    """The number of this process among those that run: the first that no other holds, freed when the process ends."""
    me = os.getpid()
    if me not in _held:
        _held.clear()
        for number in itertools.count():
            lock = Path(FOLDER, f"{number}.lock").open("a")  # noqa: SIM115
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                continue
            _held[me] = number, lock
            break
    return _held[me][0]


values.ValueClass = values.MultiProcessValue(_slot) if FOLDER else values.MutexValue

REQUESTS = Counter("portal_requests", "Answers by view, method and status", ["view", "method", "status"])
DURATIONS = Histogram(
    "portal_request_seconds", "Time until an answer", ["view"], buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
)


def count_requests(get_response):
    """A middleware: count each answer; `/metrics` itself is answered to who knows the token, on any host."""

    def middleware(request):
        if request.path_info == "/metrics":
            return _answer(request)
        began = time.perf_counter()
        response = get_response(request)
        view = _view_name(request)
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(view, method, response.status_code).inc()
        DURATIONS.labels(view).observe(time.perf_counter() - began)
        return response

    return middleware


def _view_name(request) -> str:
    """Never an address, which may be secret, and which strangers choose."""
    if request.resolver_match:
        return request.resolver_match.view_name
    if request.path_info.startswith(settings.STATIC_URL):
        return "static file"
    return "kept page" if hasattr(request, "computed_tag") else "other"


def _answer(request) -> HttpResponse:
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse("Refused.\n", status=403, content_type="text/plain")
    registry = CollectorRegistry()
    if FOLDER:
        multiprocess.MultiProcessCollector(registry, FOLDER)
    else:
        registry.register(REQUESTS)
        registry.register(DURATIONS)
    registry.register(DatabaseFigures())
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4, headers=headers)


class DatabaseFigures:
    """What all servers share, read from the database. If that is away, only that is said."""

    def collect(self):
        try:
            figures = list(self._read())
        except Error:
            figures = []
        yield GaugeMetricFamily("portal_database_up", "Whether the database answers", value=bool(figures))
        yield from figures

    def _read(self):
        outbox, made, now = mail.count_outbox(), backup.last_verified(), timezone.now()
        success = GaugeMetricFamily("portal_job_last_success_timestamp_seconds", "0: never", labels=["job"])
        overdue = GaugeMetricFamily("portal_job_overdue", "1: its last success is too long ago", labels=["job"])
        late = jobs.late(now)
        for name, succeeded_at in jobs.last_successes().items():
            success.add_metric([name], succeeded_at.timestamp() if succeeded_at else 0)
            overdue.add_metric([name], name in late)
        yield success
        yield overdue
        waited = (now - outbox.oldest).total_seconds() if outbox.oldest else 0
        for name, text, value in (
            ("portal_mail_waiting", "Messages in the outbox", outbox.waiting),
            ("portal_mail_oldest_seconds", "Age of the oldest of them", waited),
            ("portal_mail_retried", "Those that the mail server refused before", outbox.retried),
            ("portal_mail_given_up", "Messages given up in the last days", outbox.given_up),
            ("portal_backup_last_success_timestamp_seconds", "0: never", made.timestamp() if made else 0),
        ):
            yield GaugeMetricFamily(name, text, value=value)
