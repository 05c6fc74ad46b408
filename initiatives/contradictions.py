"""Where facts contradict the entered stage: editors are told, and the stage stays as they entered it."""

import datetime
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hled_portal.dates import is_past

from .actions import FactKind, Modality
from .models import Fact, Initiative
from .vocabulary import Confidence, EndReason, Stage

_AHEAD = (Modality.EXPECTED, Modality.PLANNED, Modality.DEADLINE)


def of_initiative(initiative: Initiative, facts: Iterable[Fact], today: datetime.date) -> list[str]:
    """Sentences on what facts, those that their reader may see, say against the stage and the confidence."""
    facts = list(facts)
    milestones = [fact for fact in facts if fact.kind == FactKind.MILESTONE]
    met = [fact for fact in milestones if fact.modality == Modality.HAPPENED or fact.end_reason == EndReason.MET]
    still_open = [fact for fact in milestones if fact not in met and not fact.end_reason]
    overdue = [fact for fact in still_open if fact.modality in _AHEAD and is_past(fact.date_edtf, today)]
    begun = [fact for fact in facts if fact.modality in (Modality.HAPPENED, Modality.UNDER_WAY)]
    stage = initiative.get_stage_display()
    found = []
    if met and not still_open and initiative.stage in (Stage.PLANNED, Stage.UNDER_WAY, Stage.SUSPENDED):
        found.append(_("Every milestone is met or ended, and the stage is “%(stage)s”.") % {"stage": stage})
    elif initiative.stage == Stage.PLANNED and begun:
        found.append(_("Something has happened or is under way, and the stage is “%(stage)s”.") % {"stage": stage})
    if initiative.stage in (Stage.COMPLETED, Stage.CANCELLED) and still_open:
        told = ngettext(
            "%(count)d milestone is still open, and the stage is “%(stage)s”.",
            "%(count)d milestones are still open, and the stage is “%(stage)s”.",
            len(still_open),
        )
        found.append(told % {"count": len(still_open), "stage": stage})
    if overdue and initiative.confidence == Confidence.ON_TRACK:
        told = ngettext(
            "%(count)d milestone is past its date, and delivery is called “on track”.",
            "%(count)d milestones are past their dates, and delivery is called “on track”.",
            len(overdue),
        )
        found.append(told % {"count": len(overdue)})
    return found
