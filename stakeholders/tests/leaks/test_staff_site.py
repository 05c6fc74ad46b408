"""Nothing of a letter is read on the staff site by those who may not: strangers, and the other delegation."""

import re
from unittest.mock import patch

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from hled_portal.tests import factories as make
from hled_portal.tests.crawler import links, names_in_query
from hled_portal.tests.pages import page
from initiatives.models import Initiative, Meeting
from stakeholders.letters import submission
from stakeholders.models import (
    Asking,
    Attachment,
    FileOfLetters,
    Letter,
    Recommendation,
    Response,
    ResponseDraft,
)
from stakeholders.triage import moves

from .hidden_letters import (
    ASKED,
    MARK,
    MARKS,
    PASSING,
    PROPOSED,
    SUMMARY,
    attach,
    differing,
    hide_all,
    marked_letter,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_connection")]


# The desk, as everybody who must not see it


#: Where the matter of letters stands at the desk, with the rows of the record that it hangs on.
DESK = re.compile(r"^/admin/($|stakeholders/|hled_portal/|log/|completeness/|initiatives/(initiative|meeting)/\d)")
#: Without the pages of accounts, which an administrator reads too, and with previews in one language.
REST = re.compile(rf"(?!.*(/user/\d|/preview/es/)){DESK.pattern}")
#: Its part where letters are worked on.
LETTERS = re.compile(r"^/admin/($|stakeholders/)")
SORTED = re.compile(r"[?&](o|_\w+)=")


def crawl(client, part: re.Pattern = DESK, narrowed: set | None = None) -> dict[str, str]:
    """These pages of the desk, from the first page and the lists along every link; a list once by each filter.

    `narrowed`: the filtered lists that another has read, who sees the same rows. The tables beside each page are those
    of the first page.
    """
    waiting = ["/admin/", "/admin/log/"]
    waiting += [page(model, "changelist") for model in admin.site._registry if model._meta.app_label != "initiatives"]
    waiting += [page(type(row), name, row.pk) for row in hung_on() for name in ("change", "delete", "history")]
    waiting = [address for address in waiting if part.match(address)]
    found: dict[str, str] = {}
    narrowed = set() if narrowed is None else narrowed
    with patch.object(admin.site, "enable_nav_sidebar", False):
        while waiting:
            address = waiting.pop()
            variant = address.partition("?")[0], names_in_query(address)
            if address in found or variant in narrowed:
                continue
            if "?" in address:
                narrowed.add(variant)
            answer = client.get(address)
            text = b"".join(answer).decode("utf-8", "replace")
            answer.close()
            found[address] = f"{answer.status_code} {answer.get('Location', '')} {PASSING.sub('', text)}"
            if "text/html" in answer.get("Content-Type", "") and "?" not in address:
                waiting += [link for link in links(address, text) if part.match(link) and not SORTED.search(link)]
    return found


def hung_on() -> list:
    return [*Initiative.objects.all(), *Meeting.objects.all()]


STRANGERS = {
    "editor": ("beth", ("editor",), {}, MARKS),
    "no role": ("stranger", (), {}, MARKS),
    "administrator": ("sam", ("administrator",), {}, MARKS),
    "officer": ("carl", ("officer",), {}, re.compile(MARK, re.IGNORECASE)),
    "recommendations of no delegation": ("rita", ("recommendations",), {}, re.compile(f"{MARK}|{SUMMARY}")),
    "auditor of US": ("for-us", ("auditor",), {"audits": "US"}, re.compile(f"{MARK}|{SUMMARY}", re.IGNORECASE)),
    "auditor of both": ("joint", ("auditor",), {"audits": "joint"}, re.compile(f"{MARK}|{SUMMARY}", re.IGNORECASE)),
    "superuser": ("root", (), {"is_superuser": True}, re.compile(f"{MARK}|{SUMMARY}", re.IGNORECASE)),
}


def test_the_desk_tells_strangers_nothing(cast, public):
    hide_all(cast)
    narrowed: set = set()
    for role in STRANGERS:
        with transaction.atomic():  # What a page notes of its reader changes nothing for the next one.
            look_around(role, narrowed)
            transaction.set_rollback(True)


def look_around(role: str, narrowed: set) -> None:
    name, roles, columns, marks = STRANGERS[role]
    client = Client()
    client.force_login(make.User.objects.filter(username=name).first() or make.make_user(name, *roles, **columns))
    found = crawl(client, DESK if role in ("administrator", "officer") else REST, narrowed)
    assert [address for address, told in found.items() if marks.search(told)] == [], role
    if role in ("officer", "superuser"):
        assert any(PROPOSED in told for told in found.values())
    for model in (Response, Letter, Recommendation, Asking, ResponseDraft, Attachment):
        asked = {"app_label": "stakeholders", "model_name": model._meta.model_name, "term": MARK}
        names = {field.name for field in model._meta.get_fields()}
        for field in names & {"letter", "recommendation", "tags", "campaign", "initiatives"}:
            told = client.get(reverse("admin:autocomplete"), asked | {"field_name": field})
            assert not MARKS.search(told.content.decode()), role
    for lookup in ("recommendation_links__isnull", "response_drafts", "recommendation_links__recommendation__key"):
        assert client.get(page(Initiative, "changelist"), {lookup: "0"}).status_code in (302, 400, 403), lookup
    for lookup in ("consultations__isnull", "consultations__key", "consultations"):
        assert client.get(page(Meeting, "changelist"), {lookup: "0"}).status_code in (302, 400, 403), lookup
    for word in (MARK, SUMMARY, ASKED):
        told = client.get(page(Response, "changelist"), {"q": word})
        assert not marks.search(told.content.decode().replace(word, "")), role


SIDES = {"rosa": ("MX", "US"), "ruth": ("US", "MX")}


@pytest.mark.parametrize(("name", "part"), [("rosa", DESK), ("ruth", LETTERS)], ids=SIDES)
def test_the_other_delegation_s_own_is_not_there(cast, public, client, name, part):
    """What one delegation alone may read is nowhere on the desk of the other, of which it changes nothing."""
    side, other = SIDES[name]
    colleague = {"US": cast.ruth, "MX": cast.rosa}[other]
    letter = public.asking.letter
    client.force_login(getattr(cast, name))
    client.get(page(Letter, "change", letter.pk))  # Its corrections are no longer new.
    before = crawl(client) if part is DESK else {}
    letter.parts.create(order=9, text=f"{PROPOSED} part", addressed=other)
    submission.correct(letter, f"{PROPOSED} correction", other)
    attach(letter, f"{PROPOSED}.txt", other)
    letter.notes.create(delegation=other, author=colleague, text=f"{PROPOSED} note")
    public.recommendation.notes.create(delegation=other, author=colleague, text=f"{PROPOSED} note")
    moves.assign(public.recommendation, colleague, None)
    moves.assign(public.recommendation, colleague, colleague)
    public.recommendation.drafts.filter(side=other).update(text_en=f"{PROPOSED} draft", outcome="not_adopted")
    FileOfLetters.objects.create(owner=colleague, name=f"{PROPOSED}.csv", channel="sheet", content=b"x")
    after = crawl(client, part)
    assert not [address for address, told in after.items() if PROPOSED in told]
    if before:
        assert differing(before, after) == {}
        assert sorted(before) == sorted(after)
    assert [address for address, told in after.items() if f"note of {other}" in told or f"part {other}" in told] == []
    assert [address for address, told in after.items() if f"draft of {other}" in told or f"-{other}.txt" in told] == []
    assert any(f"note of {side}" in told for told in after.values())


@pytest.mark.parametrize("name", SIDES)
def test_no_lookup_finds_what_is_of_the_other_delegation(cast, public, client, name):
    """Lists are narrowed by addresses too: none asks for parts, notes, files or drafts."""
    client.force_login(getattr(cast, name))
    lookups = ["parts__text__contains", "notes__text__contains", "notes__isnull", "parts__addressed", "attachments"]
    lookups += ["corrections__text__contains", "handovers__isnull", "moves__by", "author__isnull", "secret_digest"]
    for lookup in [*lookups, "once_digest__startswith", "email__startswith", "parts", "notes", "moves"]:
        answer = client.get(page(Letter, "changelist"), {lookup: "1"})
        assert answer.status_code in (302, 400), lookup
    lookups = ["notes__text__contains", "drafts__text_en__contains", "drafts__isnull", "assignments__to", "assignments"]
    for lookup in [*lookups, "drafts", "askings__letter__email", "askings__letter__parts__text", "notes__isnull"]:
        answer = client.get(page(Recommendation, "changelist"), {lookup: "1"})
        assert answer.status_code in (302, 400), lookup
    for word in ("note of", "part US", "part MX", "correction", "draft of", "@example.org", "content"):
        # Who reads letters searches them by their senders' addresses.
        for model in (Recommendation,) if "@" in word else (Letter, Recommendation):
            assert client.get(page(model, "changelist"), {"q": f'"{word}"'}).context["cl"].result_count == 0, word


def test_a_file_is_taken_by_its_own_letter_alone_and_never_shown(cast, public, client):
    other = marked_letter("other")
    client.force_login(cast.rosa)
    for row in Attachment.objects.all():
        may = row.addressed in ("", "MX", "joint")
        for letter in (row.letter, other if row.letter != other else public.asking.letter):
            for method in (client.get, client.head):
                answer = method(reverse("admin:stakeholders_letter_file", args=[letter.pk, row.pk]))
                assert answer.status_code == (200 if may and letter == row.letter else 404)
                if answer.status_code == 200:
                    assert answer["Content-Disposition"].startswith("attachment;")
                    assert answer["Content-Type"] == "application/octet-stream"
                    assert answer["X-Content-Type-Options"] == "nosniff"
                    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
                    assert "no-store" in answer["Cache-Control"]
                answer.close()
    client.logout()
    for row in Attachment.objects.all():
        for address in (f"/media/{row.file.name}", f"/{row.file.name}", f"/static/{row.file.name}"):
            assert client.get(address).status_code == 404
