"""How files name a row of the record, and how it is found again.

A row with a key is named by its key; a fact as `initiative/otay-mesa-ii#works` or `meeting/2024-04-19#trade`,
a reading of it as `…#works/1`, a heading and an attendance as `2024-04-19/3`, a user by user name.
Where a column may name rows of several tables, the table stands in front: `organization/usaid`.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .models import Attendance, Fact, Heading, Initiative, Meeting, Organization, Pillar, Place, Reading

_prefixed = {"initiative": Initiative, "meeting": Meeting, "organization": Organization, "place": Place}
_prefixed |= {"pillar": Pillar}


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


_remembered: ContextVar[dict | None] = ContextVar("remembered", default=None)


@contextmanager
def remembering():
    """Look each name up once within: for a load, whose thousands of cells name the same few hundred rows."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def forget(model) -> None:
    """Look rows of that table up again: one of them changed."""
    known = _remembered.get() or {}
    for name in [name for name in known if name[0] is model]:
        del known[name]


def find(model, text: str):
    """Return the row of that table. Raises ValidationError when there is none."""
    known = _remembered.get()
    if known is None:
        return _find(model, text)
    if (model, text) not in known:
        known[model, text] = _find(model, text)
    return known[model, text]


def _find(model, text: str):
    lookup = _lookup(model, text)
    row = model._default_manager.filter(**lookup).first() if lookup else None
    if row is None:
        values = {"kind": model._meta.verbose_name, "text": text}
        raise ValidationError(_("There is no %(kind)s “%(text)s”.") % values)
    return row


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
