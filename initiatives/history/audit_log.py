"""The audit log: changes of rows, steps of texts, releases and changes of accounts, in order of time."""

import datetime
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.auth import get_user_model
from django.db.models import CharField, F, QuerySet, Value
from django.utils.translation import gettext as _

from hled_portal.i18n.delegations import Delegation, Side
from hled_portal.models import Release, Step
from initiatives.content.diff import diff_sequences, diff_values
from initiatives.visibility import versions_visible_to

from . import versions
from .versions import FieldChange

#: Tables whose changes Django's own admin log keeps.
_ACCOUNTS = (("hled_portal", "user"), ("auth", "group"), ("initiatives", "staff"))


@dataclass(frozen=True)
class LogLine:
    """One logged action. `model` and `row` identify what was changed, where that has versions."""

    at: datetime.datetime
    by: object
    side: str
    what: str
    name: str
    done: str = ""
    reason: str = ""
    changes: list[FieldChange] = field(default_factory=list)
    model: str = ""
    row: int = 0
    version: int = 0


@dataclass(frozen=True)
class LogFilters:
    """Filters of the log; empty for all. `side` is a delegation, or `-` for people of none."""

    person: str = ""
    side: str = ""
    table: str = ""
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None


def can_read_record_log(user) -> bool:
    """Clearing officers read what their side may see, auditors what those who named them may see."""
    officer = user.delegation and user.has_perm("initiatives.clear_edition")
    return bool(officer or (user.audits and user.has_perm("hled_portal.view_step")))


def can_read_account_log(user) -> bool:
    """Accounts concern both delegations: whoever reads the record's log reads this, and so do administrators."""
    return can_read_record_log(user) or user.has_perm("hled_portal.view_user")


def tables(user) -> list[tuple[str, str]]:
    """Code and name of the tables that this user can filter by."""
    choices = [("account", _("accounts and roles"))] if can_read_account_log(user) else []
    if can_read_record_log(user):
        choices += [("step", _("steps of texts")), ("release", _("releases"))]
        choices += [(model._meta.model_name, str(model._meta.verbose_name)) for model in versions.tables()]
    return choices


def log_entries(user, filters: LogFilters) -> QuerySet:
    """Source, key and time of each entry that the user may read, the newest first; for `lines`."""
    parts = []
    for name, _label in tables(user):
        if filters.table in ("", name):
            rows, key, at, by = _source(user, name)
            rows = _narrowed(rows, filters, at, by).order_by()
            rows = rows.annotate(log_source=Value(name, CharField()), log_key=F(key), log_at=F(at))
            parts.append(rows.values_list("log_source", "log_key", "log_at"))
    first, *others = parts
    in_line = first.union(*others, all=True) if others else first
    return in_line.order_by("-log_at", "log_source", "-log_key")


def _source(user, name: str) -> tuple[QuerySet, str, str, str]:
    """The rows of a source, and its columns of key, time and person."""
    if name == "step":
        return Step.objects.all(), "pk", "at", "by"
    if name == "release":
        return Release.objects.all(), "pk", "released_at", "released_by"
    if name == "account":
        return _account_entries(), "pk", "action_time", "user"
    model = next(model for model in versions.tables() if model._meta.model_name == name)
    return versions_visible_to(user, model), "history_id", "history_date", "history_user"


def _account_entries() -> QuerySet:
    entries = LogEntry.objects.none()
    for app_label, model in _ACCOUNTS:
        entries |= LogEntry.objects.filter(content_type__app_label=app_label, content_type__model=model)
    return entries


def _narrowed(rows: QuerySet, filters: LogFilters, at: str, by: str) -> QuerySet:
    conditions = {}
    if filters.person:
        conditions[f"{by}__username"] = filters.person
    if filters.side and filters.side != "-":
        conditions[f"{by}__delegation"] = filters.side
    if filters.since:
        conditions[f"{at}__gte"] = filters.since
    if filters.until:
        conditions[f"{at}__lt"] = filters.until
    rows = rows.filter(**conditions)
    return rows.exclude(**{f"{by}__delegation__in": Delegation.values}) if filters.side == "-" else rows


def lines(user, entries: Iterable[tuple]) -> list[LogLine]:
    """These entries as lines, in their order."""
    entries = list(entries)
    keys_by_source = defaultdict(list)
    for name, key, _at in entries:
        keys_by_source[name].append(key)
    lines_by_key = {}
    for name, build in _LINE_BUILDERS.items():
        lines_by_key |= {(name, key): line for key, line in build(keys_by_source.pop(name, []))}
    rows = [(name, key, None) for name, keys in keys_by_source.items() for key in keys]
    for version in versions.describe_versions(user, rows):
        lines_by_key[version.table._meta.model_name, version.pk] = version_line(version)
    return [lines_by_key[name, key] for name, key, _at in entries if (name, key) in lines_by_key]


def version_line(version: versions.Version) -> LogLine:
    done = {"+": _("new"), "~": "", "-": _("deleted")}[version.kind]
    return LogLine(
        version.at,
        version.by,
        user_delegation(version.by),
        version.table_name,
        version.name,
        done,
        version.reason,
        version.changes,
        version.table._meta.model_name,
        version.row,
        version.pk,
    )


def user_delegation(user) -> str:
    return str(Delegation(user.delegation).label) if user is not None and user.delegation else ""


def _steps(keys: list[int]) -> Iterable[tuple[int, LogLine]]:
    if not keys:
        return
    for step in Step.objects.filter(pk__in=keys).select_related("by"):
        side = str(Delegation(step.delegation).label) if step.delegation else ""
        yield (
            step.pk,
            LogLine(step.at, step.by, side, _("text"), step.name, step.get_action_display(), step.comment),
        )


def _releases(keys: list[int]) -> Iterable[tuple[int, LogLine]]:
    if not keys:
        return
    for release in Release.objects.filter(pk__in=keys).select_related("released_by"):
        by = release.released_by
        name = _("publication %(number)s") % {"number": release.publication}
        yield release.pk, LogLine(release.released_at, by, user_delegation(by), _("release"), name)


def _accounts(keys: list[int]) -> Iterable[tuple[int, LogLine]]:
    if not keys:
        return
    for entry in LogEntry.objects.filter(pk__in=keys).select_related("user", "content_type"):
        done = {ADDITION: _("new"), DELETION: _("deleted")}.get(entry.action_flag, "")
        grants = granted_changes(entry.change_message)
        reason = "" if grants or done else entry.get_change_message()
        changes = [_grant(name, *values) for name, values in grants.items()]
        who = (entry.action_time, entry.user, user_delegation(entry.user))
        yield entry.pk, LogLine(*who, entry.content_type.name, entry.object_repr, done, reason, changes)


def granted_changes(message: str) -> dict[str, list]:
    """Changed permissions in an entry of Django's log: old and new value by column."""
    try:
        parts = json.loads(message or "[]")
    except ValueError:
        return {}
    parts = parts if isinstance(parts, list) else []
    return next((part["grants"] for part in parts if isinstance(part, dict) and "grants" in part), {})


def _grant(name: str, old, new) -> FieldChange:
    column = get_user_model()._meta.get_field(name)
    if name == "groups":
        return FieldChange(str(_("roles")), "lines", diff_sequences(old or [], new or []))
    return FieldChange(str(column.verbose_name), "value", diff_values(_grant_text(old), _grant_text(new)))


def _grant_text(value) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(dict(Side.choices).get(value, value))


_LINE_BUILDERS: dict[str, Callable] = {"step": _steps, "release": _releases, "account": _accounts}
