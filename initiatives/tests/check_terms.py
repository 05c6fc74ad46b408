"""Check the ticked list of a fact sheet against its text: `python -m initiatives.tests.check_terms SOURCE.md`.

Every term of `ticked_terms.csv` must occur in the block that its locator names, and every number, date and
capitalised name of the text must be covered by a term of its own block. White space is folded; Markdown marks
and escapes do not count. Exit status 1 when something is amiss.
"""

import csv
import re
import sys
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("ticked_terms.csv")
WORKSTREAMS = {
    "strengthening": "I-1",
    "cooperation": "I-2",
    "improving": "I-3",
    "partnership": "I-4",
    "workforce": "IV",
}

#: Words with a capital or a number in them that name nothing that the record could lack, with the reason.
IGNORED = {
    "they stand first in a sentence": "Additionally All As Field Government In It On Our Over Recent Regarding Since "
    "Speakers The These This Under",
    "they name the two parties, which each record has as its sides": "Mexico Mexico's Mexican United States "
    "States' U.S. U.S.-Mexico US US-Mexico",
    "it only points at what was said before": "one",
    "it is short for the port of entry, which the place is": "POE",
}
IGNORE = {word for words in IGNORED.values() for word in words.split()}

NUMBER_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|first|second|third"
CANDIDATE = re.compile(rf"\$?\d[\d,.]*\d%?|\d%?|\b(?:{NUMBER_WORDS})\b|[^\W\d_a-z][\w.&'-]*\w\.?|[A-Z]\b")


@dataclass
class Block:
    """A heading, paragraph or bullet of the text, under the locator that citations use."""

    locator: str
    text: str


def fold(text: str) -> str:
    """Return the text without Markdown marks and escapes, each white space a single blank."""
    text = re.sub(r"</?sup>|[*#\\]", "", text).replace("’", "'")
    return " ".join(text.split())


def blocks(markdown: str) -> list[Block]:
    """Cut the text into blocks: `title`, `intro ¶1`, `I heading`, `I ¶1`, `I-1 •2`, `IV •2.1`."""
    found: list[Block] = []
    section, paragraph, bullet, indented = "intro", 0, 0, 0
    for raw in _paragraphs(markdown):
        text = fold(re.sub(r"^\s*[-•]\s+", "", raw))
        if raw.startswith("#"):
            section = "title" if not found else _section(text)
            found.append(Block("title" if section == "title" else f"{section} heading", text))
            section = "intro" if section == "title" else section
            paragraph, bullet, indented = 0, 0, 0
        elif re.match(r"\s+-\s", raw):
            indented += 1
            found.append(Block(f"{section} •{bullet}.{indented}", text))
        elif re.match(r"[-•]\s", raw):
            bullet, indented = bullet + 1, 0
            found.append(Block(f"{section} •{bullet}", text))
        else:
            paragraph += 1
            found.append(Block(f"{section} ¶{paragraph}", text))
    return found


def _paragraphs(markdown: str) -> list[str]:
    parts: list[str] = []
    for line in markdown.splitlines():
        begins = not parts or re.match(r"#|\s*[-•]\s", line)
        if not line.strip():
            parts.append("")
        elif begins or not parts[-1]:
            parts.append(line)
        else:
            parts[-1] += f" {line.strip()}"
    return [part for part in parts if part]


def _section(heading: str) -> str:
    if pillar := re.match(r"PILLAR ([IVX]+):", heading):
        return pillar[1]
    return WORKSTREAMS[heading.split()[0].lower()]


def _spans(term: str, text: str) -> list[tuple[int, int]]:
    pattern = rf"(?<!\w){re.escape(fold(term))}(?!\w)"
    return [found.span() for found in re.finditer(pattern, text)]


def faults(markdown: str, terms: list[dict[str, str]]) -> list[str]:
    """Name each term that does not occur where it says, and each number or name that no term covers."""
    lines = []
    parts = blocks(markdown)
    covered: dict[str, list[tuple[int, int]]] = {block.locator: [] for block in parts}
    for number, term in enumerate(terms, 2):
        spans = [s for b in parts if b.locator == term["locator"] for s in _spans(term["term_en"], b.text)]
        if not spans:
            lines.append(f"row {number}: “{term['term_en']}” does not occur in {term['locator']}")
        covered.setdefault(term["locator"], []).extend(spans)
    for block in parts:
        lines += [f"{block.locator}: “{word}” is not covered" for word in _uncovered(block, covered[block.locator])]
    return lines


def _uncovered(block: Block, spans: list[tuple[int, int]]) -> list[str]:
    found = []
    for match in CANDIDATE.finditer(block.text):
        word = match[0] if match[0] in IGNORE else match[0].rstrip(".")
        inside = any(start <= match.start() and match.start() + len(word) <= end for start, end in spans)
        if not inside and word not in IGNORE:
            found.append(word)
    return found


def main(arguments: list[str]) -> int:
    """Print the faults of the list; return the exit status."""
    markdown = Path(arguments[0]).read_text(encoding="utf-8")
    with LIST.open(encoding="utf-8", newline="") as file:
        terms = list(csv.DictReader(file))
    lines = faults(markdown, terms)
    print("\n".join([*lines, f"{len(terms)} terms, {len(lines)} faults"]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
