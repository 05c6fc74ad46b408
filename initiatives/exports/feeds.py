"""Atom feeds (RFC 4287): how one is built, and that of the editions of a selection.

An entry never changes its identifier. When its text is withdrawn the marker replaces it under the same identifier, so
that feed readers drop the text too.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True)
class FeedEntry:
    """Something that was made public, or the marker of what was withdrawn. `order` sorts entries, the newest last."""

    text: str
    address: str
    published: datetime.datetime
    updated: datetime.datetime
    title: str
    lines: list[str]
    order: tuple


@dataclass(frozen=True)
class FeedAddresses:
    """`authority` and `path`, the feed's own without host, make the identifiers of the feed and its entries."""

    feed: str
    page: str
    language: str
    authority: str
    path: str = ""


def build_feed(
    title: str,
    subtitle: str,
    entries: list[FeedEntry],
    addresses: FeedAddresses,
    zone: datetime.tzinfo = datetime.UTC,
) -> Atom1Feed:
    """The newest entries; the subtitle says how many at most, as `number`."""
    atom = Atom1Feed(
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
    for entry in sorted(entries, key=lambda entry: entry.order, reverse=True)[:MAX_ENTRIES]:
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
    """The markers of withdrawn texts; `order(marker, withdrawn_at)`. Two queries where there are any."""
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
            order=order(marker, withdrawn_at[marker.text]),
        )
        for marker in name_lookup.withdrawal_markers(list(by_text.values()))
    ]


def edition_feed(editions, context: ExportContext, addresses: FeedAddresses) -> Atom1Feed:
    """The feed of a selection of initiatives."""
    return build_feed(
        _("Publications of the U.S.-Mexico High-Level Economic Dialogue"),
        _("Published versions, newest first, up to %(number)s."),
        edition_entries(editions, context),
        addresses,
    )


def edition_entries(selected, context: ExportContext) -> list[FeedEntry]:
    """The newest editions of the selected initiatives, and every withdrawn one. Five queries at most."""
    released = Edition.objects.initiatives().known(context.at).select_related("release")
    newest = released.exclude(state="withdrawn").filter(subject_key__in=selected.order_by().values("subject_key"))
    newest = list(newest.order_by("-publication", "subject_key")[:MAX_ENTRIES])
    before = _before(newest)
    withdrawn = released.filter(state="withdrawn").defer("content").with_followed_from()
    return [
        *(_released(edition, before.get(_previous(edition)), context) for edition in newest),
        *withdrawn_entries(
            withdrawn,
            lambda edition: _address(edition, context),
            lambda marker, _withdrawn_at: (marker.publication, marker.text),
        ),
    ]


def _previous(edition: Edition) -> tuple[str, int]:
    return edition.subject_key, edition.number - 1


def _before(editions: list[Edition]) -> dict[tuple[str, int], Edition]:
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
    order = (edition.publication, edition.text)
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
