"""The rate of forms that need no account, counted in the database: all processes of the portal share the counts."""

import ipaddress
from datetime import timedelta

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from hled_portal.models import AttemptCount

HOUR = 3600
#: When all clients together reach their limit, each may still make one attempt, up to so many times that limit: an
#: attacker with many addresses keeps nobody from sending in the last hour of a consultation.
RESERVE = 10
#: How far the clocks of two servers may be apart.
CLOCK_SKEW = timedelta(minutes=1)


def too_often(what: str, client: str) -> bool:
    """Count one attempt; True when this client made too many within the hour, or all of them together did.

    A refused attempt is counted for nobody: one client that goes on trying would else use up what all of them have.
    """
    each, total = (*settings.SUBMISSION_LIMITS, 0)[:2]
    if not each and not total:
        return False
    if is_exhausted(what, client):  # Without a lock: a client that floods keeps nobody else waiting.
        return True
    own_key, total_key = _key(f"{what}:{_network(client)}"), _key(what)
    with transaction.atomic():
        own, everyone = _counted(own_key), _counted(total_key)
        if total and everyone.count >= total:
            each = min(each, 1) if each else 1
        if (each and own.count >= each) or (total and everyone.count >= total * RESERVE):
            return True
        for row in (own, everyone):
            row.count += 1
            row.save(update_fields=["count", "ends_at"])
    return False


def is_exhausted(what: str, client: str) -> bool:
    """Whether this client has made all its attempts of the hour; nothing is counted. One query."""
    each = settings.SUBMISSION_LIMITS[0] if settings.SUBMISSION_LIMITS else 0
    now = timezone.now()
    ends = (now, now + timedelta(seconds=HOUR) + CLOCK_SKEW)
    rows = AttemptCount.objects.filter(key=_key(f"{what}:{_network(client)}"), ends_at__range=ends)
    return bool(each) and rows.filter(count__gte=each).exists()


def pace_error() -> forms.ValidationError:
    return forms.ValidationError(_("Too many submissions in one hour. Please try again in an hour."), code="pace")


def delete_old_counts(_turn) -> str | None:
    """The job."""
    deleted, _rows = AttemptCount.objects.filter(ends_at__lt=timezone.now()).delete()
    return f"{deleted} counts deleted" if deleted else None


def _counted(key: str) -> AttemptCount:
    """The row of the present hour, locked. An end that is too far away was set by a clock that was ahead."""
    hour = timedelta(seconds=HOUR)
    row = None
    while row is None:  # The job may delete it between the two.
        AttemptCount.objects.get_or_create(key=key, defaults={"ends_at": timezone.now() + hour})
        row = AttemptCount.objects.select_for_update().filter(key=key).first()
    now = timezone.now()  # After the lock: who waited for it would take the row for one from a clock that was ahead.
    if not now < row.ends_at <= now + hour + CLOCK_SKEW:
        row.count, row.ends_at = 0, now + hour
    return row


def _key(name: str) -> str:
    """No address of a client is stored."""
    return salted_hmac("hled_portal.rate_limits", name, algorithm="sha256").hexdigest()


def _network(client: str) -> str:
    """The address; of IPv6, the network that one subscriber has."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else client
