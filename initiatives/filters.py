"""What readers filter lists by."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from hled_portal.moments import Moment

from . import pillars
from .models import Edition
from .vocabulary import InitiativeKind, Stage


class USWDSSelect(forms.Select):
    """A select of the design system."""

    def __init__(self, attrs=None, choices=()):
        super().__init__({"class": "usa-select", **(attrs or {})}, choices)


class InitiativeFilter(django_filters.FilterSet):
    """Initiatives by pillar, stage and kind. A value that is none of the choices selects nothing."""

    pillar = django_filters.ChoiceFilter(
        field_name="pillar_key", label=_("Pillar"), empty_label=_("All pillars"), widget=USWDSSelect
    )
    stage = django_filters.ChoiceFilter(
        label=_("Stage"), empty_label=_("All stages"), choices=Stage.choices, widget=USWDSSelect
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), empty_label=_("All kinds"), choices=InitiativeKind.choices, widget=USWDSSelect
    )

    class Meta:
        model = Edition
        fields = ()

    def __init__(self, data, at: Moment):
        """`data`: the query of the address; the choices are those that are public at that moment."""
        self.frame = pillars.Pillars(at)
        super().__init__(data, pillars.in_order(Edition.objects.public(at).initiatives()))
        self.filters["pillar"].extra["choices"] = list(self.frame.labels.items())

    @property
    def qs(self):
        """django-filter gives everything for an invalid value; here the error stands beside an empty list."""
        return super().qs if self.form.is_valid() else self.queryset.none()
