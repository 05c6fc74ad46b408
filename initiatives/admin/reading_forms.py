"""Forms of reported values: who changes a published one says why, and the history shows it."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from initiatives.facts import published_values

from .inlines import PartForm, RecordForm


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
            self.instance._change_reason = f"reason:{reason}"
        return super().save(commit)


class ReadingPartForm(ReadingForm, PartForm):
    pass


class ReadingRecordForm(ReadingForm, RecordForm):
    pass
