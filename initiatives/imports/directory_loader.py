"""Directories of CSV files into the record, all or nothing, and out of it again."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hled_portal.files import bulk_insert, spreadsheet_reader
from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.signed_text import Signed
from initiatives.models import Initiative, Source
from initiatives.models.base import Row
from initiatives.visibility import owning_initiative

from .file_tables import ImportTable, is_many, slices
from .import_validation import CHANGED, NEW, ROW, SAME, WRONG, Errors, ParsedRow, RowChecker, row_faults, sheet_errors
from .import_writer import refusal_message
from .natural_keys import forget, reference_cache
from .resources import FILES, RecordResource

#: What the history of each row says of how it came in.
REASON = "load_dialogue"
#: Rows whose references are looked up together.
ROWS_AT_ONCE = 100


class BadFiles(Exception):
    """Files that cannot be loaded; `lines` name file, row, column and reason."""

    def __init__(self, lines: list[str]):
        super().__init__("\n".join(lines))
        self.lines = lines


#: Files of apps that come after this one, in the order in which they load, and what they publish of a joint text.
_more: dict[str, type[RecordResource]] = {}
_publishers: list[Callable[[Source], list[Signed]]] = []


def register_tables(files: dict[str, type[RecordResource]], publisher: Callable[[Source], list[Signed]]) -> None:
    """Let a review hold these files too; `publisher` makes public what they hold, after the record itself."""
    _more.update(files)
    if publisher not in _publishers:
        _publishers.append(publisher)


def publish_more(source: Source) -> list[Signed]:
    """What other apps publish together with a joint text."""
    return [text for publisher in _publishers for text in publisher(source)]


@dataclass
class Loaded:
    """How many rows of each file were new, changed and the same."""

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)


def load_directory(
    directory: Path,
    *,
    overwrite: bool = False,
    then: Callable[[], None] = lambda: None,
    progress: Callable[[str], None] = lambda line: None,
) -> Loaded:
    """Load every file of the directory, then call `then`, in one transaction. Raises BadFiles; nothing is left then."""
    known = FILES | _more
    present = {name: directory / f"{name}.csv" for name in known if (directory / f"{name}.csv").is_file()}
    unknown = sorted(path.name for path in directory.glob("*.csv") if path.stem not in known)
    if unknown or not present:
        reasons = [_("%(file)s is not a file of a review.") % {"file": name} for name in unknown]
        raise BadFiles(
            reasons or [_("%(directory)s does not contain the files of a review.") % {"directory": directory}]
        )
    loaded = Loaded()
    with transaction.atomic():
        older = set(Initiative.objects.values_list("pk", flat=True))
        touched: set[int] = set()
        for name, path in present.items():
            touched |= _load_file(ImportTable(name, known[name], computed=True), path, overwrite, loaded)
            progress(f"{path.name}: {loaded.new[name]} + {loaded.changed[name]} / {loaded.same[name]}")
        for keys in slices(sorted(touched & older)):
            Initiative.touch_all(keys)
        then()
    return loaded


class DirectoryChecker(RowChecker):
    """Rows for a command: an edit made in the portal since the last load is overwritten with --overwrite only."""

    def __init__(self, table: ImportTable, columns: list[str], rows: list, *, overwrite: bool):
        super().__init__(table, columns, rows)
        self.overwrite, self.keys = overwrite, self._reserve_keys()

    def _reserve_keys(self) -> Iterator[int | None]:
        """Rows that others of the same file name need their key before they are saved; others get it then."""
        while True:
            yield bulk_insert.reserve(self.table.model, 1)[0] if self.table.names_itself else None

    def conflict_errors(self, parsed: ParsedRow, row, cells: dict[str, str], changed: list[str]) -> Errors:
        # A table without the column keeps no digest: its rows are changed with --overwrite only.
        if self.overwrite or getattr(row, "loaded_digest", "") == _digest(cells):
            return {}
        message = _("Changed in the portal since the last load. Portal: “%(there)s”. File: “%(given)s”.")
        return {name: [message % {"there": cells[name], "given": parsed.cells[name]}] for name in changed}


def _digest(cells: dict[str, str]) -> str:
    return digest(canonical(cells))


def _load_file(table: ImportTable, path: Path, overwrite: bool, loaded: Loaded) -> set[int]:
    """Judge and save each row; returns the primary keys of the initiatives that the rows belong to."""
    sheet = _read(table, path)
    checker = DirectoryChecker(table, sheet.columns, sheet.rows, overwrite=overwrite)
    judged: list[tuple[ParsedRow, dict]] = []
    # Rows that name rows of the same table are judged against those as this file leaves them: one at a time.
    at_once = 1 if table.names_itself else ROWS_AT_ONCE
    with reference_cache(None, checker.pending):
        for indexes in slices(list(range(len(sheet.rows))), at_once):
            outcomes = checker.judge_all(indexes)
            for parsed, outcome in outcomes:
                _save(table, path.name, parsed, outcome)
            judged += outcomes
            if table.names_itself:
                forget(table.model)
    lines = [
        line
        for parsed, outcome in judged
        if outcome["kind"] == WRONG
        for line in _lines(path.name, parsed.number, outcome["errors"])
    ]
    numbers = {id(parsed.instance): parsed.number for parsed, _outcome in judged}
    message = _("Rows in this file refer to each other in a circle.")
    if table.names_itself and not lines:
        circular = table.circular(list(checker.new_rows.values()))
        lines = [line for row in circular for line in _lines(path.name, numbers[id(row)], {ROW: [message]})]
    if lines:
        raise BadFiles(lines)
    kinds = [outcome["kind"] for _parsed, outcome in judged]
    loaded.new[table.name], loaded.changed[table.name] = kinds.count(NEW), kinds.count(CHANGED)
    loaded.same[table.name] = kinds.count(SAME)
    _keep_digests(table, [parsed.instance for parsed, _outcome in judged])
    owners = [owning_initiative(parsed.instance) for parsed, outcome in judged if outcome["kind"] in (NEW, CHANGED)]
    return {owner.pk for owner in owners if owner is not None}


def _read(table: ImportTable, path: Path) -> spreadsheet_reader.Sheet:
    try:
        sheet = spreadsheet_reader.read_exact_csv(path.read_bytes())
    except spreadsheet_reader.UnreadableSheet as error:
        raise BadFiles([f"{path.name}: {message}" for message in error.messages]) from None
    errors = sheet_errors(table, sheet)
    faults = {} if errors else row_faults(table, sheet)
    errors += dict.fromkeys(text for row in faults.values() for texts in row.values() for text in texts)
    if errors:
        raise BadFiles([f"{path.name}: {message}" for message in errors])
    return sheet


def _save(table: ImportTable, file: str, parsed: ParsedRow, outcome: dict) -> None:
    if outcome["kind"] not in (NEW, CHANGED):
        return
    row, columns = parsed.instance, parsed.values if outcome["kind"] == NEW else outcome["cells"]
    row._change_reason = REASON
    try:
        row.save(force_insert=outcome["kind"] == NEW)
    except IntegrityError as error:
        reason = refusal_message(table.model, str(error))
        raise BadFiles(_lines(file, parsed.number, {ROW: [reason]})) from None
    for name in columns:
        if is_many(table.fields[name]):
            getattr(row, table.fields[name].attribute).set(parsed.values[name])


def _lines(file: str, row: int, errors: Errors) -> list[str]:
    """One line for each reason."""
    lines = []
    for column, reasons in errors.items():
        place = _("%(file)s, row %(row)s") % {"file": file, "row": row}
        if column != ROW:
            place = _("%(file)s, row %(row)s, column %(column)s") % {"file": file, "row": row, "column": column}
        lines += [f"{place}: {reason}" for reason in reasons]
    return lines


def _keep_digests(table: ImportTable, rows: list) -> None:
    """Keep the digest of each row as this load leaves it, where the table has a column for it."""
    if not issubclass(table.model, Row):
        return
    changed = []
    for row in rows:
        loaded_digest = _digest(table.cells(row))
        if row.loaded_digest != loaded_digest:
            row.loaded_digest = loaded_digest
            changed.append(row)
    table.model._default_manager.bulk_update(changed, ["loaded_digest"], batch_size=200)


def export_directory(directory: Path) -> None:
    """Write every table of the record to the directory, rows in a fixed order."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        table = ImportTable(name, computed=True)
        with (directory / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(table.cells(row) for row in table.resource.in_order())
