"""`create_demo_accounts` and `serve`."""

import os
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command, get_commands, load_command_class

from hled_portal.management.commands import serve

from .processes import MANAGE

GOOD_KEY = "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3-0aB1cD2eF3gH4i"


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def create_demo_accounts() -> str:
    out = StringIO()
    call_command("create_demo_accounts", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_demo_accounts_are_refused_outside_development():
    with pytest.raises(CommandError, match="DEBUG=1"):
        create_demo_accounts()


@pytest.mark.django_db
def test_demo_accounts_once(settings, monkeypatch):
    settings.DEBUG = True
    monkeypatch.setenv("DEMO_PASSWORD", "a demonstration")
    assert "a demonstration" in create_demo_accounts()
    users = {user.username: user for user in get_user_model().objects.all()}
    offices = ("editor", "officer", "recommendations")
    assert set(users) == {f"{d}-{o}" for d in ("us", "mx") for o in offices} | {"auditor", "admin", "admin2"}
    assert users["us-officer"].delegation == "US"
    assert users["mx-editor"].delegation == "MX"
    assert users["auditor"].delegation == users["admin"].delegation == ""
    assert [name for name, user in users.items() if user.is_superuser] == ["admin", "admin2"]
    assert authenticate(username="mx-officer", password="a demonstration").has_perm("initiatives.clear_edition")
    assert not users["us-editor"].has_perm("initiatives.clear_edition")


@pytest.mark.django_db
def test_demo_accounts_leave_existing_ones_alone(settings, monkeypatch):
    settings.DEBUG = True
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    get_user_model().objects.create_user("admin", password="kept")
    said = create_demo_accounts()
    assert authenticate(username="admin", password="kept")
    printed, others = said.splitlines()[:2]
    assert printed.endswith(", admin2")
    assert others.endswith(": admin")


@pytest.mark.django_db
def test_demo_accounts_are_printed_each_time_with_the_password_that_works(settings, monkeypatch):
    settings.DEBUG = True
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    first = create_demo_accounts()
    assert create_demo_accounts() == first
    password = first.partition("(password ")[2].partition(")")[0]
    assert authenticate(username="us-editor", password=password)
    assert "DEMO_PASSWORD" in first
    monkeypatch.setenv("DEMO_PASSWORD", "another")
    said = create_demo_accounts()
    assert authenticate(username="us-editor", password="another")
    monkeypatch.delenv("DEMO_PASSWORD")
    assert create_demo_accounts() == said


@pytest.fixture
def safe(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = GOOD_KEY, []
    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["portal.example"]
    settings.SITE_URL, settings.PORTAL_READERS = "https://portal.example", "public"
    settings.EMAIL_URL, settings.TRUST_PROXY = "smtp://mail.example:25", True
    settings.CONTACT = "contact@portal.example"
    return settings


def test_safe_settings_are_not_refused(safe, monkeypatch):
    monkeypatch.setattr(serve.os, "execv", lambda *arguments: pytest.fail("started"))
    call_command("serve", "--check")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("DEBUG", True, "DEBUG is on"),
        ("SECRET_KEY", serve.DEVELOPMENT_KEY, "still has its development value"),
        ("SECRET_KEY", "short", "too easy"),
        ("SECRET_KEY", "a" * 60, "too easy"),
        ("SECRET_KEY", "", "SECRET_KEY is not set"),
        ("SECRET_KEY_FALLBACKS", ["short"], "SECRET_KEY_FALLBACKS is too easy"),
        ("ALLOWED_HOSTS", [], "ALLOWED_HOSTS is empty"),
        ("ALLOWED_HOSTS", ["portal.example", "*"], "ALLOWED_HOSTS contains"),
        ("ALLOWED_HOSTS", [".org"], "ALLOWED_HOSTS contains"),
        ("SUBMISSION_LIMITS", [-5], "SUBMISSION_LIMITS"),
        ("SUBMISSION_LIMITS", [1, 2, 3], "SUBMISSION_LIMITS"),
        ("CONTACT", "", "CONTACT must be"),
        ("CONTACT", "nobody", "CONTACT must be"),
        ("ADMIN_PATH", "en/", "ADMIN_PATH must not begin with en/"),
        ("ADMIN_PATH", "static/x/", "ADMIN_PATH must not begin with static/"),
        ("ADMIN_PATH", "/", "ADMIN_PATH must consist"),
        ("MEDIA_ROOT", settings.STATIC_ROOT / "media", "MEDIA_ROOT must not be inside"),
        ("MEDIA_ROOT", settings.BASE_DIR, "MEDIA_ROOT must not be inside"),
        ("PORTAL_READERS", "everyone", "PORTAL_READERS"),
        ("SITE_URL", "http://portal.example", "SITE_URL"),
        ("EMAIL_URL", "", "EMAIL_URL is not set"),
        ("TRUST_PROXY", None, "TRUST_PROXY must be 0 or 1"),
        ("METRICS_TOKEN", "short", "METRICS_TOKEN is too easy"),
        ("LISTEN", "", "LISTEN must be"),
        ("LISTEN", "127.0.0.1:8000", "LISTEN must be"),
    ],
)
def test_an_unsafe_setting_is_refused_with_its_reason(safe, monkeypatch, name, value, reason):
    monkeypatch.setattr(serve.os, "execv", lambda *arguments: pytest.fail("started"))
    setattr(safe, name, value)
    with pytest.raises(CommandError, match=reason):
        call_command("serve")


PRODUCTION = {
    "SECRET_KEY": GOOD_KEY,
    "ALLOWED_HOSTS": "portal.example",
    "EMAIL_URL": "smtp://mail.example:25",
    "TRUST_PROXY": "0",
    "CONTACT": "contact@portal.example",
}


JUDGED = [
    ({}, []),
    ({"TRUST_PROXY": "1", "EMAIL_URL": "consolemail://"}, []),
    ({"EMAIL_URL": None, "TRUST_PROXY": None}, ["EMAIL_URL", "TRUST_PROXY"]),
    ({"EMAIL_URL": "", "TRUST_PROXY": ""}, ["EMAIL_URL", "TRUST_PROXY"]),
    ({"TRUST_PROXY": "proxy", "SUBMISSION_LIMITS": "many"}, ["TRUST_PROXY", "SUBMISSION_LIMITS"]),
    ({"DATABASE_URL": ""}, ["DATABASE_URL"]),
    ({"DATABASE_URL": "mysql://a@b/c"}, ["DATABASE_URL"]),
    ({"CACHE_URL": ""}, ["CACHE_URL"]),
    ({"EMAIL_URL": "mail.example"}, ["EMAIL_URL"]),
    ({"PORT": "http"}, ["PORT"]),
    ({"LOG_FORMAT": "xml"}, ["LOG_FORMAT"]),
]
#: `serve --check` in a child for each environment: what needs no settings is imported once for all of them.
CHECKS = """
import os, runpy, sys
import django.contrib.admin, django.core.management, django.test, django.views
for number, environment in enumerate({environments!r}):
    if not (child := os.fork()):
        os.environ.clear()
        os.environ.update(environment)
        os.dup2(os.open(f"{folder}/{{number}}", os.O_WRONLY | os.O_CREAT), 2)
        sys.argv = [{manage!r}, "serve", "--check"]
        runpy.run_path({manage!r}, run_name="__main__")
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def checks(tmp_path_factory):
    """Exit code and errors of `serve --check` in each of the environments."""
    folder = tmp_path_factory.mktemp("checks")
    own = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH"}}
    environments = [
        own | {name: value for name, value in (PRODUCTION | changes).items() if value is not None}
        for changes, _reasons in JUDGED
    ]
    script = CHECKS.format(folder=str(folder), environments=environments, manage=MANAGE[1])
    codes = subprocess.run([sys.executable, "-c", script], env=own, check=True, capture_output=True, text=True).stdout
    return [(int(code), (folder / str(number)).read_text()) for number, code in enumerate(codes.split())]


@pytest.mark.parametrize(
    "number", range(len(JUDGED)), ids=[",".join(changes) or "good" for changes, _reasons in JUDGED]
)
def test_the_check_judges_the_environment(checks, number):
    code, said = checks[number]
    reasons = JUDGED[number][1]
    assert code == (1 if reasons else 0), said
    named = [line.split()[1] for line in said.splitlines() if line.startswith("  - ")]
    assert named == reasons
    assert "Traceback" not in said


@pytest.mark.parametrize("jobs", [True, False])
def test_serve_becomes_the_server_and_believes_no_header(safe, monkeypatch, tmp_path, jobs):
    started, beside = [], []
    safe.STATIC_ROOT, safe.JOBS = tmp_path, jobs
    monkeypatch.setattr(serve.subprocess, "Popen", lambda arguments, **options: beside.append(arguments[2:]))
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setattr(serve.os, "execv", lambda program, arguments: started.append(arguments))
    with pytest.raises(CommandError, match="collectstatic"):
        call_command("serve")
    (tmp_path / "staticfiles.json").write_text("{}")
    call_command("serve")
    assert "--bind=127.0.0.1:8123" in started[0]
    assert "--forwarded-allow-ips=" in started[0]
    assert beside == ([["work", "--beside", str(os.getpid())]] if jobs else [])


def test_the_development_server_says_its_address_when_it_is_bound():
    runserver = load_command_class(get_commands()["runserver"], "runserver")
    runserver.stdout, runserver.addr, runserver._raw_ipv6 = StringIO(), "127.0.0.1", False
    runserver.on_bind(8123)
    assert runserver.stdout.getvalue().startswith("The portal: http://127.0.0.1:8123/ ")
    assert "The portal:" not in (settings.BASE_DIR / "Makefile").read_text()


@pytest.mark.parametrize("proxy", ["0", "1"])
def test_the_deployment_check_is_clean(proxy):
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH"}}
    environment |= PRODUCTION | {"TRUST_PROXY": proxy, "PRIVACY_TEXTS": ",".join(settings.PRIVACY_TEXTS)}
    done = subprocess.run([*MANAGE, "check", "--deploy"], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_command_waits_for_libraries_that_it_does_not_use():
    """They were half of the time that each command, worker and server took to start."""
    heavy = {"docx", "edtf", "icalendar", "import_export.admin", "jsonschema_rs", "jwt", "openpyxl", "requests", "PIL"}
    heavy |= {"mozilla_django_oidc", "rapidfuzz", "segno", "snowballstemmer"}
    script = f"import sys; from django.urls import resolve; resolve('/en/'); print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([*MANAGE, "shell", "--no-imports", "-c", script], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("", "")
