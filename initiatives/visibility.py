"""Whose row it is: a fact, and what hangs on it, is kept by one side or by both, and seen by that side until ready."""

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from hled_portal.i18n.delegations import Delegation, Side
from initiatives.models import Citation, DateChange, Fact, Initiative, Participation, Reading

#: How each table reaches the facts that its rows hang on.
_PATHS = {
    Fact: ("",),
    Reading: ("fact__",),
    DateChange: ("fact__",),
    Participation: ("fact__",),
    Citation: ("fact__", "reading__fact__"),
}


def owning_fact(row: Model) -> Fact | None:
    """The fact that the row is or hangs on, if any."""
    if isinstance(row, Fact):
        return row
    if isinstance(row, Citation) and row.reading_id:
        return row.reading.fact
    return getattr(row, "fact", None) if type(row) in _PATHS else None


def owning_side(row: Model) -> str | None:
    """The side that keeps the row; None for what both share."""
    fact = owning_fact(row)
    return fact.side if fact is not None else None


def owning_initiative(row: Model) -> Initiative | None:
    """The initiative that is said something of, if any."""
    if isinstance(row, Initiative):
        return row
    fact = owning_fact(row)
    return fact.initiative if fact is not None else getattr(row, "initiative", None)


def may_edit(user, side: str | None) -> bool:
    """Whether the user's delegation may change what this side keeps; a joint fact is kept by both."""
    if side in (None, ""):
        return True
    return bool(user.delegation) and side in (user.delegation, Side.JOINT)


def editable_by(model: type[Model], user) -> Q:
    """Condition on rows that the user's delegation may change."""
    if model not in _PATHS:
        return Q()
    sides = [user.delegation, Side.JOINT] if user.delegation else []
    return Q(*(Q(**{f"{path}side__in": sides}) for path in _PATHS[model]), _connector=Q.OR)


def visible_sides(user) -> set[str]:
    """The sides whose drafts the user sees: that of her delegation, or of those who named her their auditor."""
    if user.audits:
        return set(Delegation.values) if user.audits == Side.JOINT else {user.audits}
    return {user.delegation} - {""}


def closed_to(user) -> list[str]:
    """The sides whose drafts the user does not see."""
    return sorted(set(Delegation.values) - visible_sides(user))


def hidden_from(model: type[Model], user) -> Q:
    """Condition on rows that another side has not marked ready yet."""
    others = closed_to(user)
    return Q(
        *(Q(**{f"{path}side__in": others, f"{path}ready": False}) for path in _PATHS.get(model, ())), _connector=Q.OR
    )


def visible_to(user, rows):
    """The rows of a queryset that the user's delegation may see."""
    return rows.exclude(hidden_from(rows.model, user)) if rows.model in _PATHS else rows


def is_visible_to(user, row: Model) -> bool:
    """Whether the user's delegation may see this row."""
    fact = owning_fact(row)
    return fact is None or fact.ready or fact.side not in closed_to(user)


def has_sides(model: type[Model]) -> bool:
    """Whether rows of the table can hang on a fact."""
    return model in _PATHS


def belongs_to_facts(model: type[Model]) -> bool:
    """Whether every row of the table hangs on a fact."""
    return model in (Fact, Reading, DateChange)


# How rows came about

_FACT_OF_VERSION = {Reading: ("fact_id",), DateChange: ("fact_id",), Participation: ("fact_id",)}
_FACT_OF_VERSION[Citation] = ("fact_id", "reading_id")


def versions_visible_to(user, model: type[Model]) -> QuerySet:
    """The versions of a table's rows that the user may see.

    How a side's fact came about holds its drafts: the other side sees the fact once it is ready, and not its history,
    though it became a joint fact later. A joint fact has no draft.
    """
    versions = model.history.all()
    closed = closed_to(user)
    if model is Fact:
        return versions.exclude(side__in=closed)
    for column in _FACT_OF_VERSION.get(model, ()):
        facts = Fact.history.filter(side__in=closed).order_by()
        if column == "reading_id":
            of_these = Exists(facts.filter(id=OuterRef("fact_id")))
            facts = Reading.history.filter(of_these).order_by()
        versions = versions.exclude(Exists(facts.filter(id=OuterRef(column))))
    return versions


def hides_history_from(user, row: Model) -> bool:
    """Whether the row's history is kept by a side whose drafts the user does not see."""
    fact = owning_fact(row)
    return fact is not None and fact.side in closed_to(user)
