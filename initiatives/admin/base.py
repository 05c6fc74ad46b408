"""What all tables of the record share at the desk: rights by side, revisions, agreed translations."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.admin.safe import SafeAdmin
from hled_portal.bilingual import LANGUAGES, BilingualModel, TranslationState

from ..models import Initiative
from ..sides import initiative_of, is_kept_by_sides
from .files import FilesMixin
from .sides import SidesMixin, may_change, touch

TRANSLATION = (_("Translation"), {"fields": ("original_language", "translation_state")})


def pair(name: str, label):
    """A column of a list that reads a pair of texts in the reader's language."""

    @admin.display(description=label, ordering=f"{name}_en")
    def column(row):
        return getattr(row, name)

    return column


class RecordAdmin(SidesMixin, FilesMixin, SafeAdmin):
    """A table of the record. `set_once` names columns that are read-only after creation."""

    set_once: tuple[str, ...] = ("key",)
    list_per_page = 50

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return (*fields, *self.set_once) if obj else fields

    def has_add_permission(self, request):
        alone = is_kept_by_sides(self.model) and not request.user.delegation
        return super().has_add_permission(request) and not alone

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and may_change(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and may_change(request, obj)

    def save_model(self, request, obj, form, change):
        _agree(form)
        super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        for part in formset.forms:
            _agree(part)
        super().save_formset(request, form, formset, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        touch([form.instance])

    def delete_model(self, request, obj):
        initiative = initiative_of(obj)
        super().delete_model(request, obj)
        if initiative is not None and initiative is not obj:
            initiative.touch()

    def delete_queryset(self, request, queryset):
        if is_kept_by_sides(self.model) or self.model._meta.model_name in ("participation", "citation"):
            queryset = queryset.filter(pk__in=[row.pk for row in queryset if may_change(request, row)])
        rows = list(queryset)
        super().delete_queryset(request, queryset)
        touch(rows)


def _agree(form) -> None:
    """Who marks a translation as agreed, or writes one that stays so, agrees it on the original as it stands."""
    row = form.instance
    if not isinstance(row, BilingualModel) or row.translation_state != TranslationState.AGREED:
        return
    translated = {f"{name}_{lang}" for name in row.pairs for lang in LANGUAGES if lang != row.original_language}
    if ({"translation_state", "original_language"} | translated) & set(form.changed_data):
        row.agree_translation()


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
