"""The closed lists that columns of stakeholders choose from, with their labels. A leaf."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Rhythm(models.TextChoices):
    AT_ONCE = "at_once", _("at once, one message for each release")
    WEEKLY = "weekly", _("once a week, on Monday")


class FollowKind(models.TextChoices):
    INITIATIVE = "initiative", _("initiative")
    PILLAR = "pillar", _("pillar")
    MEETING = "meeting", _("meeting")
    SELECTION = "selection", _("selection of initiatives")
