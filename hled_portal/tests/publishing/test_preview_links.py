"""Links by which somebody without an account reads one proposal."""

import datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hled_portal.models import PreviewLink, Step
from hled_portal.publishing import clearance, preview_links, releasing, review_queue
from hled_portal.publishing.clearance import Refused
from hled_portal.tests import factories as make
from stakeholders.triage import consultations

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make.make_cast()


def read(token: str, language: str = "en", **headers):
    return Client(**headers).get(f"/{language}/preview/{token}/")


@pytest.mark.parametrize(
    ("name", "allowed", "after_opening"),
    [("ana", 1, 1), ("luis", 1, 1), ("beth", 0, 1), ("carl", 0, 1), ("zoe", 0, 0), ("rosa", 0, 0), ("audit", 0, 0)],
)
def test_who_makes_a_link(cast, name, allowed, after_opening):
    cast.rosa = make.make_user("rosa", "recommendations", delegation="MX")
    cast.audit = make.make_user("audit", "auditor", audits="joint")
    text, user = make.make_edition(cast.ana), getattr(cast, name)
    assert bool(preview_links.sharing_refusals(text, user)) is not bool(allowed)
    review_queue.note_opened(text, cast.carl)
    assert bool(preview_links.sharing_refusals(text, user)) is not bool(after_opening)
    if not after_opening:
        with pytest.raises(Refused):
            preview_links.make_link(text, user, "A minister")
        assert not PreviewLink.objects.exists()


@pytest.mark.parametrize(
    ("language", "mark"),
    [("en", "Preview: this page is not public"), ("es", "Vista previa: esta página no es pública")],
)
def test_a_link_is_made_at_the_desk_and_read_without_an_account(cast, client, language, mark):
    text = make.make_edition(cast.ana)
    client.force_login(cast.ana)
    shown = client.post(reverse("admin:initiatives_edition_share", args=[text.pk]), {"recipient": "The minister"})
    token = shown.context["new_link"].rstrip("/").rpartition("/")[2]
    link = PreviewLink.objects.get()
    assert token not in repr(vars(link))
    assert token not in client.get(reverse("admin:initiatives_edition_change", args=[text.pk])).content.decode()
    answer = read(token, language)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert mark in html
    assert "Cadenas de suministro" in html
    assert "The minister" in html
    assert "/admin/" not in html
    assert "/preview/" in html  # Of the other language.
    assert '<meta name="robots" content="noindex, nofollow">' in html
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "ETag" not in answer
    link.refresh_from_db()
    assert link.opened == 1
    assert token not in client.get("/sitemap.xml").content.decode()
    client.post(reverse("admin:initiatives_edition_unshare", args=[text.pk, link.pk]))
    assert list(Step.objects.values_list("action", "comment", "by__username")) == [
        ("shared", "The minister", "ana"),
        ("unshared", "The minister", "ana"),
    ]
    assert read(token).status_code == 404


def _revoke(cast, text):
    preview_links.revoke_link(text, PreviewLink.objects.get().pk, cast.luis)


def _replace(cast, text):
    clearance.replace(text, cast.ana, "")


def _publish(cast, text):
    for officer in (cast.luis, cast.carl):
        clearance.clear(text, officer, text.digest)
    releasing.release([text], cast.luis)


ENDS = {
    "revoked": _revoke,
    "returned": lambda cast, text: clearance.return_text(text, cast.carl, "Say it in Spanish too."),
    "replaced": _replace,
    "published": _publish,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_link_shows_one_proposal_and_dies_with_it(cast, end):
    text = make.make_edition(cast.ana)
    other = make.make_edition(cast.ana, "ports", content=make.topic_content("ports", "Mirlitonia"))
    token = preview_links.make_link(text, cast.ana, "The minister")
    html = read(token).content.decode()
    assert "Mirlitonia" not in html
    ENDS[end](cast, text)
    answer = read(token)
    assert answer.status_code == 404
    assert "This preview is not available" in answer.content.decode()
    assert other.state == "proposed"


def test_a_link_works_for_fourteen_days(cast):
    token = preview_links.make_link(make.make_edition(cast.ana), cast.ana, "The minister")
    for days, status in ((13, 200), (15, 404)):
        with time_machine.travel(timezone.now() + datetime.timedelta(days=days)):
            assert read(token).status_code == status


def test_who_guesses_links_gets_no_answer_for_an_hour(cast, settings):
    settings.SUBMISSION_LIMITS = [3, 300]
    token = preview_links.make_link(make.make_edition(cast.ana), cast.ana, "The minister")
    assert [read("x" * 43).status_code for _time in range(4)] == [404, 404, 404, 429]
    assert read(token).status_code == 429
    assert Client().get(f"/en/preview/{token}/", REMOTE_ADDR="198.51.100.2").status_code == 200
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=2)):
        assert read(token).status_code == 200


def test_consultations_responses_and_fact_sheets_are_shown_too(cast):
    officers = make.make_officers()
    call = consultations.propose_consultation(make.agreed(make.make_consultation(is_public=False)), officers.rosa)
    response = make.make_cleared_answer(cast, make.make_recommendation(officers.rosa).key)
    cases = [(call, officers.rosa, "Díganlo a ambos gobiernos."), (response, cast.luis, "Está hecho.")]
    cases.append((make.make_fact_sheet(cast.ana), cast.ana, "Ambos gobiernos se reunieron."))
    for text, user, words in cases:
        answer = read(preview_links.make_link(text, user, "The minister"), "es")
        assert "Vista previa: esta página no es pública" in answer.content.decode()
        assert words in answer.content.decode()
        assert "laboratorios compartan" not in answer.content.decode()
