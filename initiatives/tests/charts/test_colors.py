"""One color has one meaning in charts, maps and calendars."""

import re
from collections import defaultdict
from pathlib import Path

from django.conf import settings

STYLES = Path(settings.BASE_DIR) / "hled_portal" / "styles"
#: What each color of a status is, by the names of the classes that have it; a lighter tint is that of a period.
MEANINGS = {
    "primary-darker": {"completed", "met", "done", "actual"},
    "primary-light": {"done"},
    "primary": {"under_way"},
    "primary-lighter": {"under_way"},
    "accent-warm": {"unmet", "past"},
    "accent-warm-light": {"past"},
    "accent-warm-darker": {"past"},
}
_RULE = re.compile(r"^(\.portal-[^{};/]+)\{(.*?)^\}", re.MULTILINE | re.DOTALL)


def test_a_color_of_a_status_means_nothing_else():
    fills = (STYLES / "_charts.scss").read_text(encoding="utf-8")
    found = defaultdict(set)
    for name, color in re.findall(r'^  "(\w+)": "([\w-]+)"', fills, re.MULTILINE):
        found[color].add(name)
    for selector, body in _RULE.findall((STYLES / "_pictures.scss").read_text(encoding="utf-8")):
        for color in re.findall(r'color\("([\w-]+)"\)', body):
            found[color].add(selector.strip().rpartition("--")[2])
    colored = {color: names for color, names in found.items() if color.startswith(("primary", "accent"))}
    assert colored == MEANINGS
