"""What all tables of the record share: permissions by side, edit conflicts, the ready mark, translations."""

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.admin.input_hardening import SafeAdmin
from hled_portal.i18n.bilingual import BilingualModel, Language
from hled_portal.i18n.delegations import Delegation
from initiatives.facts import ready_flag
from initiatives.visibility import belongs_to_facts, owning_initiative, owning_subject

from .edit_conflicts import LockedObjectMixin
from .file_pages import FilesMixin
from .history_page import HistoryMixin
from .inlines import RecordForm, VersionTokenMixin
from .translations import confirm_form_translation
from .visibility_mixins import SidesMixin, may_change, unset_ready_flags

TRANSLATION = (_("Translation"), {"fields": (("original_language", "translation_state"),)})


def bilingual_column(name: str, label):
    """A column of a list that reads a pair of texts in the reader's language."""

    @admin.display(description=label, ordering=f"{name}_en")
    def column(row):
        return getattr(row, name)

    return column


class RecordAdmin(LockedObjectMixin, VersionTokenMixin, SidesMixin, HistoryMixin, FilesMixin, SafeAdmin):
    """A table of the record. `set_once` names columns that are read-only after creation."""

    form = RecordForm
    set_once: tuple[str, ...] = ("key",)
    list_per_page = 50

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return (*fields, *self.set_once) if obj else fields

    def has_add_permission(self, request):
        alone = belongs_to_facts(self.model) and not request.user.delegation
        return super().has_add_permission(request) and not alone

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and may_change(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and may_change(request, obj)

    def get_changeform_initial_data(self, request):
        """Each delegation writes its own language first, unless it says otherwise."""
        initial = super().get_changeform_initial_data(request)
        if issubclass(self.model, BilingualModel) and request.user.delegation == Delegation.MX:
            initial.setdefault("original_language", Language.SPANISH)
        return initial

    def response_post_save_add(self, request, obj):
        return self._return(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request, obj):
        return self._return(request, obj) or super().response_post_save_change(request, obj)

    @staticmethod
    def _return(request, obj) -> HttpResponseRedirect | None:
        """To where one came from, else to the initiative or meeting that the row is or belongs to."""
        back = request.GET.get("back", "")
        if back.startswith(reverse("admin:index")) and url_has_allowed_host_and_scheme(back, None):
            return HttpResponseRedirect(back)
        subject = owning_subject(obj)
        if subject is None:
            return None
        name = f"admin:initiatives_{subject._meta.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[subject.pk]))

    def save_model(self, request, obj, form, change):
        confirm_form_translation(form)
        super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        for part in formset.forms:
            confirm_form_translation(part)
        super().save_formset(request, form, formset, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        unset_ready_flags([form.instance])
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            self.settle_mark(request, form)

    def settle_mark(self, request, form):
        """What was changed at the desk waits until its side marks it ready again."""
        if ready_flag.clear_ready_flag([form.instance]):
            warn_about_unmarked_facts(self, request)

    def response_delete(self, request, obj_display, obj_id):
        """The message, and back to what the row belonged to."""
        answer = super().response_delete(request, obj_display, obj_id)
        subject = getattr(request, "deleted_from", None)
        if subject is None or not isinstance(answer, HttpResponseRedirect):
            return answer
        return HttpResponseRedirect(reverse(f"admin:initiatives_{subject._meta.model_name}_change", args=[subject.pk]))

    def delete_model(self, request, obj):
        initiative, subject = owning_initiative(obj), owning_subject(obj)
        request.deleted_from = subject if subject is not None and subject != obj else None
        super().delete_model(request, obj)
        ready_flag.clear_ready_flag([obj])
        if initiative is not None and initiative is not obj:
            initiative.touch()

    def delete_queryset(self, request, queryset):
        if belongs_to_facts(self.model) or self.model._meta.model_name in ("participation", "citation"):
            queryset = queryset.filter(pk__in=[row.pk for row in queryset if may_change(request, row)])
        rows = list(queryset)
        super().delete_queryset(request, queryset)
        ready_flag.clear_ready_flag(rows)
        unset_ready_flags(rows)


def warn_about_unmarked_facts(page, request) -> None:
    message = _t("The item changed. It will be proposed again once your delegation marks it as ready.")
    page.message_user(request, message, messages.WARNING)
