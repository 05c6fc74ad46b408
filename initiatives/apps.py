"""The record of the dialogue."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InitiativesConfig(AppConfig):
    name = "initiatives"
    verbose_name = _("The record")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from hled_portal.background.jobs import Job, register
        from hled_portal.dashboard import registry
        from initiatives.dashboard import attention
        from initiatives.imports import import_jobs

        registry.register("past", attention.past)
        registry.register("silent", attention.silent)
        registry.register("languages", attention.languages)
        registry.register("drafts", attention.drafts)
        registry.register("reports", attention.reports)
        registry.register_warnings("ended bodies", attention.ended_bodies)
        register(Job("files", timedelta(seconds=2), import_jobs.work, order=60))
        register(Job("sweep files", timedelta(hours=1), import_jobs.sweep))
