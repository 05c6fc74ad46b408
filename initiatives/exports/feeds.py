"""Atom feeds (RFC 4287) in pages (RFC 5005): how one is built, and that of the editions of a selection.

The first page has the newest entries, and each links to the next, older one by the `order` of its last entry, so that
nothing is left out by what is published meanwhile.

An entry never changes its identifier. When its text is withdrawn the marker replaces it under the same identifier, so
that feed readers drop the text too.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _

from hled_portal.files.download_writers import printable
from hled_portal.models import Publication
from hled_portal.web import license
from initiatives.content import diff
from initiatives.models import Edition
from initiatives.record import name_lookup

from .tables import ExportContext

MAX_ENTRIES = 100
#: What sorts entries, the newest last: a number of the publication or an instant, a kind, and a primary key.
Order = tuple[int, int, int]


@dataclass(frozen=True)
class FeedEntry:
    """Something that was made public, or the marker of what was withdrawn. `order` sorts entries, the newest last."""

    text: str
    address: str
    published: datetime.datetime
    updated: datetime.datetime
    title: str
    lines: list[str]
    order: Order


@dataclass(frozen=True)
class FeedAddresses:
    """`authority` and `path`, the feed's own without host, make the identifiers of the feed and its entries.

    `first`: the first page of a feed, which is `path` with host.
    """

    feed: str
    page: str
    language: str
    authority: str
    path: str = ""
    first: str = ""


class PagedFeed(Atom1Feed):
    """With links to the first page and to older entries."""

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        for rel in ("first", "next"):
            if self.feed[rel]:
                handler.addQuickElement("link", "", {"rel": rel, "href": self.feed[rel]})


def parse_before(text: str) -> Order | None:
    """The order before which entries are requested; `ValueError` for another text."""
    if text and not re.fullmatch(r"[0-9]{1,16}\.[0-9]\.[0-9]{1,16}", text):
        raise ValueError(text)
    return tuple(map(int, text.split("."))) if text else None


def build_feed(
    title: str,
    subtitle: str,
    entries: list[FeedEntry],
    addresses: FeedAddresses,
    before: Order | None = None,
    zone: datetime.tzinfo = datetime.UTC,
) -> Atom1Feed:
    """The newest entries, of those `before` an entry; the subtitle says how many at most, as `number`."""
    entries = sorted(
        (entry for entry in entries if not before or entry.order < before), key=lambda entry: entry.order, reverse=True
    )
    entries, older = entries[:MAX_ENTRIES], entries[MAX_ENTRIES:]
    cursor = ".".join(map(str, entries[-1].order)) if older else ""
    atom = PagedFeed(
        first=addresses.first if before else "",
        next=f"{addresses.first}{'&' if '?' in addresses.first else '?'}before={cursor}" if cursor else "",
        title=title,
        link=addresses.page,
        description=None,
        subtitle=subtitle % {"number": MAX_ENTRIES},
        language=addresses.language,
        feed_url=addresses.feed,
        feed_guid=f"tag:{addresses.authority},2024:{addresses.path}",
        author_name=_("U.S.-Mexico High-Level Economic Dialogue"),
        feed_copyright=license.ADDRESS,
    )
    for entry in entries:
        atom.add_item(
            title=printable(entry.title),
            link=entry.address,
            description=printable("".join(f"<p>{escape(line)}</p>" for line in entry.lines)),
            unique_id=f"tag:{addresses.authority},2024:{entry.text}",
            pubdate=entry.published.astimezone(zone),
            updateddate=entry.updated.astimezone(zone),
        )
    return atom


def withdrawn_entries(rows: Iterable, address: Callable, order: Callable) -> list[FeedEntry]:
    """The markers of withdrawn texts; `order(row, marker, withdrawn_at)`. Two queries where there are any."""
    by_text = {row.text: row for row in rows}
    if not by_text:
        return []
    logged = Publication.objects.filter(action="withdrawn", text__in=by_text)
    withdrawn_at = {row.text: datetime.datetime.fromisoformat(row.data["at"]) for row in logged}
    return [
        FeedEntry(
            text=marker.text,
            address=address(by_text[marker.text]),
            published=by_text[marker.text].release.released_at,
            updated=withdrawn_at[marker.text],
            title=_("%(text)s was withdrawn by the delegation of %(delegation)s")
            % {"text": marker.text, "delegation": marker.whose},
            lines=[str(part) for part in (marker.reason, marker.words) if part],
            order=order(by_text[marker.text], marker, withdrawn_at[marker.text]),
        )
        for marker in name_lookup.withdrawal_markers(list(by_text.values()))
    ]


def edition_feed(editions, context: ExportContext, addresses: FeedAddresses, before: Order | None = None) -> Atom1Feed:
    """The feed of a selection of initiatives."""
    return build_feed(
        _("Publications of the U.S.-Mexico High-Level Economic Dialogue"),
        _("Published versions, newest first, up to %(number)s."),
        edition_entries(editions, context, before),
        addresses,
        before,
    )


def edition_entries(selected, context: ExportContext, before: Order | None = None) -> list[FeedEntry]:
    """The newest editions of the selected initiatives, and every withdrawn one. Five queries at most."""
    released = Edition.objects.initiatives().known(context.at).select_related("release")
    newest = released.exclude(state="withdrawn").filter(subject_key__in=selected.order_by().values("subject_key"))
    if before:
        newest = newest.filter(Q(publication__lt=before[0]) | Q(publication=before[0], pk__lt=before[2]))
    newest = list(newest.order_by("-publication", "-pk")[: MAX_ENTRIES + 1])
    preceding = _preceding(newest)
    withdrawn = released.filter(state="withdrawn").defer("content").with_followed_from()
    return [
        *(_released(edition, preceding.get(_previous(edition)), context) for edition in newest),
        *withdrawn_entries(
            withdrawn,
            lambda edition: _address(edition, context),
            lambda edition, marker, _withdrawn_at: (marker.publication, 0, edition.pk),
        ),
    ]


def _previous(edition: Edition) -> tuple[str, int]:
    return edition.subject_key, edition.number - 1


def _preceding(editions: list[Edition]) -> dict[tuple[str, int], Edition]:
    """The public edition before each: a difference would show what was withdrawn."""
    wanted = {_previous(edition) for edition in editions}
    keys, numbers = {key for key, _number in wanted}, {number for _key, number in wanted}
    rows = Edition.objects.initiatives().filter(subject_key__in=keys, number__in=numbers).exclude(state="withdrawn")
    return {(row.subject_key, row.number): row for row in rows if (row.subject_key, row.number) in wanted}


def _released(edition: Edition, before: Edition | None, context: ExportContext) -> FeedEntry:
    lines = [context.basis_text(edition)[f"basis_text_{context.language}"]]
    if edition.number == 1:
        lines.insert(0, edition.summary)
        title = _("%(title)s: first published")
    else:
        lines = [*_changes(before, edition, context), *lines] if before else lines
        title = _("%(title)s: version %(number)s")
    values = {"title": edition.title, "number": edition.number}
    at = edition.release.released_at
    order = (edition.publication, 0, edition.pk)
    return FeedEntry(edition.text, _address(edition, context), at, at, title % values, lines, order)


def _changes(before: Edition, edition: Edition, context: ExportContext) -> Iterator[str]:
    """Which parts of the text changed, and what in them; the page shows the words."""
    for part in diff.compare_contents(before.data, edition.data, context.names, context.language):
        name = f"{part.label}: {part.name}" if part.name else _("the initiative")
        if part.state == "new":
            yield _("New: %(part)s") % {"part": name}
        elif part.state == "gone":
            yield _("Removed: %(part)s") % {"part": name}
        else:
            fields = ", ".join(dict.fromkeys(str(change.label) for change in part.changes))
            yield _("Changed: %(part)s (%(fields)s)") % {"part": name, "fields": fields}


def _address(edition: Edition, context: ExportContext) -> str:
    """The page of that very edition."""
    return context.site + reverse("edition", args=[edition.subject_key, edition.number])
