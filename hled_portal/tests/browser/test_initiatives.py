"""Pages of initiatives and pillars with the review of April 2024, in a real browser."""

import pytest
from django.conf import settings
from django.core.management import call_command

from .conftest import PHONE, WIDE

pytestmark = pytest.mark.browser
PATHS = [
    "initiatives/",
    "initiatives/?stage=nope",
    "initiatives/?page=2&as_of=2024-12-31",
    "initiatives/otay-mesa-ii/?as_of=2024-12-31",
    "initiatives/semiconductor-action-plan/",
    "cycles/2021/pillars/1/",
    "initiatives/?as_of=2024-01-01",
]


@pytest.fixture
def review(live_server):
    folder = settings.BASE_DIR / "initiatives" / "reviews" / "2024-04-19"
    call_command("load_dialogue", folder, publish_as_of="2024-04-19", verbosity=0)


@pytest.mark.usefixtures("review")
def test_pages_are_clean(visit):
    for path in PATHS:
        for language in ("en", "es"):
            for width in (WIDE, PHONE):
                visit(f"/{language}/{path}", width)


@pytest.mark.usefixtures("review")
def test_a_reader_filters_opens_and_goes_back_in_time(visit, page, inspect):
    visit("/en/initiatives/?as_of=2024-12-31", PHONE)
    page.get_by_label("Pillar").select_option(index=2)
    page.get_by_role("button", name="Show").last.click()
    assert "pillar=2021-2" in page.url
    assert "as_of=2024-12-31" in page.url
    page.get_by_role("link", name="Español").click()
    assert "/es/initiatives/" in page.url
    assert "pillar=2021-2" in page.url
    page.locator(".portal-item__title a").first.click()
    assert page.url.endswith("?as_of=2024-12-31")
    inspect()


@pytest.mark.usefixtures("review")
def test_another_day_is_chosen_without_script(visit, page):
    visit("/en/initiatives/otay-mesa-ii/")
    page.get_by_text("See the record as of another day").click()
    page.get_by_label("Day").fill("2024-05-01")
    page.locator(".portal-as-of").get_by_role("button", name="Show").click()
    assert page.url.endswith("?as_of=2024-05-01")
    assert page.get_by_text("This is the record as it stood at the end of May 1, 2024.").is_visible()
