"""Cells of files: how a column is read from a file and written to one, the same in each language."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import override
from import_export import widgets
from import_export.fields import Field

from hled_portal.dates import date_parsing
from hled_portal.dates.edtf_dates import UnreadableDate
from hled_portal.files.spreadsheet_reader import shortened
from hled_portal.i18n.bilingual import LANGUAGES
from initiatives import models as record
from initiatives.models.base import EdtfField

from .natural_keys import find, find_prefixed, natural_key, prefixed_natural_key


class ReferenceWidget(widgets.Widget):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def clean(self, value, row=None, **kwargs):
        return find(self.model, value) if value else None

    def render(self, value, obj=None, **kwargs):
        return natural_key(value) if value is not None else ""


class SiblingWidget(widgets.Widget):
    """The key of another fact of the same subject."""

    def clean(self, value, row=None, **kwargs):
        return find(record.Fact, value if "#" in value else f"{row['subject']}#{value}") if value else None

    def render(self, value, obj=None, **kwargs):
        return value.key if value is not None else ""


class ReferencesWidget(widgets.ManyToManyWidget):
    """Several keys in one cell, parted by `|`, sorted."""

    def clean(self, value, row=None, **kwargs):
        return [find(self.model, key) for key in sorted((value or "").split("|")) if key]

    def render(self, value, obj=None, **kwargs):
        rows = value.all() if hasattr(value, "all") else value or ()
        return "|".join(sorted(natural_key(row) for row in rows))


class FlagWidget(widgets.Widget):
    """`yes` or an empty cell; also the words for yes and no that people type in either language."""

    def clean(self, value, row=None, **kwargs):
        text = (value or "").strip().casefold()
        if text not in ("yes", "sí", "si", "no", ""):
            raise ValueError(_("Enter “yes” or leave the cell empty."))
        return text in ("yes", "sí", "si")

    def render(self, value, obj=None, **kwargs):
        return "yes" if value else ""


def _in_bounds(value) -> None:
    """Refuse what is a number to Python and no value: NaN, and 1E+999999999, which would be gigabytes of digits."""
    if not isinstance(value, str) or not value.strip():
        return
    number = Decimal(value.strip())
    if not number.is_finite() or abs(number.adjusted()) > 40:
        raise ValueError(value)


_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")


def _plain_number(text: str) -> str:
    """The number with a decimal point and nothing else: 75%, 1,234.5, 1.234,5 and 12,5 can be read in one way only."""
    number = text.strip().removesuffix("%").strip()
    if text.strip() and not number:
        raise ValueError(text)
    if re.fullmatch(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}", number):
        values = {"text": text, "one": number.replace(",", ""), "other": number.replace(",", ".")}
        raise ValidationError(_("“%(text)s” can be two numbers. Enter %(one)s or %(other)s.") % values)
    if _GROUPED.fullmatch(number):
        decimal = max(number.rfind(","), number.rfind(".")) if "." in number else len(number)
        return re.sub("[,.]", "", number[:decimal]) + "." + number[decimal + 1 :]
    return number.replace(",", ".") if _DECIMAL_COMMA.fullmatch(number) else number


class NumberWidget(widgets.DecimalWidget):
    """A decimal number, written the same in each language; a % sign is ignored."""

    def clean(self, value, row=None, **kwargs):
        value = _plain_number(value) if isinstance(value, str) else value
        _in_bounds(value)
        return super().clean(value, row, **kwargs)

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else f"{Decimal(value).normalize():f}"


class WholeWidget(widgets.IntegerWidget):
    def clean(self, value, row=None, **kwargs):
        _in_bounds(value)
        return super().clean(value, row, **kwargs)

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else str(value)


#: Labels that templates once had: files filled in with them are read.
FORMER_LABELS = {"reading": "actual", "medición": "actual", "under way": "under_way"}


class ChoiceWidget(widgets.Widget):
    """A choice by its value or by its label in either language, in capitals or not."""

    def __init__(self, choices: list):
        super().__init__()
        self.choices = [(value, label) for value, label in choices if value not in ("", None)]

    def clean(self, value, row=None, **kwargs):
        text = " ".join((value or "").split()).casefold()
        if not text:
            return ""
        names = (text, FORMER_LABELS.get(text))
        matches = {choice for choice, _label in self.choices if choice.casefold() in names}
        for language in () if matches else LANGUAGES:
            with override(language):
                matches |= {choice for choice, label in self.choices if str(label).casefold() == text}
        if len(matches) != 1:
            values = {"text": shortened(value), "choices": ", ".join(choice for choice, _label in self.choices)}
            raise ValidationError(_("“%(text)s” is not one of the choices: %(choices)s.") % values)
        return matches.pop()

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else str(value)


class EdtfWidget(widgets.Widget):
    """A date in EDTF, or as people type it in either language."""

    def clean(self, value, row=None, **kwargs):
        try:
            return date_parsing.parse_date(value or "").edtf
        except UnreadableDate as error:
            raise ValidationError(str(error)) from error

    def render(self, value, obj=None, **kwargs):
        return value or ""


class TextWidget(widgets.CharWidget):
    def render(self, value, obj=None, **kwargs):
        return "" if value is None else str(value)


def widget_for(field: models.Field) -> widgets.Widget:
    """How cells of a column are read and written."""
    if isinstance(field, models.ManyToManyField):
        return ReferencesWidget(field.related_model)
    if field.model is record.Fact and field.name == "of":
        return SiblingWidget()
    if isinstance(field, models.ForeignKey):
        return ReferenceWidget(field.related_model)
    if field.flatchoices and isinstance(field, models.CharField):
        return ChoiceWidget(field.flatchoices)
    if isinstance(field, EdtfField):
        return EdtfWidget()
    if isinstance(field, models.BooleanField):
        return FlagWidget()
    if isinstance(field, models.DecimalField):
        return NumberWidget()
    if isinstance(field, models.IntegerField):
        return WholeWidget()
    if isinstance(field, models.DateField):
        return widgets.DateWidget(format="%Y-%m-%d")
    return TextWidget()


class OneOfField(Field):
    """One column that fills one of several foreign keys."""

    def __init__(self, column_name: str, attributes: tuple[str, ...]):
        super().__init__(attribute=attributes[0], column_name=column_name)
        self.attributes = attributes

    def lookup(self, row) -> dict:
        target = find_prefixed(row[self.column_name])
        if target._meta.model_name not in self.attributes:
            raise ValidationError(_("“%(text)s” is not accepted here.") % {"text": row[self.column_name]})
        return {name: target if name == target._meta.model_name else None for name in self.attributes}

    def clean(self, row, **kwargs):
        return next(related for related in self.lookup(row).values() if related is not None)

    def save(self, instance, row, is_m2m=False, **kwargs):
        for name, value in self.lookup(row).items():
            setattr(instance, name, value)

    def get_value(self, instance):
        return next((v for n in self.attributes if (v := getattr(instance, n)) is not None), None)

    def export(self, instance, **kwargs):
        related = self.get_value(instance)
        return prefixed_natural_key(related) if related is not None else ""

    def render(self, row) -> str:
        return prefixed_natural_key(self.clean(row))
