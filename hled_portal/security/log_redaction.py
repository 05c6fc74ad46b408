"""What the log must not hold: secret links, addresses of people and machines, and what was typed into forms."""

import json
import logging
import re
from datetime import UTC, datetime

_SECRET = re.compile(
    r"(/(?:sign-in/reset/[^/\s\"?]+|recommendations/(?:receipt|confirm|new-link|handover|stop)|preview|follow(?:/confirm)?)/)"
    r"(?!(?:sent|confirm|set-password)/)[^/\s\"?]+"
)


def masked(text: str) -> str:
    """The text with … for each secret in an address."""
    return _SECRET.sub(r"\1…", text)


_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
#: Not those of the machine itself, where the server listens.
_IPV4 = re.compile(r"(?<![\w.])(?!127\.|0\.0\.0\.0)(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")
_IPV6 = re.compile(
    r"(?<![\w:.])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6})(?![\w:])", re.I
)
#: PostgreSQL repeats in it the row that it refused.
_DETAIL = re.compile(r"^DETAIL:.*?(?=^(?:CONTEXT|HINT|Traceback|The above|During)|\Z)", re.MULTILINE | re.DOTALL)


def redact(text: str) -> str:
    """The text without secret links, addresses of people and machines, and rows of the database."""
    return _IPV6.sub("…", _IPV4.sub("…", _EMAIL.sub("…@…", _DETAIL.sub("DETAIL: …\n", masked(text)))))


class TextFormatter(logging.Formatter):
    """One line of text, and the traceback."""

    def __init__(self):
        super().__init__("%(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One line of JSON for a record, the traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
            "request_id": getattr(record, "request_id", ""),
            "process": record.process,
        }
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps({name: value for name, value in line.items() if value != ""}, ensure_ascii=False)


class HideSecrets(logging.Filter):
    """Masks addresses in a record; the report by e-mail of such a page holds no request at all."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", None) == 403:
            record.exc_info = None  # A refusal is no fault: where it was decided is of no use.
        if isinstance(record.args, tuple):
            record.args = tuple(masked(part) if isinstance(part, str) else part for part in record.args)
        path = getattr(getattr(record, "request", None), "path", "")
        if masked(path) != path or "/recommendations/" in path:
            del record.request
        return True


class NoOutages(logging.Filter):
    """Passes over answers 503: they are no fault of the code."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 503
