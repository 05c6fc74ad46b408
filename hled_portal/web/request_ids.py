"""One identifier for each request: in the log, in the answer's header and on error pages."""

import logging
import re
import uuid
from contextvars import ContextVar

from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def identify_request(get_response):
    """A middleware: the identifier that the trusted proxy gave, else a new one."""

    def middleware(request):
        given = request.headers.get(HEADER, "") if settings.TRUST_PROXY else ""
        request.request_id = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        _current.set(request.request_id)
        response = get_response(request)
        response.headers[HEADER] = request.request_id
        return response

    return middleware


@receiver(request_finished)
def forget_request(**_sender):
    """Only now: Django logs an answer that is an error when all middleware has ended."""
    _current.set("")


class AddRequestId(logging.Filter):
    """Adds the identifier of the present request to a record, outside of requests an empty one."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _current.get()
        return True
