"""The rules that stand in the database: each is met by plain SQL, and each comes back after a migration."""

from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from hled_portal.checks import check_triggers
from hled_portal.models import Publication, User
from hled_portal.publishing import triggers
from hled_portal.publishing.clearance import clear
from hled_portal.search import search_indexes
from hled_portal.tests.factories import (
    DAY,
    make_cast,
    make_cleared,
    make_edition,
    make_joint_text,
    make_published,
    make_user,
    topic_content,
    without_triggers,
)
from initiatives.models import Edition

pytestmark = [pytest.mark.database, pytest.mark.django_db]

on_sqlite = pytest.mark.only_on("sqlite")
on_postgresql = pytest.mark.only_on("postgresql")
EDITION, LOG = Edition._meta.db_table, Publication._meta.db_table


@pytest.fixture
def cast(db):
    return make_cast()


def sql(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def update(edition: Edition, **columns) -> None:
    setters = ", ".join(f"{name} = %s" for name in columns)
    sql(f"UPDATE {EDITION} SET {setters} WHERE id = %s", *columns.values(), edition.pk)


@contextmanager
def refused(words: str):
    with pytest.raises(IntegrityError, match=f"database: .*{words}"), transaction.atomic():
        yield


def stands(edition: Edition) -> dict:
    """The whole row, as the database has it."""
    return Edition.objects.filter(pk=edition.pk).values().get()


# Putting up and taking down


def test_every_trigger_is_up_after_migrating():
    assert triggers.missing(connection) == []
    assert check_triggers(databases=["default"]) == []


def test_both_databases_have_the_same_rules():
    names = {vendor: {t.name for t in triggers.triggers(vendor)} for vendor in ("sqlite", "postgresql")}
    assert {n for n in names["postgresql"] - names["sqlite"] if not n.endswith("_truncate")} == set()
    assert names["sqlite"] - names["postgresql"] == set()
    assert max(len(name) for name in names["postgresql"]) <= 63


def test_installing_twice_is_installing_once(cast):
    triggers.install()
    triggers.install()
    assert triggers.missing(connection) == []


def test_a_check_names_each_missing_trigger():
    with without_triggers():
        names = triggers.missing(connection)
        warnings = check_triggers(databases=["default"])
    assert f"hled_{EDITION}_frozen_update" in names
    assert f"hled_{LOG}_line_insert" in names
    assert [w.id for w in warnings] == ["hled_portal.W001"] * len(names)
    assert all(name in warning.msg for name, warning in zip(names, warnings, strict=True))


def test_checks_look_only_at_the_databases_they_are_told():
    with without_triggers():
        assert check_triggers(databases=None) == []


@on_sqlite
def test_a_trigger_that_does_nothing_counts_as_missing():
    name = f"hled_{LOG}_kept_delete"
    sql(f"DROP TRIGGER {name}")
    sql(f"CREATE TRIGGER {name} BEFORE DELETE ON {LOG} BEGIN SELECT 1; END")
    assert triggers.missing(connection) == [name]
    triggers.install()
    assert triggers.missing(connection) == []


@on_postgresql
def test_a_disabled_trigger_counts_as_missing():
    name = f"hled_{LOG}_kept_delete"
    sql(f"ALTER TABLE {LOG} DISABLE TRIGGER {name}")
    assert triggers.missing(connection) == [name]


@pytest.mark.django_db(transaction=True)
def test_triggers_are_there_after_a_migration_that_rebuilds_tables_and_on_postgresql_during_it():
    triggers.remove_before_migrate(None, "default")
    assert triggers.is_current(connection) == (connection.vendor == "postgresql")
    longer = models.CharField(max_length=220, db_index=True)
    longer.set_attributes_from_name("text")
    constraint = models.CheckConstraint(condition=~models.Q(subject_key="none"), name="a_trial")
    with connection.schema_editor() as editor:
        editor.alter_field(Publication, Publication._meta.get_field("text"), longer)
        editor.alter_field(User, User._meta.get_field("delegation"), User._meta.get_field("delegation"))
        editor.add_constraint(Edition, constraint)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Edition, constraint)
        editor.alter_field(Publication, longer, Publication._meta.get_field("text"))
    triggers.install_after_migrate(None, "default")
    assert triggers.missing(connection) == []


def test_migrating_nothing_locks_no_table_of_the_running_portal():
    with CaptureQueriesContext(connection) as queries:
        for module in (triggers, search_indexes):
            module.remove_before_migrate(None, "default", plan=[])
            module.install_after_migrate(None, "default")
    assert [query["sql"] for query in queries if query["sql"].startswith(("DROP", "CREATE"))] == []
    assert triggers.is_current(connection)
    other = triggers.Trigger("hled_portal_step", "of_an_earlier_version", "UPDATE", "false", "never")
    with connection.cursor() as cursor:
        for statement in other.statements(connection.vendor):
            cursor.execute(statement)
    triggers.install_after_migrate(None, "default")
    assert triggers.is_current(connection)


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_sqlite_loses_triggers_when_a_table_is_rebuilt():
    constraint = models.CheckConstraint(condition=~models.Q(text="none"), name="a_trial")
    with connection.schema_editor() as editor:
        editor.add_constraint(Publication, constraint)
    lost = triggers.missing(connection)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Publication, constraint)
    triggers.install()
    assert lost
    assert all(name.startswith(f"hled_{LOG}_") for name in lost)


@pytest.mark.django_db(transaction=True)
def test_migrating_puts_the_triggers_up():
    triggers.remove()
    call_command("migrate", verbosity=0)
    assert triggers.missing(connection) == []


# Frozen texts


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("content", "{}"),
        ("digest", "0" * 64),
        ("basis", "joint_text"),
        ("source_key", "other"),
        ("author_id", None),
        ("proposed_at", "2020-01-01 00:00:00+00:00"),
        ("subject_kind", "place"),
        ("subject_key", "other"),
        ("id", 4000),
    ],
)
@pytest.mark.parametrize("make", [make_cleared, make_published])
def test_what_is_frozen_is_never_changed(cast, make, column, value):
    edition = make(cast)
    before = stands(edition)
    with refused("never changed|SHA-256"):
        update(edition, **{column: value})
    assert stands(edition) == before


def test_content_is_frozen_with_its_own_new_digest_too(cast):
    edition = make_edition(cast.ana)
    other = make_edition(cast.ana, "other")
    with refused("never changed"):
        update(edition, content=other.content, digest=other.digest)


def test_a_digest_fits_its_content(cast):
    with refused("SHA-256"):
        make_edition(cast.ana, digest="0" * 64)
    assert Edition.objects.count() == 0


def test_real_letters_are_hashed_as_utf8(cast):
    assert make_edition(cast.ana, content='{"name_es":"Ñandú – 日本 🙂"}').pk


# Keys


@pytest.mark.parametrize(("side", "name"), [("us", "luis"), ("us", "zoe"), ("mx", "carl"), ("mx", "zoe")])
def test_a_key_is_held_by_its_own_delegation(cast, side, name):
    edition = make_edition(cast.ana)
    officer = getattr(cast, name).pk
    with refused(f"key of {side.upper()}"):
        update(edition, **{f"{side}_officer_id": officer, f"{side}_digest": edition.digest})
    with refused(f"key of {side.upper()}"):
        make_edition(cast.ana, "other", **{f"{side}_officer_id": officer})
    assert list(Edition.objects.values_list("us_officer", "mx_officer")) == [(None, None)]


def test_a_key_outlives_its_officers_delegation(cast):
    edition = make_edition(cast.ana)
    clear(edition, cast.luis, edition.digest)
    User.objects.filter(pk=cast.luis.pk).update(delegation="")
    edition = clear(edition, cast.carl, edition.digest)
    assert edition.state == "cleared"


def test_a_key_is_taken_back_but_not_exchanged(cast):
    rosa = make_user("rosa", "officer", delegation="MX")
    edition = make_edition(cast.ana)
    edition = clear(edition, cast.luis, edition.digest)
    with refused("never exchanged"):
        update(edition, mx_officer_id=rosa.pk)
    with refused("never exchanged"):
        update(edition, mx_at="2020-01-01 00:00:00+00:00")
    update(edition, mx_officer_id=None, mx_digest="", mx_at=None)
    assert stands(edition)["mx_officer_id"] is None


# What was published


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("us_officer_id", None),
        ("us_digest", ""),
        ("mx_at", None),
        ("number", 7),
        ("public_from", "2020-01-01"),
        ("publication", 9),
        ("release_id", None),
    ],
)
def test_what_was_issued_is_never_changed(cast, column, value):
    edition = make_published(cast)
    before = stands(edition)
    with refused("of a published text are never changed|SHA-256"):
        update(edition, **{column: value})
    assert stands(edition) == before


@pytest.mark.parametrize("state", ["proposed", "cleared", "returned", "replaced"])
def test_a_published_text_does_not_go_back(cast, state):
    edition = make_published(cast)
    with refused("only be superseded or withdrawn"):
        update(edition, state=state)
    assert stands(edition)["state"] == "published"


def test_a_withdrawn_text_does_not_come_back(cast):
    edition = make_published(cast)
    update(edition, state="superseded")
    with refused("only be superseded or withdrawn"):
        update(edition, state="published")
    update(edition, state="withdrawn")
    for state in ("published", "superseded"):
        with refused("does not come back"):
            update(edition, state=state)
    assert stands(edition)["state"] == "withdrawn"


def test_what_was_published_is_never_deleted(cast):
    edition, proposed = make_published(cast), make_edition(cast.ana, "other")
    with refused("never deleted"):
        sql(f"DELETE FROM {EDITION} WHERE id = %s", edition.pk)
    sql(f"DELETE FROM {EDITION} WHERE id = %s", proposed.pk)
    assert list(Edition.objects.all()) == [edition]


@on_sqlite
def test_what_was_published_is_never_replaced(cast):
    edition = make_published(cast)
    other = make_edition(cast.ana)
    before = stands(edition)
    columns = ", ".join(f.column for f in Edition._meta.concrete_fields if f.name != "id")
    insert = f"INSERT OR REPLACE INTO {EDITION}"
    with refused("never replaced"):
        sql(
            f"{insert} (id, {columns}) SELECT {edition.pk}, {columns} FROM {EDITION} WHERE id = %s",
            other.pk,
        )
    with refused("never replaced"):
        sql(f"{insert} ({columns}) SELECT {columns} FROM {EDITION} WHERE id = %s", edition.pk)
    with refused("never replaced|cleared text"):
        sql(f"UPDATE OR REPLACE {EDITION} SET state = 'published', number = 1 WHERE id = %s", other.pk)
    assert stands(edition) == before


@on_postgresql
@pytest.mark.parametrize("table", [EDITION, LOG])
def test_what_was_published_is_never_emptied(cast, table):
    edition = make_published(cast)
    connection.check_constraints()
    with refused("never emptied"):
        sql(f"TRUNCATE {table} CASCADE")
    assert Publication.objects.get().text == edition.text


# Joint texts


def test_a_joint_text_never_follows_what_officers_cleared(cast):
    make_published(cast)
    late = make_edition(None, basis="joint_text", source_key="2024-04-19-fact-sheet")
    release = Edition.objects.get(number=1).release_id
    Edition.objects.filter(number=1).update(state="superseded")
    with refused("never loaded over"):
        update(late, state="published", number=2, public_from=DAY, publication=1, release_id=release)
    assert stands(late)["state"] == "proposed"


def test_a_joint_text_never_follows_a_later_one():
    newest = make_joint_text()
    older = make_edition(None, basis="joint_text", source_key="older")
    Edition.objects.filter(pk=newest.pk).update(state="superseded")
    issued = {"number": 2, "publication": 1, "release_id": newest.release_id}
    with refused("nor over a later text"):
        update(older, state="published", public_from="2023-01-01", **issued)
    assert stands(older)["number"] is None


@pytest.mark.parametrize("name", ["Supply chains", "Another name"])
def test_an_older_joint_text_stands_before_a_later_one(name):
    newest = make_joint_text()
    content = topic_content("supply-chains", name)
    older = make_edition(None, content=content, basis="joint_text", source_key="older")
    issued = {"number": 2, "publication": 1, "release_id": newest.release_id}
    update(older, state="superseded", public_from="2023-01-01", **issued)
    assert stands(older)["number"] == 2


def test_a_joint_text_never_follows_what_was_withdrawn():
    newest = make_joint_text()
    later = make_edition(None, basis="joint_text", source_key="later")
    update(newest, state="withdrawn")
    issued = {"number": 2, "publication": 1, "release_id": newest.release_id}
    with refused("cleared or withdrew"):
        update(later, state="published", public_from="2025-01-01", **issued)
    assert stands(later)["number"] is None


# The log


def test_the_log_is_only_ever_added_to(cast):
    make_published(cast)
    before = Publication.objects.values().get()
    with refused("only ever added to"):
        sql(f"UPDATE {LOG} SET entry = '' WHERE position = 1")
    with refused("only ever added to"):
        sql(f"DELETE FROM {LOG}")
    assert Publication.objects.values().get() == before


@pytest.mark.parametrize("position", [0, 1, 3])
def test_the_log_is_written_in_line(cast, position):
    make_published(cast)
    verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    with refused("in line"):
        sql(
            f"{verb} INTO {LOG} (position, number, action, text, digest, entry, hash) "
            "VALUES (%s, 2, 'released', 'topic/x/1', '', '', 'h')",
            position,
        )
    assert Publication.objects.count() == 1


@on_sqlite
def test_a_row_of_the_log_is_not_replaced_by_one_with_its_hash(cast):
    make_published(cast)
    row = Publication.objects.get()
    with refused("in line"):
        sql(
            f"INSERT OR REPLACE INTO {LOG} (position, number, action, text, digest, entry, hash) "
            "VALUES (2, 2, 'released', 'topic/x/1', '', '', %s)",
            row.hash,
        )
    assert Publication.objects.get() == row
