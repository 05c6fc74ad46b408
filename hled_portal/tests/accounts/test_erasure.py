"""Of an account that is no longer used only the name stays, because it is on what the person approved."""

import datetime

import pytest
import time_machine
from axes.models import AccessAttempt, AccessLog
from django.utils import timezone

from hled_portal.accounts import sessions
from hled_portal.background import retention
from hled_portal.background.jobs import JobRun
from hled_portal.models import AccountChange, User
from hled_portal.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def luis():
    luis = make.make_user("luis", "officer", email="luis@example.org", first_name="Luis", last_login=timezone.now())
    luis.set_password("una frase larga 7")
    luis.save()
    luis.totpdevice_set.create(name="app")
    luis.staticdevice_set.create(name="recovery").token_set.create(token="abc")
    return luis


@pytest.mark.parametrize(("active", "days", "erased"), [(True, 900, False), (False, 39, False), (False, 41, True)])
def test_a_deactivated_account_keeps_its_name_alone(luis, settings, active, days, erased):
    settings.KEEP_ACCOUNTS_DAYS = 40
    User.objects.update(is_active=active)
    with time_machine.travel(timezone.now() + days * DAY):
        assert bool(retention.erase_due(JobRun())) is erased
        assert retention.erase_due(JobRun()) is None
    luis.refresh_from_db()
    assert (luis.first_name, luis.email == "") == ("Luis", erased)
    assert luis.has_usable_password() is not erased
    assert luis.totpdevice_set.exists() is luis.staticdevice_set.exists() is not erased


@pytest.mark.parametrize(("days", "left"), [(29, 1), (31, 0)])
def test_a_requested_change_that_nobody_decides_lapses(luis, days, left):
    other = make.make_user("zoe")
    AccountChange.objects.create(user=luis, kind="rights", requested_by=other, values={"email": "new@example.org"})
    with time_machine.travel(timezone.now() + days * DAY):
        retention.erase_due(JobRun())
    assert AccountChange.objects.count() == left


@pytest.mark.parametrize(("days", "left"), [(39, 1), (41, 0)])
def test_a_sign_in_is_forgotten(settings, days, left):
    settings.KEEP_SIGN_INS_DAYS = 40
    for model in (AccessLog, AccessAttempt):
        columns = {} if model is AccessLog else {"failures_since_start": 1}
        model.objects.create(username="luis", ip_address="192.0.2.1", **columns)
    with time_machine.travel(timezone.now() + days * DAY):
        sessions.delete_old_sign_ins(JobRun())
    assert (AccessLog.objects.count(), AccessAttempt.objects.count()) == (left, 0)
