"""The portal itself: what both apps stand on, and the pages that need both."""

from datetime import timedelta

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin, with the pages of the desk beside its tables."""

    default = False
    default_site = "hled_portal.admin.site.Desk"

    def ready(self):
        # Its rooms first: they register tables, and the site that autodiscovery makes before reading them would be
        # made a second time on the way, without those tables.
        from . import admin  # noqa: F401

        super().ready()


class HledPortalConfig(AppConfig):
    default = True
    name = "hled_portal"
    verbose_name = _("Portal")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from . import (
            indexing,
            jobs,
            mail,
            panels,
            release_plans,
            status,
            step_notices,
            timed,
            triggers,
            waiting,
        )  # noqa: F401
        from .roles import install_roles

        triggers.connect(sender=self)
        indexing.connect(sender=self)
        post_migrate.connect(install_roles, dispatch_uid="hled_portal.install_roles")
        jobs.register(jobs.Job("send mail", timedelta(seconds=10), mail.send_waiting, order=100))
        jobs.register(jobs.Job("release what is due", timedelta(seconds=10), release_plans.go_out_when_due, order=-10))
        jobs.register(jobs.Job("count what opened", timedelta(seconds=10), timed.count_when_due))
        jobs.register(jobs.Job("tell of steps", timedelta(seconds=10), step_notices.tell, order=50))
        jobs.register(jobs.Job("sweep mail", timedelta(days=1), mail.sweep))
        status.register("jobs", jobs.report)
        status.register("mail", mail.report)
        status.register("release plans", release_plans.report)
        panels.register("my-key", waiting.my_key)
        panels.register("returned", waiting.returned)
        panels.register("proposed", waiting.proposed)
        panels.register("releases", waiting.releases)
        panels.register_warnings("failed plans", waiting.failed_plans)
        panels.register_warnings("late jobs", waiting.late_jobs)
        panels.register_warnings("officers", waiting.too_few_officers)
