"""Addresses that are secrets stand in no log, and reports of errors hold nothing that was typed behind them."""

import logging

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


def test_a_report_of_a_letter_holds_no_request():
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "%s: %s", ("Error", "/en/x/"), None)
    record.request = RequestFactory().post("/en/recommendations/new/", {"text_1": "secret words"})
    assert log_redaction.HideSecrets().filter(record)
    assert not hasattr(record, "request")
