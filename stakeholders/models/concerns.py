"""What senders said of a recommendation and nobody settled: whoever decides on it or on its response reads it first."""

import datetime
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import ngettext

from hled_portal.i18n.delegations import Side

from .letters import Correction
from .triage import Objection


@dataclass(frozen=True)
class Concerns:
    """Open objections to how letters were split or joined, and corrections that nobody read."""

    objections: list[Objection]
    corrections: list[Correction]

    def __bool__(self):
        return bool(self.objections or self.corrections)

    @property
    def lines(self) -> list[str]:
        """How many there are, without a word of a sender."""
        objections, corrections = len(self.objections), len(self.corrections)
        told = []
        if objections:
            told.append(
                ngettext(
                    "%(count)d objection from a sender has no response.",
                    "%(count)d objections from senders have no response.",
                    objections,
                )
                % {"count": objections}
            )
        if corrections:
            told.append(
                ngettext(
                    "%(count)d correction from a sender has not been read.",
                    "%(count)d corrections from senders have not been read.",
                    corrections,
                )
                % {"count": corrections}
            )
        return told


def open_concerns(recommendation_key: str, delegation: str) -> Concerns:
    """Of the letters behind a recommendation, without corrections that are for the other delegation. Two queries."""
    behind = {"letter__askings__recommendation__key": recommendation_key}
    named = Q(asking=None) | Q(asking__recommendation__key=recommendation_key)
    objections = Objection.objects.filter(named, answered_at=None, **behind)
    corrections = Correction.objects.filter(read_at=None, addressed__in=["", Side.JOINT, delegation], **behind)
    return Concerns(
        list(objections.select_related("letter").distinct()), list(corrections.select_related("letter").distinct())
    )


def keys_with_concerns(keys: set[str], reader: str = "", since: datetime.datetime | None = None) -> set[str]:
    """The recommendations with an open objection or an unread correction, with `since` one that came later.

    With `reader`, without corrections that are for the other delegation. Three queries.
    """
    behind = "letter__askings__recommendation__key"
    named = "asking__recommendation__key"
    later = {"created_at__gt": since} if since else {}
    objections = Objection.objects.filter(answered_at=None, **later)
    corrections = Correction.objects.filter(read_at=None, **later)
    if reader:
        corrections = corrections.filter(addressed__in=["", Side.JOINT, reader])
    raised = set(objections.exclude(asking=None).values_list(named, flat=True))
    raised |= set(objections.filter(asking=None).values_list(behind, flat=True))
    return (raised | set(corrections.values_list(behind, flat=True))) & keys
