"""Probes of the machine that runs the portal."""

import pytest
from django.db import DatabaseError

from hled_portal.background import health


def test_live_asks_nothing_of_the_database(client):
    answer = client.get("/health/live", headers={"Host": "no-host-of-ours"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "no_host_of_ours", "bad host"])
def test_probes_are_answered_on_any_host_and_never_redirected(client, settings, path, host):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT, settings.TRUST_PROXY = ["portal.example"], True, True
    assert client.get(path, headers={"Host": host}).status_code == 200


@pytest.mark.django_db
def test_ready_when_the_database_holds_every_table(client, settings):
    assert client.get("/health/ready").status_code == 200
    settings.MIGRATION_MODULES = {}  # The tables of the tests are made without migrations: all of them wait.
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.content) == (503, b"Migrations are waiting.\n")


def test_not_ready_without_a_database(client, monkeypatch):
    def no_database(connection):
        raise DatabaseError

    monkeypatch.setattr(health, "MigrationExecutor", no_database)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.content) == (503, b"The database does not answer.\n")
