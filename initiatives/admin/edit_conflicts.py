"""What the reader of a form saw: a save over what somebody else changed meanwhile is refused, and tells who and what.

Every form of a row carries the digest of what it showed. Saves of one whole (an initiative with its facts and their
parts, an organization with its names) wait for each other, so that the comparison holds until the row is written.
"""

from datetime import datetime

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _t

from hled_portal.publishing.canonical_json import canonical, digest
from initiatives import models as record

#: Columns by which a row is part of another; the first that is filled counts.
_OWNERS = {
    record.Fact: ("initiative", "meeting"),
    record.Reading: ("fact",),
    record.DateChange: ("fact",),
    record.Participation: ("fact", "initiative"),
    record.Citation: ("reading", "fact", "attendance", "initiative"),
    record.Heading: ("meeting",),
    record.Attendance: ("meeting",),
    record.Link: ("initiative",),
    record.ReportingDuty: ("initiative",),
    record.OrganizationName: ("organization",),
    record.Alias: ("organization", "place", "pillar"),
    record.Workstream: ("pillar",),
    record.Succession: ("predecessor",),
}
#: Columns that tell nothing to who reads what was changed.
_SILENT = ("loaded_digest", "agreed_digest", "revision")


class VersionTokenField(forms.CharField):
    """Digest and moment of what a form showed; never a change of its own."""

    widget = forms.HiddenInput

    def __init__(self):
        super().__init__(required=False, max_length=120)

    def has_changed(self, initial, data):
        return False


def add_version_token(form) -> None:
    """Keep the digest of what the form shows of its row."""
    columns = {field.name for field in [*form.instance._meta.fields, *form.instance._meta.many_to_many]}
    shown = {name: _text(form.initial.get(name)) for name in form.fields if name in columns}
    form.shown = digest(canonical(shown))
    if form.instance.pk:
        form.initial["seen"] = _stamp(form)


def _stamp(form) -> str:
    """What the form shows, and the present moment."""
    return f"{form.shown}@{timezone.now().isoformat()}"


def _text(value) -> str | list[str]:
    if isinstance(value, list | tuple):
        return sorted(str(getattr(row, "pk", row)) for row in value)
    return "" if value is None else str(value)


def _submitted_token(form) -> tuple[str, str]:
    """The digest and the moment that the form brought back."""
    shown, _at, moment = (form["seen"].data or "").partition("@")
    return shown, moment


def is_stale(form) -> bool:
    """Whether the row is no longer what the writer of the form saw."""
    return form.instance.pk is not None and _submitted_token(form)[0] != form.shown


def refuse_stale(form) -> None:
    """Raise ValidationError where the row changed under its writer; the form then carries the row as it is now.

    So nothing typed is lost, and a second save, by somebody who has read what was changed, goes through.
    """
    if not is_stale(form):
        return
    since = _submitted_token(form)[1]
    form.data = form.data.copy()
    form.data[form.add_prefix("seen")] = _stamp(form)
    changes = who_changed(form.instance, since) if _keeps_history(form) else who_saved(form.instance, since)
    reasons = [
        _t("Somebody changed “%(row)s” while you were writing. Nothing that you typed is lost.")
        % {"row": form.instance},
        *(changes or ([_t("The change is no longer in the history of the row.")] if _keeps_history(form) else [])),
        _t("Save again to keep what stands in this form, or open the page again to take over what was saved."),
    ]
    raise ValidationError([ValidationError(reason, code="changed") for reason in reasons])


def _keeps_history(form) -> bool:
    return hasattr(form.instance, "history")


def who_changed(row: Model, since: str) -> list[str]:
    """Who changed which fields when since a moment (ISO 8601), and what stands there now."""
    records = row.history.select_related("history_user").order_by("history_date", "history_id")
    try:
        later = list(records.filter(history_date__gt=datetime.fromisoformat(since)))
    except (ValueError, TypeError):
        later = []
    later = later or list(records)[-1:]  # Saved at the very moment when the page was made.
    previous = later[0].prev_record if later else None
    lines = []
    for now in later:
        lines += _line(row, now, previous)
        previous = now
    return lines


def who_saved(row: Model, since: str) -> list[str]:
    """Who saved a form of a row that keeps no history since a moment (ISO 8601), and which fields."""
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk))
    try:
        entries = entries.filter(action_time__gt=datetime.fromisoformat(since))
    except ValueError:
        entries = entries.none()
    found = [(entry, entry.get_change_message()) for entry in entries.select_related("user").order_by("pk")]
    return [
        _t("%(who)s on %(when)s: %(what)s")
        % {"who": entry.user, "when": localize(timezone.localtime(entry.action_time)), "what": told}
        for entry, told in found
    ]


def _line(row: Model, now, previous) -> list[str]:
    delta = now.diff_against(previous, excluded_fields=_SILENT) if previous is not None else None
    names = delta.changed_fields if delta is not None else []
    if delta is not None and not names:
        return []
    told = {
        "who": now.history_user or _t("somebody"),
        "when": localize(timezone.localtime(now.history_date)),
        "fields": "; ".join(_field(row, name) for name in names) or row._meta.verbose_name,
    }
    return [_t("%(who)s changed on %(when)s: %(fields)s.") % told]


def _field(row: Model, name: str) -> str:
    field = row._meta.get_field(name)
    if field.many_to_many:
        return str(field.verbose_name)
    show = getattr(row, f"get_{name}_display", None)
    value = show() if show else getattr(row, name)
    return _t("%(field)s (now “%(value)s”)") % {"field": field.verbose_name, "value": str(value)[:200]}


def parents(row: Model) -> list[Model]:
    """What the row is part of, the outermost first."""
    for name in _OWNERS.get(type(row), ()):
        owner = getattr(row, name, None)
        if owner is not None:
            return [*parents(owner), owner]
    return []


def wait_for_others(row: Model) -> None:
    """Hold the row, and what it is part of, until the transaction ends: who saves at the same moment waits here."""
    if not connection.in_atomic_block:
        return
    for held in [*parents(row), *([row] if row.pk else [])]:
        # By its key: the usual order of a table may join others, which PostgreSQL does not lock.
        type(held)._base_manager.select_for_update().order_by("pk").filter(pk=held.pk).first()
