"""Who speaks for whom: the two delegations of the dialogue, and the sides of a record."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Delegation(models.TextChoices):
    """A government's delegation. Each holds one of the two keys."""

    US = "US", _("United States")
    MX = "MX", _("Mexico")

    @property
    def in_sentence(self) -> str:
        """The name after a preposition, with its article."""
        return str(pgettext_lazy("in a sentence", "the United States") if self == Delegation.US else self.label)


class Side(models.TextChoices):
    """Who keeps a fact: one delegation, or both together. Not who acts in it."""

    US = "US", _("United States")
    MX = "MX", _("Mexico")
    JOINT = "joint", _("Both governments")
