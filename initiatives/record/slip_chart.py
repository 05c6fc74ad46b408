"""How far the date of a fact was moved: from the first published date by each change to the present one."""

import datetime
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import in_language
from initiatives.charts.scales import Days, Tick, percent
from initiatives.vocabulary.actions import Modality
from initiatives.vocabulary.choices import DateChangeReason
from initiatives.wording import sentences

from .fact_changes import days_text, narrowed_text
from .name_lookup import Register

#: Pixels from one date to the next below it, and around them.
ROW, SLIP_PADDING = 24, 14


@dataclass(frozen=True)
class Step:
    """One date of a fact, the first published one or what a change made of it."""

    number: int
    date: str
    changed_on: datetime.date | None = None
    moved: str = ""
    reason: str = ""
    text: str = ""


@dataclass(frozen=True)
class Dot:
    """A step on the chart: percentages across, pixels down."""

    number: int
    x: str
    y: str


@dataclass(frozen=True)
class SlipSegment:
    """From one dot to the next."""

    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True)
class Slip:
    """The dates of one fact, in the order in which they were published."""

    key: str
    title: str
    steps: list[Step]
    total: str
    dots: list[Dot]
    lines: list[SlipSegment]
    ticks: list[Tick]
    height: str


def slips(facts: list[dict], names: Register) -> list[Slip]:
    """The facts of a content whose date was changed. No query."""
    return [_slip(fact, names) for fact in facts if fact["date_changes"]]


def slip_text(old: str, new: str) -> str:
    """Put the days from one date to another into words: “about 92 days later”; empty where one has no last day."""
    days = edtf_dates.days_slipped(old, new)
    if days is None:
        return ""
    if edtf_dates.is_narrowed(old, new):
        return narrowed_text()
    return days_text(*days) if days[0] else _("the same last day")


def _slip(fact: dict, names: Register) -> Slip:
    changes = sorted(fact["date_changes"], key=lambda change: change["order"])
    published = [(changes[0]["old_edtf"], changes[0]["old_modality"])]
    published += [(change["new_edtf"], change["new_modality"]) for change in changes]
    steps = [Step(1, _date_with_modality(*published[0], names.language))]
    steps += [_step(number, change, names.language) for number, change in enumerate(changes, 2)]
    dots, lines, ticks = _drawn([edtf for edtf, _modality in published])
    return Slip(
        key=fact["key"],
        title=capfirst(sentences.entry_line(fact["action"], in_language(fact, "object"), names.language)),
        steps=steps,
        total=slip_text(published[0][0], published[-1][0]),
        dots=dots,
        lines=lines,
        ticks=ticks,
        height=str(2 * SLIP_PADDING + ROW * (len(published) - 1)),
    )


def _date_with_modality(edtf: str, modality: str, language: str) -> str:
    return f"{edtf_dates.to_text(edtf, language) or _('no date')} ({Modality(modality).label})"


def _step(number: int, change: dict, language: str) -> Step:
    return Step(
        number=number,
        date=_date_with_modality(change["new_edtf"], change["new_modality"], language),
        changed_on=datetime.date.fromisoformat(change["changed_on"]),
        moved=slip_text(change["old_edtf"], change["new_edtf"]),
        reason=DateChangeReason(change["reason"]).label,
        text=in_language(change, "text", language),
    )


def _drawn(published: list[str]) -> tuple[list[Dot], list[SlipSegment], list[Tick]]:
    """A dot for each date that has a last day, one below the other."""
    ends = [edtf_dates.bounds(edtf)[1] for edtf in published]
    known = [end for end in ends if end]
    if not known:
        return [], [], []
    days = Days.of_years(min(known).year, max(known).year)
    dots = [
        Dot(number, percent(days.middle(end)), str(SLIP_PADDING + ROW * (number - 1)))
        for number, end in enumerate(ends, 1)
        if end
    ]
    lines = [SlipSegment(one.x, one.y, two.x, two.y) for one, two in zip(dots[:-1], dots[1:], strict=True)]
    return dots, lines, days.ticks
