"""docs/operations.md and the files of deploy/ agree with the code."""

import re
from pathlib import Path

import pytest
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
