"""Telling followers what became public: one message for each release, or for each week, with all that concerns them.

Publishing calls nothing here. When the jobs run, the publication log is read from each follower's own cursor
(`told_up_to`), and a follower's message and her cursor are written in one short transaction: killed between any two
steps, nobody is told twice, and nobody misses anything.
"""

import datetime

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone, translation

from hled_portal.background import mail
from hled_portal.background.jobs import JobRun
from hled_portal.dates import as_of
from hled_portal.models import Mail, Publication, PublicationAction
from stakeholders.models import Digest, Follow, Follower
from stakeholders.vocabulary import Rhythm

from . import following
from .change_digest import ChangeDigest

FOLLOWER_MAIL = "notice/"
#: How many followers one transaction tells.
MESSAGES_A_TRANSACTION = 20
MAX_ITEMS = 40
#: The weekly message goes out on Mondays from this hour on, in Mexico City.
HOUR = 8


def notify_at_once(turn: JobRun) -> str | None:
    """One message for each release to each follower whom it concerns."""
    _rewrite_unsent()
    sent = 0
    while turn.should_continue() and (number := _next_number()) is not None:
        followers = Follower.objects.filter(rhythm=Rhythm.AT_ONCE, told_up_to__lt=number)
        sent += _notify(turn, ChangeDigest(number - 1, number), followers)
    return f"{sent} messages queued" if sent else None


def _next_number() -> int | None:
    """The first publication that somebody who hears at once has not been told of."""
    low = Follower.objects.filter(rhythm=Rhythm.AT_ONCE).aggregate(low=Min("told_up_to"))["low"]
    if low is None:
        return None
    return Publication.objects.filter(number__gt=low).aggregate(number=Min("number"))["number"]


def notify_weekly(turn: JobRun) -> str | None:
    """One message for each week, from Monday morning on; the first run of the week decides how far it reaches."""
    monday = _monday(timezone.localtime())
    defaults = {"up_to": as_of.newest_publication()}
    digest, _created = Digest.objects.get_or_create(monday=monday, defaults=defaults)
    sent = 0
    weekly = Follower.objects.filter(rhythm=Rhythm.WEEKLY, told_up_to__lt=digest.up_to)
    while turn.should_continue() and (since := weekly.aggregate(low=Min("told_up_to"))["low"]) is not None:
        followers = weekly.filter(told_up_to=since)
        sent += _notify(turn, ChangeDigest(since, digest.up_to), followers)
    return f"{sent} messages queued" if sent else None


def _monday(now: datetime.datetime) -> datetime.date:
    """The last Monday whose hour has come."""
    day = (now - datetime.timedelta(hours=HOUR)).date()
    return day - datetime.timedelta(days=day.weekday())


def _notify(turn: JobRun, news: ChangeDigest, followers) -> int:
    """Write to those whom it concerns, a few in each transaction; then move the cursors of all others."""
    sent = 0
    concerned = Q(pk__in=news.concerned(Follow.objects).values("follower"))
    while turn.should_continue() and (
        batch := list(followers.filter(concerned).prefetch_related("follows")[:MESSAGES_A_TRANSACTION])
    ):
        messages = {follower.pk: _message(follower, news) for follower in batch}  # The slow part, before any lock.
        with transaction.atomic():
            # Whoever waited for the lock of another process finds these followers told, and leaves them out.
            told = list(followers.select_for_update().filter(pk__in=messages).values_list("pk", flat=True))
            ready = [messages[key] for key in told if messages[key]]
            mail.store(ready)
            Follower.objects.filter(pk__in=told).update(told_up_to=news.up_to)
        sent += len(ready)
    if not turn.cut:
        followers.exclude(concerned).update(told_up_to=news.up_to)
    return sent


def _message(follower: Follower, news: ChangeDigest) -> Mail | None:
    """The message of one follower; none where nothing came after she began to follow."""
    keys = news.keys_for(list(follower.follows.all()))
    if not keys:
        return None
    with translation.override(follower.language):
        items = news.items(keys)
    secret = following.follower_secret(follower)
    unsubscribe = following.localized_url(follower.language, "unsubscribe", secret)
    context = {
        "items": items[:MAX_ITEMS],
        "total": len(items),
        "more": max(0, len(items) - MAX_ITEMS),
        "all": following.localized_url(follower.language, "initiatives") + "?sort=published",
        "weekly": follower.rhythm == Rhythm.WEEKLY,
        "manage": following.localized_url(follower.language, "following", secret),
        "unsubscribe": unsubscribe,
    }
    event = f"{FOLLOWER_MAIL}{news.since}-{news.up_to}"
    return mail.compose(
        event, follower.address, follower.language, "notice", context, unsubscribe=unsubscribe, mass=True
    )


def _rewrite_unsent() -> None:
    """After a withdrawal, write what still waits for the mail server once more: the words are gone there too."""
    last = Publication.objects.filter(action=PublicationAction.WITHDRAWN).order_by("-position").first()
    if last is None:
        return
    at = datetime.datetime.fromisoformat(last.data["at"]) + datetime.timedelta(seconds=1)  # The log has whole seconds.
    news: dict[str, ChangeDigest] = {}
    for row in Mail.objects.waiting().filter(event__startswith=FOLLOWER_MAIL, queued_at__lt=at):
        if row.event not in news:
            news[row.event] = ChangeDigest(*map(int, row.event.removeprefix(FOLLOWER_MAIL).split("-")))
        with transaction.atomic():
            row.delete()
            follower = Follower.objects.filter(address__iexact=row.recipient).first()
            message = _message(follower, news[row.event]) if follower else None
            mail.store([message] if message else [])
