"""What changed for readers between two publications, whom it concerns, and its wording."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Max, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hled_portal.background import mail
from hled_portal.dates import as_of
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language
from hled_portal.models import Publication, PublicationAction, Release
from initiatives.content import basis, diff
from initiatives.filters.initiative_filters import InitiativeFilter
from initiatives.models import Edition
from initiatives.record import name_lookup
from stakeholders.models import Follow
from stakeholders.vocabulary import FollowKind

MAX_LINES = 15
#: An old and a new value of so many characters together are shown; of longer ones the name of the field.
SHORT = 120

SubjectKey = tuple[str, str]


@dataclass(frozen=True)
class DigestItem:
    """What became of one public text, in one language. Without `address` it was withdrawn, and has no words."""

    title: str
    what: str
    lines: list[str] = field(default_factory=list)
    more: int = 0
    basis: str = ""
    address: str = ""


class ChangeDigest:
    """What changed for readers from one publication to another, and whom it concerns.

    Only what is public at this moment has words here: what was withdrawn since has its marker.
    """

    def __init__(self, since: int, up_to: int):
        # A release after midnight by one machine's clock may be read before midnight by another's.
        newest = Release.objects.filter(publication__lte=up_to).aggregate(day=Max("public_from"))["day"]
        day = max(as_of.today(), newest or as_of.today())
        self.before, self.after = Moment(day, since), Moment(day, up_to)
        self.since, self.up_to = since, up_to
        self._items: dict[tuple[str, SubjectKey], DigestItem] = {}

    @cached_property
    def logged(self) -> list[Publication]:
        rows = Publication.objects.filter(number__gt=self.since, number__lte=self.up_to)
        return list(rows.exclude(action=PublicationAction.SUPERSEDED))

    @cached_property
    def numbers(self) -> dict[SubjectKey, int]:
        """The texts that were released or withdrawn, each with the newest number that names it."""
        numbers = {}
        for row in self.logged:
            kind, key = row.text.split("/")[:2]  # An answer has a side, too.
            if kind in (FollowKind.INITIATIVE, FollowKind.PILLAR, FollowKind.MEETING):
                numbers[kind, key] = row.number
        return {key: number for key, number in numbers.items() if key in self.new or key in self.withdrawn}

    @cached_property
    def new(self) -> dict[SubjectKey, Edition]:
        """The newest edition of each text at the end, where that is not the one of the beginning."""
        then = self._editions(self.before)
        now = self._editions(self.after)
        return {key: row for key, row in now.items() if key not in then or then[key].pk != row.pk}

    @cached_property
    def old(self) -> dict[SubjectKey, Edition]:
        return self._editions(self.before)

    def _editions(self, at: Moment) -> dict[SubjectKey, Edition]:
        keys = {row.text.split("/")[1] for row in self.logged}
        rows = Edition.objects.public(at).filter(subject_key__in=keys)
        return {(row.subject_kind, row.subject_key): row for row in rows}

    @cached_property
    def withdrawn(self) -> dict[SubjectKey, list[Edition]]:
        """The editions that were withdrawn meanwhile; none of their words is left but who, when and why."""
        texts = {row.text for row in self.logged if row.action == PublicationAction.WITHDRAWN}
        keys = {text.split("/")[1] for text in texts}
        rows = Edition.objects.filter(state="withdrawn", subject_key__in=keys).defer("content").with_followed_from()
        editions: dict[SubjectKey, list[Edition]] = {}
        for row in rows:
            if row.text in texts:
                editions.setdefault((row.subject_kind, row.subject_key), []).append(row)
        return editions

    # Whom it concerns

    def concerned(self, follows):
        """Of these follows, those that something of it concerns."""
        pillars = {key: self.pillars_of(key) for key in self.numbers}
        wanted = Q(kind=FollowKind.SELECTION, query__in=self.queries)
        for kind, key in self.numbers:
            wanted |= Q(kind=kind, key=key)
        wanted |= Q(kind=FollowKind.PILLAR, key__in=set().union(*pillars.values()))
        wanted |= Q(kind=FollowKind.MEETING, key__in=set(self.meetings.values()))
        return follows.filter(wanted, since__lt=self.up_to)

    def keys_for(self, follows: list[Follow]) -> set[SubjectKey]:
        """What a follower is notified of: all that her follows concern and that came after she began."""
        return {key for row in follows for key in self._keys(row) if self.numbers[key] > row.since}

    def _keys(self, row: Follow) -> Iterator[SubjectKey]:
        for key in self.numbers:
            if (
                key == (row.kind, row.key)
                or (row.kind == FollowKind.PILLAR and row.key in self.pillars_of(key))
                or (row.kind == FollowKind.MEETING and row.key == self.meetings.get(key))
                or (row.kind == FollowKind.SELECTION and key in self.selected.get(row.query, ()))
            ):
                yield key

    def pillars_of(self, key: SubjectKey) -> set[str]:
        """The pillars that an initiative is in, and was in before."""
        if key[0] != FollowKind.INITIATIVE:
            return set()
        rows = [row.pillar_key for row in (self.new.get(key), self.old.get(key)) if row]
        return set(rows) | {row.pillar_key for row in self.withdrawn.get(key, ())} - {""}

    @cached_property
    def meetings(self) -> dict[SubjectKey, str]:
        """The meeting whose joint text an edition was entered from."""
        entered = {key: row.source_key for key, row in self.new.items() if row.source_key}
        sources = Edition.objects.public(self.after).of_kind("source").filter(subject_key__in=set(entered.values()))
        meetings = {row.subject_key: row.data["meeting"] for row in sources}
        return {key: meetings[source] for key, source in entered.items() if meetings.get(source)}

    @property
    def queries(self) -> list[str]:
        return [query for query, keys in self.selected.items() if keys]

    @cached_property
    def selected(self) -> dict[str, set[SubjectKey]]:
        """For each selection that is followed: what of this fits it, or did before, or was withdrawn out of all."""
        queries = Follow.objects.filter(kind=FollowKind.SELECTION, since__lt=self.up_to)
        return {query: self._selected(query) for query in queries.values_list("query", flat=True).distinct()}

    def _selected(self, query: str) -> set[SubjectKey]:
        keys = {key for kind, key in self.numbers if kind == FollowKind.INITIATIVE}
        selected = set()
        for at in (self.before, self.after):
            fitting = InitiativeFilter(QueryDict(query), at).qs.filter(subject_key__in=keys)
            selected |= {(FollowKind.INITIATIVE.value, key) for key in fitting.values_list("subject_key", flat=True)}
        return selected | self._withdrawn_from(QueryDict(query))

    def _withdrawn_from(self, query: QueryDict) -> set[SubjectKey]:
        """Withdrawn initiatives that may have fitted a selection: of what they said only the pillar is known still."""
        pillars = query.getlist("pillar")
        rows = [row for rows in self.withdrawn.values() for row in rows if row.subject_kind == FollowKind.INITIATIVE]
        return {(row.subject_kind, row.subject_key) for row in rows if not pillars or row.pillar_key in pillars}

    # Wording

    def items(self, keys: set[SubjectKey]) -> list[DigestItem]:
        """These changes in the active language, by title."""
        language = active_language()
        for key in keys:
            if (language, key) not in self._items:
                self._items[language, key] = self._item(key)
        return sorted((self._items[language, key] for key in keys), key=lambda item: (not item.address, item.title))

    def _item(self, key: SubjectKey) -> DigestItem:
        marks = [marker_line(marker) for marker in name_lookup.withdrawal_markers(self.withdrawn.get(key, ()))]
        edition = self.new.get(key)
        if edition is None:
            return DigestItem("/".join(key), _("Withdrawn"), marks)
        lines = [*marks, *self._changes(key, edition)]
        values = {"number": edition.number, "date": date_format(edition.public_from, "DATE_FORMAT")}
        return DigestItem(
            title=edition.title,
            what=_("Version %(number)s, current from %(date)s") % values,
            lines=lines[:MAX_LINES],
            more=max(0, len(lines) - MAX_LINES),
            basis=self.basis(edition),
            address=mail.site() + self._address(key, edition),
        )

    def basis(self, text) -> str:
        """What a text is based on that no government approved, in a sentence; empty for an approved one."""
        return basis.basis_text(text, self._documents.get(text.source_key)) if text.source_key else ""

    @cached_property
    def _documents(self) -> dict[str, dict]:
        return name_lookup.document_contents(self.after)

    def _changes(self, key: SubjectKey, edition: Edition) -> list[str]:
        old = self.old.get(key)
        if old is None:
            first = edition.number == 1
            return [_("First published.") if first else _("Published again after an earlier version was withdrawn.")]
        names = name_lookup.register_names(edition.data, self.after)
        parts = diff.compare_contents(old.data, edition.data, names.names, names.language)
        return [line for part in parts for line in _lines(part)]

    def _address(self, key: SubjectKey, edition: Edition) -> str:
        kind, name = key
        if kind == FollowKind.PILLAR:
            return reverse("pillar", args=[edition.cycle_key, edition.data["number"]])
        return reverse(kind, args=[name])


def _lines(part: diff.ChangedPart) -> Iterator[str]:
    """One line for what changed in one part; the page shows the words."""
    name = f"{part.label}: {part.name}" if part.name else part.label
    if part.state == "new":
        yield _("New: %(part)s") % {"part": name}
    elif part.state == "gone":
        yield _("Removed: %(part)s") % {"part": name}
    else:
        fields = "; ".join(dict.fromkeys(_field(change) for change in part.changes))
        line = _("Changed: %(part)s (%(fields)s)") if name else _("Changed: %(fields)s")
        yield line % {"part": name, "fields": fields}


def _field(change: diff.Change) -> str:
    """The name of a field, with what went and what came where that is short."""
    gone, came = ("; ".join(piece.text for piece in change.pieces if piece.mark == mark) for mark in ("del", "ins"))
    if change.form == "words" or not came or len(gone) + len(came) > SHORT:
        return str(change.label)
    return f"{change.label}: {gone} → {came}" if gone else f"{change.label}: {came}"


def marker_line(marker: name_lookup.Marker) -> str:
    since, until = (date_format(day, "DATE_FORMAT") for day in (marker.since, marker.until))
    values = {"number": marker.number, "since": since, "until": until}
    withdrawal = _("Version %(number)s, public from %(since)s to %(until)s, was withdrawn") % values
    values = {"withdrawal": withdrawal, "delegation": marker.whose, "reason": marker.reason}
    line = _("%(withdrawal)s by the delegation of %(delegation)s: %(reason)s.") % values
    return f"{line} {marker.words}".strip()
