"""Accounts, and the roles that the portal declares.

A delegation and a role together hold a key. So an administrator changes neither on the own account, changes no
superuser, and every change of what an account may do is kept in the log with what was there before.
"""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.models import User

from .input_hardening import ReadOnlyAdmin, SafeAdmin

#: What decides what an account may do; each change of it is kept with what was there before.
GRANTS = ("delegation", "groups", "audits", "is_active", "is_staff", "is_superuser")


def granted_changes(form) -> dict[str, list]:
    """What a form changes of what the account may do: for each column the old and the new value."""
    changes = {}
    for name in GRANTS:
        if name in form.changed_data and name in form.cleaned_data:
            old, new = form.initial.get(name), form.cleaned_data[name]
            changes[name] = [_plain(old), _plain(new)]
    return changes


def _plain(value):
    """A value that JSON can hold; roles by their names."""
    if value is None or isinstance(value, str | bool):
        return value or ""
    return sorted(group.name for group in value)


class GrantsForm:
    """Who audits is named by a side and holds no other role: an auditor changes nothing."""

    def clean(self):
        given = super().clean()
        groups = given.get("groups", self.initial.get("groups") or [])
        roles = {group.name for group in groups}
        if given.get("audits") and "auditor" not in roles:
            raise ValidationError(
                {"audits": _t("Only auditors can be assigned a delegation to audit. Select the auditor role as well.")}
            )
        if "auditor" in roles and not given.get("audits", self.instance.audits):
            raise ValidationError(_t("Select which delegation appointed the auditor, or both."))
        if "auditor" in roles and len(roles) > 1:
            raise ValidationError(_t("An auditor cannot hold any other role."))
        return given


class UserForm(GrantsForm, UserChangeForm):
    pass


class NewUserForm(GrantsForm, AdminUserCreationForm):
    pass


@admin.register(User)
class UserAdmin(SafeAdmin, DjangoUserAdmin):
    """Users with their delegation. Only a superuser makes superusers, or changes one."""

    form = UserForm
    add_form = NewUserForm
    list_display = ("username", "first_name", "last_name", "email", "delegation", "role_names", "is_active", "is_staff")
    list_filter = ("delegation", "groups", "audits", "is_active", "is_staff", "is_superuser")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "language")}),
        (
            _("Delegation and roles"),
            {"fields": ("delegation", "groups", "audits", "is_active", "is_staff", "is_superuser")},
        ),
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
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")

    @admin.display(description=_("roles"))
    def role_names(self, user):
        return ", ".join(group.name for group in user.groups.all())

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request, obj=None):
        """Nobody but a superuser changes what the own account may do, or makes a superuser."""
        fields = super().get_readonly_fields(request, obj)
        if request.user.is_superuser:
            return fields
        own = GRANTS if obj is not None and obj.pk == request.user.pk else ()
        return tuple(dict.fromkeys((*fields, *own, "is_superuser")))

    def has_change_permission(self, request, obj=None):
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not above

    def construct_change_message(self, request, form, formsets, add=False):
        """Django's, and what the account may do now, with what it could before."""
        message = super().construct_change_message(request, form, formsets, add)
        changes = granted_changes(form)
        return [*message, {"grants": changes}] if changes else message

    def get_deleted_objects(self, objs, request):
        """Who has written in the record stays: the record names its writers."""
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        writers = [user for user in objs if has_written(user)]
        warnings = [
            _t("%(user)s has made changes that are on record. Deactivate the account instead of deleting it.")
            % {"user": u}
            for u in writers
        ]
        return to_delete, counts, perms_needed, [*protected, *warnings]


def has_written(user) -> bool:
    """Whether the history of a table, a step or the admin log names the user."""
    tables = [field.related_model for field in User._meta.get_fields(include_hidden=True) if _names_a_writer(field)]
    return any(table._default_manager.filter(history_user=user).exists() for table in tables) or (
        LogEntry.objects.filter(user=user).exists()
    )


def _names_a_writer(relation) -> bool:
    return (
        relation.auto_created
        and relation.is_relation
        and getattr(relation, "field", None) is not None
        and (relation.field.name == "history_user")
    )


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin):
    """The roles as `hled_portal/security/roles.py` declares them; `manage.py install_roles` mends a group."""

    list_display = ("name",)
    search_fields = ("name",)
    fields = ("name", "rights")
    readonly_fields = ("rights",)

    @admin.display(description=_("permissions"))
    def rights(self, group):
        rows = group.permissions.values_list("content_type__app_label", "codename").order_by("codename")
        return ", ".join(f"{app_label}.{codename}" for app_label, codename in rows)
