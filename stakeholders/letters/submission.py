"""What a sender does: send a letter, confirm the address, correct, object, change the consent.

Who holds the link of the receipt acts by it. The database keeps a digest of it alone, so that a copy of the database
opens no letter. The link is worked out of the key that the form carried, so that the same form sent twice, from two
windows or after a crash, is one letter with one receipt. What staff do with the letter is in `triage/moves.py`.
"""

import datetime
import hashlib
import secrets
from dataclasses import dataclass, field

from django.core import signing
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from hled_portal.background import mail
from hled_portal.dates import as_of
from hled_portal.publishing import prepared_queries
from hled_portal.publishing.releasing import public_change
from initiatives.models import Edition
from initiatives.record.pillars import Pillars
from stakeholders.models import (
    Asking,
    Attachment,
    ConsultationEdition,
    Correction,
    Letter,
    LetterDraft,
    LetterPart,
    Move,
    Objection,
    Point,
    PublishedRecommendation,
)
from stakeholders.triage import moves, similarity
from stakeholders.vocabulary import CaseState, Erasure, MoveAction

from . import virus_scanning

#: Links that are sent to confirm, and to take over, work so long.
CONFIRMATION_VALID_FOR = datetime.timedelta(days=14)
MAX_CORRECTIONS = 20
NEVER = datetime.datetime.max.replace(tzinfo=datetime.UTC)
#: What is over for its sender: nothing is added any more.
CLOSED_STATES = (CaseState.WITHDRAWN, CaseState.RESTRICTED)


@dataclass
class LetterContent:
    """What the form holds, found valid: columns of the letter, points as columns, parts by whom they are for."""

    columns: dict
    points: list[dict]
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        return similarity.fingerprint(point["text"] for point in self.points)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


# The key of a form


def _form_key_signer() -> Signer:
    return Signer(salt="stakeholders.letters.once", sep=".")


def new_form_key() -> str:
    """The key of a form that is drawn anew, signed: nobody chooses the key of another's."""
    return _form_key_signer().sign(secrets.token_urlsafe(24))


def is_form_key(key: str) -> bool:
    try:
        return len(_form_key_signer().unsign(key)) >= 32
    except BadSignature:
        return False


def receipt_secret(once: str) -> str:
    """The secret of the receipt that a form leads to."""
    mac = salted_hmac("stakeholders.letters.secret", once, algorithm="sha256")
    return mac.hexdigest()


def sent_already(once: str) -> bool:
    return Letter.objects.filter(once_digest=digest(once)).exists()


#: The same words of the same sender within this time are a mistake of a browser, or of whoever went back in it.
SENT_TWICE_WITHIN = datetime.timedelta(hours=1)


def sent_lately(once: str, words: LetterContent, draft: LetterDraft | None) -> Letter | None:
    """A letter that another form just brought, alike to the last word and file."""
    since = timezone.now() - SENT_TWICE_WITHIN
    files = {row.digest for row in draft_files(draft)}
    columns = words.columns | {"text_fingerprint": words.fingerprint}
    others = Letter.objects.filter(created_at__gt=since, **columns).exclude(once_digest=digest(once))
    for letter in others[:20]:
        points = list(letter.points.values("text", "pillar_key", "initiative_key"))
        parts = dict(letter.parts.values_list("addressed", "text"))
        sent_files = set(letter.attachments.values_list("digest", flat=True))
        if (points, parts, sent_files) == (words.points, words.parts, files):
            return letter
    return None


# Sending


def receive(once: str, words: LetterContent, draft: LetterDraft | None) -> str:
    """Store a letter with its files and its message in one transaction; the same form again stores nothing.

    Returns the secret of its receipt.
    """
    secret = receipt_secret(once)
    try:
        with transaction.atomic():
            digests = {"once_digest": digest(once), "secret_digest": digest(secret)}
            letter = Letter.objects.create(**digests, **words.columns, text_fingerprint=words.fingerprint)
            _fill(letter, words, draft)
            Move.objects.create(letter=letter, action=MoveAction.RECEIVED, after=CaseState.RECEIVED)
            if letter.email:
                _send_receipt(letter, secret)
    except IntegrityError:
        if not sent_already(once):
            raise
    return secret


def _fill(letter: Letter, words: LetterContent, draft: LetterDraft | None) -> None:
    Point.objects.bulk_create(Point(letter=letter, order=n, **point) for n, point in enumerate(words.points, 1))
    parts = enumerate(words.parts.items(), 1)
    LetterPart.objects.bulk_create(
        LetterPart(letter=letter, order=n, text=text, addressed=addressed) for n, (addressed, text) in parts
    )
    if draft is not None:
        draft.attachments.update(letter=letter, draft=None, scan=virus_scanning.first_state())
        draft.delete()


def _send_receipt(letter: Letter, secret: str) -> None:
    context = {
        "number": letter.number,
        "link": mail.page_url("receipt", secret, language=letter.language),
        "confirm": mail.page_url("letter_confirm", confirm_token(letter), language=letter.language),
        "days": CONFIRMATION_VALID_FOR.days,
    }
    event = f"letter/{letter.once_digest[:40]}"
    mail.queue(event, letter.email, letter.language, "letter_receipt", context)


# Reading


def find_letter(secret: str) -> Letter | None:
    """The letter that a link of a receipt opens."""
    return Letter.objects.by_secret(digest(secret)).first()


def askings(letter: Letter) -> list[Asking]:
    """How the letter was split: each recommendation with the letter's own words, and how many ask for it."""
    rows = letter.askings.select_related("recommendation__campaign", "recommendation__pillar")
    rows = list(rows.prefetch_related("objections", "recommendation__askings__letter"))
    for row in rows:
        row.number_of_letters = sum(other.letter.copies for other in row.recommendation.askings.all())
    return rows


#: Moves of staff that the receipt shows; notes, assignments and dates between officers are not among them.
NOTIFIED_ACTIONS = (
    MoveAction.RECEIVED,
    MoveAction.CONFIRMED,
    MoveAction.SPLIT,
    MoveAction.CORRECTED,
    MoveAction.OBJECTED,
    MoveAction.REPLIED,
    MoveAction.CONSENT,
    MoveAction.HANDED_OVER,
    MoveAction.CONSIDERED,
    MoveAction.ANSWERED,
    MoveAction.RESTRICTED,
    MoveAction.UNRESTRICTED,
    MoveAction.WITHDRAWN,
)


def steps(letter: Letter) -> list[Move]:
    """The way of the letter, as its sender may know it."""
    return list(letter.moves.filter(action__in=NOTIFIED_ACTIONS))


@dataclass
class ReceiptPoint:
    """A point as it was sent, with the names of what the sender chose."""

    text: str
    pillar: str
    initiative: str


def receipt_points(letter: Letter) -> list[ReceiptPoint]:
    points = list(letter.points.all())
    keys = {point.initiative_key for point in points} - {""}
    pillars = Pillars(as_of.now()).labels if any(point.pillar_key for point in points) else {}
    rows = Edition.objects.public(as_of.now()).of_kind("initiative").filter(subject_key__in=keys).defer("content")
    titles = {row.subject_key: row.title for row in rows} if keys else {}
    return [
        ReceiptPoint(
            point.text,
            pillars.get(point.pillar_key, point.pillar_key),
            titles.get(point.initiative_key, point.initiative_key),
        )
        for point in points
    ]


# Confirming


def confirm_token(letter: Letter) -> str:
    named = [letter.number, mail.address_digest(letter.email)]
    return signing.dumps(named, salt="stakeholders.letters.confirm", compress=False)


def letter_to_confirm(token: str) -> Letter | None:
    """The letter whose present address a link confirms."""
    try:
        number, address = signing.loads(token, salt="stakeholders.letters.confirm", max_age=CONFIRMATION_VALID_FOR)
    except BadSignature:
        return None
    letter = Letter.objects.filter(number=number).first()
    return letter if letter and letter.email and mail.address_digest(letter.email) == address else None


def confirm_address(letter: Letter) -> None:
    """The address is its owner's; readers see the name from now on, where the letter lets it be published."""
    with public_change():
        now = timezone.now()
        if Letter.objects.filter(pk=letter.pk, confirmed_at=None).exclude(email="").update(confirmed_at=now):
            Move.objects.create(letter=letter, action=MoveAction.CONFIRMED)
            _send_copy(letter)


def _send_copy(letter: Letter) -> None:
    """What was sent, to who confirmed the address: before that, anybody could have words sent to anybody.

    Confidential parts are never in a message.
    """
    context = {
        "number": letter.number,
        "points": list(letter.points.values_list("text", flat=True)),
        "files": list(letter.attachments.filter(addressed="").values_list("name", flat=True)),
        "confidential": letter.parts.exists() or letter.attachments.exclude(addressed="").exists(),
    }
    mail.queue(f"letter-copy/{letter.once_digest[:40]}", letter.email, letter.language, "letter_copy", context)


# Acting by the receipt


def locked(letter: Letter) -> Letter:
    """The letter as it is now, until the transaction ends."""
    return Letter.objects.select_for_update().get(pk=letter.pk)


def note_new_data(letter: Letter) -> None:
    """What was erased on time before has something to erase again."""
    if letter.erased:
        letter.erased = Erasure.NOTHING if letter.email else Erasure.CONTACT
        letter.save(update_fields=["erased"])


def is_over(letter: Letter) -> bool:
    return letter.state in CLOSED_STATES


def correct(letter: Letter, text: str, addressed: str) -> bool:
    """Add a correction; the same words a second time are the first. False when no more are taken."""
    once = digest(f"correction/{letter.pk}/{addressed}/{text}")
    with transaction.atomic():
        letter = locked(letter)
        if is_over(letter) or letter.corrections.count() >= MAX_CORRECTIONS:
            return False
        if not Correction.objects.filter(once_digest=once).exists():
            Correction.objects.create(letter=letter, text=text, addressed=addressed, once_digest=once)
            note_new_data(letter)
            Move.objects.create(letter=letter, action=MoveAction.CORRECTED, detail=addressed)
        return True


def object_to(asking: Asking, text: str) -> bool:
    """Say that the letter was split or joined wrongly; the same words a second time are the first."""
    once = digest(f"objection/{asking.pk}/{text}")
    with transaction.atomic():
        letter = locked(asking.letter)
        if is_over(letter) or letter.objections.count() >= MAX_CORRECTIONS:
            return False
        if not Objection.objects.filter(once_digest=once).exists():
            Objection.objects.create(asking=asking, letter=letter, text=text, once_digest=once)
            note_new_data(letter)
            Move.objects.create(letter=letter, action=MoveAction.OBJECTED, detail=asking.recommendation.key)
        return True


def change_consent(letter: Letter, consent: str) -> None:
    """Another consent; readers see it at once, because names and words are joined when they read."""
    with public_change():
        letter = locked(letter)
        if not is_over(letter) and letter.consent != consent:
            before = letter.consent
            with moves.logging_lost_words(letter):
                letter.consent = consent
                letter.save(update_fields=["consent"])
            moves.note_removal(letter, MoveAction.CONSENT, consent)
            Move.objects.create(letter=letter, action=MoveAction.CONSENT, detail=f"{before} > {consent}")


def public_keys(rows: list[Asking]) -> set[str]:
    """Keys of those recommendations that have a public page."""
    keys = [row.recommendation.key for row in rows]
    public = PublishedRecommendation.objects.public(timezone.now()).filter(key__in=keys)
    return set(public.values_list("key", flat=True))


# Drafts: what was attached to a form that had an error


def find_draft(token: str) -> LetterDraft | None:
    return LetterDraft.objects.filter(secret_digest=digest(token)).first() if token else None


def new_draft() -> tuple[str, LetterDraft]:
    token = secrets.token_urlsafe(32)
    return token, LetterDraft.objects.create(secret_digest=digest(token))


def draft_files(draft: LetterDraft | None) -> list[Attachment]:
    return list(draft.attachments.order_by("pk")) if draft else []


# Consultations


def open_consultations() -> list[ConsultationEdition]:
    """Calls that take letters now, the one that ends first before the others."""
    rows = prepared_queries.fetch(_public_and_open, at=as_of.now(), now=timezone.now())
    return sorted(rows, key=lambda row: (row.closes_at or NEVER, row.key))


def _public_and_open(at: as_of.Moment, now: datetime.datetime):
    return ConsultationEdition.objects.public(at).open(now)
