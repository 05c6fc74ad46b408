"""What the documents name exists: modules, files, links, targets of make, commands."""

import ast
import io
import re
import tokenize
from collections import defaultdict
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = settings.BASE_DIR
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
FOLDERS = ("hled_portal", "initiatives", "stakeholders", "templates", "bench", "docs", ".ci")
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|``.+?``|`[^`]+`|^ {4}\S.*$", re.DOTALL | re.MULTILINE)
PYTHON_FILE = re.compile(r"(?<![\w./*-])[\w./-]+\.py\b")
NAMED_FILE = re.compile(PYTHON_FILE.pattern + r"|\bdocs/[\w.-]+\.md\b")
FILE = re.compile(rf"`((?:{'|'.join(map(re.escape, FOLDERS))})/[^`\s]*|[\w./-]+\.(?:html|scss|js))`")
DOTTED = re.compile(r"`([a-z_]+(?:\.\w+)+)\b(?!\.\w)")
GENERATED = {"bench/results.json", "bench/attack.json"}
NOT_MODULES = (".json", ".py", ".md", ".txt", ".csv", ".zip", ".html", ".js", ".xml", ".bib", ".ris", ".scss")


def source_files() -> list[str]:
    paths = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())
    return [path.relative_to(ROOT).as_posix() for path in [*paths, *ROOT.glob("*.*")]]


FILES = source_files()


def modules() -> dict[str, list[str]]:
    """Files by the last part of the dotted name; a package stands for its `__init__.py`."""
    found = defaultdict(list)
    for name in FILES:
        if name.endswith(".py") and "/migrations/" not in name:
            path = Path(name)
            found[path.parent.name if path.stem == "__init__" else path.stem].append(name)
    return found


MODULES = modules()


def exists(name: str) -> bool:
    """Whether a file, or a folder, has this path or ends with it."""
    return (ROOT / name).exists() or any(file.endswith(f"/{name}") for file in FILES)


def names_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    names = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        else:
            names |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names


def dotted_exists(name: str) -> bool:
    """A dotted module, or a name in one. What begins with no module of ours is left alone."""
    first, *rest = name.split(".")
    if first in settings.INSTALLED_APPS or first in ("hled_portal", "initiatives", "stakeholders"):
        as_module, as_name = "/".join([first, *rest]), "/".join([first, *rest[:-1]])
        if any((ROOT / f"{as_module}{end}").exists() for end in (".py", "/__init__.py")):
            return True
        homes = [f"{as_name}{end}" for end in (".py", "/__init__.py") if (ROOT / f"{as_name}{end}").exists()]
        return any(rest[-1] in names_in(home) for home in homes)
    return first not in MODULES or any(rest[0] in names_in(file) for file in MODULES[first])


def faults(text: str, folder: Path = ROOT) -> list[str]:
    code = "\n".join(CODE.findall(text))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    found = [f"no file {name}" for name in PYTHON_FILE.findall(text) if not exists(name)]
    for name in set(FILE.findall(text)) - GENERATED:
        if not {"<", "…"} & set(name) and not (any(ROOT.glob(name)) if "*" in name else exists(name.rstrip("/"))):
            found.append(f"no file {name}")
    found += [
        f"no module or name {name}"
        for name in DOTTED.findall(text)
        if not name.endswith(NOT_MODULES) and not dotted_exists(name)
    ]
    links = (link.partition("#")[0] for link in LINK.findall(text) if "://" not in link)
    found += [f"no page {link}" for link in links if link and not (folder / link).exists()]
    found += [f"no target {name}" for name in re.findall(r"\bmake ([a-z][a-z-]*)", code) if name not in targets]
    commands = set(get_commands())
    found += [f"no command {name}" for name in re.findall(r"\bmanage\.py ([a-z_]+)", text) if name not in commands]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_names_exists(path):
    assert faults(path.read_text(encoding="utf-8"), path.parent) == []


def comments(file: str) -> str:
    """Comments and docstrings of a module, or the comments of a template."""
    text = (ROOT / file).read_text(encoding="utf-8")
    if file.endswith(".html"):
        return "\n".join(re.findall(r"{% comment.*?endcomment %}|{#.*?#}", text, re.DOTALL))
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, holders))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    found = [ast.get_docstring(node) or "" for node in nodes]
    return "\n".join(found + [token.string for token in tokens if token.type == tokenize.COMMENT])


def test_files_that_make_names_exist():
    names = PYTHON_FILE.findall((ROOT / "Makefile").read_text(encoding="utf-8"))
    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_files_that_comments_name_exist():
    files = (file for file in FILES if file.endswith((".py", ".html")) and "/migrations/" not in file)
    assert [(file, name) for file in files for name in NAMED_FILE.findall(comments(file)) if not exists(name)] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("see hled_portal/discretion.py", "no file hled_portal/discretion.py"),
        ("see `discretion.py`", "no file discretion.py"),
        ("`hled_portal/rooms/`", "no file hled_portal/rooms/"),
        ("`initiatives/_gone.html`", "no file initiatives/_gone.html"),
        ("`hled_portal.publishing.keys`", "no module or name hled_portal.publishing.keys"),
        ("`hled_portal.publishing.clearance.key`", "no module or name hled_portal.publishing.clearance.key"),
        ("`clearance.set_key()`", "no module or name clearance.set_key"),
        ("[the house](house.md)", "no page house.md"),
        ("`make letters`", "no target letters"),
        ("    make letters\n", "no target letters"),
        ("`.venv/bin/python manage.py tell`", "no command tell"),
    ],
)
def test_what_does_not_exist_is_named(text, fault):
    assert faults(text, ROOT / "docs") == [fault]


@pytest.mark.parametrize(
    "text",
    [
        "`hled_portal/publishing/clearance.py`, `publishing/clearance.py`, `clearance.py`",
        "`hled_portal.publishing.clearance`",
        "`clearance.withdraw()`, `hled_portal.publishing.clearance.withdraw`, `hled_portal/publishing/`",
        "[signed](signed-texts.md#as-of), [outside](https://example.org/)",
        "`content.json`, `links.content`, `docs/*.md`, `initiatives/<key>/editions/`",
        "`make run PORT=8001`, `manage.py migrate`: they make them",
    ],
)
def test_what_exists_is_left_alone(text):
    assert faults(text, ROOT / "docs") == []
