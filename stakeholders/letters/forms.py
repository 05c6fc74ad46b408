"""The form of a letter to both governments."""

from functools import cached_property

from django import forms
from django.forms.utils import ErrorDict
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hled_portal.dates import as_of
from hled_portal.i18n.delegations import Side
from hled_portal.security.spam_protection import GuardedForm
from initiatives.models import Edition
from initiatives.record.pillars import Pillars
from stakeholders.models import Consultation
from stakeholders.notifications.follow_forms import Radios
from stakeholders.vocabulary import Consent, Sector, SenderCountry, SenderKind

from . import submission
from .sanitizing_forms import SanitizingForm, attached, email_field, line, paragraphs, select

MAX_POINTS = 10
#: Inputs of files, and for whom each is confidential.
FILE_INPUTS = {"files": "", "files_joint": Side.JOINT, "files_us": Side.US, "files_mx": Side.MX}
PART_INPUTS = {"part_joint": Side.JOINT, "part_us": Side.US, "part_mx": Side.MX}


class LetterForm(SanitizingForm, GuardedForm):
    """A letter. Files are checked by the view, which shows the refusals beside their input."""

    consultation = forms.ChoiceField(
        label=_("Consultation you are responding to"),
        required=False,
        widget=forms.Select({"class": "usa-select"}),
        error_messages={
            "invalid_choice": _(
                "This consultation is not accepting submissions now. You can still send your "
                "recommendation at any time."
            )
        },
    )
    sender_kind = select(_("You are writing as"), SenderKind.choices, message=_("Select who you are writing as."))
    sender_name = line(
        _("Your name"),
        200,
        _("Enter your name."),
        autocomplete="name",
        help_text=_("You can leave it blank if you choose not to publish anything."),
    )
    organization = line(
        _("Your organization"),
        250,
        autocomplete="organization",
        help_text=_("Leave blank if you are writing for yourself."),
    )
    represented = line(
        _("Organization or people you represent"),
        250,
        help_text=_("Fill this in if you write on behalf of others: members of a chamber, a client, a community."),
    )
    sector = select(_("Sector"), Sector.choices, message=_("Choose a sector."))
    country = select(_("Country"), SenderCountry.choices, message=_("Choose a country."))
    email = email_field(
        _("Email address"),
        required=False,
        help_text=_(
            "We send your receipt and response here. If you leave it blank, you will have only the link "
            "on the next page."
        ),
    )
    consent = forms.ChoiceField(
        label=_("Permission to publish"),
        choices=Consent,
        widget=Radios,
        error_messages={"required": _("Choose what may be published.")},
    )
    part_joint = paragraphs(_("Confidential, for both delegations"), required=False)
    part_us = paragraphs(_("Confidential, for the delegation of the United States only"), required=False)
    part_mx = paragraphs(_("Confidential, for the delegation of Mexico only"), required=False)
    files = attached(
        _("Files"),
        _("PDF, Word (DOCX), OpenDocument (ODT), a photo or scan (JPG, PNG) or plain text. Up to 8 files, 10 MB each."),
    )
    files_joint = attached(_("Confidential files, for both delegations"))
    files_us = attached(_("Confidential files, for the delegation of the United States only"))
    files_mx = attached(_("Confidential files, for the delegation of Mexico only"))

    def __init__(self, data=None, consultation: str = "", points: str = ""):
        super().__init__(data, initial={"consultation": consultation})
        choices = [(row.key, row.title) for row in submission.open_consultations()]
        self.open_keys = [key for key, _title in choices]
        self.fields["consultation"].choices = [("", _("No specific consultation")), *choices]
        self.fields["sender_name"].required = self.data.get("consent") != Consent.NOTHING
        self.fields["organization"].conditional = True
        self.points = self._number_of_points(self.data.get("points", points))
        for number in range(1, self.points + 1):
            self.fields |= self._point(number)
        self.order_fields(self._order())

    def _order(self) -> list[str]:
        """In the order of the page, so that the summary of errors leads down it; the others follow."""
        points = [name for number in range(1, self.points + 1) for name in self._point(number)]
        who = [
            "consultation",
            "sender_kind",
            "sender_name",
            "organization",
            "represented",
            "sector",
            "country",
            "email",
        ]
        files = ["part_joint", "files_joint", "part_us", "files_us", "part_mx", "files_mx"]
        return [*who, *points, "files", *files, "consent"]

    # Keys and pages

    @property
    def once(self) -> str:
        """The key of this form: as it was drawn, else a new one."""
        kept = self.data.get("once", "")
        return kept if submission.is_form_key(kept) else self._new_once

    @cached_property
    def _new_once(self) -> str:
        return submission.new_form_key()

    def quieten(self) -> None:
        """Show what was typed, and refusals of files alone: the sender is not done yet."""
        self._errors = ErrorDict({name: errors for name, errors in self.errors.items() if name in FILE_INPUTS})

    def _number_of_points(self, requested: str) -> int:
        number = int(requested) if requested.isascii() and requested.isdigit() and len(requested) < 3 else 1
        return min(max(number + ("more" in self.data), 1), MAX_POINTS)

    @cached_property
    def pillars(self) -> list[tuple[str, str]]:
        """The public pillars of the newest cycle."""
        frame = Pillars(as_of.now())
        newest = next(iter(frame.editions.values()), None)
        rows = [row for row in frame.editions.values() if row.cycle_key == newest.cycle_key]
        return [(row.subject_key, frame.labels[row.subject_key]) for row in rows]

    @cached_property
    def initiatives(self) -> list[Edition]:
        """The public initiatives, whose titles are offered."""
        rows = Edition.objects.public(as_of.now()).of_kind("initiative").defer("content")
        return sorted(rows, key=lambda row: row.title)

    def _point(self, number: int) -> dict[str, forms.Field]:
        first = number == 1
        return {
            f"text_{number}": paragraphs(_("Your recommendation"), required=first, rows=8),
            f"pillar_{number}": select(
                _("Related pillar"), self.pillars, required=False, empty=_("I do not know, or more than one")
            ),
            f"initiative_{number}": line(
                _("Related initiative"),
                300,
                list="initiatives",
                help_text=_("If you know which one, start typing its name."),
            ),
        }

    def point_fields(self) -> list[tuple[int, list[forms.BoundField]]]:
        names = ("text", "pillar", "initiative")
        return [(n, [self[f"{name}_{n}"] for name in names]) for n in range(1, self.points + 1)]

    def can_hold_more(self) -> bool:
        return self.points < MAX_POINTS

    # Judging

    def clean(self):
        cleaned = super().clean()
        if not submission.is_form_key(self.data.get("once", "")):
            self.add_error(None, _("This page was open too long. Please send the form again."))
        if cleaned.get("sender_kind") not in (None, SenderKind.PERSON) and not cleaned.get("organization"):
            self._add("organization", _("Enter the name of your organization."))
        if cleaned.get("consent") == Consent.NAME and not cleaned.get("email"):
            self._add("email", _("To publish your name, we need an email address that you confirm."))
        for number in range(1, self.points + 1):
            self._clean_point(cleaned, number)
        return cleaned

    def _clean_point(self, cleaned: dict, number: int) -> None:
        name = f"initiative_{number}"
        typed = cleaned.get(name, "")
        if typed:
            cleaned[name] = self._initiative(typed)
            if not cleaned[name]:
                self._add(name, _("No initiative has this name. Choose one from the list or leave the field blank."))
        about = cleaned.get(name) or cleaned.get(f"pillar_{number}")
        if about and not cleaned.get(f"text_{number}"):
            self._add(f"text_{number}", _("Enter your recommendation, or clear the next two fields."))

    def _initiative(self, typed: str) -> str:
        wanted = typed.casefold()
        for row in self.initiatives:
            if wanted in (row.subject_key, row.title_en.casefold(), row.title_es.casefold()):
                return row.subject_key
        return ""

    # Before it is sent

    def answers(self) -> list[tuple[str, str]]:
        """What was entered or chosen, by its label, in the order of the page."""
        return [(field.label, self._shown(field)) for field in self._answered()]

    def hidden_answers(self) -> list[str]:
        """All of that as hidden inputs."""
        return [field.as_hidden() for field in self._answered()]

    def _answered(self) -> list[forms.BoundField]:
        return [field for field in self.visible() if field.name not in FILE_INPUTS and field.value()]

    @staticmethod
    def _shown(field: forms.BoundField) -> str:
        choices = {str(value): label for value, label in getattr(field.field, "choices", ())}
        chosen = choices.get(field.value())
        return field.value() if chosen is None else capfirst(chosen)

    def words(self) -> submission.LetterContent:
        cleaned = self.cleaned_data
        names = ("sender_kind", "sender_name", "organization", "represented", "sector", "country", "email", "consent")
        columns = {name: cleaned[name] for name in names} | {"language": get_language()}
        key = cleaned["consultation"]
        columns["consultation"] = Consultation.objects.get(key=key) if key in self.open_keys else None
        points = [
            {
                "text": cleaned[f"text_{n}"],
                "pillar_key": cleaned[f"pillar_{n}"],
                "initiative_key": cleaned[f"initiative_{n}"],
            }
            for n in range(1, self.points + 1)
            if cleaned[f"text_{n}"]
        ]
        parts = {side: cleaned[name] for name, side in PART_INPUTS.items() if cleaned[name]}
        return submission.LetterContent(columns, points, parts)
