"""Made-up initiatives for development and measurements: copies of those of a shipped review, published like it.

They come in by `load_dialogue`, in chunks that bound the memory. Each chunk has a document of its own: publishing a
text freezes all initiatives that cite it.
"""

import csv
import datetime
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext as _

from initiatives.models import Initiative

REVIEW = settings.BASE_DIR / "initiatives" / "reviews" / "2024-04-19"
DAY = datetime.date(2024, 4, 19)
SOURCE = "2024-04-19-fact-sheet"
#: The column of each file that names an initiative, or a fact of one.
_NAMING = {"initiatives": "key", "facts": "subject", "readings": "fact", "participations": "of", "citations": "of"}
#: How many the review has, which comes first.
REVIEW_INITIATIVES = 34
INITIATIVES_AT_ONCE = 500


def add_initiatives(wanted: int, progress: Callable[[str], None] = lambda line: None) -> None:
    """Publish copies until there are as many initiatives as wanted, in a record that begins with the review."""
    for first in range(Initiative.objects.count(), wanted, INITIATIVES_AT_ONCE):
        last = min(first + INITIATIVES_AT_ONCE, wanted)
        with TemporaryDirectory() as folder:
            write_directory(Path(folder), first, last)
            call_command("load_dialogue", folder, publish_as_of=DAY, verbosity=0)
        progress(_("Initiatives: %(count)s of %(total)s") % {"count": last, "total": wanted})


def write_directory(folder: Path, first: int, last: int) -> None:
    """Files of the initiatives from `first` until before `last`, counted on from those of the review."""
    originals = [row["key"] for row in _rows("initiatives")]
    copies: dict[str, list[int]] = {}
    for number in range(first, last):
        copies.setdefault(originals[number % len(originals)], []).append(number // len(originals))
    document = f"synthetic-{first}"
    for name, naming in _NAMING.items():
        rows = _rows(name)
        copied = (_copy(row, naming, copy, document) for row in rows for copy in copies.get(_owner(row[naming]), ()))
        _write(folder / f"{name}.csv", list(rows[0]), copied)
    source = next(row for row in _rows("sources") if row["key"] == SOURCE)
    names = {"name_en": f"Synthetic document {first}", "name_es": f"Documento sintético {first}"}
    _write(folder / "sources.csv", list(source), [source | names | {"key": document, "address": ""}])


def _rows(name: str) -> list[dict[str, str]]:
    with (REVIEW / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, columns: list[str], rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def _owner(cell: str) -> str:
    return cell.partition("#")[0].removeprefix("initiative/")


def _copy(row: dict[str, str], naming: str, copy: int, document: str) -> dict[str, str]:
    """The row for a copy of its initiative, which stands alone."""
    owner, mark, rest = row[naming].partition("#")
    changed = {naming: f"{owner}-copy-{copy}{mark}{rest}"} | ({"parent": ""} if "parent" in row else {})
    if naming != "of" and row.get("of", "").startswith("initiative/"):
        above, mark, rest = row["of"].partition("#")
        changed["of"] = f"{above}-copy-{copy}{mark}{rest}"
    if row.get("source") == SOURCE:
        changed["source"] = document
    changed |= {name: f"{row[name]} {copy}" for name in ("title_en", "title_es") if name in row}
    return row | changed
