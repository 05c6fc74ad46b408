"""Agreeing the translations of a subject pair by pair, with both languages side by side.

Who may change a row may agree its translation. The ready mark of a side's fact stays: its own side says that the words
which it marked are right in both languages.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hled_portal.i18n.bilingual import LANGUAGES, BilingualModel, TranslationStatus
from initiatives.visibility import may_edit, owning_initiative, owning_side

from . import freezing, proposing
from .snapshot import subject_rows


@dataclass(frozen=True)
class Waiting:
    """A pair of texts that nobody agreed as it is; `digest` is that of both texts."""

    row: BilingualModel
    name: str
    digest: str

    @property
    def kind(self) -> str:
        return str(self.row._meta.verbose_name)

    @property
    def label(self) -> str:
        """The name of the field, without that of its language."""
        return pair_label(self.row, self.name)

    @property
    def original(self) -> str:
        return getattr(self.row, f"{self.name}_{self.row.original_language}")

    @property
    def translation(self) -> str:
        return getattr(self.row, f"{self.name}_{_other(self.row)}")

    @property
    def token(self) -> str:
        return f"{self.row._meta.model_name}-{self.row.pk}-{self.name}"


def pair_label(row: BilingualModel, name: str) -> str:
    return str(row._meta.get_field(f"{name}_{row.original_language}").verbose_name).partition(" (")[0]


def _other(row: BilingualModel) -> str:
    return next(language for language in LANGUAGES if language != row.original_language)


def unconfirmed_pairs(subjects: Iterable, user) -> list[Waiting]:
    """What the user may agree of these subjects, pair by pair."""
    rows = [row for subject in subjects for row in subject_rows(subject)]
    return [
        Waiting(row, name, row.pair_digest(name))
        for row in rows
        if row.translation_standing() in (TranslationStatus.WORKING, TranslationStatus.OLDER) and _may_agree(row, user)
        for name in row.unconfirmed_pairs()
    ]


def proposed_together(subject, drafted: proposing.Draft) -> list:
    """The subject and the entries that would be proposed with it, as they are in the record."""
    return [subject, *(freezing.MODELS[kind].objects.get(key=key) for kind, key in drafted.companions())]


def _may_agree(row: BilingualModel, user) -> bool:
    changes = f"{row._meta.app_label}.change_{row._meta.model_name}"
    return user.has_perm(changes) and may_edit(user, owning_side(row))


def confirm_translations(subjects: Iterable, user, digests: dict[str, str]) -> int:
    """Agree the pairs that the user saw (digest by token); returns how many. Raises ValidationError, saves none.

    A pair that no longer waits was agreed by somebody else, as the user wants.
    """
    with transaction.atomic():
        confirmed = [each for each in unconfirmed_pairs(subjects, user) if each.token in digests]
        names: dict[BilingualModel, list[str]] = {}
        for each in confirmed:
            names.setdefault(each.row, []).append(each.name)
        changed = []
        for seen, pairs in names.items():
            row = type(seen)._default_manager.select_for_update(of=("self",)).order_by().get(pk=seen.pk)
            tokens = {name: digests[f"{row._meta.model_name}-{row.pk}-{name}"] for name in pairs}
            if any(row.pair_digest(name) != digest for name, digest in tokens.items()):
                changed.append(_("“%(row)s” changed since you opened this page. Read it again.") % {"row": row})
                continue
            row.agree_translation(*pairs)
            row.save()
        if changed:
            raise ValidationError(changed)
        for initiative in {owning_initiative(row) for row in names} - {None}:
            initiative.touch()
    return len(confirmed)
