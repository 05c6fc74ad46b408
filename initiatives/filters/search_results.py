"""Search results: public rows that hold the words, counted and in order of weight, and how a page shows them.

The index holds keys of organizations, places and topics (`content/search_documents.py`), and a query is translated to
keys by the register of the day: initiatives match the names that a reader of that day sees on them, whatever a body was
called when they were frozen.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.db.models import Case, When
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from hled_portal.dates import as_of
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.publishing import prepared_queries
from hled_portal.search import fulltext, text_analysis
from hled_portal.search.fulltext import Where
from hled_portal.search.text_analysis import Excerpt, Query
from initiatives.content import search_documents
from initiatives.models import Edition, SearchRow
from initiatives.record.register_lookup import Registers
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.choices import MeetingKind, OrganizationKind, PlaceKind, Stage, SubjectKind
from initiatives.vocabulary.fact_status import label_as_of

#: Kinds of results, in the order of hits of equal weight.
RESULT_KINDS = {
    "initiative": _("Initiatives"),
    "organization": _("Organizations"),
    "place": _("Places"),
    "pillar": _("Pillars"),
    "meeting": _("Meetings"),
    "fact": _("Milestones and figures"),
}
#: Kinds whose page has the key of the subject in its address.
_SUBJECTS = tuple(kind for kind in RESULT_KINDS if kind != "fact")
_KINDS = list(RESULT_KINDS)
_ORDER = {kind: place for place, kind in enumerate(RESULT_KINDS)}
#: Names of one text that a page of results lists.
MAX_NAMES = 5
NOTHING = Excerpt()


def parse_query(text: str, register: Registers) -> Query:
    """Parse what a person typed, with the keys of the register entries that these words name on that day."""
    return text_analysis.parse_query(text).with_keys(lambda term: _matching_keys(term, register))


def _names(content: dict) -> Iterable[tuple[str, str]]:
    return ((language, name) for language in LANGUAGES for name in search_documents.register_texts(content, language))


def _matching_keys(term: text_analysis.Term, register: Registers) -> list[str]:
    """Entries of this name, those merged into them, and for a place all that lies in it."""
    direct: dict[str, set[str]] = {kind: set() for kind in search_documents.NAMED_KINDS}
    for language in LANGUAGES:
        for (kind, key), name in register.names_with_stem(term.stems(language)[0], language):
            if term.is_in(name, language):
                direct[kind].add(key)
    pairs = {(kind, key) for kind in ("organization", "topic") for key in register.merged(kind, direct[kind])}
    pairs |= {("place", key) for key in register.places.inside(direct["place"])}
    return [text_analysis.key_stem(*pair) for pair in sorted(pairs)]


class Hit(NamedTuple):
    """A subject, fact, recommendation or response that holds the words, by the best of its rows."""

    #: Hits of all sources are sorted together, by `fulltext.rank` and the kind first.
    rank: tuple
    kind: str
    #: The primary key of what the row indexes: an edition, a recommendation or a response.
    edition: int
    anchor: str
    where: int
    language: str


@dataclass(frozen=True)
class SearchResult:
    """A hit as a page shows it. `names` are those that matched and that nothing else of it shows."""

    kind: str
    detail: str
    path: str
    anchor: str
    title: Excerpt
    excerpt: Excerpt
    names: list[Excerpt]
    edition: Edition | None
    #: On what ground it is public, where no edition says it.
    ground: str = ""


class ResultSource:
    """One kind of search rows: which are public, and how their hits are shown."""

    kinds: dict[str, object]

    def rows(self, expressions: list[str], at: Moment, now: datetime.datetime):
        """The rows that hold a query (`fulltext.expressions`) and are public at that moment and its instant."""
        raise NotImplementedError

    def search(
        self, query: Query, at: Moment, language: str, kind: str, limit: int
    ) -> tuple[dict[str, int], list[Hit]]:
        """How many hits of each kind there are, and the first of them for a reader of this language.

        With a `kind`, hits of that kind alone.
        """
        raise NotImplementedError

    def results(self, hits: list[Hit], query: Query, at: Moment, register: Registers) -> dict[Hit, SearchResult]:
        """The hits that are still public, in words for a reader of that moment."""
        raise NotImplementedError

    def unknown_terms(self, query: Query, at: Moment) -> list[str]:
        """The terms that no public text holds, as they were typed. One query for each term."""
        terms = ((term, Query(query.text, (term,))) for term in query.terms)
        return [" ".join(term.words) for term, alone in terms if not self.rows(**arguments(alone, at)).exists()]


def arguments(query: Query, at: Moment) -> dict:
    """Those of `ResultSource.rows`."""
    return {"expressions": fulltext.expressions(query), "at": at, "now": as_of.instant(at)}


class RecordResults(ResultSource):
    """Editions and the facts in them."""

    kinds = RESULT_KINDS

    def rows(self, expressions: list[str], at: Moment, now: datetime.datetime):
        public = Edition.objects.public(at).filter(subject_kind__in=_SUBJECTS)
        return SearchRow.objects.filter(fulltext.matching_expressions(SearchRow, expressions), edition__in=public)

    def search(
        self, query: Query, at: Moment, language: str, kind: str, limit: int
    ) -> tuple[dict[str, int], list[Hit]]:
        """One query. A subject of which a fact holds all the words is left out where only the whole of it does."""
        if not query:
            return {}, []
        mine = kind in ("", *RESULT_KINDS)
        values = {"expressions": fulltext.expressions(query), "at": at, "limit": limit if mine else 0}
        counts, hits = {}, []
        for row in prepared_queries.fetch_raw(_ranked, language, kind if mine else "", **values):
            number, count, rank, title, key, passage, edition, anchor = row
            if count is None:
                order = (rank, number, title, key, passage)
                hits.append(Hit(order, _KINDS[number], edition, anchor, *fulltext.of_rank(rank, language)))
            else:
                counts[_KINDS[number]] = count
        return counts, sorted(hits)

    def results(self, hits: list[Hit], query: Query, at: Moment, register: Registers) -> dict[Hit, SearchResult]:
        """One query."""
        rows = prepared_queries.fetch(_editions, at=at, pks=sorted({hit.edition for hit in hits}))
        editions = {row.pk: row for row in rows}
        builder = _ResultBuilder(query, register)
        return {hit: builder.result(hit, editions[hit.edition]) for hit in hits if hit.edition in editions}


#: Counts of all kinds, and the first hits of them or of one. What only stands in the whole of a subject is of no use
#: where one of its facts says all of it. SQLite begins a CROSS JOIN with the hits, not with all texts.
_RANKED = """WITH {hits}, texts (pk, kind, title, key) AS NOT MATERIALIZED ({{rows}}), ranked AS MATERIALIZED (
SELECT hits.*, CASE WHEN passage > 0 THEN {fact} ELSE kind END AS kind, title, key
FROM hits CROSS JOIN texts
WHERE pk = text AND (rank < {whole} OR passage > 0 OR text NOT IN (SELECT text FROM hits WHERE passage > 0)))
SELECT kind, COUNT(*), NULL, NULL, NULL, NULL, NULL, NULL FROM ranked GROUP BY kind
UNION ALL SELECT kind, NULL, rank, title, key, passage, text, anchor
FROM (SELECT * FROM ranked WHERE {kinds} ORDER BY rank, kind, title {collate}, key {collate}, passage LIMIT %s) AS first
JOIN {table} ON id = {row_key}"""


def _ranked(language: str, kind: str, expressions, at: Moment, limit):
    vendor = connection.vendor
    statement = _RANKED.format(
        hits=fulltext.ranking_sql(SearchRow, language, vendor),
        fact=_ORDER["fact"],
        whole=fulltext.rank(Where.WHOLE, other=False),
        kinds=f"kind = {_ORDER[kind]}" if kind else "1 = 1",
        collate='COLLATE "C"' if vendor == "postgresql" else "",
        table=SearchRow._meta.db_table,
        row_key=fulltext.row_key_sql("first", language),
    )
    kinds = Case(*(When(subject_kind=each, then=_ORDER[each]) for each in _SUBJECTS))
    public = Edition.objects.public(at).filter(subject_kind__in=_SUBJECTS).order_by()
    rows = public.values_list("pk", kinds, f"folded_title_{language}", "subject_key")
    return prepared_queries.Framed(statement, list(expressions), rows, [limit])


def _editions(at: Moment, pks):
    return Edition.objects.public(at).filter(pk__in=pks)


class _ResultBuilder:
    """Shows hits in the reader's language, with the names of the day."""

    def __init__(self, query: Query, register: Registers):
        self.query, self.register, self.language = query, register, register.language

    def result(self, hit: Hit, edition: Edition) -> SearchResult:
        passage = self._passage(hit, edition.data)
        title = text_analysis.marked(self._title(edition), self.query, self.language)
        excerpt = self._excerpt(passage, hit, title)
        return SearchResult(
            kind=_("Item") if hit.anchor else capfirst(SubjectKind(hit.kind).label),
            detail=capfirst(self._detail(edition, hit.anchor)),
            path=_path(edition),
            anchor=hit.anchor,
            title=title,
            excerpt=excerpt,
            names=self._names(passage, title.terms | excerpt.terms),
            edition=edition,
        )

    def _title(self, edition: Edition) -> str:
        if edition.subject_kind == "organization":
            return capfirst(self.register.organization(edition.subject_key))
        return edition.title

    def _detail(self, edition: Edition, anchor: str) -> str:
        """What kind of fact, body, place or meeting; how far an initiative is; where a place lies."""
        data = edition.data
        if anchor:
            return FactKind(next(fact["kind"] for fact in data["facts"] if fact["key"] == anchor)).label
        if edition.subject_kind == "initiative":
            return label_as_of(Stage(data["stage"]).label, edition.last_reported)
        lists = {"organization": OrganizationKind, "place": PlaceKind, "meeting": MeetingKind}
        kinds = lists.get(edition.subject_kind)
        label = kinds(data[f"{edition.subject_kind}_kind"]).label if kinds else ""
        above = self.register.places.above(edition.subject_key) if edition.subject_kind == "place" else []
        return ", ".join(filter(None, [str(label), self.register.path(above)]))

    def _passage(self, hit: Hit, data: dict) -> search_documents.Passage:
        """The passage that holds the words; of a title, what else is said of its subject."""
        passages = search_documents.passages(data, self.register.names, hit.language)
        where = Where.SUMMARY if hit.where == Where.TITLE and data["kind"] == "initiative" else hit.where
        return next(p for p in passages if (p.where, p.anchor) == (where, hit.anchor))

    def _excerpt(self, passage: search_documents.Passage, hit: Hit, title: Excerpt) -> Excerpt:
        """The text that holds most of the words; what the title says already is not said again."""
        texts = [text for text in passage.texts if text not in str(title)]
        excerpts = [text_analysis.excerpt(text, self.query, hit.language) for text in texts]
        best = max(excerpts, key=lambda excerpt: len(excerpt.terms), default=NOTHING)
        if passage.where == Where.TITLE and best.terms <= title.terms:
            return NOTHING  # Another name of a body, without the words.
        return best

    def _names(self, passage: search_documents.Passage, seen: frozenset[int]) -> list[Excerpt]:
        """Names that matched, for terms that are neither in the title nor in the excerpt."""
        wanted = {key for n, term in enumerate(self.query.terms) if n not in seen for key in term.keys}
        if not wanted:
            return []
        pairs = sorted(pair for pair in passage.keys if text_analysis.key_stem(*pair) in wanted)[:MAX_NAMES]
        return [self._name(*pair) for pair in pairs]

    def _name(self, kind: str, key: str) -> Excerpt:
        """What an entry is called: as the reader calls it, or by the name that matched."""
        label = text_analysis.marked(capfirst(self.register.label(kind, key)), self.query, self.language)
        others = _names(self.register.contents[kind, key])
        marked = (text_analysis.marked(name, self.query, language) for language, name in others)
        return label if label.terms else next((name for name in marked if name.terms), label)


def _path(edition: Edition) -> str:
    kind, key = edition.subject_kind, edition.subject_key
    if kind == "pillar":
        return reverse("pillar", args=[edition.data["cycle"]["key"], edition.data["number"]])
    return reverse(kind, args=[key])
