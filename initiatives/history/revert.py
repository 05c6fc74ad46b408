"""Reverts a row to an earlier version: validated and saved like any edit, as a new version."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _t

from initiatives.facts.ready_flag import clear_ready_flag
from initiatives.models.base import Row
from initiatives.visibility import may_edit, owning_initiative, owning_side, versions_visible_to

from .versions import STAYS, related_keys


def revert(row: Row, version_pk: int, user, seen_pk: int | None, set_once: tuple[str, ...] = ()) -> Row:
    """Set the row to an earlier version. Raises ValidationError, naming each field.

    `seen_pk`: the newest version that the user saw; a later one is not overwritten. `set_once` names columns that are
    not changed. A side's own fact is a draft afterwards.
    """
    with transaction.atomic():
        row = type(row)._default_manager.select_for_update().get(pk=row.pk)
        version = versions_visible_to(user, type(row)).filter(id=row.pk, history_id=version_pk).first()
        if version is None:
            raise ValidationError(_t("That entry in the history does not exist."))
        if not all(may_edit(user, side) for side in (owning_side(row), getattr(version, "side", None))):
            raise ValidationError(_t("This record belongs to the other delegation."))
        newest = versions_visible_to(user, type(row)).filter(id=row.pk).values_list("history_id", flat=True).first()
        if newest != seen_pk:
            raise ValidationError(_t("Someone else changed this record in the meantime. Check its history again."))
        for field in row._meta.concrete_fields:
            if field.name not in STAYS and field.name not in set_once:
                setattr(row, field.attname, getattr(version, field.attname))
        row._change_reason = f"revert:{version.history_date.isoformat()}"
        row.full_clean()
        row.save()
        for name in row.kept_with_it:
            field = row._meta.get_field(name)
            keys = related_keys(field, [version])[version.history_id]
            getattr(row, name).set(field.related_model._default_manager.filter(pk__in=keys))
        clear_ready_flag([row])
        if (initiative := owning_initiative(row)) is not None:
            initiative.touch()
        return row
