"""Accounts, and the roles that the portal declares.

A delegation and a role together hold a key. So an administrator changes neither on the own account, changes no
superuser, and every change of what an account may do is kept in the log with what was there before.
"""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.accounts import account_changes, second_factor
from hled_portal.models import AccountChange, User

from .input_hardening import ReadOnlyAdmin, SafeAdmin

#: What decides what an account may do; each change of it is kept with what was there before.
GRANTS = ("delegation", "groups", "audits", "is_active", "is_staff", "is_superuser")
#: What of an account that can approve is changed by two administrators: a link to set a password goes to the address.
GUARDED = (*GRANTS, "email")


def granted_changes(form) -> dict[str, list]:
    """What a form changes of what the account may do: for each column the old and the new value."""
    changes = {}
    for name in GRANTS:
        if name in form.changed_data and name in form.cleaned_data:
            old, new = _plain(form.initial.get(name)), _plain(form.cleaned_data[name])
            if old != new:
                changes[name] = [old, new]
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
    actions = ("reset_second_factor",)
    readonly_fields = ("last_login", "date_joined")

    def save_form(self, request, form, change):
        """Take out of the form what another administrator has to approve, and keep it as a request."""
        roles = {group.name for group in form.cleaned_data.get("groups", ())}
        request.guarded = {}
        if change and account_changes.needs_second(request.user, form.instance, roles):
            for name in GUARDED:
                if name in form.changed_data and name in form.cleaned_data:
                    new, old = form.cleaned_data[name], form.initial.get(name)
                    if name == "is_active" and not new:
                        continue
                    request.guarded[name] = _plain(new)
                    form.cleaned_data[name] = old
                    if name != "groups":
                        setattr(form.instance, name, old)
            form.changed_data = [name for name in form.changed_data if name not in request.guarded]
        return super().save_form(request, form, change)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if request.guarded:
            self._request(request, obj, AccountChange.Kind.RIGHTS, request.guarded)

    def _request(self, request, user, kind, values=None, password=""):
        change = account_changes.request_change(request.user, user, kind, values, password)
        label = _t("Requested: %(change)s.") % {"change": change.get_kind_display()}
        self.log_change(request, user, label)
        text = _t("%(user)s can approve texts, so another administrator must approve this change: %(change)s.")
        named = {"user": user, "change": change.get_kind_display()}
        self.message_user(request, text % named, messages.WARNING)

    def user_change_password(self, request, id, form_url=""):
        user = self.get_object(request, unquote(id))
        allowed = user is not None and self.has_change_permission(request, user)
        if request.method == "POST" and allowed and account_changes.needs_second(request.user, user):
            form = self.change_password_form(user, request.POST)
            if form.is_valid():
                usable = form.cleaned_data["set_usable_password"]
                password = make_password(form.cleaned_data["password1"] if usable else None)
                self._request(request, user, AccountChange.Kind.PASSWORD, password=password)
                return redirect("admin:hled_portal_user_change", user.pk)
        return super().user_change_password(request, id, form_url)

    @admin.action(description=_("Reset second factor"), permissions=["change"])
    def reset_second_factor(self, request, queryset):
        """For who lost the device and the recovery codes: at the next sign-in another one is set up."""
        for user in queryset:
            if not self.has_change_permission(request, user):
                self.message_user(
                    request, _t("You do not have permission to change %(user)s.") % {"user": user}, messages.ERROR
                )
            elif account_changes.needs_second(request.user, user):
                self._request(request, user, AccountChange.Kind.SECOND_FACTOR)
            else:
                second_factor.reset(user)
                self.log_change(request, user, _t("Reset the second factor."))
                self.message_user(
                    request, _t("The second factor of %(user)s was reset.") % {"user": user}, messages.SUCCESS
                )

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


@admin.register(AccountChange)
class AccountChangeAdmin(ReadOnlyAdmin):
    """Changes of accounts that can approve, for another administrator to make or to reject."""

    list_display = ("user", "kind", "new_values", "requested_by", "requested_at")
    list_select_related = ("user", "requested_by")
    fields = list_display
    actions = ("approve_changes", "reject_changes")

    @admin.display(description=_("new values"))
    def new_values(self, change):
        lines = []
        for name, value in change.values.items():
            shown = ", ".join(value) if isinstance(value, list) else value
            lines.append(f"{User._meta.get_field(name).verbose_name}: {shown}")
        return "; ".join(lines) or "–"

    def has_decide_permission(self, request):
        return request.user.has_perm("hled_portal.change_user")

    @admin.action(description=_("Make these changes"), permissions=["decide"])
    def approve_changes(self, request, queryset):
        for change in queryset.select_related("user", "requested_by"):
            user, before = change.user, grants_of(change.user)
            try:
                change = account_changes.approve_change(change, request.user)
            except ValidationError as refused:
                self.message_user(request, f"{user}: {' '.join(refused.messages)}", messages.ERROR)
                continue
            text = _t("Approved: %(change)s, requested by %(by)s.")
            text %= {"change": change.get_kind_display(), "by": change.requested_by}
            after = grants_of(change.user)
            grants = {name: [before[name], after[name]] for name in GRANTS if before[name] != after[name]}
            for message in (text, [{"grants": grants}] if grants else ""):
                if message:
                    LogEntry.objects.log_actions(request.user.pk, [change.user], CHANGE, message, single_object=True)
            self.message_user(request, _t("The account %(user)s was changed.") % {"user": user}, messages.SUCCESS)

    @admin.action(description=_("Reject these changes"), permissions=["decide"])
    def reject_changes(self, request, queryset):
        for change in queryset.select_related("user"):
            text = _t("Rejected: %(change)s.") % {"change": change.get_kind_display()}
            LogEntry.objects.log_actions(request.user.pk, [change.user], CHANGE, text, single_object=True)
            account_changes.reject_change(change)
            self.message_user(request, f"{change.user}: {text}", messages.SUCCESS)


def grants_of(user) -> dict:
    """What an account may do, as the log holds it."""
    return {name: _plain(user.groups.all() if name == "groups" else getattr(user, name)) for name in GRANTS}


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
