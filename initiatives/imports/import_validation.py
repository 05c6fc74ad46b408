"""What the rows of a file would change, with nothing written: one engine for the staff site and for `load_dialogue`.

`RowChecker` reads the cells through the fields and widgets of the table's resource, finds the rows that they name and
applies the rules of the models. Its subclasses add what differs: `StaffChecker` the rights, sides and derived columns
of the forms; the checker of `directory_loader` the comparison with the last load.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from hled_portal.dates import date_parsing
from hled_portal.files import constraint_validation, spreadsheet_reader
from hled_portal.files.spreadsheet_reader import shortened
from hled_portal.i18n.bilingual import BilingualModel, TranslationState, TranslationStatus
from initiatives.facts import date_changes, published_values, ready_flag
from initiatives.models import DateChange, Fact, Reading
from initiatives.visibility import belongs_to_facts, is_visible_to, may_edit, owning_side
from initiatives.wording import quantities

from . import file_tables
from .natural_keys import matching_any, reference_cache
from .widgets import OneOfField

NEW, CHANGED, SAME, WRONG = "new", "changed", "same", "wrong"
ROW = ""  # The column of an error of the row as a whole.

Errors = dict[str, list[str]]


def sheet_errors(table: file_tables.ImportTable, sheet: spreadsheet_reader.Sheet) -> list[str]:
    """Errors of the columns of a file as a whole."""
    lines = [
        _("The column “%(column)s” does not exist.") % {"column": shortened(column)}
        for column in sheet.columns
        if column not in table.known_columns
    ]
    lines += [
        _("The column “%(column)s”, which identifies the rows, is missing.") % {"column": column}
        for column in table.natural_key
        if column not in sheet.columns
    ]
    return lines


def row_faults(table: file_tables.ImportTable, sheet: spreadsheet_reader.Sheet) -> dict[int, Errors]:
    """What is wrong with rows before they are compared with the record, by their numbers.

    Of two rows with one key neither is taken: which of them is meant nobody can tell.
    """
    faults = {number: {name: [*texts] for name, texts in errors.items()} for number, errors in sheet.faults.items()}
    for number, name, message in spreadsheet_reader.became_dates(sheet, table.is_date):
        faults.setdefault(number, {}).setdefault(name, []).append(message)
    places, first = [sheet.columns.index(column) for column in table.natural_key], {}
    for number, cells in sheet.rows:
        key = tuple(cells[place] for place in places)
        other = first.setdefault(key, number)
        if other != number:
            message = _("Row %(row)s has the same key as row %(first)s. Change one of the two, or delete it.") % {
                "row": number,
                "first": other,
            }
            for each in (number, other):
                faults.setdefault(each, {}).setdefault(table.natural_key[-1], []).append(message)
    return faults


@dataclass
class ParsedRow:
    """A row of a file with its cells read. `cells`: as an export would write them. `instance`: set by judging."""

    index: int
    number: int
    row: dict[str, str]
    values: dict = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)
    key: tuple | None = None
    instance: Model | None = None


class RowChecker:
    """The rows of one file. `keys`: primary keys for new rows that will be saved; without it they are only judged."""

    user = None

    def __init__(self, table: file_tables.ImportTable, columns: list[str], rows: list):
        self.table, self.columns, self.rows = table, columns, rows
        #: What was wrong with rows before: see `row_faults`.
        self.faults: dict[int, Errors] = {}
        self.keys: Iterator[int | None] | None = None
        self.new_rows: dict[int, Model] = {}
        self._index_by_name: dict[str, int] | None = None

    def check(self, start: int, end: int) -> list[dict]:
        """What these rows would change, and their errors, as plain data."""
        with reference_cache(self.user, self.pending):
            return [outcome for _parsed, outcome in self.judge_all(range(start, min(end, len(self.rows))))]

    def judge_all(self, indexes: Iterable[int]) -> list[tuple[ParsedRow, dict]]:
        parsed_rows = self.read_all(indexes)
        existing = self.existing_rows(parsed_rows)
        return [(parsed, self.judge(parsed, existing.get(parsed.key))) for parsed in parsed_rows]

    # What differs between the staff site and the command

    def can_see(self, row: Model) -> bool:
        return True

    def side_of(self, row: Model) -> str | None:
        return None

    def conflict_errors(self, parsed: ParsedRow, row: Model, cells: dict[str, str], changed: list[str]) -> Errors:
        """Errors where the row changed in the portal since the file was made."""
        return {}

    def permission_errors(self, row: Model, side_before: str | None, parsed: ParsedRow, changed: list[str]) -> Errors:
        return {}

    def derive(self, row: Model, columns: list[str]) -> None:
        """Set what follows from the cells that were just written into the row."""

    # Reading

    def read_all(self, indexes: Iterable[int]) -> list[ParsedRow]:
        """Rows of the file with their cells read; all that they name is looked up together."""
        indexes = list(indexes)
        for name in self.columns:
            if (column := self.table.fields.get(name)) is not None:
                place = self.columns.index(name)
                file_tables.prefetch_references(column, {self.rows[index][1][place] for index in indexes})
        return [self.read(index) for index in indexes]

    @cached_property
    def _date_columns(self) -> list[str]:
        return [name for name in self.columns if self.table.is_date(name)]

    @cached_property
    def _day_order(self) -> str:
        """Whether days or months come first in this file, as far as its dates say so."""
        places = [self.columns.index(name) for name in self._date_columns]
        return date_parsing.day_order(cells[place] for _number, cells in self.rows for place in places)

    def read(self, index: int) -> ParsedRow:
        number, cells = self.rows[index]
        parsed = ParsedRow(index, number, dict(zip(self.columns, cells, strict=True)))
        for name in self._date_columns:
            parsed.row[name] = date_parsing.settle_day(parsed.row[name], self._day_order)
        for name, column in self.table.fields.items():
            if name not in parsed.row:
                continue
            try:
                value = parsed.values[name] = column.clean(parsed.row)
                one_of = isinstance(column, OneOfField)
                parsed.cells[name] = column.render(parsed.row) if one_of else str(column.widget.render(value))
            except ValidationError as error:
                parsed.errors[name] = error.messages
            except (ValueError, ArithmeticError):
                parsed.errors[name] = [_("“%(text)s” is not valid here.") % {"text": shortened(parsed.row[name])}]
        parsed.errors |= self.faults.get(number, {})
        self._set_key(parsed)
        return parsed

    def _set_key(self, parsed: ParsedRow) -> None:
        """What finds the row in the record; None where the cells that name it cannot be read."""
        key = {}
        for name in self.table.natural_key:
            if not parsed.row.get(name):
                parsed.errors.setdefault(name, [_("This cell identifies the row. It cannot be empty.")])
            if name in parsed.errors:
                return
            column = self.table.fields[name]
            if isinstance(column, OneOfField):
                key |= {attribute: row and row.pk for attribute, row in column.lookup(parsed.row).items()}
                continue
            model_field = self.table.model._meta.get_field(column.attribute)
            value = parsed.values[name]
            try:
                key[column.attribute] = value.pk if isinstance(value, Model) else model_field.clean(value, None)
            except ValidationError as error:
                parsed.errors[name] = error.messages
                return
        parsed.key = tuple(sorted(key.items()))

    def existing_rows(self, parsed_rows: list[ParsedRow]) -> dict[tuple, Model]:
        """The rows of the record that these rows of the file name, in one query with all that their cells need."""
        keys = {parsed.key for parsed in parsed_rows if parsed.key}
        if not keys:
            return {}
        names = [(name, self.table.model._meta.get_field(name).attname) for name, _value in next(iter(keys))]
        rows = self.table.rows().filter(matching_any(map(dict, keys)))
        return {tuple((name, getattr(row, attname)) for name, attname in names): row for row in rows}

    # Rows that the file itself brings

    def pending(self, model, text: str) -> Model | None:
        """A row of this file that another one names and the record does not hold yet."""
        if model is not self.table.model or not self.table.names_itself:
            return None
        if self._index_by_name is None:
            self._index_by_name = {self._name(cells): index for index, (_number, cells) in enumerate(self.rows)}
        index = self._index_by_name.get(text)
        return self.build(index) if index is not None else None

    def _name(self, cells: list[str]) -> str:
        row = dict(zip(self.columns, cells, strict=True))
        return "#".join(row[name] for name in self.table.natural_key)

    def build(self, index: int, parsed: ParsedRow | None = None) -> Model:
        """The new row of this place in the file; made once, so that all who name it name the same."""
        if index not in self.new_rows:
            row = self.new_rows[index] = self.table.model()
            # What is only judged gets a negative key: rules that compare rows tell new rows apart by it.
            row.pk = -index - 1 if self.keys is None else next(self.keys)
            parsed = parsed or self.read(index)
            self.fill(row, parsed, [name for name in parsed.values if name not in parsed.errors])
        return self.new_rows[index]

    # Judging

    def judge(self, parsed: ParsedRow, row: Model | None) -> dict:
        parsed.instance = row
        outcome = {
            "row": parsed.number,
            "key": " · ".join(parsed.row.get(name, "") for name in self.table.natural_key),
        }
        if row is not None and not self.can_see(row):
            parsed.errors[self.table.natural_key[-1]] = [_("This key is already in use. Choose another.")]
        if parsed.errors:
            return outcome | {"kind": WRONG, "errors": parsed.errors}
        if row is None:
            return outcome | self._judge_new(parsed)
        cells = self.table.cells(row)
        changed = [name for name, cell in parsed.cells.items() if cell != cells[name]]
        outcome |= {"pk": row.pk, "state": file_tables.row_state(row, self.table.many)}
        if not changed:
            return outcome | {"kind": SAME}
        if errors := self.conflict_errors(parsed, row, cells, changed):
            return outcome | {"kind": WRONG, "errors": errors}
        return outcome | self._judge_changed(parsed, row, cells, changed)

    def _judge_new(self, parsed: ParsedRow) -> dict:
        row = parsed.instance = self.build(parsed.index, parsed)
        errors = self.row_errors(row, None, parsed, list(parsed.values))
        if errors:
            return {"kind": WRONG, "errors": errors}
        cells = {name: [None, cell] for name, cell in parsed.cells.items() if cell}
        if isinstance(row, Fact) and parsed.cells.get("ready", "") != (ready := "yes" if row.ready else ""):
            cells["ready"] = [None, ready]
        return {"kind": NEW, "cells": cells, "on": file_tables.relied_on(row)}

    def _judge_changed(self, parsed: ParsedRow, row: Model, cells: dict, changed: list[str]) -> dict:
        side_before, was_ready = self.side_of(row), getattr(row, "ready", None)
        self.fill(row, parsed, changed)
        errors = self.row_errors(row, side_before, parsed, changed)
        if errors:
            return {"kind": WRONG, "errors": errors}
        changes = {name: [cells[name], parsed.cells[name]] for name in changed}
        if isinstance(row, Fact) and row.ready != was_ready:
            changes["ready"] = ["yes" if was_ready else "", "yes" if row.ready else ""]
        return {"kind": CHANGED, "cells": changes, "on": file_tables.relied_on(row)}

    def fill(self, row: Model, parsed: ParsedRow, columns: list[str]) -> None:
        """Write the cells into the row, and what follows from them; many-to-many columns need a saved row."""
        for name in columns:
            column = self.table.fields[name]
            if isinstance(column, OneOfField):
                column.save(row, parsed.row)
            elif not file_tables.is_many(column):
                setattr(row, column.attribute, parsed.values[name])
        self.derive(row, columns)

    def row_errors(self, row: Model, side_before: str | None, parsed: ParsedRow, changed: list[str]) -> Errors:
        """What permissions and the rules of the model say against the row, by column."""
        if errors := self.permission_errors(row, side_before, parsed, changed):
            return errors
        errors: Errors = {}
        for name, messages in (_field_errors(row, self.table) or _rule_errors(row, self.table)).items():
            errors.setdefault(self.table.column_of(name), []).extend(str(message) for message in messages)
        return errors

    @cached_property
    def _published_values(self) -> set[tuple[str, str, str, int]]:
        return published_values.published_values()

    def published_cells(self, row: Model, changed: list[str]) -> list[str]:
        """The changed columns of which readers know the value."""
        told = [name for name in changed if name in published_values.TOLD]
        if not isinstance(row, Reading) or row._state.adding or not told:
            return []
        subject = row.fact.subject
        key = (subject._meta.model_name, subject.key, row.fact.key, row.order)
        return told if key in self._published_values else []


class StaffChecker(RowChecker):
    """Rows for one person: with the rights, sides and derived columns of the forms."""

    def __init__(self, table: file_tables.ImportTable, user, columns: list[str], rows: list):
        super().__init__(table, columns, rows)
        self.user = user

    def can_see(self, row: Model) -> bool:
        return is_visible_to(self.user, row)

    def side_of(self, row: Model) -> str | None:
        return owning_side(row)

    def conflict_errors(self, parsed: ParsedRow, row: Model, cells: dict[str, str], changed: list[str]) -> Errors:
        exported_stamp = parsed.row.get(file_tables.STAMP)
        if not exported_stamp or exported_stamp == file_tables.stamp(cells):
            return {}
        if not file_tables.is_stamp(exported_stamp):
            message = _("This is not an export code. A spreadsheet may have changed it. Export the row again.")
        else:
            message = _(
                "The row changed in the portal after this file was exported. Export it again and edit the new file."
            )
        return {file_tables.STAMP: [message]}

    def permission_errors(self, row: Model, side_before: str | None, parsed: ParsedRow, changed: list[str]) -> Errors:
        if not all(may_edit(self.user, side) for side in (side_before, owning_side(row))):
            return {ROW: [_("This record belongs to the other delegation.")]}
        if belongs_to_facts(type(row)) and not self.user.delegation:
            return {ROW: [_("Only delegation staff can add these rows.")]}
        given = file_tables.GIVEN.get(type(row))
        if given in changed and parsed.values[given] not in (None, self.user):
            return {given: [_("The portal fills in this column.")]}
        # A command reads what an export wrote, which has no sign: 0.8 is 0.8 % there.
        if names := self.published_cells(row, changed):
            message = _(
                "This value is published. Change it on its own page, where you explain why, or add the new value as a "
                "new row."
            )
            return {names[0]: [message]}
        # A command reads what an export wrote: a slip between two joint documents has no sentence.
        if isinstance(row, DateChange):
            column = f"text_{row.original_language}"
            if refusal := date_changes.slip_refusal(row.reason, getattr(row, column)):
                return {column: [refusal]}
        if isinstance(row, Reading) and "value" in changed and (doubt := _percent_doubt(row, parsed.row["value"])):
            return {"value": [doubt]}
        return {}

    def derive(self, row: Model, columns: list[str]) -> None:
        new = row._state.adding
        given = file_tables.GIVEN.get(type(row))
        if given and new:
            setattr(row, given, self.user)
        _agree(row, columns)
        if isinstance(row, Fact):
            _set_ready_flag(row, columns, new)


def _percent_doubt(reading: Reading, text: str) -> str:
    """Why a value may be a hundred times too small, or no percentage; empty where it is clear."""
    if reading.value is None or reading.fact is None:
        return ""
    in_percent = quantities.is_percentage(reading.fact.measure, reading.fact.unit_en)
    if "%" in text and not in_percent:
        return _("This figure is not a percentage. Enter the number without the sign.")
    if "%" not in text and in_percent and 0 < abs(reading.value) < 1:
        values = {"text": text, "whole": f"{(reading.value * 100).normalize():f}"}
        return _("Is this %(text)s%% or %(whole)s%%? Enter it with the sign.") % values
    return ""


def _agree(row: Model, changed: list[str]) -> None:
    """Marking a translation as agreed agrees it on the texts of the file; a text alone does not."""
    if not isinstance(row, BilingualModel):
        return
    if "translation_state" not in changed and row.translation_standing() != TranslationStatus.NONE:
        _follow(row)
    if row.translation_state == TranslationState.AGREED and "translation_state" in changed:
        row.agree_translation()


def _follow(row: BilingualModel) -> None:
    """A language that went missing, or that came in, changes the state of the translation."""
    if row.missing_texts():
        row.translation_state = TranslationState.MISSING
    elif row.translation_state == TranslationState.MISSING:
        row.translation_state = TranslationState.WORKING


def _set_ready_flag(fact: Fact, changed: list[str], new: bool) -> None:
    """The ready mark, as a form of the staff site leaves it."""
    if new or not ready_flag.has_draft(fact):
        ready_flag.set_initial_flag(fact, marked="ready" in changed and fact.ready)
    elif "ready" not in changed:
        fact.ready = False


def _field_errors(row: Model, table: file_tables.ImportTable) -> dict:
    """What the fields refuse. Foreign keys are not validated again: their names were just looked up."""
    links = {link.name for link in row._meta.concrete_fields if link.is_relation}
    errors = {}
    try:
        row.clean_fields(exclude={*links, "id"})
    except ValidationError as error:
        errors = error.message_dict
    for link in table.links:
        if not link.null and getattr(row, link.name, None) is None:
            errors[link.name] = [link.error_messages["blank"]]
    return errors


def _rule_errors(row: Model, table: file_tables.ImportTable) -> dict:
    """What the table refuses; the natural key is unique already, since the row was looked up by it."""
    try:
        row.clean()
    except ValidationError as error:
        return error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    if isinstance(row, BilingualModel) and row.translation_state == TranslationState.AGREED and row.missing_texts():
        return {"translation_state": [_("A missing translation cannot be confirmed.")]}
    errors = constraint_validation.broken(row)
    for constraint in table.other_constraints:
        try:
            constraint.validate(type(row), row)
        except ValidationError as error:
            errors += error.messages
    return {NON_FIELD_ERRORS: errors} if errors else {}
