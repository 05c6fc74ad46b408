"""What the sender of a letter does by its receipt, as forms."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.delegations import Side
from hled_portal.security.spam_protection import GuardedForm
from stakeholders.notifications.follow_forms import Radios
from stakeholders.vocabulary import Consent

from .sanitizing_forms import SanitizingForm, email_field, line, paragraphs


class CorrectionForm(SanitizingForm):
    """What the sender adds later."""

    prefix = "correction"
    text = paragraphs(_("Correction or addition"))
    addressed = forms.ChoiceField(
        label=_("Visible to"),
        required=False,
        choices=[
            ("", _("Same as the submission: officers of both delegations")),
            (Side.JOINT, _("confidential, for both delegations")),
            (Side.US, _("confidential, for the delegation of the United States only")),
            (Side.MX, _("confidential, for the delegation of Mexico only")),
        ],
        widget=Radios,
    )


class ObjectionForm(SanitizingForm):
    """What is wrong with how the letter was split."""

    prefix = "objection"
    text = paragraphs(_("Error or objection"), rows=4)


class ConsentForm(SanitizingForm):
    """Another consent than the one of the letter."""

    prefix = "consent"
    consent = forms.ChoiceField(label=_("Permission to publish"), choices=Consent, widget=Radios)

    def __init__(self, data=None, *, letter):
        super().__init__(data, initial={"consent": letter.consent})
        self.letter = letter

    def clean_consent(self):
        if self.cleaned_data["consent"] == Consent.NAME and not self.letter.email:
            raise ValidationError(_("To publish your name, we need an email address that you confirm."))
        return self.cleaned_data["consent"]


class HandoverForm(SanitizingForm):
    """The colleague who takes the letter over."""

    prefix = "handover"
    name = line(_("Your colleague's name"), 200, _("Enter your colleague's name."), autocomplete="off")
    email = email_field(_("Your colleague's email address"))


class CopyForm(SanitizingForm):
    """Whoever found the link alone does not read the address and the confidential parts, which the page leaves out."""

    prefix = "copy"
    email = email_field(_("Email address of the submission"))

    def __init__(self, data=None, *, letter):
        super().__init__(data)
        self.letter = letter
        if not letter.email:
            del self.fields["email"]

    def clean_email(self):
        if self.cleaned_data["email"].casefold() != self.letter.email.casefold():
            raise ValidationError(_("This is not the email address of this submission."))
        return self.cleaned_data["email"]


class LostLinkForm(SanitizingForm, GuardedForm):
    """The address that was confirmed."""

    email = email_field(_("Email address"))
