"""A second database for readers (`REPLICA_URL`): pages of published texts are read from a copy of the database.

It is asked only for requests that say nothing of who asks, only for tables of published texts, and only while it has
the version of the public record that the primary announces; else the primary is asked. Sessions, accounts, drafts,
submissions and everything that is written are never read from it.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import Error, connections
from django.db.models import Model
from django.http import FileResponse

from hled_portal.models import Publication, PublicVersion, Release
from hled_portal.publishing import timed_changes

from .page_cache import is_request_without_reader

ALIAS = "replica"
#: With the version that kept results stand for: what is kept must never be older than its version.
_tables: set[type[Model]] = {Publication, PublicVersion, Release}
#: How long a replica that failed is left alone.
PAUSE_SECONDS = 10
_log = logging.getLogger(__name__)
_is_read: ContextVar[bool] = ContextVar("is_read", default=False)
_paused_until = 0.0


def register_published_tables(*models: type[Model]) -> None:
    """Tables of published texts, all of which have the version of the public record."""
    _tables.update(models)


class ReplicaRouter:
    def db_for_read(self, model, **_hints) -> str | None:
        return ALIAS if _is_read.get() and model in _tables else None

    def allow_relation(self, *_rows, **_hints) -> bool:
        return True

    def allow_migrate(self, database: str, _app, **_hints) -> bool | None:
        return False if database == ALIAS else None


def read_from_replica(get_response):
    """A middleware, after `answer_conditionally`, which decides what a page of published texts is."""

    def middleware(request):
        with _reading(is_read=False):
            response = get_response(request)
            if _is_read.get() and response.streaming and not isinstance(response, FileResponse):
                response.streaming_content = _from_replica(response.streaming_content)
            return response

    def process_view(request, _view, _args, _kwargs):
        is_public = hasattr(request, "public_tag") and is_request_without_reader(request)
        _is_read.set(is_public and _has_version(request.public_version))

    middleware.process_view = process_view
    return middleware


@contextmanager
def _reading(*, is_read: bool) -> Iterator[None]:
    token = _is_read.set(is_read)
    try:
        yield
    finally:
        _is_read.reset(token)


def _from_replica(parts: Iterable) -> Iterator:
    """Read each piece of a file from the replica too: the request is over by then."""
    parts = iter(parts)
    while True:
        with _reading(is_read=True):
            part = next(parts, None)
        if part is None:
            return
        yield part


def _has_version(announced: str) -> bool:
    """Whether the replica has the announced version of the public record. One query on the replica."""
    global _paused_until
    if time.monotonic() < _paused_until:
        return False
    try:
        return timed_changes.version_of(ALIAS) == announced
    except Error as error:
        _log.warning("The replica cannot be read (%s); pages are read from the primary.", error)
        connections[ALIAS].close()
        _paused_until = time.monotonic() + PAUSE_SECONDS
        return False
