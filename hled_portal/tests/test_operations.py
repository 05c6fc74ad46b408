"""docs/operations.md and the files of deploy/ agree with the code."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = settings.BASE_DIR
DEPLOY = ROOT / "deploy"
DOCUMENT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
READ = re.compile(r"""(?:\benv(?:\.\w+)?|\bread|environ(?:\.\w+)?)[(\[]\s*["']([A-Z][A-Z_]+)["']""")
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
