"""The check of names in `make test-style`."""

import runpy

import pytest
from django.conf import settings

refused_names = runpy.run_path(str(settings.BASE_DIR / ".ci" / "check_names.py"))["refused_names"]


def test_no_name_is_refused():
    assert refused_names() == []


@pytest.mark.parametrize(
    ("path", "source", "line"),
    [
        ("initiatives/record/found.py", "", "initiatives/record/found.py: a module is not called found"),
        ("initiatives/told/__init__.py", "", "initiatives/told/__init__.py: a module is not called told"),
        ("initiatives/record/lists.py", "def asked(): ...\n", "initiatives/record/lists.py:1: nothing is called asked"),
        (
            "stakeholders/views/a.py",
            "class A:\n    def of(self): ...\n",
            "stakeholders/views/a.py:2: nothing is called of",
        ),
        ("hled_portal/web/a.py", "def f():\n    class told: ...\n", "hled_portal/web/a.py:2: nothing is called told"),
        ("hled_portal/tests/a.py", "async def found(): ...\n", "hled_portal/tests/a.py:1: nothing is called found"),
        ("bench/a.py", "def of(): ...\n", "bench/a.py:1: nothing is called of"),
    ],
)
def test_a_refused_name_is_named_with_its_place(tmp_path, path, source, line):
    write(tmp_path, {path: source})
    assert refused_names(tmp_path) == [line]


@pytest.mark.parametrize(
    "source", ["def load(): ...\n", "class load: ...\n", "load = 1\n", "a, load = 1, 2\n", "load: int = 1\n"]
)
def test_a_public_name_stands_in_two_modules_at_most(tmp_path, source):
    two = {"initiatives/a.py": source, "stakeholders/b.py": "def load(): ...\n"}
    write(tmp_path, two)
    lines = refused_names(tmp_path)
    assert lines == []
    write(tmp_path, {"hled_portal/c.py": "def load(): ...\n"})
    assert refused_names(tmp_path) == [
        "load stands in 3 modules: hled_portal/c.py, initiatives/a.py, stakeholders/b.py",
    ]


def test_what_is_private_local_imported_custom_or_of_a_test_may_repeat(tmp_path):
    source = (
        "from initiatives.d import load\n_load = 1\n\n\ndef f_{}():\n    load = 1\n\n\n"
        "class C{}:\n    def load(self): ...\n\n\nclass Command: ...\n"
    )
    write(tmp_path, {f"initiatives/{name}.py": source.format(name, name) for name in "abc"})
    write(tmp_path, {f"initiatives/tests/test_{name}.py": "def load(): ...\n" for name in "abc"})
    assert refused_names(tmp_path) == []


def write(root, files):
    for path, source in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(source)
