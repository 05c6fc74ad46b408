"""Version tokens of the forms of a row: a digest of what the form showed, and the moment when it was made.

Saves of one whole (an initiative with its facts and their parts, an organization with its names) wait for each other,
so that the comparison holds until the row is written.
"""

from datetime import datetime

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _t

from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.edit_conflicts import EditConflict, VersionCheck, describe_change
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
#: Columns left out of the description of a change.
_UNDESCRIBED = ("loaded_digest", "agreed_digest", "has_translation_gap", "revision")


class VersionTokenField(forms.CharField):
    """Holds the version token; never a change of its own."""

    widget = forms.HiddenInput

    def __init__(self):
        super().__init__(required=False, max_length=120)

    def has_changed(self, initial, data):
        return False


class FormVersion(VersionCheck):
    """Of a form that `add_version_token` was called for."""

    def __init__(self, form):
        super().__init__(form.instance)
        self.digest = form.shown_digest

    def token(self) -> str:
        return f"{self.digest}@{timezone.now().isoformat()}"

    def is_stale(self, token: str) -> bool:
        return self.row.pk is not None and token.partition("@")[0] != self.digest

    def changes_since(self, token: str) -> list[str]:
        since = token.partition("@")[2]
        if not hasattr(self.row, "history"):
            return who_saved(self.row, since)
        return who_changed(self.row, since) or [_t("The change is no longer in the history.")]


def add_version_token(form) -> None:
    columns = {field.name for field in [*form.instance._meta.fields, *form.instance._meta.many_to_many]}
    shown = {name: _to_text(form.initial.get(name)) for name in form.fields if name in columns}
    form.shown_digest = digest(canonical(shown))
    if form.instance.pk:
        form.initial["version_token"] = FormVersion(form).token()


def _to_text(value) -> str | list[str]:
    if isinstance(value, list | tuple):
        return sorted(str(getattr(row, "pk", row)) for row in value)
    return "" if value is None else str(value)


def _submitted_token(form) -> str:
    return form["version_token"].data or ""


def is_stale(form) -> bool:
    return FormVersion(form).is_stale(_submitted_token(form))


def refuse_stale(form) -> None:
    """Raises EditConflict; the form then carries the present token, so that a second save goes through."""
    version = FormVersion(form)
    try:
        version.refuse_stale(_submitted_token(form))
    except EditConflict:
        form.data = form.data.copy()
        form.data[form.add_prefix("version_token")] = version.token()
        raise


def _parse_moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def who_changed(row: Model, since: str) -> list[str]:
    """Who changed which fields when since a moment (ISO 8601), with their present values."""
    records = row.history.select_related("history_user").order_by("history_date", "history_id")
    moment = _parse_moment(since)
    later = list(records.filter(history_date__gt=moment)) if moment else []
    later = later or list(records)[-1:]  # Saved at the very moment when the page was made.
    previous = later[0].prev_record if later else None
    lines = []
    for version in later:
        if fields := _changed_fields(row, version, previous):
            lines.append(describe_change(version.history_user or _t("someone"), version.history_date, fields))
        previous = version
    return lines


def who_saved(row: Model, since: str) -> list[str]:
    """Who saved a form of a row without history since a moment (ISO 8601), and which fields."""
    moment = _parse_moment(since)
    if moment is None:
        return []
    of_row = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk))
    entries = of_row.filter(action_time__gt=moment).select_related("user").order_by("pk")
    return [describe_change(entry.user, entry.action_time, entry.get_change_message()) for entry in entries]


def _changed_fields(row: Model, version, previous) -> str:
    """Empty where nothing that people read was changed."""
    if previous is None:
        return str(row._meta.verbose_name)
    names = version.diff_against(previous, excluded_fields=_UNDESCRIBED).changed_fields
    return "; ".join(_describe_field(row, name) for name in names)


def _describe_field(row: Model, name: str) -> str:
    field = row._meta.get_field(name)
    if field.many_to_many:
        return str(field.verbose_name)
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    return _t("%(field)s (now “%(value)s”)") % {"field": field.verbose_name, "value": str(value)[:200]}


def parents(row: Model) -> list[Model]:
    """The rows that it is part of, the outermost first."""
    for name in _OWNERS.get(type(row), ()):
        owner = getattr(row, name, None)
        if owner is not None:
            return [*parents(owner), owner]
    return []


def wait_for_others(row: Model) -> None:
    """Lock the row and its parents until the transaction ends."""
    if not connection.in_atomic_block:
        return
    for locked in [*parents(row), *([row] if row.pk else [])]:
        # By its key: the usual order of a table may join others, which PostgreSQL does not lock.
        type(locked)._base_manager.select_for_update().order_by("pk").filter(pk=locked.pk).first()


class LockedObjectMixin:
    """A form that is saved is compared with the row as it is once all others who save it at this moment are through."""

    def get_object(self, request, object_id, from_field=None):
        row = super().get_object(request, object_id, from_field)
        if row is None or request.method != "POST" or not connection.in_atomic_block:
            return row
        wait_for_others(row)
        return super().get_object(request, object_id, from_field)
