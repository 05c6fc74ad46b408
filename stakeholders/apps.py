"""What stakeholders send, and what became of it."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StakeholdersConfig(AppConfig):
    name = "stakeholders"
    verbose_name = _("Stakeholders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from hled_portal.jobs import Job, register

        from . import attachments, following, notices, scanning, triage
        from .models import Response

        Response.settle = staticmethod(triage.settle_answer)
        register(Job("erase unconfirmed addresses", timedelta(hours=1), following.erase_unconfirmed))
        register(Job("sweep drafts of letters", timedelta(hours=1), attachments.sweep))
        register(Job("scan attachments", timedelta(minutes=1), scanning.scan_waiting))
        register(Job("tell followers at once", timedelta(seconds=10), notices.tell_at_once, order=50))
        register(Job("tell followers weekly", timedelta(minutes=15), notices.tell_weekly, order=50))
