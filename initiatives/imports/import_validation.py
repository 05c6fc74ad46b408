"""What a file would change, row by row, with nothing written: values, rules, rights and sides, as the forms have them.

No transaction is open meanwhile. Rows that the file itself brings are known to the rows that name them. What is found
is plain data (`found`), kept until its sender decides.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from hled_portal.files import constraint_validation
from hled_portal.files.spreadsheet_reader import shortened
from hled_portal.i18n.bilingual import LANGUAGES, BilingualModel, TranslationState, TranslationStatus
from initiatives.facts import ready_flag
from initiatives.models import Fact, Reading
from initiatives.visibility import belongs_to_facts, is_visible_to, may_edit, owning_side
from initiatives.wording import quantities

from . import file_tables
from .natural_keys import reference_cache
from .widgets import OneOfField

NEW, CHANGED, SAME, WRONG = "new", "changed", "same", "wrong"
ROW = ""  # The column of what is wrong with a row as a whole.


@dataclass
class ParsedRow:
    """A row of a file with its cells read. `cells`: as the record would write them."""

    index: int
    number: int
    row: dict[str, str]
    values: dict = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    key: tuple | None = None


class Checker:
    """The rows of one file for one person. `saving`: rows are built to be saved, not only to be judged."""

    def __init__(self, table: file_tables.ImportTable, user, columns: list[str], rows: list, *, saving: bool = False):
        self.table, self.user, self.columns, self.rows, self.saving = table, user, columns, rows, saving
        self.built: dict[int, Model] = {}
        self.keys: Iterator[int] = iter(())
        self._named: dict[str, int] | None = None

    def check(self, start: int, end: int) -> list[dict]:
        """What these rows would change, and what is wrong with them."""
        with reference_cache(self.user, self.pending):
            reads = self.read_all(range(start, min(end, len(self.rows))))
            there = self.there(reads)
            return [self.judge(read, there.get(read.key)) for read in reads]

    # Reading

    def read_all(self, indexes: Iterable[int]) -> list[ParsedRow]:
        """Rows of the file with their cells read; all that they name is looked up together."""
        indexes = list(indexes)
        for name in self.columns:
            if (column := self.table.fields.get(name)) is not None:
                place = self.columns.index(name)
                file_tables.prefetch_references(column, {self.rows[index][1][place] for index in indexes})
        return [self.read(index) for index in indexes]

    def read(self, index: int) -> ParsedRow:
        number, cells = self.rows[index]
        read = ParsedRow(index, number, dict(zip(self.columns, cells, strict=True)))
        for name, column in self.table.fields.items():
            if name not in read.row:
                continue
            try:
                value = read.values[name] = column.clean(read.row)
                one_of = isinstance(column, OneOfField)
                read.cells[name] = column.render(read.row) if one_of else str(column.widget.render(value))
            except ValidationError as error:
                read.errors[name] = error.messages
            except (ValueError, ArithmeticError):
                read.errors[name] = [_("“%(text)s” cannot be read here.") % {"text": shortened(read.row[name])}]
        self._find_key(read)
        return read

    def _find_key(self, read: ParsedRow) -> None:
        """What finds the row in the record; None where the cells that name it cannot be read."""
        key = {}
        for name in self.table.natural_key:
            if not read.row.get(name):
                read.errors.setdefault(name, [_("This cell names the row: it cannot be empty.")])
            if name in read.errors:
                return
            column = self.table.fields[name]
            if isinstance(column, OneOfField):
                key |= {attribute: row and row.pk for attribute, row in column.lookup(read.row).items()}
                continue
            model_field = self.table.model._meta.get_field(column.attribute)
            value = read.values[name]
            try:
                key[column.attribute] = value.pk if isinstance(value, Model) else model_field.clean(value, None)
            except ValidationError as error:
                read.errors[name] = error.messages
                return
        read.key = tuple(sorted(key.items()))

    def there(self, reads: list[ParsedRow]) -> dict[tuple, Model]:
        """The rows of the record that these rows of the file name, in one query with all that their cells need."""
        keys = {read.key for read in reads if read.key}
        if not keys:
            return {}
        wanted = Q()
        for key in keys:
            absent = {f"{name}__isnull": True for name, value in key if value is None}
            wanted |= Q(**{name: value for name, value in key if value is not None}, **absent)
        names = [(name, self.table.model._meta.get_field(name).attname) for name, _value in next(iter(keys))]
        rows = self.table.rows().filter(wanted)
        return {tuple((name, getattr(row, attname)) for name, attname in names): row for row in rows}

    # Rows that the file itself brings

    def pending(self, model, text: str) -> Model | None:
        """A row of this file that another one names and the record does not hold yet."""
        if model is not self.table.model or not self.table.names_itself:
            return None
        if self._named is None:
            self._named = {self._name(cells): index for index, (_number, cells) in enumerate(self.rows)}
        index = self._named.get(text)
        return self.build(index) if index is not None else None

    def _name(self, cells: list[str]) -> str:
        row = dict(zip(self.columns, cells, strict=True))
        return "#".join(row[name] for name in self.table.natural_key)

    def build(self, index: int, read: ParsedRow | None = None) -> Model:
        """The new row of this place in the file; made once, so that all who name it name the same."""
        if index not in self.built:
            row = self.built[index] = self.table.model()
            # What is judged only has a key that no row of the record has: new rows are told apart by it.
            row.pk = next(self.keys) if self.saving else -index - 1
            read = read or self.read(index)
            self.fill(row, read, [name for name in read.values if name not in read.errors])
        return self.built[index]

    # Judging

    def judge(self, read: ParsedRow, there: Model | None) -> dict:
        told = {"row": read.number, "key": " · ".join(read.row.get(name, "") for name in self.table.natural_key)}
        if there is not None and not is_visible_to(self.user, there):
            read.errors[self.table.natural_key[-1]] = [_("This key is taken: choose another one.")]
        if read.errors:
            return told | {"kind": WRONG, "errors": read.errors}
        if there is None:
            return told | self._judge_new(read)
        cells = self.table.cells(there)
        changed = [name for name, cell in read.cells.items() if cell != cells[name]]
        told |= {"pk": there.pk, "state": file_tables.row_state(there, self.table.many)}
        if not changed:
            return told | {"kind": SAME}
        seen = read.row.get(file_tables.STAMP)
        if seen and not file_tables.is_stamp(seen):
            message = _("This is not a mark of an export: a spreadsheet may have changed it. Export the row again.")
            return told | {"kind": WRONG, "errors": {file_tables.STAMP: [message]}}
        if seen and seen != file_tables.stamp(cells):
            message = _("The row changed in the portal since this file was exported: export it again, and change that.")
            return told | {"kind": WRONG, "errors": {file_tables.STAMP: [message]}}
        return told | self._judge_changed(read, there, cells, changed)

    def _judge_new(self, read: ParsedRow) -> dict:
        row = self.build(read.index, read)
        errors = self.wrong(row, None, read, list(read.values))
        if errors:
            return {"kind": WRONG, "errors": errors}
        cells = {name: [None, cell] for name, cell in read.cells.items() if cell}
        if isinstance(row, Fact) and read.cells.get("ready", "") != (ready := "yes" if row.ready else ""):
            cells["ready"] = [None, ready]
        return {"kind": NEW, "cells": cells, "on": file_tables.relied_on(row)}

    def _judge_changed(self, read: ParsedRow, there: Model, cells: dict, changed: list[str]) -> dict:
        before, was_ready = owning_side(there), getattr(there, "ready", None)
        self.fill(there, read, changed)
        errors = self.wrong(there, before, read, changed)
        if errors:
            return {"kind": WRONG, "errors": errors}
        told = {name: [cells[name], read.cells[name]] for name in changed}
        if isinstance(there, Fact) and there.ready != was_ready:
            told["ready"] = ["yes" if was_ready else "", "yes" if there.ready else ""]
        return {"kind": CHANGED, "cells": told, "on": file_tables.relied_on(there)}

    def fill(self, row: Model, read: ParsedRow, columns: list[str]) -> None:
        """Write the cells into the row, and what follows from them."""
        for name in columns:
            column = self.table.fields[name]
            if isinstance(column, OneOfField):
                column.save(row, read.row)
            elif not file_tables.is_many(column):
                setattr(row, column.attribute, read.values[name])
        new = row._state.adding
        given = file_tables.GIVEN.get(type(row))
        if given and new:
            setattr(row, given, self.user)
        _agree(row, columns)
        if isinstance(row, Fact):
            _set_ready_flag(row, columns, new)

    def wrong(self, row: Model, side_before: str | None, read: ParsedRow, changed: list[str]) -> dict[str, list[str]]:
        """What the rules of the forms say against the row, by column."""
        if not all(may_edit(self.user, side) for side in (side_before, owning_side(row))):
            return {ROW: [_("The other delegation keeps this row.")]}
        if belongs_to_facts(type(row)) and not self.user.delegation:
            return {ROW: [_("Only a delegation keeps such rows.")]}
        given = file_tables.GIVEN.get(type(row))
        if given in changed and read.values[given] not in (None, self.user):
            return {given: [_("The portal fills in this column.")]}
        if isinstance(row, Reading) and "value" in changed and (doubt := _percent_doubt(row, read.row["value"])):
            return {"value": [doubt]}
        errors = _field_errors(row, self.table) or _rule_errors(row, self.table)
        found: dict[str, list[str]] = {}
        for name, messages in errors.items():
            found.setdefault(self.table.column_of(name), []).extend(str(message) for message in messages)
        return found


def _percent_doubt(reading: Reading, text: str) -> str:
    """Why a value may be a hundred times too small, or no percentage; empty where it is clear."""
    if reading.value is None or reading.fact is None:
        return ""
    in_percent = quantities.is_percentage(reading.fact.measure, reading.fact.unit_en)
    if "%" in text and not in_percent:
        return _("This figure is no percentage. Enter the number without the sign.")
    if "%" not in text and in_percent and 0 < abs(reading.value) < 1:
        values = {"text": text, "whole": f"{(reading.value * 100).normalize():f}"}
        return _("Is this %(text)s%% or %(whole)s%%? Enter it with the sign.") % values
    return ""


def _agree(row: Model, changed: list[str]) -> None:
    """Who marks a translation as agreed, or writes one that stays so, agrees it on the original as it stands."""
    if not isinstance(row, BilingualModel):
        return
    if "translation_state" not in changed and row.translation_standing() != TranslationStatus.NONE:
        _follow(row)
    if row.translation_state != TranslationState.AGREED:
        return
    translated = {f"{name}_{lang}" for name in row.pairs for lang in LANGUAGES if lang != row.original_language}
    if ({"translation_state", "original_language"} | translated) & set(changed):
        row.agree_translation()


def _follow(row: BilingualModel) -> None:
    """A language that went missing, or that came in, changes the state of the translation."""
    if row.missing_texts():
        row.translation_state = TranslationState.MISSING
    elif row.translation_state == TranslationState.MISSING:
        row.translation_state = TranslationState.WORKING


def _set_ready_flag(fact: Fact, changed: list[str], new: bool) -> None:
    """The ready mark, as a form of the desk leaves it."""
    if new or not ready_flag.has_draft(fact):
        ready_flag.set_initial_flag(fact, marked="ready" in changed and fact.ready)
    elif "ready" not in changed:
        fact.ready = False


def _field_errors(row: Model, table: file_tables.ImportTable) -> dict:
    """What the fields refuse. Foreign keys were looked up by their names a moment ago."""
    links = {link.name for link in row._meta.concrete_fields if link.is_relation}
    found = {}
    try:
        row.clean_fields(exclude={*links, "id"})
    except ValidationError as error:
        found = error.message_dict
    for link in table.links:
        if not link.null and getattr(row, link.name, None) is None:
            found[link.name] = [link.error_messages["blank"]]
    return found


def _rule_errors(row: Model, table: file_tables.ImportTable) -> dict:
    """What the table refuses; rules that its natural key keeps were asked when the row was looked for."""
    try:
        row.clean()
    except ValidationError as error:
        return error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    if isinstance(row, BilingualModel) and row.translation_state == TranslationState.AGREED and row.missing_texts():
        return {"translation_state": [_("What is missing cannot be agreed.")]}
    found = constraint_validation.broken(row)
    for constraint in table.other_constraints:
        try:
            constraint.validate(type(row), row)
        except ValidationError as error:
            found += error.messages
    return {NON_FIELD_ERRORS: found} if found else {}
