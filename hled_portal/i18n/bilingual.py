"""Texts in both languages: explicit `*_en` and `*_es` columns, read in the reader's language."""

import hashlib

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

LANGUAGES = ("en", "es")


class Language(models.TextChoices):
    ENGLISH = "en", _("English")
    SPANISH = "es", _("Spanish")


def active_language() -> str:
    """Return `en` or `es`: the reader's language, English where none is active."""
    return "es" if (get_language() or "en").startswith("es") else "en"


def in_language(texts: dict, name: str, language: str | None = None) -> str:
    """Read the pair `name` of a frozen content; the other language stands in for an empty one."""
    language = language or active_language()
    other = "en" if language == "es" else "es"
    return texts.get(f"{name}_{language}") or texts.get(f"{name}_{other}") or ""


class Pair:
    """Class attribute that reads `<name>_en` or `<name>_es`; an empty one is answered by the other."""

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        return self if instance is None else in_language(vars(instance), self.name)


class TranslationState(models.TextChoices):
    """The state of the language that is not the original."""

    MISSING = "missing", _("missing")
    WORKING = "working", _("draft translation")
    AGREED = "agreed", pgettext_lazy("translation", "confirmed")


class TranslationStatus(models.TextChoices):
    """What the other language is worth, worked out of the row as it stands."""

    NONE = "none", _("no text yet")
    MISSING = "missing", _("missing")
    WORKING = "working", _("draft translation")
    AGREED = "agreed", pgettext_lazy("translation", "confirmed")
    OLDER = "older", _("out of date: changed after it was confirmed")


class TranslationGapField(models.BooleanField):
    """Whether the row has a `translation_gap`, worked out whenever it is written, so that such rows are found by index.

    A queryset's `update` and `bulk_update` do not work it out: they must not write texts. A version copies it.
    """

    def pre_save(self, model_instance, add):
        if isinstance(model_instance, BilingualModel):
            setattr(model_instance, self.attname, model_instance.translation_gap() is not None)
        return super().pre_save(model_instance, add)


class BilingualModel(models.Model):
    """A row whose texts stand in pairs; it knows its original language and the state of the other.

    `required` names the pairs that cannot be empty in the original language; the other may follow later.
    """

    pairs: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    original_language = models.CharField(
        _("original language"), max_length=2, choices=Language, default=Language.ENGLISH
    )
    translation_state = models.CharField(
        _("translation status"),
        max_length=10,
        choices=TranslationState,
        default=TranslationState.WORKING,
    )
    #: For each confirmed pair its name and a hash of both texts, such as `title=0123456789abcdef summary=…`.
    agreed_digest = models.CharField(
        _("hashes of the texts whose translation was confirmed"), max_length=250, blank=True, editable=False
    )

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        if self.original_language not in LANGUAGES:
            return  # Said where the column itself is validated.
        empty = [f"{name}_{self.original_language}" for name in self.required]
        empty = [column for column in empty if not getattr(self, column)]
        if empty:
            raise ValidationError({column: self._unwritten(column) for column in empty})

    def _unwritten(self, column: str) -> str:
        names = {"field": self._meta.get_field(column).verbose_name, "language": self.get_original_language_display()}
        return _t("Enter “%(field)s”: the original of this record is in %(language)s.") % names

    def pair_digest(self, name: str) -> str:
        """The beginning of the SHA-256 of a pair, with the language that is its original."""
        texts = [self.original_language, *(getattr(self, f"{name}_{language}") for language in LANGUAGES)]
        return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:16]

    def unconfirmed_pairs(self) -> list[str]:
        """The pairs with a text whose translation was not confirmed as both texts are now."""
        confirmed = dict(part.split("=") for part in self.agreed_digest.split() if "=" in part)
        written = [name for name in self.pairs if any(getattr(self, f"{name}_{language}") for language in LANGUAGES)]
        return [name for name in written if confirmed.get(name) != self.pair_digest(name)]

    def translation_is_older(self) -> bool:
        """True when a text has changed since the translation was agreed."""
        return self.translation_state == TranslationState.AGREED and bool(self.unconfirmed_pairs())

    def missing_texts(self) -> list[str]:
        """Columns that are empty while their pair has a text in the other language, or must have one."""
        columns = {name: [f"{name}_{language}" for language in LANGUAGES] for name in self.pairs}
        empty = {name: [column for column in pair if not getattr(self, column)] for name, pair in columns.items()}
        wanted = {name: pair for name, pair in empty.items() if name in self.required or len(pair) < len(LANGUAGES)}
        return [column for pair in wanted.values() for column in pair]

    def translation_standing(self) -> TranslationStatus:
        """What the language that is not the original is worth now."""
        if not any(getattr(self, f"{name}_{language}") for name in self.pairs for language in LANGUAGES):
            return TranslationStatus.NONE
        if self.missing_texts():
            return TranslationStatus.MISSING
        if self.translation_is_older():
            return TranslationStatus.OLDER
        return (
            TranslationStatus.AGREED if self.translation_state == TranslationState.AGREED else TranslationStatus.WORKING
        )

    def translation_gap(self) -> TranslationStatus | None:
        """Why somebody has to look at the translation; None where it is confirmed, or the original has no text."""
        if not any(getattr(self, f"{name}_{self.original_language}", "") for name in self.pairs):
            return None
        if self.translation_state == TranslationState.MISSING or self.missing_texts():
            return TranslationStatus.MISSING
        if self.translation_is_older():
            return TranslationStatus.OLDER
        return TranslationStatus.WORKING if self.translation_state == TranslationState.WORKING else None

    def agree_translation(self, *names: str) -> None:
        """Mark the translation of these pairs, or of all, as agreed on both texts as they are; the caller saves.

        The row counts as agreed once all of its pairs are.
        """
        left = [name for name in self.unconfirmed_pairs() if names and name not in names]
        agreed = [name for name in self.pairs if name not in left]
        self.agreed_digest = " ".join(f"{name}={self.pair_digest(name)}" for name in agreed)
        if not left:
            self.translation_state = TranslationState.AGREED
