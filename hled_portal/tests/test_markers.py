"""What depends on the database carries the mark `database`: without it, nothing runs on PostgreSQL."""

import ast
import re
from pathlib import Path

import pytest

from .plugin import ROOT

#: In the source of a test: raw SQL, errors of the database, triggers, transactions, processes and threads.
SIGNS = re.compile(
    r"transaction=True|transactional_db|transaction\.atomic|select_for_update|IntegrityError|OperationalError|DataError"
    r"|\bcursor\(|\.raw\(|\.vendor\b|check_constraints\(|triggers\.\w+\(|without_triggers|\bthreading\b|\bdatabase_url\b"
    r"|run_at_once|load_dialogue|call_command\(.migrate"
)
MARK = re.compile(r"mark\.(database|only_on|browser)\b")
#: Modules that have such a sign for another reason.
EXEMPT = {
    "stakeholders/tests/leaks/test_staff_site.py": "savepoints around a shared world",
    "stakeholders/tests/admin/test_letters.py": "a savepoint for each user of one world",
    "hled_portal/tests/site/test_older_text.py": "the world of the module; what reads it by queries is marked",
    "initiatives/tests/imports/test_history_order.py": "one order of loading runs on both databases",
    "initiatives/tests/test_review.py": "the review has tests on both databases",
    "initiatives/tests/imports/test_history_kinds.py": "the words of pages; loading has tests on both databases",
    "initiatives/tests/record/test_organizations.py": "a second text is loaded as the world of one test",
    "initiatives/tests/test_shipped_history.py": "the order of loading has tests on both databases",
    "hled_portal/tests/security/test_logs.py": "the fault is raised by hand",
    "hled_portal/tests/web/test_outages.py": "the faults are raised by hand",
}


def unmarked(source: str) -> list[str]:
    """Parts of a module that depend on the database without its mark: functions by name, else their line."""
    tree = ast.parse(source)
    parts = [(node, ast.unparse(node)) for node in tree.body]
    if any(text.startswith("pytestmark =") and MARK.search(text) for _node, text in parts):
        return []
    imports = (ast.Import, ast.ImportFrom, ast.Expr)
    return [
        getattr(node, "name", f"line {node.lineno}")
        for node, text in parts
        if not isinstance(node, imports) and SIGNS.search(text) and not MARK.search(text)
    ]


def test_each_module_that_depends_on_the_database_is_marked():
    paths = [path for path in ROOT.glob("*/tests/**/test_*.py") if path != Path(__file__)]
    assert len(paths) > 100
    found = {str(path.relative_to(ROOT)): unmarked(path.read_text(encoding="utf-8")) for path in paths}
    assert {name: parts for name, parts in found.items() if parts and name not in EXEMPT} == {}


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("def test_one():\n    connection.cursor()\n", ["test_one"]),
        ("pytestmark = pytest.mark.django_db(transaction=True)\n", ["line 1"]),
        ("pytestmark = [pytest.mark.database]\ndef test_one():\n    connection.cursor()\n", []),
        ("@pytest.mark.only_on('postgresql')\ndef test_one():\n    connection.cursor()\n", []),
        ("from threading import Thread\ndef test_one():\n    pass\n", []),
    ],
)
def test_a_module_without_the_mark_is_named(source, parts):
    assert unmarked(source) == parts
