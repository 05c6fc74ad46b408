"""A checked file into the record: everything is made ready first, then written in one short transaction.

SQLite has one writer at a time: what can be done before the lock is taken is done before it. Under the lock the rows
are compared with what their sender decided on, and go in by the hundreds; the history is kept as a save would keep it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from . import files
from .checking import CHANGED, NEW, Checker
from .models import Fact, Initiative
from .models.base import Dated
from .references import remembering
from .sides import fact_of, initiative_of

BATCH = 100


class NotWritten(Exception):
    """Nothing was written; `reasons` are for who sent the file."""

    def __init__(self, reasons: list[str]):
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass
class Prepared:
    """The rows of a file as they will be saved. `many`: what each links to beside its own columns."""

    table: files.Table
    new: list[Model] = field(default_factory=list)
    changed: list[Model] = field(default_factory=list)
    many: dict[int, dict[str, list]] = field(default_factory=dict)
    states: dict = field(default_factory=dict)
    relied: dict = field(default_factory=dict)
    told: dict = field(default_factory=dict)
    ready: set[int] = field(default_factory=set)


def prepare(table: files.Table, user, columns: list[str], rows: list, found: Iterable[dict]) -> Prepared:
    """Build every row that the file adds or changes, with nothing locked."""
    checker, prepared = Checker(table, user, columns, rows, saving=True), Prepared(table)
    places = {number: index for index, (number, _cells) in enumerate(rows)}
    outcomes = list(found)
    for outcome in outcomes:
        if "pk" in outcome:
            prepared.states[outcome["pk"]] = outcome["state"]
            prepared.told[outcome["pk"]] = (outcome["row"], outcome["key"])
        prepared.relied |= {int(key): (values, outcome["row"]) for key, values in outcome.get("on", {}).items()}
    with remembering(user, checker.pending):
        for some in files.slices([o for o in outcomes if o["kind"] in (NEW, CHANGED)], BATCH):
            _build(checker, prepared, some, places)
    return prepared


def _build(checker: Checker, prepared: Prepared, outcomes: list[dict], places: dict[int, int]) -> None:
    pks = [outcome["pk"] for outcome in outcomes if outcome["kind"] == CHANGED]
    there = {row.pk: row for row in prepared.table.rows().filter(pk__in=pks)} if pks else {}
    for outcome in outcomes:
        read = checker.read(places[outcome["row"]])
        if outcome["kind"] == NEW:
            row = checker.build(read.index, read)
            columns = [name for name in read.values if name not in read.errors]
            prepared.new.append(row)
        elif (row := there.get(outcome["pk"])) is not None:
            columns = [name for name in outcome["cells"] if name in read.values and name not in read.errors]
            checker.fill(row, read, _given(outcome, read, columns))
            prepared.changed.append(row)
        else:
            continue  # Deleted meanwhile: it is named under the lock.
        if isinstance(row, Dated):
            row.set_bounds()
        many = {name: read.values[name] for name in columns if files.is_many(prepared.table.fields[name])}
        prepared.many[id(row)] = many


def _given(outcome: dict, read, columns: list[str]) -> list[str]:
    """The columns that the file itself changes, without those that follow from them."""
    return [name for name in columns if outcome["cells"][name][1] == read.cells[name]]


def write(prepared: Prepared, user, reason: str, then: Callable[[], None] = lambda: None) -> None:
    """Write all of it, or raise NotWritten. `then` runs in the same transaction."""
    try:
        with transaction.atomic():
            _compare(prepared)
            _save_new(prepared)
            _save_changed(prepared)
            _save_many(prepared)
            _keep_history(prepared, user, reason)
            _tell_initiatives(prepared, user, reason)
            then()
    except IntegrityError as error:
        raise NotWritten([_refusal(prepared.table.model, str(error))]) from None


def _refusal(model: type[Model], text: str) -> str:
    """What the database refused, in our words where the rule has some."""
    for rule in model._meta.constraints:
        if rule.name in text:
            return str(rule.get_violation_error_message())
    return _("The database refused these rows: the record, or what they name, changed meanwhile. Send the file again.")


def _compare(prepared: Prepared) -> None:
    """Refuse, naming each row, when the record is not what the sender decided on."""
    table = prepared.table
    now = files.states(table.model, list(prepared.states), table.many)
    moved = sorted(prepared.told[key] for key, state in prepared.states.items() if now.get(key) != state)
    message = _("Row %(row)s, %(key)s: somebody changed it in the portal after the file was checked.")
    lines = [message % {"row": row, "key": key} for row, key in moved]
    facts = files.relied_on_now(list(prepared.relied))
    message = _("Row %(row)s: the fact that it hangs on changed in the portal after the file was checked.")
    lines += [message % {"row": row} for key, (was, row) in prepared.relied.items() if facts.get(key) != was]
    if lines:
        raise NotWritten(lines)


def _save_new(prepared: Prepared) -> None:
    """New rows, those that others name first."""
    waiting, itself = prepared.new, [link.name for link in prepared.table.links if prepared.table.names_itself]
    while waiting:
        free = [row for row in waiting if not _unsaved(row, itself)]
        if not free:
            raise NotWritten([_("Rows of this file name each other in a circle.")])
        _renew(free, itself)
        prepared.table.model._default_manager.bulk_create(free, batch_size=BATCH)
        done = {id(row) for row in free}
        waiting = [row for row in waiting if id(row) not in done]


def _unsaved(row: Model, links: list[str]) -> bool:
    named = (row._state.fields_cache.get(name) for name in links)
    return any(other is not None and other.pk is None for other in named)


def _renew(rows: list[Model], links: list[str]) -> None:
    """Rows that were named before they had a key have one by now."""
    for row in rows:
        for name in links:
            if (other := row._state.fields_cache.get(name)) is not None:
                setattr(row, name, other)


def _save_changed(prepared: Prepared) -> None:
    if not prepared.changed:
        return
    table = prepared.table
    if table.names_itself:
        _renew(prepared.changed, [link.name for link in table.links])
    names = [field.name for field in table.model._meta.concrete_fields if field.name not in ("id", "revision")]
    _update(table.model, prepared.changed, names)


def _update(model: type[Model], rows: list[Model], names: list[str]) -> None:
    """As `bulk_update`, in a fiftieth of its time: whole rows that yield to the ones with their keys."""
    model._default_manager.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=names
    )


def _save_many(prepared: Prepared) -> None:
    rows = [*prepared.new, *prepared.changed]
    for link in prepared.table.many:
        through = link.remote_field.through
        mine, other = link.m2m_field_name() + "_id", link.m2m_reverse_field_name() + "_id"
        filled = [(row, many[link.name]) for row in rows if link.name in (many := prepared.many[id(row)])]
        for some in files.slices([row.pk for row, _linked in filled]):
            through.objects.filter(**{f"{mine}__in": some}).delete()
        links = [through(**{mine: row.pk, other: linked.pk}) for row, many in filled for linked in many]
        through.objects.bulk_create(links, batch_size=BATCH)


def _keep_history(prepared: Prepared, user, reason: str) -> None:
    for rows, is_update in ((prepared.new, False), (prepared.changed, True)):
        keep(prepared.table.model, rows, prepared.table.many, user, reason, is_update=is_update)


def keep(model: type[Model], rows: list[Model], many, user, reason: str, *, is_update: bool) -> None:
    """The history of rows that were saved by the hundreds, with what they link to, as a save of each would keep it."""
    if not rows:
        return
    versions = model.history.bulk_history_create(
        rows,
        batch_size=BATCH,
        update=is_update,
        default_user=user,
        default_change_reason=reason[:100],
        default_date=timezone.now(),
    )
    kept = dict(zip((row.pk for row in rows), versions, strict=True))
    for link in many:
        mine, other = link.m2m_field_name() + "_id", link.m2m_reverse_field_name() + "_id"
        through, history = link.remote_field.through, _history_of(model, link)
        found = []
        for some in files.slices(list(kept)):
            found += through.objects.filter(**{f"{mine}__in": some}).values("pk", mine, other)
        copies = [
            history(**{"id": row["pk"], mine: row[mine], other: row[other]}, history_id=kept[row[mine]].pk)
            for row in found
        ]
        history.objects.bulk_create(copies, batch_size=BATCH)


def _history_of(model: type[Model], link):
    return getattr(model.history.model, link.name).model


def _tell_initiatives(prepared: Prepared, user, reason: str) -> None:
    """Take ready marks off the facts on which the rows hang, and raise the revisions of initiatives."""
    rows = [*prepared.new, *prepared.changed]
    if prepared.table.model is not Fact:
        facts = {fact.pk for row in rows if (fact := fact_of(row)) is not None}
        for some in files.slices(list(facts)):
            unsettled = list(Fact.objects.filter(pk__in=some, ready=True).exclude(side="joint"))
            for fact in unsettled:
                fact.ready = False
            if unsettled:
                _update(Fact, unsettled, ["ready"])
                keep(Fact, unsettled, [Fact._meta.get_field("places")], user, reason, is_update=True)
    touched = {found.pk for row in rows if (found := initiative_of(row)) is not None}
    for some in files.slices(list(touched)):
        Initiative.touch_all(some)
