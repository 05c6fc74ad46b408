"""Each test that docs/security.md names exists."""

import re

from django.conf import settings

NAMED = re.compile(r"`(test_\w+)`")


def test_every_abuse_case_has_its_test():
    text = (settings.BASE_DIR / "docs" / "security.md").read_text(encoding="utf-8")
    sources = [
        path.read_text(encoding="utf-8")
        for app in ("hled_portal", "initiatives", "stakeholders")
        for path in (settings.BASE_DIR / app / "tests").rglob("test_*.py")
    ]
    existing = {name for source in sources for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)}
    assert sorted(set(NAMED.findall(text)) - existing) == []
    rows = [line for line in text.splitlines() if line.count("|") == 4 and not re.match(r"\| (abuse|trouble|-)", line)]
    assert [line for line in rows if "---" not in line and not NAMED.search(line)] == []
