"""The two days that a comparison is between: read from an address, with defaults, and refused beside the field."""

import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.dates import as_of
from hled_portal.dates.as_of import Moment
from initiatives.record.day_choices import Choices


class DayField(forms.CharField):
    """A day of the record, written as 2024-04-19."""

    def __init__(self, label):
        widget = forms.DateInput({"class": "usa-input", "type": "date", "list": "meeting-days"})
        super().__init__(label=label, widget=widget, error_messages={"required": _("Choose a date.")})

    def clean(self, value) -> datetime.date:
        text = super().clean(value)
        day = as_of.parsed_day(text)
        if day is None:
            message = _t("“%(text)s” is not a date. Enter year, month and day, for example 2024-04-19.")
            raise ValidationError(message % {"text": text})
        if day > as_of.today():
            raise ValidationError(
                _t("%(day)s is in the future. Choose today or an earlier date.") % {"day": day.isoformat()}
            )
        return day


class SpanForm(forms.Form):
    """Two days of the record, the earlier one first. Its fields are called `from` and `to`, as in the address."""

    def __init__(self, data, at: Moment, choices: Choices):
        """What the address leaves out is the meeting before the last, and the day of the page."""
        until = as_of.parsed_day(data.get("to", "")) or at.day
        first = default_start(until, choices)
        given = {"from": data.get("from") or (first and first.isoformat()), "to": data.get("to") or at.day.isoformat()}
        super().__init__(given)
        self.begins = choices.begins
        self.fields["from"] = DayField(_("Earlier date"))
        self.fields["to"] = DayField(_("Later date"))

    def clean(self):
        first, last = (self.cleaned_data.get(name) for name in ("from", "to"))
        for name, day in (("from", first), ("to", last)):
            if day and self.begins and day < self.begins:
                values = {"date": date_format(self.begins, "DATE_FORMAT")}
                self.add_error(name, _t("The record starts on %(date)s. Choose that date or a later one.") % values)
        if first and first == last:
            self.add_error("to", _t("Both dates are the same. Choose two different dates."))
        elif first and last and first > last:
            self.add_error("to", _t("This date is before the earlier one. Swap the two dates."))
        return self.cleaned_data

    def span(self, publication: int | None) -> tuple[Moment, Moment]:
        """Both days as moments. Only of a valid form."""
        return tuple(Moment(self.cleaned_data[name], publication, read={}) for name in ("from", "to"))


def default_start(until: datetime.date, choices: Choices) -> datetime.date | None:
    """The day of the meeting before the last one before a day; else of the last one, else the record's first day."""
    known = [meeting.day for meeting in choices.meetings if meeting.day < until]
    if known:
        return known[:2][-1]
    return choices.begins if choices.begins and choices.begins < until else None
