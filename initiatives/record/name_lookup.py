"""The record at a moment: its newest source, its names, its sources and what was withdrawn."""

import datetime
from dataclasses import dataclass, replace
from functools import cached_property, reduce

from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language, in_language
from hled_portal.i18n.delegations import Delegation
from hled_portal.models import Publication
from hled_portal.publishing import kept_results, prepared_queries
from hled_portal.publishing.signed_text import WithdrawalReason
from initiatives.content import basis, snapshot_content
from initiatives.models import Edition
from initiatives.vocabulary.choices import SubjectKind
from initiatives.wording import locators, sentences
from initiatives.wording.names import with_outer_place

#: Kinds of the register that are read whole: a name may need what lies above it or took over, at any remove.
WHOLE = ("organization", "place")
#: So many moments keep the texts that are no initiatives.
MAX_MOMENTS = 4


@dataclass(frozen=True)
class RecordDays:
    """The day of the last text of all, and of the last one on initiatives or meetings; None without one."""

    last: datetime.date
    on_initiatives: datetime.date | None


@kept_results.keep()
def record_days(at: Moment) -> RecordDays | None:
    """How far the record goes for readers of that moment; None where it holds no text with a day.

    One query, two without a public source.
    """
    rows = prepared_queries.fetch(_last_days, at=at)
    source, *reported = rows[0] if rows else (None, *prepared_queries.fetch(_last_days_reported, at=at))
    on_initiatives = max(filter(None, reported), default=None)
    last = max(filter(None, (source, on_initiatives)), default=None)
    return RecordDays(last, on_initiatives) if last else None


def _last_days(at: Moment):
    """An index has each of these days. An initiative or a meeting may report without a source."""
    reported = [Subquery(_days(at, kind)[:1]) for kind in ("initiative", "meeting")]
    return _days(at, "source").values_list("last_reported", *reported)[:1]


def _last_days_reported(at: Moment):
    days = _days(at, "initiative", "meeting")
    return days.values_list("last_reported", flat=True)[:1]


def _days(at: Moment, *kinds: str):
    reported = Edition.objects.public(at).filter(subject_kind__in=kinds, last_reported__isnull=False)
    return reported.order_by("-last_reported").values("last_reported")


# Names


class Register:
    """Public names of organizations, places, topics and sources, in the reader's language."""

    def __init__(self, contents: dict[tuple[str, str], dict], day: datetime.date, read_on: datetime.date | None = None):
        self.contents = contents
        self.language = active_language()
        self.names = sentences.Names(contents, on=day, read_on=read_on)

    @cached_property
    def source_days(self) -> dict[str, datetime.date | None]:
        return snapshot_content.source_days(self.contents)

    def title(self, kind: str, key: str) -> str:
        """The name of a place, topic or source; its key where no edition of it is public."""
        content = self.contents.get((kind, key))
        return in_language(content, "name", self.language) if content else key

    def page_key(self, kind: str, key: str | None) -> str:
        """The key again where the entry is public and so has a page; else nothing."""
        return key if key and (kind, key) in self.contents else ""

    def organization(self, key: str) -> str:
        """The full name of an organization, with its acronym."""
        content = self.contents.get(("organization", key))
        if content is None:
            return key
        present = next((name for name in content["names"] if not name["until_edtf"]), content["names"][-1])
        name, acronym = (in_language(present, part, self.language) for part in ("name", "acronym"))
        return f"{name} ({acronym})" if acronym and acronym != name else name

    def afterlife(self, key: str) -> str:
        """What became of a body that ended; empty while it lives."""
        content = self.contents.get(("organization", key))
        if content is None or not content["ended_edtf"]:
            return ""
        ended = edtf_dates.to_text(content["ended_edtf"], self.language)
        if not content["successors"]:
            return _("closed %(date)s; no successor named") % {"date": ended}
        successors = ", ".join(map(self.organization, content["successors"]))
        return _("closed %(date)s; succeeded by %(names)s") % {"date": ended, "names": successors}

    def place(self, key: str) -> str:
        """A place and those it lies in: “Guadalajara, Jalisco, Mexico”; a side of a crossing is named with its city."""
        parts = []
        while key and key not in parts:
            parts.append(key)
            content = self.contents.get(("place", key), {})
            key = content.get("city") or content.get("parent") or ""
        return self.path(parts)

    def path(self, keys: list[str]) -> str:
        """Places from the inner to the outer one."""
        return reduce(with_outer_place, (self.title("place", key) for key in keys)) if keys else ""


def register_names(data: dict, at: Moment, *also: tuple[str, str]) -> Register:
    """The names that a content needs, those of `also` too. One query."""
    return lookup_names(snapshot_content.needed(data) | set(also), at)


def lookup_names(subjects: set[tuple[str, str]], at: Moment) -> Register:
    """The names of these subjects. One query, two with initiatives."""
    editions = public_of_kinds(at, *{kind for kind, _key in subjects}.union(WHOLE))
    named = {(edition.subject_kind, edition.subject_key): edition for edition in editions}
    names = {subject: edition.data for subject, edition in named.items() if subject[0] in WHOLE or subject in subjects}
    if initiatives := sorted(key for kind, key in subjects if kind == "initiative"):
        rows = prepared_queries.fetch(_initiatives, at=at, keys=initiatives)
        names |= {("initiative", row.subject_key): row.data for row in rows}
    return Register(names, at.day)


def _initiatives(at: Moment, keys):
    return Edition.objects.public(at).initiatives().filter(subject_key__in=keys).order_by()


# Sources


@dataclass(frozen=True)
class SourceLine:
    """A source, and where in it; or the document that an edition is based on.

    `basis` names that document by its kind and date, `note` in a sentence. `is_own` is false where it only names what
    the edition is about; `in_part` where only a part of it was available.
    """

    name: str
    date: str
    address: str
    locator: str = ""
    basis: str = ""
    note: str = ""
    is_own: bool = True
    in_part: bool = False


def source_line(key: str, names: Register, locator: str = "") -> SourceLine:
    """The words of a source; its key where no edition of it is public."""
    content, locator = names.contents.get(("source", key)), locators.locator_words(locator, names.language)
    if content is None:
        return SourceLine(key, "", "", locator)
    wording = in_language(content, "date_wording", names.language)
    date = edtf_dates.to_text(content["date_edtf"], names.language, wording)
    name = in_language(content, "name", names.language)
    return SourceLine(name, date, content["address"], locator, in_part=content.get("in_part", False))


def basis_line(edition: Edition, names: Register) -> SourceLine | None:
    """The document that an edition is based on; none where both delegations approved it."""
    if not edition.source_key:
        return None
    document = names.contents.get(("source", edition.source_key))
    return replace(
        source_line(edition.source_key, names),
        basis=basis.document_text(edition, document),
        note=basis.basis_text(edition, document),
        is_own=basis.is_from_text(edition, document),
    )


def document_contents(at: Moment) -> dict[str, dict]:
    """The documents that texts are based on, by key, for `basis.basis_text`. One query."""
    return {row.subject_key: row.data for row in public_of_kinds(at, "source")}


def public_of_kinds(at: Moment, *kinds: str) -> list[Edition]:
    """Every public text of these kinds, which are not initiatives. One query for all kinds together."""
    by_kind = _all_but_initiatives(at)
    return [edition for kind in kinds for edition in by_kind.get(kind, ())]


@kept_results.keep(MAX_MOMENTS, in_language=False)
def _all_but_initiatives(at: Moment) -> dict[str, list[Edition]]:
    by_kind: dict[str, list[Edition]] = {}
    for edition in prepared_queries.fetch(_not_initiatives, at=at):
        by_kind.setdefault(edition.subject_kind, []).append(edition)
    return by_kind


def public_edition(kind: str, key: str, at: Moment) -> Edition | None:
    """The public text of one subject. One query."""
    return next(iter(prepared_queries.fetch(_public_edition, kind, at=at, key=key)), None)


def _public_edition(kind: str, at: Moment, key):
    return Edition.objects.public(at).filter(subject_kind=kind, subject_key=key).order_by()


def _not_initiatives(at: Moment):
    kinds = [kind for kind in SubjectKind.values if kind != SubjectKind.INITIATIVE]
    return Edition.objects.public(at).filter(subject_kind__in=kinds).order_by("pk")


def basis_text(edition: Edition, at: Moment) -> str:
    """A sentence on the basis of one edition. One query where it is based on a document."""
    document = public_edition("source", edition.source_key, at)
    return basis.basis_text(edition, document.data if document else None)


def source_lines(citations: list[dict], names: Register) -> list[SourceLine]:
    return [source_line(citation["source"], names, citation["locator"]) for citation in citations]


# What was withdrawn


@dataclass(frozen=True)
class Marker:
    """What stays of a withdrawn text: which edition, the days it was public, who withdrew it and why."""

    kind: str
    key: str
    number: int
    since: datetime.date
    until: datetime.date
    delegation: str
    reason: str
    words: str
    publication: int
    pillar_key: str = ""

    @property
    def whose(self) -> str:
        """The delegation in the form that follows “the delegation of”."""
        return _("the United States") if self.delegation == Delegation.US.label else self.delegation

    @property
    def text(self) -> str:
        """The edition as the log names it, such as `initiative/otay-mesa-ii/3`."""
        return f"{self.kind}/{self.key}/{self.number}"


@kept_results.keep()
def withdrawn_markers(at: Moment, *kinds: str, **columns) -> list[Marker]:
    """The markers of withdrawn texts of these kinds, with these values of columns. Two queries at most."""
    return withdrawal_markers(prepared_queries.fetch(_withdrawn, kinds, at=at, **columns))


def _withdrawn(kinds: tuple[str, ...], at: Moment, **columns):
    return Edition.objects.withdrawn(at).filter(subject_kind__in=kinds, **columns)


def withdrawal_markers(editions) -> list[Marker]:
    """The markers of withdrawn editions (of `Edition.objects.withdrawn(at)`). One query more where there are any."""
    editions = list(editions)
    if not editions:
        return []
    logged = Publication.objects.filter(action="withdrawn", text__in=[edition.text for edition in editions])
    withdrawals = {row.text: row for row in logged}
    markers = [_marker(edition, withdrawals[edition.text]) for edition in editions]
    return sorted(markers, key=lambda marker: (marker.kind, marker.key))


def _marker(edition: Edition, row: Publication) -> Marker:
    withdrawal = row.data["withdrawal"]
    at = datetime.datetime.fromisoformat(row.data["at"])
    day = timezone.localdate(at)
    return Marker(
        kind=edition.subject_kind,
        key=edition.subject_key,
        number=edition.number,
        since=edition.public_from,
        until=min(edition.followed_from or day, day),
        delegation=Delegation(withdrawal["delegation"]).label,
        reason=WithdrawalReason(withdrawal["reason"]).label,
        words=in_language(withdrawal, "words"),
        publication=row.number,
        pillar_key=edition.pillar_key,
    )
