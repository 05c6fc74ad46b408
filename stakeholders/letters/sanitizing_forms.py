"""Fields and forms for texts of strangers. Nothing hidden gets in unseen, and what was typed is shown again."""

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from hled_portal.security import text_sanitizing
from stakeholders.models import LONGEST_POINT
from stakeholders.notifications.follow_forms import AddressInput

ACCEPTED = ".pdf,.docx,.odt,.jpg,.jpeg,.png,.txt"


class SanitizingForm(forms.Form):
    """A form of texts by strangers: shown again without what nobody sees, with a word about it."""

    def __init__(self, data=None, *args, **kwargs):
        self.hidden, self.broken = set(), set()
        super().__init__(self._looked_through(data) if data is not None else None, *args, **kwargs)

    def _looked_through(self, data: QueryDict) -> QueryDict:
        cleaned = data.copy()
        for name, values in data.lists():
            shown = [text_sanitizing.without_hidden(value) for value in values]
            cleaned.setlist(name, [value if text_sanitizing.is_visible(value) else "" for value in shown])
            self.hidden |= {name for value in values if text_sanitizing.has_hidden(value)}
            self.broken |= {name for value in values if text_sanitizing.is_broken(value)}
        return cleaned

    def clean(self):
        cleaned = super().clean()
        for name in self._among(self.hidden):
            self._add(
                name, _("The text contained invisible characters, which were removed. Check it and send it again.")
            )
        for name in self._among(self.broken):
            self._add(name, _("Some characters were lost (�). Please type them again."))
        return cleaned

    def _among(self, sent: set[str]) -> list[str]:
        return [name for name in self.fields if self.add_prefix(name) in sent]

    def _add(self, name: str, message) -> None:
        if name not in self.errors:
            self.add_error(name, message)


def line(label, most: int, message="", **attrs) -> forms.CharField:
    """A text of one line; required where a message says what to write."""
    help_text = attrs.pop("help_text", "")
    return OneLine(
        label=label,
        max_length=most,
        required=bool(message),
        widget=forms.TextInput({"class": "usa-input", **attrs}),
        error_messages={"required": message},
        help_text=help_text,
    )


class OneLine(forms.CharField):
    def to_python(self, value):
        return text_sanitizing.one_line(super().to_python(value))


def paragraphs(label, required=True, rows=6, help_text="") -> forms.CharField:
    messages = {
        "required": _("Enter your text here."),
        "max_length": _(
            "The text is %(show_value)d characters long; the limit is %(limit_value)d. Shorten it or attach a file."
        ),
    }
    widget = forms.Textarea({"class": "usa-textarea", "rows": rows})
    field = forms.CharField(
        label=label,
        max_length=LONGEST_POINT,
        required=required,
        widget=widget,
        error_messages=messages,
        help_text=help_text,
    )
    del field.widget.attrs[
        "maxlength"
    ]  # Browsers would cut what is pasted without a word; the message says how long it is.
    return field


def select(label, choices, required=True, message=None, empty=None) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[("", empty or _("Select")), *((value, capfirst(name)) for value, name in choices)],
        required=required,
        widget=forms.Select({"class": "usa-select"}),
        error_messages={"required": message or _("Choose an option from the list.")},
    )


def email_field(label, required=True, help_text="") -> forms.EmailField:
    return forms.EmailField(
        label=label,
        max_length=254,
        required=required,
        widget=AddressInput,
        help_text=help_text,
        error_messages={
            "required": _("Enter your email address."),
            "invalid": _("Enter an email address in the format name@example.org."),
        },
    )


class FilesInput(forms.FileInput):
    allow_multiple_selected = True

    def __init__(self):
        super().__init__({"class": "portal-files", "multiple": True, "accept": ACCEPTED})


def attached(label, help_text="") -> forms.Field:
    return forms.Field(label=label, required=False, widget=FilesInput, help_text=help_text)
