"""The desk's own tables: users, and what was released, to be read only."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from .models import JobState, Mail, Publication, Release, User

admin.site.site_header = _("HLED Portal: desk of the delegations")
admin.site.site_title = _("HLED Portal")
admin.site.index_title = _("The record")


def is_key(model, value) -> bool:
    """Whether a text can be a primary key of the model, within the range of its column."""
    try:
        model._meta.pk.clean(value, None)
    except (ValidationError, ValueError, OverflowError):
        return False
    return True


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows; a number that no column can hold is refused, where Django would answer 500 on SQLite."""

    def clean(self, value):
        for key in value or ():
            if not is_key(self.queryset.model, key):
                raise ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": str(key)[:40]}
                )
        return super().clean(value)


class _KnownKeys:
    """Offers again what was chosen, a forged key apart, which would be looked up as it is."""

    def optgroups(self, name, value, attrs=None):
        model = self.field.remote_field.model
        return super().optgroups(name, [key for key in value if not key or is_key(model, key)], attrs)


class _Choice(_KnownKeys, AutocompleteSelect):
    pass


class _Choices(_KnownKeys, AutocompleteSelectMultiple):
    pass


class RowsMixin:
    """Refuses forged rows, on a page and in its parts."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", _Choice(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", _Choices(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_manytomany(db_field, request, **{"form_class": RowsField} | kwargs)


class SafeAdmin(RowsMixin, admin.ModelAdmin):
    """An admin that survives forged selections and forged rows."""

    def response_action(self, request, queryset):
        if not all(is_key(self.model, value) for value in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            self.message_user(request, _t("The selection names a row that cannot exist."), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset)


class ReadOnlyAdmin(SafeAdmin):
    """A table that only the verbs write."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(User)
class UserAdmin(SafeAdmin, DjangoUserAdmin):
    """Users with their delegation. Only a superuser makes superusers, or changes one."""

    list_display = ("username", "first_name", "last_name", "email", "delegation", "role_names", "is_active", "is_staff")
    list_filter = ("delegation", "groups", "is_active", "is_staff", "is_superuser")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("Delegation and roles"), {"fields": ("delegation", "groups", "is_active", "is_staff", "is_superuser")}),
        (_("Single permissions"), {"fields": ("user_permissions",), "classes": ("collapse",)}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "usable_password", "password1", "password2", "delegation", "is_staff"),
            },
        ),
    )
    readonly_fields = ("last_login", "date_joined")

    @admin.display(description=_("roles"))
    def role_names(self, user):
        return ", ".join(group.name for group in user.groups.all())

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, "is_superuser", "user_permissions")

    def has_change_permission(self, request, obj=None):
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not above


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ("publication", "public_from", "released_at", "released_by")
    list_select_related = ("released_by",)
    fields = ("publication", "public_from", "released_at", "released_by")
    search_fields = ("=publication",)


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    list_display = ("position", "number", "action", "text", "digest")
    list_filter = ("action",)
    search_fields = ("text", "digest", "hash")
    fields = ("position", "number", "action", "text", "digest", "entry", "hash")


@admin.register(JobState)
class JobStateAdmin(ReadOnlyAdmin):
    """What `manage.py work` did, and when it is to do it again."""

    list_display = ("name", "succeeded_at", "started_at", "due_at", "failed_at", "error")
    fields = ("name", "succeeded_at", "started_at", "due_at", "failed_at", "error")


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """Messages without their text and without whom they go to."""

    list_display = ("event", "language", "queued_at", "due_at", "attempts", "sent_at", "refused_at", "error")
    list_filter = (("sent_at", admin.EmptyFieldListFilter), ("refused_at", admin.EmptyFieldListFilter), "mass")
    fields = ("event", "language", "mass", "queued_at", "due_at", "attempts", "sent_at", "refused_at", "error")
    search_fields = ("event",)
