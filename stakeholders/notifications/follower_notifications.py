"""Messages to followers of what became public: one for each release, or for each week, with all that concerns them."""

import datetime
import functools

from django.db.models import Min, Q
from django.utils import timezone, translation

from hled_portal.background import mail
from hled_portal.background.jobs import JobRun
from hled_portal.dates import as_of
from hled_portal.models import Mail
from stakeholders.models import Digest, Follow, Follower
from stakeholders.vocabulary import Rhythm

from . import delivery, following
from .change_digest import ChangeDigest

FOLLOWER_MAIL = "notice/"
MAX_ITEMS = 40
#: The weekly message goes out on Mondays from this hour on, in Mexico City.
HOUR = 8


def notify_at_once(turn: JobRun) -> str | None:
    """One message for each release to each follower whom it concerns."""
    digests = functools.cache(ChangeDigest)
    delivery.rewrite_unsent(rf"^{FOLLOWER_MAIL}", lambda row: _recompose(row, digests))
    sent = 0
    followers = Follower.objects.filter(rhythm=Rhythm.AT_ONCE)
    while turn.should_continue() and (number := delivery.next_publication(followers)) is not None:
        sent += _notify(turn, ChangeDigest(number - 1, number), followers.filter(notified_up_to__lt=number))
    return f"{sent} messages queued" if sent else None


def notify_weekly(turn: JobRun) -> str | None:
    """One message for each week, from Monday morning on; the first run of the week decides how far it reaches."""
    monday = _monday(timezone.localtime())
    defaults = {"up_to": as_of.newest_publication()}
    digest, _created = Digest.objects.get_or_create(monday=monday, defaults=defaults)
    sent = 0
    weekly = Follower.objects.filter(rhythm=Rhythm.WEEKLY, notified_up_to__lt=digest.up_to)
    while turn.should_continue() and (since := weekly.aggregate(low=Min("notified_up_to"))["low"]) is not None:
        followers = weekly.filter(notified_up_to=since)
        sent += _notify(turn, ChangeDigest(since, digest.up_to), followers)
    return f"{sent} messages queued" if sent else None


def _monday(now: datetime.datetime) -> datetime.date:
    """The last Monday whose hour has come."""
    day = (now - datetime.timedelta(hours=HOUR)).date()
    return day - datetime.timedelta(days=day.weekday())


def _notify(turn: JobRun, news: ChangeDigest, followers) -> int:
    def compose_batch(concerned) -> list[delivery.Delivery]:
        batch = concerned.prefetch_related("follows")[: delivery.MESSAGES_A_TRANSACTION]
        return [delivery.Delivery([follower.pk], _message(follower, news)) for follower in batch]

    concerned = Q(pk__in=news.concerned(Follow.objects).values("follower"))
    return delivery.notify(turn, followers, concerned, news.up_to, compose_batch)


def _message(follower: Follower, news: ChangeDigest) -> Mail | None:
    """The message of one follower; none where nothing came after she began to follow."""
    keys = news.keys_for(list(follower.follows.all()))
    if not keys:
        return None
    with translation.override(follower.language):
        items = news.items(keys)
    secret = following.follower_secret(follower)
    unsubscribe = mail.page_url("unsubscribe", secret, language=follower.language)
    context = {
        "items": items[:MAX_ITEMS],
        "total": len(items),
        "more": max(0, len(items) - MAX_ITEMS),
        "all": mail.page_url("initiatives", language=follower.language) + "?sort=published",
        "weekly": follower.rhythm == Rhythm.WEEKLY,
        "manage": mail.page_url("following", secret, language=follower.language),
        "unsubscribe": unsubscribe,
    }
    event = f"{FOLLOWER_MAIL}{news.since}-{news.up_to}"
    return mail.compose(
        event, follower.address, follower.language, "notice", context, unsubscribe=unsubscribe, mass=True
    )


def _recompose(row: Mail, digests) -> Mail | None:
    follower = Follower.objects.filter(address__iexact=row.recipient).first()
    since, up_to = map(int, row.event.removeprefix(FOLLOWER_MAIL).split("-"))
    return _message(follower, digests(since, up_to)) if follower else None
