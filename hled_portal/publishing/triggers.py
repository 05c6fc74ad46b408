"""The rules of signed texts and of the publication log, in the database: no code goes round them.

SQLite loses triggers with every rebuild of a table, and refuses to rename a table that a trigger names. So there they
are taken down before a migration and put up after it; on PostgreSQL they stay while a portal that serves readers is
migrated, and are replaced in one transaction. `checks.py` names a missing one. Whoever owns the database can drop them:
the chain of the publication log makes a forgery visible, nothing here prevents it.
"""

# ruff: noqa: S608 - statements are written here from names of tables and columns of the models alone

from dataclasses import dataclass

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection as default_connection
from django.db import connections, transaction
from django.db.models.signals import post_migrate, pre_migrate
from simple_history.models import HistoricalChanges

from hled_portal.models import Publication, Step

from .signed_text import signed_models

PREFIX = "hled_"
_SHA256 = {
    "sqlite": "SHA256(NEW.content)",
    "postgresql": "encode(sha256(convert_to(NEW.content, 'UTF8')), 'hex')",
}


@dataclass(frozen=True)
class Trigger:
    """One rule: on this event of this table, refuse what meets the condition. `when` is SQL over OLD and NEW."""

    table: str
    rule: str
    event: str
    when: str
    message: str

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.table}_{self.rule}_{self.event.lower()}"

    @property
    def body(self) -> str:
        """What SQLite keeps of it: the whole trigger, as written."""
        when = self.when.replace(" IS DISTINCT FROM ", " IS NOT ")  # SQLite knows the standard's words from 3.39 on.
        return (
            f'CREATE TRIGGER "{self.name}" BEFORE {self.event} ON "{self.table}" FOR EACH ROW WHEN {when} '
            f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    @property
    def function(self) -> str:
        """What PostgreSQL keeps of it: the body of its function."""
        # 23514 is a check violation: Django raises IntegrityError, as SQLite's ABORT does.
        back = {"DELETE": "OLD", "TRUNCATE": "NULL"}.get(self.event, "NEW")
        return (
            f"BEGIN IF {self.when} THEN RAISE EXCEPTION '{self.message}' USING ERRCODE = '23514'; END IF; "
            f"RETURN {back}; END"
        )

    def statements(self, vendor: str) -> list[str]:
        if vendor == "sqlite":
            return [self.body]
        each = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
        return [
            f'CREATE OR REPLACE FUNCTION "{self.name}"() RETURNS trigger LANGUAGE plpgsql '
            f"AS $rule${self.function}$rule$",
            f'CREATE TRIGGER "{self.name}" BEFORE {self.event} ON "{self.table}" FOR EACH {each} '
            f'EXECUTE FUNCTION "{self.name}"()',
        ]


def install(connection=default_connection) -> None:
    """Put up every trigger, on tables that are there; twice is once."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _drop(cursor, connection.vendor)
        for trigger in _wanted(connection):
            for statement in trigger.statements(connection.vendor):
                cursor.execute(statement)


def remove(connection=default_connection) -> None:
    """Take down every trigger of the portal, those of earlier versions too."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _drop(cursor, connection.vendor)


def missing(connection) -> list[str]:
    """Names of triggers that are absent, disabled or not as this version writes them."""
    with connection.cursor() as cursor:
        there = {name: body for name, _table, body in _present(cursor, connection.vendor)}
    sqlite = connection.vendor == "sqlite"
    return [t.name for t in _wanted(connection) if there.get(t.name) != (t.body if sqlite else t.function)]


def connect(sender) -> None:
    """Take the triggers down before each migration and put them up after it; called by the app's `ready()`.

    Where nothing is migrated they stay as they are: replacing them locks their tables against readers.
    """
    pre_migrate.connect(remove_before_migrate, sender=sender, dispatch_uid="hled_portal.remove_triggers")
    post_migrate.connect(install_after_migrate, sender=sender, dispatch_uid="hled_portal.install_triggers")


def remove_before_migrate(sender, using, plan=None, **kwargs) -> None:
    if plan != [] and connections[using].vendor == "sqlite":
        remove(connections[using])


def install_after_migrate(sender, using, **kwargs) -> None:
    if not is_current(connections[using]):
        install(connections[using])


def is_current(connection) -> bool:
    """Whether the database has the triggers of this version and no other ones of the portal."""
    with connection.cursor() as cursor:
        present = sorted((name, table) for name, table, _body in _present(cursor, connection.vendor))
    return present == sorted((rule.name, rule.table) for rule in _wanted(connection)) and not missing(connection)


def triggers(vendor: str) -> list[Trigger]:
    """Every trigger of the portal as this version writes it."""
    rules = [*_publication_rules(), *_step_rules(), *_history_rules()]
    for model in signed_models():
        rules += [
            *_text_rules(model, vendor),
            *_approval_triggers(model),
            *_release_rules(model),
            *_joint_text_rules(model),
        ]
    if vendor == "postgresql":
        for model in [Publication, Step, *signed_models(), *history_models()]:
            table = model._meta.db_table
            rules.append(Trigger(table, "kept", "TRUNCATE", "true", "database: the public record is never emptied"))
    return rules


def history_models() -> list:
    """Every table that keeps versions of rows, and the lists that belong to a version."""
    return [model for model in apps.get_models(include_auto_created=True) if issubclass(model, HistoricalChanges)]


def _wanted(connection) -> list[Trigger]:
    tables = set(connection.introspection.table_names())
    users = get_user_model()._meta.db_table
    return [t for t in triggers(connection.vendor) if t.table in tables and users in tables]


def _present(cursor, vendor: str) -> list[tuple[str, str, str]]:
    if vendor == "sqlite":
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    else:
        cursor.execute(
            "SELECT t.tgname, c.relname, CASE WHEN t.tgenabled = 'D' THEN '' ELSE p.prosrc END FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
        )
    return [row for row in cursor.fetchall() if row[0].startswith(PREFIX)]


def _drop(cursor, vendor: str) -> None:
    for name, table, _body in _present(cursor, vendor):
        if vendor == "sqlite":
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
        else:
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"')
            cursor.execute(f'DROP FUNCTION IF EXISTS "{name}"()')


# The rules


def _columns(model, names) -> list[str]:
    """Columns of fields, which `Signed` names by attribute (`author_id`)."""
    by_name = {f.attname: f.column for f in model._meta.concrete_fields}
    return [by_name[name] for name in names]


def _changed(columns: list[str]) -> str:
    return "(" + " OR ".join(f'NEW."{c}" IS DISTINCT FROM OLD."{c}"' for c in columns) + ")"


def _same(model, one: str, other: str) -> str:
    """Condition that two rows are texts of one subject."""
    return " AND ".join(f'{one}."{c}" = {other}."{c}"' for c in _columns(model, model.identity))


def _text_rules(model, vendor: str) -> list[Trigger]:
    table, digest = model._meta.db_table, f"(NEW.digest <> {_SHA256[vendor]})"
    frozen = _columns(model, (model._meta.pk.attname, *model.FROZEN, *model.identity))
    wrong = "database: the digest is not the SHA-256 of the content"
    return [
        Trigger(table, "frozen", "UPDATE", _changed(frozen), "database: a frozen text is never changed"),
        Trigger(table, "digest", "INSERT", digest, wrong),
        Trigger(table, "digest", "UPDATE", digest, wrong),
        Trigger(table, "kept", "DELETE", "OLD.number IS NOT NULL", "database: what was published is never deleted"),
        *_replacement_rules(model),
    ]


def _replacement_rules(model) -> list[Trigger]:
    """SQLite's OR REPLACE deletes the rows in its way without asking the rule on deletion."""
    table, pk = model._meta.db_table, model._meta.pk.column
    message = "database: what was published is never replaced"
    published = f'EXISTS (SELECT 1 FROM "{table}" o WHERE o.number IS NOT NULL AND '
    same = (
        f"({_same(model, 'o', 'NEW')} AND (o.number = NEW.number "
        "OR (o.state = 'published' AND NEW.state = 'published')))"
    )
    return [
        Trigger(table, "replaced", "INSERT", f'{published}(o."{pk}" = NEW."{pk}" OR {same}))', message),
        Trigger(table, "replaced", "UPDATE", f'{published}o."{pk}" <> OLD."{pk}" AND {same})', message),
    ]


def _approval_triggers(model) -> list[Trigger]:
    table, users = model._meta.db_table, get_user_model()._meta.db_table
    found = []
    for side in ("us", "mx"):
        officer = f"NEW.{side}_officer_id"
        stranger = (
            f'({officer} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "{users}" u '
            f"WHERE u.id = {officer} AND u.delegation = '{side.upper()}'))"
        )
        other = " OR ".join(
            f"(OLD.{c} IS NOT NULL AND NEW.{c} IS NOT NULL AND OLD.{c} <> NEW.{c}{more})"
            for c, more in (
                (f"{side}_officer_id", ""),
                (f"{side}_digest", f" AND OLD.{side}_digest <> '' AND NEW.{side}_digest <> ''"),
                (f"{side}_at", ""),
            )
        )
        wrong = f"database: the key of {side.upper()} is held by an officer of that delegation"
        changed = _changed([f"{side}_officer_id", f"{side}_digest", f"{side}_at"])
        found += [
            Trigger(table, f"{side}_officer", "INSERT", stranger, wrong),
            Trigger(table, f"{side}_officer", "UPDATE", f"({changed} AND {stranger})", wrong),
            Trigger(table, f"{side}_key", "UPDATE", f"({other})", "database: a key is taken back, never exchanged"),
        ]
    return found


def _release_rules(model) -> list[Trigger]:
    table = model._meta.db_table
    issued = _changed(_columns(model, (*model.KEYS, *model.ISSUED)))
    move = (
        "(OLD.number IS NOT NULL AND NEW.state <> OLD.state"
        " AND NOT (OLD.state = 'published' AND NEW.state IN ('superseded', 'withdrawn'))"
        " AND NOT (OLD.state = 'superseded' AND NEW.state = 'withdrawn'))"
    )
    uncleared = (
        "(OLD.number IS NULL AND NEW.number IS NOT NULL AND NOT (OLD.basis = 'keys' AND OLD.state = 'cleared')"
        " AND NOT (OLD.basis = 'joint_text' AND OLD.state = 'proposed'))"
    )
    return [
        Trigger(
            table,
            "issued",
            "UPDATE",
            f"(OLD.number IS NOT NULL AND {issued})",
            "database: keys, number, day and release of a published text are never changed",
        ),
        Trigger(
            table,
            "state",
            "UPDATE",
            move,
            "database: a published text can only be superseded or withdrawn, and a withdrawn one does not come back",
        ),
        Trigger(table, "cleared", "UPDATE", uncleared, "database: only a cleared text becomes public"),
    ]


def _joint_text_rules(model) -> list[Trigger]:
    table = model._meta.db_table
    followed = (
        f'EXISTS (SELECT 1 FROM "{table}" n WHERE {_same(model, "n", "o")} AND n.number IS NOT NULL AND '
        "(n.public_from > o.public_from OR (n.public_from = o.public_from AND n.number > o.number))"
    )
    # An older text stands before what was approved for a later day.
    applies = f"o.public_from <= NEW.public_from AND NOT {followed} AND n.public_from <= NEW.public_from)"
    late = (
        f"NEW.basis = 'joint_text' AND EXISTS (SELECT 1 FROM \"{table}\" o WHERE o.number IS NOT NULL AND "
        f"{_same(model, 'o', 'NEW')} AND ((o.basis = 'keys' AND {applies}) "
        "OR (NEW.state <> 'superseded' AND o.public_from > NEW.public_from) "
        f"OR (o.state = 'withdrawn' AND NOT {followed}))))"
    )
    message = "database: a joint text is never loaded over what officers cleared or withdrew, nor over a later text"
    return [
        Trigger(table, "joint_text", "INSERT", f"(NEW.number IS NOT NULL AND {late})", message),
        Trigger(table, "joint_text", "UPDATE", f"(OLD.number IS NULL AND NEW.number IS NOT NULL AND {late})", message),
    ]


def _publication_rules() -> list[Trigger]:
    table = Publication._meta.db_table
    last = f'(SELECT COALESCE(MAX(position), 0) FROM "{table}")'
    out_of_line = f'(NEW.position <> {last} + 1 OR EXISTS (SELECT 1 FROM "{table}" o WHERE o.hash = NEW.hash))'
    kept = "database: the publication log is only ever added to"
    return [
        Trigger(table, "kept", "UPDATE", "true", kept),
        Trigger(table, "kept", "DELETE", "true", kept),
        Trigger(table, "line", "INSERT", out_of_line, "database: the publication log is written in line, row by row"),
    ]


def _step_rules() -> list[Trigger]:
    table, kept = Step._meta.db_table, "database: the steps of a text are only ever added to"
    return [Trigger(table, "kept", "UPDATE", "true", kept), Trigger(table, "kept", "DELETE", "true", kept)]


def _history_rules() -> list[Trigger]:
    """Who wrote stays written: an account that history names is not deleted, but deactivated."""
    kept = "database: the history of the record is only ever added to"
    tables = [model._meta.db_table for model in history_models()]
    return [Trigger(table, "kept", event, "true", kept) for table in tables for event in ("UPDATE", "DELETE")]
