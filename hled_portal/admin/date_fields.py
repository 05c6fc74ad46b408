"""Dates as people type them, read back in words in both languages before they are saved."""

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hled_portal.dates import date_parsing
from hled_portal.dates.edtf_dates import UnreadableDate, to_text

MAX_DATE_CHARACTERS = 80
HELP = _("Write it as you would say it: April 19, 2024; oct 2024; spring 2024; primavera de 2024; late 2023.")


class Typed(str):
    """The typed text, with the reading of it that the page showed."""

    shown_edtf = ""


def understood(text: str) -> tuple[str, str, str]:
    """The date in EDTF and in words of both languages. Raises UnreadableDate."""
    parsed = date_parsing.parse_date(text)
    words = [to_text(parsed.edtf, language, getattr(parsed, f"wording_{language}")) for language in ("en", "es")]
    return parsed.edtf, *words


def _attempt(text: str) -> tuple[str, str, str]:
    try:
        return understood(text)
    except UnreadableDate:
        return "", "", ""


class TypedDateInput(AdminTextInputWidget):
    """A line of text, with the reading that it shows in words; the script keeps both alive while one types."""

    def value_from_datadict(self, data, files, name):
        value = data.get(name)
        if value is None:
            return None
        typed = Typed(value)
        typed.shown_edtf = data.get(f"{name}-read", "")
        return typed

    def render(self, name, value, attrs=None, renderer=None):
        edtf, english, spanish = _attempt(value or "")
        attrs = (attrs or {}) | {"data-typed-date": reverse("admin:initiatives_typed_date"), "autocomplete": "off"}
        return format_html(
            '<span class="typed-date">{}<input type="hidden" name="{}-read" value="{}">'
            '<span class="typed-date-words" role="status"><span lang="en">{}</span>'
            '<span lang="es-MX">{}</span></span></span>',
            super().render(name, value, attrs, renderer),
            name,
            edtf,
            english,
            spanish if spanish != english else "",
        )


class TypedDateField(forms.CharField):
    """Gives EDTF. What was typed in words is saved once the page has shown how it is read."""

    widget = TypedDateInput

    def __init__(self, **kwargs):
        kwargs |= {"max_length": MAX_DATE_CHARACTERS, "widget": TypedDateInput}
        kwargs["help_text"] = kwargs.get("help_text") or HELP
        super().__init__(**kwargs)

    def clean(self, value):
        text = super().clean(value)
        try:
            edtf, english, spanish = understood(text)
        except UnreadableDate as error:
            raise ValidationError(str(error), code="unreadable_date") from error
        if edtf not in (text, getattr(value, "shown_edtf", "")):
            raise ValidationError(
                _t(
                    "You entered “%(typed)s”. The portal will save: %(english)s / %(spanish)s. If this "
                    "is right, save again."
                ),
                code="read_back",
                params={"typed": text, "english": english, "spanish": spanish},
            )
        return edtf

    def has_changed(self, initial, data):
        try:
            return date_parsing.parse_date(data or "").edtf != (initial or "")
        except UnreadableDate:
            return True


@require_safe
def read_date_view(request):
    """How the portal reads a typed date, for the script of the form."""
    try:
        edtf, english, spanish = understood(request.GET.get("text", "")[:MAX_DATE_CHARACTERS])
    except UnreadableDate as error:
        return JsonResponse({"refused": str(error)})
    return JsonResponse({"edtf": edtf, "en": english, "es": spanish})
