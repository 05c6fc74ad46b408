"""What was released, what runs and what was sent, to be read only."""

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.models import JobState, Mail, Publication, Release, SignIn

from .input_hardening import ReadOnlyAdmin


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


@admin.register(SignIn)
class SignInAdmin(ReadOnlyAdmin):
    list_display = ("account", "at", "way", "address", "ended_at")
    fields = ("account", "at", "way", "address", "program", "ended_at")
    readonly_fields = fields

    @admin.display(description=_("account"), ordering="username")
    def account(self, row):
        return row.username

    @admin.display(description=_("signed in on"), ordering="attempt_time")
    def at(self, row):
        return row.attempt_time

    @admin.display(description=_("signed in by"), ordering="path_info")
    def way(self, row):
        is_single = row.path_info == reverse("oidc_authentication_callback")
        return _t("single sign-on") if is_single else _t("password")

    @admin.display(description=_("IP address"), ordering="ip_address")
    def address(self, row):
        return row.ip_address

    @admin.display(description=_("browser"))
    def program(self, row):
        return row.user_agent

    @admin.display(description=_("signed out on"), ordering="logout_time")
    def ended_at(self, row):
        return row.logout_time
