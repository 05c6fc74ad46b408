"""Tables of the record as files hold them: columns, cells, and a mark of each row's state when it was exported.

A file of the staff site has the columns of the forms and no computed ones. The column `as_exported` says which state of
a row the sender saw, so that an older file overwrites no later change.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property

from django.db.models import Field, Model, QuerySet, UniqueConstraint

from hled_portal.files.download_writers import LIST_MARK
from initiatives.models import DateChange, Fact
from initiatives.visibility import visible_to

from .natural_keys import find_all, find_all_prefixed, natural_key_relations
from .resources import FILES, RecordResource
from .widgets import EdtfWidget, NumberWidget, OneOfField, ReferencesWidget, ReferenceWidget, WholeWidget

STAMP = "as_exported"
#: What was wrong with a row that was not taken: passed over when its file is sent again.
REASONS = "errors"
#: Columns of the directories that commands load, which no person fills in.
WORKED_OUT = ("agreed_digest",)
#: Columns that the forms show and do not ask for.
GIVEN = {DateChange: "changed_by"}
#: Columns that change without an edit of the row.
_BOOKKEEPING_COLUMNS = ("loaded_digest", "revision")
#: The columns of the related fact that the rules of a row read.
_RELIED_ON = ("side", "kind", "initiative_id", "meeting_id")


class ImportTable:
    """One table as its files hold it. `name`: that of the file. `computed`: with columns that no person fills in."""

    def __init__(self, name: str, resource_class: type[RecordResource] | None = None, *, computed: bool = False):
        self.name, self.resource = name, (resource_class or FILES[name])()
        self.model: type[Model] = self.resource._meta.model
        self.natural_key = list(self.resource.natural_key)
        fields = {field.column_name: field for field in self.resource.get_import_fields()}
        self.fields = {name: field for name, field in fields.items() if computed or name not in WORKED_OUT}
        self.columns = list(self.fields)
        #: Columns that a file may have; those that are not in `fields` are passed over.
        self.known_columns = set(fields) if computed else {*fields, STAMP, REASONS}

    @cached_property
    def links(self) -> list[Field]:
        """The foreign keys that its columns fill."""
        names = [name for field in self.fields.values() for name in attributes(field)]
        return [f for f in self.model._meta.concrete_fields if f.is_relation and f.name in names]

    @cached_property
    def many(self) -> list[Field]:
        return [f for f in self.model._meta.many_to_many if f.name in self.fields]

    @cached_property
    def names_itself(self) -> bool:
        """Whether a row can name another row of the same table."""
        return any(link.related_model is self.model for link in self.links)

    @cached_property
    def other_constraints(self) -> list[UniqueConstraint]:
        """Unique constraints besides that of the natural key."""
        natural = {name for column in self.natural_key for name in attributes(self.fields[column])}
        unique = [rule for rule in self.model._meta.constraints if isinstance(rule, UniqueConstraint)]
        return [rule for rule in unique if rule.condition is not None or not set(rule.fields) <= natural]

    def is_date(self, column: str) -> bool:
        """Whether the cells of a column are dates of any precision."""
        return column in self.fields and isinstance(self.fields[column].widget, EdtfWidget)

    def rows(self) -> QuerySet:
        """Its rows with everything that their cells are made of, in a fixed number of queries."""
        wanted = [link.name for link in self.links]
        wanted += [f"{link.name}__{more}" for link in self.links for more in natural_key_relations(link.related_model)]
        return self.model._default_manager.select_related(*wanted).prefetch_related(*(f.name for f in self.many))

    def cells(self, row: Model, many: dict[str, list] | None = None) -> dict[str, str]:
        """The row as a file holds it. `many`: values of many-to-many columns that are not saved yet."""
        many = many or {}
        return {
            name: field.widget.render(many[name]) if name in many else str(field.export(row))
            for name, field in self.fields.items()
        }

    def circular(self, rows: list[Model]) -> list[Model]:
        """Those of these new rows that name each other in a circle."""
        links = [link.attname for link in self.links if link.related_model is self.model]
        open_rows = {row.pk: row for row in rows}
        while open_rows:
            settled = [
                pk for pk, row in open_rows.items() if not any(getattr(row, name) in open_rows for name in links)
            ]
            if not settled:
                break
            for pk in settled:
                del open_rows[pk]
        return list(open_rows.values())

    def column_of(self, attribute: str) -> str:
        """The column that fills a field; nothing where none does."""
        return next((name for name, field in self.fields.items() if attribute in attributes(field)), "")

    def exported(self, rows: Iterable[Model]) -> Iterator[dict]:
        """The cells of each row with the mark of its state. Numbers are numbers: only texts can be formulas."""
        numbers = [name for name, field in self.fields.items() if isinstance(field.widget, NumberWidget | WholeWidget)]
        for row in rows:
            cells = self.cells(row)
            yield cells | {name: Decimal(cells[name]) for name in numbers if cells[name]} | {STAMP: stamp(cells)}


def attributes(field) -> tuple[str, ...]:
    return field.attributes if isinstance(field, OneOfField) else (field.attribute,)


def prefetch_references(field, texts: set[str]) -> None:
    """Look up the rows that these cells of a column name, together."""
    widget = field.widget
    if isinstance(field, OneOfField):
        find_all_prefixed(texts - {""})
    elif isinstance(widget, ReferencesWidget):
        find_all(widget.model, {key for text in texts for key in text.split(LIST_MARK) if key})
    elif isinstance(widget, ReferenceWidget):
        find_all(widget.model, texts - {""})


def is_many(field) -> bool:
    return isinstance(field.widget, ReferencesWidget)


def import_table(model: type[Model]) -> ImportTable:
    return ImportTable(next(name for name, resource in FILES.items() if resource._meta.model is model))


def stamp(cells: dict[str, str]) -> str:
    """A short mark of the row as a file holds it. It begins with a letter that no spreadsheet takes for a number's."""
    text = "\x1f".join(f"{name}\x1e{cell}" for name, cell in cells.items())
    return f"s{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def is_stamp(text: str) -> bool:
    return re.fullmatch("s[0-9a-f]{12}", text) is not None


def may_send(user, model: type[Model]) -> bool:
    """Whether a person has the permissions of the table's forms; sides are checked row by row."""
    app, name = model._meta.app_label, model._meta.model_name
    return user.is_active and user.has_perms([f"{app}.add_{name}", f"{app}.change_{name}"])


# States of rows: what a person confirmed is written as long as they are the same


def state_columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.name not in _BOOKKEEPING_COLUMNS]


def row_state(row: Model, many: Iterable[Field]) -> str:
    """A mark of the row as the database holds it."""
    ids = {field.name: sorted(other.pk for other in getattr(row, field.name).all()) for field in many}
    return mark([getattr(row, name) for name in state_columns(type(row))], ids)


def mark(values: Iterable, ids: dict[str, list]) -> str:
    return hashlib.blake2b(repr((list(values), sorted(ids.items()))).encode(), digest_size=12).hexdigest()


def states(model: type[Model], keys: list, many: Iterable[Field]) -> dict:
    """The present marks of rows by primary key: few queries and no objects, for use under a lock."""
    columns, ids = state_columns(model), {key: {} for key in keys}
    for field in many:
        for of_row in ids.values():
            of_row[field.name] = []
        through, mine, other = field.remote_field.through, field.m2m_column_name(), field.m2m_reverse_name()
        for some in slices(keys):
            for key, linked in through.objects.filter(**{f"{mine}__in": some}).values_list(mine, other):
                ids[key][field.name].append(linked)
    states_by_key = {}
    for some in slices(keys):
        for values in model._default_manager.filter(pk__in=some).values_list("pk", *columns):
            linked = {name: sorted(others) for name, others in ids[values[0]].items()}
            states_by_key[values[0]] = mark(values[1:], linked)
    return states_by_key


def relied_on(row: Model) -> dict[int, list]:
    """The facts that the row is related to, with the values that its rules read."""
    facts = [fact for name in ("fact", "of", "reading") if (fact := _fact(row, name)) is not None and fact.pk]
    return {fact.pk: [getattr(fact, name) for name in _RELIED_ON] for fact in facts}


def _fact(row: Model, name: str) -> Fact | None:
    related = getattr(row, name, None) if any(f.name == name for f in row._meta.concrete_fields) else None
    return related.fact if name == "reading" and related is not None else related


def relied_on_now(keys: list) -> dict[int, list]:
    values_by_key = {}
    for some in slices(keys):
        for key, *values in Fact.objects.filter(pk__in=some).values_list("pk", *_RELIED_ON):
            values_by_key[key] = values
    return values_by_key


def slices(keys: list, size: int = 500) -> Iterator[list]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


# Exports


def rows_for(user, rows: QuerySet) -> QuerySet:
    """The rows of a list as an export reads them: those that the user may see, in the table's own order."""
    visible_rows = import_table(rows.model).rows().filter(pk__in=rows.order_by().values("pk"))
    return visible_to(user, visible_rows).order_by(*rows.model._meta.ordering, "pk")
