"""Versions of rows in words: who changed what, when, from what to what."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import active_language
from initiatives import models as record
from initiatives.content.diff import TextChange, diff_sequences, diff_texts, diff_values
from initiatives.models.base import DurationField, EdtfField, Row
from initiatives.visibility import versions_visible_to, visible_to

#: Computed columns, which no person changes.
NOT_SHOWN = {"id", "loaded_digest", "agreed_digest", "revision"}
#: Columns that a revert does not touch: computed, or set by an action of their own.
STAYS = NOT_SHOWN - {"agreed_digest"} | {"ready", "date_earliest", "date_latest", "has_translation_gap"}


def _under(path: str) -> tuple[tuple[type[Row], str], ...]:
    """Tables related to facts, with the lookup from each to `path`."""
    hanging = (record.Reading, record.DateChange, record.Participation, record.Citation)
    return (*((model, path) for model in hanging), (record.Citation, f"reading__{path}"))


#: Tables whose versions are part of a row's history, with the lookup from each to the row.
RELATED_TABLES: dict[type[Row], tuple[tuple[type[Row], str], ...]] = {
    record.Initiative: (
        (record.Fact, "initiative"),
        (record.Link, "initiative"),
        (record.ReportingDuty, "initiative"),
        (record.Participation, "initiative"),
        (record.Citation, "initiative"),
        *_under("fact__initiative"),
    ),
    record.Meeting: (
        (record.Fact, "meeting"),
        (record.Heading, "meeting"),
        (record.Attendance, "meeting"),
        *_under("fact__meeting"),
    ),
    record.Fact: _under("fact"),
    record.Reading: ((record.Citation, "reading"),),
    record.Attendance: ((record.Citation, "attendance"),),
    record.Pillar: ((record.Workstream, "pillar"), (record.Alias, "pillar")),
    record.Organization: (
        (record.OrganizationName, "organization"),
        (record.Alias, "organization"),
        (record.Succession, "predecessor"),
    ),
    record.Place: ((record.Alias, "place"),),
}
#: Columns that name a row that has no key.
_NAMED = {
    record.Fact: ("initiative", "meeting", "key"),
    record.Reading: ("fact", "order"),
    record.DateChange: ("fact", "order"),
    record.Participation: ("initiative", "fact", "order"),
    record.Citation: ("initiative", "fact", "reading", "attendance", "order"),
    record.Link: ("initiative", "order"),
    record.ReportingDuty: ("initiative", "organization"),
    record.Heading: ("meeting", "order"),
    record.Attendance: ("meeting", "person"),
    record.OrganizationName: ("organization", "order"),
    record.Succession: ("predecessor", "successor"),
    record.Alias: ("text",),
}


@dataclass(frozen=True)
class FieldChange:
    """One field that changed, for `templates/initiatives/_piece.html`."""

    label: str
    form: str
    pieces: list[TextChange]
    language: str = ""


@dataclass(frozen=True)
class Version:
    """A saved state of a row. `kind` is "+" (new), "~" (changed) or "-" (deleted)."""

    table: type[Row]
    pk: int
    row: int
    at: datetime.datetime
    by: models.Model | None
    kind: str
    reason: str
    name: str
    changes: list[FieldChange]

    @property
    def table_name(self) -> str:
        return str(self.table._meta.verbose_name)


def tables() -> list[type[Row]]:
    """Every table with versions, sorted by its name in the active language."""
    row_models = [model for model in apps.get_app_config("initiatives").get_models() if issubclass(model, Row)]
    return sorted(row_models, key=lambda model: str(model._meta.verbose_name))


def row_versions(user, row: Row) -> list[QuerySet]:
    """Querysets of the versions of the row and of its related tables."""
    selections = [versions_visible_to(user, type(row)).filter(id=row.pk)]
    for model, path in RELATED_TABLES.get(type(row), ()):
        selections.append(versions_visible_to(user, model).filter(**{path: row.pk}))
    return selections


def in_line(selections: Iterable[QuerySet]) -> QuerySet:
    """Tables and keys of versions of several tables, the newest first; for `describe_versions`."""
    rows = [
        selected.order_by()
        .annotate(log_source=Value(selected.model.instance_type._meta.model_name, models.CharField()))
        .values_list("log_source", "history_id", "history_date")
        for selected in selections
    ]
    first, *others = rows
    in_line = first.union(*others, all=True) if others else first
    return in_line.order_by("-history_date", "log_source", "-history_id")


def describe_versions(user, entries: Iterable[tuple]) -> list[Version]:
    """These versions in their order, each compared with the version before it that the user may see."""
    keys_by_table = defaultdict(list)
    entries = list(entries)
    for name, key, _at in entries:
        keys_by_table[name].append(key)
    by_name = {model._meta.model_name: model for model in tables()}
    by_key = {}
    for name, keys in sorted(keys_by_table.items()):
        by_key |= {(name, version.pk): version for version in _table_versions(user, by_name[name], keys)}
    return [by_key[name, key] for name, key, _at in entries]


def revert_preview(user, row: Row, version_pk: int, set_once: tuple[str, ...]) -> Version | None:
    """What a revert to that version would change."""
    model = type(row)
    visible = versions_visible_to(user, model).filter(id=row.pk).select_related("history_user")
    now, then = visible.first(), visible.filter(history_id=version_pk).first()
    if now is None or then is None:
        return None
    describer = _VersionDescriber(user, model, [now, then])
    stays = {*STAYS, *set_once}
    describer.fields = [field for field in describer.fields if field.name not in stays]
    return replace(describer.version(then, now), changes=describer.changes(now, then))


def _table_versions(user, model: type[Row], keys: list[int]) -> list[Version]:
    visible = versions_visible_to(user, model)
    earlier = Q(history_date__lt=OuterRef("history_date"))
    earlier |= Q(history_date=OuterRef("history_date"), history_id__lt=OuterRef("history_id"))
    before = (
        visible.filter(earlier, id=OuterRef("id")).order_by("-history_date", "-history_id").values("history_id")[:1]
    )
    rows = visible.filter(history_id__in=keys).select_related("history_user").annotate(before=Subquery(before))
    rows = list(rows)
    olds = model.history.in_bulk({row.before for row in rows} - {None})
    describer = _VersionDescriber(user, model, [*rows, *olds.values()])
    return [describer.version(row, olds.get(row.before)) for row in rows]


def related_keys(field, versions: list) -> dict[int, list[int]]:
    """The keys in a many-to-many column, by version."""
    keys_by_version = defaultdict(list)
    kept = getattr(field.model.history.model, field.name).model
    rows = kept.objects.filter(history_id__in=[version.history_id for version in versions])
    column = f"{field.related_model._meta.model_name}_id"
    for version, key in rows.order_by(column).values_list("history_id", column):
        keys_by_version[version].append(key)
    return keys_by_version


class _VersionDescriber:
    """Formats versions of one table; related rows that the user may not see, or that are deleted, have no name."""

    def __init__(self, user, model: type[Row], versions: list):
        self.model, self.user = model, user
        self.language = active_language()
        self.fields = [f for f in model._meta.concrete_fields if f.editable and f.name not in NOT_SHOWN]
        self.many = [model._meta.get_field(name) for name in model.kept_with_it]
        self.lists = {field: related_keys(field, versions) for field in self.many}
        self.names = self._names(versions)

    def _names(self, versions: list) -> dict[tuple, str]:
        keys_by_model = defaultdict(set)
        for field in self.model._meta.concrete_fields:
            if field.is_relation:
                keys_by_model[field.related_model] |= {getattr(version, field.attname) for version in versions}
        for field, lists in self.lists.items():
            keys_by_model[field.related_model] |= {key for keys in lists.values() for key in keys}
        return {(m, key): name for m, keys in keys_by_model.items() for key, name in names(self.user, m, keys - {None})}

    def version(self, new, old) -> Version:
        """Without changes where the version before it is missing or hidden."""
        both = {"+": (None, new), "~": (old, new), "-": (new, None)}[new.history_type]
        known = new.history_type != "~" or old is not None
        return Version(
            self.model,
            new.history_id,
            new.id,
            new.history_date,
            new.history_user,
            new.history_type,
            reason_text(new.history_change_reason),
            self._name(new),
            self.changes(*both) if known else [],
        )

    def changes(self, old, new) -> list[FieldChange]:
        changes = [change for field in self.fields for change in self._change(field, old, new)]
        return changes + [change for field in self.many for change in self._list_change(field, old, new)]

    def _name(self, version) -> str:
        words = []
        for name in _NAMED.get(self.model, ("key",)):
            field = self.model._meta.get_field(name)
            value = getattr(version, field.attname)
            if value not in (None, ""):
                words.append(self.words(field, value))
        return " · ".join(words)

    def _change(self, field, old, new) -> Iterable[FieldChange]:
        before, after = (version and getattr(version, field.attname) for version in (old, new))
        if before == after or {before, after} <= {None, "", False}:
            return
        before, after = (self.words(field, value) for value in (before, after))
        language = next((code for code in ("en", "es") if field.name.endswith(f"_{code}")), "")
        pieces = diff_texts(before, after) if language and before and after else diff_values(before, after)
        yield FieldChange(str(field.verbose_name), "words" if language else "value", pieces, language)

    def _list_change(self, field, old, new) -> Iterable[FieldChange]:
        lists = self.lists[field]
        before, after = (
            sorted(self._named(field.related_model, key) for key in lists[version.history_id]) if version else []
            for version in (old, new)
        )
        if before != after:
            yield FieldChange(str(field.verbose_name), "lines", diff_sequences(before, after))

    def _named(self, model, key) -> str:
        return self.names.get((model, key)) or _("(deleted or not shown)")

    def words(self, field, value) -> str:
        """A value in words."""
        if value in (None, "", False):
            return ""
        if field.is_relation:
            return self._named(field.related_model, value)
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(field, EdtfField | DurationField):
            return _date_text(field, value, self.language)
        if isinstance(value, bool):
            return _("yes")
        if isinstance(value, Decimal):
            return formats.localize(Decimal(f"{value.normalize():f}"))
        return formats.localize(value) if not isinstance(value, str | int) else str(value)


def _date_text(field, value: str, language: str) -> str:
    try:
        to_text = edtf_dates.to_text if isinstance(field, EdtfField) else edtf_dates.duration_to_text
        return to_text(value, language) or value
    except ValueError:
        return value


def names(user, model, keys) -> Iterable[tuple[int, str]]:
    """Keys and names of rows that the user may see."""
    rows = visible_to(user, model._default_manager.filter(pk__in=keys))
    if model is record.Organization:
        rows = rows.prefetch_related("names")
    if model is record.Reading:
        rows = rows.select_related("fact")
    for row in rows:
        yield row.pk, row.key if model is record.Fact else str(row)


def reason_text(code: str | None) -> str:
    """How or why the change was made: `revert:<time>`, `reason:<words>`, `load_dialogue`, or the name of a file."""
    word, _colon, more = (code or "").partition(":")
    if not code:
        return ""
    if word == "revert":
        at = timezone.localtime(datetime.datetime.fromisoformat(more))
        return _("data restored as of %(at)s") % {"at": formats.date_format(at, "DATETIME_FORMAT")}
    if word == "reason":
        return more
    if code == "load_dialogue":
        return _("by the command %(command)s") % {"command": code}
    return _("by a file import: %(file)s") % {"file": code}
