"""Consultations: frozen, approved by both delegations, published, changed by a new version, and withdrawn."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from hled_portal.dates import as_of
from hled_portal.publishing import clearance, release_plans, releasing, verification
from hled_portal.publishing.clearance import Refused
from hled_portal.tests import factories as make
from stakeholders.models import ConsultationEdition
from stakeholders.triage import consultations

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ADDRESS = "/en/recommendations/consultations/standing/"


class Turn:
    def should_continue(self) -> bool:
        return True


@pytest.fixture
def cast():
    cast = make.make_cast()
    officers = make.make_officers()
    cast.rosa, cast.ruth = officers.rosa, officers.ruth
    return cast


@pytest.fixture
def row():
    return make.agreed(make.make_consultation(is_public=False))


def test_it_is_public_with_two_approvals_and_its_bytes_stay(cast, row, client):
    text = consultations.propose_consultation(row, cast.rosa)
    clearance.clear(text, cast.luis, text.digest)
    with pytest.raises(Refused):
        releasing.release([text], cast.luis)
    assert client.get(ADDRESS).status_code == 404
    clearance.clear(text, cast.carl, text.digest)
    releasing.release([text], cast.luis)
    row.title_en = "Changed afterwards"
    row.save()
    page = client.get(ADDRESS).content.decode()
    assert "What should come next?" in page
    assert "Changed afterwards" not in page
    text.refresh_from_db()
    with pytest.raises(Exception, match="database: "):
        ConsultationEdition.objects.filter(pk=text.pk).update(content=text.content.replace("next", "now"))


def test_closing_early_is_a_version_of_its_own(cast, row, client):
    first = make.publish_consultation(cast, row, cast.rosa)
    row.closes = datetime.date(2024, 5, 1)
    row.save()
    assert "Last day" not in client.get(ADDRESS).content.decode()
    second = make.publish_consultation(cast, row, cast.ruth)
    assert "Last day: May 1, 2024" in client.get(ADDRESS).content.decode()
    first.refresh_from_db()
    assert (first.number, first.state, second.number, second.state) == (1, "superseded", 2, "published")
    (changed,) = consultations.consultation_parts(first.data, second.data)
    assert [change.name for change in changed.changes] == ["closes"]
    with pytest.raises(Refused, match="has not changed"):
        consultations.propose_consultation(row, cast.rosa)
    assert list(verification.verify()) == []


def test_a_withdrawn_one_leaves_a_notice_and_takes_no_letters(cast, row, client):
    text = make.publish_consultation(cast, row, cast.rosa)
    releasing.withdraw(text, cast.luis, "error", "It was wrong.", "Estaba mal.")
    answer = client.get(ADDRESS)
    assert answer.status_code == 410
    assert "It was wrong." in answer.content.decode()
    for address in ("/en/recommendations/", "/en/recommendations/new/", "/en/consultations.csv", "/sitemap.xml"):
        answer = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"standing" not in content, address
    text.refresh_from_db()
    assert (text.title_en, text.words_es) == ("", "")


def test_it_goes_out_with_a_scheduled_release_and_with_its_meeting_only(cast, row, client):
    row.meeting = make.agreed(make.make_meeting())
    row.save()
    text = consultations.propose_consultation(row, cast.rosa)
    for officer in (cast.luis, cast.carl):
        clearance.clear(text, officer, text.digest)
    with pytest.raises(Refused, match="Mid-year review"):
        releasing.release([text], cast.carl)
    row.meeting = None
    row.save()
    text = consultations.propose_consultation(row, cast.rosa, "Without the meeting.")
    for officer in (cast.luis, cast.carl):
        clearance.clear(text, officer, text.digest)
    at = timezone.now() + datetime.timedelta(hours=1)
    plan = release_plans.make(cast.luis, "Calls", at=at)
    release_plans.add_texts(plan, [text], cast.luis)
    for officer in (cast.luis, cast.carl):
        release_plans.agree_to_plan(plan, officer, release_plans.plan_digest(plan))
    with pytest.raises(Refused, match="Calls"):
        releasing.release([text], cast.carl)
    assert client.get(ADDRESS).status_code == 404
    with time_machine.travel(at + datetime.timedelta(minutes=1)):
        release_plans.publish_due_plans(Turn())
        assert "What should come next?" in client.get(ADDRESS).content.decode()


def test_who_may_propose(cast, row):
    for user in (cast.ana, cast.luis):
        with pytest.raises(Refused, match="permission"):
            consultations.propose_consultation(row, user)
    with pytest.raises(Refused, match="opened this page"):
        consultations.propose_consultation(row, cast.rosa, seen="x")
    assert consultations.propose_consultation(row, cast.rosa).key == "standing"
    assert not ConsultationEdition.objects.public(as_of.now()).exists()
