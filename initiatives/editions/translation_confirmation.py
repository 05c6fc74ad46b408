"""Agreeing the translations of a subject in one go, with both languages side by side.

Who may change a row may agree its translation. The ready mark of a side's fact stays: its own side says that the words
which it marked are right in both languages.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hled_portal.i18n.bilingual import LANGUAGES, BilingualModel, TranslationStatus
from hled_portal.publishing.canonical_json import canonical, digest
from initiatives.visibility import may_edit, owning_initiative, owning_side

from .snapshot import subject_rows


@dataclass(frozen=True)
class Text:
    """One pair of texts: its label and both languages, the original first."""

    label: str
    original: str
    translation: str


@dataclass(frozen=True)
class Waiting:
    """A row whose translation is not agreed on its original; `digest` is that of its texts."""

    row: BilingualModel
    texts: list[Text]
    digest: str

    @property
    def kind(self) -> str:
        return str(self.row._meta.verbose_name)

    @property
    def token(self) -> str:
        return f"{self.row._meta.model_name}-{self.row.pk}"


def unconfirmed_rows(subject, user) -> list[Waiting]:
    """What the user may agree of a subject: working translations, and those older than their original."""
    rows = [
        row
        for row in subject_rows(subject)
        if row.translation_standing() in (TranslationStatus.WORKING, TranslationStatus.OLDER)
    ]
    return [Waiting(row, _texts(row), _digest(row)) for row in rows if _may_agree(row, user)]


def _may_agree(row: BilingualModel, user) -> bool:
    changes = f"{row._meta.app_label}.change_{row._meta.model_name}"
    return user.has_perm(changes) and may_edit(user, owning_side(row))


def _texts(row: BilingualModel) -> list[Text]:
    other = next(language for language in LANGUAGES if language != row.original_language)
    texts = []
    for name in row.pairs:
        original, translation = (getattr(row, f"{name}_{language}") for language in (row.original_language, other))
        if original or translation:
            label = row._meta.get_field(f"{name}_{row.original_language}").verbose_name
            texts.append(Text(str(label), original, translation))
    return texts


def _digest(row: BilingualModel) -> str:
    columns = [f"{name}_{language}" for name in row.pairs for language in LANGUAGES]
    return digest(canonical({column: getattr(row, column) for column in (*columns, "original_language")}))


def confirm_translations(subject, user, digests: dict[str, str]) -> int:
    """Agree the rows whose texts the user saw (digest by token); returns how many. Raises ValidationError, saves none.

    A row that no longer waits was agreed by somebody else, as the user wants.
    """
    with transaction.atomic():
        confirmed = [each for each in unconfirmed_rows(subject, user) if each.token in digests]
        changed = []
        for each in confirmed:
            row = type(each.row)._default_manager.select_for_update(of=("self",)).order_by().get(pk=each.row.pk)
            if _digest(row) != digests[each.token]:
                changed.append(_("“%(row)s” changed since you opened this page. Read it again.") % {"row": row})
                continue
            row.agree_translation()
            row.save()
        if changed:
            raise ValidationError(changed)
        for initiative in {owning_initiative(each.row) for each in confirmed} - {None}:
            initiative.touch()
    return len(confirmed)
