"""The form of one fact: what its kind needs, its key and order proposed, and why a known date moves."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.dates.edtf_dates import to_text
from hled_portal.i18n.bilingual import active_language
from initiatives.facts import date_changes, ready_flag
from initiatives.facts.reporting import free_key, next_order
from initiatives.models import Fact
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.choices import DateChangeReason, EndReason

from .inlines import RecordForm

#: Kinds of facts whose date has a modality, and changes with a reason.
DATED = (FactKind.MILESTONE, FactKind.EVENT, FactKind.UPDATE)


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
        if "ready" in self.fields:
            self.initial["ready"] = False
            self.fields["ready"].label = _t("mark as ready when saving")
            self.fields["ready"].help_text = _describe_ready_flag(self.instance)

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
        changed = {"date_edtf", "modality"} & set(self.changed_data)
        return bool(changed and self.instance.pk and not self.errors and date_changes.is_known(self.instance))

    def _ask_why(self, cleaned):
        reason = cleaned.get("change_reason")
        if not reason:
            moved = (self.was[0], cleaned.get("date_edtf", ""))
            words = [to_text(edtf, active_language()) or _t("no date") for edtf in moved]
            values = {"old": words[0], "new": words[1]}
            self.add_error("change_reason", _t("The date changes from %(old)s to %(new)s. Explain why.") % values)
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
