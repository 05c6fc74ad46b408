"""Queries of public pages that are built and compiled once: building them took a third of the time of a page."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections, router
from django.db.models import Expression, QuerySet
from django.db.models.expressions import RawSQL

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language

#: Each list of another length is another statement.
MAX_STATEMENTS = 1000


class Parameter(Expression):
    """A value that a prepared query gets each time it runs."""

    def __init__(self, name: str, index: int | None = None):
        super().__init__()
        self.name, self.index = name, index

    def as_sql(self, compiler, connection):
        return "%s", [self]

    def value(self, values: dict, connection):
        value = values[self.name] if self.index is None else values[self.name][self.index]
        if isinstance(value, datetime.datetime):
            return connection.ops.adapt_datetimefield_value(value)
        return connection.ops.adapt_datefield_value(value) if isinstance(value, datetime.date) else value


@dataclass(frozen=True)
class Framed:
    """A statement around a queryset, which stands at `{rows}`; its own values are those before that and after it."""

    sql: str
    before: list
    rows: QuerySet
    after: list


class _Statement:
    """A compiled queryset, for `fetch_raw` also one in a frame."""

    def __init__(self, built: QuerySet | Framed):
        self.rows = built.rows if isinstance(built, Framed) else built
        self.compiler = self.rows.query.get_compiler(using=self.rows.db)
        self.sql, self.params = self.compiler.as_sql()
        self.compiler.connection = None  # That of the thread that compiled it.
        if isinstance(built, Framed):
            self.sql = built.sql.format(rows=self.sql)
            self.params = (*built.before, *self.params, *built.after)
        self._write_constants()

    def _write_constants(self) -> None:
        """Put plain words among the parameters into the statement: SQLite uses no partial index for a parameter."""
        params, kept = iter(self.params), []

        def replace_one(match: re.Match) -> str:
            if match[0] == "%%":
                return match[0]
            param = next(params)
            if isinstance(param, str) and re.fullmatch("[A-Za-z_]*", str(param)):
                return f"'{param}'"
            kept.append(param)
            return match[0]

        self.sql = re.sub("%%|%s", replace_one, self.sql)
        self.params = tuple(kept)

    def fetch(self, values: dict) -> list:
        """The rows, made by Django as those of any queryset."""
        query = _twin(self.rows.query, get_compiler=lambda using, **_options: self._bound(using, values))
        return list(_twin(self.rows, _query=query))

    def fetch_raw(self, values: dict) -> list[tuple]:
        """The rows as the database driver gives them."""
        connection = connections[self.rows.db]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self._bound_params(values, connection))
            return cursor.fetchall()

    def _bound_params(self, values: dict, connection) -> tuple:
        return tuple(
            param.value(values, connection) if isinstance(param, Parameter) else param for param in self.params
        )

    def _bound(self, using: str, values: dict):
        connection = connections[using]
        statement = (self.sql, self._bound_params(values, connection))
        return _twin(self.compiler, using=using, connection=connection, as_sql=lambda **_options: statement)


def _twin(original, **attributes):
    """A shallow copy with other attributes; `copy` would evaluate a queryset."""
    twin = object.__new__(type(original))
    vars(twin).update(vars(original), **attributes)
    return twin


def among(keys) -> RawSQL:
    """Primary keys passed as one value, the JSON of a list, so that any number of them makes the same statement."""
    if connection.vendor == "sqlite":
        return RawSQL("SELECT value FROM json_each(%s)", [keys])  # noqa: S611
    return RawSQL("SELECT value::bigint FROM json_array_elements_text((%s)::json)", [keys])  # noqa: S611


def fetch(build: Callable[..., QuerySet], *fixed, **values) -> list:
    """The rows of `build(*fixed, **values)`, whose SQL is compiled at the first call and kept.

    `build` is a function of a module that only passes `values` on to conditions: it is called with parameters in
    their place. They are single values, moments, and lists of single values; a None stays None. What it decides by is
    `fixed`.
    """
    try:
        statement = _prepared(build, active_language(), fixed, values)
    except EmptyResultSet:  # An empty list.
        return list(build(*fixed, **values))
    return statement.fetch(_flat(values))


def fetch_raw(build: Callable[..., QuerySet | Framed], *fixed, **values) -> list[tuple]:
    """The rows as tuples of the database driver: for what is read at each request, the same in all languages."""
    return _prepared(build, "", fixed, values).fetch_raw(_flat(values))


def _prepared(build: Callable, language: str, fixed: tuple, values: dict) -> _Statement:
    shape = tuple((name, _shape(value)) for name, value in values.items())
    return _statement(build, language, connections[router.db_for_read(None)].vendor, fixed, shape)


@lru_cache(maxsize=MAX_STATEMENTS)
def _statement(build, language: str, vendor: str, fixed: tuple, shape: tuple) -> _Statement:
    return _Statement(build(*fixed, **{name: _parameters(name, each) for name, each in shape}))


def _shape(value):
    """What of a value decides about the text of a statement."""
    if isinstance(value, Moment):
        return replace(value, day=None, publication=None if value.publication is None else 0)
    if isinstance(value, list | tuple):
        return len(value)
    return value is None


def _parameters(name: str, shape):
    if isinstance(shape, Moment):
        number = None if shape.publication is None else Parameter(f"{name}.publication")
        return replace(shape, day=Parameter(f"{name}.day"), publication=number)
    if isinstance(shape, bool):
        return None if shape else Parameter(name)
    return [Parameter(name, index) for index in range(shape)]


def _flat(values: dict) -> dict:
    moments = {name: value for name, value in values.items() if isinstance(value, Moment)}
    parts = {f"{name}.{part}": getattr(at, part) for name, at in moments.items() for part in ("day", "publication")}
    return values | parts
