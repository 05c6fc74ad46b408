"""What rows of the record share: keys, dates of any precision, and the digest of what was loaded."""

from functools import cache

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import BilingualModel, Pair, TranslationGapField

validate_key = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*$", _("A key can contain only lowercase letters, digits and single hyphens."), "key"
)


class KeyField(models.CharField):
    """A key that is never changed or reused: it is part of addresses and of frozen texts."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 80)
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, validate_key]


class EdtfField(models.CharField):
    """A date of any precision in EDTF (ISO 8601-2); empty where the text gives none."""

    default_validators = [edtf_dates.validate_edtf]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)


class DurationField(models.CharField):
    """An ISO 8601 duration such as P12W; never turned into an end date."""

    default_validators = [edtf_dates.validate_duration]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs):
        examples = _("For example P2D: two days; P12W: 12 weeks; P3M: three months; P5Y: five years.")
        return super().formfield(**{"help_text": self.help_text or examples} | kwargs)


class RowHistoryManager(HistoryManager):
    """Its class with the methods of its queryset is made once, not each time that a row is saved."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class, class_name=None):
        return super().from_queryset(queryset_class, class_name)


class RowHistory(HistoricalRecords):
    def create_historical_record_m2ms(self, history_instance, instance):
        if history_instance.history_type != "+":  # A new row has no many-to-many rows to read yet.
            super().create_historical_record_m2ms(history_instance, instance)


class Row(models.Model):
    """A row that can be loaded from a file. Who changed what, and when, is kept: also by imports and commands."""

    #: Many-to-many columns whose changes are kept too.
    kept_with_it: tuple[str, ...] = ()
    history = RowHistory(inherit=True, m2m_fields_model_field_name="kept_with_it", history_manager=RowHistoryManager)

    loaded_digest = models.CharField(
        _("hash of the loaded data"),
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("SHA-256 of the row as last loaded. Shows what has changed in the portal since then."),
    )

    class Meta:
        abstract = True


class TextRow(Row, BilingualModel):
    """A loaded row with texts in both languages."""

    has_translation_gap = TranslationGapField(
        _("translation is missing or not confirmed"), default=False, db_index=True, editable=False
    )

    class Meta:
        abstract = True


class Titled(TextRow):
    """A row with a key and a name in both languages."""

    name_en = models.CharField(_("name (English)"), max_length=250, blank=True)
    name_es = models.CharField(_("name (Spanish)"), max_length=250, blank=True)
    name = Pair()
    pairs = required = ("name",)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name


class Dated(models.Model):
    """A date with its wording, and its earliest and latest day beside it for sorting."""

    date_edtf = EdtfField(_("date"))
    date_wording_en = models.CharField(
        _("date as worded in the source (English)"),
        max_length=80,
        blank=True,
        help_text=_("Use it if the date format has no equivalent."),
    )
    date_wording_es = models.CharField(_("date as worded in the source (Spanish)"), max_length=80, blank=True)
    date_wording = Pair()
    date_earliest = models.DateField(_("earliest date"), null=True, blank=True, editable=False)
    date_latest = models.DateField(_("latest date"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.set_bounds()
        super().save(*args, **kwargs)

    def set_bounds(self) -> None:
        """Compute both days from the date; bulk inserts call it too."""
        self.date_earliest, self.date_latest = edtf_dates.bounds(self.date_edtf)


def exactly_one(*names: str) -> Q:
    """Condition that one of the nullable columns is filled and the others are not; `unnamed` is a pair of texts."""
    options = Q()
    for chosen in names:
        option = Q()
        for name in names:
            option &= _filled(name, name == chosen)
        options |= option
    return options


def _filled(name: str, filled: bool) -> Q:
    if name == "unnamed":
        empty = Q(unnamed_en="", unnamed_es="")
        return ~empty if filled else empty
    return Q(**{f"{name}__isnull": not filled})
