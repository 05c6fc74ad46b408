"""Cleared and published texts, and the history of the record, are changed and deleted by nobody, in no way."""

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.db.utils import DatabaseError
from simple_history.models import HistoricalChanges

from hled_portal.models import ReleasePlan, User
from hled_portal.publishing import triggers
from hled_portal.security.roles import ROLES
from hled_portal.tests import factories as make
from hled_portal.tests.pages import act, page
from initiatives.models import Edition, Initiative, Topic

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def cast(db):
    cast = make.make_cast()
    cast.root = make.make_user("root", is_superuser=True)
    return cast


def text_of(edition) -> tuple:
    edition = Edition.objects.get(pk=edition.pk)
    return edition.content, edition.digest, edition.state, edition.us_officer_id, edition.mx_officer_id


@pytest.mark.parametrize("made", [make.make_cleared, make.make_published])
def test_a_superuser_changes_and_deletes_no_cleared_text(cast, client, made):
    edition = made(cast)
    before = text_of(edition)
    client.force_login(cast.root)
    forged = {"content": "{}", "digest": "0" * 64, "state": "proposed", "post": "yes"}
    client.post(page(Edition, "change", edition.pk), forged)
    assert client.post(page(Edition, "delete", edition.pk), forged).status_code == 403
    act(client, Edition, "delete_selected", [edition], post="yes")
    assert text_of(edition) == before


@pytest.mark.parametrize("change", [{"content": "{}"}, {"digest": "0" * 64}, {"subject_key": "x"}, {"author": None}])
def test_no_door_of_the_program_changes_a_cleared_text(cast, change):
    edition = make.make_cleared(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(**change)


def test_what_was_published_is_not_deleted(cast):
    edition = make.make_published(cast)
    for delete in (edition.delete, Edition.objects.filter(pk=edition.pk).delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            delete()


@pytest.mark.parametrize("name", ["ana", "luis", "carl"])
def test_authors_and_officers_of_a_text_are_not_deleted(cast, client, name):
    make.make_published(cast)
    user = getattr(cast, name)
    client.force_login(cast.root)
    shown = client.post(page(User, "delete", user.pk), {"post": "yes"})
    assert (shown.status_code, shown.context["protected"] != []) == (200, True)
    act(client, User, "delete_selected", [user], post="yes")
    with pytest.raises(ProtectedError):
        user.delete()
    assert User.objects.filter(pk=user.pk).exists()


def test_who_has_written_in_the_record_is_deactivated_and_not_deleted(cast, client):
    topic = make.make_topic()
    topic._history_user = cast.beth
    topic.save()
    client.force_login(cast.root)
    shown = client.post(page(User, "delete", cast.beth.pk), {"post": "yes"})
    assert "has made changes that are on record" in shown.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.beth.delete()


def test_deleting_the_subject_or_the_release_to_come_leaves_the_text(cast, client):
    topic = make.make_topic()
    plan = ReleasePlan.objects.create(name="Ministerial", created_by=cast.carl)
    edition = make.make_cleared(cast)
    Edition.objects.filter(pk=edition.pk).update(plan=plan)
    before = text_of(edition)
    client.force_login(cast.root)
    client.post(page(Topic, "delete", topic.pk), {"post": "yes"})
    assert Topic.objects.filter(pk=topic.pk).exists()  # The staff site refuses it: its text is approved.
    topic.delete()
    assert not Topic.objects.filter(pk=topic.pk).exists()
    plan.delete()
    assert text_of(edition) == before


def test_a_subject_with_published_editions_leaves_them_when_it_goes(cast):
    initiative = make.make_initiative()
    make.publish_with_keys(cast, initiative)
    count = Edition.objects.count()
    Initiative.objects.filter(pk=initiative.pk).delete()
    assert Edition.objects.count() == count


# History


def test_nobody_changes_or_deletes_a_version(cast):
    topic = make.make_topic()
    version = topic.history.get()
    version.name_en = "Forged"
    for forge in (version.save, version.delete, topic.history.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            forge()
    assert topic.history.get().name_en == "Supply chains"


def test_every_table_of_versions_is_kept_by_the_database():
    tables = {model._meta.db_table for model in triggers.history_models()}
    kept = {rule.table for rule in triggers.triggers("sqlite") if rule.rule == "kept" and rule.event == "DELETE"}
    assert len(tables) > 21
    assert tables <= kept


def test_the_desk_has_no_page_and_no_role_to_change_history():
    assert not [model for model in admin.site._registry if issubclass(model, HistoricalChanges)]
    names = {name for role in ROLES for name in role.codenames()}
    assert not [name for name in names if "_historical" in name and ".view_" not in name]
