"""Files at the desk: what may be taken away and sent in, with each change shown before it is made."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from import_export.admin import ImportExportMixin

from ..resources import FILES, RecordResource
from ..sides import may_keep, seen_by, side_of
from .sides import touch


class DeskResource:
    """A resource as the desk uses it: the confirmation page shows each change before it is made, sides are kept."""

    overwrite = True

    def after_init_instance(self, instance, new, row, **kwargs):
        super().after_init_instance(instance, new, row, **kwargs)
        self.side_before = None if new else side_of(instance)
        same = type(instance)._default_manager.filter(pk=instance.pk)
        if not new and not seen_by(kwargs["user"], same).exists():
            raise ValidationError(_t("The other delegation keeps this row."))

    def before_save_instance(self, instance, row, **kwargs):
        super().before_save_instance(instance, row, **kwargs)
        if not all(may_keep(kwargs["user"], side) for side in (self.side_before, side_of(instance))):
            raise ValidationError(_t("The other delegation keeps this row."))


_RESOURCES: dict[type, type[RecordResource]] = {
    resource._meta.model: type(resource.__name__, (DeskResource, resource), {}) for resource in FILES.values()
}


class FilesMixin(ImportExportMixin):
    """A table that can be taken away and sent in as a file, by the rights of its forms."""

    def get_resource_classes(self, request):
        return [_RESOURCES[self.model]]

    def get_import_data_kwargs(self, **kwargs):
        return super().get_import_data_kwargs(**kwargs) | {
            "use_transactions": True,
            "rollback_on_validation_errors": True,
        }

    def has_import_permission(self, request):
        """A file may add and change rows: who may do both at the desk may send one."""
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request):
        """A file holds what the list shows."""
        return self.has_view_permission(request)

    def process_result(self, result, request):
        rows = [row.instance for row in result.rows if row.import_type in ("new", "update")]
        touch(rows)
        return super().process_result(result, request)
