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
