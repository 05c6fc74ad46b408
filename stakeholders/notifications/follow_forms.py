"""What people who follow fill in."""

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import Language
from hled_portal.security.spam_protection import GuardedForm
from stakeholders.models import Follower
from stakeholders.vocabulary import Rhythm

from . import following
from .subjects import SubjectTitle


class AddressInput(forms.EmailInput):
    def __init__(self):
        super().__init__({"class": "usa-input", "autocomplete": "email", "spellcheck": "false"})


class Radios(forms.RadioSelect):
    """Drawn by `_form_radios.html`, in a fieldset of the design system."""

    def __init__(self, attrs=None, choices=()):
        super().__init__({"class": "usa-radio__input", **(attrs or {})}, choices)


class FollowForm(GuardedForm):
    """An address, and how often messages go to it."""

    address = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        widget=AddressInput,
        error_messages={
            "required": _("Enter your email address."),
            "invalid": _("Enter an email address in the format name@example.org."),
        },
    )
    rhythm = forms.ChoiceField(
        label=_("How often"),
        choices=Rhythm,
        initial=Rhythm.AT_ONCE,
        widget=Radios,
        error_messages={"required": _("Choose how often to receive email updates.")},
    )

    def clean_address(self):
        name, _at, host = self.cleaned_data["address"].rpartition("@")
        return f"{name}@{host.lower()}"

    def save(self, named: SubjectTitle) -> None:
        following.request_follow(
            self.cleaned_data["address"], get_language(), self.cleaned_data["rhythm"], named.subject, named.mail_title
        )


class ChangeForm(forms.Form):
    """Another language or rhythm of somebody who follows."""

    language = forms.ChoiceField(label=_("Language"), choices=Language, widget=Radios)
    rhythm = forms.ChoiceField(label=_("How often"), choices=Rhythm, widget=Radios)

    def save(self, follower: Follower) -> None:
        following.change_settings(follower, self.cleaned_data["language"], self.cleaned_data["rhythm"])
