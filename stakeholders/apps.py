"""What stakeholders send, and what became of it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StakeholdersConfig(AppConfig):
    name = "stakeholders"
    verbose_name = _("Stakeholders")
    default_auto_field = "django.db.models.BigAutoField"
