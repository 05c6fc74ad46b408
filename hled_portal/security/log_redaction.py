"""What the log must not hold: addresses that are secrets, and what was typed into the forms behind them."""

import logging
import re

_SECRET = re.compile(
    r"(/(?:sign-in/reset/[^/\s\"?]+|recommendations/(?:receipt|confirm|new-link|handover|stop)|follow(?:/confirm)?)/)"
    r"(?!(?:sent|confirm|set-password)/)[^/\s\"?]+"
)


def masked(text: str) -> str:
    """The text with … for each secret in an address."""
    return _SECRET.sub(r"\1…", text)


class HideSecrets(logging.Filter):
    """Masks addresses in a record; the report by e-mail of such a page holds no request at all."""

    def filter(self, record: logging.LogRecord) -> bool:
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
