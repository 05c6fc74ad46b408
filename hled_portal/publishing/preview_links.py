"""Links by which somebody without an account reads one frozen proposal: the exception to "only published texts".

A link holds for one text and 14 days, ends when it is revoked or its text is not a proposal any more, and is stored as
a hash of its secret.
"""

import datetime
import hashlib
import secrets

from django.apps import apps
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _t

from hled_portal.models import Opening, PreviewLink, Removal, StepAction

from .clearance import Refused, new_step
from .preview_pages import has_preview
from .signed_text import OPEN, Signed

LIFETIME = datetime.timedelta(days=14)
#: On the list of removals.
REVOKED_LINK = "preview link revoked"


def works_on(text: Signed, user) -> bool:
    """Whether the user is an editor or approver of such texts for one of the delegations."""
    app, model = text._meta.app_label, text._meta.model_name
    permissions = (f"{app}.{verb}_{model}" for verb in ("propose", "clear"))
    return bool(user.is_active and user.delegation and any(user.has_perm(name) for name in permissions))


def sharing_refusals(text: Signed, user) -> list[str]:
    """Why this person cannot make or revoke links to the text."""
    if not works_on(text, user):
        return [_t("You do not have permission to share a preview of this text.")]
    if text.state not in OPEN or not has_preview(text):
        return [_t("Only a proposal that is not published yet has preview links.")]
    proposed_by = text.author.delegation if text.author else ""
    if user.delegation != proposed_by and not _was_seen_by(text, user.delegation):
        return [_t("Until an approver of your delegation has opened the text, only the other delegation shares it.")]
    return []


def _was_seen_by(text: Signed, delegation: str) -> bool:
    openings = Opening.objects.filter(table=text._meta.label_lower, text_pk=text.pk, officer__delegation=delegation)
    return bool(getattr(text, f"{delegation.lower()}_digest")) or openings.exists()


def links(text: Signed) -> list[PreviewLink]:
    """The links to a text, the newest first. One query."""
    rows = PreviewLink.objects.filter(table=text._meta.label_lower, text_pk=text.pk).order_by("-pk")
    return list(rows.select_related("made_by", "revoked_by"))


def make_link(text: Signed, user, recipient: str) -> str:
    """A new link for this reader; its secret is returned here and never again. Raises Refused."""
    reasons = sharing_refusals(text, user)
    if not recipient.strip():
        reasons.append(_t("Enter the recipient of the link."))
    if reasons:
        raise Refused(reasons)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        PreviewLink.objects.create(
            table=text._meta.label_lower,
            text_pk=text.pk,
            digest=text.digest,
            secret_digest=_hash(token),
            recipient=recipient.strip()[:120],
            made_by=user,
            expires_at=timezone.now() + LIFETIME,
        )
        new_step(text, StepAction.SHARED, user, recipient.strip()[:120]).save()  # Nobody is notified.
    return token


def revoke_link(text: Signed, link_pk: int, user) -> None:
    """End a link. Raises Refused."""
    with transaction.atomic():
        rows = PreviewLink.objects.select_for_update(of=("self",))
        link = rows.filter(pk=link_pk, table=text._meta.label_lower, text_pk=text.pk).first()
        reasons = sharing_refusals(text, user)
        if link is None or not link.is_active:
            reasons.append(_t("This link no longer works."))
        if reasons:
            raise Refused(reasons)
        link.revoked_at, link.revoked_by = timezone.now(), user
        link.save(update_fields=["revoked_at", "revoked_by"])
        Removal.objects.create(kind=REVOKED_LINK, name=link.secret_digest)
        new_step(text, StepAction.UNSHARED, user, link.recipient).save()


def revoke_again(secret_digest: str, _detail: str) -> None:
    """After a restore: a link that was revoked after the backup."""
    PreviewLink.objects.filter(secret_digest=secret_digest, revoked_at=None).update(revoked_at=timezone.now())


def find_shared_text(token: str) -> tuple[PreviewLink, Signed] | None:
    """The link with this secret and its text, while both hold."""
    link = PreviewLink.objects.filter(secret_digest=_hash(token)).select_related("made_by").first()
    if link is None or not link.is_active:
        return None
    text = apps.get_model(link.table)._default_manager.filter(pk=link.text_pk, state__in=OPEN).first()
    return (link, text) if text and text.digest == link.digest else None


def count_opening(link: PreviewLink) -> None:
    PreviewLink.objects.filter(pk=link.pk).update(opened=F("opened") + 1, opened_at=timezone.now())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
