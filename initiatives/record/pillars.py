"""Pillars as pages show them: their names, workstreams and introductions, and initiatives in their order."""

import datetime
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Count, F, Window
from django.db.models.functions import Left, RowNumber
from django.utils.translation import gettext as _

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language, in_language
from hled_portal.publishing import kept_results, prepared_queries
from initiatives.content import snapshot_content
from initiatives.models import Edition
from initiatives.vocabulary.fact_status import is_cycle_over

from . import name_lookup


@dataclass(frozen=True)
class Workstream:
    """An item of the work plan with the first of its `total` initiatives; without a name: those under no item."""

    key: str = ""
    number: int | None = None
    name: str = ""
    initiatives: list[Edition] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.initiatives[0].total if self.initiatives else 0

    @property
    def has_more(self) -> bool:
        return self.total > len(self.initiatives)


@dataclass(frozen=True)
class Introduction:
    """How the newest public meeting introduced a pillar."""

    text: str
    meeting: str
    date: str


#: So many initiatives of a workstream are listed on the page of its pillar.
MAX_IN_WORKSTREAM = 15
#: The choice of a filter for initiatives whose documents name no pillar.
NO_PILLAR = "none"


def label_without_pillar() -> str:
    return _("No pillar named")


class Pillars:
    """The public pillars of a moment, by key, the newest cycle first. One query, made on first use."""

    def __init__(self, at: Moment):
        self.at = at

    @cached_property
    def editions(self) -> dict[str, Edition]:
        rows = name_lookup.public_of_kinds(self.at, "pillar")
        rows = sorted(rows, key=lambda row: row.data["number"])
        return {row.subject_key: row for row in sorted(rows, key=lambda row: row.data["cycle"]["begins"], reverse=True)}

    def cycle_ends(self, data: dict) -> datetime.date | None:
        """The last day of the cycle of this initiative or meeting."""
        return snapshot_content.cycle_ends(data, (row.data for row in self.editions.values()))

    @cached_property
    def closed(self) -> list[str]:
        """The keys of those whose cycle was over by the day."""
        ends = {key: snapshot_content.cycle_ends({"pillar": key}, [row.data]) for key, row in self.editions.items()}
        return [key for key, last in ends.items() if is_cycle_over(last, self.at.day)]

    @cached_property
    def labels(self) -> dict[str, str]:
        """Number and name of each; the cycle's name too once there are several cycles."""
        several = len({row.cycle_key for row in self.editions.values()}) > 1
        labels = {}
        for key, row in self.editions.items():
            values = {"number": row.data["number"], "name": row.title}
            label = _("Pillar %(number)s: %(name)s") % values
            labels[key] = f"{label} ({in_language(row.data['cycle'], 'name')})" if several else label
        return labels

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The labels as choices of a filter, with one for initiatives under no pillar."""
        return [*self.labels.items(), (NO_PILLAR, label_without_pillar())]

    @cached_property
    def workstreams(self) -> dict[str, str]:
        rows = [item for row in self.editions.values() for item in row.data["workstreams"]]
        return {item["key"]: in_language(item, "name") for item in rows}

    @cached_property
    def numbered_workstreams(self) -> dict[str, str]:
        """Number and name, as “1.3 Improving Border Conditions”; the cycle's name too once there are several."""
        several = len({row.cycle_key for row in self.editions.values()}) > 1
        labels = {}
        for row in self.editions.values():
            for item in row.data["workstreams"]:
                label = f"{row.data['number']}.{item['number']} {in_language(item, 'name')}"
                labels[item["key"]] = f"{label} ({in_language(row.data['cycle'], 'name')})" if several else label
        return labels

    def newest(self, number: int) -> Edition | None:
        """The pillar with this number of the newest cycle that has one."""
        return next((row for row in self.editions.values() if row.data["number"] == number), None)


def in_order(editions):
    """Initiatives as lists show them: by pillar, the newest cycle first, workstream and title; without contents."""
    newest_cycle_first = Left("pillar_key", 4).desc()  # The key of a pillar begins with its cycle's first year.
    title = f"title_{active_language()}"
    return editions.defer("content").order_by(newest_cycle_first, "pillar_key", "workstream_key", title, "subject_key")


def workstreams(pillar: Edition, at: Moment) -> list[Workstream]:
    """The workstreams of a pillar with their first initiatives, those under none at the end. One query."""
    items = pillar.data["workstreams"]
    by_key = {item["key"]: Workstream(item["key"], item["number"], in_language(item, "name")) for item in items}
    rest = Workstream()
    for row in _first_in_pillar(at, pillar.subject_key):
        by_key.get(row.workstream_key, rest).initiatives.append(row)
    return [*by_key.values(), *([rest] if rest.initiatives else [])]


@kept_results.keep()
def _first_in_pillar(at: Moment, key: str) -> list[Edition]:
    return prepared_queries.fetch(_in_pillar, at=at, key=key)


def _in_pillar(at: Moment, key):
    """The first of each workstream, with the `total` of all in it."""
    rows = in_order(Edition.objects.public(at).initiatives().in_pillar(key))
    workstream, order = F("workstream_key"), (f"title_{active_language()}", "subject_key")
    rows = rows.annotate(
        total=Window(Count("pk"), partition_by=workstream),
        place=Window(RowNumber(), partition_by=workstream, order_by=order),
    )
    return rows.filter(place__lte=MAX_IN_WORKSTREAM)


def introduction(pillar: Edition, at: Moment) -> Introduction | None:
    """The pillar's introduction in the newest public meeting that gave one. One query."""
    language = active_language()
    meetings = meetings_of_cycle(pillar.cycle_key, at)
    for data in sorted((row.data for row in meetings), key=_latest, reverse=True):
        for heading in data["headings"]:
            text = in_language(heading, "introduction", language)
            if text and heading["pillar"] == pillar.subject_key:
                wording = in_language(data, "date_wording", language)
                date = edtf_dates.to_text(data["date_edtf"], language, wording)
                return Introduction(text, in_language(data, "name", language), date)
    return None


def meetings_of_cycle(key: str, at: Moment) -> list[Edition]:
    """The public meetings of a cycle. One query."""
    meetings = (row for row in name_lookup.public_of_kinds(at, "meeting") if row.cycle_key == key)
    return sorted(meetings, key=lambda row: (row.subject_key, row.number))


def _latest(data: dict) -> datetime.date:
    return edtf_dates.bounds(data["date_edtf"])[1] or datetime.date.min
