"""Cells of files: how a column is read from a file and written to one, the same in each language."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from import_export import widgets
from import_export.fields import Field

from . import models as record
from .references import any_reference, find, find_any, reference


class ReferenceWidget(widgets.Widget):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def clean(self, value, row=None, **kwargs):
        return find(self.model, value) if value else None

    def render(self, value, obj=None, **kwargs):
        return reference(value) if value is not None else ""


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
        return "|".join(sorted(reference(row) for row in rows))


class FlagWidget(widgets.Widget):
    """`yes` or an empty cell."""

    def clean(self, value, row=None, **kwargs):
        if value not in ("yes", "", None):
            raise ValueError(_("Write “yes” or leave the cell empty."))
        return value == "yes"

    def render(self, value, obj=None, **kwargs):
        return "yes" if value else ""


def _in_bounds(value) -> None:
    """Refuse what is a number to Python and would be gigabytes of digits: 1E+999999999."""
    if isinstance(value, str) and value.strip() and abs(Decimal(value.strip()).adjusted()) > 40:
        raise ValueError(value)


class NumberWidget(widgets.DecimalWidget):
    """A plain decimal number, the same in each language."""

    def clean(self, value, row=None, **kwargs):
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


class TextWidget(widgets.CharWidget):
    def render(self, value, obj=None, **kwargs):
        return "" if value is None else str(value)


def widget_of(field: models.Field) -> widgets.Widget:
    """How cells of a column are read and written."""
    if isinstance(field, models.ManyToManyField):
        return ReferencesWidget(field.related_model)
    if field.model is record.Fact and field.name == "of":
        return SiblingWidget()
    if isinstance(field, models.ForeignKey):
        return ReferenceWidget(field.related_model)
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
        found = find_any(row[self.column_name])
        if found._meta.model_name not in self.attributes:
            raise ValidationError(_("“%(text)s” has no place here.") % {"text": row[self.column_name]})
        return {name: found if name == found._meta.model_name else None for name in self.attributes}

    def clean(self, row, **kwargs):
        return next(found for found in self.lookup(row).values() if found is not None)

    def save(self, instance, row, is_m2m=False, **kwargs):
        for name, value in self.lookup(row).items():
            setattr(instance, name, value)

    def get_value(self, instance):
        return next((v for n in self.attributes if (v := getattr(instance, n)) is not None), None)

    def export(self, instance, **kwargs):
        found = self.get_value(instance)
        return any_reference(found) if found is not None else ""

    def render(self, row) -> str:
        return any_reference(self.clean(row))
