"""A table that readers take away: named columns, what each holds, and rows worked out of editions in chunks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.publishing.signed_text import Basis
from initiatives.models import Edition
from initiatives.record import name_lookup
from initiatives.vocabulary.choices import SubjectKind

from . import columns as c
from .context import ExportContext

#: Editions read at once.
FETCH_ROWS = 200


#: What begins each row of each table: by these three any two of them are joined.
JOINS = [
    c.code("subject", _("kind of text that the row comes from"), SubjectKind),
    c.text("key", _("key of the initiative, meeting or entry; it never changes")),
    c.integer("edition", _("number of the edition, counted for each key")),
]
#: What ends each row: on what ground the text is public, and the moment of the record that this is.
GROUNDS = [
    c.code("basis", _("on what ground the text is public"), Basis),
    *c.bilingual_columns("basis_text", _("the same in words")),
    c.text("joint_text", _("key of the joint text that it was entered from")),
    c.text("joint_text_address", _("address of that joint text")),
    c.day("public_from", _("day from which the edition counts")),
    c.integer("edition_publication", _("number of the publication in which this portal recorded the edition")),
    c.day("as_of", _("day that this table is about")),
    c.integer(
        "publication",
        _("number of the newest publication that this table knows; with the day it names the same record for ever"),
    ),
]
#: What a row tells of a text that was withdrawn; all its other columns are empty.
WITHDRAWN = [
    c.boolean("withdrawn", _("whether the row only marks a withdrawn edition, whose text is no longer given")),
    c.day("public_until", _("day until which the withdrawn edition was public")),
    *c.bilingual_columns("withdrawn_by", _("delegation that withdrew it")),
    *c.bilingual_columns("withdrawn_reason", _("reason of the withdrawal")),
    *c.bilingual_columns("withdrawn_words", _("words given with that reason")),
]


@dataclass(frozen=True)
class ExportTable:
    """`subjects`: kinds of texts whose editions make its rows. `identity`: columns that tell its rows apart."""

    name: str
    title: object
    about: object
    subjects: tuple[str, ...]
    identity: tuple[str, ...]
    columns: list[c.Column]
    make: Callable[[Edition, ExportContext], Iterator[dict]]

    @property
    def whole(self) -> list[c.Column]:
        """Every column, those that all tables share too."""
        return [*JOINS, *self.columns, *GROUNDS]

    def rows(self, editions, frame: ExportContext) -> Iterator[dict]:
        """The rows of the editions, in their order. One query for the order and one for each chunk."""
        for edition in chunked(editions.filter(subject_kind__in=self.subjects), frame):
            shared = grounds(edition, frame)
            for row in self.make(edition, frame):
                yield joins(edition) | row | shared


def chunked(editions, frame: ExportContext) -> Iterator[Edition]:
    """Editions with their contents, some at a time, in the order of the queryset.

    No cursor stays open while a slow reader takes the rows; what is withdrawn meanwhile is left out.
    """
    order = list(editions.values_list("pk", flat=True))
    for start in range(0, len(order), FETCH_ROWS):
        public = Edition.objects.public(frame.at).select_related("release").in_bulk(order[start : start + FETCH_ROWS])
        yield from (public[pk] for pk in order[start : start + FETCH_ROWS] if pk in public)


def joins(edition: Edition) -> dict:
    return {"subject": edition.subject_kind, "key": edition.subject_key, "edition": edition.number}


def grounds(edition: Edition, frame: ExportContext) -> dict:
    """The columns of GROUNDS."""
    source = frame.contents.get(("source", edition.source_key), {})
    return {
        "basis": edition.basis,
        **frame.basis_text(edition),
        "joint_text": edition.source_key,
        "joint_text_address": source.get("address", ""),
        "public_from": edition.public_from,
        "edition_publication": edition.publication,
        "as_of": frame.at.day,
        "publication": frame.at.publication,
    }


#: The markers as a table of their own, in the whole record.
MARKERS = ExportTable(
    name="withdrawn",
    title=_("Withdrawn"),
    about=_("One row for each edition that would be the one of the day and was withdrawn: never its text."),
    subjects=(),
    identity=("subject", "key"),
    columns=[*JOINS, c.day("public_from", _("day from which the edition counted")), *WITHDRAWN],
    make=lambda _edition, _frame: iter(()),
)


def withdrawn_rows(frame: ExportContext, kinds: tuple[str, ...]) -> list[dict]:
    """What stays of the texts withdrawn at that moment: the columns of JOINS and WITHDRAWN. Three queries at most."""
    return marker_rows(list(Edition.objects.withdrawn(frame.at).filter(subject_kind__in=kinds)))


def marker_rows(withdrawn: list) -> list[dict]:
    """The markers of these withdrawn texts as rows, in both languages. One query where there are any."""
    found: dict[str, dict] = {}
    for language in LANGUAGES:
        with override(language):
            for marker in name_lookup.withdrawal_markers(withdrawn):
                found.setdefault(marker.text, _marker(marker)).update(_words(marker, language))
    return list(found.values())


def _marker(marker: name_lookup.Marker) -> dict:
    days = {"public_from": marker.since, "public_until": marker.until}
    return {"subject": marker.kind, "key": marker.key, "edition": marker.number, "withdrawn": True} | days


def _words(marker: name_lookup.Marker, language: str) -> dict:
    words = {"by": marker.delegation, "reason": marker.reason, "words": marker.words}
    return {f"withdrawn_{name}_{language}": str(text) for name, text in words.items()}


def marked(table: ExportTable) -> list[c.Column]:
    """The columns of a file of the table that holds the markers as rows."""
    return [*table.whole, *WITHDRAWN]


def with_markers(
    rows: Iterator[dict], table: ExportTable, frame: ExportContext, kinds: tuple[str, ...]
) -> Iterator[dict]:
    """The rows, then one for each withdrawn text of these kinds: its marker, and nothing of it."""
    names = [column.name for column in WITHDRAWN]
    unmarked = dict.fromkeys(names) | {"withdrawn": False}
    for row in rows:
        yield row | unmarked
    empty = dict.fromkeys([column.name for column in marked(table)])
    moment = {"as_of": frame.at.day, "publication": frame.at.publication}
    for marker in withdrawn_rows(frame, kinds):
        yield empty | moment | marker
