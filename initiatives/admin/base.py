"""What all tables of the record share at the desk: sides, revisions, files and the verb that proposes."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportMixin

from hled_portal.admin import RowsMixin, SafeAdmin
from hled_portal.bilingual import LANGUAGES, BilingualModel, TranslationState

from .. import editions
from ..models import Initiative
from ..resources import FILES, RecordResource
from ..sides import initiative_of, is_kept_by_sides, kept_by, may_keep, seen_by, side_of

TRANSLATION = (_("Translation"), {"fields": ("original_language", "translation_state")})


def pair(name: str, label):
    """A column of a list that reads a pair of texts in the reader's language."""

    @admin.display(description=label, ordering=f"{name}_en")
    def column(row):
        return getattr(row, name)

    return column


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
        return super().has_add_permission(request, obj) and _may_change(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _may_change(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and _may_change(request, obj)


def _may_change(request, obj) -> bool:
    return obj is None or may_keep(request.user, side_of(obj))


class Part(PartMixin, admin.TabularInline):
    pass


class LongPart(PartMixin, admin.StackedInline):
    pass


class RecordAdmin(SidesMixin, ImportExportMixin, SafeAdmin):
    """A table of the record. `set_once` names columns that are read-only after creation."""

    set_once: tuple[str, ...] = ("key",)
    list_per_page = 50

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
        _touch(rows)
        return super().process_result(result, request)

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return (*fields, *self.set_once) if obj else fields

    def has_add_permission(self, request):
        alone = is_kept_by_sides(self.model) and not request.user.delegation
        return super().has_add_permission(request) and not alone

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _may_change(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and _may_change(request, obj)

    def save_model(self, request, obj, form, change):
        _agree(form)
        super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        for part in formset.forms:
            _agree(part)
        super().save_formset(request, form, formset, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        _touch([form.instance])

    def delete_model(self, request, obj):
        initiative = initiative_of(obj)
        super().delete_model(request, obj)
        if initiative is not None and initiative is not obj:
            initiative.touch()

    def delete_queryset(self, request, queryset):
        if is_kept_by_sides(self.model) or self.model._meta.model_name in ("participation", "citation"):
            queryset = queryset.filter(pk__in=[row.pk for row in queryset if _may_change(request, row)])
        rows = list(queryset)
        super().delete_queryset(request, queryset)
        _touch(rows)


def _agree(form) -> None:
    """Who marks a translation as agreed, or writes one that stays so, agrees it on the original as it stands."""
    row = form.instance
    if not isinstance(row, BilingualModel) or row.translation_state != TranslationState.AGREED:
        return
    translated = {f"{name}_{lang}" for name in row.pairs for lang in LANGUAGES if lang != row.original_language}
    if ({"translation_state", "original_language"} | translated) & set(form.changed_data):
        row.agree_translation()


def _touch(rows) -> None:
    """Raise the revision of each initiative that the rows say something of."""
    found = {initiative.pk: initiative for row in rows if (initiative := initiative_of(row)) is not None}
    for initiative in found.values():
        initiative.touch()


class ProposableAdmin(RecordAdmin):
    """A table whose rows are subjects of editions."""

    actions = ("propose",)

    def has_propose_permission(self, request, obj=None):
        return request.user.has_perm("initiatives.propose_edition")

    @admin.action(description=_("Propose for clearance"), permissions=["propose"])
    def propose(self, request, queryset):
        for subject in queryset.order_by("key"):
            try:
                made = editions.propose(self.opts.model_name, subject.key, request.user)
            except ValidationError as refused:
                for reason in refused.messages:
                    self.message_user(request, f"{subject.key}: {reason}", messages.ERROR)
            else:
                names = ", ".join(edition.name for edition in made)
                self.message_user(
                    request, _t("Proposed for clearance: %(texts)s.") % {"texts": names}, messages.SUCCESS
                )


class RevisionForm(forms.ModelForm):
    """Carries the revision that its reader saw, so that two editors cannot overwrite each other unseen."""

    seen_revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        watched = initiative_of(self.instance) if self.instance.pk else None
        if watched is not None:
            self.initial["seen_revision"] = watched.revision

    def clean(self):
        cleaned = super().clean()
        watched = initiative_of(self.instance) if self.instance.pk else None
        if watched is not None:
            # The page runs in a transaction: whoever saves at the same moment waits here.
            present = Initiative.objects.select_for_update().values_list("revision", flat=True).get(pk=watched.pk)
            if self.cleaned_data.get("seen_revision") != present:
                raise ValidationError(
                    _t("Somebody changed this initiative while you were writing. Open it again to see the change."),
                    code="changed",
                )
        return cleaned
