"""What the portal writes to its log while people use it: no name, address, secret link or typed text."""

import datetime
import io
import json
import logging

import pytest
from django.db import IntegrityError
from django.test import Client

from hled_portal import about
from hled_portal.background import jobs, mail
from hled_portal.models import JobState, Mail
from hled_portal.security.log_redaction import JsonFormatter
from hled_portal.tests.letterbox import mail_server
from hled_portal.web import request_ids

NAME, ADDRESS, SECRET, TYPED, CLIENT = (
    "Ana López",
    "nobody.ana@correo.example",
    "s3cr3t-l1nk",
    "pr1v4te-w0rds",
    "203.0.113.9",
)
ROW = f"duplicate key\nDETAIL:  Failing row contains (7, {NAME}, {ADDRESS},\n{TYPED}).\n"


def fail(*_arguments):
    raise IntegrityError(ROW)


@pytest.mark.django_db
def test_the_log_holds_nothing_personal(settings, monkeypatch):
    settings.AXES_ENABLED, settings.TRUST_PROXY, settings.DEBUG_PROPAGATE_EXCEPTIONS = True, True, False
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client(raise_request_exception=False, headers={"X-Forwarded-For": CLIENT})

    def check(expected: str, status: int = 0, answer=None):
        """What was logged since the last look names what happened, and nobody."""
        lines = [json.loads(line) for line in written.getvalue().splitlines()]
        written.truncate(0)
        written.seek(0)
        text = json.dumps(lines, ensure_ascii=False)
        assert expected in text
        assert [each for each in (NAME, ADDRESS, "nobody.ana", SECRET, TYPED, CLIENT) if each in text] == []
        if answer:
            assert answer.status_code == status
            assert answer[request_ids.HEADER] in {line.get("request_id") for line in lines}

    handler = next(each for each in logging.getLogger().handlers if isinstance(each.formatter, JsonFormatter))
    written = io.StringIO()
    monkeypatch.setattr(handler, "stream", written)
    for _time in range(6):
        answer = client.post("/en/sign-in/", {"username": ADDRESS, "password": TYPED})
    check("Too Many Requests: /en/sign-in/", 429, answer)
    for path in (
        f"/en/recommendations/receipt/{SECRET}/",
        f"/es/follow/{SECRET}/",
        f"/en/follow/confirm/{SECRET}/?email={ADDRESS}",
        f"/en/sign-in/reset/MQ/{SECRET}/",
    ):
        client.get(path)
    check("/en/recommendations/receipt/…/")
    strict = Client(enforce_csrf_checks=True, headers={"X-Forwarded-For": CLIENT})
    check("Forbidden", 403, strict.post(f"/en/sign-in/reset/MQ/{SECRET}/", {"x": NAME}))
    check("Invalid HTTP_HOST", 400, client.get("/en/", headers={"Host": CLIENT}))
    monkeypatch.setattr(about, "render", fail)
    check("IntegrityError", 500, client.get("/en/about/", {"words": TYPED}))
    job = jobs.Job("a job that fails", datetime.timedelta(hours=1), fail)
    jobs._run(job, jobs.JobRun(), jobs.Outcome())
    check("a job that fails: failed")
    assert JobState.objects.get(name=job.name).error == "IntegrityError: duplicate key\nDETAIL: …\n"
    with mail_server(settings) as letterbox:
        letterbox.start()
        Mail.objects.create(event="x", recipient=ADDRESS, language="es", subject=NAME, body=SECRET)
        mail.send_waiting(jobs.JobRun())
    check("[]")
    assert Mail.objects.get().error
