"""The results for people: a page of `docs`, and a picture of what pages cost at each size."""

import math
from collections.abc import Iterable
from html import escape
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
REPORT, PICTURE = DOCS / "measurements.md", DOCS / "images" / "measurements.svg"
FIRST_VIEW = "first view: "
DATABASE_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "browser": "browser"}
INTRODUCTION = """# Measurements

Written by `make bench` in {minutes} minutes on {machine}; other work on the machine was not stopped. Each
figure is a size or a ratio of processor time (on PostgreSQL that of the server process is included): medians of
several turns in which portal and reference alternate. The references are in `bench/stock.py`: a list, dashboard,
initiative page, timeline, search, form, import and export as a team writes them in a day with plain Django on the
same rows.
{note}
{held} of {judged} figures with a goal meet it. **Bold**: the goal is not met.

**Sampled, so that all of it takes less than 20 minutes.** Seven pages in English are compared (home, list, filtered
list, one initiative, pillar, timeline, search), with 15 turns at 34 initiatives, 7 at about 1,000 and 3 at about
10,000. The initiatives of the second size are published by the portal itself (`load_synthetic`); those of the third
are copied into the tables, without a log of their publication. The references of import and downloads are parts of
their rows, times as many. Kept pages, submissions, import and `load_dialogue` are measured with the record of the
review alone. Lighthouse takes four pages, where it is installed.

![Processor time of first views by number of initiatives](images/measurements.svg)
"""
PANEL_WIDTH, PANEL_HEIGHT, LEFT, BOTTOM, TOP = 460, 300, 60, 44, 30
COLORS = ("#005ea2", "#b50909", "#00754a", "#8168b3", "#936f38", "#2e6276", "#e52207")


def write(results: dict) -> None:
    REPORT.write_text(text(results), encoding="utf-8")
    PICTURE.write_text(picture(results["rows"]), encoding="utf-8")


def text(results: dict) -> str:
    rows = results["rows"]
    judged = [row for row in rows if row["goal"] is not None]
    counts = {"held": sum(row["holds"] for row in judged), "judged": len(judged)}
    note = f"\n{results['note']}\n" if results.get("note") else ""
    parts = [INTRODUCTION.format(**counts, note=note, minutes=round(results["minutes"]), machine=results["machine"])]
    for database in dict.fromkeys(row["database"] for row in rows):
        of_database = [row for row in rows if row["database"] == database]
        sizes = list(dict.fromkeys(row["size"] for row in of_database))
        columns = [f"{size:,} initiatives" if size else "figure" for size in sizes]
        lines = [f"## {DATABASE_NAMES[database]}", "", _line(["workload", "against", "goal", *columns])]
        lines.append(_line(["---", "---", "---", *["---:"] * len(sizes)]))
        lines += [_line(cells) for cells in _cells(of_database, sizes)]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(rows: list[dict], sizes: list) -> Iterable[list[str]]:
    for workload, reference in dict.fromkeys((row["workload"], row["reference"]) for row in rows):
        found = {row["size"]: row for row in rows if (row["workload"], row["reference"]) == (workload, reference)}
        goals = dict.fromkeys(f"{row['goal']:g}" for row in found.values() if row["goal"] is not None)
        yield [workload, reference, " / ".join(goals), *(_figure(found.get(size)) for size in sizes)]


def _figure(row: dict | None) -> str:
    if row is None:
        return ""
    figure = f"{row['figure']:g} {row['unit']}".strip()
    figure = f"**{figure}**" if row["holds"] is False else figure
    seconds = row["seconds"] if row["unit"] == "×" and row["seconds"] and "of" not in row["reference"].split() else None
    if not seconds:
        return figure
    return f"{figure} ({seconds * 1000:.3g} ms)" if seconds < 1 else f"{figure} ({seconds:.3g} s)"


# The picture


def picture(rows: list[dict]) -> str:
    """Processor time of first views against the number of initiatives, both on logarithmic scales."""
    timed = [row for row in rows if row["workload"].startswith(FIRST_VIEW) and row["reference_seconds"]]
    databases = list(dict.fromkeys(row["database"] for row in timed))
    names = list(dict.fromkeys(row["workload"] for row in timed))
    sizes = sorted({row["size"] for row in timed})
    seconds = [row[column] for row in timed for column in ("seconds", "reference_seconds")]
    low, high = 10 ** math.floor(math.log10(min(seconds))), 10 ** math.ceil(math.log10(max(seconds)))
    width, height = PANEL_WIDTH * len(databases), PANEL_HEIGHT + 22 * math.ceil((len(names) + 1) / 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"'
        ' font-size="12">',
        "<title>Processor time of first views by number of initiatives</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, database in enumerate(databases):
        panel = [row for row in timed if row["database"] == database]
        parts += _panel(panel, names, sizes, (low, high), PANEL_WIDTH * number, DATABASE_NAMES[database])
    parts += _legend(names)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(rows, names, sizes, bounds, left: float, title: str) -> list[str]:
    low, high = bounds
    x = lambda size: left + LEFT + _share(size, sizes[0], sizes[-1]) * (PANEL_WIDTH - LEFT - 20)  # noqa: E731
    y = lambda seconds: PANEL_HEIGHT - BOTTOM - _share(seconds, low, high) * (PANEL_HEIGHT - BOTTOM - TOP)  # noqa: E731
    parts = [f'<text x="{left + LEFT}" y="18" font-weight="bold">{title}</text>']
    value = low
    while value <= high * 1.01:
        parts.append(f'<path d="M{left + LEFT} {y(value):.0f}H{left + PANEL_WIDTH - 20}" stroke="#dfe1e2"/>')
        label = f"{value * 1000:g} ms" if value < 1 else f"{value:g} s"
        parts.append(f'<text x="{left + LEFT - 6}" y="{y(value) + 4:.0f}" text-anchor="end">{label}</text>')
        value *= 10
    for size in sizes:
        parts.append(f'<text x="{x(size):.0f}" y="{PANEL_HEIGHT - BOTTOM + 18}" text-anchor="middle">{size:,}</text>')
    for color, name in zip(COLORS, names, strict=False):
        for column, dash in (("seconds", ""), ("reference_seconds", ' stroke-dasharray="3 4" opacity="0.7"')):
            points = [(x(row["size"]), y(row[column])) for row in rows if row["workload"] == name]
            line = " ".join(f"{a:.0f},{b:.0f}" for a, b in points)
            parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"{dash}/>')
    return parts


def _share(value: float, low: float, high: float) -> float:
    return math.log(value / low) / math.log(high / low) if high > low else 0


def _legend(names: list[str]) -> list[str]:
    entries = [(name.removeprefix(FIRST_VIEW), color) for name, color in zip(names, COLORS, strict=False)]
    entries.append(("dashed: the equal stock page", "#565c65"))
    parts = []
    for number, (name, color) in enumerate(entries):
        x, y = LEFT + 210 * (number % 2), PANEL_HEIGHT + 22 * (number // 2)
        dash = ' stroke-dasharray="3 4"' if name.startswith("dashed") else ""
        parts.append(f'<path d="M{x} {y - 4}h24" stroke="{color}" stroke-width="2"{dash}/>')
        parts.append(f'<text x="{x + 30}" y="{y}">{escape(name)}</text>')
    return parts
