"""The dated facts of many initiatives in time: a lane for each, by pillar, and the same facts in words."""

import datetime
from dataclasses import dataclass, field

from django.db.models import Max, Min

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import active_language
from initiatives.charts.scales import Days, Tick, percent
from initiatives.charts.timeline_layout import Dated, Lane, lane, touches
from initiatives.models import Edition, Entry
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.fact_status import FactStatus
from initiatives.wording import sentences

from .pillars import Pillars


@dataclass(frozen=True)
class ChartTableRow:
    """A fact as a row of the table."""

    edition: Edition
    fact_key: str
    text: str
    kind: str
    fact: Dated


@dataclass(frozen=True)
class ChartRow:
    """An initiative with its lane."""

    edition: Edition
    lane: Lane


@dataclass(frozen=True)
class ChartGroup:
    """A pillar with its initiatives, and their dated facts in the order of their dates."""

    key: str
    label: str
    rows: list[ChartRow] = field(default_factory=list)
    lines: list[ChartTableRow] = field(default_factory=list)


@dataclass(frozen=True)
class TimelineChart:
    """Pillars over the same days; `today` is the position of the day of the page, empty outside them."""

    days: Days
    ticks: list[Tick]
    today: str
    groups: list[ChartGroup]


def dated(editions):
    """What happened, is under way or is expected in these editions on a date."""
    facts = Entry.objects.filter(edition__in=editions).exclude(kind__in=[FactKind.FIGURE, FactKind.OBJECTIVE])
    return facts.exclude(edtf="")


def years(editions) -> list[int]:
    """From the last to the first year that a fact of these editions names. One query."""
    ends = {"first": Min("earliest"), "early": Min("latest"), "late": Max("latest"), "last": Max("earliest")}
    days = [day for day in dated(editions.order_by()).aggregate(**ends).values() if day]
    return list(range(max(days).year, min(days).year - 1, -1)) if days else []


def build_timeline_chart(
    editions: list[Edition], pillars: Pillars, day: datetime.date, first: int, last: int
) -> TimelineChart:
    """Put these initiatives into lanes from the first year to the last. Two queries, one for the pillars."""
    days = Days.of_years(first, last)
    entries: dict[int, list[Entry]] = {edition.pk: [] for edition in editions}
    for entry in dated(editions).with_status(day, pillars.closed).order_by("order"):
        entries[entry.edition_id].append(entry)
    groups: dict[str, ChartGroup] = {}
    for edition in editions:
        key = edition.pillar_key
        group = groups.setdefault(key, ChartGroup(key, pillars.labels.get(key, key)))
        lines = [_line(entry, edition, day) for entry in entries[edition.pk]]
        lines = [line for line in lines if touches(line.fact, days)]
        group.rows.append(ChartRow(edition, lane([line.fact for line in lines], days)))
        group.lines.extend(lines)
    for group in groups.values():
        group.lines.sort(key=lambda line: (line.fact.day, line.edition.title, line.fact_key))
    today = percent(days.middle(day)) if days.holds(day) else ""
    return TimelineChart(days, days.ticks, today, list(groups.values()))


def _line(entry: Entry, edition: Edition, day: datetime.date) -> ChartTableRow:
    language = active_language()
    date = edtf_dates.to_text(entry.edtf, language, entry.wording)
    text = sentences.entry_line(entry.action, entry.object, language)
    status = FactStatus(entry.status)
    moved = entry.first_latest if entry.first_edtf != entry.edtf else None
    words = f"{date}: {text} ({status.label})"
    last_day = min(filter(None, (edition.last_reported, day)))
    fact = Dated(entry.earliest, entry.latest, status, date, words, moved, last_day)
    return ChartTableRow(edition, entry.fact_key, text, FactKind(entry.kind).label, fact)
