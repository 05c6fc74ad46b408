"""Writes a checked file of the staff site: everything is prepared first, then written in one short transaction.

Under the lock the rows are compared with what their sender confirmed, and are written together. The history is kept as
a save of each would keep it; related facts lose their ready mark, and initiatives get a new revision.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from hled_portal.files import bulk_insert
from hled_portal.i18n.delegations import Side
from initiatives.models import Fact, Initiative
from initiatives.models.base import Dated
from initiatives.visibility import owning_fact, owning_initiative

from . import file_tables
from .import_validation import CHANGED, NEW, WRONG, RowChecker, StaffChecker
from .natural_keys import reference_cache

ROWS_A_STATEMENT = 100


class NotWritten(Exception):
    """Nothing was written; `reasons` are for the sender."""

    def __init__(self, reasons: list[str]):
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass
class Prepared:
    """Rows as they will be saved, what must not have changed until then, and the statements that save them.

    `many`: the many-to-many values of each row, for the columns that the file has. `labels`: how errors name a row.
    """

    table: file_tables.ImportTable
    user: object
    reason: str
    new: list[Model] = field(default_factory=list)
    changed: list[Model] = field(default_factory=list)
    many: dict[int, dict[str, list]] = field(default_factory=dict)
    states: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    relied: dict = field(default_factory=dict)
    unsettled: dict = field(default_factory=dict)
    deletions: list = field(default_factory=list)
    statements: list[bulk_insert.Statement] = field(default_factory=list)
    touched: list[int] = field(default_factory=list)


def prepare(
    table: file_tables.ImportTable, user, reason: str, sheet: tuple[list, list], outcomes: Iterable[dict]
) -> Prepared:
    """Build every row that the file adds or changes, and all that is written of it, with nothing locked."""
    checker, prepared = StaffChecker(table, user, *sheet), Prepared(table, user, reason[:100])
    places = {number: index for index, (number, _cells) in enumerate(sheet[1])}
    outcomes = list(outcomes)
    for outcome in outcomes:
        if "pk" in outcome:
            prepared.states[outcome["pk"]] = outcome["state"]
            prepared.labels[outcome["pk"]] = (outcome["row"], outcome["key"])
        prepared.relied |= {int(key): (values, outcome["row"]) for key, values in outcome.get("on", {}).items()}
    kinds = [outcome["kind"] for outcome in outcomes]
    # A row that is left out for its errors may be named by another, which is then refused below.
    checker.keys = iter(bulk_insert.reserve(table.model, kinds.count(NEW) + kinds.count(WRONG)))
    with reference_cache(user, checker.pending):
        for some in file_tables.slices([o for o in outcomes if o["kind"] in (NEW, CHANGED)], ROWS_A_STATEMENT):
            _build(checker, prepared, some, places)
    saved = {id(row) for row in prepared.new}
    if any(id(row) not in saved for row in checker.new_rows.values()):
        raise NotWritten([_("Some rows name other rows of the file that have errors. Correct those rows first.")])
    if table.names_itself and table.circular(prepared.new):
        raise NotWritten([_("Rows in this file refer to each other in a circle.")])
    add_row_statements(prepared)
    _add_related_statements(prepared)
    return prepared


def _build(checker: RowChecker, prepared: Prepared, outcomes: list[dict], places: dict[int, int]) -> None:
    pks = [outcome["pk"] for outcome in outcomes if outcome["kind"] == CHANGED]
    existing = {row.pk: row for row in prepared.table.rows().filter(pk__in=pks)} if pks else {}
    parsed_rows = checker.read_all([places[outcome["row"]] for outcome in outcomes])
    for outcome, parsed in zip(outcomes, parsed_rows, strict=True):
        columns = [name for name in parsed.values if name not in parsed.errors]
        if outcome["kind"] == NEW:
            row = checker.build(parsed.index, parsed)
            prepared.new.append(row)
        elif (row := existing.get(outcome["pk"])) is not None:
            cells = outcome["cells"]
            columns = [name for name in columns if name in cells and cells[name][1] == parsed.cells[name]]
            checker.fill(row, parsed, columns)
            prepared.changed.append(row)
        else:
            continue  # Deleted meanwhile: `_compare` names it.
        if isinstance(row, Dated):
            row.set_bounds()
        many = [name for name in columns if file_tables.is_many(prepared.table.fields[name])]
        prepared.many[row.pk] = {name: parsed.values[name] for name in many}


# What is written


def add_row_statements(prepared: Prepared) -> None:
    """The rows with their links and their history."""
    model, add = prepared.table.model, prepared.statements.append
    add(bulk_insert.insertion(model, prepared.new))
    columns = [field.name for field in model._meta.concrete_fields if field.name not in ("id", "revision")]
    add(bulk_insert.replacement(model, prepared.changed, columns))
    links = {link: _add_link_statements(prepared, link) for link in prepared.table.many}
    _add_history_statements(prepared, model, prepared.new, "+", links)
    _add_history_statements(prepared, model, prepared.changed, "~", links)


def _add_link_statements(prepared: Prepared, link: Field) -> dict[int, list[Model]]:
    """Write many-to-many links where the file has the column; returns the links of all rows, by row."""
    through, mine, other = link.remote_field.through, link.m2m_field_name(), link.m2m_reverse_field_name()
    rows = [row.pk for row in (*prepared.new, *prepared.changed)]
    written = {pk: prepared.many[pk][link.name] for pk in rows if link.name in prepared.many[pk]}
    prepared.deletions.append((through, mine, [row.pk for row in prepared.changed if row.pk in written]))
    pairs = [(pk, target.pk) for pk, targets in written.items() for target in targets]
    keys = bulk_insert.reserve(through, len(pairs))
    links = [through(pk=key, **{f"{mine}_id": a, f"{other}_id": b}) for key, (a, b) in zip(keys, pairs, strict=True)]
    prepared.statements.append(bulk_insert.insertion(through, links))
    kept = [row.pk for row in prepared.changed if row.pk not in written]
    return _by_row([*links, *_through_rows(through, mine, kept)], mine)


def _through_rows(through: type[Model], mine: str, keys: list[int]) -> list[Model]:
    return [row for some in file_tables.slices(keys) for row in through.objects.filter(**{f"{mine}__in": some})]


def _by_row(links: list[Model], mine: str) -> dict[int, list[Model]]:
    links_by_row: dict[int, list[Model]] = {}
    for link in links:
        links_by_row.setdefault(getattr(link, f"{mine}_id"), []).append(link)
    return links_by_row


def _add_history_statements(prepared: Prepared, model: type[Model], rows: list[Model], kind: str, links: dict) -> None:
    """A version of each row with its links, as django-simple-history writes it when a row is saved."""
    history, now = model.history.model, timezone.now()
    by = {"history_date": now, "history_type": kind, "history_user": prepared.user}
    versions = [
        history(
            history_id=key,
            history_change_reason=getattr(row, "_change_reason", None) or prepared.reason,
            **by,
            **{f.attname: getattr(row, f.attname) for f in history.tracked_fields},
        )
        for key, row in zip(bulk_insert.reserve(history, len(rows)), rows, strict=True)
    ]
    prepared.statements.append(bulk_insert.insertion(history, versions))
    for link, linked in links.items():
        copy = getattr(history, link.name).model
        pairs = [(v.history_id, one) for v, row in zip(versions, rows, strict=True) for one in linked.get(row.pk, ())]
        keys = bulk_insert.reserve(copy, len(pairs))
        copies = [
            copy(m2m_history_id=key, history_id=version, **{f.attname: getattr(one, f.attname) for f in _fields(one)})
            for key, (version, one) in zip(keys, pairs, strict=True)
        ]
        prepared.statements.append(bulk_insert.insertion(copy, copies))


def _fields(link: Model) -> list[Field]:
    return link._meta.concrete_fields


def _add_related_statements(prepared: Prepared) -> None:
    """Facts that lose their ready mark, and initiatives that get a new revision."""
    rows = [*prepared.new, *prepared.changed]
    prepared.touched = sorted({initiative.pk for row in rows if (initiative := owning_initiative(row)) is not None})
    if prepared.table.model is Fact:
        return
    keys = sorted({fact.pk for row in rows if (fact := owning_fact(row)) is not None})
    places = Fact._meta.get_field("places")
    ready = Fact.objects.filter(ready=True).exclude(side=Side.JOINT).prefetch_related("places")
    facts = [fact for some in file_tables.slices(keys) for fact in ready.filter(pk__in=some)]
    for fact in facts:
        prepared.unsettled[fact.pk] = file_tables.row_state(fact, [places])
        fact.ready = False
    prepared.statements.append(bulk_insert.replacement(Fact, facts, ["ready"]))
    through, mine = places.remote_field.through, places.m2m_field_name()
    linked = _by_row(_through_rows(through, mine, [fact.pk for fact in facts]), mine)
    _add_history_statements(prepared, Fact, facts, "~", {places: linked})


# Writing


def write_prepared(prepared: Prepared, then: Callable[[], None] = lambda: None) -> None:
    """Write all of it, or raise NotWritten. `then` runs in the same transaction."""
    try:
        with transaction.atomic():
            _compare(prepared)
            run_statements(prepared)
            for some in file_tables.slices(prepared.touched):
                Initiative.touch_all(some)
            then()
    except IntegrityError as error:
        raise NotWritten([refusal_message(prepared.table.model, str(error))]) from None


def run_statements(prepared: Prepared) -> None:
    for through, mine, keys in prepared.deletions:
        for some in file_tables.slices(keys):
            through.objects.filter(**{f"{mine}__in": some}).delete()
    for statement in prepared.statements:
        statement.run()


def refusal_message(model: type[Model], text: str) -> str:
    """The message of the constraint that the database refused, where it has one."""
    for rule in model._meta.constraints:
        if rule.name in text:
            return str(rule.get_violation_error_message())
    return _("The database rejected these rows because the data changed in the meantime. Check the file again.")


def _compare(prepared: Prepared) -> None:
    """Refuse, naming each row, when the record is not what the sender confirmed."""
    table = prepared.table
    now = file_tables.states(table.model, list(prepared.states), table.many)
    moved = sorted(prepared.labels[key] for key, state in prepared.states.items() if now.get(key) != state)
    message = _("Row %(row)s, %(key)s: someone changed it in the portal after the file was checked.")
    lines = [message % {"row": row, "key": key} for row, key in moved]
    facts = file_tables.relied_on_now(list(prepared.relied))
    message = _("Row %(row)s: the item it belongs to changed in the portal after the file was checked.")
    lines += [message % {"row": row} for key, (was, row) in prepared.relied.items() if facts.get(key) != was]
    if not lines and prepared.unsettled:
        facts = file_tables.states(Fact, list(prepared.unsettled), [Fact._meta.get_field("places")])
        if facts != prepared.unsettled:
            lines = [_("An item with linked rows was changed at the same moment. Check the file again.")]
    if lines:
        raise NotWritten(lines)
