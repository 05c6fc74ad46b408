"""What is next: expected facts and meetings by month, or by the span that their date allows; what is past apart."""

import datetime
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language, in_language
from initiatives.models import Edition, Entry
from initiatives.models.querysets import entry_conditions
from initiatives.vocabulary.choices import MeetingKind
from initiatives.vocabulary.fact_status import FactStatus
from initiatives.wording import sentences

from .name_lookup import Register, public_of_kinds
from .pillars import Pillars

#: So many of each are shown; the page says how many more there are.
MAX_ITEMS = 200


@dataclass(frozen=True)
class UpcomingItem:
    """An expected fact, or a meeting, which has no `fact_key`; `label` is the modality of its date, or its kind.

    `mentioned_on`: as in `Entry`.
    """

    date: str
    text: str
    label: str
    edition: Edition
    fact_key: str = ""
    pillar: str = ""
    mentioned_on: datetime.date | None = None


@dataclass(frozen=True)
class Span:
    """A month, or the season, quarter, half or year that a date names; `bounds`: its days where it is no month."""

    heading: str
    bounds: str
    items: list[UpcomingItem] = field(default_factory=list)


@dataclass(frozen=True)
class Agenda:
    """The spans in the order of their last days; what has no last day; what is past its date, the oldest first."""

    spans: list[Span]
    undated: list[UpcomingItem]
    past: list[UpcomingItem]
    outcome: list[UpcomingItem]
    more: int


def build_agenda(at: Moment, initiatives, pillars: Pillars, names: Register) -> Agenda:
    """What these initiatives expect on the day, and the meetings from that day on. Seven queries at most."""
    groups = _groups(at.day, pillars.closed)
    entries = _awaited(initiatives)
    counts = entries.aggregate(**{name: Count("pk", filter=condition) for name, condition in groups.items()})
    rows_by_group = {
        name: list(entries.filter(groups[name])[:MAX_ITEMS]) if count else [] for name, count in counts.items()
    }
    builder = _EntryFormatter([entry for rows in rows_by_group.values() for entry in rows], pillars, names)
    items_by_group = {name: [builder.item(entry) for entry in rows] for name, rows in rows_by_group.items()}
    dated = [(entry.edtf, item) for entry, item in zip(rows_by_group["ahead"], items_by_group["ahead"], strict=True)]
    return Agenda(
        spans=_spans(dated + _meetings(at)),
        undated=items_by_group["undated"],
        past=items_by_group["past"],
        outcome=items_by_group["outcome"],
        more=sum(counts.values()) - sum(map(len, rows_by_group.values())),
    )


def _groups(day: datetime.date, closed_pillars: list[str]) -> dict[str, Q]:
    """Each awaited entry belongs to one."""
    conditions = entry_conditions(day, closed_pillars)
    return {
        "ahead": conditions[FactStatus.EXPECTED] & Q(latest__isnull=False),
        "undated": conditions[FactStatus.EXPECTED] & Q(latest=None),
        "past": conditions[FactStatus.DATE_PASSED],
        "outcome": conditions[FactStatus.OUTCOME_NOT_PUBLISHED],
    }


def _awaited(initiatives):
    """The undecided facts of these initiatives, the nearest first."""
    entries = Entry.objects.filter(edition__in=initiatives.order_by()).awaited()
    return entries.select_related("edition").defer("edition__content")


class _EntryFormatter:
    """Tells entries in whole sentences: who, what and where, from the contents of their editions. One query."""

    def __init__(self, entries: list[Entry], pillars: Pillars, names: Register):
        self.pillars, self.names = pillars, names
        editions = Edition.objects.in_bulk({entry.edition_id for entry in entries})
        self.facts = {(pk, fact["key"]): fact for pk, edition in editions.items() for fact in edition.data["facts"]}

    def item(self, entry: Entry) -> UpcomingItem:
        fact = self.facts[entry.edition_id, entry.fact_key]
        return UpcomingItem(
            date=edtf_dates.to_text(entry.edtf, self.names.language, entry.wording),
            text=sentences.sentence(fact, self.names.names, self.names.language),
            label=entry.get_modality_display(),
            edition=entry.edition,
            fact_key=entry.fact_key,
            pillar=self.pillars.labels.get(entry.edition.pillar_key, ""),
            mentioned_on=entry.mentioned_on,
        )


def format_entries(entries: list[Entry], pillars: Pillars, names: Register) -> list[UpcomingItem]:
    """These entries in whole sentences. One query."""
    builder = _EntryFormatter(entries, pillars, names)
    return [builder.item(entry) for entry in entries]


def meetings_ahead(at: Moment) -> list[UpcomingItem]:
    """Public meetings whose last day is not over, the nearest first. One query."""
    return [item for _edtf, item in sorted(_meetings(at), key=lambda pair: _order(pair[0]))]


def _meetings(at: Moment) -> list[tuple[str, UpcomingItem]]:
    meetings = []
    for edition in sorted(public_of_kinds(at, "meeting"), key=lambda row: row.subject_key):
        data = edition.data
        latest = edtf_dates.bounds(data["date_edtf"])[1]
        if latest is not None and latest >= at.day:
            date = edtf_dates.to_text(data["date_edtf"], active_language(), in_language(data, "date_wording"))
            item = UpcomingItem(date, edition.title, MeetingKind(data["meeting_kind"]).label, edition)
            meetings.append((data["date_edtf"], item))
    return meetings


def _spans(ahead: list[tuple[str, UpcomingItem]]) -> list[Span]:
    """Sorted by the last day; of spans that end together the shortest comes first."""
    spans: dict[str, Span] = {}
    for edtf, item in sorted(ahead, key=lambda pair: _order(pair[0])):
        span = _span(edtf)
        spans.setdefault(span.heading, span).items.append(item)
    return list(spans.values())


def _order(edtf: str) -> tuple[datetime.date, int]:
    earliest, latest = edtf_dates.bounds(edtf)
    return latest, (latest - (earliest or datetime.date.min)).days


def _span(edtf: str) -> Span:
    """The month in which a date surely lies, else the words of its own span with its first and last day."""
    earliest, latest = edtf_dates.bounds(edtf)
    month = f"{latest:%Y-%m}"
    if earliest is not None and f"{earliest:%Y-%m}" == month and "~" not in edtf:
        return Span(capfirst(edtf_dates.to_text(month, active_language())), "")
    heading = capfirst(edtf_dates.to_text(edtf, active_language()))
    if earliest is None:
        return Span(heading, "")
    values = {"first": date_format(earliest, "DATE_FORMAT"), "last": date_format(latest, "DATE_FORMAT")}
    return Span(heading, _("from %(first)s to %(last)s") % values)
