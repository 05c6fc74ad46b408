"""Whose rows a page of the desk shows and changes: sides, on every table and on its parts."""

from django.contrib import admin

from hled_portal.admin.safe import RowsMixin

from ..sides import initiative_of, kept_by, may_keep, seen_by, side_of


class SidesMixin:
    """Rows of the other side are not offered, not shown before they are ready, and not changed."""

    def get_queryset(self, request):
        return seen_by(request.user, super().get_queryset(request))

    def get_field_queryset(self, db, db_field, request):
        """What a row may hang on; links to what both share are free."""
        rows = super().get_field_queryset(db, db_field, request)
        model = db_field.remote_field.model
        if rows is None:
            rows = model._default_manager.all()
        if db_field.name in ("fact", "reading"):
            return rows.filter(kept_by(model, request.user))
        return seen_by(request.user, rows)


class PartMixin(SidesMixin, RowsMixin):
    """A table inside the page of what it hangs on, changed by who may change that."""

    extra = 0
    show_change_link = True

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and may_change(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and may_change(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and may_change(request, obj)


def may_change(request, obj) -> bool:
    return obj is None or may_keep(request.user, side_of(obj))


class Part(PartMixin, admin.TabularInline):
    pass


class LongPart(PartMixin, admin.StackedInline):
    pass


def touch(rows) -> None:
    """Raise the revision of each initiative that the rows say something of."""
    found = {initiative.pk: initiative for row in rows if (initiative := initiative_of(row)) is not None}
    for initiative in found.values():
        initiative.touch()
