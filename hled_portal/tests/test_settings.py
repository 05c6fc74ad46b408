"""Settings come from the environment, and are closed where it says nothing."""

import json
import os
import subprocess
import sys

import pytest

SHOW = """
import json
from hled_portal import settings as s
print(json.dumps({
    "debug": s.DEBUG, "totp": s.REQUIRE_TOTP, "key": s.SECRET_KEY, "hosts": s.ALLOWED_HOSTS,
    "atomic": s.DATABASES["default"].get("ATOMIC_REQUESTS", False),
    "engine": s.DATABASES["default"]["ENGINE"], "options": s.DATABASES["default"].get("OPTIONS"),
    "host": s.DATABASES["default"].get("HOST"), "admin": s.ADMIN_PATH, "from": s.DEFAULT_FROM_EMAIL,
    "replica": s.DATABASES.get("replica"), "routers": getattr(s, "DATABASE_ROUTERS", []),
    "admins": s.ADMINS, "mail": s.EMAIL_BACKEND, "redirect": getattr(s, "SECURE_SSL_REDIRECT", False),
    "proxy": getattr(s, "SECURE_PROXY_SSL_HEADER", None), "middleware": s.MIDDLEWARE,
    "sign_in": [s.SESSION_IDLE_MINUTES, s.SESSION_HOURS, s.REAUTHENTICATE_MINUTES, s.SIGN_IN_SECONDS],
}))
"""
LOGIN = "django.contrib.auth.middleware.LoginRequiredMiddleware"


def settings_under(**environment):
    path = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH"}}
    done = subprocess.run([sys.executable, "-c", SHOW], env=path | environment, capture_output=True, check=True)
    return json.loads(done.stdout)


def test_an_empty_environment_is_closed():
    found = settings_under()
    assert (found["debug"], found["key"], found["hosts"]) == (False, "", [])
    assert (found["totp"], found["sign_in"]) == (True, [60, 12, 15, 1.0])
    assert (found["atomic"], found["redirect"], found["proxy"]) == (False, False, None)
    assert found["admin"] == "admin/"
    assert found["mail"] == "hled_portal.background.mail.NoMailServer"
    assert LOGIN not in found["middleware"]
    assert (found["replica"], found["routers"]) == (None, [])


def test_a_replica_has_its_own_address_and_is_never_written():
    found = settings_under(
        DATABASE_URL="postgres://portal:secret@one.example/portal?application_name=web",
        REPLICA_URL="postgres://reader:secret@two.example/portal?sslmode=require",
    )
    replica = found["replica"]
    assert (replica["HOST"], replica["USER"], replica["CONN_MAX_AGE"]) == ("two.example", "reader", 60)
    read_only = {"connect_timeout": 2, "options": "-c default_transaction_read_only=on"}
    assert replica["OPTIONS"] == {"sslmode": "require"} | read_only
    assert "hled_portal.web.replica.read_from_replica" in found["middleware"]
    with pytest.raises(subprocess.CalledProcessError) as refused:
        settings_under(REPLICA_URL="postgres://reader:secret@two.example/portal")
    assert b"REPLICA_URL must name a database of the same kind as DATABASE_URL." in refused.value.stderr


def test_sqlite_waits_in_line_and_writes_to_the_disk():
    options = settings_under()["options"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        assert f"PRAGMA {pragma};" in options["init_command"]


def test_the_environment_is_read():
    found = settings_under(
        DATABASE_URL="postgres://portal:secret@db.example/portal",
        SECRET_KEY="k",
        ALLOWED_HOSTS="a.example,b.example",
        EMAIL_URL="smtp+tls://u:p@mail.example:587",
        MAIL_FROM="portal@a.example",
        ERRORS_TO="ops@a.example",
        ADMIN_PATH="/desk",
        TRUST_PROXY="1",
        PORTAL_READERS="login",
    )
    assert found["engine"] == "django.db.backends.postgresql"
    assert (found["host"], found["atomic"]) == ("db.example", False)
    assert found["hosts"] == ["a.example", "b.example"]
    assert found["mail"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (found["from"], found["admin"], found["redirect"]) == ("portal@a.example", "desk/", True)
    assert found["proxy"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert LOGIN in found["middleware"]


@pytest.mark.parametrize("debug", ["0", "1"])
def test_what_django_logs_is_written_once(debug):
    script = "import django, logging; django.setup(); logging.getLogger('django.request').warning('Not Found: /x')"
    path = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH"}}
    environment = path | {"DEBUG": debug, "SECRET_KEY": "k", "DJANGO_SETTINGS_MODULE": "hled_portal.settings"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout + done.stderr).count("Not Found: /x") == 1


@pytest.mark.parametrize(("path", "status"), [("/en/", 302), ("/en/sign-in/", 200), ("/health/live", 200)])
@pytest.mark.django_db
def test_an_internal_portal_asks_readers_to_sign_in(client, settings, path, status):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOGIN]
    answer = client.get(path)
    assert answer.status_code == status
    if status == 302:
        assert answer["Location"] == "/en/sign-in/?next=/en/"


@pytest.mark.parametrize("value", ["0", "-5", "99999", "two years"])
def test_a_period_beyond_its_limits_stops_the_portal(value):
    path = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH"}}
    environment = path | {"KEEP_CONTACTS_DAYS": value}
    done = subprocess.run([sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=False)
    assert "KEEP_CONTACTS_DAYS must be a number from 30 to 3650." in done.stderr
