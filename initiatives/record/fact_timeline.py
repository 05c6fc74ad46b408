"""The life of one subject as a small chart: a lane for what is done, under way, expected and past its date."""

import datetime
from dataclasses import dataclass

from django.utils.text import capfirst

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import in_language
from initiatives.charts.scales import Days, Tick, percent
from initiatives.charts.timeline_layout import Dated, Lane, lane
from initiatives.vocabulary.fact_status import FactStatus, frozen_fact_status
from initiatives.wording import sentences

from .name_lookup import Register

MIN_MARKS = 3


@dataclass(frozen=True)
class FactTimeline:
    """Lanes with their names, over the quarters that the facts name; `today` is empty where it lies beside them."""

    ticks: list[Tick]
    today: str
    lanes: list[tuple[str, Lane]]

    @property
    def is_worth_drawing(self) -> bool:
        """One or two dates are read faster in the lists, however many items have them."""
        return len({sign.x for _label, lane in self.lanes for sign in lane.signs}) >= MIN_MARKS


def build_fact_timeline(
    facts: list[dict],
    names: Register,
    day: datetime.date,
    *,
    cycle_over: bool,
    last_reported: datetime.date | None = None,
) -> FactTimeline | None:
    """Draw the dated facts of a content for a reader of that day, None where there are none.

    `last_reported` is the day of the newest text that the content cites: what it calls done was done by then. No query.
    """
    not_after = min(filter(None, (last_reported, day)))
    dated = [_dated(fact, names, day, cycle_over, not_after) for fact in facts if fact["action"] and fact["date_edtf"]]
    if not dated:
        return None
    ends = [end for fact in dated for end in (fact.earliest, fact.last, fact.first) if end]
    days = Days.of_quarters(min(ends), max(ends))
    lanes = [
        (capfirst(str(each.label)), lane([fact for fact in dated if fact.status == each], days)) for each in FactStatus
    ]
    today = percent(days.middle(day)) if days.holds(day) else ""
    return FactTimeline(days.ticks, today, [(label, drawn) for label, drawn in lanes if drawn.signs])


def _dated(fact: dict, names: Register, day: datetime.date, cycle_over: bool, not_after: datetime.date) -> Dated:
    earliest, latest = edtf_dates.bounds(fact["date_edtf"])
    changes = fact["date_changes"]
    return Dated(
        earliest=earliest,
        latest=latest,
        status=frozen_fact_status(fact, day, cycle_over=cycle_over),
        date=edtf_dates.to_text(fact["date_edtf"], names.language, in_language(fact, "date_wording", names.language)),
        words=sentences.sentence(fact, names.names, names.language),
        first=edtf_dates.bounds(changes[0]["old_edtf"])[1] if changes else None,
        not_after=not_after,
    )
