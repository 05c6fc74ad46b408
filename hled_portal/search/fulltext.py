"""Full text: rows of stemmed words, and the queries of each database. `search_indexes.py` keeps their indexes."""

# ruff: noqa: S608, S611 - statements are written from names of tables; what is asked for goes as a parameter

from django.db import connection, models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from hled_portal.i18n.bilingual import LANGUAGES, Language

from .text_analysis import Query, key_stem, stems

#: Stands between two texts of a row: words that are asked for together stand in one of them.
BETWEEN = "k0"


class Where(models.IntegerChoices):
    """Where in a page the words of a row stand, the weightiest first."""

    TITLE = 0
    SUMMARY = 1
    STATEMENT = 2
    WHOLE = 3


class Searchable(models.Model):
    """A row that search finds: words of one public text in one language, stemmed.

    Each app has a table of its own, with what its rows lead to.
    """

    language = models.CharField(max_length=2, choices=Language)
    where = models.PositiveSmallIntegerField(choices=Where)
    length = models.PositiveIntegerField()
    folded = models.TextField()

    class Meta:
        abstract = True


# Thousands of rows may hold a word. So the primary key of a row says what they are ranked by, and the index of full
# text alone ranks them: from the lowest bit up the length of a title, whether the language is the second, `where`, the
# passage in its text, and the text.
_LENGTH_BITS, _PASSAGE_BITS = 12, 16
_SECOND_LANGUAGE = 1 << _LENGTH_BITS
_WHERE = 2 * _SECOND_LANGUAGE
_PASSAGE = len(Where) * _WHERE
#: From the primary key of a text to those of its rows.
KEYS_OF_TEXT = _PASSAGE << _PASSAGE_BITS


def ranked_key(text: int, passage: int, where: int, language: str, length: int) -> int:
    """The primary key of a row; 0 is the passage of a whole text, the others are numbered in their order."""
    if passage >= 1 << _PASSAGE_BITS:
        raise ValueError(f"A text cannot have {passage} passages.")
    return text * KEYS_OF_TEXT + passage * _PASSAGE + rank(where, length, other=language != LANGUAGES[0])


def rank(where: int, length: int = 0, *, other: bool) -> int:
    """What hits are sorted by first: where the words are, whether in the other language, how short the title is.

    The shorter a title, the larger the part of it that matches.
    """
    length_of_title = min(length, _SECOND_LANGUAGE - 1) if where == Where.TITLE else 0
    return where * _WHERE + other * _SECOND_LANGUAGE + length_of_title


def of_rank(rank: int, language: str) -> tuple[int, str]:
    """Where the words are, and in which language."""
    others = [each for each in LANGUAGES if each != language]
    return rank // _WHERE, others[0] if rank & _SECOND_LANGUAGE else language


def ranking_sql(model: type[Searchable], language: str, vendor: str) -> str:
    """Common table expressions for the rows of `ranked_key`, with the expression of each language as a parameter.

    `hits` has the best `rank` of each `text` and `passage` that hold the query, for a reader of this language.
    """
    key = "rowid" if vendor == "sqlite" else "id"
    rows = (
        f"SELECT {key} / {_PASSAGE} AS passage,"
        f" ({key} & {_PASSAGE - 1 - _SECOND_LANGUAGE}) + {_SECOND_LANGUAGE * (each != language)} AS rank"
        f" FROM ({_select(model, vendor)}) AS found WHERE ({key} & {_SECOND_LANGUAGE}) = {_SECOND_LANGUAGE * second}"
        for second, each in enumerate(LANGUAGES)
    )
    return (
        f"words AS ({' UNION ALL '.join(rows)}), hits AS MATERIALIZED (SELECT passage >> {_PASSAGE_BITS} AS text,"
        f" passage & {(1 << _PASSAGE_BITS) - 1} AS passage, MIN(rank) AS rank FROM words GROUP BY passage)"
    )


def row_key_sql(hit: str, language: str) -> str:
    """The primary key of the row that gave a hit its rank; `hit` is the name of the table."""
    second = f"ABS(({hit}.rank & {_SECOND_LANGUAGE}) - {_SECOND_LANGUAGE * (language != LANGUAGES[0])})"
    rest = f"({hit}.rank & {_PASSAGE - 1 - _SECOND_LANGUAGE})"
    return f"{hit}.text * {KEYS_OF_TEXT} + {hit}.passage * {_PASSAGE} + {rest} + {second}"


def index_columns(texts, language: str, keys=()) -> dict:
    """The columns of a row that holds these texts, and names of the record: pairs of kind and key."""
    found = [stems(text, language) for text in texts]
    parts = [" ".join(part) for part in [*found, sorted(key_stem(*pair) for pair in keys)] if part]
    return {"language": language, "length": sum(map(len, found)), "folded": f" {BETWEEN} ".join(parts)}


def matching(model: type[Searchable], query: Query) -> Q:
    """Condition that a row holds every term of the query, by the stems of its own language; nothing for no terms."""
    return matching_expressions(model, expressions(query)) if query else Q(pk__in=())


def expressions(query: Query) -> list[str]:
    """What the database matches rows of each language with."""
    return [_expression(query, language, connection.vendor) for language in LANGUAGES]


def matching_expressions(model: type[Searchable], by_language: list) -> Q:
    """The condition of `matching`, of one expression for each language; they may be parameters of a prepared query."""
    found = Q()
    for language, expression in zip(LANGUAGES, by_language, strict=True):
        found |= Q(language=language, pk__in=RawSQL(_select(model, connection.vendor), [expression]))
    return found


def _select(model, vendor: str) -> str:
    table = model._meta.db_table
    if vendor == "sqlite":
        return f'SELECT rowid FROM "{table}_fts" WHERE "{table}_fts" MATCH %s'
    return f"SELECT id FROM \"{table}\" WHERE to_tsvector('simple', folded) @@ to_tsquery('simple', %s)"


def _expression(query: Query, language: str, vendor: str) -> str:
    """Every term, by its words or by one of its keys. Stems are letters and digits: nothing is an operator."""
    next_to, either, both = (" + ", " OR ", " AND ") if vendor == "sqlite" else (" <-> ", " | ", " & ")
    quote = '"{}"'.format if vendor == "sqlite" else "{}".format
    terms = [
        either.join([f"({next_to.join(map(quote, term.stems(language)))})", *map(quote, term.keys)])
        for term in query.terms
    ]
    return both.join(f"({term})" for term in terms)
