"""Asking to follow, confirming it, and stopping: the only module that writes followers."""

import datetime
import hashlib
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone

from hled_portal.background import mail
from hled_portal.background.jobs import JobRun
from hled_portal.dates import as_of
from hled_portal.models import Removal
from stakeholders.models import Follow, Follower, FollowRequest

#: An unconfirmed request is erased after this.
REQUEST_VALID_FOR = datetime.timedelta(days=3)
#: So many unconfirmed requests of one address write to it; of more, nothing comes of them.
MAX_REQUESTS = 5
MAX_FOLLOWS = 100
#: On the list of removals.
STOPPED = "subscription stopped"


@dataclass(frozen=True)
class Subject:
    """What can be followed; a selection has a query (empty for all initiatives), everything else a key."""

    kind: str
    key: str = ""
    query: str = ""

    @classmethod
    def from_row(cls, row: Follow | FollowRequest) -> "Subject":
        return cls(row.kind, row.key, row.query)


# Links: what is signed is a random name of the row, so that the database alone opens none of them.


def _signer(purpose: str) -> Signer:
    return Signer(sep=".", salt=f"stakeholders.following.{purpose}")


def request_token(request: FollowRequest) -> str:
    return _signer("confirm").sign(request.handle)


def follower_secret(follower: Follower) -> str:
    return _signer("manage").sign(follower.handle)


def handle_in(purpose: str, secret: str) -> str | None:
    """The name that a link was signed for; None for what we did not sign."""
    try:
        return _signer(purpose).unsign(secret)
    except BadSignature:
        return None


def find_request(token: str) -> FollowRequest | None:
    """The request that a link confirms, while it can be confirmed."""
    handle = handle_in("confirm", token)
    return FollowRequest.objects.filter(handle=handle, asked_at__gt=timezone.now() - REQUEST_VALID_FOR).first()


def find_follower(secret: str) -> Follower | None:
    return Follower.objects.filter(handle=handle_in("manage", secret)).first()


# Verbs


def request_follow(address: str, language: str, rhythm: str, subject: Subject, title: str) -> None:
    """Write to an address, whether it follows already or not. Whoever asks learns nothing either way."""
    with transaction.atomic():
        if FollowRequest.objects.filter(address__iexact=address).count() >= MAX_REQUESTS:
            return
        request = FollowRequest.objects.create(
            address=address, language=language, rhythm=rhythm, kind=subject.kind, key=subject.key, query=subject.query
        )
        address_of_page = mail.page_url("follow_confirm", request_token(request), language=language)
        context = {"title": title, "link": address_of_page, "days": REQUEST_VALID_FOR.days}
        mail.queue(mail_event(request), address, language, "follow_request", context)


def mail_event(request: FollowRequest) -> str:
    """What the outbox knows the message of a request by."""
    return f"follow-request/{request.handle}"


def confirm_follow(request: FollowRequest) -> Follower | None:
    """Begin to follow, from the next publication on. None when another click was faster."""
    with transaction.atomic():
        request = FollowRequest.objects.select_for_update().filter(pk=request.pk).first()
        if request is None:
            return None
        newest = as_of.newest_publication()
        follower = _follower(request, newest)
        if follower.follows.count() < MAX_FOLLOWS:
            follower.follows.get_or_create(
                kind=request.kind, key=request.key, query=request.query, defaults={"since": newest}
            )
        request.delete()
        return follower


def _follower(request: FollowRequest, newest: int) -> Follower:
    """The follower of this address, as she now wants it; a new one knows all that was published so far."""
    wanted = {"language": request.language, "rhythm": request.rhythm}
    follower, created = Follower.objects.get_or_create(
        address__iexact=request.address, defaults={"address": request.address, "notified_up_to": newest, **wanted}
    )
    if not created:
        change_settings(follower, **wanted)
    return follower


def change_settings(follower: Follower, language: str, rhythm: str) -> None:
    """Another language or rhythm. The cursor stays: no message is repeated, and none is missed."""
    follower.language, follower.rhythm = language, rhythm
    follower.save(update_fields=["language", "rhythm"])


def subject_digest(follow: Follow) -> str:
    """What was followed, for the list of removals, which says nothing of anybody's interests."""
    return hashlib.sha256(f"{follow.kind} {follow.key} {follow.query}".encode()).hexdigest()


def stop_again(name: str, _detail: str) -> None:
    """After a restore: an address that stopped following one thing, or everything, after the backup."""
    handle, _space, subject = name.partition(" ")
    follower = Follower.objects.filter(handle=handle).first()
    if follower and not subject:
        stop_all(follower)
    for follow in follower.follows.all() if follower and subject else ():
        if subject_digest(follow) == subject:
            stop(follower, follow)


def stop(follower: Follower, follow: Follow) -> bool:
    """Follow one thing less. With the last one the address goes; True when it did."""
    with transaction.atomic():
        name = f"{follower.handle} {subject_digest(follow)}"
        Removal.objects.create(kind=STOPPED, name=name)
        follow.delete()
        if follower.follows.exists():
            return False
        stop_all(follower)
        return True


def stop_all(follower: Follower) -> None:
    """Erase an address: with what it follows, what it asked for, and what was still to be sent to it."""
    with transaction.atomic():
        # Before the outbox is looked through: a job that writes to her now has done so, or will not.
        Follower.objects.select_for_update().filter(pk=follower.pk).first()
        mail.forget(follower.address)
        Removal.objects.create(kind=STOPPED, name=follower.handle)
        FollowRequest.objects.filter(address__iexact=follower.address).delete()
        follower.delete()


def erase_unconfirmed(turn: JobRun) -> str | None:
    """Erase the addresses that nobody confirmed."""
    old = FollowRequest.objects.filter(asked_at__lte=timezone.now() - REQUEST_VALID_FOR)
    with transaction.atomic():
        mail.cancel([mail_event(request) for request in old])
        count, _tables = old.delete()
    return f"{count} unconfirmed requests erased" if count else None
