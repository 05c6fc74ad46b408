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
        from hled_portal import panels, status, timed
        from hled_portal.jobs import Job, register
        from initiatives import loading

        from . import (
            attachments,
            desk,
            following,
            joint_texts,
            notices,
            privacy_texts,
            scanning,
            stray_files,
            taking_over,
            telling,
            triage,
        )
        from .models import Consultation, Response

        panels.register("recommendations", desk.recommendations)
        loading.register(joint_texts.FILES, joint_texts.publish)
        timed.register(Consultation.objects.changed_between)
        Response.settle = staticmethod(triage.settle_answer)
        checks.register(privacy_texts.check, checks.Tags.security, deploy=True)
        register(Job("erase unconfirmed addresses", timedelta(hours=1), following.erase_unconfirmed))
        register(Job("sweep drafts of letters", timedelta(hours=1), attachments.sweep))
        register(Job("sweep files without a letter", timedelta(hours=1), stray_files.sweep))
        status.register("attachments", stray_files.report)
        register(Job("scan attachments", timedelta(minutes=1), scanning.scan_waiting))
        register(Job("sweep files of letters", timedelta(hours=1), taking_over.sweep))
        register(Job("tell followers at once", timedelta(seconds=10), notices.tell_at_once, order=50))
        register(Job("tell authors of letters", timedelta(seconds=10), telling.tell_authors, order=50))
        register(Job("tell followers weekly", timedelta(minutes=15), notices.tell_weekly, order=50))
