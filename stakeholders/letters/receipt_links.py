"""Another link to a receipt: in place of a lost one, and for a colleague who takes the letter over.

The messages hold links of their own; the present link is invalid once one of them is used, and not before, for anybody
may ask.
"""

import datetime
import secrets

from django.conf import settings
from django.core import signing
from django.core.signing import BadSignature
from django.db import transaction
from django.utils import timezone

from hled_portal.background import mail
from hled_portal.publishing.releasing import public_change
from stakeholders.models import Author, Handover, Letter, Move
from stakeholders.triage import moves
from stakeholders.vocabulary import MoveAction

from . import submission

#: A link to replace a lost one works so long.
LINK_PATIENCE = datetime.timedelta(days=2)
#: On the list of removals: the link before it opens nothing any more.
NEW_LINK = "new link"


def send_link(address: str, language: str) -> None:
    """Write to an address that confirmed letters; whoever asks learns nothing either way."""
    rows = list(Letter.objects.filter(email__iexact=address, confirmed_at__isnull=False)[:20])
    if not rows:
        return
    pages = [(row.number, mail.page_url("letter_relink", _link_token(row), language=language)) for row in rows]
    context = {"pages": pages, "days": LINK_PATIENCE.days}
    mail.queue(f"letter-link/{secrets.token_hex(16)}", rows[0].email, language, "letter_link", context)


def _link_token(letter: Letter) -> str:
    """It names the present link: once that is replaced, this one is used."""
    return signing.dumps([letter.number, letter.secret_digest[:32]], salt="stakeholders.letters.link", compress=False)


def letter_to_link(token: str) -> Letter | None:
    try:
        number, present = signing.loads(token, salt="stakeholders.letters.link", max_age=LINK_PATIENCE)
    except BadSignature:
        return None
    letter = Letter.objects.filter(number=number).first()
    return letter if letter and letter.secret_digest[:32] == present else None


def replace_link(letter: Letter) -> str | None:
    """A new link; the old one is invalid from now on. None when another click was faster."""
    secret = secrets.token_hex(32)
    letters = Letter.objects.filter(pk=letter.pk, secret_digest=letter.secret_digest)
    with transaction.atomic():
        if not letters.update(secret_digest=submission.digest(secret)):
            return None
        moves.note_removal(letter, NEW_LINK, submission.digest(secret))
        return secret


# Another contact


def hand_over(letter: Letter, name: str, email: str, language: str) -> bool:
    """Write to a colleague, who takes the letter over by a link; until then nothing changes."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        letter = submission.locked(letter)
        if submission.is_over(letter) or letter.handovers.count() >= submission.MAX_CORRECTIONS:
            return False
        letter.handovers.filter(accepted_at=None).delete()  # Whoever was named before can no longer take it.
        row = Handover.objects.create(letter=letter, name=name, email=email, secret_digest=submission.digest(token))
        context = {
            "number": letter.number,
            "link": mail.page_url("letter_handover", token, language=language),
            "days": submission.CONFIRMATION_VALID_FOR.days,
        }
        mail.queue(f"letter-handover/{row.secret_digest[:40]}", email, language, "letter_handover", context)
        return True


def find_handover(token: str) -> Handover | None:
    rows = Handover.objects.filter(accepted_at=None, asked_at__gt=timezone.now() - submission.CONFIRMATION_VALID_FOR)
    return rows.filter(secret_digest=submission.digest(token)).select_related("letter").first()


def accept_handover(handover: Handover) -> str | None:
    """Make the colleague the contact, by a new link; the old one is invalid, and the old address is notified."""
    secret = secrets.token_hex(32)
    now = timezone.now()
    with public_change():
        letter = submission.locked(handover.letter)
        if not Handover.objects.filter(pk=handover.pk, accepted_at=None).update(accepted_at=now):
            return None
        old = letter.email if letter.confirmed_at else ""
        letter.contact_name, letter.email, letter.confirmed_at = handover.name, handover.email, now
        letter.secret_digest = submission.digest(secret)
        letter.save(update_fields=["contact_name", "email", "confirmed_at", "secret_digest"])
        submission.note_new_data(letter)
        moves.note_removal(letter, NEW_LINK, letter.secret_digest)
        Author.objects.filter(letter=letter).update(stopped_at=None)  # Whoever stopped the messages was another.
        Move.objects.create(letter=letter, action=MoveAction.HANDED_OVER)
        if old:
            event = f"letter-handed/{handover.secret_digest[:40]}"
            mail.queue(
                event, old, letter.language, "letter_handed", {"number": letter.number, "contact": settings.CONTACT}
            )
        return secret
