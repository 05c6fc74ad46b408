"""The form of one fact: what its kind needs, its key and order proposed, and why a known date moves."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.dates.edtf_dates import to_text
from hled_portal.i18n.bilingual import active_language
from hled_portal.i18n.delegations import Side
from initiatives.facts import date_changes, published_values, ready_flag
from initiatives.facts.reporting import free_key, next_order
from initiatives.models import Fact
from initiatives.vocabulary.actions import FactKind, Modality
from initiatives.vocabulary.choices import DateChangeReason, EndReason, Relation

from .inlines import PartForm, RecordForm

#: Kinds of facts whose date has a modality, and changes with a reason.
DATED = (FactKind.MILESTONE, FactKind.EVENT, FactKind.UPDATE)


#: The usual pairs of modality and relation. Another one that a fact has already is offered for it.
USUAL = {
    ("expected", "by"): _("expected by …"),
    ("expected", "on"): _("expected in or on …"),
    ("planned", "on"): _("planned for …"),
    ("planned", "by"): _("planned to be completed by …"),
    ("deadline", "by"): _("deadline: …"),
    ("under_way", "since"): _("in progress since …"),
    ("under_way", "on"): _("in progress in …"),
    ("under_way", "until"): _("in progress until …"),
    ("happened", "on"): _("happened in or on …"),
    ("happened", "by"): _("happened by …, exact date unknown"),
    ("happened", "since"): _("has happened since …"),
}
SEPARATOR = " "


class WhenField(forms.ChoiceField):
    """The field of the modality, whose choices bring the relation. A modality alone keeps the relation as it is."""

    def __init__(self, modality: str, relation: str, **options):
        self.present = (modality, relation)
        pairs = list(USUAL)
        if modality and self.present not in USUAL:
            pairs.insert(0, self.present)
        choices = [(SEPARATOR.join(pair).strip(), _label(pair)) for pair in pairs]
        super().__init__(choices=[("", "---------"), *choices], **options)

    @property
    def presented(self) -> str:
        return SEPARATOR.join(self.present).strip()

    def split(self, value: str) -> tuple[str, str]:
        """Modality and relation of a choice."""
        modality, _separator, relation = value.partition(SEPARATOR)
        return modality, relation

    def valid_value(self, value):
        return super().valid_value(value) or value in Modality.values


def _label(pair: tuple[str, str]):
    modality, relation = pair
    label = USUAL.get(pair)
    if label is None:
        words = [str(Modality(modality).label), str(Relation(relation).label) if relation else ""]
        label = ", ".join(filter(None, words))
    return label


class JointBox(forms.CheckboxInput):
    """A tick for a joint fact in place of the choice of a side."""

    def __init__(self, own: str):
        self.own = own
        super().__init__(check_test=lambda value: value == Side.JOINT)

    def format_value(self, value):
        return str(Side.JOINT)

    def value_from_datadict(self, data, files, name):
        return data.get(name) or self.own

    def value_omitted_from_data(self, data, files, name):
        return False


class FactForm(RecordForm):
    """A fact of its side begins as a draft; a save without the mark makes it one again."""

    change_reason = forms.ChoiceField(
        label=_("reason for the date change"),
        choices=[("", "---------"), *DateChangeReason.choices],
        required=False,
        help_text=_(
            "Required only if you change a date that is public or known to the other delegation. The "
            "reason is published."
        ),
    )
    change_text_en = forms.CharField(label=_("explanation of the change (English)"), required=False)
    change_text_es = forms.CharField(label=_("explanation of the change (Spanish)"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.moves = False
        self.was = (self.instance.date_edtf, self.instance.modality, self.instance.ready)
        for name in ("key", "order"):
            if name in self.fields and not self.instance.pk:
                self.fields[name].required = False
                if name == "order":
                    self.initial.setdefault(name, None)
        if "modality" in self.fields:
            self._offer_one_choice_of_dates()
        if "ready" in self.fields:
            self.initial["ready"] = False
            self.fields["ready"].label = _t("mark as ready when saving")
            self.fields["ready"].help_text = _describe_ready_flag(self.instance)

    def _offer_one_choice_of_dates(self):
        plain = self.fields["modality"]
        modality = self.initial.get("modality") or self.instance.modality
        self.fields["modality"] = WhenField(
            modality, self.instance.relation, label=plain.label, help_text=plain.help_text, required=plain.required
        )
        self.initial["modality"] = self.fields["modality"].presented

    def clean_modality(self) -> str:
        """The modality of the choice; its relation is kept with the fact."""
        modality, relation = self.fields["modality"].split(self.cleaned_data["modality"])
        if relation or modality != self.was[1]:
            self.instance.relation = relation
        return modality

    def clean(self):
        cleaned = super().clean()
        if not self.instance.pk:
            self._propose_key_and_order(cleaned)
        self.moves = self._moves_date()
        if self.moves:
            self._ask_why(cleaned)
        self._ask_how_it_ended(cleaned)
        return cleaned

    def _moves_date(self) -> bool:
        """Whether the form changes a date that others know."""
        given = (self.cleaned_data.get("date_edtf", self.was[0]), self.cleaned_data.get("modality", self.was[1]))
        return bool(
            given != self.was[:2] and self.instance.pk and not self.errors and date_changes.is_known(self.instance)
        )

    def _ask_why(self, cleaned):
        reason, language = cleaned.get("change_reason"), cleaned.get("original_language", "en")
        if not reason:
            moved = (self.was[0], cleaned.get("date_edtf", ""))
            words = [to_text(edtf, active_language()) or _t("no date") for edtf in moved]
            values = {"old": words[0], "new": words[1]}
            self.add_error("change_reason", _t("The date changes from %(old)s to %(new)s. Explain why.") % values)
        elif refusal := date_changes.slip_refusal(reason, cleaned.get(f"change_text_{language}", "")):
            self.add_error(f"change_text_{language}", refusal)
        elif not date_changes.suits(reason, cleaned.get("modality", "")):
            self.add_error("change_reason", _t("Use “Done” only if it has already happened."))

    def _ask_how_it_ended(self, cleaned):
        """A milestone that readers knew never disappears without a reason."""
        reason, language = cleaned.get("end_reason"), cleaned.get("original_language", "en")
        if reason in (EndReason.DROPPED, EndReason.REPLACED, EndReason.MERGED):
            name = f"end_text_{language}"
            if name in self.fields and not cleaned.get(name):
                self.add_error(name, _t("Explain why the milestone was closed. The explanation is published."))
        elif cleaned.get("end_edtf") and not reason:
            self.add_error("end_reason", _t("Select the reason for closing."))

    def _propose_key_and_order(self, cleaned):
        subject = cleaned.get("initiative") or cleaned.get("meeting")
        if subject is None:
            return
        if not cleaned.get("order"):
            cleaned["order"] = next_order(subject)
        if not cleaned.get("key") and "key" not in self.errors:
            phrase = cleaned.get(f"object_{cleaned.get('original_language', 'en')}") or ""
            cleaned["key"] = free_key(subject, phrase or cleaned.get("kind") or "fact")

    def _post_clean(self):
        super()._post_clean()
        fact, marked = self.instance, bool(self.cleaned_data.get("ready"))
        if not fact.pk or not ready_flag.has_draft(fact):
            ready_flag.set_initial_flag(fact, marked=marked)
        else:
            fact.ready = marked or (self.was[2] and not set(self.changed_data) - {"ready"})


def _describe_ready_flag(fact: Fact) -> str:
    if not fact.pk:
        return _t(
            "Until you mark it as ready, it is a draft that the other delegation cannot see. Joint items have no draft."
        )
    if not ready_flag.has_draft(fact):
        return _t("Joint items have no draft. They are always ready.")
    if fact.ready:
        return _t("Marked as ready. If you save a change without this mark, it becomes a draft again.")
    return _t("Saved as a draft. Proposals will use the last published text of this item, or leave it out.")


class ReadingForm(forms.ModelForm):
    """`change_reason` is kept with the version of the row in its history."""

    change_reason = forms.CharField(
        label=_("Reason for the change"),
        required=False,
        max_length=90,
        help_text=_("Required if you change a published value: for example, “The agency corrected its report”."),
    )

    def clean(self):
        cleaned = super().clean()
        is_changed = self.instance.pk and not set(self.changed_data).isdisjoint(published_values.TOLD)
        is_explained = bool(cleaned.get("change_reason"))
        if is_changed and not is_explained and published_values.is_published_value(self.instance):
            self.add_error("change_reason", _t("This value is published. Explain in a sentence why it changes."))
        return cleaned

    def save(self, commit=True):
        if reason := self.cleaned_data.get("change_reason"):
            self.instance._change_reason = published_values.typed_reason(reason)
        return super().save(commit)


class DateChangeForm(forms.ModelForm):
    """A date that moved later has a sentence on why, in the original language of the row."""

    def clean(self):
        cleaned = super().clean()
        column = f"text_{cleaned.get('original_language', self.instance.original_language)}"
        refusal = date_changes.slip_refusal(cleaned.get("reason", ""), cleaned.get(column, ""))
        if refusal and column in self.fields:
            self.add_error(column, refusal)
        return cleaned


class DateChangePartForm(DateChangeForm, PartForm):
    pass


class DateChangeRecordForm(DateChangeForm, RecordForm):
    pass


class ReadingPartForm(ReadingForm, PartForm):
    pass


class ReadingRecordForm(ReadingForm, RecordForm):
    pass
