"""An expected meeting is met by the meeting: the item of the meeting before it that expected it is done on its day."""

import datetime
import re

from initiatives.models import Citation, Fact, Meeting, Source
from initiatives.vocabulary.actions import Modality
from initiatives.vocabulary.choices import DateChangeReason, MeetingKind
from initiatives.vocabulary.fact_status import AWAITED

#: Actions of who meets.
_MEET = ("hold", "convene", "host")
#: "the next cabinet-level meeting of the dialogue", and no meeting of anybody else.
_NEXT = re.compile(
    r"the next (?P<kind>[\w-]+ )?(meeting|ministerial|review)( meeting)?( (of|under) the (dialogue|HLED))?\b(?! of)",
    re.IGNORECASE,
)
_KINDS = {
    "mid-year": MeetingKind.MID_YEAR_REVIEW,
    "review": MeetingKind.MID_YEAR_REVIEW,
    "ministerial": MeetingKind.MINISTERIAL,
    "cabinet-level": MeetingKind.MINISTERIAL,
}


def meet_expected(source: Source, day: datetime.date) -> list[Fact]:
    """Change the items that expected the meeting of this text, which says that it was held. Returns them."""
    meeting = source.meeting
    held = _statement(source, day)
    if held is None:
        return []
    changed = []
    for fact in _expecting(meeting):
        old = fact.date_edtf, fact.modality
        fact.date_edtf, fact.relation, fact.modality = meeting.date_edtf, "on", Modality.HAPPENED
        fact.date_wording_en = fact.date_wording_es = ""
        fact.save()
        fact.date_changes.create(
            order=fact.date_changes.count() + 1,
            old_edtf=old[0],
            old_modality=old[1],
            new_edtf=fact.date_edtf,
            new_modality=fact.modality,
            reason=DateChangeReason.MET,
            text_en=meeting.name_en,
            text_es=meeting.name_es,
            changed_on=day,
        )
        fact.citations.create(order=fact.citations.count() + 1, source=source, locator=held.locator)
        changed.append(fact)
    return changed


def _statement(source: Source, day: datetime.date) -> Citation | None:
    """Where the text says that its meeting was held."""
    if source.meeting is None or source.meeting.date_latest is None or source.meeting.date_latest > day:
        return None
    told = Citation.objects.filter(source=source, fact__meeting=source.meeting, fact__action__in=_MEET)
    return told.filter(fact__modality=Modality.HAPPENED).order_by("fact__order", "order").first()


def _expecting(meeting: Meeting) -> list[Fact]:
    """What earlier meetings of the cycle expected and this one meets: the next meeting, or the next of its kind."""
    earlier = Fact.objects.filter(meeting__cycle=meeting.cycle, meeting__date_latest__lt=meeting.date_earliest)
    awaited = earlier.filter(action__in=_MEET, modality__in=AWAITED, end_reason="")
    facts = awaited.order_by("meeting__date_latest", "order")
    return [fact for fact in facts if _is_of_kind(fact.object_en, meeting.kind)]


def _is_of_kind(words: str, kind: str) -> bool:
    match = _NEXT.match(words)
    if match is None:
        return False
    named = (match["kind"] or "").strip().lower() or (match[2].lower() if match[2].lower() != "meeting" else "")
    return _KINDS.get(named, kind) == kind
