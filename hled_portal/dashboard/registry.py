"""The first page of the desk: panels that tell a person what waits, and warnings, each with what to do.

An app registers its sources in `ready()`. A source answers nothing to who has no right to what it would show.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.urls import reverse

from hled_portal.publishing import prepared_queries

#: Lines of a panel on the first page; its own page shows all of them.
LINES_SHOWN = 10
#: Beyond so many a panel says “500+”: counting all of a large record would take longer than the rest of the page.
MOST_COUNTED = 500
#: The places of the first page, in their order. One without a source, or with nothing for this person, is left out.
PLACES = (
    "my-key",
    "recommendations",
    "returned",
    "proposed",
    "releases",
    "past",
    "silent",
    "languages",
    "drafts",
    "reports",
)


class Viewer(NamedTuple):
    """What decides which rows a person sees and edits; of its users, prepared queries are the same for all alike."""

    delegation: str
    audits: str


@dataclass(frozen=True)
class PanelContext:
    """Who opens the desk, and when. `limit`: how many lines a panel may hold; None for all of them."""

    user: object
    now: datetime.datetime
    limit: int | None = LINES_SHOWN

    def first(self, rows) -> list:
        """The rows of a queryset or of a list that are shown."""
        return list(rows if self.limit is None else rows[: self.limit])

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.user.delegation, self.user.audits)

    def first_of_all(self, build: Callable[..., QuerySet], *fixed, **values) -> tuple[list, int]:
        """The rows of `build(*fixed, **values)` that are shown, and how many there are.

        Compiled once (`prepared_queries`); a second query where there are more. One above `MOST_COUNTED` stands for
        all that are more.
        """
        if self.limit is None:
            rows = list(build(*fixed, **values))
            return rows, len(rows)
        shown = prepared_queries.fetch(_first_rows, build, self.limit + 1, *fixed, **values)
        if len(shown) <= self.limit:
            return shown, len(shown)
        ((count,),) = prepared_queries.fetch_raw(_counted, build, MOST_COUNTED + 1, *fixed, **values)
        return shown[: self.limit], count


def _first_rows(build: Callable[..., QuerySet], number: int, *fixed, **values) -> QuerySet:
    return build(*fixed, **values)[:number]


def _counted(build: Callable[..., QuerySet], most: int, *fixed, **values) -> prepared_queries.Framed:
    rows = build(*fixed, **values).select_related(None).order_by().values("pk")[:most]
    return prepared_queries.Framed("SELECT COUNT(*) FROM ({rows}) AS counted", [], rows, [])


def count_text(count: int) -> str:
    """How many, as far as they are counted."""
    return intcomma(count) if count <= MOST_COUNTED else f"{intcomma(MOST_COUNTED)}+"


@dataclass(frozen=True)
class PanelLine:
    """One thing: what it is, where it is mended, what to know of it. `late` says how far its date has passed."""

    text: str
    href: str = ""
    note: str = ""
    late: str = ""


@dataclass(frozen=True)
class Panel:
    """`all_href` leads to the page where the work goes on; without it, to the panel on a page of its own.

    `lists` lead to parts of that page: what waits of one kind, how much and how long.
    """

    title: str
    empty: str
    lines: list[PanelLine] = field(default_factory=list)
    count: int = 0
    all_href: str = ""
    all_label: str = ""
    name: str = ""
    lists: list[PanelLine] = field(default_factory=list)

    @property
    def count_text(self) -> str:
        return count_text(self.count)

    @property
    def more(self) -> bool:
        return self.count > len(self.lines)


@dataclass(frozen=True)
class Warning:
    """Something that is wrong with the work itself, and what to do."""

    text: str
    todo: str
    href: str = ""


PanelSource = Callable[[PanelContext], Panel | None]
WarningSource = Callable[[PanelContext], Iterable[Warning]]

_panels: dict[str, PanelSource] = {}
_warnings: dict[str, WarningSource] = {}


def register_panel(name: str, source: PanelSource) -> None:
    """Give a place of the first page its source. Raises ValueError for an unknown place."""
    if name not in PLACES:
        raise ValueError(f"{name} is no place of the first page: {', '.join(PLACES)}")
    _panels[name] = source


#: Lines with their moments, and how many there are, of what a person approves that is no signed text.
ApprovalSource = Callable[[PanelContext], tuple[list[tuple[datetime.datetime, PanelLine]], int]]
_approval_sources: dict[str, ApprovalSource] = {}


def register_approvals(name: str, source: ApprovalSource) -> None:
    """Add a source to what awaits a person's approval. The same name again replaces it."""
    _approval_sources[name] = source


def approval_sources() -> list[ApprovalSource]:
    return list(_approval_sources.values())


def register_warnings(name: str, source: WarningSource) -> None:
    """Make a source of warnings known. The same name again replaces it."""
    _warnings[name] = source


def build_panels(visit: PanelContext) -> list[tuple[str, Panel]]:
    """The panels that are for this person, by the name of their place."""
    found = ((name, build_panel(name, visit)) for name in PLACES)
    return [(name, shown) for name, shown in found if shown is not None]


def build_panel(name: str, visit: PanelContext) -> Panel | None:
    source = _panels.get(name)
    return source(visit) if source else None


def warnings(visit: PanelContext) -> list[Warning]:
    return [warning for source in _warnings.values() for warning in source(visit)]


def admin_url(name: str, *args) -> str:
    """The address of a page of the desk."""
    return reverse(f"admin:{name}", args=args)


def days_between(then: datetime.datetime, now: datetime.datetime) -> int:
    """Whole days that have passed, never fewer than none."""
    return max(0, (now - then).days)
