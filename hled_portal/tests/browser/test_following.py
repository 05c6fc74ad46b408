"""Following by e-mail in a real browser: asked for, confirmed, changed and stopped, without script."""

import re

import pytest
from playwright.sync_api import expect

from hled_portal.models import Mail
from hled_portal.security import spam_protection
from hled_portal.tests.factories import make_joint_text
from stakeholders.models import Follower

from .conftest import PHONE, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = {
    "en": (
        "Send confirmation email",
        "Confirm",
        "weekly, on Mondays",
        "Save",
        "Unsubscribe from everything",
        "Check your email",
    ),
    "es": (
        "Enviar correo de confirmación",
        "Confirmar",
        "Una vez por semana",
        "Guardar",
        "Cancelar todas las suscripciones",
        "Revise",
    ),
}


@pytest.fixture
def clean(page, inspect):
    """Look at the page on a desk and on a phone."""

    def look():
        for width in (WIDE, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            inspect()

    return look


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_reader_follows_changes_and_stops(page, server, clean, settings, monkeypatch, language):
    settings.SITE_URL = server.url
    monkeypatch.setattr(spam_protection, "LEAST", 0)
    make_joint_text()
    send, confirm, weekly, save, stop, sent = WORDS[language]
    page.goto(f"/{language}/follow/?subject=initiatives")
    page.get_by_role("button", name=send).click()
    clean()  # With errors.
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.locator("#id_address")).to_be_focused()
    page.keyboard.type("eva@example.org")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=sent).wait_for()
    clean()
    page.goto(re.search(r"http\S+/confirm/\S+", Mail.objects.get().body).group(0))
    clean()
    page.get_by_role("button", name=confirm).click()
    clean()
    page.get_by_text(weekly).click()
    with page.expect_navigation():
        page.get_by_role("button", name=save).click()
    assert Follower.objects.get().rhythm == "weekly"
    page.get_by_role("button", name=stop).click()
    clean()
    assert not Follower.objects.exists()


@pytest.mark.parametrize("language", ["en", "es"])
def test_pages_of_links_that_no_longer_work_are_clean(page, clean, language):
    for path in ("follow/confirm/used/", "follow/?subject=initiative/none"):
        assert page.goto(f"/{language}/{path}").status == 404
        page.portal_errors.clear()  # Chromium logs the 404 itself.
        clean()
