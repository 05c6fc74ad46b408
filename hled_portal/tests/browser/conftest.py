"""A page in Chromium, watched for errors, refused content and barriers."""

import os
import threading
from collections import defaultdict
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.servers.basehttp import ServerHandler, WSGIRequestHandler
from django.db import connection
from playwright.sync_api import sync_playwright
from pytest_django.live_server_helper import LiveServer

from hled_portal.tests.plugin import empty_the_record
from hled_portal.tests.review import load_review

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",
    # A page lives too briefly for its scripts to be compiled well, and the other core runs tests too.
    "--js-flags=--single-threaded --no-opt --no-maglev",
]
WATCH = """
window.refused = [];
document.addEventListener(
  "securitypolicyviolation",
  event => window.refused.push(`${event.violatedDirective} ${event.blockedURI}`),
);
"""
#: In each page as a function: a script of this size is sent and compiled once for a tab, not for each page.
LOAD_AXE = f"window.loadAxe = () => {{ {AXE_SCRIPT} }};"
#: What the scripts of this folder share: a short name for a long text.
SHORTEN = """
window.shorten = text => {
  let a = 0xdeadbeef, b = 0x41c6ce57;
  for (let i = 0; i < text.length; i += 1) {
    a = Math.imul(a ^ text.charCodeAt(i), 2654435761);
    b = Math.imul(b ^ text.charCodeAt(i), 1597334677);
  }
  return `${(a >>> 0).toString(36)}${(b >>> 0).toString(36)}`;
};
"""
LOOK = """
() => ({
  refused: window.refused,
  fits: document.documentElement.scrollWidth <= window.innerWidth,
  dark: matchMedia("(prefers-color-scheme: dark)").matches,
})
"""
MARK_SEEN, RUN_AXE = (
    Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("mark_seen.js", "run_axe.js")
)
#: The parts of pages that axe reads once; the whole page is one of them.
BLOCKS = "html, header, footer, nav, main, section, form, fieldset, details, table, tr, li, p, dl > div, div[id], svg"
#: The blocks that axe has read in this process, by width and light or dark; and the cases of colours, as text.
SEEN, CASES = defaultdict(set), set()
OPTIONS = {
    "runOnly": {"type": "tag", "values": RULES},
    "resultTypes": ["violations"],
    "preload": False,  # It would write the style sheets into the page again, for rules that are left out here.
}
WIDE, PHONE = 1280, 320
#: Where a page is looked at in both languages and at both widths, axe reads it once at each width.
AXE_AT = {"en": WIDE, "es": PHONE}


def browser_path() -> str:
    """The same engine without the windows and menus around it takes half the time of the whole browser."""
    paths = os.environ.get("CHROMIUM"), "/usr/bin/chromium-headless-shell"
    return next((path for path in paths if path and Path(path).exists()), "/usr/bin/chromium")


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lasting_server(django_db_setup):
    """A server beside `live_server`, which the tests of a module share: that one empties the database after each."""
    server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def reviewed(lasting_server, django_db_blocker):
    """The review of April 2024, loaded once for a module whose tests only read; returns its server.

    They need the mark `django_db`: without one, pytest-django makes no database of the tests.
    """
    assert "memory" in str(connection.settings_dict["NAME"]), "not a database of the tests: mark them django_db"
    with django_db_blocker.unblock(), lasting_server._live_server_modified_settings:
        load_review()
        yield lasting_server
        empty_the_record()


@pytest.fixture(autouse=True)
def plain_cookies(settings):
    """Chromium takes cookies with the prefix `__Host-` over https only; the server of the tests speaks http."""
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "sessionid", "csrftoken"


@pytest.fixture
def server(request):
    """Where the tab goes: to the review in a test that uses `reviewed`, else to a record of the test's own."""
    if "reviewed" in request.fixturenames:
        yield request.getfixturevalue("reviewed")
    elif "live_server" in request.fixturenames:
        yield request.getfixturevalue("live_server")
    else:  # What pytest-django does for a test that names `live_server` itself.
        request.getfixturevalue("transactional_db")
        server = request.getfixturevalue("live_server")
        with server._live_server_modified_settings:
            yield server


@pytest.fixture(scope="session", autouse=True)
def short_connections():
    """A connection ends with its answer: else the tab that stays open keeps a thread of the server waiting."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WSGIRequestHandler, "protocol_version", "HTTP/1.0")
        patch.setattr(ServerHandler, "http_version", "1.0")
        yield


@pytest.fixture(scope="session")
def contexts(chromium):
    """The context of each server, with a tab that stays open: those of the tests share its process.

    A new process would compile axe again, and reads its first page four times as long.
    """
    made = {}

    def context_of(server):
        if server.url not in made:
            context = chromium.new_context(base_url=server.url, viewport={"width": WIDE, "height": 900})
            tab = context.new_page()
            tab.goto("/static/portal.css")
            made[server.url] = context, context.new_cdp_session(tab)
        return made[server.url]

    yield context_of
    for context, _session in made.values():
        context.close()


@pytest.fixture
def page(contexts, server):
    """A tab at the portal's address. What it logs as an error fails the test."""
    context, session = contexts(server)
    page = context.new_page()
    page.add_init_script(WATCH)
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.portal_errors = errors
    yield page
    page.close()
    # Its cache stays, with the files of style and script; no page of the portal may be shown again without asking.
    context.clear_cookies()
    session.send("Storage.clearDataForOrigin", {"origin": server.url, "storageTypes": "all"})
    if "headless" not in browser_path():  # The whole browser keeps connections open for later, and closes them here.
        session.send("Network.clearBrowserCache")
    for thread in threading.enumerate():  # What still answers lets go of the database before its server does.
        if "process_request_thread" in thread.name:
            thread.join(5)
    assert errors == []


@pytest.fixture
def inspect(page):
    """Check the page as it stands: nothing refused, no sideways scroll, no barrier that axe finds.

    Of blocks that were read before at the same width, in light or dark, axe reads nothing again.
    `barriers=False` leaves axe out, which takes most of the time: for a page that it sees in another state.
    """

    page.add_init_script(LOAD_AXE + SHORTEN)

    def inspect_page(barriers: bool = True):
        page.wait_for_load_state()  # A click waits until the next page answers, not until it is there.
        assert page.portal_errors == []
        seen = page.evaluate(LOOK)
        assert seen["refused"] == []
        assert seen["fits"], f"{page.url} scrolls sideways"
        if not barriers:
            return
        blocks = SEEN[page.viewport_size["width"], seen["dark"]]
        # As one text each: Playwright writes each member of a list into a message of many layers.
        fresh = page.evaluate(MARK_SEEN, [",".join(blocks), BLOCKS])
        if not fresh:
            return
        read = page.evaluate(RUN_AXE, [",".join(CASES), OPTIONS])
        found = AxeResults(read)
        assert found.violations_count == 0, found.generate_report()
        blocks.update(fresh.split(","))
        CASES.update(filter(None, read["cases"].split(",")))

    return inspect_page


@pytest.fixture
def visit(page, inspect):
    """Open an address at a width and inspect it; returns the page."""

    def visit_page(path, width=WIDE, barriers: bool = True):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path)
        inspect(barriers)
        return page

    return visit_page


@pytest.fixture
def sign_in(page, server):
    """Take the session of a user into the tab, with the language of the desk."""

    def sign_in_as(user, language="en"):
        session = SessionStore()
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = settings.PERMISSIONS_BACKEND
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session.save()
        cookies = {settings.SESSION_COOKIE_NAME: session.session_key, "django_language": language}
        page.context.clear_cookies()
        page.context.add_cookies([{"name": n, "value": v, "url": server.url} for n, v in cookies.items()])

    return sign_in_as
