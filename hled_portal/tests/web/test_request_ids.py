"""Each request has an identifier: in the log, in the answer and on error pages."""

import logging
import re

import pytest

from hled_portal.web import request_ids

GIVEN = "5ddcf38daa0db862b111c1ea30489178"


@pytest.mark.parametrize(
    ("trusted", "given", "kept"),
    [
        (True, GIVEN, True),
        (False, GIVEN, False),
        (None, GIVEN, False),
        (True, "", False),
        (True, "short", False),
        (True, "x" * 65, False),
        (True, "a line\nof a log", False),
        (True, '"},{"level":1', False),
    ],
)
def test_the_identifier_of_the_trusted_proxy_is_kept(client, settings, trusted, given, kept):
    settings.TRUST_PROXY = trusted
    answer = client.get("/health/live", headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == given) == kept
    assert kept or re.fullmatch("[0-9a-f]{32}", answer["X-Request-ID"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "headers", "status", "label"),
    [
        ("/en/nothing%00", {}, 400, "Reference of this error:"),
        ("/es/nada%00", {}, 400, "Referencia de este error:"),
        ("/en/initiatives/?as_of=2024-13-01", {}, 400, "Reference of this error:"),
        ("/es/initiatives/?as_of=2024-13-01", {}, 400, "Referencia de este error:"),
    ],
)
def test_error_pages_and_the_log_name_it(client, settings, caplog, path, headers, status, label):
    settings.TRUST_PROXY = True
    caplog.handler.addFilter(request_ids.AddRequestId())
    answer = client.get(path, headers={"X-Request-ID": GIVEN, "X-Forwarded-Proto": "https"})
    assert answer.status_code == status
    assert f"<p>{label} <code>{GIVEN}</code></p>" in answer.content.decode()
    assert {record.request_id for record in caplog.records if record.levelno >= logging.WARNING} == {GIVEN}
    logging.getLogger("django.request").warning("after it")
    assert caplog.records[-1].request_id == ""
