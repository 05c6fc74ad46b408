"""verify_record: a line for each thing that does not hold, and nothing when all does."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from hled_portal.models import Publication, Release
from hled_portal.publishing import triggers
from hled_portal.publishing.verification import verify
from hled_portal.tests.factories import make_cast, make_joint_text, make_published, without_triggers
from initiatives.models import Edition

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def edition():
    make_joint_text("trade")
    return make_published(make_cast())


def test_a_true_record_holds(edition, capsys):
    assert list(verify()) == []
    head = Publication.objects.order_by("-position").first().hash
    call_command("verify_record", against=head)
    assert head in capsys.readouterr().out


@pytest.mark.parametrize(
    ("forge", "line"),
    [
        ({"content": '{"schema_version":1}'}, "topic/supply-chains/1: the hash does not match the content"),
        ({"public_from": "2020-01-01"}, "topic/supply-chains/1: public_from is 2020-01-01, but "),
        ({"state": "superseded"}, "topic/supply-chains/1: state is superseded, but published in the log"),
        ({"publication": 9}, "topic/supply-chains/1: publication is 9, but 2 in the log"),
        ({"us_officer": "beth"}, "topic/supply-chains/1: the approval of US does not match the log"),
    ],
)
def test_a_forged_column_is_named(edition, forge, line):
    from hled_portal.models import User

    if "us_officer" in forge:
        forge = {"us_officer": User.objects.get(username="beth")}
    with without_triggers():
        Edition.objects.filter(pk=edition.pk).update(**forge)
    lines = list(verify())
    assert any(found.startswith(line) for found in lines), lines


def test_a_deleted_text_and_one_outside_the_log_are_named(edition):
    with without_triggers():
        Edition.objects.filter(pk=edition.pk).delete()
        release = Release.objects.first()
        Edition.objects.filter(subject_key="trade").update(number=7, release=release)
    assert list(verify()) == [
        "topic/trade/7: public, but not in the log",
        "topic/trade/1: in the log, but the text does not exist",
        "topic/supply-chains/1: in the log, but the text does not exist",
    ]


def test_a_broken_chain_is_named_and_exits_with_one(edition):
    with without_triggers():
        Publication.objects.filter(position=1).delete()
    with pytest.raises(CommandError) as caught:
        call_command("verify_record")
    assert "publication 2: the chain is broken" in str(caught.value)
    assert caught.value.returncode == 1


def test_a_rewritten_log_does_not_contain_the_old_head(edition):
    old = Publication.objects.order_by("-position").first().hash
    with without_triggers():
        Publication.objects.filter(position=2).update(hash="0" * 64)
    lines = list(verify(old))
    assert "publication 2: the hash does not match the log entry" in lines
    assert f"the chain does not contain {old}" in lines


def test_a_missing_trigger_is_named(edition):
    triggers.remove(connection)
    assert any(line.startswith("missing trigger: ") for line in verify())
    triggers.install(connection)
    assert list(verify()) == []
