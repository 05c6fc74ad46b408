"""Where a dated fact stands on a day: done, under way, expected, past its date, or no longer expected."""

import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from .actions import Modality

AHEAD = (Modality.EXPECTED, Modality.PLANNED, Modality.DEADLINE)


class Standing(models.TextChoices):
    DONE = "done", _("done")
    UNDER_WAY = "under_way", _("under way")
    AHEAD = "ahead", _("expected, planned or with a deadline")
    PAST = "past", _("past its date, nothing published since")
    OUTCOME = "outcome", _("outcome not published")
    ENDED = "ended", _("no longer expected")


def of(
    modality: str, ended: str, latest: datetime.date | None, day: datetime.date, *, cycle_over: bool = False
) -> Standing:
    """Tell where a fact stands at the end of a day; `ended` is the reason why it came to nothing, if it did.

    After the end of its cycle, what is past its date has an outcome that was not published.
    """
    if ended:
        return Standing.ENDED
    if modality == Modality.HAPPENED:
        return Standing.DONE
    if modality not in AHEAD:
        return Standing.UNDER_WAY
    if latest is None or latest >= day:
        return Standing.AHEAD
    return Standing.OUTCOME if cycle_over else Standing.PAST
