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
#: Rules leave out the marked parts here: axe's own `exclude` compares each element with each of hundreds of parts.
RUN_AXE = """
async options => {
  if (!window.axe) {
    window.loadAxe();
    const seen = new WeakMap();
    const isSeen = node => {
      if (!node) return false;
      const marked = node.props.nodeType === 1 && node.hasAttr("data-seen");
      if (!seen.has(node)) seen.set(node, marked || isSeen(node.parent));
      return seen.get(node);
    };
    for (const rule of axe._audit.rules) {
      const gather = rule.gather;
      rule.gather = (...given) => gather.apply(rule, given).filter(node => !isSeen(node));
    }
  }
  return { violations: (await axe.run(document, options)).violations };
}
"""
LOOK = """
() => ({
  refused: window.refused,
  fits: document.documentElement.scrollWidth <= window.innerWidth,
  dark: matchMedia("(prefers-color-scheme: dark)").matches,
})
"""
MARK_SEEN = Path(__file__).with_name("mark_seen.js").read_text(encoding="utf-8")
#: The parts of pages that axe reads once; the whole page is one of them.
BLOCKS = "html, header, footer, nav, main, section, form, fieldset, details, table, tr, li, p, dl > div, div[id], svg"
#: What axe has read in this process, by width, colours and rules.
SEEN = defaultdict(set)
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
    context.clear_cookies()
    session.send("Storage.clearDataForOrigin", {"origin": server.url, "storageTypes": "all"})
    session.send("Network.clearBrowserCache")
    for thread in threading.enumerate():  # What still answers lets go of the database before its server does.
        if "process_request_thread" in thread.name:
            thread.join(5)
    assert errors == []


@pytest.fixture
def inspect(page):
    """Check the page as it stands: nothing refused, no sideways scroll, no barrier that axe finds.

    Of blocks that were read before at the same width and in the same colours axe reads nothing again.
    `barriers=False` leaves axe out, which takes most of the time: for a page that it sees in another state.
    `contrast=False` leaves out its longest rule: for a page whose colours it sees at another width.
    """

    page.add_init_script(LOAD_AXE)

    def inspect_page(barriers: bool = True, contrast: bool = True):
        page.wait_for_load_state()  # A click waits until the next page answers, not until it is there.
        assert page.portal_errors == []
        seen = page.evaluate(LOOK)
        assert seen["refused"] == []
        assert seen["fits"], f"{page.url} scrolls sideways"
        if not barriers:
            return
        look = page.viewport_size["width"], seen["dark"]
        fresh = page.evaluate(MARK_SEEN, [list(SEEN[*look, True] | SEEN[*look, contrast]), BLOCKS])
        if not fresh:
            return
        options = {
            "runOnly": {"type": "tag", "values": RULES},
            "rules": {"color-contrast": {"enabled": contrast}},
            "resultTypes": ["violations"],
            "preload": False,  # It would write the style sheets into the page again, for rules that are left out here.
        }
        found = AxeResults(page.evaluate(RUN_AXE, options))
        assert found.violations_count == 0, found.generate_report()
        SEEN[*look, contrast].update(fresh)

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
