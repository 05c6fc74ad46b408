"""Followers: for the administrator alone, to erase an address whose owner asks for it."""

from django.contrib import admin
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from hled_portal.admin.input_hardening import ReadOnlyAdmin
from stakeholders.models import Follower
from stakeholders.notifications import following


@admin.register(Follower)
class FollowerAdmin(ReadOnlyAdmin):
    """Addresses are on the page of one follower, not in the list; what somebody follows is not shown."""

    list_display = ("number", "language", "rhythm", "confirmed_at", "number_of_follows")
    list_filter = ("language", "rhythm")
    fields = ("address", "language", "rhythm", "confirmed_at", "notified_up_to")
    search_fields = ("=address",)
    search_help_text = _("Full email address.")
    actions = None
    delete_confirmation_template = "admin/stakeholders/follower_delete.html"

    @admin.display(description=_("number"), ordering="pk")
    def number(self, follower):
        return follower.pk

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(follows_count=Count("follows"))

    @admin.display(description=_("subscriptions"))
    def number_of_follows(self, follower):
        return follower.follows_count

    def has_delete_permission(self, request, obj=None):
        return request.user.has_perm("stakeholders.delete_follower")

    def delete_model(self, request, obj):
        following.stop_all(obj)
