"""Directories of CSV files into the record, all or nothing, and out of it again."""

import csv
import io
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from import_export.results import RowResult
from tablib import Dataset

from hled_portal.publishing.signed_text import Signed
from initiatives.models import Initiative, Source
from initiatives.models.base import Row
from initiatives.visibility import owning_initiative

from .natural_keys import reference_cache
from .resources import FILES, RecordResource


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
        reasons = [_("%(file)s: this is no file of a review.") % {"file": name} for name in unknown]
        raise BadFiles(reasons or [_("%(directory)s holds no files of a review.") % {"directory": directory}])
    loaded = Loaded()
    with transaction.atomic(), reference_cache():
        older = set(Initiative.objects.values_list("pk", flat=True))
        touched: set[int] = set()
        for name, path in present.items():
            touched |= _load_file(name, path, overwrite, loaded)
            progress(f"{path.name}: {loaded.new[name]} + {loaded.changed[name]} / {loaded.same[name]}")
        for initiative in Initiative.objects.filter(pk__in=touched & older):
            initiative.touch()
        then()
    return loaded


def _load_file(name: str, path: Path, overwrite: bool, loaded: Loaded) -> set[int]:
    resource = (FILES | _more)[name]()
    resource.overwrite, resource.reason = overwrite, "load_dialogue"
    resource._meta = copy(resource._meta)
    resource._meta.skip_diff = True  # Nobody looks at the preview of a command, which doubles its time.
    dataset = _read(path, resource)
    result = resource.import_data(dataset, dry_run=False, use_transactions=False)
    lines = _errors(path.name, result, resource)
    if lines:
        raise BadFiles(lines)
    kinds = [row.import_type for row in result.rows]
    loaded.new[name] = kinds.count(RowResult.IMPORT_TYPE_NEW)
    loaded.changed[name] = kinds.count(RowResult.IMPORT_TYPE_UPDATE)
    loaded.same[name] = kinds.count(RowResult.IMPORT_TYPE_SKIP)
    _remember(resource, [row.instance for row in result.rows])
    done = (RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE)
    owners = (owning_initiative(row.instance) for row in result.rows if row.import_type in done)
    return {owner.pk for owner in owners if owner is not None}


def _read(path: Path, resource: RecordResource) -> Dataset:
    """Read a CSV file; a byte-order mark is allowed. Raises BadFiles for a wrong shape."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadFiles([_("%(file)s: this is not UTF-8 text.") % {"file": path.name}]) from None
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    header = rows[0] if rows else []
    known = {column.column_name for column in resource.get_import_fields()}
    lines = [
        _("%(file)s, row 1, column %(column)s: there is no such column.") % {"file": path.name, "column": column}
        for column in header
        if column not in known
    ]
    lines += [
        _("%(file)s, row 1, column %(column)s: this column is missing.") % {"file": path.name, "column": column}
        for column in resource.natural_key
        if column not in header
    ]
    lines += [
        _("%(file)s, row %(row)s: %(found)s cells instead of %(wanted)s.")
        % {"file": path.name, "row": number, "found": len(row), "wanted": len(header)}
        for number, row in enumerate(rows[1:], 2)
        if len(row) != len(header)
    ]
    lines += [
        _("%(file)s, row %(row)s: this row holds a character that is not text.") % {"file": path.name, "row": number}
        for number, row in enumerate(rows, 1)
        if any("\x00" in cell for cell in row)
    ]
    lines += [_repeated(path.name, number) for number in _repetitions(rows, header, resource)] if not lines else []
    if lines:
        raise BadFiles(lines)
    return Dataset(*rows[1:], headers=header)


def _repetitions(rows, header, resource) -> list[int]:
    seen, found = set(), []
    for number, row in enumerate(rows[1:], 2):
        key = tuple(row[header.index(column)] for column in resource.natural_key)
        if key in seen:
            found.append(number)
        seen.add(key)
    return found


def _repeated(file: str, number: int) -> str:
    return _("%(file)s, row %(row)s: an earlier row has the same key.") % {"file": file, "row": number}


def _errors(file: str, result, resource) -> list[str]:
    """One line for each reason; import-export counts rows from 1 below the header."""
    lines = []
    for number, errors in result.row_errors():
        for error in errors:
            lines += _lines(file, number + 1, error.error)
    for invalid in result.invalid_rows:
        lines += _lines(file, invalid.number + 1, invalid.error)
    return lines


def _lines(file: str, row: int, error: Exception) -> list[str]:
    by_column = {"": [str(error)]}
    if isinstance(error, ValidationError):
        by_column = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    lines = []
    for column, reasons in by_column.items():
        place = _("%(file)s, row %(row)s") % {"file": file, "row": row}
        if column not in ("", "__all__"):
            place = _("%(file)s, row %(row)s, column %(column)s") % {"file": file, "row": row, "column": column}
        lines += [f"{place}: {reason}" for reason in reasons]
    return lines


def _remember(resource: RecordResource, instances: list) -> None:
    """Keep the digest of each row as this load leaves it, where the table has a column for it."""
    if not issubclass(resource._meta.model, Row):
        return
    changed = []
    for instance in instances:
        digest = resource.digest_of(instance)
        if instance.loaded_digest != digest:
            instance.loaded_digest = digest
            changed.append(instance)
    resource._meta.model._default_manager.bulk_update(changed, ["loaded_digest"], batch_size=200)


def export_directory(directory: Path) -> None:
    """Write every table of the record to the directory, rows in a fixed order."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, resource_class in FILES.items():
        resource = resource_class()
        rows = [resource.cells(row) for row in resource.in_order()]
        header = [column.column_name for column in resource.get_export_fields()]
        with (directory / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
