"""Tables in a real browser: each heading stands over the cells of its column."""

import pytest

from .conftest import PHONE, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.usefixtures("reviewed")]
PAGES = [
    "",
    "compare/?from=2024-04-18&to=2024-04-19",
    "cycles/2021/pillars/1/",
    "cycles/2021/pillars/2/",
    "initiatives/otay-mesa-ii/",
    "initiatives/semiconductor-action-plan/",
    "initiatives/otay-mesa-ii/editions/1/",
    "map/",
    "meetings/2024-04-19/",
    "organizations/sict/",
    "places/",
    "places/otay-mesa-new-crossing/",
    "recommendations/",
    "you-said-we-did/",
    "about/privacy/",
    "data/",
]
#: Tables with a column whose cells begin elsewhere than its heading, and the number of all tables that are drawn.
MEASURE = """
() => {
  const told = { tables: 0, figures: 0, wrong: [] };
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const table of document.querySelectorAll("table")) {
    if (!table.checkVisibility() || !table.tHead) continue;
    told.tables += 1;
    told.figures += table.classList.contains("portal-figures");
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
        else if (Math.abs(left - heads[x]) > 1) told.wrong.push(`${table.className}: ${cell.textContent.trim()}`);
        x += cell.colSpan;
      }
    });
  }
  return told;
}
"""


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_each_heading_stands_over_its_column(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    wrong, tables, figures = {}, 0, 0
    for path in PAGES:
        assert page.goto(f"/es/{path}").status == 200, path
        told = page.evaluate(MEASURE)
        tables, figures = tables + told["tables"], figures + told["figures"]
        if told["wrong"]:
            wrong[path] = told["wrong"]
    assert wrong == {}
    assert tables > len(PAGES) / 2
    assert figures
