"""The review that the tests put back is the one that a true load leaves behind."""

import json

import pytest
from django.core.management import call_command

from hled_portal.models import Publication
from hled_portal.publishing.verification import verify
from initiatives.models import Edition, Entry, Facet

from .factories import make_topic
from .review import DAY, REVIEW, load_review

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def state() -> tuple:
    texts = {
        edition.text: (edition.digest, edition.title_es, edition.last_reported) for edition in Edition.objects.all()
    }
    log = [json.loads(row.entry)["text"] for row in Publication.objects.all()]
    return texts, sorted(log), Facet.objects.count(), Entry.objects.count()


def test_what_is_put_back_is_what_a_load_leaves_behind():
    load_review()
    assert list(verify()) == []
    put_back = state()
    call_command("load_dialogue", REVIEW, publish_as_of=DAY, verbosity=0)
    assert state() == put_back


def test_new_rows_find_a_free_key():
    load_review()
    assert make_topic("a-new-topic").pk
