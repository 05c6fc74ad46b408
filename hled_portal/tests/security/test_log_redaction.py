"""Addresses that are secrets stand in no log, and reports of errors hold nothing that was typed behind them."""

import json
import logging
import sys

import pytest
from django.test import RequestFactory

from hled_portal.security import log_redaction


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/en/recommendations/receipt/abc/", "/en/recommendations/receipt/…/"),
        ("/es/recommendations/new-link/a.b:c/", "/es/recommendations/new-link/…/"),
        ("/en/recommendations/stop/a.b/", "/en/recommendations/stop/…/"),
        ("/es/follow/confirm/xyz/", "/es/follow/confirm/…/"),
        ("/en/follow/abc/unsubscribe/", "/en/follow/…/unsubscribe/"),
        ("/es/preview/a-b_c/", "/es/preview/…/"),
        ("/en/follow/sent/", "/en/follow/sent/"),
        ("/en/follow/?subject=x", "/en/follow/?subject=x"),
        ("/en/initiatives/otay-mesa-ii/", "/en/initiatives/otay-mesa-ii/"),
    ],
)
def test_secrets_are_masked(path, told):
    assert log_redaction.masked(path) == told


@pytest.mark.django_db
def test_a_dead_link_is_logged_without_its_secret(client, caplog):
    assert client.get("/en/recommendations/receipt/abcdef/").status_code == 404
    assert "receipt/…/" in caplog.text
    assert "abcdef" not in caplog.text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("refused: {'ana.lopez+x@correo.example.mx': (550, b'no')}", "refused: {'…@…': (550, b'no')}"),
        ("Invalid request from ip=203.0.113.9: x", "Invalid request from ip=…: x"),
        ("from 2001:db8::7 and 2001:db8:0:0:0:0:0:7.", "from … and …."),
        ("at 06:10:22, http://127.0.0.1:8001, version 1.22.1", "at 06:10:22, http://127.0.0.1:8001, version 1.22.1"),
        ("duplicate key\nDETAIL:  Key (email)=(Ana\nLopez) exists.\nTraceback", "duplicate key\nDETAIL: …\nTraceback"),
        ("duplicate key\nDETAIL:  Failing row contains (1, Ana).", "duplicate key\nDETAIL: …\n"),
        ("GET /en/follow/abc/ failed", "GET /en/follow/…/ failed"),
    ],
)
def test_personal_data_is_redacted(text, redacted):
    assert log_redaction.redact(text) == redacted


@pytest.mark.parametrize("formatter", [log_redaction.JsonFormatter, log_redaction.TextFormatter])
def test_a_line_of_the_log_is_redacted_with_its_traceback(formatter):
    try:
        raise ValueError("ana@correo.example /en/sign-in/reset/MQ/a-token/")
    except ValueError:
        error = sys.exc_info()
    line = formatter().format(logging.LogRecord("x", logging.ERROR, "", 1, "to %s", ("b@c.example",), error))
    assert "ValueError" in line
    assert "test_log_redaction.py" in line
    assert not any(secret in line for secret in ("ana@", "b@c", "a-token"))
    if formatter is log_redaction.JsonFormatter:
        assert "\n" not in line
        assert {"time", "level", "logger", "message", "process", "traceback"} == set(json.loads(line))


def test_a_report_of_a_letter_holds_no_request():
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "%s: %s", ("Error", "/en/x/"), None)
    record.request = RequestFactory().post("/en/recommendations/new/", {"text_1": "secret words"})
    assert log_redaction.HideSecrets().filter(record)
    assert not hasattr(record, "request")


def test_a_refusal_is_written_without_its_traceback():
    for status, kept in ((403, False), (500, True)):
        record = logging.LogRecord("django.request", logging.WARNING, "", 1, "x", (), (ValueError, ValueError(), None))
        record.status_code = status
        assert log_redaction.HideSecrets().filter(record)
        assert bool(record.exc_info) == kept
