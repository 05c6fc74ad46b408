"""Accounts at the desk."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.utils.translation import gettext_lazy as _

from ..models import User
from .safe import SafeAdmin


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
