"""What stakeholders send, and what became of it."""

from datetime import timedelta

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class StakeholdersConfig(AppConfig):
    name = "stakeholders"
    verbose_name = _("Stakeholders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from hled_portal.background import status
        from hled_portal.background.jobs import Job, register
        from hled_portal.dashboard import registry
        from hled_portal.publishing import timed_changes
        from initiatives.imports import directory_loader
        from stakeholders.admin import dashboard
        from stakeholders.letters import attachments, bulk_intake, privacy_texts, stray_files, virus_scanning
        from stakeholders.models import Consultation, Response
        from stakeholders.notifications import author_notifications, follower_notifications, following
        from stakeholders.triage import joint_texts, moves

        registry.register("recommendations", dashboard.recommendations)
        directory_loader.register(joint_texts.FILES, joint_texts.publish)
        timed_changes.register(Consultation.objects.changed_between)
        Response.settle = staticmethod(moves.settle_answer)
        checks.register(privacy_texts.check, checks.Tags.security, deploy=True)
        register(Job("erase unconfirmed addresses", timedelta(hours=1), following.erase_unconfirmed))
        register(Job("sweep drafts of letters", timedelta(hours=1), attachments.sweep))
        register(Job("sweep files without a letter", timedelta(hours=1), stray_files.sweep))
        status.register("attachments", stray_files.report)
        register(Job("scan attachments", timedelta(minutes=1), virus_scanning.scan_waiting))
        register(Job("sweep files of letters", timedelta(hours=1), bulk_intake.sweep))
        register(Job("tell followers at once", timedelta(seconds=10), follower_notifications.tell_at_once, order=50))
        register(Job("tell authors of letters", timedelta(seconds=10), author_notifications.tell_authors, order=50))
        register(Job("tell followers weekly", timedelta(minutes=15), follower_notifications.tell_weekly, order=50))
