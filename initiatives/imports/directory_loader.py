"""Directories of CSV files into the record, all or nothing, and out of it again."""

import csv
import datetime
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from hled_portal.dates import edtf_dates
from hled_portal.files import bulk_insert, spreadsheet_reader
from hled_portal.files.spreadsheet_reader import Sheet
from hled_portal.i18n.bilingual import BilingualModel
from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.signed_text import Signed
from initiatives.facts.published_values import typed_reason
from initiatives.models import Cycle, Edition, Fact, Initiative, Organization, Reading, Source, Workstream
from initiatives.models.base import Dated, Row
from initiatives.visibility import owning_fact, owning_initiative
from initiatives.vocabulary.actions import Modality

from .file_tables import ImportTable, is_many, slices
from .import_validation import (
    CHANGED,
    NEW,
    ROW,
    SAME,
    WRONG,
    Errors,
    ParsedRow,
    RowChecker,
    row_faults,
    sheet_errors,
)
from .import_writer import Prepared, add_row_statements, refusal_message, run_statements
from .natural_keys import any_exists, forget, matching_any, reference_cache
from .resources import FILES, RecordResource

#: What the history of each row says of how it came in.
REASON = "load_dialogue"
#: Rows whose references are looked up together.
ROWS_AT_ONCE = 100
#: Rows after which a line tells how far the file is read.
ROWS_SHOWN = 1000


class BadFiles(Exception):
    """Files that cannot be loaded; `lines` name file, row, column and reason."""

    def __init__(self, lines: list[str]):
        super().__init__("\n".join(lines))
        self.lines = lines


class BrokenTransaction(BadFiles):
    """The database refused a row: nothing more can be read in this transaction."""


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
    """How many rows of each file were new, changed and the same.

    `named`: the columns that each row gives, by the name of its file and its natural key. `sources`: the keys of those
    that the files cite. `lines`: what each row changes.
    """

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)
    named: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    sources: frozenset[str] = frozenset()
    lines: list[str] = field(default_factory=list)


@dataclass
class Load:
    """One run over the files of a directory.

    `overwrite`: also what was changed in the portal. `sources`: those that the files cite. `kept_after`: the day of an
    older text, which changes no row that later texts speak of. `as_of`: the day of an older text whose rows are read
    as if nothing later were known. `published_on`: the day of the text, where it is published with the load. `reason`:
    why published values change.
    """

    overwrite: bool = False
    sources: frozenset[str] = frozenset()
    kept_after: datetime.date | None = None
    as_of: datetime.date | None = None
    published_on: datetime.date | None = None
    reason: str = ""
    loaded: Loaded = field(default_factory=Loaded)
    #: Rows that got another position than the file gives them, by the name in the file.
    renamed: dict = field(default_factory=dict)
    #: Names of rows with errors.
    refused: set[str] = field(default_factory=set)

    def __post_init__(self):
        self.loaded.sources = self.sources


def load_directory(
    directory: Path,
    *,
    overwrite: bool = False,
    reason: str = "",
    published_on: datetime.date | None = None,
    is_older: bool = False,
    freeze: Callable[[Loaded], None] = lambda loaded: None,
    then: Callable[[Loaded], None] = lambda loaded: None,
    check_only: bool = False,
    progress: Callable[[str], None] = lambda line: None,
) -> Loaded:
    """Load every file of the directory, then call `then`, in one transaction. Raises BadFiles; nothing is left then.

    `published_on`: the day of the text that `then` publishes. `is_older`: later texts are public. The record is first
    read as the text leaves it, for `freeze`, and put back; then rows that later texts speak of are kept as they are.
    `reason`: why values that readers know change. `check_only`: nothing is left in any case.
    """
    sheets = _sheets(directory)
    load = Load(overwrite=overwrite, sources=_cited_sources(sheets), published_on=published_on, reason=reason)
    with transaction.atomic():
        if is_older:
            load.kept_after = published_on
            with transaction.atomic():
                of_day = Load(overwrite=True, sources=load.sources, as_of=published_on, published_on=published_on)
                _load_files(sheets, of_day)
                freeze(of_day.loaded)
                transaction.set_rollback(True)
        _load_files(sheets, load, progress)
        then(load.loaded)
        transaction.set_rollback(check_only)
    return load.loaded


def _sheets(directory: Path) -> dict[ImportTable, tuple[str, Sheet]]:
    """The files of a directory with their names, in the order in which they load; every unreadable one is named."""
    known, sheets = FILES | _more, {}
    present = [name for name in known if (directory / f"{name}.csv").is_file()]
    unknown = sorted(path.name for path in directory.glob("*.csv") if path.stem not in known)
    lines = [_("%(file)s is not a file of a review.") % {"file": name} for name in unknown]
    if not present and not unknown:
        lines = [_("%(directory)s does not contain the files of a review.") % {"directory": directory}]
    for name in present:
        table, path = ImportTable(name, known[name], computed=True), directory / f"{name}.csv"
        try:
            sheets[table] = (path.name, _read(table, path))
        except BadFiles as bad:
            lines += bad.lines
    if lines:
        raise BadFiles(lines)
    return sheets


def _cited_sources(sheets: dict[ImportTable, tuple[str, Sheet]]) -> frozenset[str]:
    """The keys of the sources that the files cite: a row with citations of these alone belongs to their text."""
    return frozenset(
        cells[sheet.columns.index("source")]
        for table, (_file, sheet) in sheets.items()
        if table.name == "citations" and "source" in sheet.columns
        for _number, cells in sheet.rows
    )


def _load_files(sheets: dict, load: Load, progress: Callable = lambda line: None) -> None:
    """Load each file; the errors of all of them are raised together."""
    older, touched, loaded = set(Initiative.objects.values_list("pk", flat=True)), set(), load.loaded
    lines: list[str] = []
    for table, (file, sheet) in sheets.items():
        try:
            touched |= _load_file(table, file, sheet, load, progress)
        except BrokenTransaction as broken:
            raise BadFiles(lines + broken.lines) from None
        except BadFiles as bad:
            lines += bad.lines
            continue
        name = table.name
        progress(f"{file}: {loaded.new[name]} + {loaded.changed[name]} / {loaded.same[name]}")
    if lines:
        raise BadFiles(lines)
    for keys in slices(sorted(touched & older)):
        Initiative.touch_all(keys)


#: What tells a value, a citation or a date change from the others of its owner: two texts may give them one position.
_IDENTITIES = {
    "date_changes": ("changed_on",),
    "readings": ("status", "as_of_edtf", "period_edtf", "reporting_body", "paid_by"),
    "citations": ("source",),
}
#: Columns that later texts fill, where the file of an older text leaves them out.
_OF_LATER_TEXTS = {
    Fact: ("end_edtf", "end_reason", "end_text_en", "end_text_es", "date_wording_en", "date_wording_es"),
    Organization: ("ended_edtf", "ended_source"),
}


class DirectoryChecker(RowChecker):
    """Rows for a command: an edit made in the portal since the last load is overwritten with --overwrite only."""

    def __init__(self, table: ImportTable, columns: list[str], rows: list, load: Load):
        super().__init__(table, columns, rows)
        self.load, self.keys = load, self._reserve_keys()
        self.identity = _IDENTITIES.get(table.name, ())
        self._given_positions: dict[tuple, set[int]] = {}

    def _reserve_keys(self) -> Iterator[int | None]:
        """Rows are named and written with their key: few statements for many of them."""
        while True:
            yield from bulk_insert.reserve(self.table.model, min(len(self.rows), ROWS_AT_ONCE))

    def conflict_errors(self, parsed: ParsedRow, row, cells: dict[str, str], changed: list[str]) -> Errors:
        # A table without the column keeps no digest: its rows are changed with --overwrite only.
        if self.load.overwrite or getattr(row, "loaded_digest", "") == _digest(cells):
            return {}
        message = _("Changed in the portal since the last load. Portal: “%(there)s”. File: “%(given)s”.")
        return {name: [message % {"there": cells[name], "given": parsed.cells[name]}] for name in changed}

    def read(self, index: int) -> ParsedRow:
        parsed = super().read(index)
        if self.load.as_of:
            for name in set(_OF_LATER_TEXTS.get(self.table.model, ())) - set(self.columns):
                is_link = self.table.model._meta.get_field(name).is_relation
                parsed.values[name], parsed.cells[name] = None if is_link else "", ""
        return parsed

    def judge(self, parsed: ParsedRow, row: Model | None) -> dict:
        if row is None or parsed.errors or not (self.load.kept_after and self._is_kept(row, self.load.kept_after)):
            return super().judge(parsed, row)
        parsed.instance, cells = row, self.table.cells(row)
        is_other = any(cell != cells[name] for name, cell in parsed.cells.items())
        return {"row": parsed.number, "kind": SAME, "kept": is_other}

    def row_errors(self, row: Model, side_before: str | None, parsed: ParsedRow, changed: list[str]) -> Errors:
        errors = super().row_errors(row, side_before, parsed, changed)
        if not (errors or self.load.as_of) and (names := self.published_cells(row, changed)):
            if not self.load.reason:
                message = _("This value is published. Explain in a sentence why it changes, with --reason.")
                return {name: [message] for name in names}
            row._change_reason = typed_reason(self.load.reason)
        day = self.load.published_on
        if errors or day is None:
            return errors
        if isinstance(row, BilingualModel):
            errors = {
                name: [_("This text is missing. It is published in both languages.")] for name in row.missing_texts()
            }
        if isinstance(row, Fact) and row.modality == Modality.HAPPENED:
            earliest, _latest = edtf_dates.bounds(row.date_edtf)
            if earliest is not None and earliest > day:
                message = _("This cannot have happened: the date is after the text of %(day)s.")
                errors["date_edtf"] = [message % {"day": day.isoformat()}]
        return errors

    def _is_kept(self, row: Model, day: datetime.date) -> bool:
        """Whether later texts speak of the row: an older text changes it for its own day only."""
        fact = owning_fact(row)
        if fact is not None:
            cited = Source.objects.filter(Q(citations__fact=fact) | Q(citations__reading__fact=fact))
            days = set(cited.values_list("date_latest", flat=True))
            return not days or None in days or max(days) > day
        kind, key = _subject_of(row)
        later = Edition.objects.filter(subject_kind=kind, subject_key=key, public_from__gt=day)
        return not kind or later.filter(number__isnull=False).exists()

    # Positions

    def existing_rows(self, parsed_rows: list[ParsedRow]) -> dict[tuple, Model]:
        if not self.identity:
            return super().existing_rows(parsed_rows)
        owners, existing = self._rows_by_owner(parsed_rows), {}
        for parsed in (parsed for parsed in parsed_rows if parsed.key):
            owner = _without_order(parsed.key)
            row, order = self._find_place(parsed, owners.get(owner, {}), self._given_positions.setdefault(owner, set()))
            self._given_positions[owner].add(order)
            parsed.values["order"], parsed.cells["order"] = order, str(order)
            parsed.key = tuple((name, order if name == "order" else value) for name, value in parsed.key)
            if row is not None:
                existing[parsed.key] = row
        return existing

    def _rows_by_owner(self, parsed_rows: list[ParsedRow]) -> dict[tuple, dict[int, Model]]:
        keys = {_without_order(parsed.key) for parsed in parsed_rows if parsed.key}
        owners: dict[tuple, dict[int, Model]] = {}
        for row in self.table.rows().filter(matching_any(map(dict, keys))) if keys else ():
            owner = tuple((name, getattr(row, f"{name}_id")) for name, _value in next(iter(keys)))
            owners.setdefault(owner, {})[row.order] = row
        return owners

    def _find_place(self, parsed: ParsedRow, rows: dict[int, Model], given: set[int]) -> tuple[Model | None, int]:
        """The row of the record that a row of the file means, and its position among those of its owner."""
        order, free = parsed.values["order"], {number: row for number, row in rows.items() if number not in given}
        identity = [_plain_value(parsed.values.get(name, "")) for name in self.identity]
        same = [
            number
            for number, row in free.items()
            if [_plain_value(getattr(row, name)) for name in self.identity] == identity
        ]
        if same:
            order = order if order in same else min(same)
            return free[order], order
        if order in free and self.table.model is Reading and self._is_of_this_text(free[order]):
            return free[order], order
        taken = rows.keys() | given
        return None, max(taken) + 1 if order in taken else order

    def _is_of_this_text(self, reading: Reading) -> bool:
        cited = reading.citations.all() or reading.fact.citations.all()
        keys = {citation.source.key for citation in cited}
        return bool(keys) and keys <= self.load.sources


def _plain_value(value):
    return value.pk if isinstance(value, Model) else value or ""


def _without_order(key: tuple) -> tuple:
    return tuple((name, value) for name, value in key if name != "order")


def _subject_of(row: Model) -> tuple[str, str]:
    """The kind and the key of the published text that holds the row."""
    for name in ("organization", "place", "initiative", "meeting", "pillar", "attendance", "predecessor"):
        owner = getattr(row, name, None) if not hasattr(row, "key") or isinstance(row, Workstream) else None
        if isinstance(owner, Model):
            return _subject_of(owner)
    return (row._meta.model_name, row.key) if hasattr(row, "key") and not isinstance(row, Cycle) else ("", "")


def _digest(cells: dict[str, str]) -> str:
    return digest(canonical(cells))


def _load_file(
    table: ImportTable, file: str, sheet: Sheet, load: Load, progress: Callable[[str], None] = lambda line: None
) -> set[int]:
    """Judge and save each row; returns the primary keys of the initiatives that the rows belong to.

    Of rows that are saved little is kept: a file may have many.
    """
    loaded, touched = load.loaded, set()
    checker = DirectoryChecker(table, sheet.columns, sheet.rows, load)
    kinds: Counter[str] = Counter()
    wrong: list[tuple[ParsedRow, Errors]] = []
    with reference_cache(None, checker.pending, load.renamed):
        for indexes in _batches(table, sheet):
            judged = checker.judge_all(indexes)
            _save_all(table, file, judged)
            for parsed, outcome in judged:
                kinds[outcome["kind"]] += 1
                if outcome["kind"] == WRONG:
                    wrong.append((parsed, outcome["errors"]))
                else:
                    touched |= _note_row(table, file, sheet, parsed, outcome, load)
            if table.names_itself:
                forget(table.model)
            else:
                checker.new_rows.clear()
            if (indexes[-1] + 1) // ROWS_SHOWN > indexes[0] // ROWS_SHOWN:
                values = {"file": file, "row": indexes[-1] + 1, "rows": len(sheet.rows)}
                progress(_("%(file)s: %(row)s of %(rows)s rows") % values)
    lines = [
        line
        for parsed, errors in wrong
        for line in _lines(file, parsed.number, _without_consequences(parsed, errors, load.refused))
    ]
    load.refused |= {name for parsed, _errors in wrong for name in _names_of(table, parsed)}
    message = _("Rows in this file refer to each other in a circle.")
    if table.names_itself and not lines:
        numbers = {row.pk: sheet.rows[index][0] for index, row in checker.new_rows.items()}
        circular = table.circular(list(checker.new_rows.values()))
        lines = [line for row in circular for line in _lines(file, numbers[row.pk], {ROW: [message]})]
    if wrong or lines:
        raise BadFiles(lines)
    loaded.new[table.name], loaded.changed[table.name] = kinds[NEW], kinds[CHANGED]
    loaded.same[table.name] = kinds[SAME]
    return touched


def _note_row(table: ImportTable, file: str, sheet: Sheet, parsed: ParsedRow, outcome: dict, load: Load) -> set[int]:
    """What the load keeps of a row; returns the key of the initiative that it changes."""
    row = parsed.instance
    load.loaded.lines += _change_lines(file, parsed.number, outcome)
    load.loaded.named[table.name, *(table.fields[name].export(row) for name in table.natural_key)] = sheet.columns
    if table.name in _IDENTITIES and parsed.row["order"] != str(row.order):
        name = f"{parsed.cells[table.natural_key[0]]}/{parsed.row['order']}"
        load.renamed[table.model, name] = row
    owner = owning_initiative(row) if outcome["kind"] in (NEW, CHANGED) else None
    return {owner.pk} if owner is not None else set()


def _batches(table: ImportTable, sheet: Sheet) -> Iterator[list[int]]:
    """Rows that are judged together. Those that name rows of the same table are judged as this file leaves these."""
    key_places = [sheet.columns.index(name) for name in table.natural_key]
    for indexes in slices(list(range(len(sheet.rows))), ROWS_AT_ONCE):
        names = ["#".join(sheet.rows[index][1][place] for place in key_places).strip().lower() for index in indexes]
        # Rows that are new to the record are made as the file has them: whoever names one gets it so.
        if table.names_itself and any_exists(table.model, names):
            yield from _one_after_another(table, sheet, indexes, names)
        else:
            yield indexes


def _one_after_another(table: ImportTable, sheet: Sheet, indexes: list[int], names: list[str]) -> Iterator[list[int]]:
    columns = [
        column for link in table.links if link.related_model is table.model if (column := table.column_of(link.name))
    ]
    is_single = not set(columns) <= set(sheet.columns)
    batch, before = [], set()
    for index, name in zip(indexes, names, strict=True):
        row = dict(zip(sheet.columns, sheet.rows[index][1], strict=True))
        if batch and (is_single or any(row.get(column, "").strip().lower() in before for column in columns)):
            yield batch
            batch, before = [], set()
        batch.append(index)
        before.add(name)
    yield batch


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


def _save_all(table: ImportTable, file: str, judged: list[tuple[ParsedRow, dict]]) -> None:
    """Write what is new and changed in few statements; where the database refuses one, row by row, to name it."""
    written = [pair for pair in judged if pair[1]["kind"] in (NEW, CHANGED)]
    has_history = issubclass(table.model, Row)
    write = _write if has_history else _save
    try:
        with transaction.atomic():
            write(table, written)
    except IntegrityError:
        for pair in written:
            try:
                write(table, [pair])
            except IntegrityError as error:
                reason = refusal_message(table.model, str(error))
                raise BrokenTransaction(_lines(file, pair[0].number, {ROW: [reason]})) from None
    if has_history:
        same = [pair for pair in judged if pair[1]["kind"] == SAME and "kept" not in pair[1]]
        _keep_digests(table, [parsed.instance for parsed, _outcome in same])


def _save(table: ImportTable, judged: list[tuple[ParsedRow, dict]]) -> None:
    """Rows of tables without history, which may have a `save` of their own."""
    for parsed, outcome in judged:
        is_new = outcome["kind"] == NEW
        parsed.instance.save(force_insert=is_new)
        for name in parsed.values if is_new else outcome["cells"]:
            if is_many(table.fields[name]):
                getattr(parsed.instance, table.fields[name].attribute).set(parsed.values[name])


def _write(table: ImportTable, judged: list[tuple[ParsedRow, dict]]) -> None:
    """Write rows as an import of the staff site does, each with the hash that it has as this load leaves it."""
    prepared = Prepared(table, None, REASON)
    for parsed, outcome in judged:
        row, is_new = parsed.instance, outcome["kind"] == NEW
        columns = parsed.values if is_new else outcome["cells"]
        many = {f.name: [] for f in table.many if is_new}
        many |= {name: parsed.values[name] for name in columns if is_many(table.fields[name])}
        (prepared.new if is_new else prepared.changed).append(row)
        prepared.many[row.pk] = many
        row.loaded_digest = _digest(table.cells(row, many))
        if isinstance(row, Dated):
            row.set_bounds()
    add_row_statements(prepared)
    run_statements(prepared)
    for row in prepared.new:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _names_of(table: ImportTable, parsed: ParsedRow) -> set[str]:
    """How other files may name a row that has errors."""
    cells = [parsed.row.get(name, "") for name in table.natural_key]
    return (
        {cells[0], f"{table.model._meta.model_name}/{cells[0]}"}
        if len(cells) == 1
        else {"#".join(cells), "/".join(cells)}
    )


def _without_consequences(parsed: ParsedRow, errors: Errors, refused: set[str]) -> Errors:
    """The errors of a row without those of cells that only name a row with errors of its own."""
    return {name: reasons for name, reasons in errors.items() if not _names_refused(parsed.row.get(name, ""), refused)}


def _names_refused(cell: str, refused: set[str]) -> bool:
    subject = cell.partition("#")[0]
    return bool(cell) and not refused.isdisjoint({cell, subject, cell.rpartition("/")[0]})


def _change_lines(file: str, row: int, outcome: dict) -> list[str]:
    """What a row of a file changes in the record, for people: each cell with its old and its new value."""
    place = _("%(file)s, row %(row)s") % {"file": file, "row": row}
    if outcome["kind"] == NEW:
        return [_("%(place)s: new.") % {"place": place}]
    if "kept" in outcome:
        return [_("%(place)s: a later text is kept.") % {"place": place}] if outcome["kept"] else []
    return [
        _("%(place)s, column %(column)s: “%(old)s” becomes “%(new)s”.")
        % {"place": place, "column": column, "old": old or "", "new": new}
        for column, (old, new) in outcome.get("cells", {}).items()
    ]


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
    """Keep the hash of rows that are as the file has them."""
    changed = []
    for row in rows:
        loaded_digest = _digest(table.cells(row))
        if row.loaded_digest != loaded_digest:
            row.loaded_digest = loaded_digest
            changed.append(row)
    bulk_insert.replacement(table.model, changed, ["loaded_digest"]).run()


def export_directory(directory: Path) -> None:
    """Write every table of the record to the directory, rows in a fixed order."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        table = ImportTable(name, computed=True)
        with (directory / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(table.cells(row) for row in table.resource.in_order())
