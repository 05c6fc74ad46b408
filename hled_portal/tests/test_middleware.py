"""What is decided about a request before anything reads it."""

import pytest
from django.test import RequestFactory

from hled_portal.middleware import client_address

FORM = "application/x-www-form-urlencoded"


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["latin-1", "utf-7", "utf-16", "no-such", "utf8"])
def test_a_form_in_another_charset_is_refused(client, charset):
    client.cookies["csrftoken"] = "a" * 32
    answer = client.generic("POST", "/en/sign-in/", b"username=ana", f"{FORM}; charset={charset}")
    assert answer.status_code == 415
    assert "UTF-8" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=utf-8", f"{FORM}; charset=UTF-8"])
def test_a_form_in_utf8_is_read(client, content_type):
    answer = client.post("/en/sign-in/", "username=ana&password=x", content_type=content_type)
    assert answer.status_code == 200
    assert answer.context["form"].data["username"] == "ana"


@pytest.mark.parametrize("address", ["/en/?q=%00", "/en/?as_of=2024%00", "/en/%00/"])
def test_nul_in_an_address_is_refused(client, address):
    assert client.get(address).status_code == 400


@pytest.mark.parametrize(
    ("trusted", "forwarded", "seen"),
    [
        (False, "203.0.113.7", "10.0.0.1"),
        (True, "203.0.113.7", "203.0.113.7"),
        (True, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (True, None, "10.0.0.1"),
    ],
)
def test_client_address_is_believed_only_from_the_trusted_proxy(settings, trusted, forwarded, seen):
    settings.TRUST_PROXY = trusted
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1")
    assert client_address(lambda request: request.META["REMOTE_ADDR"])(request) == seen
