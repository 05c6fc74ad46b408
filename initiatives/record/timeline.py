"""The facts of one initiative as a page shows them: what was done, is under way, is expected; its figures."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import in_language
from initiatives.content import snapshot_content
from initiatives.vocabulary.actions import FactKind, Modality
from initiatives.vocabulary.choices import DateChangeReason, EndReason, Measure, ReadingStatus
from initiatives.vocabulary.fact_status import FactStatus, frozen_fact_status, is_cycle_over
from initiatives.wording import quantities, sentences

from . import fact_timeline, figure_charts, name_lookup, slip_chart


@dataclass(frozen=True)
class Change:
    """A date that was changed: when, from what, to what and why."""

    changed_on: datetime.date
    old: str
    new: str
    reason: str
    text: str


@dataclass(frozen=True)
class FactLine:
    """One fact in words. `status` is a value of `FactStatus`, empty for a figure or an objective.

    `period_over`: it was going on, and the period that its text gives has ended since. `mentioned_on`: the day of the
    last of several texts that speak of it, where no outcome is published.
    """

    key: str
    kind: str
    sentence: str
    date: str
    inferred: bool
    figures: list[str]
    status: str
    ended: str
    changes: list[Change]
    sources: list[name_lookup.SourceLine]
    period_over: bool = False
    mentioned_on: datetime.date | None = None


@dataclass(frozen=True)
class TimelineGroup:
    """Facts at the same point of their life, in the order of their dates; `as_of`: the text that says so of them."""

    key: str
    title: str
    facts: list[FactLine]
    as_of: datetime.date | None = None


@dataclass(frozen=True)
class ReadingRow:
    """A reading as a row of a table; the first row of a figure carries its key and name."""

    figure_key: str
    figure: str
    measure: str
    value: str
    status: str
    as_of: str
    as_of_inferred: bool
    period: str
    period_inferred: bool
    body: str
    places: list[str]
    sources: list[name_lookup.SourceLine]
    #: Of an actual value, the last day that it can be of.
    actual_on: datetime.date | None = None


@dataclass
class Timeline:
    """All facts of an initiative, in words and as small charts."""

    groups: list[TimelineGroup] = field(default_factory=list)
    objectives: list[FactLine] = field(default_factory=list)
    readings: list[ReadingRow] = field(default_factory=list)
    life: fact_timeline.FactTimeline | None = None
    moved: list[slip_chart.Slip] = field(default_factory=list)
    charts: list[figure_charts.Picture] = field(default_factory=list)


def build_timeline(
    data: dict,
    names: name_lookup.Register,
    day: datetime.date,
    cycle_ends: datetime.date | None,
    last_reported: datetime.date | None = None,
) -> Timeline:
    """The facts of a content on that day; `last_reported` is the day of the newest text cited. No query."""
    cycle_over = is_cycle_over(cycle_ends, day)
    builder = _FactLineBuilder(data, names, day, cycle_over=cycle_over)
    by_group: dict[str, list] = {key: [] for key in _titles()}
    for fact in sorted(data["facts"], key=_moment):
        if fact["action"]:
            line = builder.line(fact)
            by_group[_GROUPS.get(line.status, line.status)].append(line)
    return Timeline(
        groups=[
            TimelineGroup(key, title, by_group[key], last_reported if key == FactStatus.UNDER_WAY else None)
            for key, title in _titles().items()
            if by_group[key]
        ],
        objectives=[builder.line(fact) for fact in data["facts"] if fact["kind"] == "objective"],
        readings=[row for fact in data["facts"] if fact["kind"] == "figure" for row in builder.rows(fact)],
        life=fact_timeline.build_fact_timeline(
            data["facts"], names, day, cycle_over=cycle_over, last_reported=last_reported
        ),
        moved=slip_chart.slips(data["facts"], names),
        charts=figure_charts.pictures(data["facts"], names),
    )


def _titles() -> dict[str, str]:
    return {
        "done": _("Done"),
        "under_way": _("In progress"),
        "ahead": _("Expected"),
        "ended": _("No longer expected"),
    }


#: Facts without a published outcome form one group.
_GROUPS = {FactStatus.DATE_PASSED: FactStatus.EXPECTED, FactStatus.OUTCOME_NOT_PUBLISHED: FactStatus.EXPECTED}


def _moment(fact: dict) -> tuple:
    earliest, latest = edtf_dates.bounds(fact["date_edtf"])
    return latest or earliest or datetime.date.max, fact["order"], fact["key"]


class _FactLineBuilder:
    """Turns facts of one content into lines; knows which figures belong to which fact."""

    def __init__(self, data: dict, names: name_lookup.Register, day: datetime.date, *, cycle_over: bool):
        self.names, self.language, self.day, self.cycle_over = names, names.language, day, cycle_over
        self.figures: dict[str, list[dict]] = {}
        for fact in data["facts"]:
            if fact["kind"] == "figure" and fact["of"]:
                self.figures.setdefault(fact["of"], []).append(fact)

    def line(self, fact: dict) -> FactLine:
        status = frozen_fact_status(fact, self.day, cycle_over=self.cycle_over)
        latest = edtf_dates.bounds(fact["date_edtf"])[1]
        return FactLine(
            key=fact["key"],
            kind=FactKind(fact["kind"]).label,
            sentence=self._sentence(fact),
            date=self._date(fact),
            inferred=fact["date_inferred"],
            figures=[self._sentence(figure) for figure in self.figures.get(fact["key"], ())],
            status=status or "",
            ended=EndReason(fact["end_reason"]).label if status == FactStatus.DISCONTINUED else "",
            changes=[self._change(change) for change in fact["date_changes"]],
            sources=name_lookup.source_lines(fact["citations"], self.names),
            period_over=status == FactStatus.UNDER_WAY
            and fact["relation"] != "since"
            and latest is not None
            and latest < self.day,
            mentioned_on=snapshot_content.mentioned_again(fact, self.names.source_days) if status in _GROUPS else None,
        )

    def rows(self, fact: dict) -> list[ReadingRow]:
        return [self._row(fact, reading) for reading in fact["readings"]]

    def _sentence(self, fact: dict) -> str:
        return sentences.sentence(fact, self.names.names, self.language)

    def _date(self, fact: dict) -> str:
        return edtf_dates.to_text(fact["date_edtf"], self.language, in_language(fact, "date_wording", self.language))

    def _change(self, change: dict) -> Change:
        old, new = (
            f"{edtf_dates.to_text(change[f'{which}_edtf'], self.language) or _('no date')} "
            f"({Modality(change[f'{which}_modality']).label})"
            for which in ("old", "new")
        )
        return Change(
            datetime.date.fromisoformat(change["changed_on"]),
            old,
            new,
            DateChangeReason(change["reason"]).label,
            in_language(change, "text", self.language),
        )

    def _row(self, fact: dict, reading: dict) -> ReadingRow:
        body = reading["reporting_body"]
        period = edtf_dates.to_text(reading["period_edtf"], self.language)
        duration = edtf_dates.duration_to_text(reading["duration"], self.language)
        is_actual = reading["status"] == ReadingStatus.ACTUAL and reading["as_of_edtf"] and reading["value"] is not None
        return ReadingRow(
            figure_key=fact["key"] if reading is fact["readings"][0] else "",
            figure=in_language(fact, "object", self.language),
            measure=Measure(fact["measure"]).label,
            value=self._value(fact, reading),
            status=ReadingStatus(reading["status"]).label,
            as_of=edtf_dates.to_text(reading["as_of_edtf"], self.language),
            as_of_inferred=reading["as_of_inferred"],
            period="; ".join(filter(None, (period, duration))),
            period_inferred=reading["period_inferred"],
            body=self.names.organization(body) if body else "",
            places=[self.names.place(key) for key in reading["places"]],
            sources=name_lookup.source_lines(reading["citations"], self.names),
            actual_on=edtf_dates.bounds(reading["as_of_edtf"])[1] if is_actual else None,
        )

    def _value(self, fact: dict, reading: dict) -> str:
        share = quantities.paid_by(reading, self.names.names, self.language)
        return " ".join(filter(None, [quantities.reading_value(reading, fact, self.language), share]))


# One by one, for lists over many texts


@dataclass(frozen=True)
class Single:
    """A fact outside its own page: its status (or "objective") and its day in lists."""

    group: str
    moment: datetime.date
    line: FactLine


def singly(
    data: dict,
    names: name_lookup.Register,
    day: datetime.date,
    cycle_ends: datetime.date | None,
    wanted: Callable[[dict], bool],
) -> list[Single]:
    """The facts of a content that are wanted, figures apart, for a reader of that day. No query."""
    builder = _FactLineBuilder(data, names, day, cycle_over=is_cycle_over(cycle_ends, day))
    entries = []
    for fact in sorted(data["facts"], key=_moment):
        if fact["kind"] != "figure" and wanted(fact):
            line = builder.line(fact)
            entries.append(Single(line.status or "objective", _moment(fact)[0], line))
    return entries


def readings_singly(
    data: dict, names: name_lookup.Register, day: datetime.date, wanted: Callable[[dict, dict], bool]
) -> list[ReadingRow]:
    """The readings of a content that are wanted (by figure and reading), each with the key of its figure. No query."""
    builder = _FactLineBuilder(data, names, day, cycle_over=False)
    figures = (fact for fact in data["facts"] if fact["kind"] == "figure")
    return [
        replace(row, figure_key=fact["key"])
        for fact in figures
        for reading, row in zip(fact["readings"], builder.rows(fact), strict=True)
        if wanted(fact, reading)
    ]
