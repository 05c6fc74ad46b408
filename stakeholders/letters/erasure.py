"""What is erased of letters on time, with every copy: points, passages, files, indexes, waiting messages, notes.

First the contact information, later everything that is not published, and once nothing of a letter is published any
more, everything. Its row stays without a word of its sender, because figures count every letter received.
"""

import datetime

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from hled_portal.background import mail
from hled_portal.background.retention import Kind, register_kind
from stakeholders.models import Asking, Letter, Move, PublishedRecommendation, Recommendation, unguessable
from stakeholders.triage import moves, similarity
from stakeholders.vocabulary import CaseState, Consent, Erasure

#: On the list of removals.
ERASED = "erased"
#: States in which a sender is written to no more.
CLOSED = (CaseState.ANSWERED, CaseState.WITHDRAWN, CaseState.RESTRICTED)


def due_contacts(before: datetime.datetime) -> QuerySet:
    """Closed letters of which the last step was before this time."""
    later = Move.objects.filter(letter=OuterRef("pk"), at__gte=before)
    return Letter.objects.filter(~Exists(later), erased=Erasure.NOTHING, state__in=CLOSED, created_at__lt=before)


def due_withdrawn(before: datetime.datetime) -> QuerySet:
    return Letter.objects.filter(withdrawn_at__lt=before).exclude(erased=Erasure.ALL)


def due_letters(before: datetime.datetime) -> QuerySet:
    """Letters received before this time, but of those with published words only what is not published yet erased."""
    done = Q(erased=Erasure.ALL) | (Q(erased=Erasure.UNPUBLISHED) & Exists(_quoted(OuterRef("pk"))))
    return Letter.objects.filter(created_at__lt=before).exclude(done)


def _quoted(letter) -> QuerySet:
    """Passages of a letter that readers read now."""
    voices = PublishedRecommendation.objects.public(timezone.now()).filter(voice__isnull=False).values("voice")
    return Asking.objects.filter(letter=letter, pk__in=voices)


def erase_contacts(letters: list[Model]) -> None:
    for letter in letters:
        _erase_contact(letter)
        letter.erased = Erasure.CONTACT
        letter.save()


def erase_letters(letters: list[Model]) -> None:
    for letter in letters:
        quoted = set(_quoted(letter.pk).values_list("pk", flat=True))
        _erase_contact(letter)
        _erase_unpublished(letter)
        if not quoted or letter.consent != Consent.NAME:
            letter.sender_name = letter.organization = letter.represented = ""
        letter.erased = Erasure.UNPUBLISHED
        if not quoted:  # The private link opens nothing any more, and nobody quotes a letter without words.
            letter.secret_digest, letter.consent, letter.erased = unguessable(), Consent.NOTHING, Erasure.ALL
        letter.save()
        _erase_passages(letter, quoted)
        if not quoted:
            moves.note_removal(letter, ERASED)


def _erase_contact(letter: Letter) -> None:
    """The address with the messages that wait for it, and whoever was named as contact."""
    author = getattr(letter, "author", None)
    for address in {letter.email, *letter.handovers.values_list("email", flat=True)} - {""}:
        mail.forget(address, "letter")
    letter.handovers.all().delete()
    if author:
        author.delete()
    letter.email = letter.contact_name = ""
    letter.original_cells = {}


def _erase_unpublished(letter: Letter) -> None:
    files = [row.file for row in letter.attachments.all()]
    letter.attachments.all().delete()
    transaction.on_commit(lambda: [file.delete(save=False) for file in files])
    for rows in (letter.parts, letter.corrections, letter.notes):
        rows.all().delete()
    letter.points.update(text="")
    letter.moves.update(reason="")
    letter.objections.update(text="", answer="")
    letter.introduction = letter.text_fingerprint = letter.channel_key = ""


def _erase_passages(letter: Letter, quoted: set[int]) -> None:
    """Passages that nobody reads, and recommendations in their words where no other letter has the same words."""
    passages = list(letter.askings.exclude(pk__in=quoted).select_related("recommendation"))
    Asking.objects.filter(pk__in=[passage.pk for passage in passages]).update(text="")
    for passage in passages:
        recommendation = passage.recommendation
        others = recommendation.askings.exclude(text="").order_by("joined_at", "pk")
        if recommendation.text == passage.text and not others.filter(text=passage.text).exists():
            other = others.first() or Asking(text="", language=recommendation.language)
            recommendation.text, recommendation.language = other.text, other.language
            recommendation.save()
            similarity.index([recommendation])
        if not others.exists():
            _erase_work(recommendation)
        published = PublishedRecommendation.objects.with_words().filter(words_gone=True, asking=passage)
        for row in published:
            row.text = ""
            row.save()  # With its rows of the search.


def _erase_work(recommendation: Recommendation) -> None:
    """What staff wrote on the words of senders, but the summary and what is published."""
    recommendation.notes.all().delete()
    recommendation.drafts.all().delete()
    recommendation.moves.update(reason="")


def register_kinds() -> None:
    register_kind(Kind("withdrawn submissions", "KEEP_WITHDRAWN_DAYS", due_withdrawn, erase_letters))
    register_kind(Kind("submissions", "KEEP_SUBMISSIONS_DAYS", due_letters, erase_letters))
    register_kind(Kind("contact information of submissions", "KEEP_CONTACTS_DAYS", due_contacts, erase_contacts))
