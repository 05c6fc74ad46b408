"""The second factor of staff."""

import time

import pytest
import time_machine
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from hled_portal.tests import factories as make

pytestmark = pytest.mark.django_db
CODE, SET_UP = "/en/sign-in/code/", "/en/sign-in/second-factor/"


@pytest.fixture
def luis(settings):
    settings.REQUIRE_TOTP = True
    return make.make_user("luis", "officer")


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def code_of(device) -> str:
    return f"{totp(device.bin_key):06d}"


def set_up(user) -> tuple[Client, list[str]]:
    """A session in which the user set up an app, and the recovery codes that were shown."""
    client = signed_in(user)
    assert client.get(SET_UP).status_code == 200
    answer = client.post(
        f"{SET_UP}?next=/admin/log/", {"code": code_of(TOTPDevice.objects.get(user=user, confirmed=False))}
    )
    assert answer.context["following"] == "/admin/log/"
    return client, answer.context["codes"]


def test_the_password_alone_opens_no_page_of_the_staff_site(luis):
    client = signed_in(luis)
    for path in ("/admin/", "/admin/log/", "/admin/initiatives/edition/queue/", "/admin/autocomplete/"):
        answer = client.get(path, follow=True)
        assert answer.redirect_chain[-1][0].startswith(SET_UP), path
    assert client.post("/admin/initiatives/edition/1/key/").status_code == 302


def test_who_set_it_up_gives_a_code_at_each_sign_in(luis):
    client, _codes = set_up(luis)
    assert client.get("/admin/").status_code == 200
    client = signed_in(luis)
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith(CODE)
    with time_machine.travel(time.time() + 60):
        assert "not valid" in client.post(CODE, {"code": "000000"}).content.decode()
    with time_machine.travel(time.time() + 120):
        answer = client.post(f"{CODE}?next=//evil.example/", {"code": code_of(TOTPDevice.objects.get())})
        assert answer["Location"] == "/admin/"
        assert client.get("/admin/").status_code == 200


def test_a_code_works_once(luis):
    set_up(luis)
    with time_machine.travel(time.time() + 60):
        code = code_of(TOTPDevice.objects.get())
        statuses = [signed_in(luis).post(CODE, {"code": code}).status_code for _time in range(2)]
    assert statuses == [302, 200]


def test_guesses_wait_longer_each_time(luis):
    set_up(luis)
    client = signed_in(luis)
    with time_machine.travel(time.time() + 60, tick=False) as clock:
        for _guess in range(4):
            client.post(CODE, {"code": "000000"})
            clock.shift(1)
        assert client.post(CODE, {"code": code_of(TOTPDevice.objects.get())}).status_code == 200
        clock.shift(60)
        assert client.post(CODE, {"code": code_of(TOTPDevice.objects.get())}).status_code == 302


def test_a_recovery_code_works_once_and_lets_another_app_be_set_up(luis):
    _client, codes = set_up(luis)
    assert len(set(codes)) == StaticToken.objects.count() == 10
    client = signed_in(luis)
    assert client.get(SET_UP).status_code == 403  # The password alone replaces no app.
    assert client.post(CODE, {"code": codes[0]}).status_code == 302
    assert signed_in(luis).post(CODE, {"code": codes[0]}).status_code == 200
    old = TOTPDevice.objects.get()
    client.get(SET_UP)
    client.post(SET_UP, {"code": code_of(TOTPDevice.objects.get(confirmed=False))})
    assert TOTPDevice.objects.get(confirmed=True).key != old.key
    assert not StaticToken.objects.filter(token=codes[1]).exists()


def test_who_is_no_staff_needs_none(luis):
    reader = make.make_user("reader", is_staff=False)
    assert signed_in(reader).get(SET_UP).status_code == 403


def test_the_page_after_the_password_asks_for_it(luis):
    luis.set_password("una frase larga 7")
    luis.save()
    answer = Client().post("/es/sign-in/?next=/admin/log/", {"username": "luis", "password": "una frase larga 7"})
    assert answer["Location"] == "/es/sign-in/code/?next=%2Fadmin%2Flog%2F"
