"""What moved in one initiative between two frozen contents: dates, milestones met, figures, facts that came or went.

Pure; in words of one language. Other changes are those of `content/diff.py`.
"""

import datetime
from dataclasses import dataclass, field

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import in_language
from initiatives.content.diff import fact_name
from initiatives.vocabulary.actions import FactKind, Modality
from initiatives.vocabulary.choices import DateChangeReason, EndReason
from initiatives.vocabulary.fact_status import FactStatus, settled_status
from initiatives.wording.names import Names
from initiatives.wording.quantities import reading_line
from initiatives.wording.sentences import sentence


@dataclass(frozen=True)
class Reason:
    """Why a date was changed, as its own row says."""

    label: str
    text: str


@dataclass(frozen=True)
class MovedDate:
    """A dated fact with another date. `days` is in words, "" where they cannot be counted or did not change."""

    key: str
    name: str
    old: str
    new: str
    days: str
    earlier: bool
    reasons: list[Reason]


@dataclass(frozen=True)
class FactSentence:
    """A fact in a sentence, and how many days after or before its expected date it happened."""

    key: str
    sentence: str
    days: str = ""


@dataclass(frozen=True)
class Measured:
    """A figure with new readings; `old` is what stood in their place, or the newest of the same kind before."""

    key: str
    name: str
    old: list[str]
    new: list[str]


@dataclass(frozen=True)
class EndedFact:
    """A fact that came to nothing or is no longer in the record; `reason` is "" where the record gives none."""

    key: str
    sentence: str
    reason: str


@dataclass
class FactChanges:
    moved: list[MovedDate] = field(default_factory=list)
    met: list[FactSentence] = field(default_factory=list)
    held: list[FactSentence] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    new: list[FactSentence] = field(default_factory=list)
    gone: list[EndedFact] = field(default_factory=list)


def compare_facts(old: dict, new: dict, names: Names, language: str) -> FactChanges:
    """What moved from the old content of an initiative to the new one."""
    changes = FactChanges()
    before, after = ({fact["key"]: fact for fact in data["facts"]} for data in (old, new))
    for key, fact in after.items():
        if key in before:
            _compare(before[key], fact, names, language, changes)
        elif _is_discontinued(fact):
            changes.gone.append(_ended(fact, names, language))
        else:
            changes.new.append(FactSentence(key, sentence(fact, names, language)))
    for key, fact in before.items():
        if key not in after:
            changes.gone.append(EndedFact(key, sentence(fact, names, language), ""))
    return changes


def _compare(old: dict, new: dict, names: Names, language: str, changes: FactChanges) -> None:
    """Sort one fact that both contents have into one list at most."""
    key = new["key"]
    if _is_discontinued(new) and not _is_discontinued(old):
        changes.gone.append(_ended(new, names, language))
    elif _is_done(new) and not _is_done(old):
        line = FactSentence(key, sentence(new, names, language), _days(old, new)[0])
        (changes.met if new["kind"] == FactKind.MILESTONE else changes.held).append(line)
    elif old["date_edtf"] != new["date_edtf"]:
        changes.moved.append(_moved_date(old, new, language))
    elif new["kind"] == FactKind.FIGURE and (measured := _measured(old, new, names, language)):
        changes.measured.append(measured)


def _is_discontinued(fact: dict) -> bool:
    return settled_status(fact["modality"], fact["end_reason"]) == FactStatus.DISCONTINUED


def _is_done(fact: dict) -> bool:
    return settled_status(fact["modality"], fact["end_reason"]) == FactStatus.DONE


def _ended(fact: dict, names: Names, language: str) -> EndedFact:
    """The sentence has the explanation; the typed reason and its day are shown beside it."""
    day = edtf_dates.to_text(fact["end_edtf"], language)
    label = EndReason(fact["end_reason"]).label
    return EndedFact(fact["key"], sentence(fact, names, language), f"{label}, {day}" if day else str(label))


# Dates


def _moved_date(old: dict, new: dict, language: str) -> MovedDate:
    days, earlier = _days(old, new)
    known = [change["order"] for change in old["date_changes"]]
    reasons = [change for change in new["date_changes"] if change["order"] not in known]
    return MovedDate(
        key=new["key"],
        name=fact_name(new, language),
        old=_date(old, language),
        new=_date(new, language),
        days=days,
        earlier=earlier,
        reasons=[Reason(DateChangeReason(row["reason"]).label, in_language(row, "text", language)) for row in reasons],
    )


def _date(fact: dict, language: str) -> str:
    words = edtf_dates.to_text(fact["date_edtf"], language, in_language(fact, "date_wording", language))
    return f"{words or _('no date')} ({Modality(fact['modality']).label})"


def _days(old: dict, new: dict) -> tuple[str, bool]:
    """By how many days, from latest day to latest day, in words; and whether the new date is earlier."""
    slipped = edtf_dates.days_slipped(old["date_edtf"], new["date_edtf"])
    if slipped is None or slipped[0] == 0:
        return "", False
    if edtf_dates.is_narrowed(old["date_edtf"], new["date_edtf"]):
        return narrowed_text(), False
    return days_text(*slipped), slipped[0] < 0


def narrowed_text() -> str:
    return _("within the period given before")


def days_text(days: int, exact: bool) -> str:
    """ "31 days later", "about 92 days earlier": about, unless both dates are exact."""
    count = abs(days)
    values = {"days": number_format(count, use_l10n=True, force_grouping=True)}
    if days > 0 and exact:
        return ngettext("%(days)s day later", "%(days)s days later", count) % values
    if days > 0:
        return ngettext("about %(days)s day later", "about %(days)s days later", count) % values
    if exact:
        return ngettext("%(days)s day earlier", "%(days)s days earlier", count) % values
    return ngettext("about %(days)s day earlier", "about %(days)s days earlier", count) % values


# Figures


def _measured(old: dict, new: dict, names: Names, language: str) -> Measured | None:
    before = {row["order"]: row for row in old["readings"]}
    fresh = [row for row in new["readings"] if before.get(row["order"]) != row]
    lost = [row for order, row in before.items() if order not in {row["order"] for row in new["readings"]}]
    if not fresh and not lost:
        return None
    stood = [*lost, *(row for each in fresh if (row := _before(each, old["readings"])))]
    return Measured(
        key=new["key"],
        name=fact_name(new, language),
        old=list(dict.fromkeys(reading_line(row, old, names, language) for row in stood)),
        new=[reading_line(row, new, names, language) for row in fresh],
    )


def _before(reading: dict, readings: list[dict]) -> dict | None:
    """What stood in the place of a reading: the row of its order, else the newest of its status, of its body first."""
    same = [row for row in readings if row["order"] == reading["order"]]
    alike = [row for row in readings if row["status"] == reading["status"]]
    alike.sort(key=lambda row: (row["reporting_body"] == reading["reporting_body"], _reading_day(row), row["order"]))
    return same[0] if same else alike[-1] if alike else None


def _reading_day(reading: dict) -> datetime.date:
    return edtf_dates.bounds(reading["as_of_edtf"])[1] or datetime.date.min
