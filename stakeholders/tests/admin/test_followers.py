"""Addresses at the desk: of the administrator alone, to erase one whose owner asks for it."""

import pytest
from django.urls import reverse

from hled_portal.background import mail
from hled_portal.models import JobState, Mail
from hled_portal.tests.factories import make_follower, make_user
from hled_portal.tests.pages import page
from stakeholders.models import Follower

pytestmark = pytest.mark.django_db
EVA = "eva@example.org"


@pytest.fixture
def eva():
    mail.queue("release/1", EVA, "en", "follow_request", {"title": "x", "link": "y", "days": 3})
    return make_follower(EVA, "initiative/otay-mesa-ii")


@pytest.fixture
def desk(client):
    def sign_in(*roles):
        client.force_login(make_user("rosa", *roles, delegation=""))
        return client

    return sign_in


@pytest.mark.parametrize("role", ["editor", "officer", "recommendations", "auditor"])
def test_no_delegation_and_no_auditor_sees_who_follows(desk, eva, role):
    client = desk(role)
    for path in (page(Follower, "changelist"), page(Follower, "change", eva.pk), page(Follower, "delete", eva.pk)):
        assert client.get(path).status_code == 403
    assert page(Follower, "changelist") not in client.get(reverse("admin:index")).content.decode()


def test_the_list_shows_no_addresses_and_finds_a_whole_one(desk, eva):
    client = desk("administrator")
    make_follower("max@example.org", "pillar/2021-1", "selection/")
    listed = client.get(page(Follower, "changelist")).content.decode()
    assert "example.org" not in listed
    assert "2 subscribers" in listed
    assert "1 subscriber" in client.get(page(Follower, "changelist"), {"q": EVA.upper()}).content.decode()
    assert "0 subscribers" in client.get(page(Follower, "changelist"), {"q": "eva"}).content.decode()


def test_an_administrator_erases_an_address_and_changes_none(desk, eva):
    client = desk("administrator")
    shown = client.get(page(Follower, "change", eva.pk)).content.decode()
    assert EVA in shown
    assert "otay-mesa-ii" not in shown
    assert client.get(page(Follower, "add")).status_code == 403
    client.post(page(Follower, "delete", eva.pk), {"post": "yes"})
    assert not Follower.objects.exists()
    assert not Mail.objects.exists()


def test_the_desk_shows_jobs_and_the_outbox_without_whom_it_writes_to(desk, eva):
    JobState.objects.create(name="send mail", due_at="2024-04-19T18:00Z", error="OSError: away")
    client = desk("administrator")
    assert "OSError: away" in client.get(page(JobState, "changelist")).content.decode()
    for path in (page(Mail, "changelist"), page(Mail, "change", Mail.objects.get().pk)):
        answer = client.get(path)
        assert "release/1" in answer.content.decode()
        assert EVA not in answer.content.decode()
