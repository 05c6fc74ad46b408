"""Downloadable tables: named columns, their descriptions, and rows made of editions in chunks."""

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

#: Rows read at once.
FETCH_ROWS = 200
#: Kinds of texts that readers select. A withdrawn text cannot be selected, so files mark all of these kinds.
SELECTED_KINDS = ("initiative",)
#: The first columns of each table of the record: any two tables are joined by them.
JOINS = [
    c.code("subject", _("type of text the row comes from"), SubjectKind),
    c.text("key", _("key of the initiative, meeting or entry; it never changes")),
    c.integer("edition", _("version number, counted separately for each key")),
]
#: The last columns: on what ground the text is public, and the moment of the record.
GROUNDS = [
    c.code("basis", _("basis on which the text was published"), Basis),
    *c.bilingual_columns("basis_text", _("the same, in words")),
    c.text("joint_text", _("key of the document it is based on")),
    c.text("joint_text_address", _("web address of that document")),
    c.day("public_from", _("date from which the version applies")),
    c.integer("edition_publication", _("number of the publication in which this portal recorded the version")),
    c.day("as_of", _("date this table refers to")),
    c.integer(
        "publication",
        _(
            "number of the latest publication included in this table; together with the date it always "
            "identifies the same data"
        ),
    ),
]
#: Columns of a marker of a withdrawn text; all its other columns are empty.
WITHDRAWN = [
    c.boolean("withdrawn", _("whether the row only marks a withdrawn version, without its text")),
    c.day("public_until", _("date until which the withdrawn version was public")),
    *c.bilingual_columns("withdrawn_by", _("delegation that withdrew it")),
    *c.bilingual_columns("withdrawn_reason", _("reason for the withdrawal")),
    *c.bilingual_columns("withdrawn_words", _("explanation of that reason")),
]


@dataclass(frozen=True, kw_only=True)
class ExportTable:
    """A table of one app; `has_markers`: whether its files mark what was withdrawn.

    `short_columns`: what a reader needs first, on a sheet of its own in workbooks; `{}` stands for the language.
    """

    name: str
    title: object
    about: object
    columns: list[c.Column]
    has_markers: bool = True
    short_columns: tuple[str, ...] = ()

    @property
    def all_columns(self) -> list[c.Column]:
        """The columns of a row, with those that all tables of the app share."""
        return self.columns

    @property
    def file_columns(self) -> list[c.Column]:
        """The columns of a file, which ends with the markers."""
        return [*self.all_columns, *WITHDRAWN] if self.has_markers else self.all_columns

    def rows(self, selected, context: ExportContext) -> Iterator[dict]:
        """The rows of a selection, in its order."""
        raise NotImplementedError

    def marker_rows(self, context: ExportContext) -> list[dict]:
        """What is shown of withdrawn texts: never their content."""
        raise NotImplementedError

    def file_rows(self, rows: Iterator[dict], context: ExportContext) -> Iterator[dict]:
        """The rows, then one for each marker."""
        if not self.has_markers:
            yield from rows
            return
        unmarked = dict.fromkeys([column.name for column in WITHDRAWN]) | {"withdrawn": False}
        for row in rows:
            yield row | unmarked
        empty = dict.fromkeys([column.name for column in self.file_columns]) | moment(context)
        for marker in self.marker_rows(context):
            yield empty | marker


@dataclass(frozen=True, kw_only=True)
class EditionTable(ExportTable):
    """`subjects`: kinds of texts whose editions make its rows. `identity`: its primary key."""

    subjects: tuple[str, ...]
    identity: tuple[str, ...]
    make: Callable[[Edition, ExportContext], Iterator[dict]]

    @property
    def all_columns(self) -> list[c.Column]:
        return [*JOINS, *self.columns, *GROUNDS]

    def rows(self, selected, context: ExportContext) -> Iterator[dict]:
        """One query for the order and one for each chunk."""
        for edition in chunked(selected.filter(subject_kind__in=self.subjects), context):
            shared = grounds(edition, context)
            for row in self.make(edition, context):
                yield joins(edition) | row | shared

    def marker_rows(self, context: ExportContext) -> list[dict]:
        return withdrawn_rows(context, SELECTED_KINDS)


def chunked(editions, context: ExportContext) -> Iterator[Edition]:
    """Editions with their contents, some at a time, in the order of the queryset.

    No cursor stays open while a slow reader takes the rows; what is withdrawn meanwhile is left out.
    """
    order = list(editions.values_list("pk", flat=True))
    for start in range(0, len(order), FETCH_ROWS):
        public = Edition.objects.public(context.at).select_related("release").in_bulk(order[start : start + FETCH_ROWS])
        yield from (public[pk] for pk in order[start : start + FETCH_ROWS] if pk in public)


def moment(context: ExportContext) -> dict:
    return {"as_of": context.at.day, "publication": context.at.publication}


def joins(edition: Edition) -> dict:
    return {"subject": edition.subject_kind, "key": edition.subject_key, "edition": edition.number}


def grounds(edition: Edition, context: ExportContext) -> dict:
    """The columns of GROUNDS."""
    source = context.contents.get(("source", edition.source_key), {})
    return {
        "basis": edition.basis,
        **context.basis_text(edition),
        "joint_text": edition.source_key,
        "joint_text_address": source.get("address", ""),
        "public_from": edition.public_from,
        "edition_publication": edition.publication,
        **moment(context),
    }


#: The markers as a table of their own, in the whole record.
MARKERS = EditionTable(
    name="withdrawn",
    title=_("Withdrawn"),
    about=_("One row for each withdrawn version that would be shown on that date. Its text is not included."),
    subjects=(),
    identity=("subject", "key"),
    columns=[*JOINS, c.day("public_from", _("date from which the version applied")), *WITHDRAWN],
    make=lambda _edition, _context: iter(()),
)


def withdrawn_rows(context: ExportContext, kinds: tuple[str, ...]) -> list[dict]:
    """What stays of the texts withdrawn at that moment: the columns of JOINS and WITHDRAWN. Three queries at most."""
    return marker_rows(list(Edition.objects.withdrawn(context.at).filter(subject_kind__in=kinds)))


def marker_rows(withdrawn: list) -> list[dict]:
    """The markers of these withdrawn texts as rows, in both languages. One query where there are any."""
    rows: dict[str, dict] = {}
    for language in LANGUAGES:
        with override(language):
            for marker in name_lookup.withdrawal_markers(withdrawn):
                rows.setdefault(marker.text, _marker(marker)).update(_words(marker, language))
    return list(rows.values())


def _marker(marker: name_lookup.Marker) -> dict:
    days = {"public_from": marker.since, "public_until": marker.until}
    return {"subject": marker.kind, "key": marker.key, "edition": marker.number, "withdrawn": True} | days


def _words(marker: name_lookup.Marker, language: str) -> dict:
    words = {"by": marker.delegation, "reason": marker.reason, "words": marker.words}
    return {f"withdrawn_{name}_{language}": str(text) for name, text in words.items()}
