"""Before approving and publishing, the password is asked for again."""

import datetime
import time

import pytest
import time_machine
from django.utils import timezone

from hled_portal.models import ReleasePlan
from hled_portal.publishing import release_plans
from hled_portal.tests import factories as make
from hled_portal.tests.pages import page
from initiatives.models import Edition
from stakeholders.models import Recommendation

pytestmark = pytest.mark.django_db
WORDS = "una frase larga 7"
AGAIN = "/en/sign-in/again/"


@pytest.fixture
def cast(settings):
    settings.REAUTHENTICATE_MINUTES = 15
    cast = make.make_cast()
    cast.luis.set_password(WORDS)
    cast.luis.save()
    return cast


def approve(client, edition, **more):
    data = {f"seen_{edition.pk}": edition.digest}
    return client.post(f"/admin/initiatives/edition/{edition.pk}/key/", data, **more)


def test_an_approval_after_a_while_asks_for_the_password(cast, client):
    edition = make.make_edition(cast.ana)
    client.force_login(cast.luis)
    address = page(Edition, "change", edition.pk)
    with time_machine.travel(time.time() + 16 * 60):
        answer = approve(client, edition, headers={"Referer": f"http://testserver{address}"})
        edition.refresh_from_db()
        assert (answer.status_code, edition.mx_digest) == (302, "")
        asked = client.post(answer["Location"], {"secret": "wrong"})
        assert "Wrong password or code." in asked.content.decode()
        assert client.post(answer["Location"], {"secret": WORDS})["Location"] == address
        approve(client, edition)
        edition.refresh_from_db()
        assert edition.mx_digest == edition.digest


@pytest.mark.parametrize("action", ["set_key", "release"])
def test_so_do_the_actions_of_the_list(cast, client, action):
    edition = make.make_cleared(cast) if action == "release" else make.make_edition(cast.ana)
    client.force_login(cast.luis)
    data = {"action": action, "_selected_action": edition.pk, "confirmed": "yes", "acknowledged": "yes"}
    with time_machine.travel(time.time() + 16 * 60):
        answer = client.post(page(Edition, "changelist"), data | {f"seen_{edition.pk}": edition.digest})
    assert answer["Location"].startswith(AGAIN)
    edition.refresh_from_db()
    assert edition.state == ("cleared" if action == "release" else "proposed")


@pytest.mark.parametrize("verb", ["agree", "release"])
def test_so_do_the_buttons_of_a_scheduled_release(cast, client, verb):
    at = timezone.now() + datetime.timedelta(hours=1)
    plan = release_plans.make(cast.luis, "Ministerial", "", at)
    release_plans.add_texts(plan, [make.make_cleared(cast)], cast.luis)
    digest = release_plans.plan_digest(plan)
    client.force_login(cast.luis)
    with time_machine.travel(time.time() + 16 * 60):
        data = {"verb": verb, "seen": digest, "confirmed": digest}
        answer = client.post(page(ReleasePlan, "change", plan.pk), data)
    plan.refresh_from_db()
    assert plan.mx_digest == ""
    assert answer.get("Location", "").startswith(AGAIN)


def test_so_does_approving_the_words_of_a_sender(cast, client):
    officers = make.make_officers()
    recommendation = make.make_recommendation(officers.rosa)
    client.force_login(officers.rosa)
    with time_machine.travel(time.time() + 16 * 60):
        answer = client.post(page(Recommendation, "publish", recommendation.pk), {"seen": "", "word": "Read."})
    assert answer.get("Location", "").startswith(AGAIN)


def test_who_signed_in_just_now_is_not_asked(cast, client):
    edition = make.make_edition(cast.ana)
    client.force_login(cast.luis)
    approve(client, edition)
    edition.refresh_from_db()
    assert edition.mx_digest == edition.digest


def test_it_leads_to_no_other_site(cast, client):
    client.force_login(cast.luis)
    assert client.post(f"{AGAIN}?next=https://evil.example/", {"secret": WORDS})["Location"] == "/admin/"
