"""What a restore does again of what senders and staff took away after the backup."""

from django.db import transaction
from django.utils.translation import gettext as _

from hled_portal.background.removals import register_applier
from hled_portal.publishing.releasing import public_change
from stakeholders.models import Letter, PublishedRecommendation, Recommendation
from stakeholders.notifications import author_notifications, following
from stakeholders.triage import moves, publishing
from stakeholders.vocabulary import MoveAction

from . import erasure, receipt_links, submission


def _row(name: str) -> Letter | Recommendation | None:
    table, key = name.split(" ", 1)
    rows = Letter.objects.filter(once_digest=key) if table == "letter" else Recommendation.objects.filter(key=key)
    return rows.select_for_update(of=("self",)).first()


def _apply(act):
    """An applier that does nothing where the row was made after the backup."""

    def apply(name: str, detail: str) -> None:
        with transaction.atomic():
            row = _row(name)
            if row is not None:
                act(row, detail)

    return apply


def _withdraw(letter, _detail) -> None:
    moves.withdraw(letter)


def _restrict(row, restriction) -> None:
    if moves.is_allowed(row, MoveAction.RESTRICTED):
        with public_change():
            moves.put_aside(row, None, restriction, _("Restricted again after the portal was restored from a backup."))


def _lift(row, _detail) -> None:
    if moves.is_allowed(row, MoveAction.UNRESTRICTED):
        with public_change():
            moves.take_up(row, None, "")


def _unpublish(recommendation, _detail) -> None:
    with public_change():
        for row in PublishedRecommendation.objects.filter(recommendation=recommendation, published_at__isnull=False):
            publishing.take_off(row)


def _erase(letter, _detail) -> None:
    erasure.erase_letters([letter])


def _replace_link(letter, secret_digest) -> None:
    Letter.objects.filter(pk=letter.pk).update(secret_digest=secret_digest)


def register_appliers() -> None:
    for kind, act in (
        (MoveAction.WITHDRAWN, _withdraw),
        (MoveAction.RESTRICTED, _restrict),
        (MoveAction.UNRESTRICTED, _lift),
        (MoveAction.UNPUBLISHED, _unpublish),
        (MoveAction.CONSENT, submission.change_consent),
        (erasure.ERASED, _erase),
        (receipt_links.NEW_LINK, _replace_link),
    ):
        register_applier(str(kind), _apply(act))
    register_applier(following.STOPPED, following.stop_again)
    register_applier(author_notifications.AUTHOR_STOPPED, author_notifications.stop_author_again)
