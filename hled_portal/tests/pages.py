"""Filling in the pages of the desk as a browser would."""

from contextlib import contextmanager
from unittest.mock import patch

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.template.backends.django import Template
from django.urls import reverse


def page(model, name: str, *args) -> str:
    """Address of a page of the desk: changelist, add, change, delete."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


@contextmanager
def without_rendering():
    """Pages have their context and no HTML, which is most of the time of a form: for tests that read `context_data`.

    Refusals have none either: each would be a whole page.
    """
    with patch.object(Template, "render", return_value=""):
        yield


def get_form(client, address: str):
    """The page of a form, without its HTML."""
    with without_rendering():
        return client.get(address)


def form_data(answer) -> dict:
    """What the browser would send if its user changed nothing on a page of the desk."""
    data = _fields(answer.context_data["adminform"].form)
    for shown in answer.context_data["inline_admin_formsets"]:
        data |= _fields(shown.formset.management_form)
        if shown.has_change_permission:
            for form in shown.formset.initial_forms:
                data |= _fields(form)
    return data


def _fields(form) -> dict:
    values = {bound.html_name: bound.value() for bound in form}
    return {name: value for name, value in values.items() if value is not None and value is not False and value != []}


def act(client, model, action: str, rows, **more):
    """Choose an action on the list of the model for these rows, or keys of rows."""
    chosen = [getattr(row, "pk", row) for row in rows]
    return client.post(page(model, "changelist"), {"action": action, "_selected_action": chosen, **more}, follow=True)


def error_texts(answer) -> list[str]:
    """The messages on the page."""
    return [str(message) for message in answer.context["messages"]]


def errors(answer) -> dict:
    """What a page of the desk found wrong, its parts included."""
    found = dict(answer.context_data["adminform"].form.errors)
    for shown in answer.context_data["inline_admin_formsets"]:
        found |= {f"{shown.formset.prefix}-{n}": e for n, e in enumerate(shown.formset.errors) if e}
        found |= {shown.formset.prefix: wrong} if (wrong := shown.formset.non_form_errors()) else {}
    return found


class _CountingCursor(CursorWrapper):
    """Counts the rows that it gives."""

    rows: list

    def fetchone(self):
        row = self.cursor.fetchone()
        self.rows.extend([row] if row is not None else [])
        return row

    def fetchmany(self, *size):
        some = self.cursor.fetchmany(*size)
        self.rows.extend(some)
        return some

    def fetchall(self):
        some = self.cursor.fetchall()
        self.rows.extend(some)
        return some

    def __iter__(self):
        return iter(self.fetchall())


@contextmanager
def fetched_rows():
    """The rows that the database gives within."""
    rows: list[tuple] = []

    def make_cursor(cursor):
        counting = _CountingCursor(cursor, connection)
        counting.rows = rows
        return counting

    with patch.object(connection, "make_cursor", make_cursor):
        yield rows
