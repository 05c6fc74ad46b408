"""A letter from end to end, in Chromium: written, confirmed, split, counted with a campaign, answered, and told of.

Each step is one that a person takes, in her language; between them the pages of readers are looked at.
"""

import re

import pytest

from hled_portal.background.jobs import JobRun
from hled_portal.models import Mail
from hled_portal.security import spam_protection
from hled_portal.tests import factories as make
from initiatives.editions import joint_texts
from initiatives.models import Citation
from stakeholders.models import Campaign, Letter, Recommendation
from stakeholders.notifications import author_notifications
from stakeholders.triage import splitting

from .steps import agree, go_to_the_answer, go_to_the_edition, let_the_minute_come, plan, press, propose, read

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
CAMPAIGN = 40
SHARED = "Que las becas para técnicos de semiconductores sean de ida y vuelta entre ambos países."
OWN = "Que los laboratorios compartan sus equipos con las universidades de Sonora."
ANSWER = "The laboratories open their equipment with the new crossing."
PDF = {"name": "propuesta.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"}


@pytest.fixture
def cast(server, settings, monkeypatch):
    """Editors and clearing officers, and officers for recommendations of both sides."""
    settings.SITE_URL = server.url
    monkeypatch.setattr(spam_protection, "LEAST", 0)
    people = make.make_cast()
    people.rosa, people.ruth = vars(make.make_officers()).values()
    return people


@pytest.fixture
def works():
    """A crossing with a milestone to come, as a joint text told it."""
    initiative, source = make.make_initiative(), make.make_source()
    milestone = make.make_fact(initiative, date_edtf="2026-12")
    for subject in ({"initiative": initiative}, {"fact": milestone}):
        Citation.objects.create(source=source, locator="p. 1", **subject)
    for row in [initiative, milestone, initiative.pillar, initiative.pillar.cycle, source]:
        make.agreed(row)
    joint_texts.enter_joint_text(source)
    return initiative


@pytest.fixture
def campaign(cast):
    """Forty letters that ask for the same, read as one recommendation."""
    letters = [make.make_letter(SHARED, organization=f"Instituto {number}") for number in range(CAMPAIGN)]
    asked = make.make_recommendation(cast.rosa, letters[0])
    for letter in letters[1:]:
        splitting.split(letter, [splitting.LetterPiece(SHARED, letter.points.get(), asked)], cast.rosa)
    named = Campaign.objects.create(key="scholarships", name_en="Scholarships", name_es="Becas de ida y vuelta")
    splitting.set_campaign(named, [asked], cast.rosa)
    return asked


def write(page):
    """The university writes in Spanish, with two recommendations and a file."""
    page.goto("/es/recommendations/new/")
    page.select_option("#id_sender_kind", "university")
    page.fill("#id_sender_name", "Eva Soto")
    page.fill("#id_organization", "Universidad de Sonora")
    page.select_option("#id_sector", "education")
    page.select_option("#id_country", "MX")
    page.fill("#id_email", "eva@example.org")
    page.fill("#id_text_1", OWN)
    page.get_by_role("button", name="Agregar otra recomendación").click()
    page.fill("#id_text_2", SHARED)
    page.set_input_files("#id_files", PDF)
    page.click("label[for=id_consent_0]")
    page.get_by_role("button", name="Revisar su escrito").last.click()
    page.get_by_role("button", name="Enviar").click()
    page.get_by_role("heading", name="Acuse").wait_for()
    return page.url


def confirm(page):
    """The address, by the link of the only message so far."""
    page.goto(re.search(r"http\S+/confirm/\S+", Mail.objects.get().body).group(0))
    with page.expect_navigation():
        page.get_by_role("button").last.click()


def split(page, letter: Letter, campaign: Recommendation) -> Recommendation:
    """Rosa makes a recommendation of the first point, and joins the second to what the portal suggests."""
    page.goto("/admin/stakeholders/letter/")
    page.click(f"text={letter.number}")
    page.click('a[href$="/split/"]')
    offered = page.locator("[name=into_2] option", has_text=campaign.key)
    assert re.search(r"100 de 100; 40 escritos", offered.inner_text())
    page.select_option("[name=into_2]", campaign.key)
    with page.expect_navigation():
        page.click("#split button.default")
    assert campaign.askings.count() == CAMPAIGN + 1
    return letter.askings.exclude(recommendation=campaign).get().recommendation


def summarize(page, asked: Recommendation):
    """What readers read above the author's words, in both languages."""
    page.goto(f"/admin/stakeholders/recommendation/{asked.pk}/edit/")
    page.fill("[name=summary_en]", "Share laboratories with universities in Sonora.")
    page.fill("[name=summary_es]", "Compartir laboratorios con las universidades de Sonora.")
    with page.expect_navigation():
        page.click("[name=_save]")


def publish(page, asked: Recommendation, *, last: bool = False):
    """One delegation approves the words and the summaries; the last approval publishes them, and is confirmed."""
    page.goto(f"/admin/stakeholders/recommendation/{asked.pk}/change/")
    press(page, "publish")
    if last:
        with page.expect_navigation():
            page.click("[name=confirmed]")


def answer(page, asked: Recommendation):
    """Ruth writes a joint answer that names the crossing, reads what would be frozen and proposes it."""
    page.goto(f"/admin/stakeholders/recommendation/{asked.pk}/change/")
    with page.expect_navigation():
        page.click('form[action$="/answer/"] button[value=joint]')
    page.select_option("[name=outcome]", "adopted")
    page.fill("[name=text_en]", ANSWER)
    page.fill("[name=text_es]", "Los laboratorios abren sus equipos con el nuevo cruce.")
    page.click(".select2-selection")
    page.keyboard.type("Otay")
    page.locator(".select2-results__option", has_text="Otay Mesa II").click()
    page.select_option("[name=translation_state]", "agreed")
    with page.expect_navigation():
        page.click("[name=_save]")
    page.click('a[href$="/propose/"]')
    with page.expect_navigation():
        page.click(".clearing form button[type=submit]")


def key(page, person, language, sign_in, go):
    sign_in(person, language)
    go(page)
    press(page, "key")


def release(page, cast, sign_in, monkeypatch, name: str):
    """Carl plans it for tomorrow, both agree, and the minute comes."""
    sign_in(cast.carl)
    made = plan(page, name)
    agree(page, made)
    sign_in(cast.luis, "es")
    agree(page, made)
    let_the_minute_come(monkeypatch, made)


def meet_the_milestone(page, works):
    page.goto(f"/admin/initiatives/initiative/{works.pk}/report/")
    page.fill("[name=milestone-date_edtf]", "20 de noviembre de 2026")
    page.check("[name=milestone-ready]")
    for _read_back_then_saved in range(2):
        if page.url.endswith("/report/"):
            with page.expect_navigation():
                page.click("[name=save]")
    propose(page, works)


def test_a_letter_is_heard_answered_and_its_author_told_when_the_milestone_is_met(
    page, inspect, cast, works, campaign, sign_in, monkeypatch
):
    receipt = write(page)
    confirm(page)
    letter = Letter.objects.latest("pk")
    assert (letter.attachments.get().name, bool(letter.confirmed_at)) == ("propuesta.pdf", True)

    sign_in(cast.rosa, "es")
    asked = split(page, letter, campaign)
    summarize(page, asked)
    address = f"/en/recommendations/{asked.key}/"
    assert OWN not in read(page, address)
    publish(page, asked)
    assert OWN not in read(page, address)
    sign_in(cast.ruth)
    publish(page, asked, last=True)
    assert OWN in read(page, address)
    page.goto(receipt)
    inspect()
    assert "41 escritos incluyen esto. Forman parte de la campaña" in page.inner_text("main")

    answer(page, asked)
    key(page, cast.luis, "es", sign_in, lambda page: go_to_the_answer(page, asked.key))
    assert ANSWER not in read(page, address)
    key(page, cast.carl, "en", sign_in, lambda page: go_to_the_answer(page, asked.key))
    assert ANSWER not in read(page, address)
    release(page, cast, sign_in, monkeypatch, "Responses")
    assert ANSWER in read(page, address)
    assert asked.key in read(page)

    author_notifications.notify_authors(JobRun())
    told = list(Mail.objects.filter(recipient="eva@example.org").values_list("body", flat=True))
    assert sum("Los laboratorios abren sus equipos" in body for body in told) == 1

    sign_in(cast.ana, "es")
    meet_the_milestone(page, works)
    for person, language in ((cast.luis, "es"), (cast.carl, "en")):
        key(page, person, language, sign_in, go_to_the_edition)
    author_notifications.notify_authors(JobRun())
    assert Mail.objects.filter(recipient="eva@example.org").count() == len(told)
    release(page, cast, sign_in, monkeypatch, "Milestone")
    author_notifications.notify_authors(JobRun())
    author_notifications.notify_authors(JobRun())
    news = Mail.objects.filter(recipient="eva@example.org").order_by("pk")[len(told) :]
    assert ["Mesa de Otay II" in each.body and "20 de noviembre de 2026" in each.body for each in news] == [True]
