"""Which side owns a row: a fact and its related rows belong to one side or both, and that side sees drafts."""

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from hled_portal.i18n.delegations import Delegation, Side
from initiatives.models import (
    Attendance,
    Citation,
    DateChange,
    Fact,
    Heading,
    Initiative,
    Meeting,
    Participation,
    Reading,
)

#: Lookups from each table to the facts that its rows belong to.
_PATHS = {
    Fact: ("",),
    Reading: ("fact__",),
    DateChange: ("fact__",),
    Participation: ("fact__",),
    Citation: ("fact__", "reading__fact__"),
}


def owning_fact(row: Model) -> Fact | None:
    """The fact that the row is or belongs to, if any."""
    if isinstance(row, Fact):
        return row
    if isinstance(row, Citation) and row.reading_id:
        return row.reading.fact
    return getattr(row, "fact", None) if type(row) in _PATHS else None


def owning_side(row: Model) -> str | None:
    """The side that owns the row; None for shared rows."""
    fact = owning_fact(row)
    return fact.side if fact is not None else None


def owning_initiative(row: Model) -> Initiative | None:
    """The initiative that the row is or belongs to, if any."""
    if isinstance(row, Initiative):
        return row
    fact = owning_fact(row)
    return fact.initiative if fact is not None else getattr(row, "initiative", None)


def owning_subject(row: Model) -> Model | None:
    """The initiative or meeting that the row is or belongs to, if any."""
    if isinstance(row, Meeting):
        return row
    if isinstance(row, Citation) and row.attendance_id:
        return row.attendance.meeting
    holder = row if isinstance(row, Attendance | Heading) else owning_fact(row)
    return owning_initiative(row) or getattr(holder, "meeting", None)


def may_edit(user, side: str | None) -> bool:
    """Whether the user's delegation may change rows of this side; both may change a joint fact."""
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
    """The sides whose drafts the user sees: that of the own delegation, or those that an auditor audits."""
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
    """Whether rows of the table can belong to a fact."""
    return model in _PATHS


def belongs_to_facts(model: type[Model]) -> bool:
    """Whether every row of the table belongs to a fact."""
    return model in (Fact, Reading, DateChange)


# Versions

_FACT_OF_VERSION = {Reading: ("fact_id",), DateChange: ("fact_id",), Participation: ("fact_id",)}
_FACT_OF_VERSION[Citation] = ("fact_id", "reading_id")


def versions_visible_to(user, model: type[Model]) -> QuerySet:
    """The versions of a table's rows that the user may see.

    The history of a side's fact contains its drafts, so the other side sees the fact once it is ready but never that
    history, not even after it became a joint fact. A joint fact has no draft.
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
    """Whether the row belongs to a side whose drafts the user does not see."""
    fact = owning_fact(row)
    return fact is not None and fact.side in closed_to(user)
