"""The desk in Chromium: no barrier, no sideways scroll, the language in the head, and light and dark."""

import re

import pytest
from playwright.sync_api import expect

from hled_portal.publishing import preview_links, remarks
from hled_portal.tests import factories as make
from initiatives.models import Edition, Fact, Initiative, Reading

from .conftest import WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
TABLET, PHONE = 820, 390


@pytest.fixture
def cast(server):
    cast = make.make_cast()
    initiative = make.make_initiative()
    make.make_fact(initiative, date_edtf="2024-12", ready=False)
    make.make_fact(initiative, "us", "US", date_edtf="2024-11")
    figure = make.make_figure(initiative, unit_en="%", unit_es="%")
    sedena = make.make_organization("sedena")
    Reading.objects.create(fact=figure, order=1, value=60, as_of_edtf="2024-04-19", reporting_body=sedena)
    edition = make.make_edition(cast.ana, "supply-chains")
    preview_links.make_link(edition, cast.ana, "The minister's office")
    remarks.leave_remark(edition, cast.carl, "", "Which year?")
    return cast


def of_editors() -> list[str]:
    initiative = Initiative.objects.get()
    fact, figure = Fact.objects.get(key="works"), Fact.objects.get(key="progress")
    one = f"/admin/initiatives/initiative/{initiative.pk}"
    return [
        "/admin/",
        "/admin/waiting/languages/",
        "/admin/completeness/",
        "/admin/guide/",
        "/admin/initiatives/initiative/",
        *(f"{one}/{page}/" for page in ("change", "report", "translations", "propose", "history")),
        f"{one}/delete/",
        "/admin/initiatives/initiative/add/",
        "/admin/initiatives/topic/add/",
        "/admin/initiatives/staff/add/",
        f"/admin/initiatives/edition/{Edition.objects.get().pk}/change/",
        *(f"/admin/initiatives/fact/{each.pk}/change/" for each in (fact, figure)),
        f"/admin/initiatives/fact/add/?initiative={initiative.pk}&kind=event",
    ]


def of_officers() -> list[str]:
    edition = Edition.objects.get()
    return [
        "/admin/",
        "/admin/log/",
        "/admin/initiatives/edition/",
        "/admin/initiatives/edition/queue/",
        f"/admin/initiatives/edition/{edition.pk}/change/",
        f"/admin/initiatives/edition/{edition.pk}/preview/es/",
    ]


@pytest.mark.parametrize(
    ("name", "addresses", "language", "scheme"),
    [
        ("ana", of_editors, "en", "light"),
        ("ana", of_editors, "es", "dark"),
        ("carl", of_officers, "en", "dark"),
        ("carl", of_officers, "es", "light"),
    ],
)
def test_the_desk_is_clean_at_each_width(page, inspect, cast, sign_in, name, addresses, language, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    sign_in(getattr(cast, name), language)
    faults = []
    widths = (PHONE, TABLET, WIDE) if language == "en" else (PHONE, WIDE, TABLET)
    for path in addresses():
        assert page.goto(path).status == 200, path
        assert "/sign-in/" not in page.url
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            try:
                inspect(barriers=width == widths[-1])
            except AssertionError as fault:
                faults.append(f"{path} at {width}: {fault}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_on_which_many_are_keyed_is_clean(page, inspect, cast, sign_in, language):
    sign_in(cast.carl, language)
    page.goto("/admin/initiatives/edition/queue/?chosen=all")
    with page.expect_navigation():
        page.click(".clearing form[action] button[type=submit]")
    inspect()


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_shared_preview_is_clean(page, cast, inspect, language):
    token = preview_links.make_link(Edition.objects.get(), cast.ana, "The minister's office")
    for path, status in ((token, 200), ("x" * 43, 404)):
        assert page.goto(f"/{language}/preview/{path}/").status == status
        page.portal_errors.clear()  # The answer 404 is one.
        for width in (WIDE, TABLET):
            page.set_viewport_size({"width": width, "height": 900})
            inspect(barriers=width == TABLET)


def test_the_language_changes_and_the_page_stays(page, cast, sign_in):
    sign_in(cast.luis)
    page.goto("/admin/completeness/?side=MX")
    page.get_by_role("button", name="Español").click()
    page.wait_for_url(lambda url: url.endswith("/admin/completeness/?side=MX"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Información faltante")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Missing information")


def test_the_guide_prints_on_one_page(page, cast, sign_in):
    for language in ("en", "es"):
        sign_in(cast.ana, language)
        page.goto("/admin/guide/")
        printed = page.pdf(format="Letter")
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, language
