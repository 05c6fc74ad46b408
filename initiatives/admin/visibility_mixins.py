"""Whose rows a page of the staff site shows and changes: sides, on every table and on its parts."""

from django.contrib.admin.utils import NestedObjects
from django.db import router
from django.utils.text import capfirst
from django.utils.translation import gettext as _t

from hled_portal.admin.input_hardening import RowsMixin
from initiatives.editions.deletion import deletion_refusals
from initiatives.models import Fact
from initiatives.visibility import editable_by, is_visible_to, may_edit, owning_initiative, owning_side, visible_to


class SidesMixin:
    """Rows of the other side are not offered, not shown before they are ready, and not changed."""

    def get_queryset(self, request):
        return visible_to(request.user, super().get_queryset(request))

    def get_field_queryset(self, db, db_field, request):
        """The rows that a row may belong to; links to shared rows are free."""
        rows = super().get_field_queryset(db, db_field, request)
        model = db_field.remote_field.model
        if rows is None:
            rows = model._default_manager.all()
        if db_field.name in ("fact", "reading"):
            return rows.filter(editable_by(model, request.user))
        return visible_to(request.user, rows)

    def get_deleted_objects(self, objs, request):
        """What keeps rows from being deleted. Drafts that the reader does not see are not named, nor shown to be there.

        Only once the deletion is confirmed does it say that records of another delegation depend on the row.
        """
        collector = NestedObjects(using=router.db_for_write(self.model), origin=objs)
        collector.collect(objs)
        related = [*collector.protected, *(row for rows in collector.model_objs.values() for row in rows)]
        seen = [row for row in related if is_visible_to(request.user, _keeper(row) or row)]
        judged = related if request.POST.get("post") else seen
        if not all(may_edit(request.user, _side_in(row)) for row in judged):
            protected = [_t("This record cannot be deleted because records of another delegation depend on it.")]
        else:
            # Of another app not even an administrator may read every row: what keeps the row is named by its kind.
            own = self.opts.app_label
            kept = sorted(
                {
                    str(row) if row._meta.app_label == own else capfirst(row._meta.verbose_name)
                    for row in seen
                    if row in collector.protected
                }
            )
            refusals = deletion_refusals(seen)
            protected = [*(name for name in kept if not any(f"“{name}”" in line for line in refusals)), *refusals]
        lacking = {
            str(row._meta.verbose_name)
            for row in seen
            if row._meta.app_label != self.opts.app_label
            and not request.user.has_perm(f"{row._meta.app_label}.delete_{row._meta.model_name}")
        }
        return [str(row) for row in objs], {}, lacking, protected

    def get_object(self, request, object_id, from_field=None):
        """The row; where it names one that the reader may not see, that one has no words."""
        row = super().get_object(request, object_id, from_field)
        for name in _names_unseen(request.user, row):
            subject = {column: getattr(row, column) for column in ("initiative_id", "meeting_id")}
            unshown = Fact(pk=getattr(row, f"{name}_id"), key=_t("not shown"), **subject)
            unshown.is_unshown = True
            row._state.fields_cache[name] = unshown
        return row

    def get_readonly_fields(self, request, obj=None):
        """What names an unseen row stays as it is: a form could not offer it again."""
        return (*super().get_readonly_fields(request, obj), *_names_unseen(request.user, obj))


class PartMixin(SidesMixin, RowsMixin):
    """An inline, changed by who may change its parent."""

    extra = 0
    show_change_link = True

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and may_change(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and may_change(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and may_change(request, obj)


def _side_in(row) -> str | None:
    """The side that keeps the row; a place of a fact, a row of Django's own, is kept with the fact."""
    kept = _keeper(row)
    return owning_side(kept) if kept is not None else None


def _keeper(row):
    """The row itself; of a row of Django's own between two tables, the fact or reading of which it is."""
    if not row._meta.auto_created:
        return row
    return getattr(row, "fact", None) or getattr(row, "reading", None)


def _names_unseen(user, row) -> list[str]:
    """Columns of a fact that name another one, which the user may not see (any more)."""
    of = row.of if isinstance(row, Fact) and row.of_id else None
    return ["of"] if of is not None and (hasattr(of, "is_unshown") or not is_visible_to(user, of)) else []


def may_change(request, obj) -> bool:
    return obj is None or may_edit(request.user, owning_side(obj))


def unset_ready_flags(rows) -> None:
    """Raise the revision of each initiative that the rows say something of."""
    initiatives = {initiative.pk: initiative for row in rows if (initiative := owning_initiative(row)) is not None}
    for initiative in initiatives.values():
        initiative.touch()
