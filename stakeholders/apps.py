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
        from hled_portal.background.jobs import Job, register_job
        from hled_portal.dashboard import registry
        from hled_portal.publishing import timed_changes
        from hled_portal.publishing.preview_pages import register_preview
        from initiatives.imports import directory_loader
        from stakeholders.admin import dashboard
        from stakeholders.letters import (
            attachments,
            bulk_intake,
            erasure,
            privacy_texts,
            repeated_removals,
            stray_files,
            virus_scanning,
        )
        from stakeholders.letters.count_submissions import count_submissions
        from stakeholders.models import ConsultationEdition, Response
        from stakeholders.notifications import author_notifications, follower_notifications, following
        from stakeholders.public import previews, submission_totals
        from stakeholders.triage import joint_texts, moves

        registry.register_approvals("recommendations", dashboard.awaiting_approval)
        registry.register_panel("recommendations", dashboard.recommendations_panel)
        directory_loader.register_tables(joint_texts.FILES, joint_texts.publish)
        timed_changes.register_timed_change(ConsultationEdition.objects.changed_between)
        register_preview(Response, previews.preview_response)
        register_preview(ConsultationEdition, previews.preview_consultation)
        submission_totals.register_counter(count_submissions)
        Response.settle = staticmethod(moves.update_answered_state)
        checks.register(privacy_texts.check_privacy_texts, checks.Tags.security, deploy=True)
        erasure.register_kinds()
        repeated_removals.register_appliers()
        register_job(Job("erase unconfirmed addresses", timedelta(hours=1), following.erase_unconfirmed))
        register_job(Job("sweep drafts of letters", timedelta(hours=1), attachments.delete_strays))
        register_job(Job("sweep files without a letter", timedelta(hours=1), stray_files.quarantine_strays))
        status.register_report("attachments", stray_files.report_strays)
        register_job(Job("scan attachments", timedelta(minutes=1), virus_scanning.scan_waiting))
        register_job(Job("sweep files of letters", timedelta(hours=1), bulk_intake.delete_old_files))
        register_job(
            Job("tell followers at once", timedelta(seconds=10), follower_notifications.notify_at_once, order=50)
        )
        register_job(
            Job("tell authors of letters", timedelta(seconds=10), author_notifications.notify_authors, order=50)
        )
        register_job(
            Job("tell followers weekly", timedelta(minutes=15), follower_notifications.notify_weekly, order=50)
        )
