"""Edits over a change that their writer has not seen are refused: one mechanism for the pages of both apps.

A page carries a version token of what it showed. Under the lock of the row the token is compared with the row, so that
of two saves at one moment the second is refused. The page then shows what was typed, what was changed, and a new token.
"""

from abc import ABC, abstractmethod
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t

from .clearance import Refused


class EditConflict(Refused):
    """Somebody changed the row after the page was made."""

    def __init__(self, row: Model, changes: list[str]):
        lines = [
            _t("Someone else changed “%(row)s” while you had this page open. Your text is not lost.") % {"row": row},
            *changes,
            _t("Review the changes and save again, or open the page again to continue from the saved data."),
        ]
        super().__init__([ValidationError(line, code="changed") for line in lines])


class VersionCheck(ABC):
    """Compares a row with the version token that a page brought back."""

    def __init__(self, row: Model):
        self.row = row

    @abstractmethod
    def token(self) -> str:
        """For a page that shows the row as it is now."""

    @abstractmethod
    def is_stale(self, token: str) -> bool: ...

    @abstractmethod
    def changes_since(self, token: str) -> list[str]:
        """One line for each change: who, when, what."""

    def refuse_stale(self, token: str) -> None:
        """Raises EditConflict. Call it while the row is locked."""
        if self.is_stale(token):
            raise EditConflict(self.row, self.changes_since(token))


def describe_change(who, when: datetime, what: str) -> str:
    return _t("%(who)s, %(when)s: %(what)s") % {"who": who, "when": localize(localtime(when)), "what": what}
