"""How files name a row of the record, and how the row is looked up by that name.

A row with a key is named by its key; a fact as `initiative/otay-mesa-ii#works` or `meeting/2024-04-19#trade`,
a reading of it as `…#works/1`, a heading and an attendance as `2024-04-19/3`, a user by user name.
Where a column may name rows of several tables, the table stands in front: `organization/usaid`.
"""

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from initiatives.models import Attendance, Fact, Heading, Initiative, Meeting, Organization, Pillar, Place, Reading
from initiatives.visibility import visible_to

_prefixed = {"initiative": Initiative, "meeting": Meeting, "organization": Organization, "place": Place}
_prefixed |= {"pillar": Pillar}
_NAMED_WITH = {
    Fact: ("initiative", "meeting"),
    Reading: ("fact__initiative", "fact__meeting"),
    Heading: ("meeting",),
    Attendance: ("meeting",),
}
#: How a cell names a row of the table; other tables name theirs by key.
NAME_FORMS = {
    Fact: "initiative/otay-mesa-ii#works",
    Reading: "initiative/otay-mesa-ii#progress/1",
    Heading: "2024-04-19/3",
    Attendance: "2024-04-19/1",
}


def natural_key(row) -> str:
    """Name a row within its own table."""
    if isinstance(row, Fact):
        return f"{prefixed_natural_key(row.subject)}#{row.key}"
    if isinstance(row, Reading):
        return f"{natural_key(row.fact)}/{row.order}"
    if isinstance(row, Heading | Attendance):
        return f"{row.meeting.key}/{row.order}"
    if isinstance(row, get_user_model()):
        return row.get_username()
    return row.key


def prefixed_natural_key(row) -> str:
    """Name a row where the column may name rows of several tables."""
    if isinstance(row, Fact | Reading):
        return natural_key(row)
    return f"{row._meta.model_name}/{natural_key(row)}"


#: Names that are looked up in one query.
TOGETHER = 100


@dataclass
class _Memory:
    """What was looked up. `reader`: names what this person sees only. `pending`: rows that are not saved yet."""

    reader: object = None
    pending: Callable = lambda model, text: None
    known: dict = field(default_factory=dict)


_remembered: ContextVar[_Memory | None] = ContextVar("remembered", default=None)


@contextmanager
def reference_cache(reader=None, pending: Callable | None = None, renamed: dict | None = None):
    """Look each name up once within: for a load, whose thousands of cells name the same few hundred rows.

    With a reader, rows that another side has not shared do not exist. `pending(model, text)` may give a row that the
    database does not hold yet. `renamed`: rows by model and the name that the files give them.
    """
    token = _remembered.set(_Memory(reader, *([pending] if pending else []), known=dict(renamed or {})))
    try:
        yield
    finally:
        _remembered.reset(token)


def forget(model) -> None:
    """Look rows of that table up again: one of them changed."""
    memory = _remembered.get()
    known = memory.known if memory else {}
    for name in [name for name in known if name[0] is model]:
        del known[name]


def find(model, text: str):
    """Return the row of that table. Raises ValidationError when there is none."""
    text = _in_small_letters(model, text)
    memory = _remembered.get()
    if memory is None:
        return _find(model, text, _Memory())
    if (model, text) not in memory.known:
        memory.known[model, text] = _find(model, text, memory)
    return memory.known[model, text]


def find_all(model, texts: set[str]) -> None:
    """Remember the rows of these names, looked up together; `find` raises for those that do not exist."""
    memory = _remembered.get()
    texts = {_in_small_letters(model, text) for text in texts}
    unknown = sorted(text for text in texts if memory and (model, text) not in memory.known)
    for start in range(0, len(unknown), TOGETHER):
        if wanted := _any_named(model, unknown[start : start + TOGETHER]):
            memory.known |= {(model, natural_key(row)): row for row in _rows(model, memory.reader).filter(wanted)}


def any_exists(model, texts: Iterable[str]) -> bool:
    """Whether the record may have one of these rows."""
    wanted = _any_named(model, texts)
    return bool(wanted) and model._default_manager.filter(wanted).exists()


def _any_named(model, texts: Iterable[str]) -> Q:
    return matching_any(lookup for text in texts if (lookup := _lookup(model, text)))


def matching_any(lookups: Iterable[dict]) -> Q:
    """Condition that the rows of these lookups meet, and a few more do: it does not grow with their number."""
    values_by_filled: dict[frozenset, dict[str, set]] = {}
    for lookup in lookups:
        filled = frozenset(name for name, value in lookup.items() if value is not None)
        columns = values_by_filled.setdefault(filled, {name: set() for name in lookup})
        for name in filled:
            columns[name].add(lookup[name])
    condition = Q()
    for columns in values_by_filled.values():
        absent = {f"{name}__isnull": True for name, values in columns.items() if not values}
        condition |= Q(**{f"{name}__in": values for name, values in columns.items() if values}, **absent)
    return condition


def find_all_prefixed(texts: set[str]) -> None:
    """As `find_all`, for names that say their table."""
    by_model: dict = {}
    for text in texts:
        try:
            model, rest = _split_prefix(text)
        except ValidationError:
            continue
        by_model.setdefault(model, set()).add(rest)
    for model, some in by_model.items():
        find_all(model, some)


def _in_small_letters(model, text: str) -> str:
    """Keys have small letters only; names of users are as they are."""
    return text if model is get_user_model() else text.strip().lower()


def _find(model, text: str, memory: _Memory):
    lookup = _lookup(model, text)
    row = _rows(model, memory.reader).filter(**lookup).order_by("pk").first() if lookup else None
    if row is None:
        row = memory.pending(model, text)
    if row is None:
        values = {"kind": model._meta.verbose_name, "text": text}
        message = _("%(kind)s “%(text)s” does not exist.") % values
        if lookup is None and model in NAME_FORMS:
            expected = _("Format: %(example)s.") % {"example": NAME_FORMS[model]}
            message = f"{message} {expected}"
        raise ValidationError(message)
    return row


def _rows(model, reader):
    """The rows of a table that may be named, with what their own names are made of."""
    rows = model._default_manager.select_related(*natural_key_relations(model))
    if reader is None:
        return rows
    if model is get_user_model():  # Accounts that are inactive or no staff do not exist either.
        return rows.filter(is_staff=True, is_active=True)
    return visible_to(reader, rows)


def natural_key_relations(model) -> tuple[str, ...]:
    """What the name of a row of the table is made of besides its own columns."""
    return _NAMED_WITH.get(model, ())


def find_prefixed(text: str):
    """Return the row that a prefixed reference names. Raises ValidationError when there is none."""
    return find(*_split_prefix(text))


def _split_prefix(text: str) -> tuple:
    """The table and the name within it of a prefixed reference."""
    if "#" in text:
        return (Reading if "/" in text.split("#", 1)[1] else Fact), text
    prefix, _slash, rest = text.partition("/")
    model = Attendance if prefix == "attendance" else _prefixed.get(prefix)
    if model is None:
        raise ValidationError(_("“%(text)s” does not match any record.") % {"text": text})
    return model, rest


def _lookup(model, text: str) -> dict | None:
    if model is Fact:
        subject, _hash, key = text.partition("#")
        prefix, _slash, subject_key = subject.partition("/")
        return {f"{prefix}__key": subject_key, "key": key} if prefix in ("initiative", "meeting") else None
    if model is Reading:
        fact, _slash, order = text.rpartition("/")
        lookup = _lookup(Fact, fact)
        return {f"fact__{k}": v for k, v in lookup.items()} | {"order": order} if lookup and _is_order(order) else None
    if model in (Heading, Attendance):
        meeting, _slash, order = text.rpartition("/")
        return {"meeting__key": meeting, "order": order} if _is_order(order) else None
    if model is get_user_model():
        return {model.USERNAME_FIELD: text}
    return {"key": text}


def _is_order(text: str) -> bool:
    """Whether a text is a number that a column of orders can hold."""
    return text.isascii() and text.isdigit() and len(text) < 10
