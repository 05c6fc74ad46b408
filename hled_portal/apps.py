"""The portal itself: what both apps stand on, and the pages that need both."""

from datetime import timedelta

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class HledPortalConfig(AppConfig):
    name = "hled_portal"
    verbose_name = _("Portal")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from . import checks, indexing, jobs, mail, status, triggers  # noqa: F401
        from .roles import install_roles

        triggers.connect(sender=self)
        indexing.connect(sender=self)
        post_migrate.connect(install_roles, dispatch_uid="hled_portal.install_roles")
        jobs.register(jobs.Job("send mail", timedelta(seconds=10), mail.send_waiting, order=100))
        jobs.register(jobs.Job("sweep mail", timedelta(days=1), mail.sweep))
        status.register("jobs", jobs.report)
        status.register("mail", mail.report)
