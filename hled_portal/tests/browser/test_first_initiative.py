"""A first initiative in Spanish by somebody who read the first page alone: with its items, to its publication.

The pages that it takes are counted: at most eight until it is proposed.
"""

import pytest

from hled_portal.tests import factories as make
from initiatives.models import Edition, Initiative

from .steps import read

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
MOST_PAGES = 8


@pytest.fixture
def cast(server):
    return make.make_cast()


def choose(page, name: str, text: str):
    """Type into a choice that suggests while one types, and take the first suggestion."""
    page.locator(f"[name='{name}'] + .select2 .select2-selection").click()
    page.locator(".select2-container--open .select2-search__field").press_sequentially(text)
    page.locator(".select2-results__option--highlighted", has_text=text).wait_for()
    page.keyboard.press("Enter")


def type_date(page, name: str, text: str, read_back: str):
    page.fill(f"[name='{name}']", text)
    page.locator(f"[name='{name}'] ~ .typed-date-words", has_text=read_back).wait_for()


def press(page, selector: str):
    with page.expect_navigation():
        page.click(selector)


def fill_in(page):
    texts = {
        "title_en": "Bridge of the Americas",
        "title_es": "Puente de las Américas",
        "summary_en": "A wider bridge.",
        "summary_es": "Un puente más ancho.",
        "facts-0-object_en": "the works",
        "facts-0-object_es": "las obras",
        "facts-2-0-object_en": "of the works",
        "facts-2-0-object_es": "de las obras",
        "facts-2-0-unit_en": "%",
        "facts-2-0-unit_es": "%",
        "facts-2-0-value": "12%",
    }
    for name, text in texts.items():
        page.fill(f"[name='{name}']", text)
    assert page.input_value("[name=stage]") == "planned"
    page.select_option("[name=kind]", "works")
    choose(page, "pillar", "Reconstruir")
    choose(page, "places", "Sonora")
    for row, role in enumerate(("lead", "partner")):
        page.select_option(f"[name='participations-{row}-role']", role)
        choose(page, f"participations-{row}-organization", "SICT" if row == 0 else "CBP")
    page.select_option("[name='facts-0-action']", "begin")
    page.select_option("[name='facts-0-modality']", label="prevista a más tardar en …")
    type_date(page, "facts-0-date_edtf", "4.º trimestre de 2027", "cuarto trimestre de 2027")
    type_date(page, "facts-2-0-as_of_edtf", "junio de 2026", "junio de 2026")
    page.select_option("[name='facts-2-0-reporting_body']", label="SICT")


def test_a_first_initiative_takes_few_pages_and_is_published(page, inspect, cast, sign_in):
    make.make_pillar()
    make.make_organization("sict")
    make.make_organization("cbp")
    make.make_place("sonora")
    loads = []
    page.on("load", lambda _page: loads.append(page.url))
    sign_in(cast.ana, "es")
    page.goto("/admin/")
    press(page, "text=Agregar una iniciativa")
    fill_in(page)
    press(page, "[name=_save]")
    initiative = Initiative.objects.get()
    assert page.url.endswith(f"/initiative/{initiative.pk}/change/")
    press(page, "text=Proponer para visto bueno…")
    for _included_then_proposed in range(2):
        for box in page.locator("[name=ready], [name=row]").all():
            box.check()
        press(page, ".clearing form button[type=submit]")
    assert "/edition/" in page.url, page.inner_text("#container")
    assert page.url.endswith(f"/edition/{Edition.objects.get(subject_key=initiative.key).pk}/change/")
    page.wait_for_load_state()
    assert len(loads) <= MOST_PAGES, loads
    inspect()

    for officer in (cast.luis, cast.carl):
        sign_in(officer, "es")
        page.goto("/admin/initiatives/edition/queue/?chosen=all")
        press(page, "form[action$='/edition/'] button[type=submit]")
        page.check("[name=acknowledged]")
        press(page, ".clearing form button[type=submit]")
    page.goto("/admin/initiatives/edition/")
    page.check("#action-toggle")
    page.select_option("[name=action]", "release")
    press(page, ".actions button[name=index]")
    inspect()
    press(page, ".clearing form button[type=submit]")
    assert set(Edition.objects.values_list("state", flat=True)) == {"published"}
    html = read(page, f"/es/initiatives/{initiative.key}/")
    assert "Puente de las Américas" in html
    assert "cuarto trimestre de 2027" in html
