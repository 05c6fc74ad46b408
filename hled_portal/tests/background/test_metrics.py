"""Figures for Prometheus, for who knows the token."""

import os
import re
import subprocess
import sys

import pytest
from django.db import Error
from django.utils import timezone

from hled_portal.background import mail, metrics
from hled_portal.models import JobState, Mail
from hled_portal.tests.processes import MANAGE

TOKEN = "0123456789abcdef0123456789abcdef"
MIDDLEWARE = "hled_portal.background.metrics.count_requests"


@pytest.fixture
def scrape(client, settings):
    settings.METRICS_TOKEN = TOKEN
    settings.MIDDLEWARE = [MIDDLEWARE, *settings.MIDDLEWARE]
    return lambda token=TOKEN, **options: client.get(
        "/metrics", headers={"Authorization": f"Bearer {token}", "Host": "10.0.0.7:8001"}, **options
    )


def figures(answer) -> dict[str, float]:
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.django_db
def test_requests_jobs_outbox_and_backup(scrape, client, settings):
    settings.SECURE_SSL_REDIRECT = False
    before = figures(scrape())
    client.get("/en/about/")
    client.get("/en/about/")
    client.get("/en/recommendations/receipt/a-secret/")
    client.generic("EVIL-METHOD", "/en/about/")
    Mail.objects.create(event="x", recipient="ana@correo.example", language="es", subject="s", body="b")
    JobState.objects.create(name="send mail", due_at=timezone.now(), started_at=timezone.now(), succeeded_at=None)
    answer = scrape()
    after = figures(answer)
    pages = 'portal_requests_total{method="GET",status="200",view="about"}'
    assert after[pages] - before.get(pages, 0) == 2
    assert any(
        re.fullmatch('portal_requests_total{method="GET",status="404",view=".*receipt.*"}', name) for name in after
    )
    assert any('method="other"' in name for name in after)
    assert after['portal_request_seconds_bucket{le="+Inf",view="about"}'] >= 3
    assert after["portal_database_up"] == 1
    assert after["portal_mail_waiting"] == 1
    assert after['portal_job_overdue{job="send mail"}'] == 1
    assert after["portal_backup_last_success_timestamp_seconds"] == 0
    assert not any(text in answer.content.decode() for text in ("ana", "secret", "EVIL"))


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], "é"])
def test_who_does_not_know_the_token_is_refused(scrape, token):
    assert scrape(token).status_code == 403


@pytest.mark.django_db
def test_without_a_token_there_are_no_figures(client):
    assert client.get("/metrics").status_code == 404


@pytest.mark.django_db
def test_a_database_that_is_away_is_said(scrape, monkeypatch):
    def away():
        raise Error

    monkeypatch.setattr(mail, "count_outbox", away)
    assert metrics.mail.count_outbox is away
    assert figures(scrape())["portal_database_up"] == 0


COUNT = """
import django
django.setup()
from django.test import Client
from hled_portal.background.metrics import _slot
for _each in range(3):
    Client().get("/health/live")
print(_slot(), flush=True)
input()
answer = Client().get("/metrics", headers={"Authorization": "Bearer TOKEN"})
print([line for line in answer.content.decode().splitlines() if line.startswith("portal_requests_total")])
""".replace("TOKEN", TOKEN)


def test_processes_count_together_and_replaced_ones_leave_no_file(tmp_path):
    environment = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "METRICS_TOKEN": TOKEN,
        "DJANGO_SETTINGS_MODULE": "hled_portal.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3",
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}

    def start() -> tuple[subprocess.Popen, str]:
        process = subprocess.Popen([sys.executable, "-c", COUNT], **pipes)
        return process, process.stdout.readline().strip()

    first, one = start()
    second, two = start()
    first.communicate("\n")
    third, three = start()
    second.kill()
    second.communicate()
    counted = third.communicate("\n")[0]
    assert (one, two, three) == ("0", "1", "0")
    assert 'view="other"} 9.0' in counted
    assert len(list(tmp_path.glob("counter_*.db"))) == 2


def test_a_command_beside_the_server_needs_no_folder(tmp_path):
    environment = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "none"),
        "METRICS_TOKEN": TOKEN,
        "DEBUG": "1",
    }
    script = "import hled_portal.background.metrics as m; m.REQUESTS.labels('a', 'GET', 200).inc()"
    command = [*MANAGE, "shell", "--verbosity", "0", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
