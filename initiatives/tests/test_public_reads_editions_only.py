"""What the public reads comes from editions alone: no module for readers reaches a working table.

Read from the sources. Imports are followed from module to module, wherever in a module they stand; what a module
takes from a package of models is held against the list of public models; a model named by text counts too.
"""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps

from initiatives.models import Edition, Entry, Facet, SearchRow

ROOT = Path(__file__).resolve().parents[2]
#: Who follows, and what: their own pages read it, by a secret, and the jobs that write to them.
FOLLOWING = {"Follower", "Follow", "FollowRequest", "Digest"}
#: What became of letters, as readers see it through `.public()`.
HEARD = {"ConsultationEdition", "PublishedRecommendation", "Response", "ResponseLink", "RecommendationRow"}
#: Of moves, when a recommendation that was public went, and for what kind of reason.
HEARD |= {"Move"}
#: Conditions over columns, no rows.
CONDITIONS = {"entry_conditions"}
PUBLIC = {"Edition", "FactSheet", "Facet", "Entry", "SearchRow"} | FOLLOWING | HEARD
#: Pages of one sender about one letter, by a secret: they show no other reader anything, and only addresses lead there.
SENDERS = {"stakeholders.views.letters", "stakeholders.views.receipts", "stakeholders.views.authors"}
APPS = ("initiatives", "stakeholders")
#: Folders of which every module is for readers, and modules for readers in other folders.
FOLDERS = """
    initiatives/views initiatives/filters initiatives/record initiatives/charts initiatives/wording
    initiatives/vocabulary initiatives/exports initiatives/exports/tables hled_portal/api stakeholders/views
    stakeholders/public
""".split()
MODULES = """
    initiatives.urls stakeholders.urls hled_portal.pages hled_portal.search_pages hled_portal.dates.as_of
    initiatives.factsheets.records initiatives.factsheets.draft initiatives.factsheets.files
    initiatives.content.diff initiatives.content.fields initiatives.content.snapshot_content
    initiatives.templatetags.progress initiatives.templatetags.record initiatives.templatetags.days
    initiatives.templatetags.downloads stakeholders.templatetags.recommendations hled_portal.templatetags.portal
    stakeholders.notifications.follow_forms stakeholders.notifications.subjects stakeholders.notifications.following
    stakeholders.notifications.change_digest stakeholders.notifications.follower_notifications
    hled_portal.security.spam_protection hled_portal.web.citations hled_portal.web.context_processors
    hled_portal.files.download_writers
""".split()


class Readers:
    """Follows the imports of modules under a root and collects each way to a working table."""

    def __init__(self, root: Path, working: set[str]):
        self.root, self.working = root, {name.lower() for name in working}
        self.seen: set[str] = set()
        self.found: list[str] = []

    def follow(self, module: str, way: tuple[str, ...] = ()) -> list[str]:
        if module in self.seen:
            return self.found
        self.seen.add(module)
        path = self._path(module)
        if path is None:
            return self.found
        way = (*way, module)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._reached(alias.name, None, way)
            elif isinstance(node, ast.ImportFrom):
                origin = self._origin(node, module, path.name == "__init__.py")
                for alias in node.names:
                    self._reached(origin, alias.name, way)
            else:
                self._named(node, way)
        return self.found

    def _reached(self, origin: str, name: str | None, way) -> None:
        """Judge `from origin import name`, or `import origin`; go on into modules of the project."""
        whole = f"{origin}.{name}" if name else origin
        app, _dot, rest = whole.partition(".")
        if app in APPS and rest.split(".")[0] == "models":
            public = name in PUBLIC and rest in (f"models.{name}", f"models.edition.{name}")
            conditions = name in CONDITIONS and rest == f"models.querysets.{name}"
            if rest == "models" or not (public or conditions):
                self._report(way, whole)
            return
        parts = whole.split(".")
        for end in range(1, len(parts) + 1):  # Importing a module runs the packages above it.
            self.follow(".".join(parts[:end]), way)

    def _named(self, node: ast.AST, way) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            app, _dot, model = node.value.partition(".")
            if app in APPS and model.lower() in self.working:
                self._report(way, node.value)
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("get_model", "get_models", "get_app_config", "import_module", "__import__"):
                self._report(way, f"{called}()")

    def _origin(self, node: ast.ImportFrom, module: str, is_package: bool) -> str:
        if not node.level:
            return node.module
        parts = module.split(".")
        parts = parts[: len(parts) - node.level + is_package]
        return ".".join([*parts, *([node.module] if node.module else [])])

    def _path(self, module: str) -> Path | None:
        base = self.root / module.replace(".", "/")
        return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)

    def _report(self, way, what: str) -> None:
        self.found.append(f"{' -> '.join(way)} reaches {what}")


def working_tables() -> set[str]:
    return {model.__name__ for app in APPS for model in apps.get_app_config(app).get_models()} - PUBLIC


def modules_for_readers() -> list[str]:
    in_folders = [
        f"{folder}/{path.stem}".replace("/", ".").removesuffix(".__init__")
        for folder in FOLDERS
        for path in sorted((ROOT / folder).glob("*.py"))
    ]
    return sorted({*in_folders, *MODULES} - SENDERS)


def test_modules_of_readers_reach_no_working_table():
    readers = Readers(ROOT, working_tables())
    readers.seen |= SENDERS
    for module in modules_for_readers():
        assert readers._path(module), f"{module} is not there"
        readers.follow(module)
    assert readers.found == []


@pytest.mark.parametrize("module", sorted(SENDERS))
def test_pages_of_senders_are_no_way_for_readers(module):
    readers = Readers(ROOT, working_tables())
    assert "stakeholders.models.Letter" in " ".join(readers.follow(module))


@pytest.mark.parametrize("model", [Edition, Facet, Entry, SearchRow])
def test_public_models_lead_to_no_working_table(model):
    allowed = PUBLIC | {"Release", "ReleasePlan", "User"}
    led = {field.related_model.__name__ for field in model._meta.get_fields() if field.related_model}
    assert led <= allowed


def test_templates_of_readers_load_no_other_tags():
    known = {
        "citing",
        "days",
        "downloads",
        "humanize",
        "i18n",
        "l10n",
        "portal",
        "progress",
        "record",
        "recommendations",
        "static",
    }
    for path in (ROOT / "templates").rglob("*.html"):
        if "admin" not in path.parts:
            for tags in re.findall(r"{% load ([^%]*) %}", path.read_text(encoding="utf-8")):
                assert set(tags.split()) <= known, path


# The test itself, on made-up modules

GOOD = "import datetime\nfrom .models import Edition, Facet\nfrom initiatives.models import Entry\nfrom . import leaf\n"
BAD = {
    "directly": "from .models import Initiative\n",
    "absolutely": "from initiatives.models import Edition, Fact\n",
    "under another name": "from .models import Initiative as Edition\n",
    "from the module of a table": "from .models.initiative import Initiative\n",
    "from the module of editions": "from .models.edition import Initiative\n",
    "as a whole package": "from . import models\n",
    "as an absolute package": "import initiatives.models as record\n",
    "with a star": "from .models import *\n",
    "in a function": "def look():\n    from .models import Initiative\n    return Initiative\n",
    "through another module": "from .middle import anything\n",
    "through a module": "from . import middle\n",
    "through a package": "from .package import inner\n",
    "of another app": "from stakeholders.models import Letter\n",
    "by text": 'from django.db import models\nx = models.ForeignKey("initiatives.Initiative", models.CASCADE)\n',
    "by text in small letters": 'to = "initiatives.fact"\n',
    "through the registry": "from django.apps import apps\napps.get_model('initiatives', 'Initiative')\n",
    "through importlib": "import importlib\nimportlib.import_module('initiatives.models')\n",
}


@pytest.fixture
def house(tmp_path):
    """A made-up project with one module to be judged."""
    app = tmp_path / "initiatives"
    (app / "package").mkdir(parents=True)
    (app / "leaf.py").write_text("from .models import Edition\n")
    (app / "middle.py").write_text("from . import deeper\n")
    (app / "deeper.py").write_text("from .models import Reading\n")
    (app / "package" / "__init__.py").write_text("from ..deeper import anything\n")
    (app / "package" / "inner.py").write_text("")

    def judge(source: str) -> list[str]:
        (app / "module.py").write_text(source)
        return Readers(tmp_path, {"Initiative", "Fact", "Reading"}).follow("initiatives.module")

    return judge


def test_a_good_room_is_let_through(house):
    assert house(GOOD) == []


@pytest.mark.parametrize("source", BAD.values(), ids=BAD)
def test_a_bad_room_is_found(house, source):
    assert house(source)


def test_the_way_to_the_table_is_told(house):
    told = ["initiatives.module -> initiatives.middle -> initiatives.deeper reaches initiatives.models.Reading"]
    assert house("from . import middle\n") == told
