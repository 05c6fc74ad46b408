"""What keeps machines away from forms that need no account: a trap and a least time. Nothing of a third party.

A program that fills in every field falls into the trap; one that answers at once is asked to send again; one that
asks too often waits (`web/rate_limits.py`). None of it needs script, and nobody is shown a riddle.
"""

import time

from django import forms
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext_lazy as _

LEAST = 2  # seconds
MAX_FORM_AGE = 12 * 3600


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
        return kept if self.was_shown else self._signer.sign(str(int(time.time())))

    @property
    def was_shown(self) -> bool:
        """Whether the portal drew this form not too long ago."""
        return 0 <= self._age(self.data.get("shown", "")) <= MAX_FORM_AGE

    def visible(self) -> list[forms.BoundField]:
        """The fields that people fill in."""
        return [field for field in self if field.name not in self.GUARDS]

    def clean(self):
        cleaned = super().clean()
        if not self.was_shown:
            self.add_error(None, _("This page was open too long. Please send the form again."))
        elif self._age(self.data.get("shown", "")) < LEAST and not self.errors:
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
