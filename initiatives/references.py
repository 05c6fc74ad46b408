"""How files name a row of the record, and how it is found again.

A row with a key is named by its key; a fact as `initiative/otay-mesa-ii#works` or `meeting/2024-04-19#trade`,
a reading of it as `…#works/1`, a heading and an attendance as `2024-04-19/3`, a user by user name.
Where a column may name rows of several tables, the table stands in front: `organization/usaid`.
"""

from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .models import Attendance, Fact, Heading, Initiative, Meeting, Organization, Pillar, Place, Reading
from .sides import seen_by

_prefixed = {"initiative": Initiative, "meeting": Meeting, "organization": Organization, "place": Place}
_prefixed |= {"pillar": Pillar}
_NAMED_WITH = {
    Fact: ("initiative", "meeting"),
    Reading: ("fact__initiative", "fact__meeting"),
    Heading: ("meeting",),
    Attendance: ("meeting",),
}


def reference(row) -> str:
    """Name a row within its own table."""
    if isinstance(row, Fact):
        return f"{any_reference(row.subject)}#{row.key}"
    if isinstance(row, Reading):
        return f"{reference(row.fact)}/{row.order}"
    if isinstance(row, Heading | Attendance):
        return f"{row.meeting.key}/{row.order}"
    if isinstance(row, get_user_model()):
        return row.get_username()
    return row.key


def any_reference(row) -> str:
    """Name a row where the column may name rows of several tables."""
    if isinstance(row, Fact | Reading):
        return reference(row)
    return f"{row._meta.model_name}/{reference(row)}"


@dataclass
class _Memory:
    """What was looked up. `reader`: names what this person sees only. `pending`: rows that are not saved yet."""

    reader: object = None
    pending: Callable = lambda model, text: None
    known: dict = field(default_factory=dict)


_remembered: ContextVar[_Memory | None] = ContextVar("remembered", default=None)


@contextmanager
def remembering(reader=None, pending: Callable | None = None):
    """Look each name up once within: for a load, whose thousands of cells name the same few hundred rows.

    With a reader, what another side has not shared is not there. `pending(model, text)` may give a row that the
    database does not hold yet.
    """
    token = _remembered.set(_Memory(reader, *([pending] if pending else [])))
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
    memory = _remembered.get()
    if memory is None:
        return _find(model, text, _Memory())
    if (model, text) not in memory.known:
        memory.known[model, text] = _find(model, text, memory)
    return memory.known[model, text]


def _find(model, text: str, memory: _Memory):
    lookup = _lookup(model, text)
    row = _rows(model, memory.reader).filter(**lookup).first() if lookup else None
    if row is None:
        row = memory.pending(model, text)
    if row is None:
        values = {"kind": model._meta.verbose_name, "text": text}
        raise ValidationError(_("There is no %(kind)s “%(text)s”.") % values)
    return row


def _rows(model, reader):
    """The rows of a table that may be named, with what their own names are made of."""
    rows = model._default_manager.select_related(*named_with(model))
    if reader is None:
        return rows
    if model is get_user_model():  # Accounts of people who left, or who are no staff, are not told apart from none.
        return rows.filter(is_staff=True, is_active=True)
    return seen_by(reader, rows)


def named_with(model) -> tuple[str, ...]:
    """What the name of a row of the table is made of besides its own columns."""
    return _NAMED_WITH.get(model, ())


def find_any(text: str):
    """Return the row that a prefixed reference names. Raises ValidationError when there is none."""
    if "#" in text:
        return find(Reading if "/" in text.split("#", 1)[1] else Fact, text)
    prefix, _slash, rest = text.partition("/")
    model = Attendance if prefix == "attendance" else _prefixed.get(prefix)
    if model is None:
        raise ValidationError(_("“%(text)s” names no row of the record.") % {"text": text})
    return find(model, rest)


def _lookup(model, text: str) -> dict | None:
    if model is Fact:
        subject, _hash, key = text.partition("#")
        prefix, _slash, subject_key = subject.partition("/")
        return {f"{prefix}__key": subject_key, "key": key} if prefix in ("initiative", "meeting") else None
    if model is Reading:
        fact, _slash, order = text.rpartition("/")
        lookup = _lookup(Fact, fact)
        return {f"fact__{k}": v for k, v in lookup.items()} | {"order": order} if lookup and order.isdigit() else None
    if model in (Heading, Attendance):
        meeting, _slash, order = text.rpartition("/")
        return {"meeting__key": meeting, "order": order} if order.isdigit() else None
    if model is get_user_model():
        return {model.USERNAME_FIELD: text}
    return {"key": text}
