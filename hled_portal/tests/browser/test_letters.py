"""Writing to both governments in a real browser: with script and without, on a desk and a phone, in both languages."""

import re

import pytest
from playwright.sync_api import expect

from hled_portal.models import Mail
from hled_portal.security import spam_protection
from hled_portal.tests.factories import make_joint_text
from stakeholders.models import Letter

from .conftest import PHONE, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PDF = {"name": "carta.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"}
WORDS = {
    "en": (
        "Check your submission",
        "Send",
        "Add another recommendation",
        "Confidential parts",
        "Receipt",
        "Add a correction",
    ),
    "es": (
        "Revisar su escrito",
        "Enviar",
        "Agregar otra recomendación",
        "Partes confidenciales",
        "Acuse",
        "Agregar una correc",
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


@pytest.fixture(autouse=True)
def ready(server, settings, monkeypatch):
    settings.SITE_URL = server.url
    settings.SUBMISSION_LIMITS = [0]
    monkeypatch.setattr(spam_protection, "LEAST", 0)
    make_joint_text()


def fill_in(page):
    page.select_option("#id_sender_kind", "university")
    page.fill("#id_sender_name", "Eva Soto")
    page.fill("#id_organization", "Universidad de Sonora")
    page.select_option("#id_country", "MX")
    page.fill("#id_email", "eva@example.org")
    page.fill("#id_text_1", "Que los laboratorios compartan sus equipos.")
    page.click("label[for=id_consent_0]")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_university_writes_and_gets_its_receipt(page, clean, language):
    check, send, another, confidential, receipt, correction = WORDS[language]
    page.goto(f"/{language}/recommendations/new/")
    clean()
    fill_in(page)
    page.set_input_files("#id_files", PDF)
    page.get_by_role("button", name=check).last.click()
    page.get_by_role("alert").wait_for()  # The sector lacks; the file stays.
    page.locator("summary", has_text=confidential).click()
    clean()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.locator("#id_sector")).to_be_focused()
    page.select_option("#id_sector", "education")
    page.get_by_role("button", name=another).click()
    page.fill("#id_text_2", "Que las becas sean de ida y vuelta.")
    page.get_by_role("button", name=check).last.click()
    page.get_by_role("heading", name=check).wait_for()
    clean()
    page.get_by_role("button", name=send).dblclick()
    page.get_by_role("heading", name=receipt).wait_for()
    page.locator("summary", has_text=correction).click()
    clean()
    letter = Letter.objects.get()
    assert (letter.points.count(), letter.attachments.get().name) == (2, "carta.pdf")
    page.goto(re.search(r"http\S+/confirm/\S+", Mail.objects.get().body).group(0))
    clean()
    page.get_by_role("button").last.click()
    page.wait_for_load_state()
    letter.refresh_from_db()
    assert letter.confirmed_at


def test_what_is_typed_is_there_after_the_window_was_closed_and_goes_once_it_is_sent(page):
    page.goto("/en/recommendations/new/")
    fill_in(page)
    page.locator("summary", has_text="Confidential parts").click()
    page.fill("#id_part_us", "For nobody else")
    page.fill("#id_text_1", "Que abran los laboratorios.")
    page.wait_for_function(
        "() => Object.values(localStorage).join().includes('Que abran')"
    )  # Saved after all was typed.
    page.goto("about:blank")
    page.goto("/en/recommendations/new/")
    assert page.input_value("#id_sender_name") == "Eva Soto"
    assert page.input_value("#id_part_us") == ""
    assert "nobody else" not in page.evaluate("JSON.stringify(localStorage)")
    page.select_option("#id_sector", "education")
    page.get_by_role("button", name="Check your submission").last.click()
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Receipt").wait_for()
    page.wait_for_function(
        "() => localStorage.length === 0"
    )  # The script that empties it runs after the heading is there.


def test_without_script_a_letter_is_sent_by_keyboard(chromium, server):
    context = chromium.new_context(java_script_enabled=False, base_url=server.url)
    page = context.new_page()
    page.goto("/en/recommendations/new/")
    fill_in(page)
    page.select_option("#id_sector", "education")
    page.focus("#id_organization")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Check your submission").wait_for()
    page.get_by_role("button", name="Send").press("Enter")
    page.get_by_role("heading", name="Receipt").wait_for()
    assert Letter.objects.count() == 1
    context.close()


def test_the_other_pages_are_clean(page, clean):
    for path in ("lost-link/", "lost-link/sent/"):
        page.goto(f"/en/recommendations/{path}")
        clean()
    assert page.goto("/en/recommendations/receipt/used/").status == 404
    page.portal_errors.clear()  # Chromium logs the 404 itself.
    clean()
