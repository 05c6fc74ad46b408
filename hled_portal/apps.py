"""The portal itself: what both apps stand on, and the pages that need both."""

from datetime import timedelta

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate, pre_delete, pre_save
from django.utils.translation import gettext_lazy as _


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin, with the pages of the desk beside its tables."""

    default = False
    default_site = "hled_portal.admin.site.PortalAdminSite"

    def ready(self):
        # Before autodiscovery: it makes the site while these modules register tables, and would make a second one.
        from . import admin  # noqa: F401

        super().ready()


class HledPortalConfig(AppConfig):
    default = True
    name = "hled_portal"
    verbose_name = _("Portal")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from hled_portal import checks  # noqa: F401
        from hled_portal.accounts import erasure, sessions
        from hled_portal.background import backup, jobs, mail, removals, retention, status
        from hled_portal.dashboard import publishing_panels, registry
        from hled_portal.publishing import (
            plan_agreements,
            preview_links,
            release_plans,
            releasing,
            timed_changes,
            triggers,
            workflow_notifications,
        )
        from hled_portal.search import search_indexes
        from hled_portal.security.roles import install_roles
        from hled_portal.web import prepared_pages, rate_limits

        user_logged_in.connect(sessions.begin_session, dispatch_uid="hled_portal.begin_session")
        triggers.connect(sender=self)
        search_indexes.connect(sender=self)
        post_migrate.connect(install_roles, dispatch_uid="hled_portal.install_roles")
        jobs.register_job(jobs.Job("send mail", timedelta(seconds=10), mail.send_waiting, order=100))
        jobs.register_job(
            jobs.Job("release what is due", timedelta(seconds=10), release_plans.publish_due_plans, order=-10)
        )
        jobs.register_job(jobs.Job("count what opened", timedelta(seconds=10), timed_changes.run_timed_changes))
        jobs.register_job(
            jobs.Job("tell of steps", timedelta(seconds=10), workflow_notifications.send_notifications, order=50)
        )
        jobs.register_job(
            jobs.Job("prepare main pages", timedelta(seconds=10), prepared_pages.prepare_main_pages, order=90)
        )
        jobs.register_job(jobs.Job("sweep attempts", timedelta(hours=1), rate_limits.delete_old_counts))
        jobs.register_job(jobs.Job("sweep sign-ins", timedelta(days=1), sessions.delete_old_sign_ins))
        jobs.register_job(jobs.Job("sweep mail", timedelta(days=1), mail.delete_old_mail))
        jobs.register_job(jobs.Job("erase personal data", timedelta(hours=1), retention.erase_due))
        erasure.register_kinds()
        jobs.register_job(jobs.Job("list removals", timedelta(seconds=10), removals.list_removals))
        removals.register_applier(releasing.WITHDRAWN_TEXT, releasing.withdraw_again)
        removals.register_applier(plan_agreements.AGREEMENT_ENDED, plan_agreements.end_again)
        removals.register_applier(preview_links.REVOKED_LINK, preview_links.revoke_again)
        removals.register_applier(erasure.ENDED_ACCOUNT, erasure.end_again)
        pre_save.connect(erasure.list_deactivation, sender=self.get_model("User"), dispatch_uid="hled_portal.list")
        pre_delete.connect(erasure.list_deletion, sender=self.get_model("User"), dispatch_uid="hled_portal.list")
        status.register_report("jobs", jobs.report_jobs)
        status.register_report("mail", mail.report_mail)
        status.register_report("personal data", retention.report_retention)
        status.register_report("removals", removals.report_removals)
        status.register_report("backup", backup.report_backup)
        status.register_report("release plans", release_plans.report_plans)
        registry.register_panel("my-key", publishing_panels.awaiting_my_approval)
        registry.register_panel("returned", publishing_panels.returned)
        registry.register_panel("proposed", publishing_panels.proposed)
        registry.register_panel("releases", publishing_panels.releases)
        registry.register_warnings("failed plans", publishing_panels.failed_plans)
        registry.register_warnings("late jobs", publishing_panels.late_jobs)
        registry.register_warnings("officers", publishing_panels.too_few_officers)
