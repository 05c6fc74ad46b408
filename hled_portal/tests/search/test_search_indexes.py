"""The indexes of full text: put up after migrations, filled past no row, named where they lack."""

import pytest
from django.core.management import call_command
from django.db import connection

from hled_portal.checks import check_triggers
from hled_portal.search import fulltext, search_indexes, text_analysis
from hled_portal.search.fulltext import Where
from hled_portal.tests.factories import make_edition
from initiatives.models import SearchRow

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TABLE = "initiatives_searchrow"
BESIDE = {
    "sqlite": [f"{TABLE}_fts", f"{TABLE}_fts_insert", f"{TABLE}_fts_update", f"{TABLE}_fts_delete"],
    "postgresql": [f"{TABLE}_folded_simple"],
}


def make_row(text="bridge", **columns):
    edition = columns.pop("edition", None) or make_edition()
    row = SearchRow.of_edition(edition, 0, where=Where.TITLE, **fulltext.index_columns([text], "en"), **columns)
    row.save()
    return row


def count_matches(text) -> int:
    return SearchRow.objects.filter(fulltext.matching(SearchRow, text_analysis.parse_query(text))).count()


def execute(statement):
    connection.check_constraints()  # PostgreSQL changes no index of a table with foreign keys still to check.
    with connection.cursor() as cursor:
        cursor.execute(statement)


def drop():
    names = BESIDE[connection.vendor]
    execute(f'DROP INDEX "{names[0]}"' if connection.vendor == "postgresql" else f'DROP TRIGGER "{names[1]}"')


def test_nothing_is_missing_after_the_migrations():
    assert search_indexes.missing(connection) == []


def test_a_row_is_found_as_it_is_written_changed_and_deleted():
    row = make_row()
    assert (count_matches("bridge"), count_matches("road")) == (1, 0)
    row.folded = "road"
    row.save()
    assert (count_matches("bridge"), count_matches("road")) == (0, 1)
    row.delete()
    assert (count_matches("bridge"), count_matches("road")) == (0, 0)


def test_rows_go_with_their_edition():
    row = make_row()
    row.edition.delete()
    assert count_matches("bridge") == 0


def test_a_missing_part_is_named_and_put_up_again_with_what_was_written_meanwhile():
    make_row()
    drop()
    make_row("road", edition=make_edition(key="other"))
    lacking = search_indexes.missing(connection)
    assert lacking == [BESIDE[connection.vendor][0 if connection.vendor == "postgresql" else 1]]
    assert [warning.id for warning in check_triggers(["default"])] == ["hled_portal.W002"]
    connection.check_constraints()
    search_indexes.install(connection)
    assert search_indexes.missing(connection) == []
    assert check_triggers(["default"]) == []
    assert (count_matches("bridge"), count_matches("road")) == (1, 1)


def test_installing_twice_changes_nothing(django_assert_num_queries):
    make_row()
    with django_assert_num_queries(3):  # One for each table of search rows, and one for all.
        search_indexes.install(connection)
    assert count_matches("bridge") == 1


@pytest.mark.only_on("sqlite")
def test_a_part_that_is_written_otherwise_is_put_up_again():
    make_row()
    drop()
    execute(f'CREATE TRIGGER "{TABLE}_fts_insert" AFTER INSERT ON "{TABLE}" BEGIN SELECT 1; END')
    assert search_indexes.missing(connection) == [f"{TABLE}_fts_insert"]
    search_indexes.install(connection)
    make_row("road", edition=make_edition(key="other"))
    assert count_matches("road") == 1


@pytest.mark.only_on("sqlite")
@pytest.mark.django_db(transaction=True)
def test_a_rebuild_of_the_table_loses_nothing():
    make_row()
    search_indexes.remove_before_migrate(None, "default")
    assert [name for name in search_indexes.missing(connection) if name.startswith(TABLE)] == BESIDE["sqlite"]
    with connection.schema_editor() as editor:
        editor._remake_table(SearchRow)
    search_indexes.install_after_migrate(None, "default")
    assert search_indexes.missing(connection) == []
    assert count_matches("bridge") == 1


@pytest.mark.django_db(transaction=True)
def test_a_flush_empties_the_index_too_and_leaves_it_in_place():
    make_row()
    from hled_portal.publishing import triggers

    triggers.remove(connection)
    try:
        call_command("flush", interactive=False, verbosity=0)
    finally:
        triggers.install(connection)
    assert search_indexes.missing(connection) == []
    assert count_matches("bridge") == 0
    make_row("road")
    assert (count_matches("bridge"), count_matches("road")) == (0, 1)


@pytest.mark.only_on("postgresql")
def test_postgresql_asks_the_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        rows = SearchRow.objects.filter(fulltext.matching(SearchRow, text_analysis.parse_query("bridge")))
        assert f"{TABLE}_folded_simple" in rows.explain()
