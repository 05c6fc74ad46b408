"""Nothing makes a text public that was not cleared, changes what was signed, or removes what was published.

Each test ends with what stands in the database afterwards.
"""

import ast
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from hled_portal.models import Publication, Release, User
from hled_portal.publishing import clearance, releasing
from hled_portal.publishing.canonical_json import digest
from hled_portal.publishing.verification import verify
from hled_portal.tests.factories import (
    DAY,
    keys,
    make_cast,
    make_cleared,
    make_edition,
    make_published,
    make_user,
    topic_content,
)
from hled_portal.tests.pages import act, error_texts, page
from initiatives.models import Edition, Entry, Facet

pytestmark = [pytest.mark.database, pytest.mark.django_db]

TABLE = Edition._meta.db_table
#: What an officer sends who keys texts that she has not opened one by one.
ACKNOWLEDGED = {"confirmed": "yes", "acknowledged": "yes"}


@pytest.fixture
def cast(db):
    cast = make_cast()
    cast.rosa = make_user("rosa", "officer", delegation="MX")
    cast.root = make_user("root", is_superuser=True)
    return cast


FORGERIES = {
    "no key": lambda cast, edition: {},
    "one key": lambda cast, edition: (
        keys(edition, cast.carl, cast.luis) | {"mx_officer": None, "mx_digest": "", "mx_at": None}
    ),
    "unequal digests": lambda cast, edition: keys(edition, cast.carl, cast.luis) | {"mx_digest": "0" * 64},
    "a digest and no officer": lambda cast, edition: keys(edition, cast.carl, cast.luis) | {"mx_officer": None},
    "a key without its time": lambda cast, edition: keys(edition, cast.carl, cast.luis) | {"mx_at": None},
    "one officer twice": lambda cast, edition: keys(edition, cast.luis, cast.luis),
    "the author as officer": lambda cast, edition: keys(edition, cast.carl, cast.ana),
    "two officers of one delegation": lambda cast, edition: keys(edition, cast.rosa, cast.luis),
    "keys crossed": lambda cast, edition: keys(edition, cast.luis, cast.carl),
    "a superuser": lambda cast, edition: keys(edition, cast.root, cast.luis),
    "somebody of neither": lambda cast, edition: keys(edition, cast.carl, cast.zoe),
}


def issued() -> dict:
    release = Release.objects.create(publication=1, public_from=DAY, released_at=timezone.now())
    return {"state": "published", "number": 1, "public_from": DAY, "publication": 1, "release": release}


def by_save(edition, columns):
    for name, value in columns.items():
        setattr(edition, name, value)
    edition.save()


def by_update(edition, columns):
    Edition.objects.filter(pk=edition.pk).update(**columns)


def by_bulk_update(edition, columns):
    for name, value in columns.items():
        setattr(edition, name, value)
    Edition.objects.bulk_update([edition], list(columns))


def by_sql_update(edition, columns):
    columns = _raw(columns)
    with connection.cursor() as cursor:
        setters = ", ".join(f"{name} = %s" for name in columns)
        cursor.execute(f"UPDATE {TABLE} SET {setters} WHERE id = %s", [*columns.values(), edition.pk])


def by_bulk_create(edition, columns):
    Edition.objects.bulk_create([_another(edition, columns)])


def by_sql_insert(edition, columns):
    row = _another(edition, columns)
    fields = [f for f in Edition._meta.concrete_fields if f.name != "id"]
    values = [f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields]
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(fields))
        cursor.execute(f"INSERT INTO {TABLE} ({', '.join(f.column for f in fields)}) VALUES ({marks})", values)


def _raw(columns: dict) -> dict:
    fields = {f.name: f for f in Edition._meta.concrete_fields}
    return {
        fields[name].column: fields[name].get_db_prep_save(getattr(value, "pk", value), connection)
        for name, value in columns.items()
    }


def _another(edition, columns) -> Edition:
    same = {"subject_kind": "topic", "subject_key": "another", "author": edition.author}
    return Edition(content=edition.content, digest=edition.digest, **{**same, **columns})


CHANGES = [by_save, by_update, by_bulk_update, by_sql_update]
WRITES = [*CHANGES, by_bulk_create, by_sql_insert]


def nothing_is_public() -> bool:
    return not Edition.objects.filter(number__isnull=False).exists() and not Publication.objects.exists()


def on_postgresql(*writes, among):
    """The triggers are those of each row, so that there one statement of a kind is enough."""
    return [write if write in writes else pytest.param(write, marks=pytest.mark.only_on("sqlite")) for write in among]


@pytest.mark.parametrize("write", on_postgresql(by_update, by_sql_update, by_sql_insert, among=WRITES))
@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_lacks_two_true_keys_cannot_be_written_as_public(cast, forgery, write):
    edition = make_edition(cast.ana)
    before = Edition.objects.values().get()
    columns = FORGERIES[forgery](cast, edition) | issued()
    with pytest.raises(DatabaseError), transaction.atomic():
        write(edition, columns)
    assert nothing_is_public()
    assert Edition.objects.values().get() == before


@pytest.mark.parametrize("write", on_postgresql(by_sql_update, among=CHANGES))
@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_lacks_two_true_keys_cannot_be_made_public_step_by_step(cast, forgery, write):
    edition = make_edition(cast.ana)
    with pytest.raises(DatabaseError), transaction.atomic():  # noqa: PT012 - whichever step the database refuses
        write(edition, FORGERIES[forgery](cast, edition) | {"state": "cleared"})
        write(edition, issued())
    assert nothing_is_public()
    assert Edition.objects.get().state == "proposed"


@pytest.mark.parametrize("state", ["proposed", "returned", "replaced"])
def test_true_keys_on_a_text_that_is_not_cleared_do_not_make_it_public(cast, state):
    edition = make_cleared(cast)
    by_update(edition, {"state": state})
    with pytest.raises(DatabaseError), transaction.atomic():
        by_update(edition, issued())
    assert nothing_is_public()
    assert Edition.objects.get().state == state


@pytest.mark.parametrize("forgery", ["no key", "one key"])
def test_the_verb_does_not_release_what_is_not_cleared(cast, forgery):
    edition = make_edition(cast.ana)
    by_update(edition, FORGERIES[forgery](cast, edition))
    with pytest.raises(ValidationError, match="not been approved by both"):
        releasing.release([edition], cast.luis)
    assert nothing_is_public()
    assert Edition.objects.get().state == "proposed"


def test_a_joint_text_without_its_source_cannot_be_written_as_public():
    edition = make_edition(None, basis="joint_text")
    with pytest.raises(DatabaseError), transaction.atomic():
        by_update(edition, issued())
    assert nothing_is_public()


def test_a_whole_forgery_by_the_owner_of_the_database_is_found_by_the_log(cast):
    edition = make_edition(cast.ana)
    by_sql_insert(edition, keys(edition, cast.carl, cast.luis) | issued())
    assert list(verify()) == ["topic/another/1: public, but not in the log"]


# The admin


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("author", "You cannot approve a text that you proposed."),
        ("zoe", "You do not belong to a delegation."),
        ("root", "You do not belong to a delegation."),
    ],
)
def test_who_gets_no_key_at_the_desk(cast, client, name, reason):
    cast.author = make_user("author", "editor", "officer", delegation="MX")
    edition = make_edition(cast.author)
    client.force_login(getattr(cast, name))
    answer = act(client, Edition, "set_key", [edition], **ACKNOWLEDGED, **{f"seen_{edition.pk}": edition.digest})
    assert error_texts(answer) == [f"Topic: Supply chains: {reason}"]
    assert Edition.objects.filter(us_officer=None, mx_officer=None, state="proposed").count() == 1


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("action", ["set_key", "release"])
def test_an_editor_has_neither_keys_nor_releases_at_the_desk(cast, client, action):
    edition = make_cleared(cast) if action == "release" else make_edition(cast.ana)
    before = Edition.objects.values().get()
    client.force_login(cast.beth)
    act(client, Edition, action, [edition], confirmed="yes", **{f"seen_{edition.pk}": edition.digest})
    assert nothing_is_public()
    assert Edition.objects.values().get() == before


def test_a_key_at_the_desk_is_over_the_text_that_was_shown(cast, client):
    edition = make_edition(cast.ana)
    client.force_login(cast.luis)
    shown = act(client, Edition, "set_key", [edition])
    assert edition.digest in shown.content.decode()
    assert "Cadenas de suministro" in shown.content.decode()
    assert Edition.objects.get().mx_officer is None
    answer = act(client, Edition, "set_key", [edition], **ACKNOWLEDGED, **{f"seen_{edition.pk}": "0" * 64})
    assert error_texts(answer) == ["Topic: Supply chains: This text has changed since you opened it. Open it again."]
    assert Edition.objects.get().mx_officer is None
    answer = act(client, Edition, "set_key", [edition], **ACKNOWLEDGED, **{f"seen_{edition.pk}": edition.digest})
    assert error_texts(answer) == ["You approved Topic: Supply chains."]
    assert Edition.objects.get().mx_officer == cast.luis


@pytest.mark.only_on("sqlite")
def test_one_officer_does_not_set_both_keys_at_the_desk(cast, client):
    edition = make_edition(cast.ana)
    client.force_login(cast.luis)
    for _time in range(2):
        answer = act(client, Edition, "set_key", [edition], **ACKNOWLEDGED, **{f"seen_{edition.pk}": edition.digest})
    assert "Topic: Supply chains: Your delegation has already approved this text." in error_texts(answer)
    assert Edition.objects.values_list("state", "us_officer", "mx_officer").get() == ("proposed", None, cast.luis.pk)


def test_a_release_at_the_desk_is_all_or_nothing(cast, client):
    cleared, proposed = make_cleared(cast, "one"), make_edition(cast.ana, "two")
    client.force_login(cast.carl)
    answer = act(client, Edition, "release", [cleared, proposed])
    assert error_texts(answer) == ["Topic: Supply chains has not been approved by both delegations."]
    assert nothing_is_public()
    asked = act(client, Edition, "release", [cleared])
    assert "This text becomes public immediately" in asked.content.decode()
    assert nothing_is_public()
    answer = act(client, Edition, "release", [cleared], confirmed="yes")
    assert error_texts(answer) == ["1 text published (publication 1)."]
    assert list(Edition.objects.values_list("subject_key", "state")) == [("one", "published"), ("two", "proposed")]


def test_an_officer_withdraws_at_the_desk_with_a_reason(cast, client):
    edition = make_published(cast)
    client.force_login(cast.carl)
    asked = act(client, Edition, "withdraw", [edition])
    assert "disappear immediately from every page, date, list, download and feed" in asked.content.decode()
    answer = act(client, Edition, "withdraw", [edition], confirmed="yes", reason="other", words_en="Typed words")
    assert "Enter the explanation in both languages." in answer.content.decode()
    assert "Typed words" in answer.content.decode()
    assert Edition.objects.get().state == "published"
    answer = act(client, Edition, "withdraw", [edition], confirmed="yes", reason="error")
    assert error_texts(answer) == ["Topic: Supply chains was withdrawn."]
    assert Edition.objects.get().state == "withdrawn"


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("name", "told_so"),
    [
        ("beth", None),
        ("zoe", ["Topic: Supply chains: You do not belong to a delegation."]),
        ("root", ["Topic: Supply chains: You do not belong to a delegation."]),
        ("anonymous", None),
    ],
)
def test_who_cannot_withdraw_at_the_desk(cast, client, name, told_so):
    edition = make_published(cast)
    if name != "anonymous":
        client.force_login(getattr(cast, name))
    answer = act(client, Edition, "withdraw", [edition], confirmed="yes", reason="error")
    assert Edition.objects.get().state == "published"
    if told_so:
        assert error_texts(answer) == told_so


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("name", ["luis", "root"])
@pytest.mark.parametrize("make", [make_edition, make_published])
def test_no_form_writes_an_edition(cast, client, name, make):
    edition = make(cast.ana if make is make_edition else cast)
    before = Edition.objects.values().get()
    client.force_login(getattr(cast, name))
    forged = {"content": "{}", "state": "published", "number": 3, "us_officer": cast.carl.pk, "post": "yes"}
    for address in (page(Edition, "change", edition.pk), page(Edition, "delete", edition.pk), page(Edition, "add")):
        assert client.post(address, forged).status_code == 403
    act(client, Edition, "delete_selected", [edition], post="yes")
    assert Edition.objects.values().get() == before


@pytest.mark.parametrize("key", ["x", "9" * 40, "-1", "1e3", "\0"])
@pytest.mark.parametrize("action", on_postgresql("set_key", among=["set_key", "release", "withdraw"]))
def test_a_forged_selection_is_refused(cast, client, action, key):
    client.force_login(cast.luis)
    answer = act(client, Edition, action, [key])
    assert answer.status_code == 200
    assert nothing_is_public()


# What was signed


@pytest.mark.parametrize("write", CHANGES)
@pytest.mark.parametrize("make", [make_cleared, make_published])
def test_signed_content_cannot_be_changed(cast, make, write):
    edition = make(cast)
    content = topic_content("supply-chains", "Something else")
    before = Edition.objects.values().get()
    for columns in ({"content": content}, {"content": content, "digest": digest(content)}):
        with pytest.raises(DatabaseError), transaction.atomic():
            write(Edition.objects.get(), columns)
    assert Edition.objects.values().get() == before
    assert edition.content == before["content"]


def test_a_published_edition_cannot_be_deleted(cast):
    edition = make_published(cast)
    counts = [Edition.objects.count(), Facet.objects.count(), Entry.objects.count(), Publication.objects.count()]
    attempts = [
        edition.delete,
        Edition.objects.all().delete,
        lambda: Edition.objects.all()._raw_delete("default"),
        Publication.objects.get().delete,
        Publication.objects.all().delete,
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert [
        Edition.objects.count(),
        Facet.objects.count(),
        Entry.objects.count(),
        Publication.objects.count(),
    ] == counts
    assert list(verify()) == []


def test_no_cascade_reaches_a_published_edition(cast):
    edition = make_published(cast)
    for row in (cast.ana, cast.luis, cast.carl, edition.release):
        with pytest.raises(ProtectedError):
            row.delete()
    for table, pk in ((User._meta.db_table, cast.carl.pk), (Release._meta.db_table, edition.release_id)):
        with pytest.raises(DatabaseError), transaction.atomic():  # noqa: PT012 - foreign keys are checked at the end
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {table} WHERE id = %s", [pk])
            connection.check_constraints()
    assert Edition.objects.get() == edition
    assert list(verify()) == []


# Commands


def test_only_commands_publish_joint_texts():
    """`release_joint_text` is known to what enters joint texts alone, and that to commands alone."""
    root = Path(settings.BASE_DIR)
    apps = [root / name for name in ("hled_portal", "initiatives", "stakeholders")]
    entering = {"enter_joint_text": "initiatives/editions/joint_texts.py"}
    entering |= {"publish_more": "initiatives/imports/directory_loader.py"}
    known = {"release_joint_text": set()} | {name: set() for name in entering}
    for path in (path for app in apps for path in app.rglob("*.py") if "tests" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {getattr(node, "id", ""), getattr(node, "attr", ""), getattr(node, "name", "")}
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)
            for name in names & set(known):
                known[name].add(path.relative_to(root).as_posix())
    # What another app enters of a joint text is registered with `publish_more`, and no other module names it.
    allowed = {"hled_portal/publishing/releasing.py", "stakeholders/triage/joint_texts.py", *entering.values()}
    assert known["release_joint_text"] <= allowed
    for name, module in entering.items():
        callers = known[name] - {module}
        assert callers, f"no command calls {name}"
        assert all("/management/commands/" in path for path in callers)


# At once


def at_once(*verbs) -> list:
    """Run the verbs at the same moment, each on a connection of its own; return what each raised."""
    start, raised = threading.Barrier(len(verbs)), [None] * len(verbs)

    def run(place, verb):
        try:
            start.wait(10)
            verb()
        except Exception as error:
            raised[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


@pytest.mark.only_on("postgresql")  # Tests on SQLite share one connection in memory.
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_both_keys_stand_when_two_officers_clear_at_once(self, cast):
        for number in range(8):
            edition = make_edition(cast.ana, f"topic-{number}")
            raised = at_once(
                lambda e=edition: clearance.clear(e, cast.luis, e.digest),
                lambda e=edition: clearance.clear(e, cast.carl, e.digest),
            )
            assert raised == [None, None]
            edition.refresh_from_db()
            assert (edition.state, edition.us_officer, edition.mx_officer) == ("cleared", cast.carl, cast.luis)

    def test_one_delegation_sets_one_key_when_two_of_its_officers_clear_at_once(self, cast):
        edition = make_edition(cast.ana)
        raised = at_once(
            lambda: clearance.clear(edition, cast.luis, edition.digest),
            lambda: clearance.clear(edition, cast.rosa, edition.digest),
        )
        assert [type(error) for error in raised if error] == [clearance.Refused]
        edition.refresh_from_db()
        assert (edition.state, edition.us_officer) == ("proposed", None)

    def test_two_releases_at_once_stand_in_line(self, cast):
        editions = [make_cleared(cast, f"topic-{number}") for number in range(8)]
        raised = at_once(*(lambda e=edition: releasing.release([e], cast.luis) for edition in editions))
        assert raised == [None] * 8
        numbers = list(Publication.objects.order_by("position").values_list("position", "number"))
        assert numbers == [(number, number) for number in range(1, 9)]
        assert sorted(Edition.objects.values_list("publication", flat=True)) == list(range(1, 9))
        assert list(verify()) == []

    def test_one_text_is_released_once(self, cast):
        edition = make_cleared(cast)
        raised = at_once(*(lambda: releasing.release([edition], cast.luis) for _time in range(4)))
        assert sorted(type(error).__name__ for error in raised) == ["NoneType", "Refused", "Refused", "Refused"]
        assert Publication.objects.count() == 1
