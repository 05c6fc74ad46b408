"""What is kept of senders ends with its period, with every copy; and a sender takes a copy before."""

import datetime
import io
import json
import zipfile

import pytest
import time_machine
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone, translation

from hled_portal.background import mail, retention
from hled_portal.background.jobs import JobRun
from hled_portal.models import Mail
from hled_portal.tests import factories as make
from stakeholders.letters import receipt_links, submission
from stakeholders.models import (
    Author,
    Letter,
    Note,
    PublishedRecommendation,
    Recommendation,
    RecommendationRow,
    RecommendationWord,
)
from stakeholders.triage import moves
from stakeholders.vocabulary import Erasure

pytestmark = [pytest.mark.database, pytest.mark.django_db]
MARK = "zarzuela"
ADDRESS = f"{MARK}@example.org"
RECEIPT = "/en/recommendations/receipt/key/"
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT, settings.SUBMISSION_LIMITS = tmp_path, [0]
    return tmp_path


@pytest.fixture
def officers():
    return make.make_officers()


@pytest.fixture
def letter(officers):
    """The mark is in every column and copy that a sender's words or address get into."""
    letter = make.make_letter(
        f"Que la {MARK} crezca en la frontera.",
        email=ADDRESS,
        confirmed_at=timezone.now(),
        sender_name=MARK,
        organization=MARK,
        represented=MARK,
        introduction=MARK,
        channel_key=MARK,
        original_cells={MARK: MARK},
        secret_digest=submission.digest("key"),
    )
    letter.parts.create(order=1, text=MARK, addressed="MX")
    content = ContentFile(MARK.encode(), "x")
    letter.attachments.create(name=f"{MARK}.txt", kind="txt", size=1, digest="1", scan="clean", file=content)
    letter.notes.create(delegation="MX", author=officers.rosa, text=MARK)
    Author.objects.create(letter=letter)
    submission.correct(letter, MARK, "")
    receipt_links.hand_over(letter, MARK, f"colega-{ADDRESS}", "es")
    context = {"number": 1, "points": [MARK], "files": [], "confidential": False}
    mail.queue("letter/1", ADDRESS, "es", "letter_copy", context)
    return letter


def heard(officers, letter):
    """A public recommendation in the words of the letter, with what staff wrote beside it."""
    published = make.make_heard(officers, letter, word=MARK)
    row = published.recommendation
    submission.object_to(letter.askings.get(), MARK)
    row.notes.create(delegation="MX", author=officers.rosa, text=MARK)
    row.drafts.create(side="MX", text_en=MARK, text_es=MARK)
    return published


def marked() -> set[str]:
    """Each table and column that has the mark."""
    found = set()
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy:
            for field in model._meta.concrete_fields:
                texts = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
                if isinstance(field, texts) and any(
                    MARK in str(value) for value in model._base_manager.values_list(field.attname, flat=True)
                ):
                    found.add(f"{model._meta.label}.{field.name}")
    return found


def run_after(days: float) -> str | None:
    with time_machine.travel(timezone.now() + days * DAY):
        return retention.erase_due(JobRun())


def late_after(days: float) -> bool:
    with time_machine.travel(timezone.now() + days * DAY):
        (line,) = retention.report_retention()
    return line.too_old


def test_a_withdrawn_submission_is_erased_with_every_copy(
    officers, letter, media, settings, django_capture_on_commit_callbacks
):
    settings.KEEP_WITHDRAWN_DAYS = 40
    heard(officers, letter)
    moves.withdraw(letter, MARK)
    before = marked()
    assert len(before) > 20
    assert (run_after(39), marked()) == (None, before)
    assert (late_after(41), late_after(43)) == (False, True)
    with django_capture_on_commit_callbacks(execute=True):
        assert run_after(41) == "erased: withdrawn submissions: 1"
    assert marked() == set()
    assert not [path for path in media.rglob("*") if path.is_file()]
    assert not late_after(400)
    row = Letter.objects.get()
    assert (row.state, row.sector, row.erased) == ("withdrawn", "education", Erasure.ALL)
    assert RecommendationWord.objects.count() == RecommendationRow.objects.filter(folded__contains=MARK).count() == 0
    assert run_after(4000) is None


def test_contact_information_is_erased_once_a_closed_submission_rests(officers, letter, settings):
    settings.KEEP_CONTACTS_DAYS = 40
    heard(officers, letter)
    assert run_after(400) is None
    Letter.objects.update(state="answered")
    with time_machine.travel(timezone.now() + 30 * DAY):
        submission.correct(letter, "Later.", "")
    assert run_after(60) is None
    assert run_after(80) == "erased: contact information of submissions: 1"
    kept = Letter.objects.get()
    assert (kept.email, kept.contact_name, kept.original_cells, kept.erased) == ("", "", {}, "contact")
    assert (kept.sender_name, kept.introduction, Author.objects.count()) == (MARK, MARK, 0)
    assert not Mail.objects.filter(recipient__contains=MARK).exists()
    public = PublishedRecommendation.objects.public(timezone.now()).with_sender().get()
    assert public.sent_by == MARK, "the confirmed name is still the confirmed name"
    submission.correct(kept, "Once more.", "")


def test_of_an_old_submission_only_what_is_published_stays_until_it_is_not(officers, letter, settings):
    settings.KEEP_SUBMISSIONS_DAYS = 400
    published = heard(officers, letter)
    assert run_after(401) == "erased: submissions: 1"
    assert run_after(401) is None
    public = PublishedRecommendation.objects.public(timezone.now()).with_sender().get()
    assert (MARK in public.words, public.sent_by) == (True, MARK)
    label = "stakeholders.Letter"
    assert {name for name in marked() if name.startswith(label)} == {
        f"{label}.{name}" for name in ("organization", "represented", "sender_name")
    }
    assert not Note.objects.filter(letter=letter).exists()
    letter.refresh_from_db()
    submission.change_consent(letter, "nothing")
    assert run_after(401) == "erased: submissions: 1"
    assert marked() == set()
    assert Letter.objects.get().erased == Erasure.ALL
    assert published.recommendation.key in Recommendation.objects.values_list("key", flat=True)


def test_the_same_words_of_another_sender_stay(officers, letter, settings):
    settings.KEEP_WITHDRAWN_DAYS = 40
    published = heard(officers, letter)
    other = make.make_letter("Otra.", consent="withheld")
    text = published.recommendation.text
    published.recommendation.askings.create(letter=other, text=text, language="es")
    moves.withdraw(letter)
    run_after(41)
    assert PublishedRecommendation.objects.public(timezone.now()).get().words == text
    assert Recommendation.objects.get().text == text


@pytest.mark.parametrize(("language", "label"), [("en", "Words of the submission: "), ("es", "Palabras del escrito: ")])
def test_a_sender_takes_a_copy_of_all_that_is_kept(client, officers, letter, language, label):
    heard(officers, letter)
    path = RECEIPT.replace("/en/", f"/{language}/")
    with translation.override(language):
        answer = client.post(path, {"do": "copy", "copy-email": ADDRESS.upper()})
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/zip", "no-store")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    answer.close()
    (attached,) = (name for name in archive.namelist() if name.endswith(f"{MARK}.txt"))
    assert archive.read(attached) == MARK.encode()
    data = json.loads(archive.read("data.json"))
    assert label in archive.read("data.txt").decode()
    kept = {
        f"{section}.{name}"
        for section, rows in data.items()
        if isinstance(rows, list)
        for row in rows
        for name, value in row.items()
        if MARK in str(value)
    }
    columns = {"email", "sender_name", "organization", "represented", "introduction", "channel_key", "original_cells"}
    assert kept == {f"submission.{name}" for name in columns} | {
        *("points.text", "confidential_parts.text", "attachments.name", "corrections.text", "objections.text"),
        *("contact_transfers.name", "contact_transfers.email", "identified_recommendations.text"),
    }
    assert len(data["messages"]) == 1
    assert letter.secret_digest not in json.dumps(data)


@pytest.mark.parametrize("data", [{}, {"copy-email": "other@example.org"}])
def test_the_link_alone_gives_no_copy(client, letter, data):
    answer = client.post(RECEIPT, {"do": "copy"} | data)
    assert answer.status_code == 422
    assert 'href="#id_copy-email"' in answer.content.decode()
    assert ADDRESS not in answer.content.decode()


def test_copies_are_limited(client, letter, settings):
    settings.SUBMISSION_LIMITS = [2, 100]
    guesses = [client.post(RECEIPT, {"do": "copy", "copy-email": f"{n}@example.org"}).status_code for n in range(3)]
    assert guesses == [422, 422, 429]


def test_a_closed_submission_without_an_address_is_copied_too(client, officers):
    letter = make.make_letter("One.", secret_digest=submission.digest("key"))
    moves.withdraw(letter)
    answer = client.post(RECEIPT, {"do": "copy"})
    answer.close()
    assert answer.status_code == 200
