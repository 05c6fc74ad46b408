"""The record of the dialogue."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InitiativesConfig(AppConfig):
    name = "initiatives"
    verbose_name = _("The record")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from hled_portal import panels
        from hled_portal.jobs import Job, register

        from . import attention, imports

        panels.register("past", attention.past)
        panels.register("silent", attention.silent)
        panels.register("languages", attention.languages)
        panels.register("drafts", attention.drafts)
        panels.register("reports", attention.reports)
        panels.register_warnings("ended bodies", attention.ended_bodies)
        register(Job("files", timedelta(seconds=2), imports.work, order=60))
        register(Job("sweep files", timedelta(hours=1), imports.sweep))
