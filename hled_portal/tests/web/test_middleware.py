"""What is decided about a request before anything reads it."""

import os
import subprocess
import sys
from wsgiref.util import setup_testing_defaults

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from hled_portal.web.middleware import client_address
from hled_portal.wsgi import application

FORM = "application/x-www-form-urlencoded"


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["latin-1", "utf-7", "utf-16", "no-such", "utf8"])
def test_a_form_in_another_charset_is_refused(client, charset):
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    answer = client.generic("POST", "/en/sign-in/", b"username=ana", f"{FORM}; charset={charset}")
    assert answer.status_code == 415
    assert "UTF-8" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=utf-8", f"{FORM}; charset=UTF-8"])
def test_a_form_in_utf8_is_read(client, content_type):
    answer = client.post("/en/sign-in/", "username=ana&password=x", content_type=content_type)
    assert answer.status_code == 200
    assert answer.context["form"].data["username"] == "ana"


#: Addresses that take forms, with and without a token against forged requests, and one that is none of ours.
TAKE_FORMS = [
    "/en/sign-in/",
    "/en/sign-out/",
    "/en/recommendations/new/",
    "/en/recommendations/lost-link/",
    "/en/recommendations/receipt/none/",
    "/en/follow/?subject=initiative/none",
    "/en/following/none/",
    "/admin/login/",
    "/admin/initiatives/topic/add/",
    "/admin/stakeholders/letter/take-over/",
    "/api/v1/",
    "/en/nothing/",
    "/nothing",
]
ENCODED = b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n=a\r\n--x--'
UNREADABLE = [
    ("multipart/form-data", b"a=1"),
    ("multipart/form-data; boundary=", b"a=1"),
    ("multipart/form-data; boundary=\xe9", b"a=1"),
    ("multipart/form-data; boundary=x", ENCODED),
    ("multipart/form-data; boundary=x; charset=latin-1", b"--x--"),
    (f"{FORM}; charset=latin-1", b"a=1"),
    (FORM, b"a=&" * 6000),
]


@pytest.mark.django_db
@pytest.mark.parametrize("address", TAKE_FORMS)
@pytest.mark.parametrize(("content_type", "body"), UNREADABLE)
def test_a_form_that_cannot_be_read_is_the_fault_of_its_sender(address, content_type, body):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    answer = browser.generic("POST", address, body, content_type)
    assert 200 <= answer.status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize("parameter", ["charset*=x''latin-1", "boundary*=no-such'en'x"])
def test_a_content_type_that_cannot_be_read_is_the_fault_of_its_sender(parameter):
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/en/sign-in/", "CONTENT_TYPE": f"{FORM}; {parameter}"}
    setup_testing_defaults(environ)
    statuses = []
    application(environ, lambda status, headers: statuses.append(status))
    assert statuses == ["415 Unsupported Media Type"]


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
        (True, "203.0.113.7:4711", "203.0.113.7"),
        (True, "[2001:db8::7]:4711", "2001:db8::7"),
        (True, "2001:db8::7", "2001:db8::7"),
        (True, "203.0.113.7, unknown", "10.0.0.1"),
        (None, "203.0.113.7", "10.0.0.1"),
    ],
)
def test_client_address_is_believed_only_from_the_trusted_proxy(settings, trusted, forwarded, seen):
    settings.TRUST_PROXY = trusted
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1")
    assert client_address(lambda request: request.META["REMOTE_ADDR"])(request) == seen


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto"])
def test_forwarded_headers_that_are_not_believed_are_logged_once(settings, caplog, header):
    middleware = client_address(lambda request: None)
    for trusted, headers, warnings in [
        (True, {header: "203.0.113.7"}, 0),
        (False, {}, 0),
        (False, {header: "203.0.113.7"}, 1),
        (False, {header: "203.0.113.7"}, 1),
    ]:
        settings.TRUST_PROXY = trusted
        middleware(RequestFactory().get("/", headers=headers))
        assert sum("TRUST_PROXY" in record.message for record in caplog.records) == warnings


@pytest.mark.parametrize(("trusted", "secure"), [("0", False), ("1", True)])
def test_the_scheme_is_believed_only_from_the_trusted_proxy(trusted, secure):
    script = (
        "import django; django.setup(); from django.test import RequestFactory; "
        "print(RequestFactory().get('/', headers={'X-Forwarded-Proto': 'https'}).is_secure())"
    )
    path = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH"}}
    environment = path | {"DJANGO_SETTINGS_MODULE": "hled_portal.settings", "SECRET_KEY": "k", "TRUST_PROXY": trusted}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{secure}\n"
