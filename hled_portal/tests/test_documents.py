"""What the documents name exists: modules, files, links, targets of make, commands."""

import ast
import importlib
import io
import re
import tokenize
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import get_commands

ROOT = settings.BASE_DIR
CATALOGUE = ROOT / "hled_portal" / "locale" / "es" / "LC_MESSAGES" / "django.po"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
FOLDERS = ("hled_portal", "initiatives", "stakeholders", "templates", "bench", "deploy", "docs", ".ci")
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|``.+?``|`[^`]+`|^ {4}\S.*$", re.DOTALL | re.MULTILINE)
PYTHON_FILE = re.compile(r"(?<![\w./*-])[\w./-]+\.py\b")
NAMED_FILE = re.compile(PYTHON_FILE.pattern + r"|\bdocs/[\w.-]+\.md\b")
FILE = re.compile(rf"`((?:{'|'.join(map(re.escape, FOLDERS))})/[^`\s]*|[\w./-]+\.(?:html|scss|js))`")
DOTTED = re.compile(r"`([a-z_]+(?:\.\w+)+)\b(?!\.\w)")
GENERATED = {"bench/results.json", "bench/attack.json"}
NOT_MODULES = (
    *(".json", ".py", ".md", ".txt", ".csv", ".zip", ".html", ".js", ".xml", ".bib", ".ris", ".scss"),
    *(".xlsx", ".svg", ".png"),
)


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


@cache
def source(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


@cache
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


def glossary_rows() -> list[list[str]]:
    terms = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").partition("\n## What an editor must know")[0]
    lines = terms.splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in rows if row[0] != "English"]


def missing_name(name: str) -> bool:
    """Whether no file has this name, and no class or constant of ours, with this attribute if there is one."""
    if name.endswith(".py"):
        return not exists(name)
    first, *rest = name.split(".")
    homes = {file for files in MODULES.values() for file in files if "/tests/" not in file}
    for file in homes:
        if re.search(rf"^(class {first}\b|{first} *[=:])", source(file), re.MULTILINE):
            module = importlib.import_module(file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
            if all(hasattr(getattr(module, first), attribute) for attribute in rest):
                return False
    return True


def test_the_glossary_names_what_exists():
    rows = glossary_rows()
    assert len(rows) > 40
    assert [row for row in rows if len(row) != 5 or not all(row[:4])] == []
    assert [name for row in rows for name in re.findall("`(.+?)`", row[3]) if missing_name(name)] == []


@pytest.mark.parametrize("name", ["Lettering", "Letter.nothing", "Stage.STARTED", "letters_page.py"])
def test_a_name_that_does_not_exist_is_missed_in_the_glossary(name):
    assert missing_name(name)


@pytest.mark.parametrize(("column", "texts"), [(0, "id"), (1, "string")])
def test_the_terms_of_the_glossary_are_those_of_the_pages(column, texts):
    catalogue = read_po(io.BytesIO(CATALOGUE.read_bytes()))
    values = (value for message in catalogue for value in [getattr(message, texts)])
    words = "\n".join(" ".join(value) if isinstance(value, tuple) else value for value in values).lower()
    assert [row[column] for row in glossary_rows() if row[column].lower() not in words] == []


def comments(file: str) -> str:
    """Comments and docstrings of a module, or the comments of a template."""
    text = source(file)
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
    files = [file for file in FILES if file.endswith((".py", ".html")) and "/migrations/" not in file]
    # The comments of a file whose names all exist are not looked for.
    files = [file for file in files if not all(map(exists, NAMED_FILE.findall(source(file))))]
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
        "`releasing.withdraw()`, `hled_portal.publishing.releasing.withdraw`, `hled_portal/publishing/`",
        "[signed](signed-texts.md#as-of), [outside](https://example.org/)",
        "`content.json`, `links.content`, `docs/*.md`, `initiatives/<key>/editions/`",
        "`make run PORT=8001`, `manage.py migrate`: they make them",
    ],
)
def test_what_exists_is_left_alone(text):
    assert faults(text, ROOT / "docs") == []
