"""What was made public of a selection, edition by edition, as an Atom feed (RFC 4287).

An entry keeps its identifier for ever. When its edition is withdrawn the marker takes the place of the text under the
same identifier, so that feed readers, too, let the text go.
"""

import datetime
from collections.abc import Iterator
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

#: How many entries a feed tells: the newest.
NEWEST = 100


@dataclass(frozen=True)
class EditionFeedEntry:
    """One edition that was made public, or what stays of it; `publication` is the number in the log that says so."""

    edition: Edition
    publication: int
    updated: datetime.datetime
    title: str
    told: list[str]


def edition_entries(chosen, frame: ExportContext) -> list[EditionFeedEntry]:
    """The newest editions of the chosen initiatives, and every withdrawn one. Five queries at most."""
    released = Edition.objects.initiatives().known(frame.at).select_related("release")
    newest = released.exclude(state="withdrawn").filter(subject_key__in=chosen.order_by().values("subject_key"))
    newest = list(newest.order_by("-publication", "subject_key")[:NEWEST])
    before = _before(newest)
    found = [_released(edition, before.get(_previous(edition)), frame) for edition in newest]
    found += _withdrawn(released.filter(state="withdrawn").defer("content").with_followed_from())
    return sorted(found, key=lambda entry: (entry.publication, entry.edition.text), reverse=True)[:NEWEST]


def _previous(edition: Edition) -> tuple[str, int]:
    return edition.subject_key, edition.number - 1


def _before(editions: list[Edition]) -> dict[tuple[str, int], Edition]:
    """The public edition before each: what was withdrawn is not told by its difference either."""
    wanted = {_previous(edition) for edition in editions}
    keys, numbers = {key for key, _number in wanted}, {number for _key, number in wanted}
    found = Edition.objects.initiatives().filter(subject_key__in=keys, number__in=numbers).exclude(state="withdrawn")
    return {(row.subject_key, row.number): row for row in found if (row.subject_key, row.number) in wanted}


def _released(edition: Edition, before: Edition | None, frame: ExportContext) -> EditionFeedEntry:
    told = [frame.basis_text(edition)[f"basis_text_{frame.language}"]]
    if edition.number == 1:
        told.insert(0, edition.summary)
        title = _("%(title)s: first published")
    else:
        told = [*_changes(before, edition, frame), *told] if before else told
        title = _("%(title)s: edition %(number)s")
    values = {"title": edition.title, "number": edition.number}
    return EditionFeedEntry(edition, edition.publication, edition.release.released_at, title % values, told)


def _changes(before: Edition, edition: Edition, frame: ExportContext) -> Iterator[str]:
    """Which parts of the text changed, and what in them; the page shows the words."""
    for part in diff.compare_contents(before.data, edition.data, frame.names, frame.language):
        name = f"{part.label}: {part.name}" if part.name else _("the initiative")
        if part.state == "new":
            yield _("New: %(part)s") % {"part": name}
        elif part.state == "gone":
            yield _("No longer there: %(part)s") % {"part": name}
        else:
            fields = ", ".join(dict.fromkeys(str(change.label) for change in part.changes))
            yield _("Changed: %(part)s (%(fields)s)") % {"part": name, "fields": fields}


def _withdrawn(editions) -> list[EditionFeedEntry]:
    editions = {edition.text: edition for edition in editions}
    if not editions:
        return []
    logged = Publication.objects.filter(action="withdrawn", text__in=editions)
    at = {row.text: datetime.datetime.fromisoformat(row.data["at"]) for row in logged}
    return [
        EditionFeedEntry(
            edition=editions[marker.text],
            publication=marker.publication,
            updated=at[marker.text],
            title=_("%(text)s was withdrawn by the delegation of %(delegation)s")
            % {"text": marker.text, "delegation": marker.whose},
            told=[str(part) for part in (marker.reason, marker.words) if part],
        )
        for marker in name_lookup.withdrawal_markers(editions.values())
    ]


@dataclass(frozen=True)
class Head:
    """What a feed says of itself: its address, that of the list, its tag of language, the host in identifiers."""

    address: str
    page: str
    language: str
    authority: str


def feed(chosen, frame: ExportContext, head: Head) -> Atom1Feed:
    """The feed of a selection."""
    made = Atom1Feed(
        title=_("Publications of the U.S.-Mexico High-Level Economic Dialogue"),
        link=head.page,
        description=None,
        subtitle=_("Each edition that was made public, the newest first, at most %(number)s of them.")
        % {"number": NEWEST},
        language=head.language,
        feed_url=head.address,
        feed_guid=head.address,
        author_name=_("U.S.-Mexico High-Level Economic Dialogue"),
        feed_copyright=license.ADDRESS,
    )
    for entry in edition_entries(chosen, frame):
        edition = entry.edition
        made.add_item(
            title=printable(entry.title),
            link=_address(edition, frame),
            description=printable("".join(f"<p>{escape(line)}</p>" for line in entry.told)),
            unique_id=f"tag:{head.authority},2024:{edition.text}",
            pubdate=edition.release.released_at,
            updateddate=entry.updated,
        )
    return made


def _address(edition: Edition, frame: ExportContext) -> str:
    """The page of that very edition."""
    return frame.site + reverse("edition", args=[edition.subject_key, edition.number])
