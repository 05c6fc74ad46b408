"""Releases to come in Chromium: planned, filled and agreed to; no barrier on a screen and on a tablet."""

import pytest

from hled_portal.models import ReleasePlan
from hled_portal.publishing import release_plans
from hled_portal.tests import factories as make

from .conftest import WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
TABLET, PHONE = 820, 320


@pytest.fixture
def cast(server):
    cast = make.make_cast()
    make.make_meeting("2026-11-30")
    make.make_initiative()
    make.make_cleared(cast, "one")
    make.make_edition(cast.ana, "two")
    return cast


def look(page, inspect):
    for width in (WIDE, TABLET):
        page.set_viewport_size({"width": width, "height": 900})
        inspect()
    page.set_viewport_size({"width": PHONE, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    page.set_viewport_size({"width": WIDE, "height": 900})


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "Check time",
                "Confirm the time",
                "Add texts",
                "Add all 2 texts shown",
                "Agree to this time and these texts",
            ),
        ),
        (
            "es",
            (
                "Comprobar la hora",
                "Confirmar la hora",
                "Incluir textos",
                "Incluir los 2 textos",
                "Dar conformidad con esta hora y estos textos",
            ),
        ),
    ],
)
def test_a_release_is_planned_filled_and_agreed_to(page, inspect, cast, sign_in, language, words):
    check, keep, put_in, put_all, agree = words
    sign_in(cast.luis, language)
    page.goto("/admin/hled_portal/releaseplan/add/")
    look(page, inspect)
    page.fill("#id_name", "Ministerial")
    page.select_option("#id_meeting_key", "2026-11-30")
    page.fill("#id_day", "2099-12-01")
    page.fill("#id_time", "10:00")
    page.get_by_role("button", name=check).click()
    look(page, inspect)
    page.get_by_role("button", name=keep).click()
    page.get_by_role("link", name=put_in).click()
    look(page, inspect)
    page.get_by_role("button", name=put_all).click()
    look(page, inspect)
    page.get_by_role("button", name=agree).click()
    plan = ReleasePlan.objects.get()
    assert (plan.mx_officer, plan.mx_digest) == (cast.luis, release_plans.plan_digest(plan))
    assert plan.at.isoformat() == "2099-12-01T16:00:00+00:00"
