"""Refuses names that say nothing, and public names that too many modules share (docs/architecture.md)."""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("hled_portal", "initiatives", "stakeholders", "bench")
#: Each file there is a program of its own.
SCRIPTS = ("docs", ".ci")
REFUSED = {"told", "asked", "found", "of"}
MAX_MODULES = 2
#: Names that Django looks up, or that are the custom of a library.
SHARED = {"Command", "logger", "register", "urlpatterns"}


def sources(root: Path) -> Iterator[Path]:
    for folder in (*PACKAGES, *SCRIPTS):
        paths = sorted((root / folder).rglob("*.py"))
        yield from (path for path in paths if "migrations" not in path.relative_to(root).parts)


def public_names(tree: ast.Module) -> set[str]:
    """The names that a module binds at its top level, imports apart."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound = (part for target in targets for part in ast.walk(target))
            names |= {part.id for part in bound if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return {name for name in names if not name.startswith("_")}


def refused_names(root: Path = ROOT) -> list[str]:
    """A line for each; names of tests may repeat, but are refused like others."""
    lines, homes = [], defaultdict(list)
    for path in sources(root):
        place = path.relative_to(root)
        if REFUSED & {path.stem, path.parent.name}:
            lines.append(f"{place}: a module is not called {', '.join(REFUSED & {path.stem, path.parent.name})}")
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if is_definition and node.name in REFUSED:
                lines.append(f"{place}:{node.lineno}: nothing is called {node.name}")
        if place.parts[0] in PACKAGES and "tests" not in place.parts:
            for name in public_names(tree) - SHARED:
                homes[name].append(str(place))
    lines += [
        f"{name} stands in {len(places)} modules: {', '.join(places)}"
        for name, places in sorted(homes.items())
        if len(places) > MAX_MODULES
    ]
    return lines


if __name__ == "__main__":
    sys.exit("\n".join(refused_names()) or None)
