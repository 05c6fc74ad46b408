"""Bytes on the wire between the production server and a browser, headers included."""

from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright

from .lighthouse import CHROMIUM, production_server
from .rows import Row

KB = 1024


def wire_rows():
    with production_server() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        first = _received(page, lambda: page.goto(f"{site}/en/", wait_until="networkidle"))
        listed = _received(page, lambda: page.goto(f"{site}/en/initiatives/", wait_until="networkidle"))
        again = _received(page, lambda: page.goto(f"{site}/en/", wait_until="networkidle"))
        browser.close()
    yield _row("first visit of home, with style sheet, fonts and images", sum(first.values()), 70)
    yield _row("list page, without what the browser has", listed[f"{site}/en/initiatives/"], 12)
    yield _row("second visit of home", sum(again.values()), 10)


def _received(page: Page, visit: Callable) -> dict[str, int]:
    """Bytes received by address."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    addresses, received = {}, {}
    session.on("Network.requestWillBeSent", lambda event: addresses.update({_id(event): event["request"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda event: received.update({addresses[_id(event)]: event["encodedDataLength"]}),
    )
    visit()
    session.detach()
    return received


def _id(event: dict) -> str:
    return event["requestId"]


def _row(workload: str, size: float, goal: float) -> Row:
    return Row(workload, "bytes on the wire", round(size / KB, 1), goal, "KB")
