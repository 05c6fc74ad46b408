"""The allowed imports between folders (docs/architecture.md): one list, read from the imports of every module."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("hled_portal", "initiatives", "stakeholders")
#: Folders of an app that Django or the server looks up by name; like modules beside them they tie folders together.
WIRING = {"management", "templatetags"}
#: A folder, and the folders that its modules may import; a folder of the same app stands without the app's name.
ALLOWED = {
    "hled_portal": {
        "i18n": "",
        "maps": "",
        "security": "i18n",
        "files": "i18n",
        "search": "i18n",
        "models": "i18n",
        "dates": "i18n models",
        "background": "i18n security models",
        "publishing": "i18n dates background models",
        "web": "i18n dates models publishing",
        "accounts": "background models publishing web",
        "dashboard": "i18n dates background models publishing",
        "admin": "accounts i18n dates files models publishing dashboard",
        "api": "*",
    },
    "initiatives": {
        "vocabulary": "hled_portal.dates hled_portal.i18n",
        "wording": "vocabulary hled_portal.dates hled_portal.i18n",
        "charts": "vocabulary hled_portal.maps",
        "content": "vocabulary wording hled_portal.dates hled_portal.i18n hled_portal.publishing hled_portal.search",
        "models": "vocabulary content hled_portal.dates hled_portal.i18n hled_portal.publishing hled_portal.search",
        "facts": "vocabulary models visibility hled_portal.dates hled_portal.i18n",
        "record": "vocabulary wording content charts models hled_portal.dates hled_portal.i18n hled_portal.maps"
        " hled_portal.models hled_portal.publishing",
        "factsheets": "vocabulary wording models record hled_portal.dates hled_portal.files hled_portal.i18n"
        " hled_portal.models hled_portal.publishing",
        "history": "vocabulary content facts models visibility hled_portal.dates hled_portal.i18n hled_portal.models",
        "editions": "vocabulary content models record history visibility hled_portal.dates hled_portal.files"
        " hled_portal.i18n hled_portal.models hled_portal.publishing",
        "filters": "vocabulary content models record hled_portal.dates hled_portal.i18n hled_portal.publishing"
        " hled_portal.search",
        "exports": "vocabulary wording content models record hled_portal.dates hled_portal.files hled_portal.i18n"
        " hled_portal.models hled_portal.publishing hled_portal.web",
        "imports": "vocabulary wording facts models visibility hled_portal.background hled_portal.dates"
        " hled_portal.files hled_portal.i18n hled_portal.publishing",
        "dashboard": "vocabulary charts facts models visibility hled_portal.dashboard hled_portal.dates"
        " hled_portal.i18n hled_portal.publishing",
        "admin": "vocabulary dashboard editions facts factsheets history imports models visibility"
        " hled_portal.accounts hled_portal.admin hled_portal.dashboard hled_portal.dates hled_portal.files"
        " hled_portal.i18n hled_portal.models"
        " hled_portal.publishing",
        "views": "vocabulary record factsheets filters exports models hled_portal.dates hled_portal.files"
        " hled_portal.i18n hled_portal.publishing hled_portal.web",
    },
    "stakeholders": {
        "models": "vocabulary initiatives.models hled_portal.dates hled_portal.i18n hled_portal.publishing"
        " hled_portal.search",
        "triage": "models vocabulary initiatives.content initiatives.editions initiatives.imports initiatives.models"
        " hled_portal.dates hled_portal.i18n hled_portal.models hled_portal.publishing hled_portal.search",
        "public": "models vocabulary initiatives.charts initiatives.exports initiatives.filters initiatives.models"
        " initiatives.record hled_portal.dates hled_portal.files hled_portal.i18n hled_portal.models"
        " hled_portal.publishing hled_portal.search hled_portal.web",
        "notifications": "models public vocabulary initiatives.content initiatives.filters initiatives.models"
        " initiatives.record hled_portal.background hled_portal.dates hled_portal.i18n hled_portal.models"
        " hled_portal.security",
        "letters": "models triage notifications vocabulary initiatives.models initiatives.record hled_portal.background"
        " hled_portal.dates hled_portal.files hled_portal.i18n hled_portal.publishing hled_portal.security",
        "admin": "letters models notifications triage vocabulary initiatives.admin initiatives.content"
        " initiatives.models hled_portal.accounts hled_portal.admin hled_portal.dashboard hled_portal.dates"
        " hled_portal.files hled_portal.i18n hled_portal.models hled_portal.publishing",
        "views": "letters models notifications public triage vocabulary initiatives.exports initiatives.record"
        " hled_portal.dates hled_portal.files hled_portal.i18n hled_portal.security hled_portal.web",
    },
}
#: Modules beside the folders that folders import, and what these modules may import themselves.
SHARED_MODULES = {
    "initiatives.visibility": "initiatives.models hled_portal.i18n",
    "stakeholders.vocabulary": "hled_portal.i18n initiatives.vocabulary",
}
MAX_MODULES = 25


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Every module outside tests and migrations, by dotted name."""
    paths = (path for app in APPS for path in sorted((root / app).rglob("*.py")))
    kept = (path for path in paths if not {"tests", "migrations"} & set(path.relative_to(root).parts))
    return {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in kept}


def imported(module: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Modules of the project that a module imports, wherever in it, and the models that it names as text."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            names = (f"{origin}.{alias.name}" for alias in node.names)
            yield from (name if name in known else origin for name in names if name in known or origin in known)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            app, _dot, model = node.value.partition(".")
            if app in APPS and model.isidentifier() and model[0].isupper():
                yield f"{app}.models"


def folder_of(module: str, known: dict[str, Path]) -> str:
    """`app.folder`, or `app.module` for a module beside the folders."""
    return ".".join(module.split(".")[:2])


def violations(root: Path = ROOT) -> list[str]:
    known = modules(root)
    lines = []
    for module, path in known.items():
        here = folder_of(module, known)
        app, _dot, folder = here.partition(".")
        if not folder or folder in WIRING or here == f"{app}.{folder}" and _is_beside(here, known):
            continue
        rule = SHARED_MODULES.get(here, ALLOWED[app].get(folder))
        if rule is None:
            lines.append(f"{here} is not in the list of folders")
            continue
        allowed = {name if "." in name else f"{app}.{name}" for name in rule.split()} | {here}
        if rule == "*":
            continue
        for target in imported(module, path, known):
            there = folder_of(target, known)
            if there not in allowed:
                lines.append(f"{module} imports {target}: {here} may not import {there}")
    return sorted(set(lines))


def _is_beside(name: str, known: dict[str, Path]) -> bool:
    """Whether the name is a module beside the folders that only Django or the server imports."""
    path = known.get(name)
    return path is not None and path.name != "__init__.py" and name not in SHARED_MODULES


def cycles() -> list[tuple[str, str]]:
    """Folders that may import each other, at any remove."""
    graph = {
        f"{app}.{folder}": {name if "." in name else f"{app}.{name}" for name in rule.split()}
        for app, folders in ALLOWED.items()
        for folder, rule in folders.items()
    } | {name: set(rule.split()) for name, rule in SHARED_MODULES.items()}

    def reach(start: str) -> set[str]:
        seen, waiting = set(), [start]
        while waiting:
            for target in graph.get(waiting.pop(), set()) - seen:
                seen.add(target)
                waiting.append(target)
        return seen

    reached = {folder: reach(folder) for folder in graph}
    return [(one, two) for one in graph for two in graph if one < two and two in reached[one] and one in reached[two]]


def test_folders_import_what_the_list_allows():
    assert violations() == []


def test_the_list_allows_no_cycle():
    assert cycles() == []


def test_the_list_and_the_document_are_in_the_order_of_imports():
    """A folder imports only folders before it; docs/architecture.md shows that order."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for position, (app, folders) in enumerate(ALLOWED.items()):
        order = list(folders)
        assert re.search(rf"^    {app} +{' '.join(order)}$", text, re.MULTILINE)
        for folder, rule in folders.items():
            for name in rule.replace("*", "").split():
                other, dot, _folder = name.partition(".")
                if dot:
                    assert APPS.index(other) < position
                elif name in order:
                    assert order.index(name) < order.index(folder)


def test_every_folder_of_the_list_exists():
    listed = [(app, folder) for app, folders in ALLOWED.items() for folder in folders]
    assert [each for each in listed if not ROOT.joinpath(*each).is_dir()] == []


def test_no_folder_is_crowded():
    folders = {path.parent for path in modules().values()}
    counts = {folder: sum(path.name != "__init__.py" for path in folder.glob("*.py")) for folder in folders}
    assert {str(folder): count for folder, count in counts.items() if count > MAX_MODULES} == {}


@pytest.mark.parametrize(
    ("module", "source", "line"),
    [
        ("initiatives/record/pillars.py", "from initiatives.views import home\n", "may not import initiatives.views"),
        (
            "initiatives/record/pillars.py",
            "def f():\n    from ..views import home\n",
            "may not import initiatives.views",
        ),
        ("hled_portal/publishing/clearance.py", 'TO = "initiatives.Edition"\n', "may not import initiatives.models"),
        ("initiatives/helpers/texts.py", "", "initiatives.helpers is not in the list of folders"),
        ("initiatives/views/home.py", "from stakeholders.triage import moves\n", "may not import stakeholders.triage"),
    ],
)
def test_a_wrong_import_is_named(tmp_path, module, source, line):
    for path in ("initiatives/views/home.py", "stakeholders/triage/moves.py", "initiatives/models/__init__.py", module):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / module).write_text(source)
    assert any(line in found for found in violations(tmp_path))
