"""Files at the desk in Chromium: sent in, shown, written; no barrier in either language, on a desk and a tablet."""

import pytest
from django.test import override_settings

from hled_portal.tests import factories as make
from initiatives.models import Fact, FileJob

from .conftest import WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
TABLET = 820
RIGHT = "subject,key,object_en\ninitiative/otay-mesa-ii,works,new words\n"
WRONG = "subject,key,date_edtf\ninitiative/otay-mesa-ii,works,soon\n"


def choose(page, text: str) -> None:
    page.set_input_files("input[type=file]", {"name": "facts.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.locator(".files-form button").click()


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_file_goes_in_through_pages_without_barriers(page, server, sign_in, inspect, language):
    make.make_fact(make.make_initiative())
    sign_in(make.make_user("ana", "editor"), language)
    seen = []

    def look():
        for width in (WIDE, TABLET):
            page.set_viewport_size({"width": width, "height": 900})
            inspect()
        seen.append(page.url)

    page.goto("/admin/initiatives/fact/export/")
    look()
    page.goto("/admin/initiatives/fact/import/")
    look()
    choose(page, WRONG)
    page.locator("#errors").wait_for()
    look()
    page.goto("/admin/initiatives/fact/import/")
    choose(page, "subject,secret\na,b\n")
    page.locator(".files-refused").wait_for()
    look()
    choose(page, RIGHT)
    page.locator("#changes").wait_for()
    look()
    page.locator(".files-decide .default").click()
    page.wait_for_load_state()
    assert Fact.objects.get().object_en == "new words"
    with override_settings(FILE_ROWS_AT_ONCE=0):
        page.goto("/admin/initiatives/fact/import/")
        choose(page, RIGHT)
        page.locator("progress").wait_for()
        page.goto(f"/admin/initiatives/filejob/{FileJob.objects.first().pk}/change/?still")
        look()
    assert len(seen) == 6
