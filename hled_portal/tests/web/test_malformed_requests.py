"""Requests that make no sense, to every address, by every role: none is an error of the server.

Seeded: a failure names the number of its request. `make attack` sends 30,000 on each database, in less than half
an hour of the processor each.
"""

import logging
import os
import random
import time
from collections import Counter
from urllib.parse import quote

import pytest
from django.conf import settings as configured
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RoutePattern

from hled_portal.tests import factories as make
from hled_portal.tests.processes import keep_figures, show_progress

ATTACK = "ATTACK" in os.environ
#: Thousands of requests in one transaction would leave PostgreSQL their dead rows, each slower to read than the last.
pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=ATTACK)]
REQUESTS, SECONDS = (30_000, 1700) if ATTACK else (240, 60)
ROLES = ("editor", "officer", "recommendations", "auditor", "administrator")
NASTY = [
    *("", " ", "0", "-1", "1", "2", "9" * 19, "9" * 400, "1e9", "NaN", "²", "٣", "true", "[]", "{}", "null"),
    *("a" * 5000, "%00", "\x00", "\ud800", "\ufffd", "\u202e", "\U000e0041", "é", "’", "<b>", "\r\nX: y", "{{ 7*7 }}"),
    *("%s%n", "\\", "' OR 1=1 --", "../../etc/passwd", "//evil.example", "javascript:alert(1)", "=1+1", "2024-02-30"),
    *("2024-04-19", "0000-00-00", "99999-01-01", "2024/2023", "../..", "1900-01-01", "on", "en", "xx", "csv", "json"),
    *("MX", "otay-mesa-ii"),
]
#: The first ones, which many pages read, come as often as all others together.
COMMON = "q page as_of from to status sort o e p".split()
NAMES = """
q page as_of from to pillar status stage kind action place organization sort o e p format language next all
_popup _to_field _changelist_filters ids row version edition lang text minute read_back confirm reason
csrfmiddlewaretoken once shown points text_1 email name key title_en title_es order number file files
facts-TOTAL_FORMS facts-INITIAL_FORMS facts-0-id facts-0-key links-TOTAL_FORMS _save _continue digest seen
index _selected_action select_across body__contains id__in password1 username token limit offset level
""".split()
METHODS = ["GET"] * 6 + ["POST"] * 6 + ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "MAKE"]
TYPES = [
    *("application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=", "application/json"),
    *("multipart/form-data; boundary=x", "text/plain; charset=utf-7", "text/html; charset=\x7f", "", "///", "text/xml"),
]
HEADERS = {
    "HTTP_ACCEPT_LANGUAGE": ["xx", "es" * 300, ";q=", "en;q=nan", "*"],
    "HTTP_ACCEPT_ENCODING": ["br", "gzip;q=x", "*"],
    "HTTP_IF_NONE_MATCH": ['"', "W/", "*", 'W/"x", y'],
    "HTTP_IF_MODIFIED_SINCE": ["yesterday", "Thu, 32 Foo 9999 99:99:99 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"],
    "HTTP_RANGE": ["bytes=9-1", "bytes=-", "bytes=0-0,5-"],
    "HTTP_COOKIE": ["=", "sessionid=x; csrftoken=\x7f", "django_language=xx; messages=x", "a=" + "b" * 4000],
    "HTTP_ORIGIN": ["null", "https://evil.example"],
    "HTTP_REFERER": ["https://[", "javascript:", "x" * 3000],
    "HTTP_X_FORWARDED_FOR": ["x", ",,", "::1%x"],
    "HTTP_X_REQUEST_ID": ["", "\x7f", "x" * 900],
}
#: What an argument of an address may be, by its converter: of the world below, and of no world.
ARGUMENTS = {
    "int": ["0", "1", "2", "3", "9" * 19, "9" * 40],
    "slug": ["otay-mesa-ii", "supply-chains", "standing", "mx", "x" * 300, "-", "1-1"],
    "uuid": ["00000000-0000-0000-0000-000000000000"],
}


def addresses(patterns, before: str = "") -> list[str]:
    """Every address as its pattern writes it, with the arguments still in brackets."""
    found = []
    for entry in patterns:
        if isinstance(entry.pattern, LocalePrefixPattern):
            found += addresses(entry.url_patterns, f"{before}en/") + addresses(entry.url_patterns, f"{before}es/")
        elif isinstance(entry, URLPattern):
            found += [f"/{before}{entry.pattern._route}"] if isinstance(entry.pattern, RoutePattern) else []
        elif isinstance(entry.pattern, RoutePattern):
            found += addresses(entry.url_patterns, before + entry.pattern._route)
    return found


def is_error(row: logging.LogRecord) -> bool:
    """What was refused for security is logged as an error too, and answered with 400."""
    return row.levelno >= logging.ERROR and not row.name.startswith("django.security.")


class Sender:
    """Draws requests: the same from the same number."""

    def __init__(self, number: int, addresses: list[str]):
        self.draw = random.Random(number)
        self.staff = [address for address in addresses if address.startswith("/admin/")]
        self.public = [address for address in addresses if not address.startswith("/admin/")]

    def address(self) -> str:
        kind = self.draw.choice([self.staff, self.public])  # There are four times as many of the staff site.
        parts = self.draw.choice(kind).split("<")
        path = parts[0]
        for part in parts[1:]:
            argument, _bracket, rest = part.partition(">")
            values = ARGUMENTS.get(argument.partition(":")[0], [])
            nasty = [value.replace("/", "") or "1" for value in NASTY[:40]]
            path += self.draw.choice(values or ["1", "2", "otay-mesa-ii", *nasty]) + rest
        path += "?" + self.form() if self.draw.random() < 0.6 else ""
        return quote(path, "/?&=%:", "utf-8", "surrogatepass")

    def form(self) -> str:
        names = self.draw.choice([COMMON, NAMES])
        pairs = ((self.draw.choice(names), self.draw.choice(NASTY)) for _pair in range(self.draw.randint(0, 6)))
        return "&".join(f"{name}={value}" for name, value in pairs)

    def request(self) -> dict:
        draw = self.draw
        names = draw.sample(sorted(HEADERS), draw.choice([0, 0, 1, 2]))
        body = self.form() if draw.random() < 0.8 else draw.choice(["--x\r\n", '{"a":', "\x00" * 99, "<x>", "&" * 6000])
        return {
            "method": draw.choice(METHODS),
            "path": self.address(),
            "data": body.encode("utf-8", "surrogatepass"),
            "content_type": draw.choice(TYPES) if draw.random() < 0.4 else TYPES[0],
            **{name: draw.choice(HEADERS[name]) for name in names},
        }


@pytest.fixture
def clients(settings, tmp_path) -> list[Client]:
    """Two readers, of whom one is asked for the token of forms, and a person of each role, in a small world."""
    settings.SUBMISSION_LIMITS, settings.MEDIA_ROOT = [0], tmp_path
    cast, officers = make.make_cast(), make.make_officers()
    initiative = make.make_initiative()
    make.make_fact(initiative)
    make.agreed(make.make_topic())
    make.make_published(cast)
    make.make_edition(cast.ana, "proposed")
    make.make_heard(officers)
    make.make_letter("Another point.")
    make.make_consultation()
    make.make_follower("eva@example.org", "initiative/otay-mesa-ii")
    clients = [Client(raise_request_exception=False), Client(raise_request_exception=False, enforce_csrf_checks=True)]
    clients[1].cookies[configured.CSRF_COOKIE_NAME] = "a" * 32  # Its forms are read before any view.
    for role in ROLES:
        user = make.make_user(f"fuzzing-{role}", role, delegation="" if role in ("auditor", "administrator") else "MX")
        clients.append(Client(raise_request_exception=False))
        clients[-1].force_login(user)
    root = make.make_user("fuzzing-root", is_superuser=True)
    clients.append(Client(raise_request_exception=False))
    clients[-1].force_login(root)
    return clients


def test_no_request_is_an_error_of_the_server(clients, caplog):
    caplog.set_level(logging.ERROR)
    every = addresses(get_resolver().url_patterns)
    assert len(every) > 300
    statuses, wrong, begun, start, number = Counter(), [], time.process_time(), time.monotonic(), 0
    while number < REQUESTS and time.process_time() - begun < SECONDS:
        request, client = Sender(number, every).request(), clients[number % len(clients)]
        cookies = client.cookies.copy()
        with transaction.atomic():
            caplog.clear()
            response = client.generic(**request)
            for _part in response.streaming_content if response.streaming else ():
                pass  # It is made while it is sent.
            status = response.status_code
            said = [str(row.exc_info[1] if row.exc_info else row.message) for row in caplog.records if is_error(row)]
            if status >= 500 or said:
                wrong.append((number, request["method"], request["path"][:200], status, said[:1]))
                show_progress(f"wrong: {wrong[-1]}", 1, 1)
            transaction.set_rollback(True)
        client.cookies = cookies
        statuses[status] += 1
        number += 1
        show_progress("malformed requests", number, REQUESTS)
    keep_figures(
        storm="malformed requests",
        database=connection.vendor,
        requests=number,
        errors=len(wrong),
        seconds=round(time.monotonic() - start),
        seconds_of_processor=round(time.process_time() - begun),
        statuses={str(status): count for status, count in sorted(statuses.items())},
    )
    assert (number, wrong[:10]) == (REQUESTS, [])
