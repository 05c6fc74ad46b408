"""What was released, what runs and what was sent, to be read only."""

from django.contrib import admin

from hled_portal.models import JobState, Mail, Publication, Release

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
