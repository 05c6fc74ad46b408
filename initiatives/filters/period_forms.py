"""What readers choose on the timeline and the calendar; the list of initiatives has all filters."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PillarForm(forms.Form):
    """One pillar, or all of them. The other filters of the address stay as they are."""

    pillar = forms.ChoiceField(label=_("Pillar"), required=False, widget=forms.Select({"class": "usa-select"}))

    def __init__(self, data, pillars: dict[str, str]):
        """`pillars`: labels by key."""
        super().__init__(data)
        self.fields["pillar"].choices = [("", _("All pillars")), *pillars.items()]


class PeriodForm(PillarForm):
    """A pillar, and one year of the timeline or all of them."""

    year = forms.ChoiceField(label=_("Year"), required=False, widget=forms.Select({"class": "usa-select"}))

    def __init__(self, data, pillars: dict[str, str], years: list[int]):
        """`years`: those that have something to show, the newest first."""
        super().__init__(data, pillars)
        self.years = years
        self.fields["year"].choices = [("", _("All years")), *((str(year), str(year)) for year in years)]

    def span(self) -> tuple[int, int]:
        """The first and the last year to show; this year where there is nothing."""
        if self.is_valid() and self.cleaned_data["year"]:
            return (int(self.cleaned_data["year"]),) * 2
        return (self.years[-1], self.years[0]) if self.years else (timezone.localdate().year,) * 2
