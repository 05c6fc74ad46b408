"""What a new initiative usually brings, on the page where it is added: a milestone, a figure with its value, bodies."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hled_portal.admin.date_fields import TypedDateField
from hled_portal.i18n.bilingual import LANGUAGES
from initiatives.facts import reporting
from initiatives.models import Fact, Organization, Reading
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.choices import Qualifier

from .fact_admin import CitationInline, FactChoices, ParticipationInline
from .fact_form import FactForm
from .inlines import LongPart, PartFormSet
from .progress_report import NumberField


class FirstItemForm(FactForm):
    """An item of an initiative that is added with it: it is a draft, written in the language of the initiative."""

    kind: FactKind
    needed: tuple[str, ...]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["side"] = self.fields["side"].widget.own
        self.instance.kind = self.kind
        for name in self.needed:
            self.fields[name].required = True

    def has_changed(self):
        """A choice that the page did not send was not made."""
        return any(self.data.get(self.add_prefix(name)) for name in self.changed_data)

    def _post_clean(self):
        language = self.data.get("original_language")
        if language in LANGUAGES:
            self.instance.original_language = language
        super()._post_clean()

    def _propose_key_and_order(self, cleaned):
        """Once the initiative is saved."""

    def complete(self):
        """Give the item of a saved initiative its key and order."""
        initiative = self.instance.initiative
        phrase = getattr(self.instance, f"object_{self.instance.original_language}") or self.instance.object
        self.instance.key = reporting.free_key(initiative, phrase)
        self.instance.order = reporting.next_order(initiative)


class FirstMilestoneForm(FirstItemForm):
    kind = FactKind.MILESTONE
    needed = ("action", "modality")


class FirstFigureForm(FirstItemForm):
    kind = FactKind.FIGURE
    needed = ("measure",)

    value = NumberField(label=_("value"), max_digits=20, decimal_places=4, help_text=_("Number only: 72 or 72%."))
    qualifier = forms.ChoiceField(label=_("precision"), choices=Qualifier.choices, initial=Qualifier.EXACTLY)
    as_of_edtf = TypedDateField(label=_("as of"), required=True)
    reporting_body = forms.ModelChoiceField(Organization.objects.prefetch_related("names"), label=_("reporting body"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["measure"] = reporting.DEFAULT_MEASURE

    def save_reading(self):
        names = ("value", "qualifier", "as_of_edtf", "reporting_body")
        Reading.objects.create(fact=self.instance, **{name: self.cleaned_data[name] for name in names})


class FirstItemFormSet(PartFormSet):
    def _compare(self, constraint):
        """Keys are given when the rows are saved."""

    def save_new(self, form, commit=True):
        form.instance.initiative = self.instance
        form.complete()
        fact = super().save_new(form, commit)
        if isinstance(form, FirstFigureForm):
            form.save_reading()
        return fact


class _FirstItem(FactChoices, LongPart):
    model = Fact
    fk_name = "initiative"
    formset = FirstItemFormSet
    extra = 1
    max_num = 3
    can_delete = False

    def get_queryset(self, request):
        return super().get_queryset(request).none()


class FirstMilestoneInline(_FirstItem):
    form = FirstMilestoneForm
    kind = FactKind.MILESTONE
    verbose_name, verbose_name_plural = _("milestone"), _("milestones")
    fields = ("action", ("object_en", "object_es"), ("date_edtf", "modality"), "side")


class FirstFigureInline(_FirstItem):
    form = FirstFigureForm
    kind = FactKind.FIGURE
    verbose_name, verbose_name_plural = _("figure"), _("figures")
    fields = (
        ("object_en", "object_es"),
        "measure",
        ("unit_en", "unit_es"),
        ("qualifier", "value"),
        ("as_of_edtf", "reporting_body"),
        "side",
    )


class FirstParticipationInline(ParticipationInline):
    extra = 2
    fields = (("role", "organization"),)

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.base_fields["organization"].required = True
        return formset


class FirstCitationInline(CitationInline):
    extra = 1
    fields = ("source", "locator")


FIRST_PARTS = (FirstParticipationInline, FirstMilestoneInline, FirstFigureInline, FirstCitationInline)
