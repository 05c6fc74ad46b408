"""A page in Chromium, watched for errors, refused content and barriers."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WATCH = """
window.refused = [];
document.addEventListener(
  "securitypolicyviolation",
  event => window.refused.push(`${event.violatedDirective} ${event.blockedURI}`),
);
"""
WIDE, PHONE = 1280, 320


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, live_server):
    """A tab at the portal's address. What it logs as an error fails the test."""
    context = chromium.new_context(base_url=live_server.url, viewport={"width": WIDE, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.portal_errors = errors
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def inspect(page):
    """Check the page as it stands: nothing refused, no sideways scroll, no barrier that axe finds."""

    def inspect_page():
        assert page.portal_errors == []
        assert page.evaluate("window.refused") == []  # before axe, which injects a style of its own
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
            f"{page.url} scrolls sideways"
        )
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        assert found.violations_count == 0, found.generate_report()

    return inspect_page


@pytest.fixture
def visit(page, inspect):
    """Open an address at a width and inspect it; returns the page."""

    def visit_page(path, width=WIDE):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path)
        inspect()
        return page

    return visit_page
