"""Every kind of page with the review of April 2024, in a real browser: barriers, keyboard, no script.

The one table of pages: a new kind of page gets a line here and needs no test of its own for these.
"""

import pytest
from playwright.sync_api import expect

from .conftest import AXE_AT, PHONE, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.usefixtures("reviewed")]
DATED = "as_of=2024-12-31"
PAGES = [
    "",
    f"?{DATED}",
    "?as_of=2024-01-01",
    "initiatives/",
    "initiatives/?stage=nope",
    f"initiatives/?pillar=2021-1&page=2&{DATED}",
    f"initiatives/otay-mesa-ii/?{DATED}",
    "initiatives/semiconductor-action-plan/",
    "initiatives/otay-mesa-ii/editions/1/",
    "cycles/2021/pillars/1/",
    "cycles/2021/pillars/2/",
    f"cycles/2021/pillars/1/embed/?{DATED}",
    f"items/?status=past&result=open&{DATED}",
    "timeline/",
    "map/",
    "calendar/",
    "organizations/",
    "organizations/sict/",
    "places/",
    "places/otay-mesa-new-crossing/",
    "meetings/",
    "meetings/2024-04-19/",
    "compare/?from=2024-04-18&to=2024-04-19",
    "search/",
    "search/?q=bridge&kind=fact&as_of=2024-12-31",
    "search/?q=zeppelin",
    "recommendations/",
    "recommendations/published/",
    "recommendations/published/?state=nope",
    "recommendations/one-stop-shop-for-investors/",
    "recommendations/consultations/areas-2024/",
    "you-said-we-did/",
    "data/",
    "about/",
    "about/measures/",
    "about/accessibility/",
    "about/privacy/",
    "data/api/",
    "initiatives/otay-mesa-ii/editions/",
    "follow/?subject=initiative/otay-mesa-ii",
    "sign-in/",
]
#: Pixels that the news may take, at each width.
HEIGHT_OF_HOME = {WIDE: 2200, 390: 4500}
MISSING = ["no-such-page/", "initiatives/?as_of=tomorrow", "initiatives/otay-mesa-ii/?as_of=2024-01-01"]
FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"

#: Tables with a column whose cells begin elsewhere than its heading, and the number of all tables that are drawn.
MEASURE = """
() => {
  const measured = { tables: 0, figures: 0, wrong: [] };
  const closed = document.querySelectorAll("details:not([open])");
  for (const details of closed) details.open = true;
  for (const table of document.querySelectorAll("table")) {
    if (!table.checkVisibility() || !table.tHead) continue;
    measured.tables += 1;
    measured.figures += table.classList.contains("portal-figures");
    const taken = [], heads = {};
    [...table.rows].forEach((row, y) => {
      let x = 0;
      for (const cell of row.cells) {
        while (taken[y]?.[x]) x += 1;
        for (let dy = 0; dy < cell.rowSpan; dy += 1) {
          for (let dx = 0; dx < cell.colSpan; dx += 1) (taken[y + dy] ??= [])[x + dx] = true;
        }
        const left = cell.getBoundingClientRect().left;
        if (row.parentNode === table.tHead) heads[x] = left;
        else if (Math.abs(left - heads[x]) > 1) measured.wrong.push(`${table.className}: ${cell.textContent.trim()}`);
        x += cell.colSpan;
      }
    });
  }
  for (const details of closed) details.open = false;
  return measured;
}
"""

SCRIPTS = "document.querySelectorAll(\"script:not([type='application/ld+json'])\").length"
#: The elements that a reader can reach now: those that are drawn.
REACHABLE = f"""
[...document.querySelectorAll("{FOCUSABLE}")].filter(e => e.checkVisibility() && !e.disabled && e.tabIndex >= 0).length
"""
#: Note each element that gets the focus, and those that do not show it.
NOTE = """
window.met = new Set();
window.unmarked = [];
document.addEventListener("focusin", event => {
  const style = getComputedStyle(event.target);
  window.met.add(event.target);
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) === 0) {
    window.unmarked.push(event.target.outerHTML.slice(0, 120));
  }
});
"""


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_is_clean_on_a_desk_and_on_a_phone(page, inspect, language):
    faults, tables, figures = [], 0, 0
    widths = [WIDE, PHONE]
    for path in PAGES:
        assert page.goto(f"/{language}/{path}").status == 200, path
        assert not page.evaluate(SCRIPTS), f"{path} has a script"
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            try:
                inspect(barriers=width == AXE_AT[language])
            except AssertionError as fault:
                faults.append(f"{path} at {width}: {fault}")
            if language == "es":
                measured = page.evaluate(MEASURE)
                tables, figures = tables + measured["tables"], figures + measured["figures"]
                faults += [f"{path} at {width}: {cell} does not stand below its heading" for cell in measured["wrong"]]
        widths.reverse()  # The next page opens at the width that this one was left at.
    if language == "es":
        assert tables > len(PAGES) / 2
        assert figures
    page.goto(f"/{language}/")
    for width, limit in HEIGHT_OF_HOME.items():
        page.set_viewport_size({"width": width, "height": 900})
        height = page.evaluate("document.documentElement.scrollHeight")
        if height >= limit:
            faults.append(f"home is {height} pixels high at {width}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_not_there_is_told_cleanly(page, inspect, language):
    for path in MISSING:
        page.set_viewport_size({"width": PHONE, "height": 900})
        assert page.goto(f"/{language}/{path}").status in {400, 404}, path
        page.portal_errors.clear()  # Chromium logs the status itself.
        inspect()


ROW = '<li><span class="name">{}</span><input id="i{}" {}><label for="{}">Name</label></li>'
#: A second row that is like the first, and some that are not: without a label, in another color, of a referring role.
ROWS = {
    "alike": (ROW.format("Other", 2, "", "i2"), False),
    "no label": (ROW.format("Other", 2, "", "i3"), True),
    "a label for the first": (ROW.format("Other", 2, "", "i1"), True),
    "another class": (ROW.format("Other", 2, "", "i2").replace('"name"', '"pale"'), True),
    "another role": (ROW.format("Other", 2, 'role="nonsense"', "i2"), True),
    "another ground": ('<li style="background: #555">' + ROW.format("Other", 2, "", "i2")[4:], True),
    "another ground behind it": ('<li class="over"><b class="under"></b><span class="name">Other</span></li>', True),
    "a link that is hardly another color": (
        '<li><p>Words of ours, <a href="#i1" class="plain">a link</a>, words.</p></li>',
        True,
    ),
    "a link that is underlined": ('<li><p>Words of ours, <a href="#i1">a link</a>, words.</p></li>', False),
    "small and near": ('<li><button class="tiny">a</button><button class="tiny">b</button></li>', True),
    "small and free": ('<li class="wide"><button class="tiny">a</button></li>', False),
}


def test_axe_reads_what_it_has_not_read(page, inspect):
    """Blocks that were read before are left out, and only these."""
    html = (
        '<!doctype html><html lang="en"><title>Rows</title>'
        "<style>.pale {{ color: #ccc }} input, label, a {{ height: 2rem }} li {{ margin: 3rem }}"
        ".over {{ position: relative; z-index: 0 }}"
        ".under {{ position: absolute; inset: 0; background: #333; z-index: -1 }}"
        ".plain {{ color: #333; text-decoration: none }} .tiny {{ width: 9px; height: 9px; padding: 0 }}"
        "</style><main><h1>Rows</h1><ul>{}</ul></main></html>"
    )
    first = ROW.format("One", 1, "", "i1")

    def read(rows: str):
        page.unroute_all()
        page.route("**/rows/", lambda route: route.fulfill(body=html.format(rows), content_type="text/html"))
        page.goto("/rows/")
        inspect()

    read(first)
    assert not page.locator("[data-seen]").count()
    read(first.replace("One", "Two"))
    assert page.locator("[data-seen]").count() == 1  # The page itself.
    refused = set()
    for name, (row, _is_refused) in ROWS.items():
        try:
            read(first + "<li>Between.</li>" + row)
        except AssertionError:
            refused.add(name)
    assert refused == {name for name, (_row, is_refused) in ROWS.items() if is_refused}


def walk(page) -> None:
    """Press Tab until the end of the page: everything that is drawn is met, and shows that it has the focus."""
    wanted = page.evaluate(REACHABLE)
    page.evaluate(NOTE)
    for _press in range(wanted + 20):
        page.keyboard.press("Tab")
    assert page.evaluate("window.unmarked") == [], page.url
    # Of a group of radio buttons the keyboard meets one.
    radios = page.evaluate("document.querySelectorAll('input[type=radio]').length")
    met = page.evaluate("window.met.size")
    assert met >= wanted - radios, f"{page.url}: the keyboard meets {met} of {wanted}"


def test_the_keyboard_reaches_everything(page):
    for path in ("", "initiatives/", "map/", "calendar/", "data/", "compare/", "initiatives/otay-mesa-ii/"):
        page.goto(f"/es/{path}")
        walk(page)


def test_the_menu_of_a_phone_opens_by_keyboard(page):
    page.set_viewport_size({"width": PHONE, "height": 900})
    page.goto("/es/")
    page.get_by_text("Menú", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Avances")
    walk(page)


def test_the_site_works_without_script(chromium, reviewed):
    """The way of a reader: search, filter, open, go back in time, change the language, compare."""
    context = chromium.new_context(base_url=reviewed.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/en/")
    page.locator("#header-q").fill("Otay Mesa")
    page.locator("#header-q").press("Enter")
    page.locator("main a", has_text="Otay Mesa").first.click()
    page.wait_for_url(lambda url: "/en/initiatives/" in url)
    page.locator(".portal-as-of summary").click()
    page.locator("#as-of").fill("2024-05-01")
    page.locator(".portal-as-of form button").first.click()
    page.wait_for_url(lambda url: "as_of=2024-05-01" in url)
    page.get_by_role("link", name="Español").click()
    page.wait_for_url(lambda url: "/es/initiatives/" in url)
    page.wait_for_url(lambda url: "as_of=2024-05-01" in url)
    page.get_by_role("link", name="Comparar").first.click()
    page.locator("input[name=from]").fill("2024-04-18")
    page.locator("input[name=to]").fill("2024-04-19")
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "/es/compare/?" in url)
    context.close()
