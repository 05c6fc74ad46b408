"""The reading vocabulary that every table of signed texts shares: what of it was public at a moment."""

from django.db import models
from django.db.models import F, Func, OuterRef, Q, Subquery, Value

from hled_portal.dates.as_of import Moment

#: Editions of one subject in time. An older text that is loaded later has a higher number and an earlier day.
IN_TIME = ("public_from", "number")
NEWEST_FIRST = ("-public_from", "-number")


class IsNewest(Func):
    """Whether no other edition of the subject that was known at the moment counts from later.

    What `~Exists(queryset)` says, written as SQL at once: every public query has it, and building that queryset took a
    quarter of the time of a page.
    """

    template = (
        "NOT EXISTS (SELECT 1 FROM %(table)s later WHERE later.{number} IS NOT NULL AND %(same)s"
        " AND (later.{public_from} > %(day)s OR (later.{public_from} = %(day)s AND later.{number} > %(number)s))"
        " AND later.{public_from} <= %(known)s%(recorded)s)"
    )
    output_field = models.BooleanField()

    def __init__(self, model, at: Moment):
        self.model = model
        known = [_value(at.day, models.DateField())]
        if at.publication is not None:
            known.append(_value(at.publication, models.IntegerField()))
        super().__init__(*(F(column) for column in (*model.identity, "public_from", "number")), *known)

    def as_sql(self, compiler, connection, **context):
        quote, column = connection.ops.quote_name, lambda name: quote(self.model._meta.get_field(name).column)
        parts = [compiler.compile(part) for part in self.source_expressions]
        own, (day, number, known, *recorded) = (
            parts[: len(self.model.identity)],
            [sql for sql, _params in parts[len(self.model.identity) :]],
        )
        names = {name: column(name) for name in ("number", "public_from")}
        same = (f"later.{column(name)} = {sql}" for name, (sql, _params) in zip(self.model.identity, own, strict=True))
        sql = self.template.format(**names) % {
            "table": quote(self.model._meta.db_table),
            "same": " AND ".join(same),
            "day": day,
            "number": number,
            "known": known,
            "recorded": "".join(f" AND later.{column('publication')} <= {each}" for each in recorded),
        }
        return sql, [param for _sql, params in parts for param in params]


class StateIs(Func):
    """Condition with the state as a word of the SQL: SQLite uses no partial index for a parameter."""

    template = "%(expressions)s = '%(state)s'"
    output_field = models.BooleanField()

    def __init__(self, state: str):
        super().__init__(F("state"), state=state)


def _value(value, field: models.Field):
    """An expression; a parameter of a prepared query is one."""
    return value if hasattr(value, "resolve_expression") else Value(value, field)


def _is_now(at: Moment) -> bool:
    """Whether the record as it stands is wanted: the published texts, which have an index of their own.

    A text counts from the day on which it is released or from one before it, never from a later one.
    """
    return not at.asked and at.publication is None


class ReleasedQuerySet(models.QuerySet):
    """Texts of one subject share the columns of `identity` of their model."""

    def public(self, at: Moment):
        """The record at that moment: the newest edition of each subject.

        A withdrawn newest edition revives nothing: its subject is absent.
        """
        if _is_now(at):
            return self.filter(StateIs("published"), public_from__lte=at.day)
        return self._newest(at).exclude(state="withdrawn")

    def withdrawn(self, at: Moment):
        """The editions that were the newest of their subjects at that moment and were withdrawn since.

        Without their contents.
        """
        return self._newest(at).filter(StateIs("withdrawn")).defer("content").with_followed_from()

    def with_followed_from(self):
        """Each with `followed_from`, the day from which a later edition of its subject counted."""
        later = self._later(self.model._default_manager.filter(number__isnull=False)).order_by(*IN_TIME)
        return self.annotate(followed_from=Subquery(later.values("public_from")[:1]))

    def known(self, at: Moment):
        """Every released edition, withdrawn ones too, that counted by that day and was recorded by that publication."""
        known = Q(number__isnull=False, public_from__lte=at.day)
        if at.publication is not None:
            known &= Q(publication__lte=at.publication)
        return self.filter(known)

    def _newest(self, at: Moment):
        return self.known(at).filter(IsNewest(self.model, at))

    def _later(self, editions):
        """Those of the same subject that count from a later day, or from the same day with a higher number."""
        same = {column: OuterRef(column) for column in self.model.identity}
        day = OuterRef("public_from")
        later = Q(public_from__gt=day) | Q(public_from=day, number__gt=OuterRef("number"))
        return editions.filter(later, **same)

    def published(self):
        """The newest released edition of each subject, whatever the day."""
        return self.filter(state="published")
