"""docs/operations.md and the files of deploy/ agree with the code."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from packaging.utils import canonicalize_name

ROOT = settings.BASE_DIR
DEPLOY = ROOT / "deploy"
DOCUMENT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
READ = re.compile(r"""(?:\benv(?:\.\w+)?|\bread|environ(?:\.\w+)?)[(\[]\s*["']([A-Z][A-Z_]+)["']""")
KNOWN = re.compile("MIT|BSD|Apache|PSF|LGPL|Unlicense|MPL")
#: Variables of Python and of Django themselves.
FOREIGN = {"DJANGO_SETTINGS_MODULE", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}


def documented() -> list[str]:
    table = DOCUMENT.partition("\n## Settings\n")[2].partition("\n## ")[0]
    return [name for line in table.splitlines() for name in re.findall(r"`([A-Z_]+)`", line.split(" | ")[0])]


def read_by_the_code() -> set[str]:
    packages = (ROOT / name for name in ("hled_portal", "initiatives", "stakeholders"))
    files = (path for package in packages for path in package.rglob("*.py") if "tests" not in path.parts)
    return {name for path in files for name in READ.findall(path.read_text(encoding="utf-8"))} - FOREIGN


def test_the_table_of_settings_is_that_of_the_code():
    assert len(read_by_the_code()) > 25
    assert sorted(documented()) == sorted(read_by_the_code())


def assigned(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".env":
        return re.findall(r"^([A-Z_]+)=", text, re.MULTILINE)
    lines = re.findall(r"^Environment=(.*)", text, re.MULTILINE)
    return re.findall(r"(\w+)=", "\n".join(lines))


@pytest.mark.parametrize("path", sorted(DEPLOY.glob("*.[es]*")), ids=lambda path: path.name)
def test_what_is_set_for_the_services_is_a_setting(path):
    assert set(assigned(path)) - FOREIGN - set(documented()) == set()


def test_commands_of_operators_exist():
    text = DOCUMENT + "".join(path.read_text(encoding="utf-8") for path in DEPLOY.glob("*.service"))
    named = set(re.findall(r"^ +portal ([a-z_]+)|manage\.py ([a-z_]+)", text, re.MULTILINE))
    assert len(named) > 8
    assert {name for pair in named for name in pair if name} - set(get_commands()) == set()
    files = re.findall(r"current/deploy/([\w.@-]+)(?=[ \n'])", text)
    assert len(files) > 2
    assert [name for name in files if not (DEPLOY / name).exists()] == []


def test_what_the_portal_runs_on_is_locked_with_hashes():
    """`make hashes` writes the lock and the licenses again."""
    blocks = re.split(r"^(?=\S)", (DEPLOY / "requirements.lock").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert [block for block in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}$", block, re.MULTILINE)] == []
    locked = dict(re.match(r"([\w.-]+)==([\w.]+)", block).groups() for block in blocks)
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    tested = {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(.+)$", constraints, re.M)}
    assert {name: tested.get(name) for name in locked} == locked
    wanted = re.findall(r"^[\w.-]+", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert {canonicalize_name(name) for name in wanted} - set(locked) == set()
    licenses = (ROOT / "docs" / "licenses.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([\w.-]+) \| (.+) \|$", licenses, re.MULTILINE))
    assert set(rows) - {"package"} == set(locked)
    assert [row for row in rows.items() if not KNOWN.search(row[1])] == [("package", "license")]


@pytest.fixture(scope="module")
def services() -> dict:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]


def container_lines() -> list[list[str]]:
    """Stages of the Containerfile, each a list of its instructions."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    starts = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    return [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


def test_what_the_image_is_made_of_exists():
    build, last = container_lines()
    copied = [line.split()[1:-1] for line in build if line.startswith("COPY ")]
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []
    taken = [line.split()[2:] for line in last if line.startswith("COPY --from=build ")]
    made = {name for names in copied for name in names} | {".venv", "var"}
    assert {source.removeprefix("/srv/portal/") for source, _target in taken} <= made
    needed = {"manage.py", "hled_portal", "initiatives", "stakeholders", "templates", ".venv", "var"}
    assert {target for _source, target in taken} == needed


def test_the_image_has_no_node_and_runs_as_nobody_in_particular():
    build, last = container_lines()
    assert any("make production" in line for line in build)
    assert not any("node" in line.lower() or "apt-get" in line for line in last)
    assert {line.split()[1] for line in (build[0], last[0])} == {"docker.io/library/python:3.11-slim-bookworm"}
    user = next(line.split()[1] for line in last if line.startswith("USER "))
    assert int(user) > 0
    assert last.index(f"USER {user}") > max(last.index(line) for line in last if line.startswith(("RUN", "COPY")))
    environment = next(line for line in last if line.startswith("ENV "))
    assert set(re.findall(r"(\w+)=", environment)) - FOREIGN - set(documented()) == set()
    entry, command = (json.loads(line.partition(" ")[2]) for line in last[-2:])
    assert (entry, command) == ([".venv/bin/python", "manage.py"], ["serve"])


def test_the_containers_set_what_there_is(services):
    ours = {name: service for name, service in services.items() if service["image"] == "hled-portal"}
    assert set(ours) == {"migrate", "web", "jobs"}
    for service in ours.values():
        assert service.get("command", ["serve"])[0] in get_commands()
        assert set(service["environment"]) - set(documented()) == set()
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert (ROOT / service["build"]["dockerfile"]).exists()
        assert "ports" not in service
    mounted = {volume.split(":")[0] for service in services.values() for volume in service["volumes"]}
    own = {name for name in mounted if name.startswith("./")} - {"./privacy", "./tls"}  # Of the operator.
    assert own == {"./nginx.conf", "./unavailable.html"}
    assert [name for name in own if not (DEPLOY / name).exists()] == []


def test_the_configuration_of_the_proxy_fits_the_containers(services):
    """What `sed` replaces is in the file, and nothing is left that names this machine."""
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    replacements = re.findall(r"-e 's(.)(.+?)\1(.+?)\1'", services["proxy"]["command"][2])
    assert len(replacements) == 3
    for _separator, pattern, replacement in replacements:
        changed = re.sub(pattern, replacement, text)
        assert changed != text
        text = changed
    assert "server web:8000" in text
    assert not re.search(r"127\.0\.0\.1|/var/log", text)


@pytest.mark.parametrize("place", ["systemd", "containers"])
def test_the_settings_of_deploy_start_the_server_once_they_are_filled_in(services, place):
    filled = {"SECRET_KEY": "".join(map(chr, range(60, 120))), "EMAIL_URL": "smtp://mail.example:25"}
    environment = dict(re.findall(r"^([A-Z_]+)='(.*)'$", (DEPLOY / "portal.env").read_text(encoding="utf-8"), re.M))
    if place == "containers":
        environment |= services["web"]["environment"] | {"DATABASE_URL": "postgres://portal:x@db/portal"}
    path = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    check = [sys.executable, str(ROOT / "manage.py"), "serve", "--check"]
    empty = subprocess.run(check, env=path | environment, capture_output=True, text=True)
    assert {"SECRET_KEY", "EMAIL_URL"} <= set(re.findall(r"  - (\w+)", empty.stderr))
    done = subprocess.run(check, env=path | environment | filled, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
