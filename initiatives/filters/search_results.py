"""Finding what is public at a moment: rows that hold the words, in order of weight, and how a page tells them.

Names are those of the day. Words that an organization, place or topic bears in the register of that day stand for its
key in the index (`findable.py`): initiatives are found by the names that a reader of that day sees on them, whatever a
body was called when they were frozen.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.search import fulltext, text_analysis
from hled_portal.search.fulltext import Where
from hled_portal.search.text_analysis import Excerpt, Query
from initiatives.content import search_documents
from initiatives.models import Edition, SearchRow
from initiatives.record.register_lookup import Registers
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.choices import MeetingKind, OrganizationKind, PlaceKind, Stage, SubjectKind

#: What is found here, in the order in which equals stand.
RESULT_KINDS = {
    "initiative": _("Initiatives"),
    "organization": _("Organizations"),
    "place": _("Places"),
    "pillar": _("Pillars"),
    "meeting": _("Meetings"),
    "fact": _("Facts"),
}
#: Kinds whose page has the key of the subject in its address.
_SUBJECTS = tuple(kind for kind in RESULT_KINDS if kind != "fact")
#: Names of one text that a page of results lists.
MAX_NAMES = 5
NOTHING = Excerpt()


# What is asked for


def parse_query(text: str, register: Registers) -> Query:
    """Read what a person typed, with the keys of all that the register of the day calls by these words."""
    called = {
        pair: [(language, text_analysis.stems(name, language)) for language, name in _names(content)]
        for pair, content in register.contents.items()
        if pair[0] in search_documents.NAMED_KINDS
    }
    return text_analysis.parse_query(text).with_keys(lambda term: _matching_keys(term, called, register))


def _names(content: dict) -> Iterable[tuple[str, str]]:
    return ((language, name) for language in LANGUAGES for name in search_documents.register_texts(content, language))


def _matching_keys(term: text_analysis.Term, called: dict, register: Registers) -> list[str]:
    """Entries called so, those merged into them, and for a place all that lies in it."""
    direct: dict[str, set[str]] = {kind: set() for kind in search_documents.NAMED_KINDS}
    for (kind, key), names in called.items():
        if any(term.is_in(name, language) for language, name in names):
            direct[kind].add(key)
    found = {(kind, key) for kind in ("organization", "topic") for key in register.merged(kind, direct[kind])}
    found |= {("place", key) for key in register.places.inside(direct["place"])}
    return [text_analysis.key_stem(*pair) for pair in sorted(found)]


def unknown_terms(query: Query, at: Moment) -> list[str]:
    """The terms that no public text holds, as they were typed. One query for each term."""
    terms = ((term, Query(query.text, (term,))) for term in query.terms)
    return [" ".join(term.words) for term, alone in terms if not _rows(alone, at).exists()]


# What is found


@dataclass(frozen=True)
class Hit:
    """A row that holds the words. Hits of every source are sorted together by `rank`."""

    kind: str
    rank: tuple
    edition: int
    anchor: str
    where: Where
    language: str


def hits(query: Query, at: Moment, language: str) -> list[Hit]:
    """Everything public that holds the query, each subject and fact once, the weightiest first. One query."""
    if not query:
        return []
    named = ("edition__subject_kind", "edition__subject_key", f"edition__title_{language}")
    found: dict[tuple[int, str], Hit] = {}
    for row in _rows(query, at).values_list("edition", "anchor", "where", "language", "length", "order", *named):
        hit = _hit(row, language)
        there = found.get((hit.edition, hit.anchor))
        if there is None or hit.rank < there.rank:
            found[hit.edition, hit.anchor] = hit
    # Where one fact holds all the words, it is shown, not once more the subject as a whole.
    told = {edition for edition, anchor in found if anchor}
    return sorted(
        (hit for hit in found.values() if hit.where != Where.WHOLE or hit.edition not in told),
        key=lambda hit: hit.rank,
    )


def _rows(query: Query, at: Moment):
    public = Edition.objects.public(at).filter(subject_kind__in=_SUBJECTS)
    return SearchRow.objects.filter(fulltext.matching(SearchRow, query), edition__in=public)


def _hit(row: tuple, reader: str) -> Hit:
    edition, anchor, where, language, length, order, subject_kind, subject_key, title = row
    kind = "fact" if anchor else subject_kind
    # The shorter a title, the more of it was asked for.
    rank = (
        where,
        language != reader,
        length if where == Where.TITLE else 0,
        list(RESULT_KINDS).index(kind),
        text_analysis.fold(title),
        subject_key,
        order,
        anchor,
    )
    return Hit(kind, rank, edition, anchor, Where(where), language)


# How it is told


@dataclass(frozen=True)
class Finding:
    """A hit as a page shows it. `names` are those by which it was found and that nothing else of it shows."""

    kind: str
    detail: str
    path: str
    anchor: str
    title: Excerpt
    excerpt: Excerpt
    names: list[Excerpt]
    edition: Edition | None
    #: On what ground it is public, where that is told by no edition.
    ground: str = ""


def findings(found: list[Hit], query: Query, at: Moment, register: Registers) -> dict[Hit, Finding]:
    """Put hits into words for a reader of that moment. One query."""
    editions = Edition.objects.public(at).in_bulk({hit.edition for hit in found})
    teller = _ResultBuilder(query, register)
    return {hit: teller.told(hit, editions[hit.edition]) for hit in found if hit.edition in editions}


class _ResultBuilder:
    """Tells hits in the reader's language, with the names of the day."""

    def __init__(self, query: Query, register: Registers):
        self.query, self.register, self.language = query, register, register.language

    def told(self, hit: Hit, edition: Edition) -> Finding:
        passage = self._passage(hit, edition.data)
        title = text_analysis.marked(self._title(edition), self.query, self.language)
        excerpt = self._excerpt(passage, hit, title)
        return Finding(
            kind=_("Fact") if hit.anchor else capfirst(SubjectKind(hit.kind).label),
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
            return Stage(data["stage"]).label
        lists = {"organization": OrganizationKind, "place": PlaceKind, "meeting": MeetingKind}
        kinds = lists.get(edition.subject_kind)
        label = kinds(data[f"{edition.subject_kind}_kind"]).label if kinds else ""
        above = self.register.places.above(edition.subject_key) if edition.subject_kind == "place" else ()
        return ", ".join([str(label), *(self.register.title("place", key) for key in above)])

    def _passage(self, hit: Hit, data: dict) -> search_documents.Passage:
        """The passage that holds the words; of a title, what else is said of its subject."""
        passages = search_documents.passages(data, self.register.names, hit.language)
        where = Where.SUMMARY if hit.where == Where.TITLE and data["kind"] == "initiative" else hit.where
        return next(p for p in passages if (p.where, p.anchor) == (where, hit.anchor))

    def _excerpt(self, passage: search_documents.Passage, hit: Hit, title: Excerpt) -> Excerpt:
        """The text that holds most of the words; what the title says already is not said again."""
        texts = [text for text in passage.texts if text not in str(title)]
        found = [text_analysis.excerpt(text, self.query, hit.language) for text in texts]
        best = max(found, key=lambda excerpt: len(excerpt.terms), default=NOTHING)
        if passage.where == Where.TITLE and best.terms <= title.terms:
            return NOTHING  # One more name of a body, that nobody asked for.
        return best

    def _names(self, passage: search_documents.Passage, seen: frozenset[int]) -> list[Excerpt]:
        """Names by which the passage was found, for terms that stand neither in the title nor in the excerpt."""
        wanted = {key for n, term in enumerate(self.query.terms) if n not in seen for key in term.keys}
        found = sorted(pair for pair in passage.keys if text_analysis.key_stem(*pair) in wanted)[:MAX_NAMES]
        return [self._name(*pair) for pair in found]

    def _name(self, kind: str, key: str) -> Excerpt:
        """What an entry is called: as the reader calls it, or by the name that was asked for."""
        label = text_analysis.marked(capfirst(self.register.label(kind, key)), self.query, self.language)
        others = _names(self.register.contents[kind, key])
        found = (text_analysis.marked(name, self.query, language) for language, name in others)
        return label if label.terms else next((name for name in found if name.terms), label)


def _path(edition: Edition) -> str:
    kind, key = edition.subject_kind, edition.subject_key
    if kind == "pillar":
        return reverse("pillar", args=[edition.data["cycle"]["key"], edition.data["number"]])
    return reverse(kind, args=[key])
