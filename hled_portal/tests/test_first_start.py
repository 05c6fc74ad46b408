"""The first `make`: what it needs, what an interrupted one leaves behind, and on which machines it runs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: A Python that makes environments of itself, and whose installations fail while a file says so.
PYTHON = """#!/bin/sh
case "$*" in
  "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; cp "$0" "$3/bin/pip" ;;
  *"install "*) test ! -e pip-fails ;;
esac
"""


@pytest.fixture
def clone(tmp_path):
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for name in (".ci", "deploy"):
        shutil.copytree(ROOT / name, tmp_path / name)
    program(tmp_path / "a-python", PYTHON)
    return tmp_path


def program(path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def make(clone, target: str, **variables) -> tuple[int, str]:
    assignments = [f"{name}={value}" for name, value in ({"PYTHON": "./a-python"} | variables).items()]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(["make", target, *assignments], cwd=clone, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def half_made(clone) -> Path:
    """What Ctrl-C leaves of an environment; returns a file of it."""
    (clone / ".venv" / "bin").mkdir(parents=True)
    program(clone / ".venv" / "bin" / "python", PYTHON)
    program(clone / ".venv" / "bin" / "pip", PYTHON)
    (clone / ".venv" / "half-made").touch()
    return clone / ".venv" / "half-made"


STAMPS = pytest.mark.parametrize("stamp", [".stamp", ".dev-stamp"])


@STAMPS
def test_a_half_made_environment_is_made_anew(clone, stamp):
    leftover = half_made(clone)
    code, said = make(clone, f".venv/bin/{stamp}")
    assert (code, leftover.exists()) == (0, False), said
    assert (clone / ".venv" / "bin" / stamp).exists()


@STAMPS
def test_an_environment_gets_its_name_when_it_is_whole(clone, stamp):
    (clone / "pip-fails").touch()
    assert make(clone, f".venv/bin/{stamp}")[0] != 0
    assert not (clone / ".venv").exists()
    (clone / "pip-fails").unlink()
    code, said = make(clone, f".venv/bin/{stamp}")
    assert code == 0, said


@STAMPS
def test_an_environment_whose_change_was_interrupted_is_made_anew(clone, stamp):
    assert make(clone, ".venv/bin/.stamp")[0] == 0
    leftover = clone / ".venv" / "half-made"
    leftover.touch()
    os.utime(clone / ".venv" / "bin" / ".stamp", (1, 1))
    (clone / "pip-fails").touch()
    assert make(clone, f".venv/bin/{stamp}")[0] != 0
    (clone / "pip-fails").unlink()
    code, said = make(clone, ".venv/bin/.stamp")
    assert (code, leftover.exists()) == (0, False), said


@pytest.mark.parametrize(
    ("python", "reason"),
    [
        (None, "there is no ./a-python"),
        ('case "$*" in --version) echo Python 3.9.6 ;; *version_info*) exit 1 ;; esac', "is Python 3.9.6"),
        ('case "$*" in *ensurepip*) exit 1 ;; esac', "venv"),
    ],
)
@pytest.mark.parametrize("target", ["run", "test", ".venv/bin/.stamp"])
def test_a_python_that_will_not_do_is_named_at_once(clone, python, reason, target):
    (clone / "a-python").unlink()
    if python:
        program(clone / "a-python", f"#!/bin/sh\n{python}\n")
    code, said = make(clone, target)
    assert code != 0
    assert reason in said
    assert "apt-get install python3 python3-venv" in said
    assert not (clone / ".venv").exists()


def test_a_missing_browser_is_named_before_the_first_test(clone):
    code, said = make(clone, "test", CHROMIUM="/nonexistent")
    assert code != 0
    assert "there is none at /nonexistent" in said
    assert "==" not in said.replace("***", "")


def test_help_lists_the_port(clone):
    assert "PORT=" in make(clone, "help")[1]


def test_no_program_is_called_by_the_path_of_its_script():
    """Such a script names the folder that it was installed in; the environment and the clone may be renamed."""
    for path in [ROOT / "Makefile", *(ROOT / ".ci").iterdir()]:
        called = re.findall(r"(?:\$\(BIN\)|\.?venv[\w.-]*/bin|\$place/bin|lock/bin)/([\w-]+)", path.read_text())
        assert set(called) <= {"python"}, path


def test_make_of_macos_and_its_tools_are_enough():
    """GNU make 3.81 and BSD sed; where both of them run, this is what differs."""
    text = (ROOT / "Makefile").read_text()
    assert not re.findall(r"\.ONESHELL|\.SHELLFLAGS|\$\(file |^\w+ *!=|^define \w+ *=|sed -[Eri]", text, re.MULTILINE)


def test_the_postgresql_of_the_tests_shares_no_file_with_other_users(tmp_path):
    script = (
        "from hled_portal.tests.plugin import import_postgresql; "
        f"print(import_postgresql({str(tmp_path)!r}).PostgresServer.lock_path)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert Path(done.stdout.strip()).is_relative_to(tmp_path), done.stderr
