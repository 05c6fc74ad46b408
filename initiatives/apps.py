"""The record of the dialogue."""

from datetime import timedelta

from django.apps import AppConfig
from django.db.models.signals import pre_delete
from django.utils.translation import gettext_lazy as _


class InitiativesConfig(AppConfig):
    name = "initiatives"
    verbose_name = _("Record")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from hled_portal.background import removals
        from hled_portal.background.jobs import Job, register_job
        from hled_portal.dashboard import registry
        from hled_portal.publishing.preview_pages import register_preview
        from hled_portal.web import prepared_pages, replica
        from initiatives.dashboard import attention
        from initiatives.editions import deletion, previews
        from initiatives.factsheets.preview import preview_fact_sheet
        from initiatives.imports import import_jobs
        from initiatives.models import Edition, Entry, Facet, FactSheet, SearchRow
        from initiatives.models.base import Row
        from initiatives.views import pillars

        registry.register_panel("past", attention.past)
        registry.register_panel("silent", attention.silent)
        registry.register_panel("languages", attention.languages)
        registry.register_panel("drafts", attention.drafts)
        registry.register_panel("reports", attention.reports)
        registry.register_warnings("ended bodies", attention.ended_bodies)
        removals.register_applier(deletion.DELETED_ROW, deletion.delete_again)
        for model in self.get_models():
            if issubclass(model, Row):
                pre_delete.connect(deletion.list_deletion, sender=model, dispatch_uid="initiatives.list_deletion")
        prepared_pages.register_pages(pillars.pillar_paths)
        replica.register_published_tables(Edition, Entry, Facet, SearchRow)
        register_preview(Edition, previews.build_preview)
        register_preview(FactSheet, preview_fact_sheet)
        register_job(Job("files", timedelta(seconds=2), import_jobs.run_open_jobs, order=60))
        register_job(Job("sweep files", timedelta(hours=1), import_jobs.delete_old_jobs))
