"""Warnings where facts contradict the entered stage or confidence, which stay as editors entered them."""

import datetime
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from initiatives.models import Fact, Initiative
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.choices import Confidence, Stage
from initiatives.vocabulary.fact_status import FactStatus


def find_contradictions(initiative: Initiative, facts: Iterable[Fact], today: datetime.date) -> list[str]:
    """Warnings from these facts, which the caller limits to those that the reader may see."""
    cycle_over = initiative.cycle is not None and initiative.cycle.is_over(today)
    statuses = [(fact.kind, fact.status_on(today, cycle_over=cycle_over)) for fact in facts]
    milestones = [status for kind, status in statuses if kind == FactKind.MILESTONE]
    met = FactStatus.DONE in milestones
    still_open = [status for status in milestones if status not in (FactStatus.DONE, FactStatus.DISCONTINUED)]
    passed = milestones.count(FactStatus.DATE_PASSED)
    begun = any(status in (FactStatus.DONE, FactStatus.UNDER_WAY) for _kind, status in statuses)
    stage = initiative.get_stage_display()
    contradictions = []
    if met and not still_open and initiative.stage in (Stage.PLANNED, Stage.UNDER_WAY, Stage.SUSPENDED):
        contradictions.append(_("All milestones are met or closed, but the status is “%(stage)s”.") % {"stage": stage})
    elif initiative.stage == Stage.PLANNED and begun:
        contradictions.append(
            _("Something has already happened or is in progress, but the status is “%(stage)s”.") % {"stage": stage}
        )
    if initiative.stage in (Stage.COMPLETED, Stage.CANCELLED) and still_open:
        message = ngettext(
            "%(count)d milestone is still open, but the status is “%(stage)s”.",
            "%(count)d milestones are still open, but the status is “%(stage)s”.",
            len(still_open),
        )
        contradictions.append(message % {"count": len(still_open), "stage": stage})
    if passed and initiative.confidence == Confidence.ON_TRACK:
        message = ngettext(
            "%(count)d milestone date has passed, but the delivery outlook is “on track”.",
            "%(count)d milestone dates have passed, but the delivery outlook is “on track”.",
            passed,
        )
        contradictions.append(message % {"count": passed})
    return contradictions
