"""The dated facts of many initiatives in time: a lane for each, by pillar, and the same facts in words."""

import datetime
from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Max, Min

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language
from hled_portal.publishing import kept_results, prepared_queries
from initiatives.charts.scales import Days, Tick, percent
from initiatives.charts.timeline_layout import Dated, Lane, Sign, lane, touches
from initiatives.models import Edition, Entry
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.fact_status import FactStatus, label_as_of
from initiatives.wording import sentences

from .pillars import Pillars, label_without_pillar

#: One date in so many may lie before a chart that would else be emptier than this.
FEW, MAX_EMPTY = 10, 0.7
#: So may those before a gap of more than this part of the chart, an earlier cycle, where so many dates come after it.
MAX_GAP, WORTH_DRAWING = 0.4, 3


@dataclass(frozen=True)
class ChartTableRow:
    """A fact as a row of the table."""

    edition: Edition
    fact_key: str
    text: str
    kind: str
    status: str
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

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many of the facts have each status that occurs."""
        counts = Counter(line.fact.status for line in self.lines)
        return [(status.label, counts[status]) for status in FactStatus if counts[status]]


@dataclass(frozen=True)
class TimelineChart:
    """Pillars over the same days; `today` is the position of the day of the page, empty outside them.

    `begins`: its first day where earlier dates are in the tables alone.
    """

    days: Days
    ticks: list[Tick]
    today: str
    groups: list[ChartGroup]
    begins: datetime.date | None = None

    @property
    def statuses(self) -> list[tuple[str, str]]:
        """Those that are drawn, in the order of the list of statuses."""
        drawn = {sign.status for sign in self.signs}
        return [(status.value, status.label) for status in FactStatus if status in drawn]

    @property
    def signs(self) -> list[Sign]:
        return [sign for group in self.groups for row in group.rows for sign in row.lane.signs]

    @property
    def has_spans(self) -> bool:
        return any(sign.span_x for sign in self.signs)

    @property
    def has_tails(self) -> bool:
        return any(sign.tail for sign in self.signs)


def dated(editions):
    """What happened, is under way or is expected in these editions on a date."""
    facts = Entry.objects.filter(edition__in=editions).exclude(kind__in=[FactKind.FIGURE, FactKind.OBJECTIVE])
    return facts.exclude(edtf="")


@kept_results.keep(in_language=False)
def years(at: Moment) -> list[int]:
    """From the last to the first year that a fact of a public initiative names. One query."""
    days = [day for row in prepared_queries.fetch(_bounds, at=at) for day in row[1:] if day]
    return list(range(max(days).year, min(days).year - 1, -1)) if days else []


def _bounds(at: Moment):
    ends = {"first": Min("earliest"), "early": Min("latest"), "late": Max("latest"), "last": Max("earliest")}
    rows = dated(Edition.objects.public(at).initiatives().order_by()).order_by()
    return rows.values_list("edition__subject_kind").annotate(**ends)


def build_timeline_chart(
    editions: list[Edition], pillars: Pillars, day: datetime.date, first: int, last: int
) -> TimelineChart:
    """Put these initiatives into lanes from the first year to the last. Two queries, one for the pillars."""
    whole = Days.of_years(first, last)
    entries: dict[int, list[Entry]] = {edition.pk: [] for edition in editions}
    for entry in dated(editions).with_status(day, pillars.closed).order_by("order"):
        entries[entry.edition_id].append(entry)
    lines_of: dict[int, list[ChartTableRow]] = {}
    for edition in editions:
        lines = (_line(entry, edition, day) for entry in entries[edition.pk])
        lines_of[edition.pk] = [line for line in lines if touches(line.fact, whole)]
    days = _crowded([line.fact.day for lines in lines_of.values() for line in lines], whole, day)
    groups: dict[str, ChartGroup] = {}
    for edition in editions:
        key, lines = edition.pillar_key, lines_of[edition.pk]
        group = groups.setdefault(key, ChartGroup(key, pillars.labels.get(key, key) or label_without_pillar()))
        group.rows.append(ChartRow(edition, lane([line.fact for line in lines], days)))
        group.lines.extend(lines)
    for group in groups.values():
        group.lines.sort(key=lambda line: (line.fact.day, line.edition.title, line.fact_key))
    today = percent(days.middle(day)) if days.holds(day) else ""
    return TimelineChart(days, days.ticks, today, list(groups.values()), days.first if days != whole else None)


def _crowded(dates: list[datetime.date], whole: Days, day: datetime.date) -> Days:
    """The quarters of most dates where early ones would leave most of the chart empty; else all the days."""
    if whole.first.year == whole.last.year or not dates:
        return whole
    dates = sorted(dates)
    first = _after_gap(dates, whole, day)
    days = Days.of_quarters(max(first, whole.first), min(dates[-1], whole.last))
    return days if days.length < MAX_EMPTY * whole.length else whole


def _after_gap(dates: list[datetime.date], whole: Days, day: datetime.date) -> datetime.date:
    """The date after the few early ones, or after the widest gap before the day of the page where that is later."""
    few = len(dates) // FEW
    known = range(few + 1, len(dates) - WORTH_DRAWING + 1)
    gaps = {n: (dates[n] - dates[n - 1]).days for n in known if dates[n] <= day}
    widest = max(gaps, key=gaps.get, default=few)
    return dates[widest if gaps.get(widest, 0) > MAX_GAP * whole.length else few]


def _line(entry: Entry, edition: Edition, day: datetime.date) -> ChartTableRow:
    language = active_language()
    date = edtf_dates.to_text(entry.edtf, language, entry.wording)
    text = sentences.entry_line(entry.action, entry.object, language)
    status = FactStatus(entry.status)
    moved = entry.first_latest if entry.first_edtf != entry.edtf else None
    label = label_as_of(status.label, edition.last_reported if status == FactStatus.UNDER_WAY else None)
    words = f"{date}: {text} ({label})"
    last_day = min(filter(None, (edition.last_reported, day)))
    fact = Dated(entry.earliest, entry.latest, status, date, words, moved, last_day)
    return ChartTableRow(edition, entry.fact_key, text, FactKind(entry.kind).label, label, fact)
