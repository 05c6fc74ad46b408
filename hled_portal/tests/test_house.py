"""The floors of the house: imports point down only, and nothing is left without a floor (docs/house.md)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("hled_portal", "initiatives", "stakeholders")  # each may import itself and those before it
TOP = 7
FLOORS = {
    0: "hled_portal.{delegations,bilingual,stems,dates,typed_dates,canonical,settings,formats,addresses,files,licence,"
    "navigation,card,projections,capitals,documents,base_map,sheets,constraints,bulk,typed_texts,discretion} "
    "initiatives.{actions,vocabulary,fact_status,grammar,names,quantities,contents,sentences,telling,fields} "
    "stakeholders.vocabulary",
    1: "hled_portal.{models,fulltext,indexing,moments,citing,signed,agreements,clearance,release_plans,queue,"
    "step_notices,triggers,verification,roles,status,panels,jobs,timed,waiting,mail,intake,released}",
    2: "initiatives.{querysets,findable} stakeholders.querysets",
    3: "initiatives.models stakeholders.models",
    4: "initiatives.{freezing,agreeing,refusals,editions,proposals,sides,changes,reverting,logbook,readiness,dating,"
    "reporting,contradictions,references,record,profile,pillars,meetings,timeline,progress,registers,places,mentions,"
    "organizations,gazetteer,due,attention,completeness,finding,scales,layout,lanes,chronicle,agenda,maps,"
    "pictures,slips,figures,trend,reported,charts,factsheet,tables,differences,days,numbered,movements,comparison,"
    "previews,left_out} "
    "stakeholders.{triage,desk,following,letters,relinking,attachments,stray_files,scanning,privacy_texts,"
    "readers,meanwhile,similar,splitting,publishing,answers,published,found,hearing,consultations}",
    5: "initiatives.{cells,resources,files,checking,writing,imports,blanks,loading,narrowing,filters,panel,forms,spans,"
    "feeds,selection,features,calendars,dictionary,package,standards,iati,oc4ids,plan_document} "
    "stakeholders.{taking_over,joint_texts,subjects,news,notices,telling,resources,filters,choosing,tables,"
    "forms,feeds,typed_forms,letter_forms,receipt_forms}",
    6: "hled_portal.{admin,apps,checks,context,failures,linked_data,middleware,"
    "conditional,health,catalogues,management,templatetags} "
    "initiatives.{admin,apps,views,urls,management,templatetags} "
    "stakeholders.{admin,apps,views,urls,management,templatetags}",
    7: "hled_portal.{pages,about,search_engines,search,api,urls,wsgi}",
}
#: Links that are there on purpose, with the reason.
EXCEPTIONS = {
    ("hled_portal.settings", "hled_portal.models"),  # AUTH_USER_MODEL is a name; the settings import nothing.
}


def _expanded() -> dict[str, int]:
    floors = {}
    for floor, rooms in FLOORS.items():
        for group in rooms.split():
            package, _dot, names = group.partition(".")
            floors |= {f"{package}.{name}": floor for name in names.strip("{}").split(",")}
    return floors


ROOM_FLOORS = _expanded()


def room_of(module: str) -> str:
    """A package of models, of the admin or of commands is one room."""
    return ".".join(module.split(".")[:2])


def modules(root: Path) -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            if "tests" in parts or "migrations" in parts or len(parts) == 2 and parts[1] == "__init__":
                continue
            found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports(module: str, path: Path, known: set[str]) -> set[str]:
    """Rooms of the project that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")
            base = base[: len(base) - node.level + (path.name == "__init__.py")] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{origin}.{alias.name}" for alias in node.names]
        found |= {room_of(name) for name in names if room_of(name) in known}
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            app, _dot, model = node.value.partition(".")
            if app in PACKAGES and model.isidentifier() and f"{app}.{model}" not in known and model[0].isupper():
                found.add(f"{app}.models")
    return found - {room_of(module)}


def wrong(root: Path = ROOT) -> list[str]:
    """Every import that points up, or sideways to a package that comes later, and every room without a floor."""
    present = modules(root)
    known = {room_of(module) for module in present}
    lines = [f"{room} has no floor" for room in sorted(known - set(ROOM_FLOORS))]
    for module, path in present.items():
        for target in sorted(imports(module, path, known)):
            lines += _judge(module, target)
    return lines


def _judge(module: str, target: str) -> list[str]:
    room = room_of(module)
    if (room, target) in EXCEPTIONS:
        return []
    here, there = ROOM_FLOORS.get(room, TOP), ROOM_FLOORS.get(target, 0)
    if there > here:
        return [f"{module} (floor {here}) imports {target} (floor {there})"]
    later = PACKAGES.index(target.split(".")[0]) > PACKAGES.index(module.split(".")[0])
    return [f"{module} imports {target} of a later package"] if later and here != TOP else []


def cycles(root: Path = ROOT) -> list[tuple[str, str]]:
    """Rooms that import each other, at any remove."""
    present = modules(root)
    known = {room_of(module) for module in present}
    graph: dict[str, set[str]] = {room: set() for room in known}
    for module, path in present.items():
        graph[room_of(module)] |= imports(module, path, known)
    reach = {room: _reach(room, graph) for room in graph}
    return sorted((one, two) for one in graph for two in graph if one < two and two in reach[one] and one in reach[two])


def _reach(room: str, graph: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [room]
    while waiting:
        for target in graph.get(waiting.pop(), set()) - found:
            found.add(target)
            waiting.append(target)
    return found


def test_imports_point_down_only():
    assert wrong() == []


def test_no_rooms_import_each_other():
    assert cycles() == []


# The test itself, on a made-up house


@pytest.fixture
def house(tmp_path):
    def build(**files: str) -> Path:
        for name, source in files.items():
            path = tmp_path / (name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
        return tmp_path

    return build


def test_a_house_in_order_is_let_through(house):
    root = house(
        hled_portal__dates="import datetime\n",
        initiatives__models="from hled_portal import dates\nfrom .querysets import X\n",
        initiatives__querysets="from django.db import models\n",
        initiatives__views="from . import record\nfrom .models import Edition\n",
        initiatives__record="from .models import Edition\n",
        hled_portal__pages="from initiatives import record, views\n",
    )
    assert wrong(root) == []
    assert cycles(root) == []


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"initiatives__record": "from . import views\n", "initiatives__views": ""}, "initiatives.record (floor 4)"),
        (
            {"initiatives__querysets": "def f():\n    from .models import Fact\n", "initiatives__models": ""},
            "initiatives.querysets (floor 2) imports initiatives.models (floor 3)",
        ),
        (
            {"hled_portal__clearance": 'to = "initiatives.Edition"\n', "initiatives__models": ""},
            "hled_portal.clearance (floor 1) imports initiatives.models (floor 3)",
        ),
        (
            {"hled_portal__admin": "import initiatives.models\n", "initiatives__models": ""},
            "hled_portal.admin imports initiatives.models of a later package",
        ),
        (
            {"initiatives__views": "from stakeholders.triage import x\n", "stakeholders__triage": ""},
            "initiatives.views imports stakeholders.triage of a later package",
        ),
        ({"initiatives__views": "from hled_portal import pages\n", "hled_portal__pages": ""}, "floor 7"),
        ({"initiatives__helpers": ""}, "initiatives.helpers has no floor"),
    ],
)
def test_a_wrong_import_is_found(house, files, line):
    assert any(line in found for found in wrong(house(**files)))


def test_rooms_that_import_each_other_are_found(house):
    root = house(initiatives__record="from . import progress\n", initiatives__progress="from . import record\n")
    assert cycles(root) == [("initiatives.progress", "initiatives.record")]
