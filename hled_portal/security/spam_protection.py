"""What keeps machines away from forms that need no account: a trap, a least time, and a pace. Nothing of a third party.

A program that fills in every field falls into the trap; one that answers at once is asked to send again; one that
asks too often waits. None of it needs script, and nobody is shown a riddle.
"""

import time

from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.signing import BadSignature, Signer
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

LEAST = 2  # seconds
MAX_FORM_AGE = 12 * 3600
HOUR = 3600


class GuardedForm(forms.Form):
    """A form with a trap and the time when it was first shown, signed. `_guard.html` draws both.

    `trapped`: answer as if all was well, and do nothing.
    """

    #: No name that browsers fill in by themselves.
    website_of_sender = forms.CharField(required=False, max_length=500)
    shown = forms.CharField(required=False, max_length=200)

    GUARDS = ("website_of_sender", "shown")

    @property
    def trapped(self) -> bool:
        return bool(self.data.get("website_of_sender"))

    @property
    def stamp(self) -> str:
        """What `shown` holds when the form is drawn: the time it had, where that still counts, else the present."""
        kept = self.data.get("shown", "")
        return kept if 0 <= self._age(kept) <= MAX_FORM_AGE else self._signer.sign(str(int(time.time())))

    def visible(self) -> list[forms.BoundField]:
        """The fields that people fill in."""
        return [field for field in self if field.name not in self.GUARDS]

    def clean(self):
        cleaned = super().clean()
        age = self._age(self.data.get("shown", ""))
        if not 0 <= age <= MAX_FORM_AGE:
            self.add_error(None, _("This page was open too long. Please send the form again."))
        elif age < LEAST and not self.errors:
            self.add_error(None, _("The form was filled in too quickly. Please send it again."))
        return cleaned

    @property
    def _signer(self) -> Signer:
        return Signer(salt=f"hled_portal.intake.{type(self).__name__}")

    def _age(self, shown: str) -> float:
        """Seconds since the form was shown; -1 for what we did not sign."""
        try:
            return time.time() - int(self._signer.unsign(shown))
        except BadSignature:
            return -1


# Pace


def too_often(what: str, client: str) -> bool:
    """Count one attempt; True when this client, or all of them together, made too many within the hour.

    A refused attempt counts for nobody: one client that goes on trying would else use up what all of them have.
    The counts are in the cache: with `CACHE_URL` unset each process of the server counts for itself.
    """
    each, all_ = (*settings.SUBMISSION_LIMITS, 0)[:2]
    limits = {_key(name): limit for name, limit in ((f"{what}:{client}", each), (what, all_)) if limit}
    if any(cache.get(key, 0) >= limit for key, limit in limits.items()):
        return True
    return any(_count(key) > limit for key, limit in limits.items())


def pace_error() -> forms.ValidationError:
    """What a form says to who must wait."""
    return forms.ValidationError(_("Too many submissions in one hour. Please try again in an hour."), code="pace")


def _key(name: str) -> str:
    return "pace:" + salted_hmac("hled_portal.intake", name).hexdigest()


def _count(key: str) -> int:
    cache.add(key, 0, timeout=HOUR)
    try:
        return cache.incr(key)
    except ValueError:  # It ended between the two.
        cache.set(key, 1, timeout=HOUR)
        return 1
