"""The public page of a proposal, shown to the sides alone, in either language, and written nowhere."""

import pytest
from django.urls import reverse

from hled_portal.tests.factories import (
    agreed,
    make_cast,
    make_cleared,
    make_edition,
    make_fact,
    make_initiative,
    make_meeting,
    make_user,
    publish_with_keys,
)
from initiatives.editions import proposing
from initiatives.models import Edition, Facet

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def address(text, language="en") -> str:
    return reverse("admin:initiatives_edition_preview", args=[text.pk, language])


def proposed(cast) -> Edition:
    initiative = make_initiative()
    make_fact(initiative)
    publish_with_keys(cast, initiative)
    initiative.title_en, initiative.title_es = "Otay Mesa in the morning", "Mesa de Otay en la mañana"
    agreed(initiative)
    return proposing.propose("initiative", initiative.key, cast.ana)[0]


@pytest.mark.parametrize(
    ("language", "title", "mark", "other"),
    [
        ("en", "Otay Mesa in the morning", "Preview: this page is not public", "es"),
        ("es", "Mesa de Otay en la mañana", "Vista previa: esta página no es pública", "en"),
    ],
)
def test_the_page_of_a_proposal_is_shown_as_readers_would_see_it(cast, client, language, title, mark, other):
    text = proposed(cast)
    before = list(Edition.objects.order_by("pk").values()), Facet.objects.count()
    client.force_login(cast.luis)
    answer = client.get(address(text, language))
    html = answer.content.decode()
    assert f"<h1>{title}</h1>" in html
    assert mark in html
    assert f'<html lang="{ {"en": "en", "es": "es-MX"}[language] }">' in html
    assert f'href="{address(text, other)}"' in html
    assert "Text approved by both delegations." not in html
    assert "Texto con visto bueno de ambas delegaciones." not in html
    assert "BibTeX" not in html
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in html
    assert (list(Edition.objects.order_by("pk").values()), Facet.objects.count()) == before
    assert title not in client.get(f"/{language}/initiatives/otay-mesa-ii/").content.decode()


@pytest.mark.parametrize(
    ("name", "status"), [("ana", 200), ("beth", 200), ("zoe", 403), ("root", 403), ("stranger", 403), ("nobody", 302)]
)
def test_who_sees_a_preview(cast, client, name, status):
    cast.root = make_user("root", is_superuser=True)
    cast.stranger = make_user("stranger")
    text = make_edition(cast.ana)
    if name != "nobody":
        client.force_login(getattr(cast, name))
    assert client.get(address(text)).status_code == status


def test_a_cleared_text_is_told_as_cleared_and_not_released(cast, client):
    text = make_cleared(cast)
    client.force_login(cast.luis)
    html = client.get(address(text)).content.decode()
    assert "Approved by both delegations, not yet published." in html
    assert "Cadenas de suministro" in html


def test_a_meeting_and_a_first_edition_are_shown_too(cast, client):
    meeting = agreed(make_meeting())
    initiative = agreed(make_initiative())
    agreed(initiative.pillar), agreed(initiative.pillar.cycle)
    client.force_login(cast.luis)
    for row in (meeting, initiative):
        text = proposing.propose(row._meta.model_name, row.key, cast.ana)[0]
        answer = client.get(address(text, "es"))
        assert answer.status_code == 200
        assert "Vista previa: esta página no es pública" in answer.content.decode()


@pytest.mark.parametrize("language", ["fr", "x"])
def test_another_language_is_refused(cast, client, language):
    text = make_edition(cast.ana)
    client.force_login(cast.luis)
    assert client.get(address(text, language)).status_code == 403


def test_a_preview_is_only_read(cast, client):
    text = make_edition(cast.ana)
    client.force_login(cast.luis)
    assert client.post(address(text)).status_code == 405
